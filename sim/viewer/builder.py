"""Events to scenes: applies one event after the other and can tell, at any moment, what there is to draw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import ClassVar

from burgh.sim.clock import Clock
from burgh.sim.types import Event, Json
from burgh.sim.viewer import sale, shop, trade
from burgh.sim.viewer.light import light_at
from burgh.sim.viewer.sale import SaleView
from burgh.sim.viewer.scene import (
    NO_SALE,
    Bubble,
    Caption,
    Layer,
    Person,
    Place,
    Scene,
    Thing,
    TownMap,
    facing_of,
    life_of,
)
from burgh.sim.viewer.wording import told

MAX_CAPTIONS = 40
MOST_SAID = 400  # in a crowd, before those that have faded are looked for
NO_START = datetime(2000, 1, 1, 8, 0)


@dataclass(frozen=True, slots=True)
class Said:
    """Words that may still hang in the air."""

    id: str
    tick: int
    speaker: str
    over: str | None
    to: str
    words: str


@dataclass(frozen=True, slots=True)
class Kept:
    """A builder's state as it is kept in an index: all but the map, which the run records once."""

    tick: int
    clock: Clock
    people: tuple[Person, ...]
    things: tuple[Thing, ...]
    ended: str | None
    sale: SaleView
    said: tuple[Said, ...]
    captions: tuple[Caption, ...]
    trade: trade.TradeView = trade.NO_TRADE
    shop: shop.ShopView = shop.NO_SHOP


class SceneBuilder:
    """The state after some events. `copy` is cheap (persons and things are frozen), so keyframes are too."""

    def __init__(self) -> None:
        self.clock = Clock(NO_START)
        self.tick = 0
        self.town = TownMap()
        self.people: dict[str, Person] = {}
        self.names: list[str] = []  # in the order in which they were placed
        self.things: dict[str, Thing] = {}
        self.ended: str | None = None
        self.sale = NO_SALE
        self.trade = trade.NO_TRADE
        self.shop = shop.NO_SHOP
        self._said: dict[str | None, Said] = {}  # by over whom; the latest last
        self._captions: tuple[Caption, ...] = ()

    def copy(self) -> SceneBuilder:
        twin = SceneBuilder()
        twin.__dict__.update(self.__dict__)
        twin.people = dict(self.people)
        twin.names = list(self.names)
        twin.things = dict(self.things)
        twin._said = dict(self._said)
        return twin

    def keep(self) -> Kept:
        """The state without the map."""
        self._forget()
        return Kept(
            self.tick,
            self.clock,
            tuple(self.people.values()),
            tuple(self.things.values()),
            self.ended,
            self.sale,
            tuple(self._said.values()),
            self._captions,
            self.trade,
            self.shop,
        )

    @classmethod
    def of(cls, kept: Kept, town: TownMap) -> SceneBuilder:
        """The builder that had this state."""
        self = cls()
        self.tick, self.clock, self.town = kept.tick, kept.clock, town
        self.people = {person.name: person for person in kept.people}
        self.names = list(self.people)
        self.things = {thing.path: thing for thing in kept.things}
        self.ended, self.sale, self.trade, self.shop = kept.ended, kept.sale, kept.trade, kept.shop
        self._said, self._captions = {said.over: said for said in kept.said}, kept.captions
        return self

    def move(self, number: int, x: int, y: int) -> None:
        """Moves the person who was placed as the so-manieth: what a `moved` event does, in less time."""
        old = self.people[self.names[number]]
        facing = facing_of(x - old.x, y - old.y, old.facing)
        self.people[old.name] = Person(
            old.name, x, y, old.place, old.look, facing, False, old.activity, old.goal, False, old.using
        )

    def apply(self, event: Event) -> None:
        """Takes over what an event changes; kinds that change nothing to be seen are passed over."""
        self.tick = event.tick
        handler = self._HANDLERS.get(event.kind)
        if handler is not None:
            handler(self, event, event.data)
        elif text := self._market(event):
            self._note(event, text)

    def _market(self, event: Event) -> str:
        """Takes over an event of a sale, an exchange or a storefront. Returns what is to be told of it."""
        if (traded := trade.apply(self.trade, event)) is not None:
            self.trade, text = traded
        elif (shopped := shop.apply(self.shop, event)) is not None:
            self.shop, text = shopped
        elif (after := sale.apply(self.sale, event)) is not None:
            self.sale, text = after
        else:
            text = ""
        return text

    def scene(self, tick: float | None = None) -> Scene:
        """What there is to draw at a tick (default: that of the last event)."""
        at = self.tick if tick is None else tick
        time = self.clock.start + timedelta(seconds=at * self.clock.tick_seconds)
        return Scene(
            tick=at,
            time=time,
            light=light_at(time),
            town=self.town,
            people=dict(self.people),
            things=dict(self.things),
            bubbles=self._bubbles(at),
            captions=self._captions,
            ended=self.ended,
            sale=self.sale,
            trade=self.trade,
            shop=self.shop,
        )

    @property
    def captions(self) -> tuple[Caption, ...]:
        """The last lines for the log."""
        return self._captions

    def _bubbles(self, tick: float) -> tuple[Bubble, ...]:
        shown = []
        for said in self._said.values():
            age, life = tick - said.tick, life_of(said.words)
            if not 0 <= age < life:
                continue
            person = self.people.get(said.over or "")
            x, y = (person.x, person.y) if person else (0.0, 0.0)
            over = said.over if person else None
            shown.append(Bubble(said.id, said.words, said.speaker, said.to, over, x, y, age, life))
        return tuple(shown)

    def _forget(self) -> None:
        """Lets go of words that have faded."""
        self._said = {
            over: said for over, said in self._said.items() if self.tick - said.tick < life_of(said.words)
        }

    def _note(self, event: Event, text: str | None = None) -> None:
        text = told(event) if text is None else text
        caption = Caption(event.tick, event.agent or "", text)
        self._captions = (*self._captions[-(MAX_CAPTIONS - 1) :], caption)

    def _change(self, event: Event, **changes: Json) -> Person | None:
        """Changes the person whom an event is about, if there is one."""
        person = self.people.get(event.agent or "")
        if person is None:
            return None
        changed = replace(person, **changes)
        self.people[person.name] = changed
        return changed

    def _on_run_started(self, event: Event, data: Mapping[str, Json]) -> None:
        self.clock = Clock(datetime.fromisoformat(data["start"]), int(data["tick_seconds"]))

    def _on_run_ended(self, event: Event, data: Mapping[str, Json]) -> None:
        self.ended = str(data["reason"])

    def _on_scene(self, event: Event, data: Mapping[str, Json]) -> None:
        layers = tuple(
            Layer(str(layer["name"]), tuple(tuple(row) for row in layer["rows"])) for layer in data["layers"]
        )
        places = tuple(
            Place(p["path"], p["kind"], p["x"], p["y"], p["width"], p["height"]) for p in data["places"]
        )
        self.town = TownMap(int(data["width"]), int(data["height"]), layers, places)
        self.things = {
            thing["path"]: Thing(thing["path"], thing["kind"], thing["x"], thing["y"], thing["state"] or "")
            for thing in data["objects"]
        }

    def _on_placed(self, event: Event, data: Mapping[str, Json]) -> None:
        name = event.agent or ""
        if name not in self.people:
            self.names.append(name)
        self.people[name] = Person(name, data["x"], data["y"], data["place"], dict(data["look"]))

    def _on_moved(self, event: Event, data: Mapping[str, Json]) -> None:
        person = self.people.get(event.agent or "")
        if person is not None:
            facing = facing_of(data["x"] - person.x, data["y"] - person.y, person.facing)
            self._change(event, x=data["x"], y=data["y"], facing=facing, asleep=False)

    def _on_set_out(self, event: Event, data: Mapping[str, Json]) -> None:
        self._change(event, goal=data["place"], activity="", asleep=False)
        self._note(event)

    def _on_arrived(self, event: Event, data: Mapping[str, Json]) -> None:
        self._change(event, goal="", place=data["place"])
        self._note(event)

    def _on_blocked(self, event: Event, data: Mapping[str, Json]) -> None:
        self._change(event, goal="")
        self._note(event)

    def _on_began(self, event: Event, data: Mapping[str, Json]) -> None:
        thing = self.things.get(data["object"] or "")
        using = thing.kind if thing is not None else ""
        person = self._change(event, activity=str(data["activity"]), asleep=False, using=using)
        if person is not None and thing is not None:
            self._change(event, facing=facing_of(thing.x - person.x, thing.y - person.y, person.facing))
        self._note(event)

    def _on_finished(self, event: Event, data: Mapping[str, Json]) -> None:
        self._change(event, activity="")

    def _on_object(self, event: Event, data: Mapping[str, Json]) -> None:
        thing = self.things.get(data["path"])
        if thing is not None:
            self.things[thing.path] = replace(thing, state=data["state"] or "")

    def _on_object_put(self, event: Event, data: Mapping[str, Json]) -> None:
        self.things[data["path"]] = Thing(data["path"], data["kind"], data["x"], data["y"], data["state"])
        self._note(event)

    def _on_waited(self, event: Event, data: Mapping[str, Json]) -> None:
        self._change(event, activity="waiting")

    def _on_slept(self, event: Event, data: Mapping[str, Json]) -> None:
        self._change(event, asleep=True, activity="sleeping", goal="")
        self._note(event)

    def _on_woke(self, event: Event, data: Mapping[str, Json]) -> None:
        self._change(event, asleep=False, activity="")
        self._note(event)

    def _on_said(self, event: Event, data: Mapping[str, Json]) -> None:
        speaker, to, words = str(data["speaker"]), str(data["to"] or ""), str(data["words"])
        over = event.agent or to or None
        if len(self._said) > 2 * MOST_SAID:
            self._forget()
        self._said.pop(over, None)
        self._said[over] = Said(event.id, event.tick, speaker, over, to, words)
        person, other = self.people.get(event.agent or ""), self.people.get(to)
        if person is not None and other is not None:
            self._change(event, facing=facing_of(other.x - person.x, other.y - person.y, person.facing))
        self._note(event)

    def _on_whispered(self, event: Event, data: Mapping[str, Json]) -> None:
        self._note(event)

    def _on_happened(self, event: Event, data: Mapping[str, Json]) -> None:
        self._note(event)

    def _on_planned(self, event: Event, data: Mapping[str, Json]) -> None:
        if data["changed"] == "revised" and data.get("new"):
            self._note(event)

    def _on_memory(self, event: Event, data: Mapping[str, Json]) -> None:
        if data["kind"] == "reflection":
            self._note(event)

    _HANDLERS: ClassVar[dict[str, Callable[[SceneBuilder, Event, Mapping[str, Json]], None]]] = {
        "run_started": _on_run_started,
        "run_ended": _on_run_ended,
        "scene": _on_scene,
        "placed": _on_placed,
        "moved": _on_moved,
        "set_out": _on_set_out,
        "arrived": _on_arrived,
        "blocked": _on_blocked,
        "began": _on_began,
        "finished": _on_finished,
        "object": _on_object,
        "waited": _on_waited,
        "slept": _on_slept,
        "woke": _on_woke,
        "said": _on_said,
        "whispered": _on_whispered,
        "happened": _on_happened,
        "object_put": _on_object_put,
        "planned": _on_planned,
        "memory": _on_memory,
    }
