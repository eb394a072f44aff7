"""What each key does: one table, from which the window acts, the help on F1 and docs/watching.md are made."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import pygame

SHIFT, CTRL = pygame.KMOD_SHIFT, pygame.KMOD_CTRL


@dataclass(frozen=True, slots=True)
class Binding:
    """A key, or a letter as it is typed; what it does, as the name of a deed; and how it is told of.

    shift: None where it does not matter. text: "" for one that is told with another.
    """

    deed: str
    key: int = 0
    letter: str = ""
    shift: bool | None = None
    ctrl: bool = False
    shown: str = ""
    text: str = ""
    group: str = ""


TIME, LOOK, MIND, WINDOW = "Time", "Looking", "Minds and events", "Window"
GROUPS = (TIME, LOOK, MIND, WINDOW)
BINDINGS = (
    Binding("pause", pygame.K_SPACE, shown="Space", text="pause, go on", group=TIME),
    Binding("faster", letter="+", shown="+  -", text="faster, slower: 0.25x to 1000x", group=TIME),
    Binding("faster", letter="="),
    Binding("faster", pygame.K_KP_PLUS),
    Binding("slower", letter="-"),
    Binding("slower", pygame.K_KP_MINUS),
    Binding("step", letter=".", shown=".  ,", text="one tick on, one tick back", group=TIME),
    Binding("step_back", letter=","),
    Binding("start", pygame.K_HOME, shown="Home  End", text="the start, the end (or now)", group=TIME),
    Binding("end", pygame.K_END),
    Binding("next_mark", pygame.K_n, shown="N  B", text="the next mark, the one before", group=TIME),
    Binding("last_mark", pygame.K_b),
    Binding(
        "next_speech", pygame.K_t, shift=False, shown="T", text="next talk (Shift: the last)", group=TIME
    ),
    Binding("last_speech", pygame.K_t, shift=True),
    Binding(
        "next_reflection", pygame.K_r, shift=False, shown="R", text="next reflection (Shift)", group=TIME
    ),
    Binding("last_reflection", pygame.K_r, shift=True),
    Binding("next_plan", pygame.K_p, shift=False, shown="P", text="next change of plan (Shift)", group=TIME),
    Binding("last_plan", pygame.K_p, shift=True),
    Binding("next_sale", pygame.K_s, shift=False, shown="S", text="next sale (Shift)", group=TIME),
    Binding("last_sale", pygame.K_s, shift=True),
    Binding("zoom_in", pygame.K_z, shift=False, ctrl=False, shown="Z  X", text="nearer, farther", group=LOOK),
    Binding("zoom_out", pygame.K_x),
    Binding("whole_town", pygame.K_0, shown="0", text="the whole town", group=LOOK),
    Binding(
        "next_villager", pygame.K_TAB, shift=False, shown="Tab", text="next villager (Shift)", group=LOOK
    ),
    Binding("last_villager", pygame.K_TAB, shift=True),
    Binding("follow", pygame.K_f, ctrl=False, shown="F", text="follow, let go", group=LOOK),
    Binding("search", letter="/", shown="/", text="find a name, a place, a time", group=LOOK),
    Binding("search", pygame.K_f, ctrl=True),
    Binding("roofs", pygame.K_o, shown="O", text="roofs: looked into, all open, all shut", group=LOOK),
    Binding("minimap", pygame.K_m, shown="M", text="map of the whole", group=LOOK),
    Binding("inspect", pygame.K_i, shown="I", text="into the mind, back to the map", group=MIND),
    Binding("next_tab", letter="]", shown="[  ]", text="page of the mind: also 1 to 5", group=MIND),
    Binding("last_tab", letter="["),
    *(Binding(f"page_{number}", letter=str(number)) for number in range(1, 6)),
    Binding("page_down", pygame.K_PAGEDOWN, shown="PgUp  PgDn", text="scroll", group=MIND),
    Binding("page_up", pygame.K_PAGEUP),
    Binding("find_memory", pygame.K_y, shown="Y", text="search the memories", group=MIND),
    Binding("memory_kind", pygame.K_k, shown="K", text="kind of memory, or of event", group=MIND),
    Binding("wide", pygame.K_w, shown="W", text="wide mind", group=MIND),
    Binding("events", pygame.K_e, shown="E", text="list of events: arrows, Enter goes there", group=MIND),
    Binding("hall", pygame.K_a, shown="A", text="the auction, where there is one", group=MIND),
    Binding("log", pygame.K_l, shown="L", text="latest events as lines", group=WINDOW),
    Binding("console", letter=":", shown=":", text="a command to the run, an answer", group=WINDOW),
    Binding("larger", letter="+", ctrl=True, shown="Ctrl +  -", text="larger, smaller letters", group=WINDOW),
    Binding("larger", letter="=", ctrl=True),
    Binding("smaller", letter="-", ctrl=True),
    Binding("help", pygame.K_F1, shown="F1  ?", text="this help", group=WINDOW),
    Binding("help", letter="?"),
    Binding("full_screen", pygame.K_F11, shown="F11", text="full screen", group=WINDOW),
    Binding("escape", pygame.K_ESCAPE, shown="Esc", text="close what is open, then the window", group=WINDOW),
)
MOUSE = (
    ("Wheel", "nearer, farther; scrolls panels"),
    ("Drag", "moves the map, the time"),
    ("Arrows", "move the map, or choose in a panel"),
    ("Click", "a villager, an event, the small map"),
)


def deed_of(key: int, letter: str, modifiers: int) -> str | None:
    """What a key that was pressed does; None for nothing."""
    shift, ctrl = bool(modifiers & SHIFT), bool(modifiers & CTRL)
    for binding in BINDINGS:
        if binding.ctrl != ctrl or (binding.shift is not None and binding.shift != shift):
            continue
        if (binding.key and binding.key == key) or (binding.letter and binding.letter == letter):
            return binding.deed
    return None


def key_lines(deeds: Collection[str] | None = None) -> dict[str, list[tuple[str, str]]]:
    """What the help shows: by group, keys and what they do. deeds: of these alone, where any are named."""
    told = [one for one in BINDINGS if deeds is None or one.deed in deeds]
    lines = {group: [(b.shown, b.text) for b in told if b.group == group] for group in GROUPS}
    lines[WINDOW] += MOUSE
    return lines
