"""The storefront as a kind of world: providers who pitch, one customer who chooses, round after round."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from burgh.scenarios.faults import Fault
from burgh.scenarios.kinds import Means, Measures
from burgh.scenarios.kinds.minds import option_faults
from burgh.scenarios.kinds.sale_spec import BidderMind
from burgh.scenarios.kinds.sale_values import Amount
from burgh.scenarios.spec import Basis, Participant, WorldChoice
from burgh.sim.protocols import Mind, World
from burgh.sim.rng import stream
from burgh.sim.types import BurghError, Event

if TYPE_CHECKING:
    from burgh.agents.bidders.kinds import BidderKind

USUAL = {"provider": "honest", "customer": "value"}
Price = Annotated[int, Field(ge=1, le=100_000)]
Quality = Annotated[int, Field(ge=0, le=100)]


class StorefrontWorld(WorldChoice):
    """What holds for all. Money is whole units, quality from 0 to 100."""

    kind: Literal["storefront"]
    rounds: Annotated[int, Field(ge=1, le=10_000)] = 12
    worth: Price = 200
    """What a quality of 100 is worth to the customer; others in proportion."""
    cost: Annotated[int, Field(ge=0, le=100_000)] = 80
    """Of providing a quality of 100."""
    noise: Quality = 10
    """How far a purchase may turn out better or worse."""
    most_price: Price = 200
    reputation: bool = True
    """Whether everyone is shown the stars that buyers gave."""


class Trader(Participant):
    role: Literal["provider", "customer"] = "provider"
    mind: BidderMind = BidderMind()
    quality: Quality | None = None
    """A provider's, which it alone knows; drawn from the seed and its name if none."""
    budget: Amount | None = None
    """A customer's purse, enough for every round if none; what a provider can lose, 0 if none."""


class StorefrontScenario(Basis):
    """A scenario of a storefront."""

    world: StorefrontWorld
    agents: Annotated[list[Trader], Field(max_length=51)]
    mind: BidderMind = BidderMind()
    """That of every provider that names no other."""


def _known(role: str, name: str) -> BidderKind:
    from burgh.agents.kinds import PROVIDERS, SELECTORS, mind_kind

    return mind_kind(SELECTORS if role == "customer" else PROVIDERS, name)


def _mind(scenario: StorefrontScenario, agent: Trader) -> tuple[str, dict[str, Any]]:
    """The kind and the options of a mind: a provider's own, else those of all providers."""
    if agent.role == "customer" or agent.mind.kind is not None:
        return agent.mind.kind or USUAL[agent.role], agent.mind.options
    return scenario.mind.kind or USUAL[agent.role], {**scenario.mind.options, **agent.mind.options}


class StorefrontKind:
    """See `Kind`."""

    scenario = StorefrontScenario

    def faults(self, scenario: StorefrontScenario, *, whole: bool) -> Iterable[Fault]:
        yield from (faults := [*_agent_faults(scenario)])
        if faults or not whole:
            return
        try:
            self.world(scenario)
        except BurghError as error:
            yield Fault(("world",), str(error))

    def world(self, scenario: StorefrontScenario) -> World:
        from burgh.worlds.storefront import Provider, Storefront

        customer = next(one for one in scenario.agents if one.role == "customer")
        providers = [
            Provider(one.name, _quality(scenario, one), one.budget or 0)
            for one in scenario.agents
            if one.role == "provider"
        ]
        said = scenario.world.model_dump(exclude={"kind"})
        return Storefront(
            providers,
            customer.name,
            seed=scenario.seed,
            budget=customer.budget,
            clock=scenario.clock,
            **said,
        )

    def takes(self, agent: Trader, kind: str) -> bool:
        from burgh.agents.kinds import PROVIDERS, SELECTORS, registered

        return kind in registered(SELECTORS if agent.role == "customer" else PROVIDERS)

    def asks(self, scenario: StorefrontScenario) -> bool:
        return any(_known(one.role, _mind(scenario, one)[0]).asks for one in scenario.agents)

    def remembers(self, scenario: StorefrontScenario) -> bool:
        return False

    def minds(self, scenario: StorefrontScenario, means: Means) -> tuple[Mind, ...]:
        from burgh.agents.bidders.kinds import Seat

        minds = []
        for one in scenario.agents:
            name, options = _mind(scenario, one)
            kind = _known(one.role, name)
            seat = Seat(one.name, means.llm, scenario.clock, scenario.seed, scenario.language)
            minds.append(kind.make(seat, kind.options(**options)))
        return tuple(minds)

    def measures(self, scenario: StorefrontScenario, events: Iterable[Event]) -> Measures:
        from burgh.scenarios.kinds.storefront_measures import measures

        return measures(events)

    def about(self, scenario: StorefrontScenario) -> str:
        return f"at a storefront of {scenario.world.rounds} rounds"


def _quality(scenario: StorefrontScenario, one: Trader) -> int:
    if one.quality is not None:
        return one.quality
    return stream(scenario.seed, "quality", one.name).randint(20, 100)


def _agent_faults(scenario: StorefrontScenario) -> Iterator[Fault]:
    customers = [n for n, one in enumerate(scenario.agents) if one.role == "customer"]
    if len(customers) != 1:
        yield Fault(("agents",), f"{len(customers)} of these have the role customer: one has it")
    if len(customers) == len(scenario.agents):
        yield Fault(("agents",), "there is no provider: a storefront needs one at least")
    for n in customers:
        if scenario.agents[n].quality is not None:
            yield Fault(("agents", n, "quality"), "a customer has no quality: that is a provider's")
    for n, one in enumerate(scenario.agents):
        own = one.role == "customer" or one.mind.kind is not None or bool(one.mind.options)
        path: tuple[str | int, ...] = ("agents", n, "mind") if own else ("mind",)
        yield from option_faults(*_mind(scenario, one), partial(_known, one.role), path)


STOREFRONT = StorefrontKind()
