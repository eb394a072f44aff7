"""What strategies make of a game when a part of it is over: beliefs checked against facts, plans, lessons."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from burgh.agents.strategies.sitting import Sitting
from burgh.agents.tools.market import rival_bids
from burgh.sim.types import Json

After = Callable[[Sitting, Sequence[Mapping[str, Json]], tuple[str, ...]], Awaitable[tuple[str, ...]]]

LESSONS_KEPT = 3
BELIEF = "Belief: the rivals bid"
BOLD, SHY = " high.", " low."


async def replan(at: Sitting, lots: Sequence[Mapping[str, Json]], notes: tuple[str, ...]) -> tuple[str, ...]:
    """A belief about the rivals, corrected where what they bid says otherwise, and a plan from it."""
    bold, shy = await at.ask.score_prompt("belief", at.prompt(BELIEF), (BOLD, SHY))
    believed = BOLD if bold > shy else SHY
    seen = [bid for bid in rival_bids(at.desk.state, at.desk.agent) if bid >= 0]
    fact = _fact(seen, at.desk.state)
    held = not fact or fact == believed
    data = {"belief": BELIEF + believed, "fact": BELIEF + fact if fact else "", "held": held}
    at.ask.events.add("believed", at.desk.agent, data)
    shown = f" Their highest bids were {', '.join(map(str, seen[-4:]))}." if seen else ""
    belief = BELIEF + (fact or believed) + shown
    at.said.append(belief)
    plan = await at.text("Plan:", at.file.thought_tokens, "plan")
    at.said.clear()
    return (belief, f"Plan: {plan}") if plan else (belief,)


def _fact(seen: Sequence[int], state: Mapping[str, Json]) -> str:
    """What the bids that were shown say: whether most highest bids lie above the middle of all values."""
    if len(seen) < 2:
        return ""
    middle = state["law"]["quantiles"][len(state["law"]["quantiles"]) // 2]
    return BOLD if sum(bid > middle for bid in seen) * 2 > len(seen) else SHY


async def learn(at: Sitting, lots: Sequence[Mapping[str, Json]], notes: tuple[str, ...]) -> tuple[str, ...]:
    """A lesson from what has ended; the last few are kept."""
    for lot in lots:
        at.said.append(_outcome(lot, at.desk.agent))
    lesson = await at.text("Lesson:", at.file.thought_tokens, "lesson")
    at.said.clear()
    return (*notes, f"Lesson: {lesson}")[-LESSONS_KEPT:] if lesson else notes


def _outcome(lot: Mapping[str, Json], name: str) -> str:
    if lot.get("price") is None:
        return f"{lot['item']} was not sold."
    own = lot.get("bids", {}).get(name)
    bid = f" You bid {own}." if own is not None else " You did not bid."
    return f"{'You' if lot.get('buyer') == name else 'Another'} bought {lot['item']} for {lot['price']}.{bid}"


AFTERWARDS: Mapping[str, After] = {"plan-belief-replan": replan, "reflexion": learn}
