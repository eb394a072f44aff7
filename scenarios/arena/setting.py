"""From what a person names to a contest: a format of sale or a scenario, strategies, and what is left out."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from burgh.agents.llm.load import EMBEDDED
from burgh.agents.minds import known_kinds
from burgh.agents.tools.guard import GRANTS
from burgh.scenarios import goals
from burgh.scenarios.arena import sale
from burgh.scenarios.arena.contest import Contest
from burgh.scenarios.arena.contestants import EQUAL, RULES, contestant
from burgh.scenarios.arena.seats import Kept
from burgh.scenarios.arena.town import meetings, things
from burgh.scenarios.load import load_scenario
from burgh.scenarios.nearest import suggest
from burgh.scenarios.spec import Scenario
from burgh.sim.types import BurghError, Json

USUAL_PLAYERS, USUAL_LOTS, USUAL_TOP = 3, 4, 99


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for; None and () leave a thing to what is usual. equal_tokens: a second arm in which
    each prompt strategy has so many tokens a decision. more: KEY=NUMBER of what a format takes besides."""

    name: str
    strategies: Sequence[str]
    model: str = EMBEDDED
    seed: int = 1
    design: str = "substitute"
    control: bool = True
    equal_tokens: int | None = None
    players: int | None = None
    lots: int | None = None
    top: int | None = None
    opponents: str | None = None
    more: Sequence[str] = ()
    goals: Sequence[str] = ()
    seats: Sequence[str] = ()
    until: str | None = None
    grants: Sequence[str] = ()


def contest_of(asked: Asked) -> Contest:
    """The contest. Raises BurghError for what cannot be held."""
    town = asked.name not in sale.FORMATS
    scenario = _scenario(asked) if town else None
    names = _names(asked, town=town)
    ids = {name: contestant(name, town=town).id for name in names}
    common: dict[str, Any] = {
        "strategies": tuple(names),
        "ids": ids,
        "model": EMBEDDED if asked.model == "embedded" else asked.model,
        "seed": asked.seed,
        "design": asked.design,
        "granted": tuple(dict.fromkeys(map(_grant, asked.grants))),
    }
    return _sale(asked, common) if scenario is None else _town(asked, scenario, common)


def _grant(said: str) -> str:
    if said not in GRANTS:
        raise BurghError(f"tools are granted no {said!r}: {suggest(said, GRANTS)}")
    return said


def _names(asked: Asked, *, town: bool) -> list[str]:
    names = [one.strip() for one in asked.strategies if one.strip()]
    if not names:
        raise BurghError("--strategies names none: write --strategies A,B")
    if any("#" in one for one in names):
        raise BurghError("a strategy's name holds no '#': that marks the control, which is added by itself")
    first = names[0]
    if asked.equal_tokens is not None:
        if asked.equal_tokens < 1:
            raise BurghError(f"--equal-tokens is {asked.equal_tokens}: name at least 1")
        if any(EQUAL in one for one in names):
            raise BurghError(f"with --equal-tokens no strategy names its tokens by {EQUAL!r}")
        asking = [one for one in names if hasattr(contestant(one, town=town), "file")]
        if not asking:
            raise BurghError("--equal-tokens needs a strategy that asks a model: none of these does")
        names += [f"{one}{EQUAL}{asked.equal_tokens}" for one in asking]
    return [*names, *([f"{first}#2"] if asked.control else [])]


def _sale(asked: Asked, common: dict[str, Any]) -> Contest:
    for said, given in (("--goal", asked.goals), ("--seats", asked.seats), ("--until", asked.until)):
        if given:
            raise BurghError(f"{said} is for scenarios of towns: {asked.name} is a format of sale")
    opponents = asked.opponents or sale.usual_opponents(asked.name)
    if opponents not in RULES:
        raise BurghError(f"no scripted bidder is called {opponents!r}: {suggest(opponents, list(RULES))}")
    usual_players = 2 if asked.name == "bargaining" else USUAL_PLAYERS
    contest = _made(
        format=asked.name,
        players=usual_players if asked.players is None else asked.players,
        lots=USUAL_LOTS if asked.lots is None else asked.lots,
        top=USUAL_TOP if asked.top is None else asked.top,
        opponents=opponents,
        options=dict(map(_option, asked.more)),
        **common,
    )
    _try(contest)
    return contest


def _option(said: str) -> tuple[str, int]:
    key, equals, number = said.partition("=")
    if not equals or not number.isascii() or not number.isdigit():
        raise BurghError(f"--set {said!r} is not KEY=NUMBER: write --set units=3")
    return key.strip().replace("-", "_"), int(number)


def _try(contest: Contest) -> None:
    """Plays a game of opponents alone, so that what cannot be played is said before anything begins."""
    from burgh.scenarios.arena.play import run

    world = sale.make_world(contest, contest.seed)
    minds = [sale.opponent(contest, name, contest.seed) for name in world.agents]
    try:
        asyncio.run(run(world, minds, Kept()))
    except BurghError as error:
        raise BurghError(f"{contest.opponents} bidders cannot play {contest.format}: {error}") from None


def _town(asked: Asked, scenario: Scenario, common: dict[str, Any]) -> Contest:
    for said, given in (("--players", asked.players), ("--lots", asked.lots), ("--top", asked.top)):
        if given is not None:
            raise BurghError(f"{said} is for formats of sale: {asked.name} is a scenario")
    if asked.more:
        raise BurghError(f"--set is for formats of sale: {asked.name} is a scenario")
    if asked.opponents is not None and asked.opponents not in known_kinds():
        raise BurghError(
            f"no kind of mind is called {asked.opponents!r}: {suggest(asked.opponents, known_kinds())}"
        )
    people = [agent.name for agent in scenario.agents]
    for name in asked.seats:
        if name not in people:
            raise BurghError(f"nobody is called {name!r} in {asked.name}: {suggest(name, people)}")
    wanted = tuple(asked.goals) or tuple(scenario.goals)
    if not wanted:
        raise BurghError(f"{asked.name} declares no goals: name some, as in --goal came:market")
    found = goals.checked(wanted, scenario.facts, things(scenario))
    due = {key: tick for key, (_, tick) in meetings(scenario).items()}
    for goal in found:
        if goal.kind == "came" and due[goal.what] > scenario.until_tick:
            raise BurghError(f"the goal {str(goal)!r} cannot be met: {asked.name} ends before its time")
    return _made(
        format=scenario.name,
        players=len(asked.seats or people),
        lots=1,
        opponents=asked.opponents or "",
        scenario=_resolved(scenario),
        goals=tuple(map(str, found)),
        seats=tuple(asked.seats),
        **common,
    )


def _scenario(asked: Asked) -> Scenario:
    try:
        scenario = load_scenario(asked.name, {} if asked.until is None else {"until": asked.until})
    except BurghError as error:
        if "there is no" not in str(error):
            raise
        known = ", ".join(sale.FORMATS)
        raise BurghError(
            f"no arena is held in {asked.name!r}: {error}; formats of sale are {known}"
        ) from None
    if not isinstance(scenario, Scenario):
        raise BurghError(
            f"{asked.name} is a scenario of a {scenario.world.kind} sale: hold the arena in the format,"
            f" as in `burgh arena {scenario.world.kind}`"
        )
    return scenario


def _resolved(scenario: Scenario) -> dict[str, Json]:
    """As plain data; a map of one's own by its whole path."""
    data = scenario.resolved()
    if scenario.world.map.endswith(".json"):
        data["world"]["map"] = str((scenario.folder / scenario.world.map).absolute())
    return data


def _made(**values: Any) -> Contest:
    try:
        return Contest.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = "".join(f"--{part}: " for part in first["loc"][:1])
        said = first["msg"].removeprefix("Value error, ")
        raise BurghError(f"{where}{said[:1].lower()}{said[1:]}") from None
