"""Draws the art of the town: `python -m burgh.assets.art` writes the sheets anew. All of it is this project's own."""
