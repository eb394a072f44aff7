"""Draws the art of the town, all this project's own: `python -m burgh.sim.viewer.sheets` writes it anew."""
