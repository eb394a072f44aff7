"""The town as a world: villagers who walk, work, talk, wait and sleep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from difflib import get_close_matches

from burgh.sim.clock import Clock
from burgh.sim.protocols import WorldFacts
from burgh.sim.rng import stream
from burgh.sim.spec import ToolCall
from burgh.sim.types import WORLD, Action, BurghError, Event, Events, Json, Observation, Percept
from burgh.worlds.town import interventions
from burgh.worlds.town.actions import Menu
from burgh.worlds.town.body import Body, Resident
from burgh.worlds.town.deeds import Deeds
from burgh.worlds.town.map import TownMap
from burgh.worlds.town.market import BID, Auction, Market
from burgh.worlds.town.movement import Traffic
from burgh.worlds.town.perception import Senses
from burgh.worlds.town.places import SEPARATOR, Furniture
from burgh.worlds.town.sights import Sights
from burgh.worlds.town.speech import Happening
from burgh.worlds.town.talk import Talk
from burgh.worlds.town.texts import short

NEWS_AGAIN_MINUTES = 10  # someone out of view for so long is news when seen again


class Town:
    """A World (see sim/protocols.py) on a tile map. Raises BurghError for residents or happenings that
    cannot be: an unknown place, a full one, two of one name."""

    def __init__(
        self,
        town_map: TownMap,
        residents: Sequence[Resident],
        happenings: Sequence[Happening] = (),
        *,
        auction: Auction | None = None,
        seed: int,
        clock: Clock,
        vision_tiles: int = 8,
        earshot_tiles: int = 5,
        language: str = "en",
    ) -> None:
        self.map = town_map = town_map.own()
        self.clock = clock
        self.seed = seed
        self.vision_tiles = vision_tiles
        self.earshot_tiles = earshot_tiles
        self.tick = 0
        self._bodies = _settle(town_map, residents)
        self._everyone = tuple(self._bodies.values())
        self._objects = {path: item.state for path, item in town_map.tree.objects.items()}
        self._put: list[Furniture] = []  # things that came from outside
        for news in happenings:
            _check(news, self._bodies)
        if auction is not None:
            town_map.tree.place(auction.place)
        coins = {resident.name: resident.coins for resident in residents}
        self._market = Market(auction, coins, seed=seed, clock=clock, language=language)
        self._menu = Menu(town_map)
        self._talk = Talk(self._bodies, happenings, seed, language)
        self._intervened: list[Event] = []  # of the tick that is about to be applied
        self._deeds = Deeds(town_map, clock, self._bodies, self._objects, language)
        self._sights = Sights(town_map, self._everyone, clock.ticks(NEWS_AGAIN_MINUTES), language)
        self._sense()

    @property
    def facts(self) -> WorldFacts:
        players, conserved = (1, int(self.map.walkable.sum())), ("money", "goods")
        return WorldFacts("town", players=players, spatial=True, conserved=conserved)

    @property
    def agents(self) -> tuple[str, ...]:
        return tuple(self._bodies)

    def begin(self) -> tuple[Event, ...]:
        """The scene and where everyone stands. What they see of it they perceive at tick 1."""
        events = Events(0, WORLD)
        events.add("scene", None, self.map.scene(self._objects))
        for body in self._everyone:
            x, y = self.map.xy(body.tile)
            place = self.map.place_at(body.tile).path
            data = {"x": x, "y": y, "place": place, "look": dict(body.look)}
            body.last_event = events.add("placed", body.name, data).id
        self._market.begin(events)
        self._sights.look(0, self._senses.seen(self.vision_tiles))
        return events.all()

    def observe(self, tick: int) -> Mapping[str, Observation]:
        return {body.name: self._observation(n, body, tick) for n, body in enumerate(self._everyone)}

    def apply(self, tick: int, actions: Mapping[str, Action]) -> tuple[Event, ...]:
        events = Events(tick, WORLD)
        self.tick = tick
        acting = [(body, actions[body.name]) for body in self._everyone if body.name in actions]
        for body in self._everyone:
            body.percepts = []
            self._deeds.expire(body, tick, events)
        self._talk.happen(tick, events)
        for asked in self._intervened:
            if asked.data["what"] == interventions.OBJECT:
                self._put_down(asked, events)
            else:
                self._happen(asked, events)
        self._intervened = []
        says = {body.name: action for body, action in acting if action.answer["tool"] == "say"}
        bids = {body.name: action for body, action in acting if action.answer["tool"] == BID}
        self._talk.speak(says, self._senses, self.earshot_tiles, tick, events)
        for body, action in acting:
            if body.name not in says and body.name not in bids:
                self._deeds.start(body, action, tick, events)
        self._walk(tick, events)
        self._trade(bids, events)
        if len(events):
            self._perceive(tick)
        return events.all()

    def _trade(self, bids: Mapping[str, Action], events: Events) -> None:
        """The auction goes on, among those who are there."""
        present = [body.name for body in self._everyone if self._can_bid(body)]
        for name, percepts in self._market.go_on(present, bids, events).items():
            self._bodies[name].percepts += percepts

    def _can_bid(self, body: Body) -> bool:
        return not body.asleep and self.map.place_at(body.tile).path == self._market.place()

    def check_intervention(self, data: Mapping[str, Json]) -> None:
        interventions.check(data, tuple(self._bodies), tuple(self.map.tree.places))
        if data["what"] == interventions.OBJECT:
            interventions.check_object(data, self.map.tree)

    def intervene(self, event: Event) -> None:
        if event.data["what"] in (interventions.EVENT, interventions.OBJECT):
            self._intervened.append(event)
        else:
            self._talk.waiting.append((interventions.whisper(event.data, event.tick), event.id))

    def _happen(self, asked: Event, events: Events) -> None:
        """Something that those who are awake perceive: all at or under its place, or everyone."""
        where, text = str(asked.data.get("place", "")), str(asked.data["say"])
        seen_by = [body for body in self._everyone if not body.asleep and self._is_in(body, where)]
        data = {"text": text, "place": where, "seen_by": [body.name for body in seen_by]}
        event = events.add("happened", None, data, (asked.id,))
        for body in seen_by:
            body.percepts.append(Percept(event.id, "sight", text, (), {"kind": "event", "place": where}))

    def _put_down(self, asked: Event, events: Events) -> None:
        """A thing now stands in a place, near its middle, on a tile with nothing on it if there is one."""
        name, place = str(asked.data["name"]), self.map.tree.place(str(asked.data["place"]))
        path = SEPARATOR.join((place.path, name))
        if path in self._objects:  # two of one name were asked for at once
            return
        taken = {self.map.tile(item.x, item.y) for item in self.map.tree.objects.values()}
        taken |= {body.tile for body in self._everyone}
        tiles = self.map.standing(place.path)
        x, y = self.map.xy(next((tile for tile in tiles if tile not in taken), tiles[0]))
        self._take(Furniture(path, interventions.kind_of(asked.data), x, y, place.path, ""))
        data = {"path": path, "kind": self._put[-1].kind, "x": x, "y": y, "state": ""}
        event = events.add("object_put", None, data, (asked.id,))
        parts = {"name": name.lower(), "where": place.phrase, "place": short(place.path)}
        text = self._sights.texts.say("put", **parts)
        seen = Percept(event.id, "sight", text, (), {"kind": "object", "path": path, "state": ""})
        for body in self._everyone:
            if not body.asleep and self._is_in(body, place.path):
                body.percepts.append(seen)

    def _take(self, item: Furniture) -> None:
        self._put.append(item)
        self._objects[item.path] = item.state
        self.map.add(item)
        self._menu = Menu(self.map)

    def _is_in(self, body: Body, where: str) -> bool:
        path = self.map.place_at(body.tile).path
        return not where or path == where or path.startswith(f"{where} : ")

    def next_tick(self, tick: int) -> int | None:
        if any(body.free or body.walking or body.percepts for body in self._everyone):
            return tick + 1
        ends = [body.until_tick for body in self._everyone if body.until_tick is not None]
        happening = self._talk.next_happening()
        ends += [due for due in (happening, self._market.next_tick(tick)) if due is not None]
        return max(tick + 1, min(ends)) if ends else None

    def snapshot(self) -> Json:
        return {
            "tick": self.tick,
            "bodies": [body.to_json() for body in self._everyone],
            "objects": dict(self._objects),
            "put": [asdict(item) for item in self._put],
            "turns": dict(self._talk.turns),
            "told": self._talk.told,
            "waiting": self._talk.waiting_json(),
            "market": self._market.snapshot(),
            "totals": self._market.ledger.totals,
        }

    def restore(self, state: Json) -> None:
        """Takes over a snapshot of a town with the same map, residents, happenings and seed; happenings that
        were added at the end since are still to come."""
        names = tuple(body["name"] for body in state["bodies"])
        if names != self.agents:
            raise BurghError(f"the snapshot is of {', '.join(names)}, not of {', '.join(self.agents)}")
        self.tick = state["tick"]
        self._bodies.update({raw["name"]: Body.from_json(raw) for raw in state["bodies"]})
        self._everyone = self._sights.bodies = tuple(self._bodies.values())
        for raw in state.get("put", ()):
            if raw["path"] not in self._objects:
                self._take(Furniture(**raw))
        self._objects.update(state["objects"])
        self._talk.turns = dict(state["turns"])
        self._talk.tell_again_but(state["told"])
        self._talk.waiting = [
            (interventions.whisper(one, one["tick"]), one["cause"]) for one in state["waiting"]
        ]
        self._market.restore(state["market"])
        self._sense()

    def _observation(self, number: int, body: Body, tick: int) -> Observation:
        place = self.map.place_at(body.tile)
        x, y = self.map.xy(body.tile)
        near = tuple(self._everyone[other].name for other in self._near[number])
        spec = self._menu.spec(place.path, near)
        sale: dict[str, Json] = {}
        if self._market.is_open and self._can_bid(body):
            sale, bidding = self._market.view(body.name, tick)
            spec = ToolCall({**spec.tools, BID: bidding}) if bidding is not None else spec
        return Observation(
            agent=body.name,
            tick=tick,
            time=self.clock.at(tick),
            percepts=tuple(body.percepts) if tick > self.tick else (),
            spec=spec,
            free=body.free,
            near=near,
            state={
                "place": place.path,
                "where": place.phrase,
                "x": x,
                "y": y,
                "activity": body.activity,
                "object": body.object,
                "until_tick": body.until_tick,
                "goal": body.goal,
                "asleep": body.asleep,
                **self._market.owned(body.name),
                **({"sale": sale} if sale else {}),
            },
        )

    def _walk(self, tick: int, events: Events) -> None:
        """One tile for each who has a way to go."""
        if not any(body.walking for body in self._everyone):
            return
        standing = {body.tile: body for body in self._everyone}
        for body in self._everyone:
            if body.walking:
                self._deeds.aim_again(body, standing, events)
        traffic = Traffic(self.map, self._everyone, tick, stream(self.seed, "traffic", "", tick))
        walking = [body for body in self._everyone if body.doing and body.until_tick is None]
        traffic.run()
        for body, cause in traffic.moved.values():
            x, y = self.map.xy(body.tile)
            body.last_event = events.add("moved", body.name, {"x": x, "y": y}, (cause,)).id
        for body in walking:
            self._deeds.after_walking(body, tick, events)

    def _perceive(self, tick: int) -> None:
        self._sense()
        for event, place in self._deeds.changes:
            assert event.agent is not None
            self._sights.change(event, place, self._bodies[event.agent])
        self._deeds.changes.clear()
        self._sights.look(tick, self._senses.seen(self.vision_tiles))

    def _sense(self) -> None:
        self._senses = Senses(self.map, self._everyone)
        self._near = self._senses.near(self.earshot_tiles)


def _settle(town_map: TownMap, residents: Sequence[Resident]) -> dict[str, Body]:
    """A body for each resident, on a tile of its own in the place where it starts."""
    if not residents:
        raise BurghError("a town needs at least one resident")
    bodies: dict[str, Body] = {}
    taken: set[int] = set()
    for resident in residents:
        if resident.name in bodies:
            raise BurghError(f"two residents are named {resident.name!r}: give one of them another name")
        town_map.tree.place(resident.start_place)
        free = (tile for tile in town_map.standing(resident.start_place) if tile not in taken)
        tile = next(free, None)
        if tile is None:
            raise BurghError(
                f"{resident.name} cannot start in {resident.start_place!r}:"
                f" its {len(taken & set(town_map.standing(resident.start_place)))} tiles are taken"
            )
        taken.add(tile)
        bodies[resident.name] = Body(resident.name, tile, dict(resident.look))
    return bodies


def _check(news: Happening, bodies: Mapping[str, Body]) -> None:
    if news.to not in bodies:
        nearest = get_close_matches(news.to, bodies, n=1, cutoff=0.0)
        raise BurghError(
            f"{news.speaker} has news for {news.to!r}, who does not live here: did you mean {nearest[0]!r}?"
        )
    if news.tick < 1:
        raise BurghError(f"the news of {news.speaker} to {news.to} is before the start: tick {news.tick}")
    if not news.inner and news.speaker in bodies:
        raise BurghError(f"the voice {news.speaker!r} has the name of a resident: give it another")
