"""Orders on their way out and back: sent, answered, unknown, flattened."""
