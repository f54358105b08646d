"""What a replay of recorded bars starts from and how it runs."""
