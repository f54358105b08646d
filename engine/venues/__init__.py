"""Where orders go: each venue takes only what the gate approved."""
