"""burgh: a multi-agent simulation sandbox for generative agents, auctions and bidding games."""

__version__ = "0.1.0"
