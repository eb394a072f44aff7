"""What an agent is shown, as a text that a model reads: the same for all strategies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from burgh.agents.prompts import Inputs, render
from burgh.sim.pattern import Pattern
from burgh.sim.spec import ActionSpec, Choice, Depends, Form, Number, Text, ToolCall
from burgh.sim.types import Json, Observation

LOTS_SHOWN = 4
PERCEPTS_SHOWN = 6
PLAN_SHOWN = 2
MEMORIES_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Sale(Inputs):
    """A bidder's situation."""

    template: ClassVar[str] = "sale"
    format: str
    item: str
    value: str
    money: int
    others: int
    reserve: int
    law: str
    facts: tuple[str, ...]
    history: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Elsewhere(Inputs):
    """Anybody's situation in any other world."""

    template: ClassVar[str] = "elsewhere"
    name: str
    time: str
    seen: tuple[str, ...]
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Townsperson(Inputs):
    """A villager's situation."""

    template: ClassVar[str] = "townsperson"
    name: str
    about: str
    time: str
    where: str
    near: tuple[str, ...]
    plan: tuple[str, ...]
    known: tuple[str, ...]
    sale: tuple[str, ...]


def shown_memories(observation: Observation, memories: Sequence[str]) -> tuple[str, ...]:
    """Those of what is remembered, oldest first, that a situation tells: of a villager's the latest."""
    return tuple(dict.fromkeys(memories))[-MEMORIES_SHOWN:] if "villager" in observation.state else ()


def situation(observation: Observation, memories: Sequence[str] = ()) -> str:
    """A few lines of text, without the question. memories: what a villager is shown of what it remembers."""
    state = observation.state
    if "villager" in state:
        return render(_townsperson(observation, memories)).suffix
    if "format" in state and "law" in state:
        return render(_sale(observation.agent, state)).suffix
    seen = tuple(percept.text for percept in observation.percepts[-PERCEPTS_SHOWN:])
    shown = {
        key: value for key, value in state.items() if isinstance(value, str | int) and key not in ("x", "y")
    }
    facts = tuple(f"{key.replace('_', ' ')}: {value}" for key, value in shown.items())
    return render(Elsewhere(observation.agent, f"{observation.time:%H:%M}", seen, facts)).suffix


def _townsperson(observation: Observation, memories: Sequence[str]) -> Townsperson:
    state = observation.state
    sale = state.get("sale", {})
    told = []
    if sale:
        told = [
            f"{sale['item']} is for sale, usually for {sale['usual']} coins. You have {state['money']} coins."
        ]
        told += [f"{sale.get('leader') or 'Nobody'} has bid {sale['price']}."] if sale.get("price") else []
    return Townsperson(
        name=observation.agent,
        about=str(state["villager"]),
        time=f"{observation.time:%H:%M}",
        where=str(state["where"]),
        near=observation.near,
        plan=tuple(state["plan"][:PLAN_SHOWN]),
        known=tuple(memories),
        sale=tuple(told),
    )


def _sale(name: str, state: Mapping[str, Json]) -> Sale:
    law = state["law"]
    known = f"from {law['low']} to {law['high'] - 1}, all as likely" if law.get("law") == "uniform" else ""
    facts = [
        f"{said} {state[key]}" for key, said in OPEN_FACTS.items() if isinstance(state.get(key), int | str)
    ]
    return Sale(
        format=str(state["format"]),
        item=str(state.get("item", "")),
        value=_value(state),
        money=int(state["money"]),
        others=int(state["others"]),
        reserve=int(state.get("reserve", 0)),
        law=known,
        facts=tuple(facts),
        history=tuple(_lot(name, lot) for lot in list(state.get("history", ()))[-LOTS_SHOWN:]),
    )


OPEN_FACTS = {
    "price": "The price now is",
    "leader": "The highest bid is by",
    "side": "You are on the side to",
    "best_bid": "The best bid is",
    "best_ask": "The best offer is",
    "offer": "The other offers",
}


def _value(state: Mapping[str, Json]) -> str:
    if "values" in state:
        pairs = (
            state["values"].items() if isinstance(state["values"], Mapping) else enumerate(state["values"], 1)
        )
        return ", ".join(f"{name}: {value}" for name, value in pairs)
    return str(state.get("value", "unknown"))


def _lot(name: str, lot: Mapping[str, Json]) -> str:
    """What came of a lot, in a sentence."""
    if lot.get("price") is None:
        return f"{lot['item']} was not sold."
    others = sorted((bid for who, bid in lot.get("bids", {}).items() if who != name), reverse=True)
    shown = f" The others bid {', '.join(map(str, others))}." if others else ""
    who = "You" if lot.get("buyer") == name else "Another"
    return f"{who} bought {lot['item']} for {lot['price']}.{shown}"


def question(spec: ActionSpec) -> str:
    """What is asked, and what may be answered, in one line."""
    return " ".join(_asked(spec))


def _asked(spec: ActionSpec) -> Sequence[str]:
    if isinstance(spec, Form):
        said = []
        for _, field in spec.fields:
            inner = [field] if isinstance(field, ActionSpec) else _cases(field)
            said += [one for case in inner for one in _asked(case)]
        return said
    if isinstance(spec, ToolCall):
        return ["What do you do next?", *(_tool(name, form) for name, form in spec.tools.items())]
    if isinstance(spec, Choice):
        return [f"{spec.question} ({' or '.join(spec.options)})"]
    if isinstance(spec, Number):
        return [f"{spec.question} (from {spec.minimum:g} to {spec.maximum:g})"]
    if isinstance(spec, Text | Pattern):
        return [spec.question]
    return []


def _tool(name: str, form: Form) -> str:
    """What one can do, in a line: "go: place (Burgh : Green, ...)"."""
    fields = []
    for key, field in form.fields:
        shown = f" ({', '.join(field.options)})" if isinstance(field, Choice) else ""
        fields.append(f"{key}{shown}")
    return f"{name}: {', '.join(fields)}."


def _cases(field: Depends) -> list[ActionSpec]:
    return [case for case in [*field.cases.values(), field.default] if case is not None]
