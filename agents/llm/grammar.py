"""Decoding under a grammar: which tokens may come next, by llguidance, one matcher a row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from burgh.agents.llm.encoding import Encoder
from burgh.agents.llm.faults import RequestFault
from burgh.sim.spec import ActionSpec, literal

Allowed = npt.NDArray[np.bool_]

# Text that is cut short inside a form is closed by the quote that ends it; a grammar that has no such end
# goes on to its own.
CLOSING = '"'


class Matcher:
    """Follows one reply through its grammar. Raises RequestFault where the grammar does not hold."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._check()

    def _check(self) -> None:
        if self._inner.is_error():
            fault = str(self._inner.get_error()).strip().splitlines()
            raise RequestFault(f"the grammar of a spec does not hold: {fault[0] if fault else 'no reason'}")

    def fork(self) -> Matcher:
        return Matcher(self._inner.deep_copy())

    @property
    def complete(self) -> bool:
        """Whether what was taken so far is a legal answer."""
        return bool(self._inner.is_accepting())

    @property
    def over(self) -> bool:
        """Whether nothing but the end of text may follow."""
        return bool(self._inner.is_stopped())

    def take(self, token: int) -> None:
        self._inner.consume_token(token)
        self._check()

    def allowed(self, vocabulary: int) -> Allowed:
        """Which tokens may come next: (vocabulary,). Raises RequestFault where none may."""
        packed = np.empty((vocabulary + 31) // 32, dtype=np.int32)
        self._inner.unsafe_compute_mask_ptr(packed.ctypes.data, packed.nbytes)
        self._check()
        bits = np.unpackbits(packed.view(np.uint8), count=vocabulary, bitorder="little").view(np.bool_)
        if not bits.any():
            raise RequestFault("the grammar of a spec allows no token to follow: it cannot be met")
        return bits


def with_stops(grammar: str, stops: Sequence[str]) -> str:
    """A grammar whose answers may be followed by one of these strings."""
    if not stops:
        return grammar
    listed = " | ".join(literal(stop) for stop in stops)
    return f"start: burgh_answer burgh_stop?\nburgh_stop: {listed}\n" + re.sub(
        r"^start\s*:", "burgh_answer:", grammar, count=1, flags=re.MULTILINE
    )


class Grammars:
    """Compiles specs for one tokenizer, and keeps what it compiled."""

    def __init__(self, encoder: Encoder, vocabulary: int) -> None:
        import llguidance.hf

        self._tokenizer = llguidance.hf.from_tokenizer(
            encoder.tokenizer, n_vocab=vocabulary, eos_token=list(encoder.stops)
        )
        self._vocabulary = vocabulary
        self._compiled = lru_cache(maxsize=256)(self._compile)
        self.closing = encoder.tokens(CLOSING)

    def _compile(self, grammar: str) -> Matcher:
        from llguidance import LLMatcher

        try:
            return Matcher(LLMatcher(self._tokenizer, LLMatcher.grammar_from_lark(grammar)))
        except ValueError as error:
            raise RequestFault(f"the grammar of a spec cannot be read: {error}") from None

    def matcher(self, spec: ActionSpec, stops: Sequence[str] = ()) -> Matcher:
        """A matcher at the start of the spec's grammar. Raises RequestFault for one that cannot be met.

        stops: what may stand behind a whole answer and ends it, though no answer holds it: a small model
        closes a quotation where it would hardly ever end the text.
        """
        return self._compiled(with_stops(spec.grammar(), stops)).fork()

    def allowed(self, matchers: Sequence[Matcher | None]) -> Allowed:
        """Which tokens may come next in each row, (rows, vocabulary): any where there is no grammar."""
        free = np.ones(self._vocabulary, dtype=np.bool_)
        return np.stack([free if one is None else one.allowed(self._vocabulary) for one in matchers])
