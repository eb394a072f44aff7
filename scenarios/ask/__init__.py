"""Asking a run: why somebody did what they did, what they knew, whom they know; all from the record alone."""
