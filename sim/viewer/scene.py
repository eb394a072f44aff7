"""What can be drawn at one moment: plain values, no pygame, so that tests and exports read them too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from burgh.sim.viewer.light import Light
from burgh.sim.viewer.sale import SaleView
from burgh.sim.viewer.shop import NO_SHOP, ShopView
from burgh.sim.viewer.trade import NO_TRADE, TradeView

NO_SALE = SaleView()
Facing = Literal["down", "up", "left", "right"]


@dataclass(frozen=True, slots=True)
class Place:
    """A named area of the map, in tiles."""

    path: str
    kind: str
    x: int
    y: int
    width: int
    height: int

    @property
    def name(self) -> str:
        return self.path.rsplit(" : ", 1)[-1]

    @property
    def depth(self) -> int:
        """0 for the town, 1 for its places, 2 for rooms."""
        return self.path.count(" : ")


@dataclass(frozen=True, slots=True)
class Thing:
    """An object of the map and the state it is in."""

    path: str
    kind: str
    x: int
    y: int
    state: str

    @property
    def name(self) -> str:
        return self.path.rsplit(" : ", 1)[-1]


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer of the map: rows of tile names, None where there is nothing."""

    name: str
    rows: tuple[tuple[str | None, ...], ...]


@dataclass(frozen=True, slots=True)
class TownMap:
    """What never changes while a run lasts. Sizes in tiles."""

    width: int = 0
    height: int = 0
    layers: tuple[Layer, ...] = ()
    places: tuple[Place, ...] = ()


@dataclass(
    slots=True
)  # a frozen one takes three times as long to make, and a crowd is made 60 times a second
class Person:
    """x, y in tiles, between two tiles while walking. activity: "" when there is nothing under way.

    A value like the others: it is never changed, only replaced.
    """

    name: str
    x: float
    y: float
    place: str = ""
    look: Mapping[str, str] = field(default_factory=dict)
    facing: Facing = "down"
    walking: bool = False
    activity: str = ""
    goal: str = ""
    asleep: bool = False
    using: str = ""  # the kind of object that the activity is done at

    def stepping(self, dx: float, dy: float, fraction: float) -> Person:
        """That fraction of a step on."""
        return Person(
            self.name,
            self.x + dx * fraction,
            self.y + dy * fraction,
            self.place,
            self.look,
            facing_of(dx, dy, self.facing),
            True,
            self.activity,
            self.goal,
            False,
            self.using,
        )


@dataclass(frozen=True, slots=True)
class Bubble:
    """Something said. over: the person it hangs above, None for a voice that nobody there has.

    age: ticks since it was said. life: for how many ticks it shows.
    """

    id: str
    text: str
    speaker: str
    to: str
    over: str | None
    x: float
    y: float
    age: float
    life: float

    @property
    def opacity(self) -> float:
        """1 when fresh, fading to 0 over the last fifth of its life."""
        left = (self.life - self.age) / (self.life * 0.2)
        return max(0.0, min(1.0, left))


@dataclass(frozen=True, slots=True)
class Caption:
    """A line for the log: what happened, in words. agent: whom it is about, "" for none."""

    tick: int
    agent: str
    text: str


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything to draw at a tick. Fractions of ticks lie between the states of two ticks."""

    tick: float
    time: datetime
    light: Light
    town: TownMap
    people: Mapping[str, Person]
    things: Mapping[str, Thing]
    bubbles: tuple[Bubble, ...]
    captions: tuple[Caption, ...]
    ended: str | None = None
    sale: SaleView = NO_SALE
    trade: TradeView = NO_TRADE
    shop: ShopView = NO_SHOP


def place_name(path: str) -> str:
    """A place as it is called in the town: without the town's name where there is more."""
    parts = path.split(" : ")
    return " ".join(parts[1:] or parts)


def facing_of(dx: float, dy: float, before: Facing) -> Facing:
    """Where one looks who turns to something dx to the right and dy down; sideways wins ties."""
    if dx == 0 and dy == 0:
        return before
    if abs(dx) >= abs(dy):
        return "right" if dx > 0 else "left"
    return "down" if dy > 0 else "up"


def life_of(words: str) -> int:
    """For how many ticks a bubble shows: long enough to be read at one game minute a second."""
    return max(8, min(30, 6 + len(words) // 6))
