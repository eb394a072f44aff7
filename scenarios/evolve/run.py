"""The loop: rounds of proposing, searching and trying; at the end a test on draws that nobody has seen."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import numpy as np

from burgh.scenarios.arena.stats.intervals import Estimate
from burgh.scenarios.evolve.candidate import Candidate, read
from burgh.scenarios.evolve.lineage import Child, Lineage, Round, Settings
from burgh.scenarios.evolve.trial import Tried, Try, level, seeds
from burgh.sim.rng import stream

WINNER = "winner"


@dataclass(frozen=True, slots=True)
class Proposal:
    """A candidate, and why it was made."""

    candidate: Candidate
    reason: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What a proposer goes by. transcripts: games of the parent on the draws of the last search, the worst
    first. known: ids of all candidates so far."""

    parent: Candidate
    number: int
    rounds: Sequence[Round]
    transcripts: tuple[str, ...] = ()
    known: frozenset[str] = field(default_factory=frozenset)


class Proposer(Protocol):
    """Makes children. Those that were there before are passed over by the loop."""

    def propose(self, seen: Seen, count: int, rng: random.Random) -> Sequence[Proposal]: ...

    @property
    def tokens(self) -> int:
        """Spent on proposing so far."""
        ...

    @property
    def looks(self) -> bool:
        """Whether it goes by transcripts, for which the parent has to be played first."""
        ...


@dataclass(frozen=True, slots=True)
class Evolved:
    """tested: the winner's gain on the start over the test's draws; None where nothing was accepted or the
    tokens did not reach. why: how it ended, in a sentence."""

    winner: Candidate
    start: Candidate
    rounds: Sequence[Round]
    tested: Estimate | None
    tokens: int
    why: str


def evolve(
    settings: Settings,
    folder: Path,
    propose: Proposer,
    play: Try,
    told: Callable[[Round], None] = lambda done: None,
) -> Evolved:
    """Goes through the rounds that are still to come. Interrupted, it is gone on with by the same call.

    Raises BurghError where the folder holds another evolution, or the candidates cannot be played.
    """
    lineage = Lineage(folder, settings)
    start = read(settings.start)
    parent = standing(start, lineage.rounds)
    why = "all rounds are done"
    while len(lineage.rounds) < settings.rounds:
        if is_spent(settings, lineage):
            why = f"the budget of {settings.budget_tokens:,} tokens does not reach for another round"
            break
        done, parent = _round(settings, lineage.rounds, parent, propose, play)
        lineage.add(done)
        told(done)
    return finished(settings, lineage, start, play, why)


def finished(settings: Settings, lineage: Lineage, start: Candidate, play: Try, why: str) -> Evolved:
    """Tests the winner against the start on draws that nobody has seen, and writes it."""
    parent = standing(start, lineage.rounds)
    tested, tokens = None, lineage.tokens
    if parent.id != start.id:
        tried = play((start, parent), seeds("test", 0, settings.test_draws))
        tested, tokens = tried.gain(parent.id, start.id), tokens + tried.tokens
    outcome = Evolved(parent, start, lineage.rounds, tested, tokens, why)
    write_winner(outcome, lineage.folder)
    return outcome


def standing(start: Candidate, rounds: Sequence[Round]) -> Candidate:
    """The candidate that was accepted last."""
    for one in reversed(rounds):
        if one.accepted:
            return read(next(child.text for child in one.children if child.id == one.tried))
    return start


def is_spent(settings: Settings, lineage: Lineage) -> bool:
    """Whether another round, as dear as the dearest so far, and the test would go over the budget."""
    if settings.budget_tokens is None or not lineage.rounds:
        return False
    dearest = max(one.tokens for one in lineage.rounds)
    draws = settings.search_draws * (1 + settings.children) + 2 * settings.trial_draws
    test = dearest * 2 * settings.test_draws / max(1, draws)
    return lineage.tokens + dearest + test > settings.budget_tokens


def _round(
    settings: Settings, before: Sequence[Round], parent: Candidate, proposer: Proposer, play: Try
) -> tuple[Round, Candidate]:
    number, start = len(before), read(settings.start)
    search = seeds("evolve", number, settings.search_draws)
    spent, known = proposer.tokens, _known(start, before)
    alone = play((parent,), search) if proposer.looks else Tried({})
    shown = (alone.transcripts or {}).get(parent.id, ())
    seen = Seen(parent, number, before, shown, known)
    rng = stream(settings.seed, "evolve", settings.optimizer, number)
    children: dict[str, Proposal] = {}
    for proposal in proposer.propose(seen, settings.children, rng):
        if proposal.candidate.id not in known and len(children) < settings.children:
            children.setdefault(proposal.candidate.id, proposal)
    tokens = alone.tokens + proposer.tokens - spent
    if not children:
        done = Round(
            number=number, parent=parent.id, children=(), tokens=tokens, says="nothing new was proposed"
        )
        return done, parent
    searched = play((parent, *(one.candidate for one in children.values())), search)
    gains = {name: searched.gain(name, parent.id).mean for name in children}
    best = max(children, key=lambda name: (_finite(gains[name]), name))
    told = tuple(
        Child(id=name, text=one.candidate.text, reason=one.reason, gain=_rounded(gains[name]))
        for name, one in children.items()
    )
    tokens += searched.tokens
    if _finite(gains[best]) <= 0:
        says = "no child did better in the search"
        return Round(number=number, parent=parent.id, children=told, tokens=tokens, says=says), parent
    child = children[best].candidate
    tried = play((parent, child), seeds("select", number, settings.trial_draws))
    gain = tried.gain(child.id, parent.id, level(settings.alpha, settings.rounds))
    accepted = gain.low > 0
    says = "surely better: it is the parent now" if accepted else "not surely better on fresh draws"
    done = Round(
        number=number,
        parent=parent.id,
        children=told,
        tried=child.id,
        mean=_rounded(gain.mean),
        low=_rounded(gain.low),
        accepted=accepted,
        tokens=tokens + tried.tokens,
        says=says,
    )
    return done, child if accepted else parent


def _known(start: Candidate, rounds: Sequence[Round]) -> frozenset[str]:
    return frozenset({start.id, *(child.id for one in rounds for child in one.children)})


def _finite(gain: float) -> float:
    return gain if np.isfinite(gain) else -np.inf


def _rounded(value: float) -> float | None:
    """As it is written: json has no infinities."""
    return round(float(value), 6) if np.isfinite(value) else None


def write_winner(outcome: Evolved, folder: Path) -> Path:
    """The winner as a file that `burgh arena --strategies` takes, or a line that names it."""
    winner = outcome.winner
    if winner.file is None:
        path = folder / f"{WINNER}.txt"
        path.write_text(f"{winner.id}\n", encoding="utf-8")
        return path
    path = folder / f"{WINNER}.yaml"
    name = winner.file.name if winner.id == outcome.start.id else f"{winner.file.name[:50]}-evolved"
    winner.file.model_copy(update={"name": name}).write(path)
    return path
