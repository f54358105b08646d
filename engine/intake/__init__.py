"""Signals on their way in: their form, their refusal, their second chance."""
