"""A provider that stands in for AWS: the real engine runs against it, and every output says so.

Never speaks to a network beyond loopback and never guesses: a question without a recorded answer is an error.
"""
