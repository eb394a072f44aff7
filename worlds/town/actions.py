"""What a villager may answer: the tools go, use, say, wait and sleep."""

from __future__ import annotations

from functools import lru_cache

from burgh.sim.spec import Choice, Form, Number, Text, ToolCall
from burgh.worlds.town.map import TownMap

SPEECH_ACTS = (
    "greet", "tell", "ask", "answer", "invite", "promise", "agree", "decline", "bargain", "end",
)  # fmt: skip


class Menu:
    """Makes the spec for a place and those within earshot. Equal ones are made once."""

    def __init__(self, town_map: TownMap) -> None:
        self._objects = {
            path: tuple(item.path for item in town_map.tree.objects_in(path))
            for path in town_map.destinations
        }
        self._go = Form((("place", Choice("Where to?", town_map.destinations)),))
        self._wait = Form((("minutes", Number("For how many minutes?", 1, 240)),))
        self._sleep = Form((("minutes", Number("For how many minutes?", 10, 600, 10)),))
        self.spec = lru_cache(4096)(self._spec)

    def _spec(self, place: str, near: tuple[str, ...]) -> ToolCall:
        """What can be answered in a room or area with these people within earshot."""
        tools = {"go": self._go}
        if self._objects[place]:
            tools["use"] = Form(
                (
                    ("object", Choice("Which thing?", self._objects[place])),
                    ("activity", Text("Doing what, as in: kneading dough?", 12)),
                    ("minutes", Number("For how many minutes?", 5, 240, 5)),
                )
            )
        if near:
            tools["say"] = Form(
                (
                    ("to", Choice("To whom?", near)),
                    ("act", Choice("What for?", SPEECH_ACTS)),
                    ("subject", Text("Which memory is it about?", 16, may_be_empty=True)),
                    ("fact", Text("Which fact does it tell?", 16, may_be_empty=True)),
                    ("meaning", Text("What is meant, in one plain sentence?", 60, may_be_empty=True)),
                    ("words", Text("In what words?", 60)),
                )
            )
        return ToolCall({**tools, "wait": self._wait, "sleep": self._sleep})
