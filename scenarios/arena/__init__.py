"""The arena: strategies compete over paired seeds, and sound statistics say which is better."""
