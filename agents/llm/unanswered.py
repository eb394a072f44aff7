"""What is raised where the language model gives no answer to one request: named, and told which."""

from __future__ import annotations

from burgh.sim.protocols import Call
from burgh.sim.types import BurghError


class Unanswered(BurghError):
    """A request that got no answer. call: whose it is, where that is known. A mind may go by its habits
    instead; where it does not, the run ends, and can be gone on with."""

    bearable = True  # whether a mind may go by its habits instead

    def __init__(self, sentence: str, call: Call | None = None) -> None:
        super().__init__(sentence)
        self.call = call


class ModelFault(Unanswered):
    """The model or its server failed: it does not answer, or its answers hold nothing that is legal.

    status: of HTTP, where a server answered so."""

    def __init__(
        self, sentence: str, call: Call | None = None, *, status: int | None = None, bearable: bool = False
    ) -> None:
        super().__init__(sentence, call)
        self.status = status
        self.bearable = bearable


class BudgetSpent(Unanswered):
    """What may be asked of the model is used up."""
