"""What shines in a town at a time of day: lanterns, fires, and the windows behind which somebody is awake."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from burgh.sim.viewer.backdrop import Backdrop
from burgh.sim.viewer.noise import hash_cell
from burgh.sim.viewer.opening import homes_of
from burgh.sim.viewer.scene import Thing
from burgh.sim.viewer.sprites import LIT_STATES
from burgh.sim.viewer.walls import Pane

GLOWS = {"lantern": 52, "hearth": 44, "oven": 40, "altar": 30}  # how far each shines, in pixels of the map


@dataclass(frozen=True, slots=True)
class _Window:
    """A pane, from what chance on it is lit, and the house whose roof hides it when it is closed."""

    pane: Pane
    chance: float
    house: str


class Lights:
    """Keeps which windows are lit for as long as the part of the day and the roofs stay the same."""

    def __init__(self) -> None:
        self._backdrop: Backdrop | None = None
        self._windows: list[_Window] = []
        self._homes: dict[tuple[int, int], str] = {}
        self._key: tuple[str, frozenset[str]] = ("", frozenset())
        self._lit: list[Pane] = []

    def windows(self, backdrop: Backdrop, part: str, closed: Mapping[str, float]) -> list[Pane]:
        """The windows that are lit and not under a roof. part: of the day. closed: see `Roofs`."""
        self._look_at(backdrop)
        key = part, shut_of(closed)
        if key != self._key or not self._lit:
            self._key, awake = key, _awake(part)
            self._lit = [w.pane for w in self._windows if w.chance < awake and w.house not in key[1]]
        return self._lit

    def fires(self, backdrop: Backdrop, things: Iterable[Thing], closed: Mapping[str, float]) -> list[Thing]:
        """Lanterns and what burns, but for what is under a roof."""
        self._look_at(backdrop)
        shut = shut_of(closed)
        return [
            thing
            for thing in things
            if thing.kind in GLOWS
            and (thing.kind == "lantern" or thing.state in LIT_STATES)
            and self._homes.get((thing.x, thing.y)) not in shut
        ]

    def homes(self, backdrop: Backdrop) -> Mapping[tuple[int, int], str]:
        """The house of each tile that is in one."""
        self._look_at(backdrop)
        return self._homes

    def _look_at(self, backdrop: Backdrop) -> None:
        if self._backdrop is backdrop:
            return
        self._backdrop, self._lit = backdrop, []
        self._homes = homes_of([house.place for house in backdrop.houses])
        boxes = [(house.place.path, house.box) for house in backdrop.houses]
        self._windows = [
            _Window(
                pane,
                hash_cell(pane.x, pane.y, 71),
                next((path for path, box in boxes if box.collidepoint(pane.x + 2, pane.y + 2)), ""),
            )
            for pane in backdrop.panes
        ]


def shut_of(closed: Mapping[str, float]) -> frozenset[str]:
    """The houses whose roofs are closed, or nearly so."""
    return frozenset(path for path, share in closed.items() if share > 0.5)


def _awake(part: str) -> float:
    """The share of windows behind which a lamp burns."""
    return {"night": 0.35, "evening": 0.8}.get(part, 0.7)
