"""Writing replies: one token a step for all that are being written."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

import torch

from burgh.agents.llm.faults import RequestFault, is_out_of_memory
from burgh.agents.llm.flight import Flight, Written, too_large
from burgh.agents.llm.grammar import Grammars
from burgh.agents.llm.jobs import Job
from burgh.agents.llm.network import LOGIT_ROWS, Network
from burgh.agents.llm.sampling import pick


class Writer:
    """Writes the replies of a flight. fail: told of jobs that cannot be answered; serve: of the others."""

    def __init__(
        self,
        network: Network,
        flight: Flight,
        fail: Callable[[Job, RequestFault], None],
        serve: Callable[[Job], None],
    ) -> None:
        self.network, self.flight, self._fail, self._serve = network, flight, fail, serve
        self.grammars: Grammars | None = None

    def begin(self, jobs: Sequence[Job]) -> None:
        """The first token of each reply of these jobs, whose prompts are computed."""
        begun = [Written(job, reply, list(job.rows[0].slots)) for job in jobs for reply in job.replies]
        for first in range(0, len(begun), LOGIT_ROWS):
            chunk = begun[first : first + LOGIT_ROWS]
            states = [one.job.rows[0].found[len(one.job.context) - 1] for one in chunk]
            faults = self._advance(chunk, torch.stack(states))
            self.flight.ready += (one for one in chunk if not one.reply.done and one.job not in faults)
            self._settle(chunk, faults)

    def write(self) -> None:
        """One step of all replies that have a lane; of half of them where memory is short."""
        flight = self.flight
        slots: list[int] = []
        for one in flight.writing:
            slot = flight.next_slot(one.job)
            if slot is None:
                self._return(slots)
                self._fail(one.job, too_large(one.job))
                return
            slots.append(slot)
        begin = time.perf_counter()
        step = flight.lanes.step(slots)
        try:
            states = self.network.run([one.reply.tokens[-1] for one in flight.writing], step)
            faults = self._advance(flight.writing, states)
        except Exception as error:
            if not is_out_of_memory(error):
                raise
            self._write_fewer(slots)
            return
        share = (time.perf_counter() - begin) / len(slots)
        for one in flight.writing:
            one.job.seconds += share
        leaving = [
            place for place, one in enumerate(flight.writing) if one.reply.done and one.job not in faults
        ]
        if leaving or faults:
            self._settle(flight.leave_lanes(leaving), faults)

    def _write_fewer(self, slots: Sequence[int]) -> None:
        """Half of the replies give up their lanes until others are done."""
        flight = self.flight
        flight.lanes.undo_step()
        self._return(slots)
        if len(flight.writing) == 1:
            self._fail(flight.writing[0].job, too_large(flight.writing[0].job))
            return
        half = len(flight.writing) // 2
        flight.ready.extendleft(reversed(flight.leave_lanes(range(half, len(flight.writing)))))
        self.network.max_rows = half

    def _return(self, slots: Sequence[int]) -> None:
        """Gives back the slots of a step that was not made."""
        flight = self.flight
        flight.room.give_back(list(slots))
        for one in flight.writing[: len(slots)]:
            one.job.promised += 1
        flight.room.promised += len(slots)

    def _advance(self, rows: Sequence[Written], states: torch.Tensor) -> dict[Job, RequestFault]:
        """Adds a token to each reply; the jobs that cannot go on. states: (rows, width)."""
        faults: dict[Job, RequestFault] = {}
        picked = pick(self.network.logits(states), [one.reply for one in rows], self.grammars)
        for one, token in zip(rows, picked, strict=True):
            if isinstance(token, RequestFault):
                faults.setdefault(one.job, token)
                continue
            try:
                one.reply.take(token)
            except RequestFault as fault:
                faults.setdefault(one.job, fault)
                continue
            if one.job.tell is not None and one.reply is one.job.replies[0]:
                one.job.tell(one.reply.safe_text)
        return faults

    def _settle(self, rows: Sequence[Written], faults: dict[Job, RequestFault]) -> None:
        """Keeps what those that are done have computed, answers jobs of which all replies are done, and fails
        those that cannot go on. rows: have no lane."""
        for one in rows:
            if one.reply.done and one.job not in faults:
                self.flight.keep(one)
        for job in dict.fromkeys(one.job for one in rows):
            if job not in faults and all(reply.done for reply in job.replies):
                self._serve(job)
        for job, fault in faults.items():
            self._fail(job, fault)
