"""One reply in the making: its tokens, its grammar, its random stream, and when it is over."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from burgh.agents.llm.encoding import Encoder, Tokens
from burgh.agents.llm.grammar import Matcher
from burgh.sim.protocols import CompleteRequest


@dataclass(slots=True, eq=False)
class Reply:
    """A reply to a request. prompt: the tokens before it. rng: its own, so that what it draws does not depend
    on the rows beside it."""

    request: CompleteRequest
    encoder: Encoder
    rng: random.Random
    matcher: Matcher | None
    prompt: Tokens = ()
    tokens: list[int] = field(default_factory=list)
    done: bool = False

    @property
    def spent(self) -> bool:
        return len(self.tokens) >= self.request.max_tokens

    @property
    def text(self) -> str:
        """What it says, up to a stop."""
        return until_stop(self.encoder.text(self.tokens), self.request.stop)

    @property
    def safe_text(self) -> str:
        """What of it is certain to stay: without an end that could become a stop."""
        text = self.text
        if self.done:
            return text
        held = max((_begun(text, stop) for stop in self.request.stop), default=0)
        return text[: len(text) - held]

    def take(self, token: int) -> None:
        """Adds a token, or ends the reply. A grammar that is not satisfied goes on past the token limit."""
        if token in self.encoder.ends:
            self.done = True
            return
        self.tokens.append(token)
        if self.matcher is not None:
            self.matcher.take(token)
            self.done = self.matcher.over or (self.spent and self.matcher.complete)
        else:
            self.done = self.spent
        if not self.done and self.request.stop:
            text = self.encoder.text(self.tokens)
            self.done = any(stop in text for stop in self.request.stop)


def until_stop(text: str, stops: Sequence[str]) -> str:
    cuts = [text.index(stop) for stop in stops if stop in text]
    return text[: min(cuts)] if cuts else text


def _begun(text: str, stop: str) -> int:
    """How many characters at a text's end are the beginning of a stop."""
    return max((n for n in range(1, len(stop)) if text.endswith(stop[:n])), default=0)
