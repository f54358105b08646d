"""Where bars come from: files, a package of real prices, a seeded generator; each says what it is."""
