"""Joining Git, the stores and the engine for the verbs that run or stop one; commands call it, nobody else."""
