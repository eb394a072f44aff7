"""Bubbles: never one over another, never off the screen, as near to the speaker as can be."""

from __future__ import annotations

from itertools import combinations

import pygame
from hypothesis import example, given, settings
from hypothesis import strategies as st

from burgh.assets.art import palette as pal
from burgh.sim.viewer.camera import Camera, busiest
from burgh.sim.viewer.eventlog import INDENT, EventLog
from burgh.sim.viewer.history import LogLine
from burgh.sim.viewer.layout import Box, Placed, Wanted, place_bubbles
from burgh.sim.viewer.text import Fonts

SCREEN = Box(0, 0, 1280, 720)
WANTED = st.builds(
    Wanted, st.integers(-50, 1330), st.integers(-50, 770), st.integers(20, 400), st.integers(20, 160)
)
BOXES = st.builds(Box, st.integers(0, 1200), st.integers(0, 700), st.integers(1, 400), st.integers(1, 200))


@settings(max_examples=150, deadline=None)
@given(st.lists(WANTED, max_size=12), st.lists(BOXES, max_size=3), st.lists(BOXES, max_size=4))
def test_bubbles_overlap_nothing_and_stay_on_the_screen(
    wanted: list[Wanted], taken: list[Box], heads: list[Box]
) -> None:
    found = [place for place in place_bubbles(wanted, SCREEN, taken, heads=heads) if place is not None]
    placed = [place.box for place in found]
    for box in placed:
        assert box.inside(SCREEN)
        assert not any(box.overlaps(other) for other in taken)
    assert not any(one.overlaps(other) for one, other in combinations(placed, 2))


@given(st.lists(WANTED, max_size=8))
@settings(max_examples=60, deadline=None)
def test_where_there_is_room_every_bubble_is_shown(wanted: list[Wanted]) -> None:
    tall = Box(0, 0, 1280, 4000)
    assert None not in place_bubbles(wanted, tall)


def test_a_lone_bubble_is_right_above_its_speaker() -> None:
    (placed,) = place_bubbles([Wanted(400, 300, 100, 40)], SCREEN, lift=8)
    assert placed == Placed(Box(350, 252, 100, 40), ((400, 292), (400, 300)))


def test_heads_are_kept_clear_of_where_that_can_be() -> None:
    head = Box(380, 255, 40, 40)
    (placed,) = place_bubbles([Wanted(400, 300, 100, 40)], SCREEN, heads=[head])
    assert placed is not None and not placed.box.overlaps(head)
    tight = Box(0, 0, 100, 40)
    (placed,) = place_bubbles([Wanted(50, 40, 100, 40)], tight, heads=[tight])
    assert placed is not None and placed.box == tight


HEADS = st.builds(Box, st.integers(0, 1240), st.integers(0, 680), st.just(28), st.just(44))


@settings(max_examples=150, deadline=None)
@given(st.lists(HEADS, min_size=1, max_size=14), st.integers(40, 300), st.integers(20, 120))
@example([Box(38, 0, 28, 44), Box(91, 11, 28, 44), Box(78, 0, 28, 44), Box(31, 320, 28, 44)], 43, 28)
def test_no_tail_crosses_a_face_or_another_bubble(heads: list[Box], width: int, height: int) -> None:
    wanted = [Wanted(head.x + 14, head.y, width, height) for head in heads]
    found = place_bubbles(wanted, SCREEN, heads=heads)
    for want, place in zip(wanted, found, strict=True):
        if place is None or place.tail is None:
            continue
        assert place.tail[1] == (want.x, want.y)
        own = Box(want.x - 1, want.y - 1, 3, 3)
        others = [head for head in heads if not head.overlaps(own, 3)]
        assert not any(head.crossed(*place.tail) for head in others)
        assert not any(
            other.box.crossed(*place.tail) for other in found if other is not None and other is not place
        )


def test_a_bubble_stays_where_it_hung() -> None:
    (first,) = place_bubbles([Wanted(400, 300, 100, 40)], SCREEN)
    assert first is not None
    hint = (first.box.x - 400 + 30, first.box.y - 300 - 20)
    (second,) = place_bubbles([Wanted(402, 299, 100, 40, hint)], SCREEN)
    assert second is not None and (second.box.x, second.box.y) == (402 + hint[0], 299 + hint[1])


def test_where_no_room_is_left_a_bubble_is_left_out() -> None:
    small = Box(0, 0, 120, 60)
    first, second = place_bubbles([Wanted(60, 60, 100, 40), Wanted(60, 60, 100, 40)], small)
    assert first is not None and first.box == Box(10, 12, 100, 40)
    assert second is None
    assert place_bubbles([Wanted(60, 60, 500, 40)], small) == [None]


@given(
    st.floats(0, 60),
    st.floats(0, 40),
    st.sampled_from((0.5, 1.0, 2.0, 3.0)),
    st.floats(0, 1280),
    st.floats(0, 720),
)
def test_the_camera_there_and_back(x: float, y: float, zoom: float, sx: float, sy: float) -> None:
    camera = Camera(x, y, zoom, 1280, 720)
    back = camera.to_screen(*camera.to_map(sx, sy))
    assert abs(back[0] - sx) < 1e-6 and abs(back[1] - sy) < 1e-6
    point = camera.to_map(sx, sy)
    camera.zoom_at(sx, sy, 1)
    after = camera.to_map(sx, sy)
    assert abs(after[0] - point[0]) < 1e-9 and abs(after[1] - point[1]) < 1e-9


@given(st.floats(-500, 500), st.floats(-500, 500), st.sampled_from((0.5, 1.0, 2.0, 8.0)))
def test_the_camera_stays_on_the_map(x: float, y: float, zoom: float) -> None:
    camera = Camera(x, y, zoom, 1280, 720)
    camera.keep_on(60, 40)
    left, top = camera.to_map(0, 0)
    right, bottom = camera.to_map(1280, 720)
    wide, high = 1280 / zoom / 16, 720 / zoom / 16
    assert (left >= -1e-9 and right <= 60 + 1e-9) if wide < 60 else abs((left + right) / 2 - 30) < 1e-9
    assert (top >= -1e-9 and bottom <= 40 + 1e-9) if high < 40 else abs((top + bottom) / 2 - 20) < 1e-9


def test_the_busiest_spot_is_amid_the_crowd() -> None:
    people = [(0.0, 0.0), (30.0, 20.0), (32.0, 20.0), (31.0, 23.0)]
    assert busiest(people, 40, 22) == (31, 21.5)
    assert busiest([], 40, 22) is None


def test_lines_of_chinese_text_stand_below_each_other() -> None:
    fonts = Fonts()
    for size in (10, 12, 13, 14):
        latin, chinese = "Good day, Mira.", "磨坊的面粉涨价了。"
        assert fonts.height(size, latin) == fonts.height(size)
        assert fonts.height(size, chinese) >= fonts.draw(chinese, size, (0, 0, 0)).get_height()


def test_a_line_of_the_list_of_events_takes_the_room_that_is_kept_for_it() -> None:
    """Where it just fitted, an empty line followed."""
    events = EventLog(Fonts())
    page = events.page
    page.begin(pygame.Surface((350, 4000)), pygame.Rect(14, 12, 322, 3900))
    for length in range(1, 90):
        top, line = page.y, LogLine(length, 1, "said", "", "i" * length)
        page.text(line.text, 12, pal.TEXT, 3, events.fonts.px(INDENT))
        assert events._height(line) == page.y - top + events.fonts.px(3), length
