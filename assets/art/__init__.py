"""Draws the art of the town: `python -m burgh.assets.art` writes the sheets anew. All is this project's own."""
