"""Pictures without a screen: of hand-made runs, of the village itself, and what is refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pygame
import pytest
from town_for_tests import Villagers, go, say, sleep, town, use
from viewer_for_tests import morning, opening, recorded

from burgh.assets.art import palette as pal
from burgh.sim.types import ENGINE, BurghError, Event, Events
from burgh.sim.viewer.playback import Playback
from burgh.sim.viewer.shot import draw_shot, shot


@pytest.fixture(autouse=True)
def _keep_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")  # `shot` sets it: put back afterwards


def mean(path: Path) -> float:
    picture = pygame.image.load(str(path))
    return sum(pygame.transform.average_color(picture)[:3]) / 765


def test_a_picture_of_a_run(tmp_path: Path) -> None:
    recorded(tmp_path / "run", morning())
    shot(tmp_path / "run", tmp_path / "a.png", at=7)
    picture = pygame.image.load(str(tmp_path / "a.png"))
    assert picture.get_size() == (1280, 720)
    assert 0.3 < mean(tmp_path / "a.png") < 0.7
    shot(tmp_path / "run", tmp_path / "again.png", at=7)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "again.png").read_bytes()
    shot(tmp_path / "run", tmp_path / "last.png", size=(640, 360))
    assert pygame.image.load(str(tmp_path / "last.png")).get_size() == (640, 360)


def test_following_shows_the_panel(tmp_path: Path) -> None:
    draw_shot(Playback(morning()), tmp_path / "a.png", at=7, follow="Ben")
    picture = pygame.image.load(str(tmp_path / "a.png"))
    assert tuple(picture.get_at((1100, 700)))[:3] == pal.PARCHMENT[1]


def test_night_is_darker_than_noon(tmp_path: Path) -> None:
    for name, start in (("noon", "2024-05-01T12:00:00"), ("night", "2024-05-01T23:30:00")):
        draw_shot(Playback(opening(start)), tmp_path / f"{name}.png")
    assert mean(tmp_path / "night.png") < 0.75 * mean(tmp_path / "noon.png")


def test_what_cannot_be_drawn_is_refused_in_a_sentence(tmp_path: Path) -> None:
    playback = Playback(morning())
    with pytest.raises(BurghError, match="has no tick 99: it goes from 0 to 12"):
        draw_shot(playback, tmp_path / "a.png", at=99)
    with pytest.raises(BurghError, match="nobody in this run is called 'Bem': did you mean Ben"):
        draw_shot(playback, tmp_path / "a.png", follow="Bem")
    with pytest.raises(BurghError, match="only Ada, Ben, Cid"):
        draw_shot(playback, tmp_path / "a.png", follow="Zebulon")
    with pytest.raises(BurghError, match="no picture of 0 x 720 pixels"):
        draw_shot(playback, tmp_path / "a.png", size=(0, 720))
    with pytest.raises(BurghError, match="cannot be written: No such file"):
        draw_shot(playback, tmp_path / "nowhere" / "a.png")
    with pytest.raises(BurghError, match=r"pictures are drawn as PNG: .*a\.jpg does not end in \.png"):
        draw_shot(playback, tmp_path / "a.jpg")
    assert not (tmp_path / "a.jpg").exists()
    with pytest.raises(BurghError, match="is not the folder of a run"):
        shot(tmp_path, tmp_path / "a.png")


def test_a_full_disk_is_one_sentence(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.png").symlink_to("/dev/full")
    with pytest.raises(BurghError, match=r"a\.png cannot be written: "):
        draw_shot(Playback(morning()), tmp_path / "a.png")
    assert capfd.readouterr().err == ""


def village_events() -> list[Event]:
    """Real villagers in the real village: one bakes, one sleeps, two meet and talk on the square."""
    world = Villagers(
        town(
            ("Mira", "Burgh : Bakery : Kitchen"),
            ("Oswin", "Burgh : Oak Cottage : Bedroom"),
            ("Lena", "Burgh : Market Square"),
            ("Tomas", "Burgh : Market Square"),
        )
    )
    world.do(
        Mira=use("Burgh : Bakery : Kitchen : Oven", "baking bread", 30),
        Oswin=sleep(60),
        Lena=go("Burgh : Tavern : Taproom"),
        Tomas=say("Lena", "Good morning, Lena. What brings you here?"),
    )
    world.run(8)
    facts = {
        "scenario": "village",
        "scenario_hash": "",
        "seed": 1,
        "agents": ["Mira", "Oswin", "Lena", "Tomas"],
    }
    head = Events(0, ENGINE)
    head.add("run_started", None, {**facts, "start": "2024-05-01T07:30:00", "tick_seconds": 10})
    return [*head.all(), *world.events]


def test_the_village_is_drawn_from_what_the_town_records(tmp_path: Path) -> None:
    events = village_events()
    recorded(tmp_path / "run", events)
    playback = Playback(events)
    scene = playback.at(playback.last_tick)
    assert (scene.town.width, scene.town.height) == (60, 40)
    assert scene.people["Oswin"].asleep or scene.people["Oswin"].walking
    shot(tmp_path / "run", tmp_path / "a.png")
    picture = pygame.image.load(str(tmp_path / "a.png"))
    colours = {tuple(picture.get_at((x, y)))[:3] for x in range(0, 1280, 7) for y in range(0, 720, 7)}
    assert len(colours) > 120


def test_the_scene_model_needs_no_pygame() -> None:
    code = (
        "import sys\n"
        "import burgh.sim.viewer.playback, burgh.sim.viewer.player, burgh.sim.viewer.layout\n"
        "import burgh.sim.viewer.shot, burgh.sim.viewer.source\n"
        "print(sorted({'pygame', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert done.stdout.strip() == "[]"
