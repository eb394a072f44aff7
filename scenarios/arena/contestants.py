"""Who can be put to the contest: scripted bidders by rule, and prompt strategies by entry point or file.

A prompt strategy is an entry point of the group `burgh.strategies`, or a prompt file: a `Contestant`.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Protocol, cast

from burgh.agents import bidders, minds
from burgh.agents.strategies.files import read_strategy
from burgh.agents.strategies.mind import Prompted
from burgh.sim.clock import Clock
from burgh.sim.protocols import LanguageModel, Mind
from burgh.sim.types import BurghError

GROUP = "burgh.strategies"
RULES: Mapping[str, Callable[[], bidders.Strategy]] = {
    "best-response": bidders.BestResponse,
    "equilibrium": bidders.Equilibrium,
    "random": bidders.Random,
    "rule": bidders.Rule,
    "sniper": bidders.Sniper,
    "truthful": bidders.Truthful,
    "zero-intelligence": bidders.ZeroIntelligence,
}
ASK_NOTHING = ("habits", "idle", "random")  # kinds of mind that are rules
EQUAL = "@"  # direct@2000 has 2,000 tokens a decision
SHADE = "shade"  # shade:60 bids 60% of the value


class Contestant(Protocol):
    """id: what it is made of: the hash of its prompts, or its name where a rule says all. asks: whether it
    needs a language model."""

    @property
    def id(self) -> str: ...

    @property
    def asks(self) -> bool: ...

    def mind(self, name: str, seed: int, llm: LanguageModel | None, clock: Clock) -> Mind:
        """A mind that plays so, in the seat of that name. llm: None where it asks none."""
        ...


@dataclass(frozen=True, slots=True)
class Scripted:
    """A contestant by rule."""

    id: str
    strategy: bidders.Strategy
    asks: bool = False

    def mind(self, name: str, seed: int, llm: LanguageModel | None, clock: Clock) -> Mind:
        return bidders.ScriptedBidder(name, self.strategy, seed)


@dataclass(frozen=True, slots=True)
class OfKind:
    """A kind of mind, as scenarios of towns name them: it takes the place of a villager."""

    id: str

    @property
    def asks(self) -> bool:
        return self.id not in ASK_NOTHING

    def mind(self, name: str, seed: int, llm: LanguageModel | None, clock: Clock) -> Mind:
        raise BurghError(f"{self.id} is a villager's kind of mind: it plays in towns only")


@cache
def registered() -> Mapping[str, EntryPoint]:
    """The prompt strategies that are installed, ours among them."""
    return {point.name: point for point in sorted(entry_points(group=GROUP))}


def known() -> tuple[str, ...]:
    """All names that `contestant` takes, but for prompt files."""
    return (*registered(), *RULES, f"{SHADE}:PERCENT")


def known_in_towns() -> tuple[str, ...]:
    """All names that are taken in a town."""
    return (*minds.kinds(), *registered())


def contestant(name: str, *, town: bool = False) -> Contestant:
    """By name. "A#2" is A under another name: the control that must tie with it. "A@2000" is A with so many
    tokens a decision. town: kinds of mind play, and rules of bidding do not.

    Raises BurghError: an unknown name is answered with the known ones and the nearest.
    """
    plain = name.split("#", 1)[0]
    if EQUAL in plain:
        return _with_tokens(plain, town=town)
    if town and plain in minds.kinds():
        return OfKind(plain)
    if town and (plain in RULES or plain.startswith(f"{SHADE}:")):
        raise BurghError(f"{plain} bids at sales only: in a town take one of {', '.join(known_in_towns())}")
    if plain in RULES:
        return Scripted(plain, RULES[plain]())
    if plain.startswith(f"{SHADE}:"):
        return Scripted(plain, bidders.Shading(_percent(plain)))
    if plain in registered():
        return _loaded(plain, registered()[plain])
    if plain.endswith((".yaml", ".yml")):
        return Prompted(read_strategy(Path(plain)))
    raise BurghError(_unknown(plain, known_in_towns() if town else known()))


def _loaded(name: str, point: EntryPoint) -> Contestant:
    try:
        made = point.load()(name)
    except BurghError:
        raise
    except Exception as error:  # whatever another's module does while it is imported
        said = f"{type(error).__name__}: {error}"
        raise BurghError(f"the strategy {name!r} ({point.value}) cannot be loaded: {said}") from None
    if not (isinstance(getattr(made, "id", None), str) and hasattr(made, "asks") and hasattr(made, "mind")):
        raise BurghError(f"the strategy {name!r} ({point.value}) cannot be loaded: it is no Contestant")
    return cast(Contestant, made)


def _with_tokens(name: str, *, town: bool) -> Contestant:
    plain, _, tokens = name.partition(EQUAL)
    if not tokens.isascii() or not tokens.isdigit() or int(tokens) < 1:
        raise BurghError(f"the strategy {name!r} has no number of tokens: write {plain}{EQUAL}2000")
    found = contestant(plain, town=town)
    if not isinstance(found, Prompted):
        raise BurghError(f"{plain} asks no model: there are no tokens to make equal")
    return Prompted(found.file, budget_tokens=int(tokens))


def enter(
    names: Iterable[str], ids: Mapping[str, str], *, town: bool = False, granted: Iterable[str] = ()
) -> dict[str, Contestant]:
    """The contestants of these names. ids: what each was made of when the contest was set: one that has
    changed since (a prompt file was edited) is refused. granted: to the tools of prompt strategies."""
    found = {name: contestant(name, town=town) for name in names}
    for name, one in found.items():
        if one.id != ids.get(name, one.id):
            raise BurghError(
                f"the strategy {name} has changed since the contest was set: hold another contest"
            )
    return {name: _granted(one, frozenset(granted)) for name, one in found.items()}


def _granted(one: Contestant, granted: frozenset[str]) -> Contestant:
    return replace(one, granted=granted) if granted and isinstance(one, Prompted) else one


def _percent(name: str) -> int:
    text = name.removeprefix(f"{SHADE}:")
    if not text.isascii() or not text.isdigit() or not 0 <= int(text) <= 200:
        raise BurghError(f"the strategy {name!r} has no percentage from 0 to 200: write {SHADE}:60")
    return int(text)


def _unknown(name: str, among: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, among, 1)
    hint = f" (did you mean {near[0]!r}?)" if near else ""
    return f"no strategy is called {name!r}{hint}: known are {', '.join(among)}, and a prompt file NAME.yaml"
