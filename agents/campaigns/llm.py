"""A language model as a campaign manager: once a period, from a report, never for an impression.

By default it is asked a choice that is scored: to bid higher, the same or lower, against the same question
without a report; the price for an impression of average click rate moves by a factor. With `answers:
written` the model fills in the form itself, under its grammar, which is bound to legal numbers.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from burgh.agents.asking import Asker
from burgh.agents.bidders.kinds import BidderKind, Options, Seat
from burgh.agents.campaigns.strategies import legal
from burgh.agents.falling_back import fell_back
from burgh.agents.llm.scripted import SCORE_RULES, last_lines
from burgh.agents.llm.unanswered import Unanswered
from burgh.agents.prompts import Inputs
from burgh.sim.protocols import ScoreRequest
from burgh.sim.spec import InvalidAnswer
from burgh.sim.types import Action, Events, Json, Observation, Step

MOVES = {" bids higher.": 130, " bids the same.": 100, " bids lower.": 75}  # percent of the price before
ANSWER_TOKENS = 60


@dataclass(frozen=True, slots=True)
class Moving(Inputs):
    """Whether a campaign bids higher; no report: the neutral context."""

    template: ClassVar[str] = "campaign_move"
    name: str
    profile: str
    report: str


@dataclass(frozen=True, slots=True)
class Setting(Inputs):
    """All that a campaign manager knows, and what it may set."""

    template: ClassVar[str] = "campaign_setting"
    name: str
    profile: str
    report: str
    most_bid: int
    usual: int
    worth: int


class Said(Options):
    """What a scenario says of such a manager."""

    profile: Annotated[str, Field(max_length=300)] = ""
    """A sentence or two about it, in the third person."""
    answers: Literal["scored", "written"] = "scored"
    """How it answers: a choice that is scored, or the form filled in by the model."""
    price: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    """For an impression of average click rate at first; half of what that is worth, if none."""


class LanguageManager:
    """A Mind (see sim/protocols.py) that sets a campaign by asking a language model."""

    def __init__(self, seat: Seat, said: Said) -> None:
        self.name = seat.name
        self.seat, self.said = seat, said
        self.prompts: frozenset[str] = frozenset()

    async def begin(self, observation: Observation) -> Step:
        return Step(None, ())

    async def step(self, observation: Observation) -> Step:
        if not observation.free:
            return Step(None, (), self.prompts)
        events = Events(observation.tick, self.name)
        known = set(self.prompts)
        seat = self.seat
        ask = Asker(seat.llm, self.name, observation.tick, seat.seed, events, known, language=seat.language)
        causes = tuple(percept.event for percept in observation.percepts)
        try:
            if self.said.answers == "written":
                answer, why = await self._written(ask, observation)
            else:
                answer, why = await self._scored(ask, observation.state)
        except Unanswered as fault:
            fell_back(events, self.name, fault, causes)
            answer, why = dict(observation.state["setting"]), f"{self.name} leaves it as it is"
        decided = events.add("decided", self.name, {"answer": answer, "why": why}, causes)
        return Step(Action(self.name, answer, decided.id), events.all(), frozenset(known))

    def commit(self, step: Step) -> None:
        if step.changes is not None:
            self.prompts = step.changes

    def snapshot(self) -> Json:
        return {"prompts": sorted(self.prompts)}

    def restore(self, state: Json) -> None:
        self.prompts = frozenset(state["prompts"])

    async def _scored(self, ask: Asker, state: Mapping[str, Any]) -> tuple[Json, str]:
        now = state["setting"]
        price = self.said.price or max(1, round(usual_worth(state) / 2))
        if now["rule"] != "linear":
            return legal(state, "linear", price=price), f"{self.name} begins at {price}"
        neutral = Moving(self.name, self.said.profile, "")
        told = replace(neutral, report=report_text(self.name, state))
        base, after = await ask.score_all("campaign", [neutral, told], tuple(MOVES))
        move = list(MOVES)[_best(after, base)]
        percent = MOVES[move]
        least = now["price"] + (percent > 100) - (percent < 100)
        moved = round(now["price"] * percent / 100)
        moved = max(moved, least) if percent >= 100 else min(moved, least)
        return legal(state, "linear", price=max(moved, 1)), f"{self.name}{move}"

    async def _written(self, ask: Asker, seen: Observation) -> tuple[Json, str]:
        state = seen.state
        worth = round(usual_worth(state))
        inputs = Setting(
            self.name,
            self.said.profile,
            report_text(self.name, state),
            int(state["most_bid"]),
            worth,
            int(state["click_value"]),
        )
        prompt, _ = ask.fitted("campaign setting", inputs, reply_tokens=ANSWER_TOKENS)
        why = "the model gave no answer"
        for text in await ask.reply("campaign setting", prompt, seen.spec, max_tokens=ANSWER_TOKENS):
            try:
                return seen.spec.parse(text.strip()), f"{self.name} says so"
            except InvalidAnswer as error:
                why = str(error)
        fallback = dict(state["setting"])
        ask.events.add("fell_back", self.name, {"answer": fallback, "why": why})
        return fallback, "no legal answer came from the model"


def usual_worth(state: Mapping[str, Any]) -> float:
    """What an impression of average click rate is worth."""
    return float(state["click_value"]) * float(np.array(state["shares"]) @ np.array(state["rates"]))


def report_text(name: str, state: Mapping[str, Any]) -> str:
    """The report of the period that is over, and of the day so far, in a few sentences."""
    report, traffic, done = state["report"], state["traffic"], int(state["period"])
    if not report:
        return ""
    gone = round(100 * sum(traffic[:done]) / max(1e-9, sum(traffic)))
    spent = round(100 * sum(state["spent"]) / max(1, state["budget"]))
    won = round(100 * report["won"] / max(1, report["bids"]))
    said = [f"{gone}% of the day is over and {spent}% of the money is spent."]
    said.append(f"It won {won} of 100 impressions.")
    if report["clicks"]:
        cost = round(report["spent"] / report["clicks"])
        said.append(f"A click cost {cost} and is worth {state['click_value']}.")
    else:
        said.append("There was no click.")
    return " ".join(said)


@SCORE_RULES.rule("campaign")
def by_report(request: ScoreRequest, rng: random.Random) -> list[float]:
    """The scripted model's choice: to spend as the day goes, and no more for a click than it is worth."""
    numbers = [int(found) for found in re.findall(r"\d+", last_lines(request.prompt)[0])]
    if len(numbers) < 3:
        return [0.0, 0.0, 0.0]
    behind = (numbers[0] - numbers[1]) / 10
    dear = len(numbers) >= 6 and numbers[4] > numbers[5]
    return [behind - 3.0 * dear, 0.0, -behind + 1.0 * dear]


def _best(after: Sequence[float], base: Sequence[float]) -> int:
    """The option that the report speaks for most, against the same question without it."""
    gains = [told - neutral for told, neutral in zip(after, base, strict=True)]
    return gains.index(max(gains))


LLM = BidderKind(LanguageManager, Said, asks=True)
