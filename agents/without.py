"""A mind with one of its memories left out, and all that rests on it: what it decides without a cause."""

from __future__ import annotations

from burgh.agents.state import MindState
from burgh.memory.record import Memory


def resting_on(state: MindState, memory_id: str) -> tuple[Memory, ...]:
    """The memory, and all that rest on it, or on one that does, in their order. Raises KeyError."""
    left_out = {memory_id: state.stream[memory_id]}
    for memory in state.stream:
        if left_out.keys() & set(memory.evidence):
            left_out[memory.id] = memory
    return tuple(sorted(left_out.values(), key=lambda memory: memory.row))


def without(state: MindState, memory_id: str) -> MindState:
    """The same mind as if it did not have that memory: nothing that rests on it comes to mind, appointments
    made for it stand in no plan, and news of the same would be thought over anew. Raises KeyError."""
    other = state.fork()
    gone = resting_on(state, memory_id)
    ids = {memory.id for memory in gone}
    for memory in gone:
        other.stream.forget(memory.id)
        other.considered.discard(memory.fact or memory.id)
    kept = tuple(entry for entry in state.plan if entry.memory not in ids)
    if kept != state.plan:
        other.plan, other.pieces = kept, ()
    return other
