"""The oracle that the batched backend is held to, and tiny random models to hold it with.

The oracle computes one thing at a time: the whole sequence of tokens through the whole model, with no cache,
no padding and no batch.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import AutoModelForCausalLM, LlamaConfig, PreTrainedTokenizerFast

from burgh.agents.llm.encoding import Encoder
from burgh.agents.llm.grammar import Grammars
from burgh.agents.llm.jobs import Request
from burgh.agents.llm.network import Network
from burgh.agents.llm.packing import pack_linears
from burgh.agents.llm.transformers_backend import TransformersModel
from burgh.sim.protocols import Call, CompleteRequest, LanguageModel, Prompt

torch.set_num_threads(1)

Result = TypeVar("Result")

MERGES = ("t h", "th e", "Ġ the", "a n", "an d", "o r", "i n", "Ġ a", "e r", "b re", "r e", "o n")
END = "<|end|>"


def run(coroutine: Coroutine[Any, Any, Result]) -> Result:
    return asyncio.run(coroutine)


def call(index: int = 0, agent: str = "Anna", tick: int = 1, purpose: str = "test") -> Call:
    return Call(agent, tick, purpose, index)


def tiny_tokenizer() -> PreTrainedTokenizerFast:
    """All bytes, a few merges, and an end of text."""
    pieces = [*pre_tokenizers.ByteLevel.alphabet()]
    pieces.sort()
    merges: list[tuple[str, str]] = []
    for pair in MERGES:
        left, right = pair.split()
        if left in pieces and right in pieces:
            merges.append((left, right))
            pieces.append(left + right)
    vocabulary = {piece: number for number, piece in enumerate((END, *pieces))}
    inner = Tokenizer(models.BPE(vocab=vocabulary, merges=merges))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    return PreTrainedTokenizerFast(tokenizer_object=inner, eos_token=END, pad_token=END)


def tiny_llama_config(vocabulary: int = 320) -> LlamaConfig:
    return LlamaConfig(
        vocab_size=vocabulary,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=3,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=512,
        initializer_range=0.4,
        eos_token_id=0,
        bos_token_id=0,
        pad_token_id=0,
        tie_word_embeddings=False,
    )


def tiny_model(
    config: Any = None, *, cache_tokens: int = 4096, seed: int = 1, packed: bool = False, **network: Any
) -> TransformersModel:
    """A random model of that configuration behind the real backend. Restores torch's random state."""
    tokenizer = tiny_tokenizer()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model = AutoModelForCausalLM.from_config(config or tiny_llama_config(), dtype=torch.float32).eval()
    if packed:
        pack_linears(model)
    sizes = {"cache_bytes": 1 << 30, "most_tokens": cache_tokens, "pass_tokens": 200, **network}
    return TransformersModel(
        Network(model, **sizes), Encoder(tokenizer, [0]), name="tiny", weights_hash="", threads=1
    )


@torch.inference_mode()
def naive_scores(
    model: TransformersModel, prompt: Prompt, options: Sequence[str], network: Any = None
) -> list[float]:
    """The log-likelihood of each option: one whole forward pass each, through the model's own network or
    another one of the same weights."""
    network = network or model.network.model
    prefix, suffix = model.encoder.prompt(prompt)
    context = [*prefix, *suffix]
    scores = []
    for option in options:
        tokens = list(model.encoder.tokens(option))
        logits = network(torch.tensor([context + tokens]), use_cache=False).logits[0].float()
        logs = torch.log_softmax(logits, dim=-1)
        scores.append(sum(float(logs[len(context) + i - 1, token]) for i, token in enumerate(tokens)))
    return scores


@torch.inference_mode()
def naive_greedy(
    model: TransformersModel,
    request: CompleteRequest,
    grammars: Grammars | None = None,
    network: Any = None,
) -> str:
    """The greedy reply: one whole forward pass a token."""
    network = network or model.network.model
    prefix, suffix = model.encoder.prompt(request.prompt)
    context, written = [*prefix, *suffix], list[int]()
    matcher = None
    if grammars is not None and request.spec is not None:
        matcher = grammars.matcher(request.spec, request.stop)
    while len(written) < request.max_tokens:
        logits = network(torch.tensor([context + written]), use_cache=False).logits[0, -1].float()
        if matcher is not None:
            logits[~torch.from_numpy(matcher.allowed(logits.shape[0]))] = -torch.inf
        token = int(logits.argmax())
        if token in model.encoder.ends:
            break
        written.append(token)
        if matcher is not None:
            matcher.take(token)
            if matcher.over:
                break
        if any(stop in model.encoder.text(written) for stop in request.stop):
            break
    text = model.encoder.text(written)
    cuts = [text.index(stop) for stop in request.stop if stop in text]
    return text[: min(cuts)] if cuts else text


def answers(model: LanguageModel, requests: Sequence[Request]) -> list[Any]:
    """The backend's replies to all requests asked at once, through its front door."""

    async def ask() -> list[Any]:
        return list(
            await asyncio.gather(
                *(
                    model.complete(one) if isinstance(one, CompleteRequest) else model.score(one)
                    for one in requests
                )
            )
        )

    return run(ask())
