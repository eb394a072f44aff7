"""A run as something one can seek in: events by tick, keyframes, and the scene at any moment."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby

from burgh.sim.clock import Clock
from burgh.sim.types import Event
from burgh.sim.viewer.builder import SceneBuilder
from burgh.sim.viewer.mind import MindIndex
from burgh.sim.viewer.scene import Person, Scene, facing_of

KEYFRAME_EVENTS = 2_000  # a seek applies at most so many events, and those of one tick
_NOT_KEPT = frozenset({"prompt", "model", "memory", "retrieved", "decided", "kept", "refused"})
_MARKS = {"said": "speech", "reflected": "reflection", "planned": "plan"}


def _is_seen(event: Event) -> bool:
    """Whether a scene shows anything of an event: of memories, insights alone."""
    return event.kind not in _NOT_KEPT or (event.kind == "memory" and event.data["kind"] == "reflection")


@dataclass(frozen=True, slots=True)
class Mark:
    """Something worth a tick on the timeline. kind: "speech", "reflection" or "plan" (changed, not made)."""

    tick: int
    kind: str
    agent: str


class Playback:
    """All that is known of a run so far. `feed` may go on while one looks: a live run is the same thing."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self.minds = MindIndex()
        self.marks: list[Mark] = []
        self.last_tick = 0
        self.ended = False
        self._ticks: list[int] = []
        self._frames: list[list[Event]] = []
        self._keys: list[tuple[int, SceneBuilder]] = [(0, SceneBuilder())]  # (frames applied, state)
        self._since_key = 0
        self._tip = SceneBuilder()
        self._now = SceneBuilder()
        self._now_frames = 0
        self.feed(events)

    @property
    def clock(self) -> Clock:
        return self._tip.clock

    @property
    def tip(self) -> SceneBuilder:
        """The state after all that is known; not to be changed."""
        return self._tip

    def feed(self, events: Iterable[Event]) -> None:
        """Adds events in the record's order. The last tick may come in two parts."""
        for tick, group in groupby(events, key=lambda event: event.tick):
            if tick < self.last_tick:
                raise ValueError(f"tick {tick} was fed after tick {self.last_tick}")
            kept = []
            for event in group:
                self.minds.apply(event)
                self._mark(event)
                if _is_seen(event):
                    kept.append(event)
            if self._ticks and tick == self._ticks[-1]:
                self._amend(kept)
            else:
                self._ticks.append(tick)
                self._frames.append(kept)
                self.last_tick = tick
                self._advance_tip(kept)

    def _mark(self, event: Event) -> None:
        kind = _MARKS.get(event.kind)
        if kind is not None and (kind != "plan" or event.data["changed"] == "revised"):
            self.marks.append(Mark(event.tick, kind, event.agent or ""))
        if event.kind == "run_ended":
            self.ended = True

    def _advance_tip(self, events: list[Event]) -> None:
        for event in events:
            self._tip.apply(event)
        self._since_key += len(events)
        if self._since_key >= KEYFRAME_EVENTS:
            self._keys.append((len(self._frames), self._tip.copy()))
            self._since_key = 0

    def _amend(self, events: list[Event]) -> None:
        """More events of the last tick: for every state that holds that tick already."""
        frames = len(self._frames)
        self._frames[-1] += events
        states = [self._tip]
        if self._keys[-1][0] == frames:
            states.append(self._keys[-1][1])
        if self._now_frames == frames:
            states.append(self._now)
        for state in states:
            for event in events:
                state.apply(event)

    def at(self, tick: float) -> Scene:
        """The scene at a moment from 0 to `last_tick`; people who walk are between two tiles."""
        tick = max(0.0, min(float(tick), float(self.last_tick)))
        frames = bisect_right(self._ticks, tick)
        self._seek(frames)
        scene = self._now.scene(tick)
        if frames < len(self._ticks) and self._ticks[frames] - tick <= 1:
            scene = _between(scene, self._frames[frames], tick - (self._ticks[frames] - 1))
        return scene

    def _seek(self, frames: int) -> None:
        key_frames, key = self._keys[bisect_right(self._keys, frames, key=lambda k: k[0]) - 1]
        if not key_frames <= self._now_frames <= frames:
            self._now, self._now_frames = key.copy(), key_frames
        for index in range(self._now_frames, frames):
            for event in self._frames[index]:
                self._now.apply(event)
        self._now_frames = frames

    def next_mark(self, tick: float, *, forward: bool = True) -> int | None:
        """The tick of the next (or previous) mark, if there is one."""
        ticks = [mark.tick for mark in self.marks]
        if forward:
            index = bisect_right(ticks, tick)
            return ticks[index] if index < len(ticks) else None
        index = bisect_left(ticks, tick)
        return ticks[index - 1] if index else None


def _between(scene: Scene, coming: list[Event], fraction: float) -> Scene:
    """A scene in which those who move in the coming tick are that fraction of the way on."""
    people: dict[str, Person] = dict(scene.people)
    for event in coming:
        person = scene.people.get(event.agent or "") if event.kind == "moved" else None
        if person is None:
            continue
        dx, dy = event.data["x"] - person.x, event.data["y"] - person.y
        if abs(dx) + abs(dy) > 2:  # was put there: nothing to be seen between
            continue
        people[person.name] = Person(  # a crowd is drawn 60 times a second: `replace` takes twice as long
            person.name,
            person.x + dx * fraction,
            person.y + dy * fraction,
            person.place,
            person.look,
            facing_of(dx, dy, person.facing),
            True,
            person.activity,
            person.goal,
        )
    bubbles = tuple(
        replace(bubble, x=people[bubble.over].x, y=people[bubble.over].y) if bubble.over else bubble
        for bubble in scene.bubbles
    )
    return replace(scene, people=people, bubbles=bubbles)
