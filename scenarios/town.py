"""The town of a scenario: its map, its residents at home, and the news it will hear."""

from __future__ import annotations

from importlib.resources import files

from burgh.scenarios.nearest import suggest
from burgh.scenarios.spec import Scenario
from burgh.scenarios.square import auction_of
from burgh.sim.types import BurghError
from burgh.worlds.town import WHISPER, Happening, Resident, Town, TownMap, load_map


def maps() -> tuple[str, ...]:
    """The names of the maps that come with the package."""
    names = (entry.name for entry in (files("burgh.assets") / "maps").iterdir())
    return tuple(sorted(name.removesuffix(".json") for name in names if name.endswith(".json")))


def town_map(scenario: Scenario) -> TownMap:
    """The map of a scenario's town: from the library, or a Tiled file beside the scenario."""
    name = scenario.world.map
    if name.endswith(".json"):
        return load_map(scenario.folder / name, scenario.language)
    known = maps()
    if name not in known:
        raise BurghError(f"there is no map {name!r}: {suggest(name, known)}")
    return load_map(files("burgh.assets") / "maps" / f"{name}.json", scenario.language)


def build_town(scenario: Scenario, drawn: TownMap | None = None) -> Town:
    """A fresh town at the scenario's start. drawn: its map, where it was read already."""
    residents = [
        Resident(agent.name, agent.home, {**agent.look.model_dump(), "job": agent.job}, agent.coins)
        for agent in scenario.agents
    ]
    happenings = [
        Happening(
            tick=scenario.tick_at(happening.at, happening.day),
            speaker=happening.speaker,
            to=happening.to,
            meaning=happening.say,
            fact=happening.fact or "",
        )
        for happening in scenario.happenings
    ] + [
        Happening(
            tick=scenario.tick_at(whisper.at, whisper.day),
            speaker="",
            to=whisper.to,
            meaning=whisper.say,
            fact=whisper.fact or "",
            act=WHISPER,
        )
        for whisper in scenario.whispers
    ]
    return Town(
        drawn or town_map(scenario),
        residents,
        happenings,
        auction=auction_of(scenario),
        seed=scenario.seed,
        clock=scenario.clock,
        language=scenario.language,
    )
