"""How each seeded fact went through the town, who came to its event, and why the others did not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from burgh.scenarios.ask.past import Past
from burgh.scenarios.ask.state import plan_of
from burgh.scenarios.fields import moment_of
from burgh.scenarios.spec import Fact
from burgh.scenarios.spread import spread_of
from burgh.sim.types import Event, Json

INNER_VOICE = "inner voice"
Absence = Literal["did not hear", "heard but did not plan to come", "planned to come but was elsewhere"]


@dataclass(frozen=True, slots=True)
class Knowing:
    """That an agent came to know a fact. path: through whom, from the first who knew or said it to the
    agent itself. utterance: id of the `said` event, "" where it knew from the start."""

    agent: str
    tick: int
    path: tuple[str, ...]
    utterance: str

    @property
    def source(self) -> str:
        return self.path[-2] if len(self.path) > 1 else ""


@dataclass(frozen=True, slots=True)
class Attended:
    """Who was at an event. by_plan: those of them who came because of it. absent: why each other was not."""

    tick: int
    place: str
    came: tuple[str, ...]
    by_plan: tuple[str, ...]
    absent: Mapping[str, Absence]


@dataclass(frozen=True, slots=True)
class Diffusion:
    """One fact's way. knew: in the order in which they came to know. attended: None where the fact has no
    place and time, or these are still to come."""

    fact: str
    text: str
    control: bool
    knew: tuple[Knowing, ...]
    attended: Attended | None

    def knew_by(self, tick: int) -> int:
        """How many knew at a tick."""
        return sum(one.tick <= tick for one in self.knew)


def diffusions(past: Past, facts: Mapping[str, Fact]) -> tuple[Diffusion, ...]:
    """One for each fact of a scenario, in its order."""
    return tuple(_diffusion(past, key, fact) for key, fact in facts.items())


def _diffusion(past: Past, key: str, fact: Fact) -> Diffusion:
    knew = knowings(past, key)
    attended = None
    if fact.at is not None and fact.place is not None:
        meeting = past.clock.tick_of(moment_of(past.clock.start, fact.at, fact.day))
        if 0 <= meeting <= past.tick:
            heard = {one.agent for one in knew if one.tick <= meeting}
            attended = _attended(past, key, (fact.place, meeting), heard)
    return Diffusion(key, fact.text, fact.control, knew, attended)


def knowings(past: Past, fact: str) -> tuple[Knowing, ...]:
    """Who came to know of a fact, when and through whom, in that order.

    Only what the record bears out counts as told by somebody: an utterance about the fact, by the one from
    whom it is remembered, within the hearer's earshot (see `spread.spread_of`).
    """
    found = spread_of(past.events, past.agents, fact)
    told = {one.agent: one for one in found.hearings}
    paths: dict[str, tuple[str, ...]] = {}
    knew: list[Knowing] = []
    for event in past.events:
        agent = event.agent
        if event.kind != "memory" or event.data["fact"] != fact or agent is None or agent in paths:
            continue
        utterance = ""
        if agent in told:
            source, utterance = told[agent].source, told[agent].utterance
            paths[agent] = (*paths.get(source, (source,)), agent)
        else:
            voice = next((past.by_id[c] for c in event.causes if c in past.by_id), None)
            heard = voice is not None and (voice.kind == "whispered" or _is_voice(voice))
            utterance = voice.id if voice is not None and heard else ""
            source = str(event.data["from"]) or INNER_VOICE
            paths[agent] = (source, agent) if heard else (agent,)
        knew.append(Knowing(agent, event.tick, paths[agent], utterance))
    return tuple(knew)


def _is_voice(event: Event) -> bool:
    return event.kind == "said" and event.agent is None


def _attended(past: Past, fact: str, where: tuple[str, int], heard: set[str]) -> Attended:
    """where: the event's place and tick. heard: who knew of it by then."""
    place, meeting = where
    spread = spread_of(past.events, past.agents, fact, where)
    before = Past.from_events(past.events, past.agents, past.clock, meeting)
    absent: dict[str, Absence] = {}
    for agent in past.agents:
        if agent in spread.standing:
            continue
        if agent not in heard:
            absent[agent] = "did not hear"
        elif _planned(before, agent, fact, place, meeting):
            absent[agent] = "planned to come but was elsewhere"
        else:
            absent[agent] = "heard but did not plan to come"
    return Attended(meeting, place, spread.standing, spread.comers, absent)


def _planned(past: Past, agent: str, fact: str, place: str, meeting: int) -> bool:
    """Whether the plan in force puts the agent at the place at that time, because of the fact."""
    return any(
        entry["place"] == place
        and entry["start"] <= meeting < entry["end"]
        and entry["why"] in past.memories
        and past.memories[entry["why"]].data["fact"] == fact
        for entry in plan_of(past, agent)
    )


def cried(past: Past) -> tuple[Diffusion, ...]:
    """The same of what was cried to all who were at a place: who was there, and whom they told."""
    texts: dict[str, str] = {}
    for event in past.events:
        if event.kind == "said" and _is_voice(event) and not event.data["to"]:
            texts.setdefault(event.data["fact"], event.data["meaning"])
    return tuple(
        Diffusion(fact, text, control=False, knew=knowings(past, fact), attended=None)
        for fact, text in texts.items()
    )


def diffusion_json(past: Past, one: Diffusion) -> dict[str, Json]:
    """Plain data."""
    attended = one.attended
    return {
        "fact": one.fact,
        "text": one.text,
        "control": one.control,
        "share": len(one.knew) / len(past.agents),
        "knew": [
            {
                "agent": knowing.agent,
                "tick": knowing.tick,
                "time": past.time(knowing.tick),
                "path": list(knowing.path),
                "utterance": knowing.utterance,
            }
            for knowing in one.knew
        ],
        "attended": None
        if attended is None
        else {
            "tick": attended.tick,
            "time": past.time(attended.tick),
            "place": attended.place,
            "came": list(attended.came),
            "by_plan": list(attended.by_plan),
            "absent": dict(attended.absent),
        },
    }
