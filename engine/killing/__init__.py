"""The parts of a kill: latch, files, watchers, supervisor."""
