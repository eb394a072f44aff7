"""How weights are loaded on this machine: what can stand behind a model's name."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from burgh.agents.llm.names import LIST, Options

Dtype = Literal["auto", "float32", "bfloat16", "float16"]
Quantise = Literal["none", "8bit", "4bit"]


class LoadOptions(Options):
    """Options of the backend `transformers`."""

    dtype: Dtype = "auto"
    """auto: bfloat16 on a graphics card and where weights are quantised here, else float32."""
    device: str = "auto"
    """auto, cpu, cuda, cuda:1, mps."""
    attention: Literal["auto", "sdpa", "eager", "flash_attention_2", "flex_attention"] = "auto"
    """Which implementation of attention; auto: what transformers chooses."""
    compile: bool = False
    """Whether layers are compiled by torch.compile: slow at first."""
    quantise: Quantise = "none"
    """8bit, 4bit: by bitsandbytes, while loading. GPTQ and AWQ are in a model's own config."""
    adapters: tuple[str, ...] = ()
    """LoRA adapters of peft, folders or hub names, several by commas: all are at work at once."""
    draft: str | None = None
    """A smaller model of the same tokens, which helps to write greedy replies."""
    file: str | None = None
    """Of a folder or hub name with several GGUF files: which."""
    context: Annotated[int, Field(ge=64)] | None = None
    """Tokens that are held at most, where that is to be fewer than the model's own."""

    @field_validator("adapters", mode="before")
    @classmethod
    def _several(cls, value: object) -> object:
        return (
            tuple(one.strip() for one in value.split(LIST) if one.strip())
            if isinstance(value, str)
            else value
        )
