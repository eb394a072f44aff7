"""The whole picture: town, labels, panel and what lies over them, for a surface of any size."""

from __future__ import annotations

from pathlib import Path

import pygame

from burgh.sim.viewer.board import Board
from burgh.sim.viewer.camera import Camera, busiest, filling, whole
from burgh.sim.viewer.counter import Counter
from burgh.sim.viewer.hud import Hud, Status
from burgh.sim.viewer.labels import Labels
from burgh.sim.viewer.layout import Box
from burgh.sim.viewer.opening import NEAR_ZOOM, Roofs
from burgh.sim.viewer.panel import Panel
from burgh.sim.viewer.playback import Playback
from burgh.sim.viewer.scene import Bubble, Person, Place, Scene, place_name
from burgh.sim.viewer.stage import Stage
from burgh.sim.viewer.text import Fonts

FOLLOW_ZOOM = 3.0


class View:
    """Draws a playback at a tick. `selected` has the panel; `follow` keeps the camera on it."""

    def __init__(self, size: tuple[int, int], *, cache: Path | None = None, patient: bool = True) -> None:
        """cache, patient: see `Stage`."""
        self.stage = Stage(cache, patient=patient)
        self.camera = Camera(0, 0, 2, *size)
        self.selected: str | None = None
        self.follow = False
        self.roofs = Roofs()
        self.pointer: tuple[float, float] | None = None  # of the mouse, on the screen
        self.bubbles: list[tuple[Bubble, Box]] = []
        self.scene: Scene | None = None
        self._framed = False
        self.resize(size)

    def resize(self, size: tuple[int, int]) -> None:
        """Takes over the size of the surface to draw on; letters grow with it."""
        self.size = size
        scale = max(0.7, min(3.0, size[0] / 1280, size[1] / 720))
        self.fonts = Fonts(scale)
        self.labels, self.hud = Labels(self.fonts, self.stage.atlas), Hud(self.fonts)
        self.panel = Panel(self.fonts, self.stage.atlas)
        self.hall, self.board = Counter(self.fonts), Board(self.fonts)
        self._lay_out()

    def select(self, name: str | None, *, follow: bool = True) -> None:
        """Opens the panel of a villager (None closes it)."""
        self.selected, self.follow = name, follow and name is not None
        self._lay_out()

    def _lay_out(self) -> None:
        panel = self.panel.width if self.selected is not None else 0
        self.town = pygame.Rect(0, 0, max(1, self.size[0] - panel), self.size[1])
        self.camera.width, self.camera.height = self.town.size
        self.hud.measure(*self.town.size)

    def frame_busiest(self, scene: Scene) -> None:
        """Points the camera where most people are."""
        town = scene.town
        self.camera.zoom = filling(town.width, town.height, *self.town.size)
        seen = (self.camera.width / self.camera.zoom / 16, self.camera.height / self.camera.zoom / 16)
        people = [(person.x, person.y) for person in scene.people.values()]
        self.camera.x, self.camera.y = busiest(people, *seen) or (town.width / 2, town.height / 2)

    def frame_whole(self, scene: Scene) -> None:
        """Points the camera at all of the town."""
        self.follow = False
        self.camera.zoom = whole(scene.town.width, scene.town.height, *self.town.size)
        self.camera.x, self.camera.y = scene.town.width / 2, scene.town.height / 2

    def person_at(self, sx: float, sy: float) -> str | None:
        """The villager under a pixel; the one in front where there are two."""
        if self.scene is None or not self.town.collidepoint(sx, sy):
            return None
        x, y = self.camera.to_map(sx, sy)
        hit = [
            p
            for p in self.scene.people.values()
            if p.x - 0.1 <= x <= p.x + 1.1 and p.y - 0.6 <= y <= p.y + 1.1
        ]
        return max(hit, key=lambda p: (p.y, p.name)).name if hit else None

    def draw(self, target: pygame.Surface, playback: Playback, tick: float, status: Status) -> None:
        """Fills the target, which has the size that was given."""
        scene = self.scene = playback.at(tick)
        if not self._framed and scene.town.width:
            self._framed = True
            if self.selected is None:
                self.frame_busiest(scene)
        person = scene.people.get(self.selected or "")
        if person is not None and self.follow:
            self.camera.x, self.camera.y = person.x + 0.5, person.y + 0.5
        self.camera.keep_on(scene.town.width, scene.town.height)
        town = target.subsurface(self.town)
        if scene.sale.is_there and not scene.town.width:
            self.hall.draw(town, scene.sale, scene.tick)
        elif scene.trade.is_there:
            self.hall.draw_trade(town, scene.trade)
        elif scene.shop.is_there:
            self.hall.draw_shop(town, scene.shop)
        else:
            self._look_into(scene)
            self.stage.draw(town, scene, self.camera, self.selected, self.roofs.closed)
        board = scene.town.width > 0 and self.board.is_shown(scene.sale, scene.tick)
        hidden, inside = self._under_roofs(scene)
        self.bubbles = self.labels.draw(
            town,
            scene,
            self.camera,
            selected=self.selected,
            taken=[*self.hud.boxes, *([self.board.box(self.town.size)] if board else [])],
            hidden=hidden,
            inside=inside,
        )
        self.hud.draw(town, scene, playback, status)
        if board:
            self.board.draw(town, scene.sale, scene.tick)
        if self.selected is not None:
            self._panel(target, playback, scene, person)

    def _look_into(self, scene: Scene) -> None:
        """Opens the roofs of houses that are looked into."""
        at = self.pointer if self.pointer and self.town.collidepoint(self.pointer) else None
        camera = self.camera
        self.roofs.look(
            scene,
            self.houses(scene),
            selected=self.selected,
            pointer=camera.to_map(*at) if at else None,
            middle=(camera.x, camera.y) if camera.zoom >= NEAR_ZOOM else None,
        )

    def _under_roofs(self, scene: Scene) -> tuple[frozenset[str], dict[str, int]]:
        """Who is under a closed roof, and how many in each house."""
        shut = [house for house in self.houses(scene) if self.roofs.closed.get(house.path, 0) > 0.5]
        home = {
            (x, y): house.path
            for house in shut
            for x in range(house.x, house.x + house.width)
            for y in range(house.y, house.y + house.height)
        }
        hidden, inside = set(), dict[str, int]()
        for person in scene.people.values() if home else ():
            house = home.get((int(person.x), int(person.y)))
            if house is not None:
                hidden.add(person.name)
                inside[house] = inside.get(house, 0) + 1
        return frozenset(hidden), inside

    def houses(self, scene: Scene) -> list[Place]:
        """The houses that have roofs."""
        return [house.place for house in self.stage.backdrop(scene).houses] if scene.town.width else []

    def _panel(self, target: pygame.Surface, playback: Playback, scene: Scene, person: Person | None) -> None:
        box = pygame.Rect(self.town.right, 0, self.size[0] - self.town.right, self.size[1])
        if person is None:
            person = Person(self.selected or "", 0, 0)
        doing = person.activity or (f"on the way to {place_name(person.goal)}" if person.goal else "")
        mind = playback.minds.view(person.name, scene.tick, playback.clock, doing=doing, memories=20)
        self.panel.draw(target, box, person, mind)
