"""Events in words: a sentence for each, with the scores that belong to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from burgh.agents.places import spoken
from burgh.scenarios.ask.past import Past
from burgh.scenarios.ask.sentence import Telling, coins, told_gains
from burgh.scenarios.ask.trading import TRADES, sells
from burgh.scenarios.fields import moment_of
from burgh.sim.clock import parse_time
from burgh.sim.types import Event, Json, real
from burgh.sim.viewer.answers import answer_words

PARTS = ("recency", "importance", "relevance", "words", "names")  # of a score, those that were asked for
MOST_PICKED = 4  # memories told of that came to mind
MOST_ENTRIES = 4  # of a plan


def is_told(event: Event) -> bool:
    """Whether there are words for events of its kind."""
    return event.kind in _TELLERS or event.kind in TRADES


def telling(past: Past, event: Event, parent: Event | None = None) -> Telling:
    """An event in words. parent: the event that rests on it, which makes some particulars matter."""
    teller = _TELLERS.get(event.kind) or TRADES.get(event.kind)
    if teller is None:
        return Telling(f"{event.agent or 'the world'}: {event.kind}")
    return teller(past, event, parent)


def _decided(past: Past, event: Event, parent: Event | None) -> Telling:
    reason = str(event.data.get("why") or "")
    notes = (f"because {reason}",) if reason else ()
    if parent is not None and parent.kind in ("said", "unheard"):  # which has the words
        return Telling(f"{event.agent} decides to {parent.data['act']} {parent.data['to']}", notes)
    answer = event.data["answer"]
    words = answer_words(answer, sells=sells(past, event.agent or ""))
    return Telling(f"{event.agent} decides to {words or action(answer)}", notes)


def action(answer: Json) -> str:
    """What an answer does, as what comes after "decides to"."""
    if words := answer_words(answer):
        return words
    if not isinstance(answer, Mapping) or "tool" not in answer:
        return f"answer {_plain(answer)}"
    given = answer.get("arguments", {})
    if answer["tool"] == "go":
        return f"go to the {spoken(given['place'])}"
    if answer["tool"] == "use":
        return f"spend {given['minutes']} min on {given['activity']}, at the {_last(given['object'])}"
    if answer["tool"] == "say":
        return f"{given['act']} {given['to']}: “{given['words']}”"
    if answer["tool"] == "bid":
        return f"bid {coins(given['price'])}" if "price" in given else "pass"
    if answer["tool"] in ("wait", "sleep"):
        return f"{answer['tool']} {given['minutes']} min"
    return " ".join([answer["tool"], *(f"{key} {value}" for key, value in given.items())])


def _plain(answer: Json) -> str:
    """An answer of any form without the marks of a programming language."""
    if isinstance(answer, Mapping):
        return ", ".join(f"{key} {_plain(value)}" for key, value in answer.items())
    if isinstance(answer, list | tuple):
        return ", ".join(map(_plain, answer))
    return "nothing" if answer is None else str(answer)


def is_speech(decision: Event) -> bool:
    """Whether a `decided` event is about saying something."""
    answer = decision.data["answer"]
    return isinstance(answer, Mapping) and answer.get("tool") == "say"


def _memory(past: Past, event: Event, parent: Event | None) -> Telling:
    data = event.data
    verb = {
        "plan": "intends",
        "reflection": "concludes",
        "summary": "keeps",
        "speech": "remembers hearing",
    }.get(data["kind"], "remembers")
    known = not event.causes and data["kind"] == "observation"
    verb = "knows from the start" if known else verb
    notes = [f"{data['id']}, importance {real(data['importance']):.1f} of 10"]
    return Telling(f"{event.agent} {verb}: “{data['text']}”", tuple(notes))


def _said(past: Past, event: Event, parent: Event | None) -> Telling:
    data = event.data
    heard = ", ".join(data.get("heard_by", ()))
    voice = "" if event.agent is not None else ", a voice from outside,"
    to = data["to"] or "all who are there"
    text = f"{data['speaker']}{voice} says to {to}: “{data['words']}”"
    return Telling(text, (f"heard by {heard}",) if heard and heard != data["to"] else ())


def _whispered(past: Past, event: Event, parent: Event | None) -> Telling:
    told = f"an inner voice, from outside the run, says to {event.agent}: “{event.data['meaning']}”"
    return Telling(told)


def _planned(past: Past, event: Event, parent: Event | None) -> Telling:
    entries = event.data["entries"]
    new = [entries[n] for n in event.data.get("new", range(len(entries)))]
    if event.data["changed"] == "revised":
        return Telling(f"{event.agent} changes the plan: {_entries(new)}", tuple(_gains(past, event)))
    if parent is not None:
        new = [entry for entry in new if _covers(past, entry, parent.tick)] or new
    return Telling(f"{event.agent} plans the {event.data['changed']}: {_entries(new)}")


def _entries(entries: Sequence[Mapping[str, Json]]) -> str:
    told = [f"{entry['start']} {spoken(entry['place'])}, {entry['activity']}" for entry in entries]
    more = len(told) - MOST_ENTRIES
    return "; ".join(told[:MOST_ENTRIES]) + (f"; and {more} more" if more > 0 else "")


def entry_start(past: Past, entry: Mapping[str, Json]) -> int:
    """The tick at which an entry of a plan begins, on the day of the run that it names, or the first."""
    return past.clock.tick_of(moment_of(past.clock.start, parse_time(entry["start"]), entry.get("day", 1)))


def _covers(past: Past, entry: Mapping[str, Json], tick: int) -> bool:
    start = entry_start(past, entry)
    return start <= tick < start + past.clock.ticks(entry["minutes"])


def _gains(past: Past, planned: Event) -> Iterator[str]:
    """By how many nats the news made each place likelier, from the two questions asked in that step."""
    asked = [
        event.data
        for event in past.of_agent(planned.agent or "", "model")
        if event.tick == planned.tick
        if event.data["purpose"] == "react" and event.data["method"] == "score"
    ]
    for given, neutral in zip(asked[::2], asked[1::2], strict=False):
        if given["options"] != neutral["options"]:
            return
        yield f"with the news rather than without it, in nats: {told_gains(given, neutral)}"


def _retrieved(past: Past, event: Event, parent: Event | None) -> Telling:
    notes = []
    for found in event.data["picked"][:MOST_PICKED]:
        memory = past.memories.get(found["id"])
        parts = [f"{name} {real(found[name]):.2f}" for name in PARTS if name in found]
        text = f" “{memory.data['text']}”" if memory is not None else ""
        notes.append(f"{real(found['score']):.2f} ({', '.join(parts)}) {found['id']}{text}")
    more = len(event.data["picked"]) - MOST_PICKED
    if more > 0:
        notes.append(f"and {more} more")
    came = "this came to mind" if event.data["picked"] else "nothing came to mind"
    return Telling(f"asked “{event.data['query']}”, {came}", tuple(notes))


def _reminded(past: Past, event: Event, parent: Event | None) -> Telling:
    data = event.data
    company = f", with {' and '.join(data['with'])}" if data["with"] else ""
    told = f"{event.agent} is reminded: {spoken(data['place'])} at {data['start']}{company}"
    return Telling(told)


def _reflected(past: Past, event: Event, parent: Event | None) -> Telling:
    return Telling(f"{event.agent} reflects: “{event.data['question']}”")


def _arrived(past: Past, event: Event, parent: Event | None) -> Telling:
    return Telling(f"{event.agent} arrives at the {spoken(event.data['place'])}")


def _began(past: Past, event: Event, parent: Event | None) -> Telling:
    verb = "begins" if event.kind == "began" else "has finished"
    return Telling(f"{event.agent} {verb} {event.data['activity']} at the {_last(event.data['object'])}")


def _set_out(past: Past, event: Event, parent: Event | None) -> Telling:
    return Telling(f"{event.agent} sets out for the {spoken(event.data['place'])}")


def _object(past: Past, event: Event, parent: Event | None) -> Telling:
    return Telling(f"the {_last(event.data['path'])} is now {event.data['state']}")


def _placed(past: Past, event: Event, parent: Event | None) -> Telling:
    return Telling(f"{event.agent} is at the {spoken(event.data['place'])} from the start")


def _last(path: str) -> str:
    return path.rsplit(" : ", 1)[-1].lower()


_TELLERS = {
    "decided": _decided,
    "memory": _memory,
    "said": _said,
    "unheard": _said,
    "whispered": _whispered,
    "planned": _planned,
    "retrieved": _retrieved,
    "reflected": _reflected,
    "reminded": _reminded,
    "arrived": _arrived,
    "began": _began,
    "finished": _began,
    "set_out": _set_out,
    "object": _object,
    "placed": _placed,
}
