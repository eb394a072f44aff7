"""Whether all weights of a model were there, in their shapes, and are numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from burgh.sim.types import BurghError


def must_be_whole(name: str, model: Any, read: Mapping[str, Any]) -> None:
    """Raises BurghError where weights are missing, of other shapes or no numbers: transformers draws those it
    does not find at random, and torch's attention can make numbers of what is none.

    read: what transformers says of the reading.
    """
    if other := sorted(str(key[0] if isinstance(key, tuple) else key) for key in read["mismatched_keys"]):
        raise BurghError(
            f"the weights of the language model {name!r} do not have the shapes that its config says:"
            f" {_listed(other)}"
        )
    if missing := sorted(read["missing_keys"]):
        raise BurghError(
            f"the weights of the language model {name!r} are not whole: there is no {_listed(missing)}"
        )
    if wrong := [key for key, weight in model.named_parameters() if not _is_numbers(weight)]:
        raise BurghError(
            f"the weights of the language model {name!r} are not all numbers: see {_listed(wrong)}"
        )


@torch.inference_mode()
def _is_numbers(weight: torch.Tensor) -> bool:
    """By the sum, which is none where one is none."""
    return not weight.is_floating_point() or bool(torch.isfinite(weight.sum(dtype=torch.float32)))


def _listed(keys: list[str]) -> str:
    return keys[0] if len(keys) == 1 else f"{keys[0]}, and {len(keys) - 1} more"
