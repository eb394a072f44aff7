"""What is in flight: rows whose prompts are being computed and replies that are being written, with the slots
they rest on. Bookkeeping of the engine; what it computes stands in `filling` and `writing`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from burgh.agents.llm.encoding import Tokens
from burgh.agents.llm.faults import RequestFault, about
from burgh.agents.llm.jobs import Job, Row
from burgh.agents.llm.lanes import Lanes
from burgh.agents.llm.network import Network
from burgh.agents.llm.reply import Reply
from burgh.agents.llm.room import Room
from burgh.agents.llm.tree import Tree


@dataclass(slots=True, eq=False)
class Written:
    """A reply that is being written. path: the slots of all tokens whose keys and values are computed."""

    job: Job
    reply: Reply
    path: list[int]

    @property
    def own(self) -> list[int]:
        return self.path[len(self.job.context) :]


class Flight:
    """live: the jobs taken in, in that order. filling: rows to be computed. ready: replies that wait for a
    lane. writing: those that have one, in the order of the lanes."""

    def __init__(self, network: Network) -> None:
        self.tree = Tree()
        self.room = Room(network.pool.slots, self.tree)
        self.lanes = Lanes(network.pool, fused=network.fused)
        self.live: list[Job] = []
        self.filling: list[Row] = []
        self.ready: deque[Written] = deque()
        self.writing: list[Written] = []

    def take_in(self, job: Job, options: Sequence[Tokens]) -> bool:
        """Makes the rows of a job; False where there is no room yet. Raises RequestFault for what never fits.

        options: those whose log-likelihoods are to be computed. What the tree holds of the context is not
        computed again, but for its last token: what follows that is asked.
        """
        context = list(job.context)
        node, slots = self.tree.match(context)
        self.tree.hold(node)
        tails = [list(one[:-1]) for one in options if len(one) > 1]
        fresh = len(context) - len(slots)
        now = fresh + sum(map(len, tails))
        taken = self.room.take(now) if self.room.fits(now + job.new_tokens) else None
        if taken is None:
            self.tree.release(node)
            if not self.live:
                raise too_large(job)
            return False
        job.promised = job.new_tokens
        self.room.promised += job.promised
        job.cached = min(len(slots), len(context) - 1)
        if fresh:
            self.tree.release(node)
            node = self.tree.extend(node, context[len(slots) :], taken[:fresh])
            self.tree.hold(node)
            slots, taken = [*slots, *taken[:fresh]], taken[fresh:]
        last = len(context)
        job.rows = [Row(job, context, slots, job.cached, range(last - 1, last), node)]
        for tail in tails:
            own, taken = taken[: len(tail)], taken[len(tail) :]
            job.rows.append(Row(job, context + tail, slots + own, last, range(last, last + len(tail))))
        self.live.append(job)
        self.filling += job.rows
        return True

    def next_slot(self, job: Job) -> int | None:
        """A slot for a reply's next token; None where a grammar has gone on beyond all room."""
        taken = self.room.take(1)
        if taken is None:
            return None
        if job.promised:
            job.promised -= 1
            self.room.promised -= 1
        return taken[0]

    def take_lanes(self, most: int) -> None:
        """Replies that are ready join those being written, as many as there is place for."""
        joining: list[Written] = []
        while self.ready and len(self.writing) + len(joining) < most:
            joining.append(self.ready.popleft())
        if joining:
            self.lanes.join([one.path for one in joining])
            self.writing += joining

    def leave_lanes(self, places: Sequence[int]) -> list[Written]:
        """The replies in these places give up their lanes; returns them."""
        left = [self.writing[place] for place in places]
        self.writing = [self.writing[place] for place in self.lanes.leave(places)]
        return left

    def keep(self, one: Written) -> None:
        """Holds what was computed of a reply: it may be the beginning of a later prompt."""
        begin = len(one.job.context)
        tokens = [*one.job.context, *one.reply.tokens][: len(one.path)]
        node, slots = self.tree.match(tokens)
        self.room.give_back(one.path[begin : len(slots)])  # another reply began alike
        self.tree.extend(node, tokens[len(slots) :], one.path[len(slots) :])

    def finish(self, job: Job) -> None:
        """Lets go of a job that is answered."""
        self.live.remove(job)
        self._let_go(job)

    def _let_go(self, job: Job) -> None:
        self.room.promised -= job.promised
        job.promised = 0
        for row in job.rows[1:]:
            self.room.give_back(row.slots[len(job.context) :])
        node = job.rows[0].node
        assert node is not None
        self.tree.release(node)

    def drop(self, job: Job) -> list[Job]:
        """Lets go of a job wherever it stands. Returns jobs that rested on what it has not computed: they are
        dropped as well, and to be taken in again."""
        self.live.remove(job)
        self.filling[:] = [row for row in self.filling if row.job is not job]
        places = [place for place, one in enumerate(self.writing) if one.job is job]
        gone = [*self.leave_lanes(places), *(one for one in self.ready if one.job is job)]
        self.ready = deque(one for one in self.ready if one.job is not job)
        for one in gone:
            self.room.give_back(one.own)
        self._let_go(job)
        context = job.rows[0]
        if not context.left:
            return []
        missing = set(context.slots[context.done :])
        again: list[Job] = []
        for other in self.live[::-1]:
            if other in self.live and missing & set(other.rows[0].slots):
                again += [other, *self.drop(other)]
        node = context.node
        assert node is not None
        self.room.give_back(self.tree.trim(node, missing))
        return again


def too_large(job: Job) -> RequestFault:
    """What is said of a job that does not fit by itself."""
    tokens = len(job.context) + sum(map(len, job.options)) + job.new_tokens
    return RequestFault(
        f"{about(job.call)} takes {tokens} tokens, for which there is no memory: shorten the prompt, ask for"
        " fewer samples or tokens, or give the model more memory"
    )
