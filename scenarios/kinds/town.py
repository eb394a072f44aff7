"""The town as a kind of world: villagers who remember, plan, talk and reflect."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from burgh.scenarios.faults import Fault, mind_faults, place_faults, whole_faults
from burgh.scenarios.kinds import Means, Measures
from burgh.scenarios.spec import Scenario
from burgh.scenarios.square import auction_faults
from burgh.sim.protocols import Mind, World
from burgh.sim.types import BurghError, Event


class TownKind:
    """See `Kind`."""

    scenario = Scenario

    def faults(self, scenario: Scenario, *, whole: bool) -> Iterable[Fault]:
        from burgh.agents.minds import known_kinds

        kinds = mind_faults(scenario, known_kinds())
        yield from (faults := [*kinds, *whole_faults(scenario), *auction_faults(scenario)])
        yield from _map_faults(scenario, whole=whole and not faults)

    def world(self, scenario: Scenario) -> World:
        from burgh.scenarios.town import build_town

        return build_town(scenario)

    def asks(self, scenario: Scenario) -> bool:
        return True

    def remembers(self, scenario: Scenario) -> bool:
        return True

    def minds(self, scenario: Scenario, means: Means) -> tuple[Mind, ...]:
        from burgh.scenarios.build import town_minds

        return town_minds(scenario, means)

    def measures(self, scenario: Scenario, events: Iterable[Event]) -> Measures | None:
        return None

    def about(self, scenario: Scenario) -> str:
        return f"on the map {scenario.world.map}"


def _map_faults(scenario: Scenario, *, whole: bool) -> Iterator[Fault]:
    """What the map does not have or, where the scenario is whole but for that, has no room for."""
    from burgh.scenarios.town import build_town, town_map

    try:
        drawn = town_map(scenario)
    except BurghError as error:
        yield Fault(("world", "map"), str(error))
        return
    yield from (faults := list(place_faults(scenario, drawn.tree)))
    if faults or not whole:
        return
    try:
        build_town(scenario, drawn)
    except BurghError as error:
        yield Fault(("agents",), str(error))


TOWN = TownKind()
