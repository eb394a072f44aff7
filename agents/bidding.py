"""Bidding at an auction in the town: what a villager would pay for a lot, and whether to outbid the others.

How much it wants the lot is scored: which of the things for sale it buys, given its wishes and what comes to
mind about the lot, against the same question about anybody. The sums are done by rule: a share of what such a
thing usually costs, never more than is in the purse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from burgh.agents.plan import current_entry
from burgh.agents.prompts import Inputs, Remembered, sentence
from burgh.agents.recall import recall
from burgh.agents.turn import Turn
from burgh.memory.record import Memory
from burgh.sim.spec import ToolCall
from burgh.sim.types import Action

BID = "bid"  # the tool, where one is asked
KNOWN = 2  # memories that bear on how much a lot is wanted
INDIFFERENT, EACH_NAT, HIGHEST = 75, 25, 150  # percent of the usual price that one would pay


@dataclass(frozen=True, slots=True)
class Wanting(Inputs):
    """Which of several things somebody buys, answered by a thing; no name: the neutral context."""

    template: ClassVar[str] = "wanting"
    name: str
    job: str
    known: tuple[str, ...]


async def bid(turn: Turn) -> Action | None:
    """The least bid that outbids the others, as long as the lot is worth it; None where it is not, or where
    one is not asked."""
    spec, sale = turn.observation.spec, turn.observation.state.get("sale")
    if not sale or not isinstance(spec, ToolCall) or BID not in spec.tools:
        return None
    most, staked = await _most(turn, sale)
    price = int(sale["least"])
    if price > most:
        return None
    why = f"to {turn.name} {sale['item']} is worth {most} coins at most"
    answer = {"tool": BID, "arguments": {"act": "bid", "price": price}}
    return turn.decide(answer, why, (staked, *sale["causes"]))


async def _most(turn: Turn, sale: Mapping[str, Any]) -> tuple[int, str]:
    """What it would pay for the lot in coins, and the event that says so; thought over once a lot."""
    key = f"{sale['place']} {sale['lot']}"
    if key not in turn.state.stakes:
        turn.state.stakes[key] = await _stake(turn, sale)
    most, event = turn.state.stakes[key]
    return min(most, int(sale["most"])), event


async def _stake(turn: Turn, sale: Mapping[str, Any]) -> tuple[int, str]:
    """By how much wishes and memories make it likelier that this is the thing that one buys."""
    item = str(sale["item"])
    found, retrieval = await recall(
        turn, sentence("thinks", turn.settings.language, name=turn.name, item=item), KNOWN, _is_own
    )
    memories = [one.memory for one in found]
    known = tuple(
        dict.fromkeys((*turn.persona.wishes, *(Remembered(one.text, one.created) for one in memories)))
    )
    goods = tuple(dict.fromkeys(sale["listed"]))
    contexts = [Wanting(turn.name, turn.persona.job, known), Wanting("", "", ())]
    given, neutral = await turn.ask.score_all("wanting", contexts, [f" {one}" for one in goods])
    gain = given[goods.index(item)] - neutral[goods.index(item)]
    percent = max(0, min(HIGHEST, INDIFFERENT + round(EACH_NAT * gain)))
    most = int(sale["usual"]) * percent // 100
    data = {"lot": sale["lot"], "item": item, "percent": percent, "most": most}
    return most, turn.events.add("staked", turn.name, data, _grounds(turn, retrieval, memories)).id


def _is_own(memory: Memory) -> bool:
    """What one knows, wishes and concludes; not what goes on around one."""
    return memory.kind == "reflection" or (memory.kind == "observation" and memory.created == 0)


def _grounds(turn: Turn, retrieval: str, memories: Sequence[Memory]) -> tuple[str, ...]:
    """What came to mind about the lot, and what brought one to where it is sold."""
    entry = current_entry(turn)
    came = [entry.event] if entry is not None and entry.event else []
    if entry is not None and entry.memory:
        came.append(turn.state.origin[entry.memory])
    return (*came, retrieval, *(turn.state.origin[memory.id] for memory in memories))
