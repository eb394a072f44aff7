"""Computing prompts: passes over the new tokens of many rows, and the log-likelihoods that come of them."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

import torch

from burgh.agents.llm.encoding import Tokens
from burgh.agents.llm.faults import RequestFault, about, is_out_of_memory
from burgh.agents.llm.flight import Flight, too_large
from burgh.agents.llm.jobs import Job, Row
from burgh.agents.llm.layout import BLOCK, Span
from burgh.agents.llm.network import Network

KNOWN_CONTEXTS = 4096  # whose log-likelihoods are kept
Piece = tuple[Row, int]  # a row, and how many of its tokens to compute now


class Filler:
    """Runs the rows of a flight that are to be computed. fail: told of jobs that cannot be answered."""

    def __init__(self, network: Network, flight: Flight, fail: Callable[[Job, RequestFault], None]) -> None:
        self.network, self.flight, self._fail = network, flight, fail

    def fill(self) -> list[Job]:
        """One pass, in the order in which rows were taken in; the jobs whose rows are then all computed."""
        pieces: list[Piece] = []
        left = self.network.pass_tokens
        for row in self.flight.filling:
            if left <= 0:
                break
            pieces.append((row, min(row.left, left)))
            left -= pieces[-1][1]
        self._compute(pieces)
        self.flight.filling = [row for row in self.flight.filling if row.left]
        still = {id(row.job) for row in self.flight.filling}
        touched = dict.fromkeys(row.job for row, _ in pieces)
        return [job for job in touched if job in self.flight.live and id(job) not in still]

    def _compute(self, pieces: Sequence[Piece]) -> None:
        """Runs these; in halves where memory is short. Only what does not fit by itself is given up."""
        pieces = [(row, count) for row, count in pieces if row.job in self.flight.live]
        if not pieces:
            return
        spans = [Span(row.slots[: row.done + count], count) for row, count in pieces]
        tokens = [row.tokens[row.done : row.done + count] for row, count in pieces]
        begin = time.perf_counter()
        try:
            hidden, starts = self.network.prefill(spans, tokens)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            self._compute_in_halves(pieces)
            return
        share = (time.perf_counter() - begin) / sum(count for _, count in pieces)
        for (row, count), start in zip(pieces, starts, strict=True):
            for place in range(max(row.done, row.wanted.start), min(row.done + count, row.wanted.stop)):
                row.found[place] = hidden[start + place - row.done].clone()
            row.done += count
            row.job.seconds += share * count

    def _compute_in_halves(self, pieces: Sequence[Piece]) -> None:
        if len(pieces) > 1:
            half = len(pieces) // 2
            self._compute(pieces[:half])
            self._compute(pieces[half:])
            return
        ((row, count),) = pieces
        if count <= BLOCK:
            self._fail(row.job, too_large(row.job))
            return
        self._compute([(row, count // 2)])
        self._compute([(row, count - count // 2)])


class Known:
    """Log-likelihoods that were asked for before, by context and option: many ask the same."""

    def __init__(self) -> None:
        self._contexts: OrderedDict[Tokens, dict[Tokens, float]] = OrderedDict()

    def missing(self, job: Job) -> list[Tokens]:
        """The options of a job that are not known, each once."""
        known = self._contexts.get(job.context, {})
        return [option for option in dict.fromkeys(job.options) if option not in known]

    def of(self, job: Job) -> list[float]:
        known = self._contexts.get(job.context, {})
        return [known[option] for option in job.options]

    def learn(self, network: Network, jobs: Sequence[Job]) -> dict[int, RequestFault]:
        """Takes up what the rows of these jobs have found. Returns what is wrong with some, by place."""
        states: list[torch.Tensor] = []
        wanted: list[tuple[int, int]] = []
        owners: list[tuple[dict[Tokens, float], Tokens]] = []
        fresh: list[dict[Tokens, float]] = []
        for job in jobs:
            found = dict.fromkeys(self.missing(job), 0.0)
            fresh.append(found)
            context = len(states)
            states.append(job.rows[0].found[len(job.context) - 1])
            tails = iter(job.rows[1:])
            for option in found:
                places = [context] if option else []
                if len(option) > 1:
                    row = next(tails)
                    places += range(len(states), len(states) + len(option) - 1)
                    states += (row.found[place] for place in row.wanted)
                wanted += zip(places, option, strict=True)
                owners += [(found, option)] * len(option)
        begin = time.perf_counter()
        logprobs = network.logprobs(torch.stack(states), wanted)
        share = (time.perf_counter() - begin) / max(1, len(jobs))
        for (found, option), value in zip(owners, logprobs, strict=True):
            found[option] += value
        faults: dict[int, RequestFault] = {}
        for place, (job, found) in enumerate(zip(jobs, fresh, strict=True)):
            job.seconds += share
            if all(-torch.inf < value < torch.inf for value in found.values()):
                self._contexts.setdefault(job.context, {}).update(found)
                self._contexts.move_to_end(job.context)
            else:
                faults[place] = RequestFault(f"the model's logits for {about(job.call)} are not numbers")
        while len(self._contexts) > max(KNOWN_CONTEXTS, len(jobs)):
            self._contexts.popitem(last=False)
        return faults
