"""What can go wrong with one request, told for that request only."""

from __future__ import annotations

import torch

from burgh.agents.llm.unanswered import ModelFault
from burgh.sim.protocols import Call


class RequestFault(ModelFault):
    """One request cannot be answered; those beside it are."""


def about(call: Call) -> str:
    """A call as a sentence names it."""
    return f"the call {call.index} of {call.agent} at tick {call.tick} ({call.purpose})"


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error says that memory was not to be had: each allocator has its own."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    text = str(error)
    return isinstance(error, RuntimeError) and ("can't allocate memory" in text or "out of memory" in text)
