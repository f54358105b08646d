"""What the market is: bars, sessions, splits, jumps."""
