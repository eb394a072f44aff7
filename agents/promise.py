"""Promises: what is agreed in a conversation (who, where, when) stands in the plans of both.

One who agrees holds to it once the other has heard it; the other reads it from what was meant.
"""

from __future__ import annotations

from dataclasses import replace

from burgh.agents.places import destinations, mentioned, spoken
from burgh.agents.plan import adopt, entry_at
from burgh.agents.prompts import phrases, sentence
from burgh.agents.react import upcoming
from burgh.agents.state import Entry, Pledge
from burgh.agents.turn import Turn
from burgh.agents.when import day_words
from burgh.memory.record import Memory

PROMISES = ("agree", "promise")  # the acts by which one binds oneself
TOMORROW = "1"


def appointment(turn: Turn, meaning: str, said: int, other: str, memory: str) -> Entry | None:
    """Being where a text says, when it says, with another; None where it names no place or no time to come.

    Who means to be at a place then already means that place.
    """
    start = upcoming(turn, meaning, said)
    if start is None:
        return None
    held = firm_at(turn, start)
    places = mentioned(destinations(turn.observation.spec), meaning)
    here = next((path for path in places if held is not None and spoken(path) == spoken(held.place)), None)
    if not places:
        return None
    return Entry(
        start,
        turn.clock.ticks(turn.settings.visit_minutes),
        held.place if held is not None and here is not None else places[0],
        phrases("visiting", turn.settings.language),
        memory=memory,
        firm=True,
        kind="promise",
        others=(other,),
    )


def firm_at(turn: Turn, tick: int) -> Entry | None:
    """The appointment that holds a tick, if any does."""
    return entry_at([entry for entry in turn.state.plan if entry.firm], tick)


def clashes(turn: Turn, entry: Entry) -> bool:
    """Whether one has promised to be elsewhere then."""
    return any(
        one.firm
        and one.start < entry.end
        and entry.start < one.end
        and spoken(one.place) != spoken(entry.place)
        for one in turn.state.plan
    )


def promise_text(turn: Turn, entry: Entry, speaker: str, other: str) -> str:
    """A promise, as it is meant and kept."""
    language = turn.settings.language
    start = turn.clock.at(entry.start)
    days = (start.date() - turn.observation.time.date()).days
    words = {means: word for word, means in reversed(list(day_words(language).items()))}
    day = "" if days == 0 else words.get(str(days)) or words[f"w{start.weekday()}"].capitalize()
    time = f"{start:%H:%M} {day}".strip()
    return sentence("promise", language, name=speaker, other=other, place=spoken(entry.place), time=time)


def pledge(turn: Turn, entry: Entry, text: str, memory: Memory) -> None:
    """Notes what is being promised; it holds when it was heard (see `hold`)."""
    turn.state.pledge = Pledge(entry, text, memory.id)


def hold(turn: Turn) -> None:
    """What one promised in the last step was heard: it stands in the plan."""
    made, turn.state.pledge = turn.state.pledge, None
    if made is not None:
        _enter(turn, made.entry, made.text, turn.state.stream[made.memory])


def note_promises(turn: Turn) -> None:
    """What others promised one in this step stands in one's own plan too."""
    for memory, percept in turn.noticed:
        if percept.kind != "speech":
            continue
        data = percept.data
        if data["act"] not in PROMISES or data["to"] != turn.name or not data["meaning"]:
            continue
        entry = appointment(turn, data["meaning"], turn.tick, data["speaker"], memory.id)
        if entry is not None and not clashes(turn, entry):
            _enter(turn, entry, data["meaning"], memory)


def _enter(turn: Turn, entry: Entry, text: str, memory: Memory) -> None:
    """Puts an appointment in the plan; one that is there already gains the other's company."""
    held = firm_at(turn, entry.start)
    others = [one for one in turn.state.plan if one is not held]
    why = memory
    if held is not None and spoken(held.place) == spoken(entry.place):
        others_too = tuple(dict.fromkeys((*held.others, *entry.others)))
        if others_too == held.others:
            return
        entry = replace(held, kind="promise", others=others_too, event="")
        why = turn.state.stream[held.memory] if held.memory else memory
    else:
        others = list(turn.state.plan)
    plan = turn.remember(
        "plan",
        text,
        max(memory.importance, why.importance),
        causes=dict.fromkeys((turn.state.origin[memory.id], turn.state.origin[why.id])),
        subjects=entry.others,
        evidence=dict.fromkeys((memory.id, why.id)),
        fact=why.fact,
        place=entry.place,
        start=entry.start,
        ticks=entry.ticks,
    )
    turn.state.meanings[plan.id] = ""
    causes = dict.fromkeys(turn.state.origin[one.id] for one in (plan, memory, why))
    adopt(turn, [*others, entry], "revised", tuple(causes))
