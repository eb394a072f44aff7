"""What is left out of a prompt that the model does not hold: the oldest of the memories that came to mind.

A template is never cut: it is rendered again with less in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from burgh.agents.llm.unanswered import ModelFault
from burgh.agents.llm.window import Window, window_of
from burgh.agents.prompts import Inputs, Remembered, render
from burgh.sim.protocols import LanguageModel, Prompt


def fitting(
    inputs: Inputs, language: str, llm: LanguageModel, options: Sequence[str] = (), reply_tokens: int = 0
) -> tuple[Prompt, tuple[Remembered, ...]]:
    """The prompt of these inputs, and the memories that were left out of it. options, reply_tokens: what is
    to have room behind it. Raises ModelFault where it is too long with no memory in it."""
    window = window_of(llm)
    prompt = render(inputs, language)
    if window is None or _holds(window, prompt, options, reply_tokens):
        return prompt, ()
    room = reply_tokens + max((window.count(option) for option in options), default=0)
    changed: Any = inputs
    left_out: list[Remembered] = []
    while not window.holds(prompt, room):
        oldest = min(_memories(changed), key=lambda one: one[1].created, default=None)
        if oldest is None:
            raise too_long(prompt, room, llm, window)
        name, memory = oldest
        held = getattr(changed, name)
        kept = "" if held is memory else tuple(one for one in held if one is not memory)
        changed = replace(changed, **{name: kept})
        left_out.append(memory)
        prompt = render(changed, language)
    return prompt, tuple(left_out)


def too_long(prompt: Prompt, room: int, llm: LanguageModel, window: Window) -> ModelFault:
    """What is said of a prompt with nothing left to leave out. room: tokens that are to follow it."""
    takes = window.count(prompt.prefix) + window.count(prompt.suffix)
    return ModelFault(
        f"a prompt takes {takes} tokens, {room} are to follow it, and the model {llm.name} holds"
        f" {window.tokens}: choose one that holds more"
    )


def _holds(window: Window, prompt: Prompt, options: Sequence[str], reply_tokens: int) -> bool:
    """Whether it surely holds: no token is shorter than a byte."""
    texts = (prompt.prefix, prompt.suffix, max(options, key=len, default=""))
    return sum(len(text.encode()) for text in texts) + reply_tokens < window.tokens


def _memories(inputs: Any) -> list[tuple[str, Remembered]]:
    """The memories among the inputs, each with the name of its field: one that is a field of its own, or one
    of several."""
    values = {name: getattr(inputs, name) for name in inputs.__dataclass_fields__}
    return [
        (name, one)
        for name, value in values.items()
        for one in (value if isinstance(value, tuple) else (value,))
        if isinstance(one, Remembered) and one
    ]
