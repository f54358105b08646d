"""Reports on what an engine recorded: its journal read back, and the answer as a document."""
