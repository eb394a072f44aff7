"""What villagers do besides talking: it starts, it goes on over ticks, it ends, and it writes its events."""

from __future__ import annotations

from collections.abc import Mapping

from burgh.sim.clock import Clock
from burgh.sim.types import Action, Event, Events, Json, Percept
from burgh.worlds.town.body import GO, SLEEP, USE, WAIT, Body
from burgh.worlds.town.furniture import after_use, in_use
from burgh.worlds.town.map import TownMap
from burgh.worlds.town.movement import PATIENCE_TICKS
from burgh.worlds.town.texts import Texts


class Deeds:
    """Starts and ends what the bodies do. objects: the state of each object by path, changed in place."""

    def __init__(
        self,
        town_map: TownMap,
        clock: Clock,
        bodies: Mapping[str, Body],
        objects: dict[str, str],
        language: str = "en",
    ) -> None:
        self.map = town_map
        self.clock = clock
        self.bodies = bodies
        self.objects = objects
        self.texts = Texts(town_map, language)
        self.changes: list[tuple[Event, str]] = []  # object events of this tick, and where they can be seen

    def place(self, body: Body) -> str:
        return self.map.place_at(body.tile).path

    def start(self, body: Body, action: Action, tick: int, events: Events) -> None:
        """Puts a new deed in place of what was under way. `say` is no deed: see talk.py."""
        tool, arguments = action.answer["tool"], action.answer["arguments"]
        if body.asleep:  # its mind has woken it before the time
            body.last_event = events.add("woke", body.name, {}, (action.id,)).id
        self._leave(body, events)
        body.doing, body.cause = tool, action.id
        if tool == GO:
            self._set_out(body, arguments["place"], events)
            return
        body.duration = self.clock.ticks(arguments["minutes"])
        if tool == USE:
            body.activity, body.object = arguments["activity"], arguments["object"]
            self._approach(body, arguments["object"])
        elif tool == SLEEP:
            body.object = bed = self._bed(body)
            if bed is not None:
                self._approach(body, bed)
        if not body.walking:
            self._begin(body, tick, events)

    def expire(self, body: Body, tick: int, events: Events) -> None:
        """Ends what has run its time."""
        if body.until_tick is None or body.until_tick > tick:
            return
        place = self.place(body)
        if body.doing == USE:
            data = {"activity": body.activity, "object": body.object}
            ended = events.add("finished", body.name, data, (body.cause,))
            self._felt(body, ended, self.texts.finished(body, place), data)
        elif body.doing == SLEEP:
            ended = events.add("woke", body.name, {}, (body.cause,))
            self._felt(body, ended, self.texts.woke(body.name, place), {})
        self._leave(body, events)

    def aim_again(self, body: Body, standing: Mapping[int, Body], events: Events) -> None:
        """A walker whose tile someone has come to stand on looks for the next one, or gives up."""
        holder = None if body.target is None else standing.get(body.target)
        if holder is None or holder is body or holder.walking:
            return
        path = body.goal or body.object
        assert path is not None
        spot = self._free_spot(body, path)
        if spot is not None:
            body.target = spot if spot != body.tile else None
            body.detour = []
        elif body.doing == GO:
            self._give_up(body, path, self.texts.full(path), events)
        else:
            body.target = None

    def after_walking(self, body: Body, tick: int, events: Events) -> None:
        """Someone with a way to go: it is there, or has lost patience, or walks on next tick."""
        if body.target is not None and body.tile != body.target:
            if body.stuck < PATIENCE_TICKS and body.patience > 0:
                return
            if body.doing == GO:
                assert body.goal is not None
                self._give_up(body, body.goal, self.texts.say("in_the_way"), events)
            else:  # at the thing, but for a step: it will do from here
                self._begin(body, tick, events)
        elif body.doing == GO:
            self._arrive(body, events)
        elif body.until_tick is None:
            self._begin(body, tick, events)

    def _set_out(self, body: Body, path: str, events: Events) -> None:
        body.goal, body.held_until = path, 0
        if self.place(body) == path and not self.map.doors[body.tile]:
            self._arrive(body, events)
            return
        spot = self._free_spot(body, path)
        if spot is None:
            self._give_up(body, path, self.texts.full(path), events)
            return
        self._aim(body, spot)
        event = events.add("set_out", body.name, {"place": path}, (body.cause,))
        body.cause = body.last_event = event.id

    def _approach(self, body: Body, path: str) -> None:
        """Towards the nearest tile at an object that nobody has; one who cannot get nearer stays."""
        item = self.map.tree.objects[path]
        spot = self._free_spot(body, path)
        x, y = self.map.xy(body.tile)
        beside = abs(x - item.x) + abs(y - item.y) == 1 and item.kind != "bed"
        if spot is not None and spot != body.tile and not beside:
            self._aim(body, spot)

    def _bed(self, body: Body) -> str | None:
        """The first bed where it is that nobody else is in or on the way to; where all are, the first."""
        beds = [item for item in self.map.tree.objects_in(self.place(body)) if item.kind == "bed"]
        free = (bed for bed in beds if self._free_spot(body, bed.path) == self.map.tile(bed.x, bed.y))
        chosen = next(free, beds[0] if beds else None)
        return None if chosen is None else chosen.path

    def _aim(self, body: Body, spot: int) -> None:
        """Off to a tile, with patience for twice the cost of the way."""
        body.target = spot
        body.patience = 2 * int(self.map.fields.field(spot).cost[body.tile]) + PATIENCE_TICKS

    def _free_spot(self, body: Body, path: str) -> int | None:
        taken = {
            other.tile if other.target is None else other.target
            for other in self.bodies.values()
            if other is not body
        }
        return next((tile for tile in self.map.standing(path) if tile not in taken), None)

    def _begin(self, body: Body, tick: int, events: Events) -> None:
        """Work, sleep or a wait begins here and now."""
        body.target, body.stuck, body.detour = None, 0, []
        body.until_tick = tick + body.duration
        until = {"until_tick": body.until_tick}
        if body.doing == WAIT:
            event = events.add("waited", body.name, until, (body.cause,))
        elif body.doing == SLEEP:
            event = events.add("slept", body.name, until, (body.cause,))
        else:
            data = {"activity": body.activity, "object": body.object, **until}
            event = events.add("began", body.name, data, (body.cause,))
        body.cause = body.last_event = event.id
        if body.object is not None:
            self._change(body, body.object, in_use(self.map.tree.objects[body.object].kind), events)

    def _arrive(self, body: Body, events: Events) -> None:
        place = self.place(body)
        event = events.add("arrived", body.name, {"place": place}, (body.cause,))
        self._felt(body, event, self.texts.arrived(body.name, place), {"place": place})
        body.stop()

    def _give_up(self, body: Body, path: str, why: str, events: Events) -> None:
        event = events.add("blocked", body.name, {"place": path, "why": why}, (body.cause,))
        text = self.texts.gave_up(body.name, path, why)
        self._felt(body, event, text, {"place": path, "why": why})
        body.stop()

    def _leave(self, body: Body, events: Events) -> None:
        """Lets go of whatever is under way; the thing in use stays as use has left it."""
        if body.object is not None and body.until_tick is not None:
            path, cause = body.object, body.cause
            body.stop()
            if not any(other.object == path and other.until_tick for other in self.bodies.values()):
                body.cause = cause
                self._change(body, path, after_use(self.map.tree.objects[path].kind), events)
        body.stop()

    def _change(self, body: Body, path: str, state: str, events: Events) -> None:
        if self.objects[path] != state:
            self.objects[path] = state
            event = events.add("object", body.name, {"path": path, "state": state}, (body.cause,))
            self.changes.append((event, self.map.tree.objects[path].place))

    def _felt(self, body: Body, event: Event, text: str, data: Mapping[str, Json]) -> None:
        body.last_event = event.id
        body.percepts.append(Percept(event.id, "outcome", text, (body.name,), {"kind": event.kind, **data}))
