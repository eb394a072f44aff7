"""Every format of sale as a kind of world: bidders by rule or by prompt, one game or many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import create_model

from burgh.scenarios.faults import Fault
from burgh.scenarios.kinds import Means, Measures
from burgh.scenarios.kinds import sale_spec as spec
from burgh.scenarios.kinds.minds import any_asks, mind_faults, mind_of
from burgh.scenarios.kinds.sale_spec import Bidder, Market, Sale, Trader
from burgh.sim.protocols import Mind, World
from burgh.sim.types import BurghError, Event
from burgh.worlds import auctions
from burgh.worlds.auctions.rules.sealed import SEALED_RULES, kth_price
from burgh.worlds.auctions.values import Given

Make = Callable[[Any, int], auctions.House]  # from a scenario and a seed
USUAL = "truthful"  # the mind of a bidder of whom nothing is said
COMMON = {"kind", *spec.SaleWorld.model_fields}


@dataclass(frozen=True)
class SaleKind:
    """See `Kind`. world_model: what stands under `world`. market: whether bidders buy or sell."""

    name: str
    world_model: type[spec.SaleWorld]
    make: Make
    market: bool = False

    @cached_property
    def scenario(self) -> type[Sale]:
        base: type[Sale] = Market if self.market else spec.Auction
        made: type[Sale] = create_model("Scenario", __base__=base, world=(self.world_model, ...))
        return made

    def faults(self, scenario: Sale, *, whole: bool) -> Iterable[Fault]:
        from burgh.agents.bidders.kinds import bidder_kind

        yield from (faults := [*mind_faults(scenario, bidder_kind, USUAL), *_value_faults(scenario)])
        if faults or not whole:
            return
        try:
            self.world(scenario)
        except BurghError as error:
            yield Fault(("world",), str(error))
        else:
            yield from self._equilibrium_faults(scenario)

    def _equilibrium_faults(self, scenario: Sale) -> Iterator[Fault]:
        """A bidder who bids as in equilibrium, where none is known: told before anyone bids."""
        from burgh.agents.bidders.strategies import equilibrium_bid

        seats = [n for n in _seats(scenario) if mind_of(scenario, n, USUAL)[0] == "equilibrium"]
        house = self.make(scenario, scenario.seed) if seats else None
        if house is None:
            return
        house.begin()
        if not house.is_open:
            return
        seen = house.observe(1)
        sides = {seen[scenario.agents[n].name].state.get("side"): n for n in reversed(seats)}
        for n in sorted(sides.values()):
            try:
                equilibrium_bid(1.0, seen[scenario.agents[n].name].state)
            except BurghError as error:
                own = scenario.agents[n].mind.kind is not None
                yield Fault(("agents", n, "mind", "kind") if own else ("mind", "kind"), str(error))

    def world(self, scenario: Sale) -> World:
        if scenario.world.games == 1:
            return self.make(scenario, scenario.seed)
        return auctions.Series(lambda seed: self.make(scenario, seed), scenario.world.games, scenario.seed)

    def asks(self, scenario: Sale) -> bool:
        from burgh.agents.bidders.kinds import bidder_kind

        return any_asks(scenario, bidder_kind, USUAL)

    def remembers(self, scenario: Sale) -> bool:
        return False

    def minds(self, scenario: Sale, means: Means) -> tuple[Mind, ...]:
        from burgh.agents.bidders.kinds import Seat, bidder_kind

        minds = []
        for n, agent in enumerate(scenario.agents):
            name, options = mind_of(scenario, n, USUAL)
            kind = bidder_kind(name)
            seat = Seat(agent.name, means.llm, scenario.clock, scenario.seed, scenario.language, means.person)
            minds.append(kind.make(seat, kind.options(**options)))
        return tuple(minds)

    def measures(self, scenario: Sale, events: Iterable[Event]) -> Measures:
        from burgh.scenarios.kinds.sale_measures import measures

        return measures(events)

    def about(self, scenario: Sale) -> str:
        games = scenario.world.games
        return f"in a {self.name} sale" if games == 1 else f"in {games} {self.name} sales"


def _seats(scenario: Sale) -> range:
    return range(len(scenario.agents))


def _value_faults(scenario: Sale) -> Iterator[Fault]:
    """Values that only some bidders name, or of other than all lots."""
    naming = [n for n in _seats(scenario) if scenario.agents[n].values is not None]
    lots = len(scenario.world.lots)
    for n in naming:
        here = ("agents", n, "values")
        if scenario.world.kind not in GIVEN_FORMATS:
            yield Fault(here, f"values are drawn in a {scenario.world.kind} sale: see world.values")
        elif len(scenario.agents[n].values or ()) != lots:
            yield Fault(here, f"these are {len(scenario.agents[n].values or ())} values, for {lots} lots")
    if naming and len(naming) < len(scenario.agents):
        missing = next(n for n in _seats(scenario) if n not in naming)
        yield Fault(("agents", missing, "values"), "other bidders have a list of values: name this one's too")


def _common(scenario: Sale, seed: int) -> dict[str, Any]:
    """What all formats are made with, and what the format says of itself."""
    world = scenario.world
    terms = auctions.Terms(world.reserve, world.entry_fee, world.step, world.limit_ticks, world.reveal)
    own = {name: getattr(world, name) for name in type(world).model_fields if name not in COMMON}
    return {**own, "seed": seed, "terms": terms, "clock": scenario.clock, **_purses(scenario)}


def _purses(scenario: Sale) -> dict[str, Any]:
    """budgets: of those who name none, the world's; None where nobody names any."""
    usual = scenario.world.budget
    named = {agent.name: agent.budget for agent in scenario.agents if agent.budget is not None}
    if not named:
        return {"budgets": usual}
    missing = [agent.name for agent in scenario.agents if agent.name not in named]
    if usual is None and missing:
        raise BurghError(f"{missing[0]} has no budget: give each bidder one, or all by world.budget")
    return {"budgets": {agent.name: named.get(agent.name, usual) for agent in scenario.agents}}


def _names(agents: Iterable[Bidder]) -> tuple[str, ...]:
    return tuple(agent.name for agent in agents)


def _lots(scenario: Sale) -> tuple[auctions.Lot, ...]:
    return tuple(auctions.Lot(lot.item, lot.start) for lot in scenario.world.lots)


def _house(house: Callable[..., auctions.House], **more: Any) -> Make:
    """A sale by the house of the world's lots."""

    def make(scenario: Sale, seed: int) -> auctions.House:
        said: dict[str, Any] = {**_common(scenario, seed), "lots": _lots(scenario), **more}
        if scenario.agents and scenario.agents[0].values is not None:
            values: Any = Given(tuple(tuple(agent.values or ()) for agent in scenario.agents))
        else:
            values = scenario.world.values.joint()
        return house(_names(scenario.agents), values, **said)

    return make


def _sealed(scenario: Any, seed: int) -> auctions.House:
    rule = SEALED_RULES[scenario.world.kind]
    return _house(auctions.SealedAuction, rule=rule)(scenario, seed)


def _kth_price(scenario: Any, seed: int) -> auctions.House:
    rule = kth_price(scenario.world.rank)

    def house(*args: Any, rank: int, **more: Any) -> auctions.House:
        return auctions.SealedAuction(*args, rule=rule, **more)

    return _house(house)(scenario, seed)


def _sequential(scenario: Any, seed: int) -> auctions.House:
    said = {**_common(scenario, seed), "lots": _lots(scenario) or None}
    return auctions.SequentialSale(_names(scenario.agents), **said)


def _market(market: Callable[..., auctions.House]) -> Make:
    def make(scenario: Any, seed: int) -> auctions.House:
        said = _common(scenario, seed)
        costs = said.pop("costs")
        said |= {"lots": _lots(scenario), "costs": None if costs is None else costs.joint()}
        return market(*_sides(scenario.agents), scenario.world.values.joint(), **said)

    return make


def _sides(agents: Iterable[Trader]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    agents = tuple(agents)
    buyers, sellers = (_names(one for one in agents if one.side == side) for side in ("buy", "sell"))
    return buyers, sellers


def _bargaining(buyers: tuple[str, ...], sellers: tuple[str, ...], *args: Any, **more: Any) -> auctions.House:
    if len(buyers) != 1 or len(sellers) != 1:
        raise BurghError(
            f"bargaining is between one who buys and one who sells, not {len(buyers)} and {len(sellers)}"
        )
    return auctions.Bargaining(buyers[0], sellers[0], *args, **more)


FIRST_PRICE = SaleKind("first-price", spec.Sealed, _sealed)
SECOND_PRICE = SaleKind("second-price", spec.Sealed, _sealed)
THIRD_PRICE = SaleKind("third-price", spec.Sealed, _sealed)
ALL_PAY = SaleKind("all-pay", spec.Sealed, _sealed)
KTH_PRICE = SaleKind("kth-price", spec.KthPrice, _kth_price)
DUTCH = SaleKind("dutch", spec.Dutch, _house(auctions.DutchClock))
ENGLISH_CLOCK = SaleKind("english-clock", spec.EnglishClock, _house(auctions.EnglishClock))
ENGLISH = SaleKind("english", spec.English, _house(auctions.EnglishOutcry))
SEQUENTIAL = SaleKind("sequential", spec.Sequential, _sequential)
UNIFORM_PRICE = SaleKind("uniform-price", spec.Units, _house(auctions.MultiUnit, uniform=True))
DISCRIMINATORY = SaleKind("discriminatory", spec.Units, _house(auctions.MultiUnit, uniform=False))
VCG = SaleKind("vcg", spec.Packages, _house(auctions.PackageAuction))
GSP = SaleKind("gsp", spec.Positions, _house(auctions.PositionAuction, vcg=False))
POSITION_VCG = SaleKind("position-vcg", spec.Positions, _house(auctions.PositionAuction, vcg=True))
CALL_MARKET = SaleKind("call-market", spec.CallMarket, _market(auctions.CallMarket), market=True)
DOUBLE_AUCTION = SaleKind(
    "double-auction", spec.DoubleAuction, _market(auctions.ContinuousDoubleAuction), market=True
)
BARGAINING = SaleKind("bargaining", spec.Bargaining, _market(_bargaining), market=True)
GIVEN_FORMATS = (*SEALED_RULES, "kth-price", "dutch", "english-clock", "english", "gsp", "position-vcg")
