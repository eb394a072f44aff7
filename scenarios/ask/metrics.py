"""The social measures of a run, from its record alone: at its end, and at every so many game minutes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from burgh.scenarios.ask.adherence import Adherence, Course
from burgh.scenarios.ask.costs import costs_json
from burgh.scenarios.ask.diffusion import Diffusion, cried, diffusion_json, diffusions
from burgh.scenarios.ask.past import Past
from burgh.scenarios.ask.relations import Acquaintance, acquaintance
from burgh.scenarios.ask.speech import Speech
from burgh.scenarios.recorded import as_written
from burgh.scenarios.spec import Fact
from burgh.sim.clock import Clock
from burgh.sim.record import RunLog, open_log
from burgh.sim.types import BurghError, Json

EVERY = re.compile(r"(\d+)\s*(h|hours?|m|min|minutes?)")
MOST_ROWS = 10_000


def metrics_of(folder: Path | str, tick: int, every_ticks: int | None = None) -> dict[str, Json]:
    """The measures of the run in a folder up to a tick. Raises BurghError where there is none."""
    log = open_log(folder)
    past = Past.of(folder, tick)
    return metrics(past, facts_of(log), every_ticks, cached_tokens(log, tick))


def cached_tokens(log: RunLog, tick: int) -> dict[int, int] | None:
    """Of the tokens in of each tick, those that were not computed again; None where that is not known."""
    cached: dict[int, int] = {}
    for aside in log.asides():
        if aside["tick"] <= tick and "tokens_cached" in aside:
            cached[aside["tick"]] = cached.get(aside["tick"], 0) + aside["tokens_cached"]
    return cached or None


def facts_of(log: RunLog) -> dict[str, Fact]:
    """The facts of the run's scenario; none where it is no scenario of a town."""
    scenario = log.meta.get("scenario")
    told = scenario.get("facts", {}) if isinstance(scenario, dict) else {}
    with as_written(log):
        return {key: Fact.model_validate(fact) for key, fact in told.items()}


def metrics(
    past: Past,
    facts: Mapping[str, Fact],
    every_ticks: int | None = None,
    cached: Mapping[int, int] | None = None,
) -> dict[str, Json]:
    """Plain data: facts, cried (what was cried to all at a place), own_words, density, adherence, diversity,
    costs, and a series (see `series`).

    cached: by tick, the tokens in that were not computed again, where that is known."""
    spread = diffusions(past, facts)
    speech = Speech()
    for event in past.events:
        speech.apply(event)
    courses = {agent: Course(past, agent) for agent in past.agents}
    kept = {agent: course.kept(0, past.tick) for agent, course in courses.items()}
    return {
        "tick": past.tick,
        "time": past.time(past.tick),
        "agents": list(past.agents),
        "facts": [diffusion_json(past, one) for one in spread],
        "cried": [diffusion_json(past, one) for one in cried(past)],
        "own_words": {
            "share": speech.own_share(),
            "words": speech.words,
            "own": speech.own_words,
            "utterances": len(speech.utterances),
            "own_utterances": sum(one.own for one in speech.utterances),
        },
        "density": acquaintance(past).density(),
        "adherence": {
            **sum(kept.values(), Adherence()).to_json(),
            "by_agent": {agent: one.to_json() for agent, one in kept.items()},
        },
        "diversity": {
            "distinct_1": speech.distinct(1),
            "distinct_2": speech.distinct(2),
            "self_bleu_2": speech.self_bleu(),
        },
        "costs": costs_json(past, None if cached is None else sum(cached.values())),
        "series": series(past, spread, list(courses.values()), every_ticks, cached) if every_ticks else [],
    }


def series(
    past: Past,
    spread: Sequence[Diffusion],
    courses: Sequence[Course],
    every_ticks: int,
    cached: Mapping[int, int] | None = None,
) -> list[dict[str, Json]]:
    """One row at each multiple of so many ticks, and one at the end.

    knows, density, own_words, distinct_2 and self_bleu_2 are of all until then; adherence, calls and tokens
    of the time since the row before.
    """
    stops = [*range(every_ticks, past.tick, every_ticks), past.tick]
    if len(stops) > MOST_ROWS:
        raise BurghError(
            f"that would be {len(stops):,} rows: --every must be longer for a run of this length"
        )
    speech, met = Speech(), Acquaintance(past.agents)
    events = iter(past.events)
    event = next(events, None)
    rows: list[dict[str, Json]] = []
    before = -1
    asked = costs_by_tick(past)
    for stop in stops:
        while event is not None and event.tick <= stop:
            speech.apply(event)
            met.apply(event)
            event = next(events, None)
        kept = sum((course.kept(before + 1, stop) for course in courses), Adherence())
        kept_back = sum(saved for tick, saved in (cached or {}).items() if before < tick <= stop)
        spent = [asked[tick] for tick in asked if before < tick <= stop]
        rows.append(
            {
                "tick": stop,
                "time": past.clock.at(stop).isoformat(),
                "knows": {one.fact: one.knew_by(stop) for one in spread},
                "density": met.density(),
                "own_words": speech.own_share(),
                "adherence": kept.share,
                "distinct_2": speech.distinct(2),
                "self_bleu_2": speech.self_bleu(),
                "calls": sum(one[0] for one in spent),
                "tokens_in": sum(one[1] for one in spent),
                "tokens_computed": None if cached is None else sum(one[1] for one in spent) - kept_back,
                "tokens_out": sum(one[2] for one in spent),
            }
        )
        before = stop
    return rows


def costs_by_tick(past: Past) -> dict[int, tuple[int, int, int]]:
    """Calls, tokens in and tokens out of each tick in which the model was asked."""
    found: dict[int, tuple[int, int, int]] = {}
    for event in past.events:
        if event.kind == "model":
            calls, tokens_in, tokens_out = found.get(event.tick, (0, 0, 0))
            data = event.data
            found[event.tick] = (calls + 1, tokens_in + data["tokens_in"], tokens_out + data["tokens_out"])
    return found


def flat(row: dict[str, Json]) -> dict[str, Json]:
    """A row of the series with one column for each fact, for CSV."""
    knows = {f"knows_{fact}": count for fact, count in row["knows"].items()}
    head = {key: row[key] for key in ("tick", "time")}
    return {**head, **knows, **{key: value for key, value in row.items() if key not in (*head, "knows")}}


def parse_every(text: str, clock: Clock) -> int:
    """Reads "1h" or "15m" as a number of ticks. Raises BurghError with what would be right."""
    found = EVERY.fullmatch(text.strip().lower())
    if found is None or int(found[1]) == 0:
        raise BurghError(f"--every: {text!r} is no length of time: write hours or minutes, as in 1h or 15m")
    return clock.ticks(int(found[1]) * (60 if found[2].startswith("h") else 1))
