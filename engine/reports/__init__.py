"""What happened, told afterwards: facts of a run, and reports drawn from them; nothing here can trade."""
