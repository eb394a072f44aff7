"""Which roofs are open: those of houses that one looks into, all, or none. They fade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from burgh.sim.viewer.scene import Place, Scene

Mode = Literal["looked into", "all", "none"]
MODES: tuple[Mode, ...] = ("looked into", "all", "none")
FADE_SECONDS = 0.25
NEAR_ZOOM = 2.0  # from here on, a house in the middle of the view is looked into


class Roofs:
    """`closed`: how far each house's roof is closed, 0 to 1, by the house's path.

    Pictures have no time: there a roof is open or closed at once. A window calls `advance` before `look`.
    """

    def __init__(self) -> None:
        self.mode: Mode = "looked into"
        self.closed: dict[str, float] = {}
        self._step: float | None = None

    def advance(self, seconds: float) -> None:
        self._step = (self._step or 0.0) + seconds / FADE_SECONDS

    def turn(self) -> None:
        """Goes to the next mode."""
        self.mode = MODES[(MODES.index(self.mode) + 1) % len(MODES)]

    def look(
        self,
        scene: Scene,
        houses: Sequence[Place],
        homes: Mapping[tuple[int, int], str],
        *,
        selected: str | None = None,
        pointer: tuple[float, float] | None = None,
        middle: tuple[float, float] | None = None,
    ) -> None:
        """Opens and closes.

        homes: the house of each tile that is in one. selected: a villager, whose house is open. pointer,
        middle: points of the map, in tiles, that are looked at.
        """
        wanted = self._wanted(scene, homes, selected, [at for at in (pointer, middle) if at is not None])
        step, self._step = self._step, None if self._step is None else 0.0
        now = {}
        for house in houses:
            goal = 0.0 if house.path in wanted else 1.0
            before = self.closed.get(house.path, goal)
            if step is None or abs(goal - before) <= step:
                now[house.path] = goal
            else:
                now[house.path] = before + (step if goal > before else -step)
        self.closed = now

    def _wanted(
        self,
        scene: Scene,
        homes: Mapping[tuple[int, int], str],
        selected: str | None,
        points: list[tuple[float, float]],
    ) -> set[str]:
        if self.mode != "looked into":
            return set(homes.values()) if self.mode == "all" else set()
        if (person := scene.people.get(selected or "")) is not None:
            points = [*points, (person.x + 0.5, person.y + 0.5)]
        points = [*points, *((bubble.x + 0.5, bubble.y + 0.5) for bubble in scene.bubbles if bubble.over)]
        return {homes[cell] for x, y in points if (cell := (int(x), int(y))) in homes}


def homes_of(houses: Sequence[Place]) -> dict[tuple[int, int], str]:
    """The path of the house of each tile that is in one."""
    return {
        (x, y): house.path
        for house in houses
        for x in range(house.x, house.x + house.width)
        for y in range(house.y, house.y + house.height)
    }
