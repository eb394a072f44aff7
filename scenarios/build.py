"""The composition root: from a scenario to a world, minds, a model and a store that know each other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from burgh.agents.persona import Errand, Persona, SeedMemory, Stroke
from burgh.agents.settings import MindSettings
from burgh.memory.score import Weights
from burgh.scenarios import spec
from burgh.scenarios.spec import Scenario
from burgh.scenarios.town import build_town
from burgh.sim.protocols import LanguageModel, Mind, World

if TYPE_CHECKING:
    from burgh.agents.llm.accounts import Accounts
    from burgh.memory.embed import Embedder
    from burgh.memory.store import MemoryStore


@dataclass(frozen=True, slots=True)
class Parts:
    """What a run is made of. accounts: the language model, which keeps accounts of itself."""

    world: World
    minds: tuple[Mind, ...]
    accounts: Accounts
    embedder: Embedder
    store: MemoryStore


def build(
    scenario: Scenario, memory_folder: Path, *, model: LanguageModel | None = None, threads: int | None = None
) -> Parts:
    """Everything that a run of the scenario needs. model: one that is loaded already.

    Raises BurghError where the model or the embedder cannot be had.
    """
    from burgh.agents.llm.accounts import Accounts
    from burgh.agents.llm.load import load_model
    from burgh.agents.llm.permuted import PermutedScores
    from burgh.agents.mind import GenerativeMind
    from burgh.memory.embed import load_embedder
    from burgh.memory.store import MemoryStore

    world = build_town(scenario)
    embedder = load_embedder(scenario.embedder)
    llm = model or load_model(scenario.model, threads=threads, seed=scenario.seed)
    if scenario.mind.shuffle_scores:
        llm = PermutedScores(llm, scenario.seed)
    accounts = Accounts(llm)
    store = MemoryStore(memory_folder)
    minds = tuple(
        GenerativeMind(
            persona(agent),
            settings(scenario),
            llm=accounts,
            embedder=embedder,
            clock=scenario.clock,
            seed=scenario.seed,
            keep=store.add,
        )
        for agent in scenario.agents
    )
    return Parts(world, minds, accounts, embedder, store)


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
    )


def settings(scenario: Scenario) -> MindSettings:
    """What the scenario sets about minds."""
    return MindSettings(
        language=scenario.language,
        retrieval_k=scenario.retrieval.k,
        weights=Weights(**scenario.retrieval.weights.model_dump()),
        decay=scenario.retrieval.decay,
        fusion=scenario.retrieval.fusion,
        query=scenario.retrieval.query,
        reflection_threshold=scenario.reflection.threshold,
    )
