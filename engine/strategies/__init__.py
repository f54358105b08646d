"""Strategies: pure rules over bars, in an explicit registry."""
