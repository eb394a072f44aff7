"""A game as a story: what a contestant was shown, what it asked the model and its tools, what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from burgh.scenarios.arena.results import Played
from burgh.sim.types import Json

BESIDES = ("lot", "round", "act", "side", "offer")  # what the record of a bid says besides it


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened. kind: "shown", "asked", "replied", "scored", "called", "observed", "thought",
    "answered", "outcome" or "fault". tick: when. text: what. more: what it rests on, as a prompt's shared
    part."""

    tick: int
    kind: str
    text: str
    more: str = ""


def lines(game: Played, names: Mapping[int, str] | None = None) -> Iterator[Line]:
    """All of a game, in order. names: of seats, for what the world says ("Bidder 1")."""
    prefixes: dict[str, str] = {}
    for raw in game.transcript:
        data, tick = raw["data"], int(str(raw["id"]).split(".", 1)[0])
        if raw["kind"] == "prompt":
            prefixes[data["hash"]] = data["text"]
        elif raw["kind"] == "model":
            yield from _asked(tick, data, prefixes)
        else:
            yield from (Line(tick, kind, text) for kind, text in _happened(raw) if text)
    if game.fault:
        yield Line(-1, "fault", game.fault)


def told(game: Played, strategy: str = "") -> str:
    """The game as plain text. strategy: whose profit stands at its head."""
    heads = [
        f"{seat.strategy} in seat {seat.seat + 1} made {seat.profit:g}"
        + ("" if seat.benchmark is None else f" (the benchmark {seat.benchmark:g})")
        for seat in game.seats
        if strategy in ("", seat.strategy)
    ]
    return "\n".join([*heads, *(f"{line.kind}: {line.text}" for line in lines(game))])


def _asked(tick: int, data: Mapping[str, Json], prefixes: Mapping[str, str]) -> Iterator[Line]:
    yield Line(tick, "asked", data["suffix"], prefixes.get(data["prefix"], ""))
    if data["method"] == "score":
        scored = sorted(zip(data["logprobs"], data["options"], strict=True), reverse=True)
        shown = ", ".join(f"{option.strip()} ({logprob / 1e6:.2f})" for logprob, option in scored)
        yield Line(tick, "scored", shown)
    else:
        for reply in data["replies"]:
            yield Line(tick, "replied", reply.strip() or "(nothing)")


def _happened(raw: Mapping[str, Json]) -> Sequence[tuple[str, str]]:
    data, agent = raw["data"], raw["agent"] or ""
    kind = raw["kind"]
    if kind == "decided":
        return [*_steps(data.get("steps", ())), ("answered", f"{agent}: {_answer(data['answer'])}")]
    if kind in ("noted", "believed"):
        said = "; ".join(data["notes"]) if kind == "noted" else f"{data['belief']} {data['fact']}".strip()
        return [("thought", f"{agent}: {said}" if said else "")]
    if kind == "fell_back":
        return [("fault", f"{agent}: {data['why']}")]
    return [("outcome", _outcome(kind, agent, data))]


def _steps(steps: Sequence[Mapping[str, Json]]) -> Iterator[tuple[str, str]]:
    for step in steps:
        if "tool" in step:
            given = ", ".join(f"{key} {value}" for key, value in step["arguments"].items())
            yield "called", f"{step['tool']}({given})"
            yield "observed", str(step["result"])
        elif "broken" in step:
            yield "fault", f"{step['broken']!r}: {step['why']}"
        elif "paths" in step:
            yield "thought", "paths: " + "; ".join(map(_answer, step["paths"]))


def _answer(answer: Json) -> str:
    if not isinstance(answer, Mapping):
        return str(answer)
    if "tool" in answer:
        return f"{answer['tool']} " + ", ".join(f"{k} {v}" for k, v in answer["arguments"].items())
    rest = [f"{key} {value}" for key, value in answer.items() if key not in ("act", "price")]
    first = [str(answer[key]) for key in ("act", "price") if key in answer]
    return " ".join([*first, *rest])


def _outcome(kind: str, agent: str, data: Mapping[str, Json]) -> str:
    item = f" for {data['item']}" if "item" in data else ""
    match kind:
        case "auction":
            return f"a sale begins, {data['format']}, {len(data['lots'])} lot{'s' * (len(data['lots']) != 1)}"
        case "lot_opened":
            return f"{data['item']} is put up for sale"
        case "bid":
            return (
                f"{agent} bids {_answer({k: v for k, v in data.items() if k not in ('lot', 'round', 'act')})}"
            )
        case "passed":
            return f"{agent} passes"
        case "bid_refused" | "refused":
            return f"{agent} is refused: {data.get('why', '')}"
        case "sold":
            worth = f", worth {data['value']}" if "value" in data else ""
            return f"{agent} gets {data['item']} for {data['price']}{worth}"
        case "unsold":
            return f"{data.get('item', 'it')} is not sold"
        case "closed":
            return ""
        case "said":
            return f"{agent} to {data.get('to', '')}: {data.get('words', data.get('meaning', ''))}"
        case "arrived":
            return f"{agent} arrives at {data.get('place', '')}"
        case "set_out":
            return f"{agent} sets out for {data.get('place', '')}"
    return f"{agent} {kind}{item}"
