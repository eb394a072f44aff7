"""torch.compile of a model's layers: they are of one kind, so that one is compiled and the others share it.

Compiled as a whole, each layer would be compiled for itself: the embedded model's 30 took more than eight
minutes, and now take half a minute. The attention, which goes by how rows share what they see, is left out.
"""

from __future__ import annotations

from typing import Any

import torch
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from burgh.agents.llm.attention import NAME


def compile_layers(model: Any) -> None:
    """Has the layers of a model compiled when they are first run; the whole, where it names no layers."""
    import burgh.agents.llm.network  # noqa: F401  which makes our attention known

    attention = ALL_ATTENTION_FUNCTIONS[NAME]
    if not getattr(attention, "_torchdynamo_disable", False):
        ALL_ATTENTION_FUNCTIONS.register(NAME, torch.compiler.disable(attention))  # type: ignore[no-untyped-call]
    names = getattr(model, "_no_split_modules", None) or ()
    layers = [module for module in model.base_model.modules() if type(module).__name__ in names]
    for layer in layers or [model.base_model]:
        layer.compile(dynamic=True)
