"""Texts to tokens: prefix, suffix and options are tokenised each for itself and then joined.

A special token's name within a text is text: what a scenario says cannot end a turn or begin another.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from burgh.sim.protocols import Prompt
from burgh.sim.types import BurghError

Tokens = tuple[int, ...]


class Encoder:
    """A tokenizer of transformers, as the backend uses it.

    ends: tokens after which a reply is over (end of text, and any other special token: no reply holds one).
    """

    def __init__(self, tokenizer: Any, stops: Sequence[int]) -> None:
        self.tokenizer = tokenizer
        self.stops = tuple(dict.fromkeys(stops))
        self.ends = frozenset(stops) | frozenset(tokenizer.all_special_ids)
        automatic = tuple(tokenizer("")["input_ids"])
        self._start: Tokens = tuple(token for token in automatic if token == tokenizer.bos_token_id)
        self._tokens = lru_cache(maxsize=4096)(self._encode)

    def _encode(self, text: str) -> Tokens:
        encoded = self.tokenizer(text, add_special_tokens=False, split_special_tokens=True)
        return tuple(encoded["input_ids"])

    def tokens(self, text: str) -> Tokens:
        """The tokens of a text in the middle of things: nothing is put before or after it."""
        return self._tokens(text)

    def prompt(self, prompt: Prompt) -> tuple[Tokens, Tokens]:
        """Prefix and suffix as tokens. The suffix has at least one: what comes next is predicted from it.

        Raises BurghError for an empty prompt.
        """
        prefix = self._start + self.tokens(prompt.prefix)
        suffix = self.tokens(prompt.suffix)
        if not suffix:
            prefix, suffix = prefix[:-1], prefix[-1:]
        if not suffix:
            raise BurghError("a prompt is empty: the language model needs at least one token to go on from")
        return prefix, suffix

    def text(self, tokens: Sequence[int]) -> str:
        """The text of generated tokens, without a character that was cut in the middle."""
        text = self.tokenizer.decode(
            list(tokens), skip_special_tokens=True, clean_up_tokenization_spaces=False
        )
        return str(text).rstrip("\ufffd")
