"""Minds of agents that name a kind and its options, for any group of kinds: what each is, and what is wrong
with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from burgh.scenarios.faults import Fault, model_faults
from burgh.sim.types import BurghError

if TYPE_CHECKING:
    from burgh.agents.bidders.kinds import BidderKind

Known = Callable[[str], "BidderKind"]  # a kind by name; raises BurghError


def mind_of(scenario: Any, seat: int, usual: str) -> tuple[str, dict[str, Any]]:
    """The kind and the options of an agent's mind: its own, else those of all. usual: where nobody names
    one."""
    own = scenario.agents[seat].mind
    said = own if own.kind is not None else scenario.mind
    return said.kind or usual, {**said.options, **own.options}


def mind_faults(scenario: Any, known: Known, usual: str) -> Iterator[Fault]:
    """Kinds that nobody has registered, and options that a kind does not take."""
    for n in range(len(scenario.agents)):
        name, options = mind_of(scenario, n, usual)
        own = scenario.agents[n].mind
        path = ("agents", n, "mind") if own.kind is not None or own.options else ("mind",)
        yield from option_faults(name, options, known, path)


def option_faults(
    name: str, options: dict[str, Any], known: Known, path: tuple[str | int, ...]
) -> Iterator[Fault]:
    """What is wrong with one mind. path: where it stands in the scenario."""
    try:
        wanted = known(name).options
        wanted.model_validate(options)
    except ValidationError as error:
        yield from model_faults(error, wanted, path)
    except BurghError as error:
        yield Fault((*path, "kind"), str(error))


def any_asks(scenario: Any, known: Known, usual: str) -> bool:
    """Whether any of these minds asks the language model."""
    kinds: Iterable[str] = {mind_of(scenario, n, usual)[0] for n in range(len(scenario.agents))}
    return any(known(name).asks for name in sorted(kinds))
