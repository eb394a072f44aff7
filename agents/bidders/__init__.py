"""Scripted bidders: strategies over what a bidder is shown and may answer, in any auction format."""

from burgh.agents.bidders.mind import ScriptedBidder
from burgh.agents.bidders.strategies import (
    BestResponse,
    Equilibrium,
    Random,
    Rule,
    Shading,
    Sniper,
    Strategy,
    Truthful,
    ZeroIntelligence,
)

__all__ = [
    "BestResponse",
    "Equilibrium",
    "Random",
    "Rule",
    "ScriptedBidder",
    "Shading",
    "Sniper",
    "Strategy",
    "Truthful",
    "ZeroIntelligence",
]
