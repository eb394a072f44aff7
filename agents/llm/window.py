"""How much a model holds at once, and how long a prompt is: what is longer is trimmed before it is asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from burgh.sim.protocols import LanguageModel, Prompt


@dataclass(frozen=True, slots=True)
class Window:
    """tokens: all that the model holds, prompt and reply together. count: of a text, or a bound on it."""

    tokens: int
    count: Callable[[str], int]

    def holds(self, prompt: Prompt, reply_tokens: int) -> bool:
        """Whether a prompt, and so many tokens behind it, go in."""
        return self.count(prompt.prefix) + self.count(prompt.suffix) + reply_tokens <= self.tokens


def window_of(llm: LanguageModel) -> Window | None:
    """The window of a model, also within others that keep accounts of it or answer for it; None where it is
    not known."""
    inner: object = llm
    while inner is not None:
        window = getattr(inner, "window", None)
        if isinstance(window, Window):
            return window
        inner = getattr(inner, "model", None)
    return None
