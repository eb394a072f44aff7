"""The event that says that a mind goes by its habits or rules, since the language model gives no answer."""

from __future__ import annotations

from collections.abc import Sequence

from burgh.agents.llm.unanswered import ModelFault, Unanswered
from burgh.sim.types import Event, Events


def fell_back(events: Events, agent: str, fault: Unanswered, causes: Sequence[str]) -> Event:
    """Records it. Raises the fault where the run is to stop instead."""
    if not fault.bearable:
        raise fault
    call = fault.call
    data = {
        "cause": "fault" if isinstance(fault, ModelFault) else "budget",
        "why": str(fault),
        "purpose": "" if call is None else call.purpose,
        "call": 0 if call is None else call.index,
    }
    return events.add("fell_back", agent, data, causes)
