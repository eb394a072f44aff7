"""Events in words: a line of each for the log, the same in the window and in a terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from burgh.sim.types import Event, Json
from burgh.sim.viewer.answers import answer_words, setting_words
from burgh.sim.viewer.deals import choice_words, found_words, offer_words, period_words
from burgh.sim.viewer.scene import place_name

Data = Mapping[str, Json]


def told(event: Event) -> str:
    """What happened, in a line; "" for what is not worth one (steps, prompts, objects' states)."""
    teller = _TELLERS.get(event.kind)
    return "" if teller is None else teller(event.agent or "", event.data)


def _said(agent: str, data: Data) -> str:
    addressed = f" to {data['to']}" if data["to"] else ""
    return f"{data['speaker']}{addressed}: “{data['words']}”"


def _put(agent: str, data: Data) -> str:
    where, _, name = str(data["path"]).rpartition(" : ")
    return f"{place_name(where)}: there is now a {name.lower()}"


def _happened(agent: str, data: Data) -> str:
    where = f"{place_name(str(data['place']))}: " if data["place"] else ""
    return f"{where}{data['text']}"


def _planned(agent: str, data: Data) -> str:
    if data["changed"] == "day":
        return f"{agent} plans the day"
    if data["changed"] != "revised":
        return ""
    entries = [data["entries"][n] for n in data.get("new", ())]
    changes = ", ".join(f"{place_name(str(entry['place']))} at {entry['start']}" for entry in entries)
    return f"{agent} changes the plan: {changes}" if changes else f"{agent} changes the plan"


def _memory(agent: str, data: Data) -> str:
    if data["kind"] == "reflection":
        return f"{agent} thinks: {data['text']}"
    return f"{agent} remembers: {data['text']}"


def _bid(agent: str, data: Data) -> str:
    price = data.get("price")
    shown = price if isinstance(price, int) else ", ".join(f"{k} {v}" for k, v in (price or {}).items())
    return f"{agent} {data.get('act') or 'bid'}s {shown}".rstrip()


def _sold(agent: str, data: Data) -> str:
    return f"SOLD: {data['item']} to {agent} for {data['price']:,}"


def _done(agent: str, data: Data) -> str:
    answer = data["answer"]
    what = answer_words(answer)
    if not what:
        what = answer.get("tool", "") if isinstance(answer, Mapping) else str(answer)
    return f"{agent} decides: {what}, {data['why']}" if data["why"] else f"{agent} decides: {what}"


_TELLERS: Mapping[str, Callable[[str, Data], str]] = {
    "said": _said,
    "unheard": lambda agent, data: f"{_said(agent, data)} (not heard)",
    "object_put": _put,
    "whispered": lambda agent, data: f"{agent}'s inner voice: “{data['meaning']}”",
    "happened": _happened,
    "set_out": lambda agent, data: f"{agent} sets out for {place_name(data['place'])}",
    "arrived": lambda agent, data: f"{agent} arrives: {place_name(data['place'])}",
    "blocked": lambda agent, data: f"{agent} gives up the way: {data['why']}",
    "began": lambda agent, data: f"{agent}: {data['activity']}",
    "slept": lambda agent, data: f"{agent} goes to sleep",
    "woke": lambda agent, data: f"{agent} wakes up",
    "planned": _planned,
    "memory": _memory,
    "reflected": lambda agent, data: f"{agent} reflects: {data['question']}",
    "decided": _done,
    "kept": lambda agent, data: f"{agent} lets it be: {data['why']}",
    "refused": lambda agent, data: f"{agent} could not: {data['why']}",
    "lot_opened": lambda agent, data: f"Up for sale: {data['item']}",
    "bid": _bid,
    "passed": lambda agent, data: f"{agent} passes",
    "bid_refused": lambda agent, data: f"{agent}'s bid is void: {data['why']}",
    "sold": _sold,
    "unsold": lambda agent, data: f"Not sold: {data['item']}",
    "paid": lambda agent, data: f"{data['from']} pays {data['to']} {data['amount']:,} ({data['for']})",
    "offered": offer_words,
    "chosen": choice_words,
    "bought": lambda agent, data: f"bought from {agent} for {data['price']:,}: {found_words(data)}",
    "campaign": lambda agent, data: f"{agent} bids: {setting_words(data)}",
    "period": lambda _, data: period_words(data),
    "run_started": lambda agent, data: f"The run begins: {data['scenario']}",
    "run_ended": lambda agent, data: f"The run ends: {data['reason']}",
}
