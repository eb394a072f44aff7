"""An agent's mind as it was after a tick, put together from the record.

What a mind keeps only for itself (scores of reference texts, what was rated, the pieces of the hour that are
left) is not recorded and is not claimed here; it comes again with a replay of the run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from burgh.memory.record import Memory
from burgh.scenarios.ask.past import Past
from burgh.scenarios.ask.telling import entry_start, is_speech
from burgh.sim.types import Event, Json


def state(past: Past, agent: str) -> dict[str, Json]:
    """The whole mind as plain data. Raises BurghError for an unknown agent.

    memories: as `Memory.to_json`, with the tick of the last access and the `event` that made each. plan: the
    entries in force, `start` as a tick. hour: the pieces last planned. talks: by name, whether one has
    greeted the other, the facts one told the other and heard from the other (by their roots), and when the
    two last spoke. money and goods: what it has, where anybody has anything. place, goal and doing are what
    the world shows of it. decided: the last decision. reflections: how often it has reflected.
    """
    past.check_agent(agent)
    memories = memories_of(past, agent)
    return {
        "agent": agent,
        "tick": past.tick,
        "time": past.clock.at(past.tick).isoformat(),
        **_body(past, agent),
        **owned(past, agent),
        "decided": _last_decision(past, agent),
        "plan": plan_of(past, agent),
        "hour": _hour(past, agent),
        "talks": talks_of(past, agent),
        "reflections": len(past.of_agent(agent, "reflected")),
        "prompts": sorted({event.data["hash"] for event in past.of_agent(agent, "prompt")}),
        "memories": [{**memory.to_json(), "event": past.memories[memory.id].id} for memory in memories],
    }


def memories_of(past: Past, agent: str) -> list[Memory]:
    """What the agent remembers, oldest first; each accessed last when it was made or last came to mind."""
    found: dict[str, Memory] = {}
    for event in past.of_agent(agent, "memory", "retrieved", "reminded"):
        if event.kind == "memory":
            memory = Memory.from_event(event)
            found[memory.id] = memory
            continue
        picked = (
            [event.data["memory"]] if event.kind == "reminded" else [p["id"] for p in event.data["picked"]]
        )
        for memory in (found[one] for one in picked if one):
            found[memory.id] = replace(memory, last_access=max(event.tick, memory.last_access))
    return list(found.values())


def plan_of(past: Past, agent: str) -> list[dict[str, Json]]:
    """The entries of the plan in force, each with the event that planned it."""
    return next((plan for _, plan in reversed(list(plans_of(past, agent)))), [])


def plans_of(past: Past, agent: str) -> Iterator[tuple[int, list[dict[str, Json]]]]:
    """Each plan that was made, with the tick from which on it was in force."""
    plan: list[tuple[Mapping[str, Json], dict[str, Json]]] = []  # as written, and as told here
    for event in past.of_agent(agent, "planned"):
        if event.data["changed"] == "hour":
            continue
        before, plan = plan, []
        new = event.data.get("new", ())
        for n, written in enumerate(event.data["entries"]):
            kept = next((one for one in before if one[0] == written), None)
            if kept is None or n in new:
                kept = (written, _entry(past, event, written))
            else:
                before.remove(kept)
            plan.append(kept)
        yield event.tick, [entry for _, entry in plan]


def _entry(past: Past, planned: Event, entry: Mapping[str, Json]) -> dict[str, Json]:
    start, ticks = entry_start(past, entry), past.clock.ticks(entry["minutes"])
    return {
        "start": start,
        "end": start + ticks,
        "ticks": ticks,
        "time": past.time(start),
        "place": entry["place"],
        "activity": entry["activity"],
        "why": entry["why"],
        "event": planned.id,
    }


def _hour(past: Past, agent: str) -> list[dict[str, Json]]:
    """The pieces into which the hour was last divided."""
    hours = [event for event in past.of_agent(agent, "planned") if event.data["changed"] == "hour"]
    return [_entry(past, hours[-1], entry) for entry in hours[-1].data["entries"]] if hours else []


def talks_of(past: Past, agent: str) -> dict[str, dict[str, Json]]:
    """What there is with each of the others one has heard or spoken to."""
    talks = _Talks(agent)
    for event in past.events:
        talks.apply(event)
    talks.look_around(past.tick)
    lists = ("told", "heard")
    return {
        name: {**talk, **{key: sorted(talk[key]) for key in lists}}
        for name, talk in sorted(talks.by_name.items())
    }


class _Talks:
    """Takes in the events of a run and keeps one agent's talks."""

    def __init__(self, agent: str) -> None:
        self.agent = agent
        self.by_name: dict[str, dict[str, Json]] = {}
        self.unheard: list[Event] = []

    def __getitem__(self, name: str) -> dict[str, Json]:
        empty = {"greeted": False, "told": set(), "heard": set(), "last_spoken": None}
        return self.by_name.setdefault(name, empty)

    def apply(self, event: Event) -> None:
        self.look_around(event.tick)
        if event.kind == "said" and self.agent in (event.agent, event.data["to"]):
            other = event.data["to"] if event.agent == self.agent else event.data["speaker"]
            self[other]["last_spoken"] = event.tick
        if event.agent != self.agent:
            return
        if event.kind == "planned" and event.data["changed"] == "day":  # a new day, on which one greets anew
            for talk in self.by_name.values():
                talk["greeted"] = False
        if event.kind == "unheard":
            self.unheard.append(event)
        elif event.kind == "said":
            self[event.data["to"]]["told"] |= {event.data["fact"]} - {""}
        elif event.kind == "decided" and is_speech(event):
            self[event.data["answer"]["arguments"]["to"]]["greeted"] = True
        elif event.kind == "memory" and event.data["kind"] == "speech" and event.data["from"]:
            self[event.data["from"]]["heard"] |= {event.data["fact"]} - {""}

    def look_around(self, tick: int) -> None:
        """In the tick after, one learns that another had the floor: nobody was greeted."""
        while self.unheard and self.unheard[0].tick < tick:
            said = self.unheard.pop(0).data
            if said["act"] == "greet":
                self[said["to"]]["greeted"] = False


def _body(past: Past, agent: str) -> dict[str, Json]:
    """Where the agent is, where it goes and what it does."""
    body: dict[str, Json] = {"place": "", "x": None, "y": None, "goal": None, "doing": "", "asleep": False}
    for event in past.of_agent(
        agent, "placed", "moved", "arrived", "set_out", "blocked", "began", "finished", "slept", "woke"
    ):
        data = event.data
        if event.kind in ("placed", "moved"):
            body |= {"x": data["x"], "y": data["y"]}
        if event.kind in ("placed", "arrived"):
            body |= {"place": data["place"], "goal": None}
        elif event.kind == "set_out":
            body |= {"goal": data["place"], "doing": ""}
        elif event.kind == "blocked":
            body |= {"goal": None}
        elif event.kind == "began":
            body |= {"doing": data["activity"]}
        elif event.kind in ("finished", "slept"):
            body |= {"doing": "", "asleep": event.kind == "slept"}
        elif event.kind == "woke":
            body |= {"asleep": False}
    return body


def owned(past: Past, agent: str) -> dict[str, Json]:
    """What the agent has: `money`, and `goods` by name with their number; nothing where nobody has any."""
    money, goods, known = 0, dict[str, int](), False
    for event in past.events:
        data = event.data
        if event.kind == "purse" and event.agent == agent:
            money, goods, known = data["money"], dict(data["goods"]), True
        elif event.kind == "paid":
            money += data["amount"] * ((data["to"] == agent) - (data["from"] == agent))
        elif event.kind == "sold":
            item, sign = data["item"], (event.agent == agent) - (data["seller"] == agent)
            goods[item] = goods.get(item, 0) + sign * data["quantity"]
    return {"money": money, "goods": {item: count for item, count in goods.items() if count}} if known else {}


def _last_decision(past: Past, agent: str) -> dict[str, Json] | None:
    decided = past.of_agent(agent, "decided")
    if not decided:
        return None
    last = decided[-1]
    return {"tick": last.tick, "answer": last.data["answer"], "why": last.data["why"], "event": last.id}
