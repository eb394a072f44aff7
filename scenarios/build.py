"""The composition root: from a scenario to a world, minds, a model and a store that know each other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from burgh.agents.persona import Errand, Persona, SeedMemory, Stroke
from burgh.agents.settings import MindSettings
from burgh.memory.score import Weights
from burgh.scenarios import spec
from burgh.scenarios.kinds import Means, kind_of
from burgh.scenarios.spec import Basis, Scenario
from burgh.sim.protocols import LanguageModel, Mind, World
from burgh.sim.types import Event

if TYPE_CHECKING:
    from burgh.agents.llm.accounts import Accounts
    from burgh.agents.llm.budgets import Ledger
    from burgh.agents.llm.person import Ask
    from burgh.agents.llm.replies import RecordedReplies
    from burgh.memory.embed import Embedder
    from burgh.memory.store import MemoryStore


UNASKED = "scripted"  # what stands for a model that no mind asks


@dataclass(frozen=True, slots=True)
class Parts:
    """What a run is made of. accounts: the language model, which keeps accounts of itself. replies: what
    minds ask, which answers from records what stands there, and asks the model for the rest. person: the same
    for who has a seat. embedder, store: None where minds do not remember."""

    world: World
    minds: tuple[Mind, ...]
    accounts: Accounts
    replies: RecordedReplies
    person: RecordedReplies
    embedder: Embedder | None = None
    store: MemoryStore | None = None


def build(
    scenario: Basis,
    memory_folder: Path,
    *,
    model: LanguageModel | None = None,
    threads: int | None = None,
    replies: Iterable[Event] = (),
    ask: Ask | None = None,
) -> Parts:
    """Everything that a run of the scenario needs. model: one that is loaded already. replies: events of a
    record, from which is answered what was asked there already. ask: asks a person who has a seat.

    Raises BurghError where the model or the embedder cannot be had.
    """
    from burgh.agents.llm.budgets import Ledger
    from burgh.agents.llm.person import PersonModel
    from burgh.agents.llm.replies import RecordedReplies

    kind = kind_of(scenario)
    remembers = kind.remembers(scenario)
    embedder = _embedder(scenario) if remembers else None
    accounts = build_model(scenario, model=model, threads=threads)
    store = _store(memory_folder) if remembers else None
    llm = RecordedReplies(accounts, replies, ledger=ledger(scenario), bears=scenario.on_fault == "habits")
    person = llm.on(PersonModel(ask))
    person.ledger, person.bears = Ledger(), False  # a person is no model
    world, minds = build_players(scenario, Means(llm, embedder, store, person))
    return Parts(world, minds, accounts, llm, person, embedder, store)


def build_model(
    scenario: Basis, *, model: LanguageModel | None = None, threads: int | None = None
) -> Accounts:
    """The scenario's language model with its accounts. model: one that is loaded already."""
    from burgh.agents.llm.accounts import Accounts
    from burgh.agents.llm.load import load_model

    name = scenario.model if kind_of(scenario).asks(scenario) else UNASKED
    return Accounts(_permuted(scenario, model or load_model(name, threads=threads, seed=scenario.seed)))


def ledger(scenario: Basis) -> Ledger:
    """The scenario's budgets, of which nothing is spent."""
    from burgh.agents.llm.budgets import Ledger, parse_budget

    return Ledger([parse_budget(text) for text in scenario.budgets], scenario.clock.ticks(60))


def build_players(scenario: Basis, means: Means) -> tuple[World, tuple[Mind, ...]]:
    """A fresh world, and the minds that act in it."""
    kind = kind_of(scenario)
    return kind.world(scenario), tuple(kind.minds(scenario, means))


def _embedder(scenario: Basis) -> Embedder:
    from burgh.memory.embed import load_embedder

    return load_embedder(scenario.embedder) if isinstance(scenario, Scenario) else load_embedder()


def _store(folder: Path) -> MemoryStore:
    from burgh.memory.store import MemoryStore

    return MemoryStore(folder)


def _permuted(scenario: Basis, llm: LanguageModel) -> LanguageModel:
    """The model, or the control that shows that it is the model that chooses."""
    if not isinstance(scenario, Scenario) or not scenario.mind.shuffle_scores:
        return llm
    from burgh.agents.llm.permuted import PermutedScores

    return PermutedScores(llm, scenario.seed)


def town_minds(scenario: Scenario, means: Means) -> tuple[Mind, ...]:
    """The minds of a town's people."""
    from burgh.agents.minds import maker
    from burgh.agents.person import Person
    from burgh.agents.rating import Board, Sharing

    assert means.embedder is not None and means.store is not None
    made = tuple(
        maker(agent.mind.kind or scenario.mind.kind)(
            persona(agent),
            settings(scenario, agent),
            llm=means.llm,
            embedder=means.embedder,
            clock=scenario.clock,
            seed=scenario.seed,
            keep=means.store.add,
        )
        for agent in scenario.agents
    )
    board = Board()
    for mind in made:
        if isinstance(mind, Person):
            mind.seat = means.person
        if isinstance(mind, Sharing):
            mind.share(board)
    return made


def persona(agent: spec.Agent) -> Persona:
    """The persona that a scenario describes."""
    return Persona(
        name=agent.name,
        age=agent.age,
        job=agent.job,
        home=agent.home,
        work=agent.work or "",
        traits=", ".join(agent.traits),
        wishes=tuple(agent.wishes),
        relations=dict(agent.relations),
        memories=tuple(SeedMemory(one.text, one.say or "", one.fact or "") for one in agent.memories),
        day=tuple(
            Stroke(
                stroke.at,
                stroke.minutes,
                tuple(Errand(errand.place, tuple(errand.doing)) for errand in stroke.errands),
            )
            for stroke in agent.day
        ),
        rises=agent.rises,
        retires=agent.retires,
    )


def settings(scenario: Scenario, agent: spec.Agent | None = None) -> MindSettings:
    """What the scenario sets about minds, or about one agent's."""
    phases = scenario.mind.model_dump(include={"memory", "reflection", "planning"})
    if agent is not None:
        phases |= agent.mind.model_dump(include=set(phases), exclude_none=True)
    return MindSettings(
        language=scenario.language,
        retrieval_k=scenario.retrieval.k,
        weights=Weights(**scenario.retrieval.weights.model_dump()),
        decay=scenario.retrieval.decay,
        fusion=scenario.retrieval.fusion,
        normalisation=scenario.retrieval.normalisation,
        query=scenario.retrieval.query,
        reflection_threshold=scenario.reflection.threshold,
        writes=scenario.mind.writes,
        **phases,
    )
