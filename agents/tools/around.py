"""Tools of villagers: where places are, what is open when, and who is where, as far as one knows."""

from __future__ import annotations

from collections.abc import Mapping

from burgh.agents.tools import base
from burgh.agents.tools.base import Desk, Tool
from burgh.sim.types import BurghError, Json


class Whom(base.Arguments):
    name: str


class WhoIsWhere(Tool):
    """Who was seen where last."""

    name = "who_is_where"
    says = "where you last saw or heard of somebody"
    Arguments = Whom

    def use(self, arguments: Whom, desk: Desk) -> str:
        name = arguments.name.strip()
        if not name:
            raise BurghError("whom do you look for?")
        near = desk.state.get("near", ())
        if name.casefold() in (str(one).casefold() for one in near):
            return f"{name} is near you"
        for memory in reversed(desk.memories):
            if name.casefold() in memory.casefold():
                return f"last known: {memory}"
        return f"you have not seen {name}"


class Places(Tool):
    """The places that one can go to."""

    name = "places"
    says = "the places that you can go to"

    def use(self, arguments: base.Arguments, desk: Desk) -> str:
        return ", ".join(map(str, desk.state["places"]))

    def suits(self, state: Mapping[str, Json]) -> bool:
        return bool(state.get("places"))


class Timetable(Tool):
    """The rest of one's plan for the day."""

    name = "timetable"
    says = "what you plan to do today, and when"

    def use(self, arguments: base.Arguments, desk: Desk) -> str:
        return "; ".join(map(str, desk.state["plan"]))

    def suits(self, state: Mapping[str, Json]) -> bool:
        return bool(state.get("plan"))
