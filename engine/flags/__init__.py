"""Who is let in: flags compiled from Git, decided in memory, told through Redis, never believed from it."""
