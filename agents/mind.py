"""The generative mind: perceive, reflect, plan, speak, act (Park et al. 2023), in that order."""

from __future__ import annotations

from collections.abc import Callable

from burgh.agents.act import go_on
from burgh.agents.asking import Asker
from burgh.agents.bidding import bid
from burgh.agents.converse import speak
from burgh.agents.habitual import by_habit
from burgh.agents.keeping import keep_talks
from burgh.agents.llm.unanswered import BudgetSpent, Unanswered
from burgh.agents.morning import new_day
from burgh.agents.perceive import measure_scale, perceive, rate
from burgh.agents.persona import Persona
from burgh.agents.plan import next_change, plan_day
from burgh.agents.promise import hold, note_promises
from burgh.agents.rating import Board
from burgh.agents.react import look_up, revise
from burgh.agents.reflect import reflect
from burgh.agents.saying import take_back_unheard
from burgh.agents.settings import MindSettings
from burgh.agents.state import MindState
from burgh.agents.turn import Turn
from burgh.memory.embed import Embedder
from burgh.memory.record import Memory
from burgh.memory.score import Vectors
from burgh.memory.stream import MemoryStream
from burgh.sim.clock import Clock
from burgh.sim.protocols import LanguageModel
from burgh.sim.rng import stream
from burgh.sim.types import Action, BurghError, Events, Json, Observation, Step

Keep = Callable[[Memory, Vectors], None]


class GenerativeMind:
    """A Mind (see sim/protocols.py) of one persona. keep: told of each memory when its step is committed."""

    def __init__(
        self,
        persona: Persona,
        settings: MindSettings,
        *,
        llm: LanguageModel,
        embedder: Embedder,
        clock: Clock,
        seed: int,
        keep: Keep | None = None,
    ) -> None:
        self.persona = persona
        self.settings = settings
        self.llm = llm
        self.embedder = embedder
        self.clock = clock
        self.seed = seed
        self._keep = keep
        self.state = MindState(MemoryStream(persona.name, embedder.dimension, clock.tick_seconds))
        self._board = Board()

    @property
    def name(self) -> str:
        return self.persona.name

    async def begin(self, observation: Observation) -> Step:
        """What it knows, wishes and thinks of others becomes memory; then the day is planned."""
        turn = self._turn(observation)
        try:
            await _prepare(turn)
        except BudgetSpent as spent:
            return self._by_habit(turn, spent)
        return self._step(turn, None)

    async def step(self, observation: Observation) -> Step:
        turn = self._turn(observation)
        try:
            return await self._whole(turn)
        except Unanswered as fault:
            return self._by_habit(turn, fault)

    async def _whole(self, turn: Turn) -> Step:
        if not turn.state.scale:  # there was no budget for it at the start
            await _prepare(turn)
        take_back_unheard(turn)
        hold(turn)
        await perceive(turn)
        keep_talks(turn, all_of_them=turn.tick >= turn.state.day_ends)
        await new_day(turn)
        if self.settings.reflection and self.settings.memory:
            await reflect(turn)
        if self.settings.planning:
            await revise(turn)
            await look_up(turn)
            note_promises(turn)
        return self._step(turn, await self.decide(turn))

    async def decide(self, turn: Turn) -> Action | None:
        """What it says or does now; None goes on with what is under way."""
        return await bid(turn) or await speak(turn) or await go_on(turn)

    def commit(self, step: Step) -> None:
        state, made, rated = step.changes
        self.state = state
        self._board.add(rated, state.scale)
        if self._keep is not None:
            for memory, vector in made:
                self._keep(memory, vector)

    def forget(self, memory_id: str) -> None:
        """Takes a memory from it, from outside; what it led to stays. Raises BurghError for an unknown
        one."""
        if memory_id not in self.state.stream:
            last = f"{self.name}:{len(self.state.stream) - 1}"
            raise BurghError(f"{self.name} has no memory {memory_id!r}: the last is {last}")
        self.state = self.state.fork()
        self.state.stream.forget(memory_id)

    def snapshot(self) -> Json:
        return self.state.snapshot()

    def restore(self, state: Json) -> None:
        """Takes over a snapshot of the same agent's mind. Raises BurghError for another's."""
        if (whose := state["stream"]["agent"]) != self.name:
            raise BurghError(f"the snapshot is of {whose}'s mind, not of {self.name}'s")
        self.state = MindState.restore(state)
        self._board.add(self.state.ratings, self.state.scale)

    def share(self, board: Board) -> None:
        """From now on it rates nothing that stands on that board."""
        board.add(self.state.ratings, self.state.scale)
        self._board = board

    def _turn(self, observation: Observation) -> Turn:
        events = Events(observation.tick, self.name)
        state = self.state.fork()
        ask = Asker(
            self.llm,
            self.name,
            observation.tick,
            self.seed,
            events,
            state.prompts,
            self.settings.language,
        )
        return Turn(
            self.persona,
            self.settings,
            self.clock,
            observation,
            state,
            ask,
            events,
            self.embedder,
            stream(self.seed, "mind", self.name, observation.tick),
            self._board,
        )

    def _by_habit(self, broken: Turn, fault: Unanswered) -> Step:
        """The step where the model gives no answer: nothing of the one that broke off but what was asked."""
        turn = self._turn(broken.observation)
        action, wake = by_habit(turn, broken.events, fault)
        if turn.tick == 0:
            return Step(None, turn.events.all(), (turn.state, turn.made, turn.rated), wake)
        return Step(action, turn.events.all(), (turn.state, turn.made, turn.rated), wake)

    def _step(self, turn: Turn, action: Action | None) -> Step:
        return Step(action, turn.events.all(), (turn.state, turn.made, turn.rated), _wake(turn))


def _wake(turn: Turn) -> int | None:
    """When it wants to be asked though nothing is new: a promise that was made is held to at once."""
    return turn.tick + 1 if turn.state.pledge else next_change(turn)


async def _prepare(turn: Turn) -> None:
    await measure_scale(turn)
    await _remember_the_past(turn)
    await plan_day(turn)


async def _remember_the_past(turn: Turn) -> None:
    """Seed memories, wishes and relations. Wishes and what one thinks of others one keeps to oneself."""
    persona = turn.persona
    known = [memory.text for memory in persona.memories]
    private = [*persona.wishes, *persona.relations.values()]
    subjects = [*([()] * len(persona.wishes)), *((name,) for name in persona.relations)]
    importances = await rate(turn, [*known, *private])
    for seed, importance in zip(persona.memories, importances, strict=False):
        memory = turn.remember("observation", seed.text, importance, fact=seed.fact)
        if seed.say:
            turn.state.firsthand[memory.id] = seed.say
    for text, about, importance in zip(private, subjects, importances[len(known) :], strict=True):
        memory = turn.remember("observation", text, importance, subjects=about)
        turn.state.meanings[memory.id] = ""
        if not about:
            turn.state.wishes = (*turn.state.wishes, memory.id)
