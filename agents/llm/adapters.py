"""LoRA adapters of peft on a model: several at once, their changes summed, and merged into the weights.

Merged, they cost nothing in use. A model with adapters is another model: its identity names them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from burgh.sim import weights
from burgh.sim.types import BurghError


def with_adapters(model: Any, names: Sequence[str]) -> Any:
    """The model with these adapters (folders or hub names) merged into it. Raises BurghError."""
    try:
        from peft import PeftModel
    except ImportError:
        raise BurghError("adapters need peft: install burgh with the extra 'adapters'") from None
    for name in names:
        if "/" not in name and not Path(name).is_dir():
            raise BurghError(f"there is no adapter {name!r}: name a folder, or a hub name org/name")
    labels = [f"adapter-{number}" for number in range(len(names))]
    wrapped: Any = None
    for label, name in zip(labels, names, strict=True):
        try:
            if wrapped is None:
                wrapped = PeftModel.from_pretrained(model, name, adapter_name=label)
            else:
                wrapped.load_adapter(name, adapter_name=label)
        except Exception as error:  # another model's shapes, torn files, no network: each has its own
            said = str(error).strip().splitlines()
            reason = said[0].rstrip(".:") if said else type(error).__name__
            raise BurghError(f"the adapter {name!r} cannot be put on the model: {reason}") from None
    wrapped.base_model.set_adapter(labels)
    return wrapped.merge_and_unload(adapter_names=labels)


def adapter_identity(names: Sequence[str]) -> list[dict[str, str]]:
    """What is recorded of adapters: their names without folders, and the sha256 of those that are here."""
    return [
        {
            "name": Path(name).name if Path(name).is_dir() else name,
            "sha256": weights.weight_hash(Path(name)) if Path(name).is_dir() else "",
        }
        for name in names
    ]
