"""Writes the playthroughs: whole mornings on the scripted model, as a text that a person can follow.

    .venv/bin/python tests/write_playthroughs.py

writes tests/playthroughs/ anew, for whoever changed what minds or the town do. Read the difference before
keeping it: it is what the change has done.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from runs_for_tests import recorded, scripted

from burgh.agents.places import spoken
from burgh.scenarios.spec import Scenario
from burgh.sim.record import open_log
from burgh.sim.types import Event, Json, real

FOLDER = Path(__file__).parent / "playthroughs"
PLAYTHROUGHS: Mapping[str, str | None] = {"quiet-room": None, "market-day": "08:20"}  # and until when
REMEMBERS = {
    "observation": "notices",
    "speech": "hears",
    "reflection": "concludes",
    "plan": "intends",
    "summary": "keeps",
}


def playthrough(name: str) -> str:
    """A run of the scenario, recorded and told."""
    scenario = scripted(name, PLAYTHROUGHS[name])
    with tempfile.TemporaryDirectory() as folder:
        recorded(scenario, Path(folder))
        return told(scenario, list(open_log(Path(folder)).events()))


def told(scenario: Scenario, events: list[Event]) -> str:
    """What happened: a line for each thing that was done, said, planned or noticed, under the game time."""
    span = f"{scenario.start:%H:%M} to {scenario.until:%H:%M}, seed {scenario.seed}, scripted"
    lines = [f"{scenario.name}: {span}", scenario.description, ""]
    shown = None
    for event in events:
        for line in _lines(event, events):
            time = f"{scenario.clock.at(event.tick):%H:%M:%S}"
            lines.append(f"{time if time != shown else '':8}  {line}")
            shown = time
    return "\n".join(lines) + "\n"


def _lines(event: Event, events: list[Event]) -> Iterator[str]:
    who, data = event.agent, event.data
    if event.kind == "memory" and data["kind"] == "plan" and not data["evidence"]:
        return  # what is planned is told once
    if event.kind == "memory":
        yield _memory(who, data, knows=event.tick == 0)
    elif event.kind == "planned":
        yield f"{who} {_plan(data)}"
    elif event.kind == "decided":
        yield f"{who} decides to {_deed(data['answer'])}: {data['why']}"
    elif event.kind in ("said", "unheard"):
        heard_by = ", ".join(data.get("heard_by", ())) or "nobody"
        what = f'{data["speaker"]} to {data["to"]}: "{data["words"]}"'
        told_fact = f" [{data['fact']}]" if data["fact"] else ""
        yield f"* {what}{told_fact} ({event.kind}; heard by {heard_by})"
    elif event.kind == "refused":
        yield f"! {who} may not: {data['why']}"
    elif event.kind in ("arrived", "set_out", "blocked"):
        yield f"* {who} {event.kind.replace('_', ' ')}: {data['place']}"
    elif event.kind in ("began", "finished"):
        yield f"* {who} {event.kind} {data['activity']}, {data['object']}"
    elif event.kind == "run_ended":
        yield f"The end: {data['reason']}, {len(events)} events."


def _memory(who: str | None, data: Mapping[str, Json], *, knows: bool) -> str:
    verb = "knows" if knows and data["kind"] == "observation" else REMEMBERS[data["kind"]]
    notes = [f"{real(data['importance']):.1f}"]
    notes += [f"[{data['fact']}]"] if data["fact"] else []
    notes += [f"because of {', '.join(data['evidence'])}"] if data["evidence"] else []
    return f"{who} {verb}, {data['id']}: {data['text']} ({'; '.join(notes)})"


def _plan(data: Mapping[str, Json]) -> str:
    entries = data["entries"]
    if data["changed"] == "hour":
        return "will be " + ", then ".join(f"{one['activity']} ({one['minutes']} min)" for one in entries)
    if data["changed"] == "day":
        return "has a day: " + "; ".join(f"{one['start']} {spoken(one['place'])}" for one in entries)
    visits = [f"{one['start']} {spoken(one['place'])} for {one['why']}" for one in entries if one["why"]]
    return "changes the plan: " + "; ".join(visits)


def _deed(answer: Mapping[str, Json]) -> str:
    tool, given = answer["tool"], answer["arguments"]
    if tool == "go":
        return f"go to {given['place']}"
    if tool == "use":
        return f"be {given['activity']} for {given['minutes']} min"
    if tool == "say":
        return f"{given['act']} {given['to']}"
    return f"{tool} {given['minutes']} min"


def main() -> None:
    for name in PLAYTHROUGHS:
        (FOLDER / f"{name}.txt").write_text(playthrough(name), encoding="utf-8")


if __name__ == "__main__":
    main()
