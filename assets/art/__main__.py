"""`python -m burgh.assets.art` draws the sheets anew."""

from burgh.assets.art.sheet import write

write()
