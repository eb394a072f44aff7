"""The same tokens for each: a strategy asks again and again while a decision's tokens last.

What costs less asks more often, and goes by what most of its answers say (as self-consistency does, Wang et
al. 2022), so that a dearer way of asking is not taken for better because it asked more.
"""

from __future__ import annotations

from burgh.agents.strategies.sitting import Sitting
from burgh.agents.strategies.ways import WAYS, agreed
from burgh.sim.types import Json

WARMTH = 0.7  # of every pass but the first, so that answers differ
MOST_PASSES = 64


async def within(at: Sitting) -> Json | None:
    """What most answers say of as many passes as the tokens allow: one at least; another is begun if one as
    dear as the dearest so far can be paid for."""
    assert at.budget_tokens is not None, "a strategy without a budget is asked once"
    found: list[Json] = []
    dearest = 0
    for number in range(MOST_PASSES):
        before = sum(at.costs())
        at.warmth = WARMTH if number else 0.0
        at.said.clear()
        answer = await WAYS[at.file.kind](at)
        if answer is not None:
            found.append(answer)
        dearest = max(dearest, sum(at.costs()) - before)
        if sum(at.costs()) + dearest > at.budget_tokens:
            break
    at.steps.append({"passes": len(found), "tokens": sum(at.costs())})
    return agreed(found, at.spec)
