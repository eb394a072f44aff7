"""Real-time bidding: impressions sold one by one at prices set before, a period of the day at a time."""

from burgh.worlds.exchange.exchange import Campaign, Exchange
from burgh.worlds.exchange.ipinyou import IPinYou
from burgh.worlds.exchange.rules import FIRST, SECOND, Lost, Market, clear
from burgh.worlds.exchange.stream import LogLogistic, LogNormal, Synthetic

__all__ = [
    "FIRST",
    "SECOND",
    "Campaign",
    "Exchange",
    "IPinYou",
    "LogLogistic",
    "LogNormal",
    "Lost",
    "Market",
    "Synthetic",
    "clear",
]
