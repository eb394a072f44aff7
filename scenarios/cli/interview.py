"""`burgh interview`: what somebody says when asked, as they were then; the run is not changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.text import Text

from burgh.scenarios.cli.asking import At, AtTick
from burgh.scenarios.cli.console import count, line, out, write_json
from burgh.scenarios.cli.folders import find_run
from burgh.scenarios.cli.runs import RunName
from burgh.scenarios.cli.scenarios import AsJson
from burgh.sim.types import BurghError, Json

if TYPE_CHECKING:
    from burgh.agents.interview import Answer, Interviewee
    from burgh.scenarios.ask.past import Past
    from burgh.sim.record import RunLog

Found = TypeVar("Found")
Model = Annotated[str | None, typer.Option(help="The language model that is asked, if not the run's own.")]
Threads = Annotated[int | None, typer.Option(min=1, help="How many threads the model may use.")]


@dataclass(frozen=True, slots=True)
class Room:
    """Where people of a run are interviewed."""

    log: RunLog
    past: Past
    people: Sequence[Interviewee]


def interview(
    run: RunName,
    agent: Annotated[str | None, typer.Argument(metavar="[AGENT]", help="Who is asked.")] = None,
    question: Annotated[str | None, typer.Argument(metavar="[QUESTION]", help="What is asked.")] = None,
    *,
    at: At = None,
    tick: AtTick = None,
    everybody: Annotated[bool, typer.Option("--all", help="Asks everybody.")] = False,
    battery: Annotated[
        str | None, typer.Option(help='A battery of questions instead of one: "paper", five kinds of five.')
    ] = None,
    model: Model = None,
    threads: Threads = None,
    as_json: AsJson = False,
) -> None:
    """Asks people of a run as they were then: they answer from their memories; the run is not changed."""
    from burgh.scenarios.ask.battery import ask_all, checked, question_of
    from burgh.scenarios.ask.battery import battery as questions_of

    if everybody and agent is not None and question is None and battery is None:
        agent, question = None, agent
    if everybody == (agent is not None):
        raise BurghError("who is to be asked? Name one agent, or give --all")
    if (question is None) == (battery is None):
        raise BurghError("what is to be asked? Give a question in quotes, or --battery paper")
    question = checked(question) if question is not None else None
    room = room_of(run, tick, at, [agent] if agent is not None else None, model=model, threads=threads)
    language = room.people[0].language
    if battery is not None:
        questions = list(questions_of(battery, language))
        answers = in_loop(lambda: ask_all(questions, room.people, room.past))
    else:
        assert question is not None
        asked = [question_of(question, language)]
        answers = in_loop(lambda: ask_all(asked, room.people, room.past))
    if as_json:
        write_json(_json(room, answers))
        return
    line(f"As it was at {room.past.time(room.past.tick)}", "bold")
    for name, answer in answers:
        _print(room, name, answer, named=everybody or battery is not None)


def room_of(
    run: str,
    tick: int | None,
    at: str | None,
    agents: Sequence[str] | None,
    *,
    model: str | None,
    threads: int | None,
) -> Room:
    """The people of a run as they were then, all where none is named, with a model to ask. Raises BurghError
    for an unknown agent or moment before anything heavy is loaded."""
    from burgh.memory.embed import load_embedder
    from burgh.scenarios.ask.then import interviewees, scenario_then
    from burgh.scenarios.build import build_model
    from burgh.scenarios.cli.asking import past_of
    from burgh.sim.record import open_log

    past = past_of(run, tick, at)
    log = open_log(find_run(run))
    for name in agents or ():
        past.check_agent(name)
    scenario = scenario_then(log, past)
    if model is not None:
        scenario = scenario.model_copy(update={"model": model})
    llm = build_model(scenario, threads=threads)
    embedder = load_embedder(scenario.embedder)
    return Room(log, past, interviewees(log, past, agents or past.agents, llm, embedder))


def in_loop(asked: Callable[[], Coroutine[Any, Any, Found]]) -> Found:
    """What comes of asking."""
    return asyncio.run(asked())


def _json(room: Room, answers: Sequence[tuple[str, Answer]]) -> dict[str, Json]:
    past = room.past
    return {
        "run": str(room.log.folder),
        "tick": past.tick,
        "time": past.time(past.tick),
        "answers": [{"agent": name, **answer.to_json()} for name, answer in answers],
    }


def _print(room: Room, name: str, answer: Answer, *, named: bool) -> None:
    out.print(Text.assemble("\n", (f"{answer.question}", "italic")), soft_wrap=True)
    out.print(Text(f"{name}: {answer.text}" if named else answer.text), soft_wrap=True)
    for one in answer.cites:
        memory = room.past.memories[one]
        line(f"  {one}, {room.past.time(memory.tick)}: {memory.data['text']}", "dim")
    if answer.claims and not answer.backed:
        line("  the model said yes, but no memory says so", "dim")
    if not answer.cites and answer.retrieved:
        line(f"  {count(len(answer.retrieved), 'memory')} came to mind".replace("memorys", "memories"), "dim")


def answer_now(folder: Path, agent: str, question: str) -> str:
    """What somebody of a run says now, with the memories that it rests on, as a text: for who takes part in a
    run that goes on. Raises BurghError as `interview` does."""
    from burgh.scenarios.ask.battery import ask_all, checked, question_of

    question = checked(question)
    room = room_of(str(folder), None, None, [agent], model=None, threads=1)
    asked = [question_of(question, room.people[0].language)]
    ((_, answer),) = in_loop(lambda: ask_all(asked, room.people, room.past))
    cited = [f"  {one}: {room.past.memories[one].data['text']}" for one in answer.cites]
    return "\n".join([f"{agent}: {answer.text}", *cited])
