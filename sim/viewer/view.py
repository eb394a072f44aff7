"""The whole picture: town, labels, panels and what lies over them, for a surface of any size."""

from __future__ import annotations

from pathlib import Path

import pygame

from burgh.assets.art import palette as pal
from burgh.sim.viewer.backdrop import Backdrop
from burgh.sim.viewer.board import Board
from burgh.sim.viewer.camera import TILE, Camera, busiest, filling, whole
from burgh.sim.viewer.counter import Counter
from burgh.sim.viewer.eventlog import EventLog
from burgh.sim.viewer.hud import Hud, Status
from burgh.sim.viewer.labels import Labels
from burgh.sim.viewer.layout import Box
from burgh.sim.viewer.minimap import Minimap, is_needed
from burgh.sim.viewer.moment import Moment
from burgh.sim.viewer.opening import NEAR_ZOOM, Roofs, homes_of
from burgh.sim.viewer.page import Wish
from burgh.sim.viewer.panel import Panel
from burgh.sim.viewer.playback import Playback
from burgh.sim.viewer.scene import Bubble, Place, Scene
from burgh.sim.viewer.search import Search
from burgh.sim.viewer.stage import Stage
from burgh.sim.viewer.text import Fonts

FOLLOW_ZOOM = 3.0
FREE_TILES = 1.5  # between the middle of one who is followed and a board
WORDS_TILES = (1.0, 3.0)  # above who talks hang words
LETTERS = (0.75, 0.875, 1.0, 1.15, 1.3, 1.5, 1.75, 2.0, 2.5)


class View:
    """Draws a playback at a tick. `selected` has the panel; `follow` keeps the camera on it.

    It changes nothing but itself, so that two of them can show two runs side by side.
    """

    def __init__(self, size: tuple[int, int], *, cache: Path | None = None, patient: bool = True) -> None:
        """cache, patient: see `Stage`."""
        self.stage = Stage(cache, patient=patient)
        self.camera = Camera(0, 0, 2, *size)
        self.selected: str | None = None
        self.follow = False
        self.roofs = Roofs()
        self.pointer: tuple[float, float] | None = None  # of the mouse, on the screen
        self.letters = 1.0  # how large letters are, beside what the size of the surface makes them
        self.minimap_shown = True
        self.hall_shown = False
        self.help_shown = False
        self.ringed: frozenset[str] = frozenset()  # villagers with a ring around their feet
        self.seat: str | None = None  # whom somebody plays: has a ring, and an open roof
        self.bubbles: list[tuple[Bubble, Box]] = []
        self.moment: Moment | None = None
        self.panel = Panel(Fonts(), self.stage.atlas)
        self.events = EventLog(Fonts())
        self._framed = False
        self._homes: tuple[Backdrop, list[Place], dict[tuple[int, int], str]] | None = None
        self.resize(size)

    @property
    def scene(self) -> Scene | None:
        return None if self.moment is None else self.moment.scene

    def resize(self, size: tuple[int, int]) -> None:
        """Takes over the size of the surface to draw on; letters grow with it."""
        self.size = size
        scale = max(0.7, min(3.0, size[0] / 1280, size[1] / 720)) * self.letters
        self.fonts = Fonts(scale)
        self.labels, self.hud = Labels(self.fonts, self.stage.atlas), Hud(self.fonts)
        self.panel.resize(self.fonts)
        self.events.resize(self.fonts)
        self.minimap, self.search = Minimap(self.fonts), Search(self.fonts)
        self.hall, self.board = Counter(self.fonts), Board(self.fonts)
        self._lay_out()

    def letters_by(self, steps: int) -> None:
        """Larger or smaller letters."""
        now = min(range(len(LETTERS)), key=lambda i: abs(LETTERS[i] - self.letters))
        self.letters = LETTERS[max(0, min(len(LETTERS) - 1, now + steps))]
        self.resize(self.size)

    def select(self, name: str | None, *, follow: bool = True) -> None:
        """Opens the panel of a villager (None closes it)."""
        self.selected, self.follow = name, follow and name is not None
        self._lay_out()

    def _lay_out(self) -> None:
        """Shares the surface out: events to the left, the town, the mind to the right."""
        right = min(self.panel.width, self.size[0] * 2 // 3) if self.selected is not None else 0
        left = min(self.events.width, self.size[0] // 2, max(0, self.size[0] - right - 120))
        self.town = pygame.Rect(left, 0, max(1, self.size[0] - left - right), self.size[1])
        self.camera.width, self.camera.height = self.town.size
        self.hud.measure(*self.town.size)

    def frame_busiest(self, scene: Scene) -> None:
        """Points the camera where most people are; who talks counts for more, with room for the words."""
        town = scene.town
        self.camera.zoom = filling(town.width, town.height, *self.town.size)
        seen = (self.camera.width / self.camera.zoom / 16, self.camera.height / self.camera.zoom / 16)
        people = [(person.x, person.y) for person in scene.people.values()]
        people += [(one.x, one.y - up) for one in scene.bubbles if one.over is not None for up in WORDS_TILES]
        self.camera.x, self.camera.y = busiest(people, *seen) or (town.width / 2, town.height / 2)

    def frame_whole(self, scene: Scene) -> None:
        """Points the camera at all of the town."""
        self.follow = False
        self.camera.zoom = whole(scene.town.width, scene.town.height, *self.town.size)
        self.camera.x, self.camera.y = scene.town.width / 2, scene.town.height / 2

    def look_at(self, x: float, y: float, *, above: float = 0.0) -> None:
        """Points the camera at a point of the map, in tiles. above: how far above the middle it is then, as a
        share of the view's height."""
        self.follow = False
        self.camera.zoom = max(self.camera.zoom, NEAR_ZOOM)
        self.camera.x, self.camera.y = x, y + above * self.camera.height / (TILE * self.camera.zoom)

    def grant(self, wish: Wish) -> None:
        """Does what a panel asks for, but for going to another moment."""
        if wish.select is not None and self.scene is not None and wish.select in self.scene.people:
            self.select(wish.select)
            self.camera.zoom = max(self.camera.zoom, NEAR_ZOOM)
        if wish.look is not None:
            self.look_at(*wish.look)

    def in_town(self, at: tuple[float, float]) -> tuple[float, float]:
        """A pixel of the surface as one of the town's view."""
        return at[0] - self.town.x, at[1] - self.town.y

    def person_at(self, sx: float, sy: float) -> str | None:
        """The villager under a pixel; the one in front where there are two, none under a closed roof."""
        if self.scene is None or not self.town.collidepoint(sx, sy):
            return None
        x, y = self.camera.to_map(*self.in_town((sx, sy)))
        hidden, _ = self._under_roofs(self.scene)
        hit = [
            p
            for p in self.scene.people.values()
            if p.x - 0.1 <= x <= p.x + 1.1 and p.y - 0.6 <= y <= p.y + 1.1 and p.name not in hidden
        ]
        return max(hit, key=lambda p: (p.y, p.name)).name if hit else None

    def draw(self, target: pygame.Surface, playback: Playback, tick: float, status: Status) -> None:
        """Fills the target, which has the size that was given."""
        scene = playback.at(tick)
        self.moment = Moment(playback, scene, self.selected)
        self._lay_out()
        self._point(scene)
        town = target.subsurface(self.town)
        if scene.sale.is_there and (self.hall_shown or not scene.town.width):
            self.hall.draw(town, scene.sale, scene.tick)
            self.bubbles = []
        elif scene.trade.is_there:
            self.hall.draw_trade(town, scene.trade, playback.clock)
        elif scene.shop.is_there:
            self.hall.draw_shop(town, scene.shop)
        else:
            if scene.town.width:
                self._look_into(scene)
            self.stage.draw(town, scene, self.camera, self.selected, self.roofs.closed)
            self._draw_rings(town, scene)
            self._measure_minimap(scene)
            self._label(town, scene)
            if self.minimap.box.width:
                self.minimap.draw(town, scene, self.stage.backdrop(scene), self.camera, self.selected)
        self.hud.draw(town, scene, playback, status)
        if self._has_board(scene):
            self.board.draw(town, scene.sale, scene.tick)
        if self.events.open:
            box = pygame.Rect(0, 0, self.town.left, self.size[1])
            self.events.draw(target, box, self.moment)
        if self.selected is not None:
            box = pygame.Rect(self.town.right, 0, self.size[0] - self.town.right, self.size[1])
            self.panel.draw(target, box, self.moment)
        if self.search.open:
            self.search.draw(town, self.moment)
        if status.help or self.help_shown:
            self.hud.help(target)

    def _point(self, scene: Scene) -> None:
        """Points the camera at first, and keeps it on who is followed."""
        if not self._framed and scene.town.width:
            self._framed = True
            if self.selected is None:
                self.frame_busiest(scene)
        person = scene.people.get(self.selected or "")
        if person is not None and self.follow:
            self.camera.x, self.camera.y = person.x + 0.5 + self._aside(scene), person.y + 0.5
        self.camera.keep_on(scene.town.width, scene.town.height)

    def _aside(self, scene: Scene) -> float:
        """How far left of the middle, in tiles, one who is followed is, so that no board covers them."""
        if not self._has_board(scene):
            return 0.0
        tile = TILE * self.camera.zoom
        free = self.board.box(self.town.size).x - FREE_TILES * tile
        return float(max(0.0, self.town.width / 2 - free) / tile)

    def _draw_rings(self, town: pygame.Surface, scene: Scene) -> None:
        """Below names and boards; on the roof over who is under one."""
        for name in sorted(self.ringed | {self.seat or ""}):
            person = scene.people.get(name)
            if person is None or not scene.town.width:
                continue
            x, y = self.camera.to_screen(person.x + 0.5, person.y + 0.85)
            wide = round(TILE * self.camera.zoom * 1.3)
            box = pygame.Rect(0, 0, wide, max(4, wide // 2))
            box.center = (round(x), round(y))
            pygame.draw.ellipse(town, pal.INK, box.inflate(2, 2), 4)
            pygame.draw.ellipse(town, pal.LAMP, box, 2)

    def _measure_minimap(self, scene: Scene) -> None:
        """Before labels, which keep clear of it; it is drawn after them."""
        self.minimap.hide()
        is_free = self.minimap_shown and not self._has_board(scene)
        if is_free and scene.town.width and is_needed(scene, self.camera):
            self.minimap.measure(self.town.size, scene)

    def _has_board(self, scene: Scene) -> bool:
        """Whether the town's own auction is shown beside the town."""
        in_town = scene.town.width > 0 and not self.hall_shown
        return in_town and self.board.fits(self.town.size) and self.board.is_shown(scene.sale, scene.tick)

    def _label(self, town: pygame.Surface, scene: Scene) -> None:
        hidden, inside = self._under_roofs(scene)
        box = self.minimap.box.inflate(12, 12)
        taken = [*self.hud.boxes, *([Box(box.x, box.y, box.width, box.height)] if box.width > 12 else [])]
        if self._has_board(scene):
            taken.append(self.board.box(self.town.size))
        self.bubbles = self.labels.draw(
            town,
            scene,
            self.camera,
            selected=self.selected,
            taken=taken,
            hidden=hidden,
            inside=inside,
        )

    def _look_into(self, scene: Scene) -> None:
        """Opens the roofs of houses that are looked into."""
        at = self.pointer if self.pointer and self.town.collidepoint(self.pointer) else None
        camera = self.camera
        self.roofs.look(
            scene,
            *self._houses(scene),
            selected=self.selected or self.seat,
            pointer=camera.to_map(*self.in_town(at)) if at else None,
            middle=(camera.x, camera.y) if camera.zoom >= NEAR_ZOOM else None,
        )

    def _under_roofs(self, scene: Scene) -> tuple[frozenset[str], dict[str, int]]:
        """Who is under a closed roof, and how many in each house."""
        hidden, inside = set(), dict[str, int]()
        if scene.town.width:
            _, homes = self._houses(scene)
            shut = {path for path, share in self.roofs.closed.items() if share > 0.5}
            for person in scene.people.values():
                path = homes.get((int(person.x), int(person.y)))
                if path in shut:
                    hidden.add(person.name)
                    inside[path] = inside.get(path, 0) + 1
        return frozenset(hidden), inside

    def _houses(self, scene: Scene) -> tuple[list[Place], dict[tuple[int, int], str]]:
        """The houses that have roofs, and the house of each tile."""
        backdrop = self.stage.backdrop(scene)
        if self._homes is None or self._homes[0] is not backdrop:
            places = [house.place for house in backdrop.houses]
            self._homes = backdrop, places, homes_of(places)
        return self._homes[1:]
