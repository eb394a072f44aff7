"""GEPA (Agrawal and others 2025) by its own library: reflections on games, candidates from a Pareto front.

The library chooses parents and asks for new instructions; whether a child is accepted is ours to say: by the
lower bound of its paired gain on fresh draws. Its own criterion, a larger sum over a minibatch, accepts half
of pure noise.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from burgh.scenarios.evolve.candidate import Candidate, read
from burgh.scenarios.evolve.lineage import Child, Lineage, Round, Settings
from burgh.scenarios.evolve.run import Evolved, finished, is_spent, standing
from burgh.scenarios.evolve.trial import Try, level, seeds
from burgh.scenarios.evolve.writer import Writer
from burgh.sim.types import BurghError

COMPONENT = "instructions"
MINIBATCH = 4  # draws that a reflection looks at
SHOWN_CHARS = 600  # of a game that is reflected on: small models have small windows
TEMPLATE = """A bidder at an auction was given this instruction:
<curr_param>

These are games that it played, and what it made of them:
<side_info>

A better instruction, in one or two sentences: You"""


def evolve_by_reflection(
    settings: Settings,
    folder: Path,
    writer: Writer,
    play: Try,
    told: Callable[[Round], None] = lambda done: None,
) -> Evolved:
    """As `evolve`, by the gepa library. Raises BurghError where that is not installed."""
    try:
        import gepa
        from gepa.utils import StopperProtocol  # noqa: F401
    except ImportError:
        raise BurghError(
            "--optimizer gepa needs the package gepa: pip install 'burgh[gepa]', or take --optimizer ape"
        ) from None
    start = read(settings.start)
    if start.file is None:
        raise BurghError(
            f"--optimizer gepa changes prompts, and {start.id} has none: take --optimizer random"
        )
    lineage = Lineage(folder, settings)
    adapter = _Games(start, play)
    criterion = _SurelyBetter(settings, lineage, adapter, writer, told)
    with contextlib.redirect_stdout(io.StringIO()):
        gepa.optimize(
            seed_candidate={COMPONENT: start.file.instructions},
            trainset=list(seeds("evolve", 0, settings.search_draws)),
            valset=list(seeds("evolve", 1, settings.search_draws)),
            adapter=adapter,
            reflection_lm=criterion.reflect,
            reflection_prompt_template=TEMPLATE,
            reflection_minibatch_size=MINIBATCH,
            skip_perfect_score=False,
            acceptance_criterion=criterion,
            stop_callbacks=[criterion.is_over],
            run_dir=str(folder / "gepa"),
            logger=_Silent(),
            seed=settings.seed % 2**32,
        )
    return finished(settings, lineage, start, play, criterion.why)


class _Silent:
    def log(self, message: str) -> None: ...


class _Games:
    """gepa's adapter: a datum is a draw, a score is what was made of it, a trajectory is the game as text."""

    propose_new_texts = None

    def __init__(self, start: Candidate, play: Try) -> None:
        self.start = start
        self.play = play
        self.tokens = 0

    def candidate(self, components: Mapping[str, str]) -> Candidate:
        return self.start.with_instructions(_bounded(components[COMPONENT]))

    def evaluate(self, batch: list[int], candidate: dict[str, str], capture_traces: bool = False) -> Any:
        from gepa.core.adapter import EvaluationBatch

        one = self.candidate(candidate)
        tried = self.play((one,), batch)
        self.tokens += tried.tokens
        scores = [float(profit) if np.isfinite(profit) else 0.0 for profit in tried.profits[one.id]]
        games = list((tried.transcripts or {}).get(one.id, ()))
        traces = [(games[n % len(games)] if games else "", score) for n, score in enumerate(scores)]
        return EvaluationBatch(outputs=scores, scores=scores, trajectories=traces if capture_traces else None)

    def make_reflective_dataset(
        self, candidate: dict[str, str], eval_batch: Any, components_to_update: list[str]
    ) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        rows = [
            {"Game": game[-SHOWN_CHARS:], "Feedback": f"It made {score:g}."}
            for game, score in eval_batch.trajectories or ()
        ]
        return dict.fromkeys(components_to_update, rows[:2])


class _SurelyBetter:
    """The criterion, the lineage and the end: a proposal is a round."""

    def __init__(
        self,
        settings: Settings,
        lineage: Lineage,
        games: _Games,
        writer: Writer,
        told: Callable[[Round], None],
    ) -> None:
        self.settings, self.lineage, self.games, self.writer, self.told = (
            settings,
            lineage,
            games,
            writer,
            told,
        )
        self.why = "all rounds are done"
        self._idle = 0  # reflections since a proposal was judged
        self._paid = 0

    def reflect(self, prompt: Any) -> str:
        self._idle += 1
        seed = 1_000 * len(self.lineage.rounds) + self._idle  # the same where one goes on from here
        return "You " + self.writer.reflect(str(prompt), seed)

    def is_over(self, state: Any) -> bool:
        if is_spent(self.settings, self.lineage):
            self.why = (
                f"the budget of {self.settings.budget_tokens:,} tokens does not reach for another round"
            )
            return True
        if self._idle > 3 * self.settings.rounds:
            self.why = "the proposing model brought nothing that could be tried"
            return True
        return len(self.lineage.rounds) >= self.settings.rounds

    def should_accept(self, proposal: Any, state: Any) -> bool:
        settings, number = self.settings, len(self.lineage.rounds)
        if number >= settings.rounds:
            return False
        self._idle = 0
        parent = self.games.candidate(state.program_candidates[proposal.parent_program_ids[0]])
        child = self.games.candidate(proposal.candidate)
        reason = "written by a model that reflected on games"
        before, after = (
            sum(proposal.subsample_scores_before or ()),
            sum(proposal.subsample_scores_after or ()),
        )
        gain = (after - before) / MINIBATCH
        tried = Child(id=child.id, text=child.text, reason=reason, gain=round(gain, 6))
        tokens = self.games.tokens + self.writer.tokens - self._paid
        self._paid = self.games.tokens + self.writer.tokens
        accepted, mean, low, says = False, None, None, "no better on the draws that were reflected on"
        best = standing(read(settings.start), self.lineage.rounds)
        if gain > 0 and child.id != best.id:
            found = self.games.play((best, child), seeds("select", number, settings.trial_draws))
            estimate = found.gain(child.id, best.id, level(settings.alpha, settings.rounds))
            tokens += found.tokens
            accepted, mean, low = estimate.low > 0, round(estimate.mean, 6), _finite(estimate.low)
            says = "surely better: it is the parent now" if accepted else "not surely better on fresh draws"
        done = Round(
            number=number, parent=best.id if mean is not None else parent.id, children=(tried,),
            tried=child.id if mean is not None else "", mean=mean, low=low, accepted=accepted, tokens=tokens,
            says=says,
        )  # fmt: skip
        self.lineage.add(done)
        self.told(done)
        return accepted


def _bounded(text: str) -> str:
    """An instruction that a prompt file takes: never empty, never beyond its length."""
    return " ".join(text.split())[:1_900] or "You bid at an auction. Answer in JSON."


def _finite(value: float) -> float | None:
    return round(value, 6) if value not in (float("inf"), float("-inf")) else None
