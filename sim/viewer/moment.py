"""What the parts of the window draw from: a run, a moment of it, and what is being looked at."""

from __future__ import annotations

from dataclasses import dataclass

from burgh.sim.viewer.playback import Playback
from burgh.sim.viewer.scene import Person, Scene, place_name


@dataclass(frozen=True, slots=True)
class Moment:
    """A playback at a tick. selected: the villager that is looked at, if any."""

    playback: Playback
    scene: Scene
    selected: str | None = None

    @property
    def tick(self) -> float:
        return self.scene.tick

    @property
    def person(self) -> Person:
        """The villager that is looked at; one without looks where the scene does not have it."""
        name = self.selected or ""
        return self.scene.people.get(name, Person(name, 0, 0))

    @property
    def doing(self) -> str:
        """What the villager that is looked at is doing."""
        person = self.person
        if person.asleep:
            return "sleeping"
        return person.activity or (f"on the way to {place_name(person.goal)}" if person.goal else "")

    def time(self, tick: float) -> str:
        """The time of day at a tick."""
        return self.playback.clock.at(int(tick)).strftime("%H:%M")
