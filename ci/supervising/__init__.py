"""The dead man's switch as a process of its own: started beside an engine, it outlives it and stops trading."""
