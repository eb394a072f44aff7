"""A language model as a bidder: a profile, a purse, a plan of priorities, beliefs about the others.

It is asked in three ways, each a choice that is scored: how much it wants each lot that is ahead (a plan,
revised when a lot is over), how much of its worth it would pay for the open lot, and, in open outcry, when
that price is near, whether it goes on. From what it would pay follows an answer that the form of the format
allows.
With `answers: written` the model fills in the form itself, under its grammar.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from burgh.agents.asking import Asker
from burgh.agents.bidders.answers import PASS, answer_of
from burgh.agents.bidders.kinds import BidderKind, Options, Seat
from burgh.agents.bidders.plans import PRIORITIES, Wanted, beliefs, lots_ahead, reserved, worth_of
from burgh.agents.falling_back import fell_back
from burgh.agents.llm.unanswered import Unanswered
from burgh.agents.prompts import Inputs, Remembered
from burgh.agents.strategies.situation import question, situation
from burgh.sim.spec import InvalidAnswer
from burgh.sim.types import Action, Events, Json, Observation, Step

WANTS = (" must have it.", " takes it if it stays cheap.", " leaves it to others.")
STAKES = {
    " half of what it is worth.": 50,
    " two thirds of what it is worth.": 67,
    " most of what it is worth.": 80,
    " nearly all that it is worth.": 92,
    " all that it is worth.": 100,
}
GOING = (" goes on.", " stops.")
CHEAP = {"must": 100, "cheap": 80, "leave": 60}  # percent of the stake that is left of it
SURE_PERCENT = 80  # of what it would pay: so far it raises without being asked whether it goes on
LINES_SHOWN = 3  # of beliefs
ANSWER_TOKENS = 60
OUTCRY = ("english", "sequential")


@dataclass(frozen=True, slots=True)
class PriorityOf(Inputs):
    """How much somebody wants a lot; worth 0 leaves the lot out: the neutral context."""

    template: ClassVar[str] = "sale_priority"
    name: str
    lots: int
    profile: str
    item: str
    worth: int
    money: int
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StakeOf(Inputs):
    """How much of a lot's worth somebody would pay; no situation: the neutral context."""

    template: ClassVar[str] = "sale_stake"
    name: str
    profile: str
    situation: str
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Raising(Inputs):
    """Whether somebody goes on bidding; worth and price 0: the neutral context."""

    template: ClassVar[str] = "sale_raise"
    name: str
    item: str
    worth: int
    price: int
    profile: str
    known: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answering(Inputs):
    """All that a bidder knows, and what is asked."""

    template: ClassVar[str] = "sale_answer"
    name: str
    profile: str
    situation: str
    known: tuple[str, ...]
    question: str


class Said(Options):
    """What a scenario says of such a bidder."""

    profile: Annotated[str, Field(max_length=300)] = ""
    """A sentence or two about it, in the third person."""
    answers: Literal["scored", "written"] = "scored"
    """How it answers: choices that are scored, or the form filled in by the model."""
    plans: bool = True
    """Off: every lot is wanted alike."""


@dataclass(frozen=True, slots=True)
class Carried:
    """over: how many lots it has thought back on. plan: by item, one of PRIORITIES. stake: for the open lot
    (its key, the percentage, the event that chose it). causes: events that led to the plan."""

    over: int = -1
    plan: Mapping[str, str] = field(default_factory=dict)
    known: tuple[str, ...] = ()
    stake: tuple[str, int, str] = ("", 100, "")
    causes: tuple[str, ...] = ()
    prompts: frozenset[str] = frozenset()


class LanguageBidder:
    """A Mind (see sim/protocols.py) that bids by asking a language model."""

    def __init__(self, seat: Seat, said: Said) -> None:
        self.name = seat.name
        self.seat, self.said = seat, said
        self.carried = Carried()

    async def begin(self, observation: Observation) -> Step:
        return Step(None, ())

    async def step(self, observation: Observation) -> Step:
        if not observation.free:
            return Step(None, (), self.carried)
        thinking = _Thinking(self, observation)
        try:
            answer, why = await thinking.answer()
        except Unanswered as fault:
            answer, why = thinking.by_rule(fault)
        causes = (*(percept.event for percept in observation.percepts), *thinking.carried.causes)
        stake = thinking.carried.stake[2]
        known = dict.fromkeys((*causes, stake) if stake else causes)
        decided = thinking.events.add("decided", self.name, {"answer": answer, "why": why}, tuple(known))
        after = replace(thinking.carried, prompts=frozenset(thinking.ask.known))
        return Step(Action(self.name, answer, decided.id), thinking.events.all(), after)

    def commit(self, step: Step) -> None:
        self.carried = step.changes if step.changes is not None else self.carried

    def snapshot(self) -> Json:
        now = self.carried
        return {
            "over": now.over,
            "plan": dict(now.plan),
            "known": list(now.known),
            "stake": list(now.stake),
            "causes": list(now.causes),
            "prompts": sorted(now.prompts),
        }

    def restore(self, state: Json) -> None:
        self.carried = Carried(
            state["over"],
            dict(state["plan"]),
            tuple(state["known"]),
            tuple(state["stake"]),
            tuple(state["causes"]),
            frozenset(state["prompts"]),
        )


class _Thinking:
    """One step: what it carries changes here, and is handed back."""

    def __init__(self, mind: LanguageBidder, observation: Observation) -> None:
        self.name, self.said = mind.name, mind.said
        self.seen = observation
        self.state: Mapping[str, Any] = observation.state
        self.carried = mind.carried
        self.events = Events(observation.tick, mind.name)
        seat, known = mind.seat, set(mind.carried.prompts)
        self.ask = Asker(
            seat.llm, mind.name, observation.tick, seat.seed, self.events, known, language=seat.language
        )

    async def answer(self) -> tuple[Json, str]:
        """The answer, and a sentence why."""
        await self._think_back()
        if self.said.answers == "written":
            return await self._written()
        limit = await self._limit()
        return await self._scored(limit)

    def by_rule(self, fault: Unanswered) -> tuple[Json, str]:
        """What it answers where the model does not: what the thing is worth to it, by rule."""
        fell_back(self.events, self.name, fault, [percept.event for percept in self.seen.percepts])
        answer = answer_of(dict(self.state), lambda value: self._price(value, 100))
        return answer, f"{self.name} goes by what it is worth"

    # beliefs and the plan

    async def _think_back(self) -> None:
        """Once a lot is over, and at first: what the others did, and what of all that is ahead it wants."""
        history = self.state["history"]
        if len(history) == self.carried.over:
            return
        known = tuple(one.line for one in beliefs(self.name, history)[:LINES_SHOWN])
        causes: list[str] = [percept.event for percept in self.seen.percepts]
        if known and known != self.carried.known:
            causes.append(self.events.add("believed", self.name, {"beliefs": list(known)}, causes).id)
        self.carried = replace(self.carried, over=len(history), known=known, causes=tuple(causes))
        ahead = lots_ahead(self.state)
        if self.said.plans and len(ahead) > 1:
            await self._plan(ahead, causes)

    async def _plan(self, ahead: Sequence[Wanted], causes: Sequence[str]) -> None:
        money, lots = int(self.state["money"]), len(ahead)
        neutral = PriorityOf(self.name, lots, self.said.profile, "", 0, 0, ())
        asked = [replace(neutral, item=lot.item, worth=lot.worth, money=money) for lot in ahead]
        scores = await self.ask.score_all("sale plan", asked, WANTS)
        order = sorted(range(lots), key=lambda n: (scores[n][-1] - scores[n][0], n))  # the most wanted first
        plan = {ahead[n].item: PRIORITIES[3 * place // lots] for place, n in enumerate(order)}
        changed = "revised" if self.carried.plan else "first"
        listed = [{"item": lot.item, "priority": plan[lot.item], "worth": lot.worth} for lot in ahead]
        planned = self.events.add("sale_plan", self.name, {"lots": listed, "changed": changed}, causes)
        self.carried = replace(self.carried, plan=plan, causes=(planned.id,))

    # what it would pay

    async def _limit(self) -> int:
        """The percentage of its worth that it would pay for the open lot, chosen once a lot."""
        lot = f"{self.state.get('game', 0)}.{self.state['lot']}"
        if self.carried.stake[0] != lot:
            neutral = StakeOf(self.name, self.said.profile, "", ())
            told = replace(neutral, situation=self._situation(), known=self._beliefs())
            base, after = await self.ask.score_all("stake", [neutral, told], tuple(STAKES))
            percent = list(STAKES.values())[_best(after, base)]
            data = {"lot": self.state["lot"], "item": self.state["item"], "percent": percent}
            event = self.events.add("staked", self.name, data, self.carried.causes)
            self.carried = replace(self.carried, stake=(lot, percent, event.id))
        wanted = self.carried.plan.get(str(self.state["item"]), PRIORITIES[0])
        return self.carried.stake[1] * CHEAP[wanted] // 100

    def _price(self, value: int, percent: int) -> int:
        """What it would pay for a thing of that value; a seller: the least that it asks."""
        if self.state.get("side") == "sell":
            return value + (int(self.state["ceiling"]) - value) * (100 - percent) // 100
        kept = reserved(self.carried.plan, lots_ahead(self.state))
        return min(value * percent // 100, int(self.state["money"]) - kept)

    async def _scored(self, percent: int) -> tuple[Json, str]:
        worth = worth_of(self.state)
        price = self._price(worth, percent)
        why = f"{self.name} would {'take' if self.state.get('side') == 'sell' else 'pay'} up to {price}"
        if self.state.get("side") == "sell":
            why = f"{self.name} asks {price} at least"
        answer = answer_of(dict(self.state), lambda value: self._price(value, percent))
        near = answer != PASS and int(answer.get("price", 0)) * 100 > price * SURE_PERCENT
        if self.state["format"] in OUTCRY and near and not await self._goes_on(worth):
            return PASS, f"{self.name} would pay up to {price}, but stops"
        return answer, why

    async def _goes_on(self, worth: int) -> bool:
        """In open outcry: whether it raises once more, rather than at a price of all that it is worth."""
        item, least = str(self.state["item"]), int(self.state["least"])
        told = Raising(self.name, item, worth, least, self.said.profile, ())
        base, after = await self.ask.score_all("raise", [replace(told, price=worth), told], GOING)
        return _best(after, base) == 0

    # the form, filled in by the model

    async def _written(self) -> tuple[Json, str]:
        inputs = Answering(
            self.name, self.said.profile, self._situation(), self._notes(), question(self.seen.spec)
        )
        prompt, _ = self.ask.fitted("bid", inputs, reply_tokens=ANSWER_TOKENS)
        for text in await self.ask.reply("bid", prompt, self.seen.spec, max_tokens=ANSWER_TOKENS):
            try:
                return self.seen.spec.parse(text.strip()), f"{self.name} says so"
            except InvalidAnswer as error:
                why = str(error)
        fallback = answer_of(dict(self.state), lambda value: -1)
        self.events.add("fell_back", self.name, {"answer": fallback, "why": why})
        return fallback, "no legal answer came from the model"

    def _situation(self) -> str:
        return " ".join(situation(self.seen).split())

    def _beliefs(self) -> tuple[str, ...]:
        """About the others, those who bid most first: what goes last is left out first."""
        return tuple(Remembered(line, -place) for place, line in enumerate(self.carried.known))

    def _notes(self) -> tuple[str, ...]:
        wants = [f"{item}: {priority}" for item, priority in self.carried.plan.items()]
        return (*self._beliefs(), *([f"Your plan: {', '.join(wants)}."] if wants else []))


def _best(after: Sequence[float], base: Sequence[float]) -> int:
    """The option that the context speaks for most, against the same question without it."""
    gains = [told - neutral for told, neutral in zip(after, base, strict=True)]
    return gains.index(max(gains))


LLM = BidderKind(LanguageBidder, Said, asks=True)
