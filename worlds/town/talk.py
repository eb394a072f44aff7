"""Speech: happenings told by a voice from outside, and what villagers say, heard within earshot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from burgh.sim.rng import stream
from burgh.sim.types import Action, Event, Events, Json, Percept
from burgh.worlds.town.body import Body
from burgh.worlds.town.perception import Senses
from burgh.worlds.town.speech import TURN_TICKS, Happening, Utterance, take_floor
from burgh.worlds.town.texts import Sentences

STAND_TICKS = 2  # for how long speaker and addressee stand still after an utterance


class Talk:
    """turns: agent -> the last tick at which the turn is its own. untold: numbers of happenings to come.
    waiting: what interventions ask for and was not said yet, each with the id of its event."""

    def __init__(
        self,
        bodies: Mapping[str, Body],
        happenings: Sequence[Happening],
        seed: int,
        language: str = "en",
    ) -> None:
        self.bodies = bodies
        self.texts = Sentences(language)
        self.happenings = tuple(happenings)
        self.seed = seed
        self.turns: dict[str, int] = {}
        self.untold = list(range(len(self.happenings)))
        self.waiting: list[tuple[Happening, str]] = []

    def next_happening(self) -> int | None:
        """The tick of the next happening; those for someone asleep wait for the waking."""
        ticks = (
            self.happenings[n].tick for n in self.untold if not self.bodies[self.happenings[n].to].asleep
        )
        return min(ticks, default=None)

    def happen(self, tick: int, events: Events) -> None:
        """The voice speaks to each whose news is due and who is awake."""
        for number in tuple(self.untold):
            news = self.happenings[number]
            body = self.bodies[news.to]
            if news.tick > tick or body.asleep:
                continue
            self.untold.remove(number)
            if news.inner:
                self._whisper(news, events)
                continue
            event = events.add("said", None, news.said())
            self._hear(event, (body,))
            body.held_until = max(body.held_until, tick + STAND_TICKS)

        for waiting in tuple(self.waiting):
            news, cause = waiting
            if not self.bodies[news.to].asleep:
                self.waiting.remove(waiting)
                self._whisper(news, events, (cause,))

    def _whisper(self, news: Happening, events: Events, causes: Sequence[str] = ()) -> None:
        """An inner voice: nobody else perceives it, and one goes on with what one does."""
        data = {"to": news.to, "meaning": news.meaning, "fact": news.fact}
        event = events.add("whispered", news.to, data, causes)
        percept = Percept(event.id, "inner", self.texts.whispered(data), (news.to,), data)
        self.bodies[news.to].percepts.append(percept)

    def waiting_json(self) -> list[Json]:
        """What waits, as plain data."""
        return [
            {"to": news.to, "say": news.meaning, "fact": news.fact, "cause": cause, "tick": news.tick}
            for news, cause in self.waiting
        ]

    @property
    def told(self) -> list[int]:
        """Numbers of the happenings that have happened."""
        return [number for number in range(len(self.happenings)) if number not in self.untold]

    def tell_again_but(self, told: Sequence[int]) -> None:
        """Takes over which have happened: all others are to come, those that were added since included."""
        self.untold = [number for number in range(len(self.happenings)) if number not in told]

    def speak(
        self, says: Mapping[str, Action], senses: Senses, earshot_tiles: int, tick: int, events: Events
    ) -> None:
        """All that is said in a tick. says: speaker -> its action, in the agents' order."""
        utterances = [Utterance(name, action.answer["arguments"], action.id) for name, action in says.items()]
        floor = take_floor(utterances, self.turns, tick, stream(self.seed, "floor", "", tick))
        order = list(self.bodies)
        for utterance in utterances:
            name, data = utterance.speaker, utterance.data()
            first = floor[name]
            if first != name:
                event = events.add("unheard", name, data, (utterance.action,))
                text = self.texts.unheard(data, first)
                heard_instead = {"kind": "unheard", **data}
                self.bodies[name].percepts.append(
                    Percept(event.id, "outcome", text, (name, utterance.to), heard_instead)
                )
                continue
            hearers = [order[n] for n in senses.hearers(order.index(name), earshot_tiles)]
            event = events.add("said", name, {**data, "heard_by": hearers}, (utterance.action,))
            self._hear(event, [self.bodies[hearer] for hearer in hearers])
            self.turns[utterance.to] = tick + TURN_TICKS
            self.turns.pop(name, None)
            for both in (name, utterance.to):
                self.bodies[both].held_until = tick + STAND_TICKS

    def _hear(self, event: Event, hearers: Sequence[Body]) -> None:
        data = dict(event.data)  # who else heard it is seen by all who did
        percept = Percept(event.id, "speech", self.texts.said(data), (data["speaker"], data["to"]), data)
        for body in hearers:
            body.percepts.append(percept)
