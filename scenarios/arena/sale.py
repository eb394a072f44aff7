"""Sales in the arena: the world of a contest over one block's draw, opponents, what a seat made of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from burgh.agents.bidders import ScriptedBidder, Strategy
from burgh.scenarios.arena.contest import Contest
from burgh.scenarios.arena.contestants import RULES
from burgh.sim.protocols import Mind
from burgh.sim.spec import ActionSpec
from burgh.sim.types import BurghError, Event, Json
from burgh.worlds import auctions
from burgh.worlds.auctions import formats
from burgh.worlds.auctions.laws import Uniform
from burgh.worlds.auctions.values import Private

FORMATS = tuple(formats.FORMATS)
ROUNDS = ("dutch", "english-clock", "english", "sequential", "double-auction", "bargaining")  # asked again
ONE_PURSE = ("first-price", "second-price", "third-price", "all-pay", "dutch", "english-clock", "english")
TWO_SIDES = ("call-market", "double-auction", "bargaining")
NO_ANSWER = ("lot", "round", "side", "offer")  # what the record of an answer says besides it
USUAL_OPPONENTS = {
    "gsp": "truthful",
    "call-market": "truthful",
    "bargaining": "truthful",
    "double-auction": "zero-intelligence",
    "sequential": "rule",
}
USUAL_OPPONENT = "equilibrium"


def usual_opponents(name: str) -> str:
    """Who is played against if nothing is said: where an equilibrium is known, those who bid it."""
    return USUAL_OPPONENTS.get(name, USUAL_OPPONENT)


def seat_names(players: int) -> tuple[str, ...]:
    return tuple(f"Bidder {seat + 1}" for seat in range(players))


def make_world(contest: Contest, seed: int) -> auctions.House:
    """The sale of a contest over one block's draw. Raises BurghError for what the format does not take."""
    if contest.format not in FORMATS:
        raise BurghError(f"no arena is held in {contest.format!r}: there are {', '.join(FORMATS)}")
    more: dict[str, Any] = dict(contest.options)
    if contest.format in ONE_PURSE:
        more["budgets"] = contest.top * contest.lots  # enough for any sensible bid on every lot
    if contest.format != "sequential":
        more |= {"values": Private(Uniform(0, contest.top + 1)), "lots": contest.lots}
    return formats.make_house(contest.format, seat_names(contest.players), seed=seed, **more)


def gains(events: Iterable[Event], name: str) -> int:
    """What somebody has gained: worth and money in, money and what was sold out."""
    total = 0
    for event in events:
        if event.kind == "sold":
            total += event.data["value"] * (event.agent == name)
            total -= event.data.get("cost", 0) * (event.data["seller"] == name)
        elif event.kind == "paid":
            total += event.data["amount"] * ((event.data["to"] == name) - (event.data["from"] == name))
    return total


def deals(events: Iterable[Event], name: str) -> int:
    """How often somebody bought or sold."""
    return sum(event.kind == "sold" and name in (event.agent, event.data["seller"]) for event in events)


def answers(events: Iterable[Event], name: str) -> Mapping[int, Json]:
    """What somebody answered last in each lot, as the house took it down."""
    found: dict[int, Json] = {}
    for event in events:
        if event.agent == name and event.kind in ("bid", "passed"):
            given = {key: value for key, value in event.data.items() if key not in NO_ANSWER}
            found[event.data["lot"]] = given
    return found


@dataclass(frozen=True)
class Again(Strategy):
    """Answers what was answered, lot by lot: how the others stay as they were for the benchmark."""

    given: Mapping[int, Json]

    def price(self, value: int, state: Json, rng: Any) -> int:
        return -1

    def answer(self, state: Json, spec: ActionSpec, rng: Any, bids: int) -> Json:
        return self.given.get(state["lot"], {"act": "pass"})


def opponent(contest: Contest, name: str, seed: int) -> Mind:
    """A scripted bidder of the contest's opponents."""
    return ScriptedBidder(name, RULES[contest.opponents](), seed)


def has_benchmark(contest: Contest) -> bool:
    """Whether what others did can be held as it was: not where contestants answer each other in rounds."""
    return contest.opponents in RULES and not (contest.format in ROUNDS and contest.design == "rotate")
