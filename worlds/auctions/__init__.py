"""Auctions and markets: see house.py for what all share, rules/ for who wins and who pays."""

from burgh.worlds.auctions.clocks import DutchClock, EnglishClock
from burgh.worlds.auctions.house import House
from burgh.worlds.auctions.markets import Bargaining, CallMarket, ContinuousDoubleAuction
from burgh.worlds.auctions.outcry import EnglishOutcry, SequentialSale
from burgh.worlds.auctions.packages import PackageAuction
from burgh.worlds.auctions.positions import PositionAuction
from burgh.worlds.auctions.sealed import SealedAuction
from burgh.worlds.auctions.series import Series
from burgh.worlds.auctions.terms import Lot, Terms
from burgh.worlds.auctions.units import MultiUnit

__all__ = [
    "Bargaining",
    "CallMarket",
    "ContinuousDoubleAuction",
    "DutchClock",
    "EnglishClock",
    "EnglishOutcry",
    "House",
    "Lot",
    "MultiUnit",
    "PackageAuction",
    "PositionAuction",
    "SealedAuction",
    "SequentialSale",
    "Series",
    "Terms",
]
