"""Facts about AWS types that the engine itself does not know, each with its source; plain tables, no behaviour."""
