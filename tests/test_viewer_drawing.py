"""What is drawn, read back from the pixels: through the real pygame, without a screen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import pygame
import pytest
from runs_for_tests import recorded, scripted
from viewer_for_tests import BLUE, HEARD, RED, morning, opening, said

from burgh.assets.art import palette as pal
from burgh.sim.types import Event
from burgh.sim.viewer import text
from burgh.sim.viewer.camera import Camera
from burgh.sim.viewer.hud import Status
from burgh.sim.viewer.labels import Labels
from burgh.sim.viewer.layout import Box
from burgh.sim.viewer.playback import Playback, open_playback
from burgh.sim.viewer.scene import Person, Scene
from burgh.sim.viewer.sprites import DRESSED_A_PICTURE, Atlas
from burgh.sim.viewer.stage import Stage
from burgh.sim.viewer.text import Fonts
from burgh.sim.viewer.view import View

SIZE = (640, 320)
STILL = Status(paused=True, speed=1, live=False, at_edge=False)
NIGHT = "2024-05-01T23:30:00"
NOON = "2024-05-01T12:00:00"


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    pygame.font.init()
    yield Stage()


def drawn(stage: Stage, scene: Scene, camera: Camera | None = None) -> pygame.Surface:
    target = pygame.Surface(SIZE, 0, 32)
    stage.draw(target, scene, camera or Camera(10, 5, 2, *SIZE))
    return target


def pixel(picture: pygame.Surface, x: float, y: float) -> pal.Colour:
    """The colour at a point of the map, in tiles, seen by the camera of `drawn`."""
    sx, sy = Camera(10, 5, 2, *SIZE).to_screen(x, y)
    colour = picture.get_at((int(sx), int(sy)))
    return colour.r, colour.g, colour.b


def chest(person: Person) -> tuple[float, float]:
    """Where a villager's coat is, in tiles."""
    return person.x + 7.5 / 16, person.y + 6.5 / 16


def brightness(picture: pygame.Surface) -> float:
    return sum(pygame.transform.average_color(picture)[:3]) / 765


def test_a_villager_wears_its_coat_where_it_stands(stage: Stage) -> None:
    scene = Playback(opening(NOON)).at(0)
    picture = drawn(stage, scene)
    assert pixel(picture, *chest(scene.people["Ada"])) == pal.rgb(RED)
    assert pixel(picture, *chest(scene.people["Ben"])) == pal.rgb(BLUE)


def test_a_villager_is_drawn_between_two_tiles(stage: Stage) -> None:
    playback = Playback(morning(NOON))
    for tick in (0.5, 2.25, 4.75):
        scene = playback.at(tick)
        picture = drawn(stage, scene)
        box = pygame.Rect(0, 0, 0, 0)
        for x in range(int(scene.people["Ben"].x * 16), int(scene.people["Ben"].x * 16) + 16):
            if pixel(picture, (x + 0.5) / 16, 5 + 6.5 / 16) == pal.rgb(BLUE):
                box.union_ip(pygame.Rect(x, 0, 1, 1)) if box.width else box.update(x, 0, 1, 1)
        assert abs(box.centerx / 16 - (scene.people["Ben"].x + 0.5)) < 0.2, tick


def test_two_looks_are_two_pictures_and_one_look_is_one(stage: Stage) -> None:
    ada = Playback(opening()).at(0).people["Ada"]
    other = replace(ada, look={**ada.look, "coat": "#40a0a0"})
    assert stage.atlas.person(ada, 0) is stage.atlas.person(ada, 0)
    assert stage.atlas.person(ada, 0) is not stage.atlas.person(other, 0)
    pictures = {
        pygame.image.tobytes(stage.atlas.person(replace(ada, facing=facing), frame), "RGBA")
        for facing in ("down", "up", "left", "right")
        for frame in (0, 1, 2)
    }
    assert len(pictures) == 12


def test_no_key_colour_is_left_in_a_villager(stage: Stage) -> None:
    for person in Playback(opening()).at(0).people.values():
        picture = stage.atlas.person(person, 1)
        colours = {tuple(picture.get_at((x, y)))[:3] for x in range(16) for y in range(24)}
        assert not colours & set(pal.KEYS.values())


def test_colours_that_cannot_be_read_are_replaced_by_plain_ones(stage: Stage) -> None:
    person = Person("Odd", 0, 0, look={"coat": "purple"})
    assert stage.atlas.person(person, 0).get_at((7, 15))[:3] == pal.rgb("#7a6a58")


def test_night_is_darker_than_noon_and_a_lantern_shines(stage: Stage) -> None:
    noon, night = (drawn(stage, Playback(opening(start)).at(0)) for start in (NOON, NIGHT))
    assert brightness(night) < 0.6 * brightness(noon)
    beside, far = (9.4, 8.5), (18.5, 8.5)
    assert sum(pixel(night, *beside)) > 1.3 * sum(pixel(night, *far))
    assert sum(pixel(noon, *beside)) < 1.2 * sum(pixel(noon, *far))


def test_a_hot_oven_glows(stage: Stage) -> None:
    playback = Playback(morning(NOON))
    mouth = (5.5, 2.72)
    cold, hot = (drawn(stage, playback.at(tick)) for tick in (1, 3))
    assert sum(pixel(hot, *mouth)) > 2 * sum(pixel(cold, *mouth))


def test_who_sleeps_by_a_bed_lies_in_it(stage: Stage) -> None:
    events = [*opening(NOON), Event("1.world.0", "slept", "Ada", {"until_tick": 9})]
    scene = Playback(events).at(1)
    picture = drawn(stage, scene)
    assert pixel(picture, *chest(scene.people["Ada"])) != pal.rgb(RED)  # it stood at 6, 3
    empty = drawn(stage, replace(scene, people={}))
    pillow = [(7 + x / 16, 2 + y / 16) for x in range(4, 12) for y in range(0, 6)]
    assert any(pixel(picture, *at) != pixel(empty, *at) for at in pillow)


def test_walls_hide_who_stands_behind_them(stage: Stage) -> None:
    scene = Playback(opening(NOON)).at(0)
    behind = replace(scene, people={"Ada": replace(scene.people["Ada"], x=6, y=0)})
    feet = (6 + 8.5 / 16, 0 + 13.5 / 16)
    picture, empty = drawn(stage, behind), drawn(stage, replace(scene, people={}))
    assert pixel(picture, *feet) == pixel(empty, *feet)
    assert pixel(picture, 6.5, 0.2) != pixel(empty, 6.5, 0.2)


def test_water_grass_and_floor_look_like_themselves(stage: Stage) -> None:
    picture = drawn(stage, replace(Playback(opening(NOON)).at(0), people={}, things={}))
    water, grass, floor = (pixel(picture, *at) for at in ((14.5, 4.9), (17.5, 8.5), (7.5, 3.4)))
    assert water[2] > water[0] and grass[1] > max(grass[0], grass[2]) and floor[0] > floor[1] > floor[2]


@pytest.mark.parametrize("zoom", [0.5, 1, 1.5, 3, 8])
@pytest.mark.parametrize("middle", [(10, 5), (-3, -3), (40, 30)])
def test_every_part_of_the_picture_is_drawn(stage: Stage, zoom: float, middle: tuple[float, float]) -> None:
    target = pygame.Surface((333, 211), 0, 32)
    target.fill((255, 0, 255))
    stage.draw(target, Playback(opening(NOON)).at(0), Camera(*middle, zoom, 333, 211))
    assert (255, 0, 255) not in {
        tuple(target.get_at((x, y)))[:3] for x in (0, 1, 150, 331, 332) for y in (0, 100, 210)
    }


def test_a_bubble_is_drawn_where_it_says() -> None:
    playback, fonts = Playback(morning(NOON)), Fonts()
    labels, target = Labels(fonts, Atlas()), pygame.Surface(SIZE, 0, 32)
    camera = Camera(10, 5, 2, *SIZE)
    assert labels.draw(target, playback.at(5), camera) == []
    before = target.copy()
    ((bubble, box),) = labels.draw(target, playback.at(6), camera)
    assert bubble.text == HEARD
    assert tuple(target.get_at((box.x + box.width // 2, box.bottom - 5)))[:3] == pal.PARCHMENT[2]
    assert target.get_at((box.x + 30, box.y + 10)) != before.get_at((box.x + 30, box.y + 10))
    x, y = camera.to_screen(bubble.x + 0.5, bubble.y)
    assert abs(box.x + box.width / 2 - x) < 200 and box.bottom <= y + 20


def test_many_bubbles_in_a_crowd_never_overlap() -> None:
    events = opening()
    for n in range(9):
        name = f"P{n}"
        events.append(
            Event(f"0.{name}.0", "placed", name, {"x": 9 + n % 3, "y": 4 + n // 3, "place": "", "look": {}})
        )
    for n in range(9):
        words = "A market opens on the square today at eleven, and everyone will be there. " * (1 + n % 2)
        events.append(Event(f"1.world.{n}", "said", f"P{n}", said(f"P{n}", "Ada", words)))
    view = View((1280, 720))
    view.draw(pygame.Surface((1280, 720)), Playback(events), 1, STILL)
    boxes = [box for _, box in view.bubbles]
    assert len(boxes) >= 7
    assert not any(one.overlaps(other) for one, other in combinations([*boxes, *view.hud.boxes], 2))
    assert all(box.inside(Box(0, 0, 1280, 720)) for box in boxes)


@pytest.mark.parametrize("size", [(480, 320), (1280, 720), (2560, 1440), (900, 1400)])
def test_any_size_with_and_without_the_panel(size: tuple[int, int]) -> None:
    view, target = View(size), pygame.Surface(size, 0, 32)
    playback = Playback(morning())
    view.draw(target, playback, 7, STILL)
    plain = target.copy()
    view.select("Ben")
    view.draw(target, playback, 7, replace(STILL, help=True))
    at = (size[0] - view.panel.width // 2, size[1] - 12)
    assert tuple(target.get_at(at))[:3] == pal.PARCHMENT[1] != tuple(plain.get_at(at))[:3]


def test_the_selected_villager_is_in_the_middle_when_followed() -> None:
    view, target = View((1280, 720)), pygame.Surface((1280, 720))
    view.select("Ben")
    view.camera.zoom = 8.0
    playback = Playback(morning())
    for tick in (0.5, 3.5):
        view.draw(target, playback, tick, STILL)
        assert view.scene is not None
        x, y = view.camera.to_screen(view.scene.people["Ben"].x + 0.5, 5.5)
        assert view.person_at(x, y) == "Ben"


def test_an_empty_record_can_be_drawn() -> None:
    View((640, 360)).draw(pygame.Surface((640, 360)), Playback(), 0, STILL)


def test_text_is_wrapped_to_its_width() -> None:
    fonts = Fonts()
    lines = fonts.wrap("Bread and " * 20 + "a" * 80, 14, 120)
    assert len(lines) > 5 and all(fonts.width(line, 14) <= 120 for line in lines)
    assert "".join(lines).replace(" ", "") == ("Breadand" * 20 + "a" * 80)
    short = fonts.wrap("Bread and " * 20, 14, 120, 2)
    assert len(short) == 2 and short[-1].endswith("…") and fonts.width(short[-1], 14) <= 120
    assert fonts.wrap("", 14, 100) == [""]


def test_a_long_word_is_wrapped_with_little_measuring(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line was tried letter by letter from the end of the word: seconds for a page of such texts."""
    fonts, measured, width = Fonts(), list[str](), Fonts.width

    def counted(self: Fonts, text: str, size: int) -> int:
        measured.append(text)
        return width(self, text, size)

    monkeypatch.setattr(Fonts, "width", counted)
    lines = fonts.wrap("x" * 2000, 14, 120)
    assert "".join(lines) == "x" * 2000 and len({len(line) for line in lines[:-1]}) == 1
    assert width(fonts, lines[0], 14) <= 120 < width(fonts, lines[0] + "x", 14)
    assert len(measured) < 20 * len(lines)
    measured.clear()
    assert len(fonts.wrap("y" * 2000, 14, 120, 3)) == 3
    assert len(measured) < 100


def test_lines_of_chinese_text_begin_and_end_as_they_may() -> None:
    fonts = Fonts()
    said = "“林小雨，你听说了吗？我想明年再开一家铺子。”《红楼梦》很好！Anna说：hello, Mira……真的吗？！"
    for width in range(56, 300, 7):
        lines = fonts.wrap(said, 14, width)
        assert "".join(lines).replace(" ", "") == said.replace(" ", "")
        assert all(fonts.width(line, 14) <= width for line in lines)
        assert all(line[0] not in text.NO_START for line in lines[1:]), lines
        assert all(line[-1] not in text.NO_END for line in lines[:-1]), lines
        assert not any(line.endswith("Ann") for line in lines), "words are not cut"
    assert fonts.wrap("吗" + "！" * 30, 14, 100)[0], "what fits in no line is cut all the same"


def test_letters_that_no_font_has_are_owned_up_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "_cjk_path", lambda: None)
    assert text.missing_letters("Guten Tag, Čeněk, здравствуйте") == ""
    assert "install" in text.missing_letters("市集十一点开门")
    events = [*opening(), Event("1.world.0", "said", "Ada", said("Ada", "Ben", "市集十一点开门。" * 6))]
    lines = Fonts().wrap("市集十一点开门。" * 6, 14, 100)
    assert len(lines) > 2 and all(Fonts().width(line, 14) <= 100 for line in lines)
    with_note, without = pygame.Surface((1280, 720)), pygame.Surface((1280, 720))
    View((1280, 720)).draw(with_note, Playback(events), 1, STILL)
    monkeypatch.setattr("burgh.sim.viewer.hud.missing_letters", lambda _: "")
    View((1280, 720)).draw(without, Playback(events), 1, STILL)
    assert pygame.image.tobytes(with_note, "RGB") != pygame.image.tobytes(without, "RGB")


def test_the_hud_turns_pixels_into_ticks() -> None:
    view, playback = View((1280, 720)), Playback(morning())
    line = view.hud.timeline
    assert view.hud.tick_at(line.left, playback) == 0
    assert view.hud.tick_at(line.right, playback) == playback.last_tick == 12
    assert abs(view.hud.tick_at(line.centerx, playback) - 6) < 0.1
    assert view.hud.tick_at(-100, playback) == 0 and view.hud.tick_at(9999, playback) == 12


@pytest.fixture(scope="module")
def village(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """The village of market-day with its roofs, as it is at the start."""
    folder = tmp_path_factory.mktemp("village") / "run"
    recorded(scripted("quiet-room", "09:01"), folder)
    playback = open_playback(folder)
    scene = playback.at(0)
    playback.close()
    return scene


@pytest.mark.parametrize("zoom", [0.21, 0.5, 0.83])
def test_from_far_a_roof_that_opens_or_closes_is_drawn_as_if_it_had_always_been_so(
    village: Scene, zoom: float
) -> None:
    town, used = village.town, Stage()
    camera = Camera(town.width / 2, town.height / 2, zoom, *SIZE)
    houses = [house.place.path for house in used.backdrop(village).houses]
    assert len(houses) > 5

    def seen(stage: Stage, *shut: str) -> bytes:
        target = pygame.Surface(SIZE, 0, 32)
        stage.draw(target, village, camera, roofs={one: float(one in shut) for one in houses})
        return pygame.image.tobytes(target, "RGB")

    pictures = set()
    for shut in (houses, (), houses[1::2], houses[::2], houses):
        picture = seen(used, *shut)
        assert picture == seen(Stage(), *shut)
        pictures.add(picture)
    assert len(pictures) == 4


def test_a_crowd_is_dressed_a_few_a_picture_and_in_the_end_as_it_should_be() -> None:
    crowd = [Person(f"P{n}", 0, 0, look={"coat": "#40a0a0"}) for n in range(100)]
    patient, quick = Atlas(), Atlas(patient=False)
    quick.begin_picture()
    standing = [quick.walker(one, 0) for one in crowd]  # nobody is left undressed
    assert len({id(one) for one in standing}) == 100
    behind = []
    for _ in range(4):
        quick.begin_picture()
        walking = [quick.walker(one, 1) for one in crowd]
        behind.append(sum(now is before for now, before in zip(walking, standing, strict=True)))
    assert behind == [100 - DRESSED_A_PICTURE, 100 - 2 * DRESSED_A_PICTURE, 0, 0]
    for one, picture in zip(crowd, walking, strict=True):
        right = patient.walker(one, 1)
        assert pygame.image.tobytes(picture, "RGBA") == pygame.image.tobytes(right, "RGBA")
