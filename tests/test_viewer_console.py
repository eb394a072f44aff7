"""The line at the foot of the window: commands to a run that goes on, answers of who plays in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pygame
import pytest
from test_viewer_window import Driven
from viewer_for_tests import morning, recorded

from burgh.sim.types import BurghError
from burgh.sim.viewer.playback import open_playback
from burgh.sim.viewer.window import Window


@pytest.fixture(autouse=True)
def _no_display(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    yield
    pygame.display.quit()


class Obeying(Driven):
    """Controls that take commands, and may ask."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.question = self.seat = self.writing = ""
        self.begun, self.times_asked = False, 0

    def command(self, line: str) -> str:
        self.lines.append(line)
        if line == "fly":
            raise BurghError("'fly' is no command")
        self.question = ""
        return f"done: {line}"


def test_a_line_at_the_foot_takes_commands_and_answers(tmp_path: Path) -> None:
    recorded(tmp_path / "run", morning()[:-1])
    controls = Obeying()
    window = Window(open_playback(tmp_path / "run"), controls=controls, run=controls)
    console = window.console
    assert console is not None and not console.open

    def type_in(text: str) -> None:
        for letter in text:
            pygame.event.post(pygame.event.Event(pygame.TEXTINPUT, text=letter))
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_RETURN, unicode="\r", mod=0))
        window.frame(0.02)

    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_COLON, unicode=":", mod=0))
    pygame.event.post(pygame.event.Event(pygame.TEXTINPUT, text=":"))
    window.frame(0.02)
    assert console.open and console.words == ""
    type_in("whisper Ann: n b t")
    assert controls.lines == ["whisper Ann: n b t"] and ("done: whisper Ann: n b t", False) in console.told
    type_in("fly")
    assert console.told[-1] == ("'fly' is no command", True)
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_ESCAPE, unicode="", mod=0))
    window.frame(0.02)
    assert window.open and not console.open
    before = pygame.surfarray.array3d(window.screen).copy()
    controls.question = "08:00: you are Ann.\nWhat do you do? (1 go, 2 wait)"
    window.frame(0.02)
    assert console.open, "a question opens it"
    assert (pygame.surfarray.array3d(window.screen) != before).any()
    asked = controls.question
    type_in(":wait 10")
    for times in (1, 2):
        console.open, controls.question, controls.times_asked = False, asked, times
        window.frame(0.02)
        assert console.open, "so does the same, asked again"
    assert controls.lines[-1] == "wait 10", "the key that opens the line is pressed in vain where it is open"


def test_escape_takes_an_answer_begun_back_before_it_closes_the_line(tmp_path: Path) -> None:
    recorded(tmp_path / "run", morning()[:-1])
    controls = Obeying()
    window = Window(open_playback(tmp_path / "run"), controls=controls, run=controls)
    console = window.console
    assert console is not None
    controls.question, controls.begun = "Where to? (1 Hut) [empty: back]", True
    window.frame(0.02)

    def escape() -> None:
        pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=pygame.K_ESCAPE, unicode="", mod=0))
        window.frame(0.02)

    console.write("Hu")
    escape()
    assert console.open and console.words == "" and not controls.lines
    escape()
    assert console.open and controls.lines == [""], "an empty line takes the last part back"
    controls.question, controls.begun = "What do you do? (1 go, 2 wait)", False
    window.frame(0.02)
    escape()
    assert window.open and not console.open


def test_who_is_played_is_looked_at_when_asked(tmp_path: Path) -> None:
    recorded(tmp_path / "run", morning()[:-1])
    controls = Obeying()
    window = Window(open_playback(tmp_path / "run"), controls=controls, run=controls)
    window.frame(0.0)
    assert window.view.scene is not None
    person = window.view.scene.people["Cid"]
    controls.question, controls.seat = "08:00: you are Cid.\nWhat do you do? (1 go, 2 wait)", "Cid"
    window.frame(0.0)
    camera = window.view.camera
    assert camera.zoom >= 2 and camera.x == pytest.approx(person.x + 0.5, abs=8)
    assert window.view.seat == "Cid", "and has a ring, and an open roof"
    window.view.select("Ben")
    window.frame(0.0)
    at = (camera.x, camera.y)
    controls.question = "08:10: you are Cid.\nWhat do you do? (1 go, 2 wait)"
    window.frame(0.0)
    assert window.view.follow and (camera.x, camera.y) == at, "who is followed is followed on"


def test_what_is_being_written_is_shown_where_nothing_newer_is_known(tmp_path: Path) -> None:
    recorded(tmp_path / "run", morning()[:-1], close=False)
    run = Obeying()
    window = Window(open_playback(tmp_path / "run"), controls=run, run=run)
    foot = pygame.Rect(0, window.screen.get_height() - 150, 480, 100)

    def seen() -> bytes:
        window.frame(0.02)
        return pygame.image.tobytes(window.screen.subsurface(foot), "RGB")

    while not window.player.at_edge:
        window.frame(0.5)
    seen()
    without = seen()
    run.writing = "Ann writes: Ben, there is a mar"
    assert window.status.writing == run.writing and seen() != without
    run.writing = ""
    assert seen() == without
