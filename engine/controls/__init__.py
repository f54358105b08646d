"""Pre-trade controls: one file each, explicit order in registry.py, nothing else may deny an order."""
