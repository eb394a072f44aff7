"""The engine: one loaded model, one queue, one running batch that rows join and leave between its steps.

A step either computes prompts (a pass over the new tokens of many rows) or writes one token of every reply
that is being written. Between steps the queue is looked at: what is due is taken in as far as the memory for
keys and values goes.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import torch

from burgh.agents.llm.encoding import Encoder, Tokens
from burgh.agents.llm.faults import RequestFault, is_out_of_memory
from burgh.agents.llm.filling import Filler, Known
from burgh.agents.llm.flight import Flight, too_large
from burgh.agents.llm.grammar import Grammars
from burgh.agents.llm.jobs import Answer, Job, Queue
from burgh.agents.llm.network import Network
from burgh.agents.llm.plain import answer_alone, answer_by_generate
from burgh.agents.llm.reply import Reply
from burgh.agents.llm.writing import Writer
from burgh.sim.protocols import CompleteRequest, ScoreRequest
from burgh.sim.rng import stream


class Engine:
    """Answers jobs from its queue. All but the queue belongs to the one thread that calls `drain`.

    draft: a smaller model of the same tokens that helps to write greedy replies (assisted decoding).
    """

    def __init__(self, network: Network, encoder: Encoder, *, draft: Any = None) -> None:
        self.network, self.encoder, self.draft = network, encoder, draft
        self.queue = Queue()
        self._known = Known()
        self._grammars: Grammars | None = None
        self._start_anew()

    def _start_anew(self) -> None:
        self.flight = Flight(self.network)
        self._filler = Filler(self.network, self.flight, self._fail)
        self._writer = Writer(self.network, self.flight, self._fail, self._serve)
        self._writer.grammars = self._grammars
        self._twins: dict[Tokens, list[Job]] = {}  # scores that wait for another of the same context

    @torch.inference_mode()
    def drain(self) -> None:
        """Works until nothing is left to do. A fault that is no single request's reaches all in flight."""
        while True:
            try:
                if not self.step():
                    return
            except Exception as error:
                lost = [*self.flight.live, *(job for twins in self._twins.values() for job in twins)]
                self._start_anew()
                for job in lost:
                    job.deliver(error)

    def step(self) -> bool:
        """Does one thing; whether there was one to do."""
        for job in [one for one in self.flight.live if one.cancelled]:
            self._drop(job)
        self._admit()
        if self.flight.filling:
            served = self._filler.fill()
            self._answer_scores([job for job in served if isinstance(job.request, ScoreRequest)])
            self._writer.begin([job for job in served if isinstance(job.request, CompleteRequest)])
            return True
        self.flight.take_lanes(self.network.max_rows)
        if self.flight.writing:
            self._writer.write()
            return True
        return len(self.queue) > 0

    def _admit(self) -> None:
        """Takes in what is due, as far as one pass and the memory go."""
        while sum(row.left for row in self.flight.filling) < self.network.pass_tokens:
            job = self.queue.pop()
            if job is None:
                return
            if not job.rows:  # else it was in hand before, and lost what it rested on
                job.queue_seconds = time.perf_counter() - job.arrived
            try:
                if not self._take_in(job):
                    self.queue.add([job])
                    return
            except Exception as error:
                found = too_large(job) if is_out_of_memory(error) else error
                if isinstance(found, RequestFault):
                    found.call = job.call
                job.deliver(found)

    def _take_in(self, job: Job) -> bool:
        """Answers a job at once if that can be, or makes rows of it; False where there is no room yet."""
        request = job.request
        if isinstance(request, ScoreRequest):
            if job.context in self._twins:
                self._twins[job.context].append(job)
                return True
            missing = self._known.missing(job)
            if not missing:
                job.cached = len(job.context) + sum(map(len, job.options))
                job.deliver(job.scores(self._known.of(job)))
                return True
            if self.network.covered:
                taken = self.flight.take_in(job, missing)
                if taken:
                    self._twins[job.context] = []
                return taken
        else:
            job.replies = [self._reply(job, request, sample) for sample in range(request.samples)]
            if all(reply.done for reply in job.replies):
                job.deliver(job.completion())
                return True
            if request.beams > 1 or (self.draft is not None and request.temperature <= 0):
                self._by_itself(
                    job, lambda: answer_by_generate(self.network, self._grammars, job, self.draft)
                )
                return True
            if self.network.covered:
                return self.flight.take_in(job, ())
        self._by_itself(job, lambda: answer_alone(self.network, self._grammars, job))
        return True

    def _reply(self, job: Job, request: CompleteRequest, sample: int) -> Reply:
        matcher = None
        if request.spec is not None:
            if self._grammars is None:
                self._grammars = self._writer.grammars = Grammars(self.encoder, self.network.vocabulary)
            matcher = self._grammars.matcher(request.spec, request.stop)
        rng = stream(request.seed, "sample", str(sample))
        return Reply(request, self.encoder, rng, matcher, job.context, done=request.max_tokens <= 0)

    @staticmethod
    def _by_itself(job: Job, answer: Callable[[], Answer]) -> None:
        begin = time.perf_counter()
        found = answer()
        usage = replace(found.usage, seconds=time.perf_counter() - begin)
        job.deliver(replace(found, usage=usage))

    def _answer_scores(self, jobs: list[Job]) -> None:
        if not jobs:
            return
        faults = self._known.learn(self.network, jobs)
        for place, job in enumerate(jobs):
            if place in faults:
                self._fail(job, faults[place])
            else:
                self._serve(job)

    def _serve(self, job: Job) -> None:
        """Answers a job that is done."""
        self.flight.finish(job)
        self._let_twins_go(job)
        if isinstance(job.request, CompleteRequest):
            job.deliver(job.completion())
        else:
            job.deliver(job.scores(self._known.of(job)))

    def _fail(self, job: Job, fault: RequestFault) -> None:
        fault.call = job.call
        self._drop(job)
        job.deliver(fault)

    def _drop(self, job: Job) -> None:
        """Lets go of a job; what rested on it is asked again."""
        for other in self.flight.drop(job):
            self._let_twins_go(other)
            self.queue.add([other])
        self._let_twins_go(job)

    def _let_twins_go(self, job: Job) -> None:
        if isinstance(job.request, ScoreRequest):
            self.queue.add(self._twins.pop(job.context, []))
