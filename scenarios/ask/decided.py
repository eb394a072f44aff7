"""Deciding again: a step of a mind from the record, taken anew as it was and with a cause left out."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from burgh.agents.mind import GenerativeMind
from burgh.agents.without import without
from burgh.memory.record import Memory
from burgh.scenarios.ask.past import Past
from burgh.scenarios.ask.telling import action
from burgh.scenarios.ask.why import under_way
from burgh.scenarios.build import Parts, build_model, build_players
from burgh.scenarios.kinds import Means
from burgh.scenarios.session import Session
from burgh.scenarios.spec import Scenario
from burgh.scenarios.travel.history import History
from burgh.sim.record import RunLog
from burgh.sim.types import BurghError, Event, Json, Observation, Step, real

if TYPE_CHECKING:
    from burgh.memory.embed import Embedder
    from burgh.memory.score import Vectors
    from burgh.sim.protocols import LanguageModel

Change = Literal["the choice", "its score", "nothing"]
NOTHING = "goes on with what is under way"
LEAST = 1e-6  # by how much scores must differ


@dataclass(frozen=True, slots=True)
class Decision:
    """answer: what was decided, None for going on. plans: what was put into the plan. scores: what each
    option came to, by what was asked."""

    answer: Json
    why: str
    plans: tuple[str, ...] = ()
    scores: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def told(self) -> str:
        return NOTHING if self.answer is None else action(self.answer)

    def to_json(self) -> dict[str, Json]:
        """Plain data."""
        scores = {asked: dict(options) for asked, options in self.scores.items()}
        return {"answer": self.answer, "why": self.why, "plans": list(self.plans), "scores": scores}


@dataclass(frozen=True, slots=True)
class DecidedAgain:
    """causes: the ids of the memories that were named. left_out: of those that were, with what was perceived
    in that very step."""

    agent: str
    tick: int
    causes: tuple[str, ...]
    left_out: tuple[str, ...]
    as_it_was: Decision
    without: Decision

    @property
    def cause(self) -> str:
        """The causes in words."""
        return " and ".join(self.causes)

    @property
    def changed(self) -> Change:
        """What the causes had changed."""
        one, other = self.as_it_was, self.without
        if (one.answer, one.plans) != (other.answer, other.plans):
            return "the choice"
        return "its score" if self.differences() else "nothing"

    def differences(self) -> list[tuple[str, str, float | None, float | None]]:
        """What was asked, an option, and its score as it was and without the cause, where they differ."""
        found = []
        one, other = self.as_it_was.scores, self.without.scores
        for asked in dict.fromkeys((*one, *other)):
            before, after = one.get(asked, {}), other.get(asked, {})
            for option in dict.fromkeys((*before, *after)):
                pair = before.get(option), after.get(option)
                if None in pair or abs(before[option] - after[option]) > LEAST:
                    found.append((asked, option, *pair))
        return found

    def to_json(self) -> dict[str, Json]:
        """Plain data."""
        return {
            "agent": self.agent,
            "tick": self.tick,
            "causes": list(self.causes),
            "left_out": list(self.left_out),
            "changed": self.changed,
            "as_it_was": self.as_it_was.to_json(),
            "without": self.without.to_json(),
        }


class Nowhere:
    """A writer and a store that keep nothing: what is lived through again is in the record already."""

    comes_again = False

    def append(self, events: Iterable[Event]) -> None: ...

    def aside(self, tick: int, data: Mapping[str, Json]) -> None: ...

    def end_tick(self, tick: int) -> None: ...

    def snapshot(self, tick: int, state: Json) -> None: ...

    def add(self, memory: Memory, vector: Vectors) -> None: ...

    def flush(self) -> None: ...


def decide_again(
    log: RunLog,
    past: Past,
    agent: str,
    *causes: str,
    embedder: Embedder,
    model: LanguageModel | None = None,
    threads: int | None = None,
) -> DecidedAgain:
    """What the agent decided last, decided again as it was and without memories that it rests on.

    causes: their ids. The mind is taken from the last snapshot before, and lives on from there as it
    did, with the replies of the record; what is asked otherwise is asked of the run's model (or of the one
    that is given). Raises BurghError for an unknown memory, for one that came later, and where the mind does
    not decide as it did.
    """
    past.check_agent(agent)
    event = deciding(past, agent)
    causes = tuple(dict.fromkeys(causes))
    memories = [_memory(past, agent, cause, event.tick) for cause in causes]
    history = History.of(log)
    session = _before(history, event.tick, embedder, model, threads)
    mind = session.engine.minds[agent]
    if not isinstance(mind, GenerativeMind):
        raise BurghError(f"the mind of {agent} keeps no memories: nothing can be left out of it")
    replies = session.parts.replies
    again = [one for one in past.of_agent(agent, "model") if one.tick == event.tick]
    seen = session.engine.world.observe(event.tick)[agent]
    replies.add(again)
    was = _stepped(mind, seen)
    if not any(one.id == event.id and one.data == event.data for one in was.events):
        raise BurghError(
            f"{agent} does not decide at {past.time(event.tick)} as the record says: it was made by another"
            " burgh, or on another machine"
        )
    before = mind.state
    left_out = [cause for cause, memory in zip(causes, memories, strict=True) if memory.tick == event.tick]
    heard = {one for memory in memories if memory.tick == event.tick for one in memory.causes}
    seen = replace(seen, percepts=tuple(one for one in seen.percepts if one.event not in heard))
    for cause in causes:
        if any(one.id == cause for one in mind.state.stream):  # what rests on another is gone with it
            mind.state = without(mind.state, cause)
    kept = {one.id for one in mind.state.stream}
    left_out = [*(one.id for one in before.stream if one.id not in kept), *left_out]
    replies.add(again)
    other = _stepped(mind, seen)
    told = _decision(past, was), _decision(past, other)
    return DecidedAgain(agent, event.tick, causes, tuple(left_out), *told)


def _memory(past: Past, agent: str, cause: str, decided_tick: int) -> Event:
    """The event of a memory that the agent had when it decided. Raises BurghError where it had none such."""
    memory = past.memories.get(cause)
    if memory is None or memory.agent != agent:
        raise BurghError(
            f"--without: {agent} has no memory {cause!r} at {past.time(past.tick)}:"
            f" name one that `burgh why` tells of, as {agent}:12"
        )
    if memory.tick > decided_tick:
        raise BurghError(
            f"--without: {cause} is of {past.time(memory.tick)}, and {agent} decided at"
            f" {past.time(decided_tick)}: name an earlier memory"
        )
    return memory


def deciding(past: Past, agent: str) -> Event:
    """The decision behind what an agent does at the end of that past: that to set out, of one who arrives."""
    event = under_way(past, agent)
    while event.kind != "decided":
        causes = [past.by_id[one] for one in event.causes if one in past.by_id]
        if not causes:
            when = past.time(event.tick)
            raise BurghError(f"nothing that {agent} decided lies behind what is done at {when}")
        event = causes[0]
    return event


def _before(
    history: History,
    tick: int,
    embedder: Embedder,
    model: LanguageModel | None,
    threads: int | None,
) -> Session:
    """The run as it stood before a tick, lived through from the last snapshot, and recorded nowhere."""
    from burgh.agents.llm.replies import RecordedReplies

    taken = history.snapshot(tick)
    after, now = (0, -1) if taken is None else (taken.frames, taken.tick)
    scenario = history.scenario_at(now)
    if not isinstance(scenario, Scenario):
        raise BurghError(f"--without: nobody in a world of kind {scenario.world.kind} keeps memories")
    nowhere = Nowhere()
    accounts = build_model(scenario, model=model, threads=threads)
    before = (event for event in history.events_after(after) if event.tick < tick)
    replies = RecordedReplies(accounts, before)
    means = Means(replies, embedder, nowhere)  # type: ignore[arg-type]
    world, minds = build_players(scenario, means)
    parts = Parts(world, minds, accounts, replies, replies, embedder, nowhere)  # type: ignore[arg-type]
    session = Session(history.base, parts, nowhere, scenario=scenario)  # type: ignore[arg-type]
    if taken is not None:
        session.take_up(taken.state)
    session.expect(one for one in history.to_come(now) if one.tick < tick)
    session.until_tick = session.end_tick = tick - 1
    asyncio.run(session.whole())
    return session


def _stepped(mind: GenerativeMind, observation: Observation) -> Step:
    return asyncio.run(mind.step(observation))


def _decision(past: Past, step: Step) -> Decision:
    answer = None if step.action is None else step.action.answer
    why = ""
    plans: list[str] = []
    scores: dict[str, dict[str, float]] = {}
    for event in step.events:
        if event.kind == "decided":
            why = str(event.data["why"])
        elif event.kind == "planned" and event.data["changed"] != "hour":
            new = [event.data["entries"][n] for n in event.data["new"]]
            plans += [f"{one['start']} {one['place']}" for one in new]
        elif event.kind == "model" and event.data["method"] == "score":
            asked = f"{event.data['purpose']}: {_question(event)}"
            options = zip(event.data["options"], event.data["logprobs"], strict=True)
            scores[asked] = {option.strip(): real(one) for option, one in options}
        elif event.kind == "retrieved":
            found = event.data["picked"]
            scores[f"came to mind: {event.data['query']}"] = {one["id"]: real(one["score"]) for one in found}
    return Decision(answer, why, tuple(plans), scores)


def _question(event: Event) -> str:
    lines: Sequence[str] = [line for line in str(event.data["suffix"]).splitlines() if line.strip()]
    return lines[-1].strip() if lines else ""
