"""Language models as providers and as customers of a storefront.

A provider chooses, by scored choices, what quality to claim and what price to ask; its words are written by
the model, or said plainly where what it wrote is empty. A customer chooses among the offers as they are
shown, by their providers' names, against the same list without what is offered.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar

from pydantic import Field

from burgh.agents.asking import Asker
from burgh.agents.bidders.kinds import BidderKind, Options, Seat
from burgh.agents.falling_back import fell_back
from burgh.agents.llm.scripted import COMPLETE_RULES, SCORE_RULES
from burgh.agents.llm.unanswered import Unanswered
from burgh.agents.prompts import Inputs, Remembered
from burgh.agents.shops.strategies import (
    BEST,
    NONE,
    REST,
    STARS,
    ByValue,
    Honest,
    Strategy,
    in_tens,
    pitch,
    value_of,
)
from burgh.sim.protocols import CompleteRequest, ScoreRequest
from burgh.sim.rng import stream
from burgh.sim.spec import Text, clean_text
from burgh.sim.types import Action, Events, Json, Observation, Step

CLAIMS = {
    " as it is.": 0,
    " a little better than it is.": 20,
    " the best there is.": 100,
}  # added to the quality
PRICES = {" a low price.": 20, " a fair price.": 50, " a high price.": 80}  # percent of what is to be gained
WORDS_TOKENS = 30
MEMORIES = 3  # of the last rounds that a provider is reminded of
NOTHING = " none of them."


@dataclass(frozen=True, slots=True)
class ClaimOf(Inputs):
    """What somebody says of its goods; no situation: the neutral context."""

    template: ClassVar[str] = "offer_claim"
    name: str
    profile: str
    situation: str


@dataclass(frozen=True, slots=True)
class PriceOf(Inputs):
    """What price somebody asks; no situation: the neutral context."""

    template: ClassVar[str] = "offer_price"
    name: str
    profile: str
    situation: str


@dataclass(frozen=True, slots=True)
class WordsOf(Inputs):
    """What somebody says of an offer, in words."""

    template: ClassVar[str] = "offer_words"
    name: str
    price: int
    claim: int


@dataclass(frozen=True, slots=True)
class ChoiceOf(Inputs):
    """Whose offer somebody takes. offers: a line each, in the order in which they are shown."""

    template: ClassVar[str] = "offer_choice"
    name: str
    profile: str
    worth: int
    offers: tuple[str, ...]
    known: tuple[str, ...]


class Profile(Options):
    profile: Annotated[str, Field(max_length=300)] = ""
    """A sentence or two about it, in the third person."""


class _Asking:
    """What both have in common: a seat, a profile, and the prompts that are in the record already."""

    rule: Strategy  # what it goes by where the model gives no answer

    def __init__(self, seat: Seat, said: Profile) -> None:
        self.name = seat.name
        self.seat, self.said = seat, said
        self.prompts: frozenset[str] = frozenset()

    async def begin(self, observation: Observation) -> Step:
        return Step(None, ())

    async def step(self, observation: Observation) -> Step:
        if not observation.free:
            return Step(None, (), self.prompts)
        events, known, seat = Events(observation.tick, self.name), set(self.prompts), self.seat
        ask = Asker(seat.llm, self.name, observation.tick, seat.seed, events, known, language=seat.language)
        causes = tuple(percept.event for percept in observation.percepts)
        state = {**observation.state, "name": self.name}
        try:
            answer, why = await self._answer(ask, state)
        except Unanswered as fault:
            fell_back(events, self.name, fault, causes)
            rng = stream(seat.seed, "by rule", self.name, observation.tick)
            answer, why = self.rule.answer(state, rng), f"{self.name} goes by rule"
        decided = events.add("decided", self.name, {"answer": answer, "why": why}, causes)
        return Step(Action(self.name, answer, decided.id), events.all(), frozenset(known))

    async def _answer(self, ask: Asker, state: Mapping[str, Any]) -> tuple[Json, str]:
        raise NotImplementedError

    def commit(self, step: Step) -> None:
        if step.changes is not None:
            self.prompts = step.changes

    def snapshot(self) -> Json:
        return {"prompts": sorted(self.prompts)}

    def restore(self, state: Json) -> None:
        self.prompts = frozenset(state["prompts"])


class LanguageProvider(_Asking):
    """A Mind (see sim/protocols.py) that pitches by asking a language model."""

    rule = Honest()

    async def _answer(self, ask: Asker, state: Mapping[str, Any]) -> tuple[Json, str]:
        told = _situation(self.name, state)
        claim = await _chosen(ask, "offer claim", ClaimOf(self.name, self.said.profile, ""), told, CLAIMS)
        price = await _chosen(ask, "offer price", PriceOf(self.name, self.said.profile, ""), told, PRICES)
        claimed = in_tens(min(state["quality"] + CLAIMS[claim], BEST))
        gain = value_of(state, claimed) - state["cost"]
        offer = pitch(state, state["cost"] + gain * PRICES[price] / 100, claimed, ".")
        if offer == REST:
            return offer, f"{self.name} can offer nothing that covers the cost"
        inputs = WordsOf(self.name, offer["price"], claimed)
        (words, *_) = await ask.write(
            "offer words",
            inputs,
            Text("What do you say of it?", WORDS_TOKENS),
            samples=1,
            max_tokens=WORDS_TOKENS,
        )
        offer["words"] = one_sentence(words) or f"It is {claimed} of 100, for {offer['price']}."
        return offer, f"{self.name} calls it{claim.rstrip('.')} and asks{price.rstrip('.')}"


def one_sentence(text: str) -> str:
    """The first sentence of a text; where it has no end, up to its first comma."""
    text = clean_text(text, 240)
    ended = re.match(r"[^.!?]+[.!?]", text)
    return ended[0] if ended else text.split(",")[0].rstrip()


class LanguageSelector(_Asking):
    """A Mind (see sim/protocols.py) that chooses by asking a language model."""

    rule = ByValue()

    async def _answer(self, ask: Asker, state: Mapping[str, Any]) -> tuple[Json, str]:
        offers = state["offers"]
        if not offers:
            return NONE, f"{self.name} can pay for no offer"
        names = {f" {one['provider']}.": str(one["provider"]) for one in offers}
        lines = tuple(_line(one, state["ratings"]) for one in offers)
        bare = tuple(f"{one['provider']} offers something." for one in offers)
        neutral = ChoiceOf(self.name, self.said.profile, int(state["worth"]), bare, ())
        told = replace(neutral, offers=lines, known=_memory(self.name, state["history"]))
        options = (*names, NOTHING)
        base, after = await ask.score_all("offer choice", [neutral, told], options)
        chosen = options[_best(after, base)]
        if chosen == NOTHING:
            return NONE, f"{self.name} takes none"
        return {"offer": names[chosen]}, f"{self.name} takes the offer of {names[chosen]}"


async def _chosen(
    ask: Asker, purpose: str, neutral: ClaimOf | PriceOf, told: str, options: Mapping[str, int]
) -> str:
    base, after = await ask.score_all(purpose, [neutral, replace(neutral, situation=told)], tuple(options))
    return list(options)[_best(after, base)]


def _situation(name: str, state: Mapping[str, Any]) -> str:
    """What a provider knows of its goods and of how it goes, in a few sentences."""
    said = [f"What {name} sells is {state['quality']} of 100."]
    sold, stars = state["ratings"].get(name, (0, 0))
    if sold:
        said.append(f"Its buyers gave {stars / sold:.1f} of {STARS} stars.")
    chosen = next((one for one in state["last"] if one["chosen"]), None)
    if chosen is not None:
        who = name if chosen["provider"] == name else f"Another, {chosen['provider']},"
        said.append(f"{who} sold at {chosen['price']}.")
    elif state["last"]:
        said.append("Nobody bought anything last time.")
    return " ".join(said)


def _line(offer: Mapping[str, Any], ratings: Mapping[str, Sequence[int]]) -> str:
    name = offer["provider"]
    sold, stars = ratings.get(name, (0, 0))
    rated = f" Buyers gave {stars / sold:.1f} of {STARS} stars." if sold else ""
    said = str(offer["words"])
    return f"{name} asks {offer['price']} and claims {offer['claim']} of 100.{rated} {name} says: {said}"


def _memory(name: str, history: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    return tuple(
        Remembered(
            f"{name} once paid {one['price']} to {one['provider']} and got {one['quality']} of 100.", at
        )
        for at, one in enumerate(history[-MEMORIES:])
    )


def _best(after: Sequence[float], base: Sequence[float]) -> int:
    """The option that what is told speaks for most."""
    gains = [told - neutral for told, neutral in zip(after, base, strict=True)]
    return gains.index(max(gains))


@SCORE_RULES.rule("offer choice")
def by_stars_and_price(request: ScoreRequest, rng: random.Random) -> list[float]:
    """The scripted model's choice: by stars, else claims, less the price; every name alike where nothing is
    told."""
    found = {
        name: (int(price), float(stars) * 20 if stars else int(claim))
        for name, price, claim, stars in re.findall(
            r"^(.+?) asks (\d+) and claims (\d+) of 100\.(?: Buyers gave ([\d.]+) of)?",
            request.prompt.suffix,
            re.MULTILINE,
        )
    }
    scores = []
    for option in request.options:
        price, quality = found.get(option.strip(" ."), (0, 0.0))
        scores.append((quality - price / 2) / 20 + rng.random() * 0.01)
    return scores


@SCORE_RULES.rule("offer claim", "offer price")
def by_quality(request: ScoreRequest, rng: random.Random) -> list[float]:
    """The scripted model's claims and prices: the worse the goods, the more is claimed; cheap after no
    sale."""
    told = re.search(r"is (\d+) of 100", request.prompt.suffix)
    if told is None:
        return [0.0, 0.0, 0.0]
    good = int(told[1]) / 100 if request.call.purpose == "offer claim" else 0.5
    lost = "Another" in request.prompt.suffix or "Nobody" in request.prompt.suffix
    return [good + 0.4 * lost + rng.random() * 0.2, 0.6 + rng.random() * 0.2, 1 - good]


@COMPLETE_RULES.rule("offer words")
def plainly(request: CompleteRequest, rng: random.Random) -> str:
    """The scripted model's words: what is claimed, at what price."""
    told = re.search(r"for (\d+)\. It is (\d+) of 100", request.prompt.suffix)
    return "Have a look." if told is None else f"{told[2]} of 100, for {told[1]} only."


PROVIDER = BidderKind(LanguageProvider, Profile, asks=True)
SELECTOR = BidderKind(LanguageSelector, Profile, asks=True)
