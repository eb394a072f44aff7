"""Makes a folder that transformers loads in a blink out of a GGUF file: run once, as a process of its own.

`python -m burgh.agents.llm.convert SOURCE TARGET`, where SOURCE holds `model.gguf`. Reading the GGUF takes
half a minute, almost all of it the parsing of metadata in Python; safetensors load in a third of a second.
"""

from __future__ import annotations

import sys
from pathlib import Path

from burgh.sim.weights import HASH_FILE, WEIGHTS_FILE, file_hash

GGUF_FILE = "model.gguf"


def convert(source: Path, target: Path) -> None:
    """Writes config, tokenizer (with its chat template) and float32 safetensors into `target`."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(str(source), gguf_file=GGUF_FILE)
    model = AutoModelForCausalLM.from_pretrained(str(source), gguf_file=GGUF_FILE, dtype=torch.float32)
    model.hf_quantizer = None  # it was quantised, and would refuse to be saved as what it is now
    model.is_quantized = False
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    target.mkdir(parents=True)
    model.save_pretrained(target)
    tokenizer.save_pretrained(target)
    (target / HASH_FILE).write_text(file_hash(target / WEIGHTS_FILE) + "\n")


if __name__ == "__main__":
    convert(Path(sys.argv[1]), Path(sys.argv[2]))
