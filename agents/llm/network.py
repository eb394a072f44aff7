"""The neural network: loaded by transformers, run on the new tokens of many rows at once."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import torch
import torch.nn.functional as F
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

from burgh.agents.llm.attention import NAME, How, Pool, plan
from burgh.agents.llm.lanes import Lanes
from burgh.agents.llm.layout import BLOCK, Layout, Span, lay_out
from burgh.sim.types import BurghError

LOGIT_ROWS = 128  # rows of the vocabulary's size held at once
PROBE_TOKENS = BLOCK + 5
PROBE_TOLERANCE = {torch.float32: 1e-4}  # of the hidden states' size; of other dtypes LOOSE
LOOSE = 3e-2


class Attending(Protocol):
    """A pass as the attention of each layer sees it: `attention.Pass` and `lanes.Step`."""

    slots: torch.Tensor
    positions: torch.Tensor

    def attend(
        self, layer: int, query: torch.Tensor, keys: torch.Tensor, values: torch.Tensor, how: How
    ) -> torch.Tensor: ...


def _attention(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    burgh_pass: Attending,
    scaling: float | None = None,
    sliding_window: int | None = None,
    softcap: float | None = None,
    s_aux: torch.Tensor | None = None,
    position_bias: torch.Tensor | None = None,
    **_: Any,
) -> tuple[torch.Tensor, None]:
    """An attention function of transformers: (1, heads, tokens, width) to (1, tokens, heads, width)."""
    if s_aux is not None or position_bias is not None:
        raise NotImplementedError("attention with sinks or biases")
    how = How(query.shape[-1] ** -0.5 if scaling is None else scaling, sliding_window, softcap)
    return burgh_pass.attend(module.layer_idx, query[0], key[0], value[0], how)[None], None


ALL_ATTENTION_FUNCTIONS.register(NAME, _attention)


class Network:
    """A causal language model of transformers, and the pool of keys and values of all its rows.

    cache_bytes: what those may take; most_tokens: how many it may be in all. pass_tokens: how many tokens to
    run at once, where there are many (a processor's caches are small). max_rows: how many replies are written
    at once. fused: hands the attention to torch (a graphics card); else it is computed in blocks, whose bits
    do not depend on the batch. covered: whether the model's attention can be taken over; where not, rows run
    one by one (`plain`).
    """

    def __init__(
        self,
        model: Any,
        *,
        cache_bytes: int,
        pass_tokens: int,
        max_rows: int = 64,
        most_tokens: int | None = None,
        fused: bool | None = None,
    ) -> None:
        self.model = model
        self.pass_tokens, self.max_rows = pass_tokens, max_rows
        self.device = torch.device(model.device)
        usual = self.device.type != "cpu" or model.dtype != torch.float32  # where bits do not matter
        self.fused = usual if fused is None else fused
        self.config = model.config.get_text_config()
        self.vocabulary: int = model.get_input_embeddings().weight.shape[0]
        self._plain_head = self._has_plain_head()
        probed = self._probe()
        self.covered = probed is not None
        self.bytes_per_token = 0 if probed is None else probed
        self.cache_tokens = max(1, cache_bytes // max(1, self.bytes_per_token)) if self.covered else 1
        if most_tokens is not None:
            self.cache_tokens = min(self.cache_tokens, most_tokens)
        self.pool = Pool(self.cache_tokens + 1, self.device)

    @torch.inference_mode()
    def _has_plain_head(self) -> bool:
        """Whether logits are the head of the last hidden state and nothing more (no capping, no scaling)."""
        tokens = torch.arange(1, 5, device=self.device)[None]
        whole = self.model(input_ids=tokens, use_cache=False).logits[0, -1].float()
        hidden = self.model.base_model(input_ids=tokens, use_cache=False).last_hidden_state[0, -1]
        return bool(torch.allclose(self.model.get_output_embeddings()(hidden).float(), whole, atol=1e-3))

    @torch.inference_mode()
    def _probe(self) -> int | None:
        """Bytes that a token takes in the pool; None where what comes out is not what the model's own
        attention makes. Tried on two rows with a common beginning that are written on."""
        ids = [1 + place % max(1, min(self.vocabulary - 1, 61)) for place in range(PROBE_TOKENS)]
        own = self.model.base_model(input_ids=torch.tensor([ids], device=self.device), use_cache=False)
        expected = own.last_hidden_state[0]
        pool = Pool(2 * PROBE_TOKENS, self.device)
        slots = list(range(1, PROBE_TOKENS + 1))
        try:
            spans = [Span(slots[:-2], PROBE_TOKENS - 2), Span([*slots[:-2], PROBE_TOKENS + 2], 1)]
            first = self.run([*ids[:-2], ids[-2]], plan(pool, spans, lay_out(spans), fused=self.fused))
            lanes = Lanes(pool, fused=self.fused)
            lanes.join([slots[:-2], [*slots[:-2], PROBE_TOKENS + 2]])
            second = self.run([ids[-2], ids[-1]], lanes.step([PROBE_TOKENS - 1, PROBE_TOKENS + 3]))
        except (ArithmeticError, AttributeError, LookupError, RuntimeError, TypeError, ValueError):
            return None
        layers = getattr(self.config, "num_hidden_layers", None)
        if len(pool.keys) != (layers or len(pool.keys)) or not pool.keys:
            return None
        found = torch.cat((first, second))
        wanted = torch.cat((expected[:-2], expected[-2:-1], expected[-2:]))
        most = PROBE_TOLERANCE.get(found.dtype, LOOSE) * float(wanted.abs().max())
        if found.shape != wanted.shape or not float((found - wanted).abs().max()) <= most:
            return None
        return pool.bytes_per_slot

    def check_length(self, tokens: int) -> None:
        """Raises BurghError when a context is longer than the model was made for."""
        limit = getattr(self.config, "max_position_embeddings", None)
        if limit is not None and tokens > limit:
            raise BurghError(
                f"a prompt with its reply takes {tokens} tokens and the model {self.config.model_type!r}"
                f" holds {limit}: shorten the prompt or choose a model with a longer context"
            )

    @contextmanager
    def _taken_over(self) -> Iterator[None]:
        """The model's attention is ours, and it makes no masks."""
        own = self.config._attn_implementation
        self.config._attn_implementation = NAME
        try:
            yield
        finally:
            self.config._attn_implementation = own

    def run(self, tokens: Sequence[int], rows: Attending) -> torch.Tensor:
        """What the last layer makes of the new tokens of a pass, (tokens, width)."""
        states = self._run(tokens, rows)
        if self.fused or math.isfinite(float(states.sum())):
            return states
        self.pool.poisoned = True  # the same again, and only who sees what is no number gets none
        try:
            return self._run(tokens, rows)
        finally:
            self.pool.poisoned = False

    def _run(self, tokens: Sequence[int], rows: Attending) -> torch.Tensor:
        with self._taken_over():
            output = self.model.base_model(
                input_ids=torch.tensor([list(tokens)], device=self.device),
                position_ids=rows.positions[None],
                use_cache=False,
                burgh_pass=rows,
            )
        return output.last_hidden_state[0]  # type: ignore[no-any-return]

    def prefill(
        self, spans: Sequence[Span], tokens: Sequence[Sequence[int]]
    ) -> tuple[torch.Tensor, list[int]]:
        """Runs new tokens of many rows: what comes of them, (tokens, width), and where each row's begin."""
        apart = Layout(tuple(range(len(spans))), (0,) * len(spans), ())
        layout = apart if self.fused else lay_out(spans)
        flat: list[int] = []
        starts = [0] * len(spans)
        for row in layout.order:
            starts[row] = len(flat)
            flat += tokens[row]
        return self.run(flat, plan(self.pool, spans, layout, fused=self.fused)), starts

    def logits(self, hidden: torch.Tensor) -> torch.Tensor:
        """What the head makes of hidden states (n, width): (n, vocabulary), float32."""
        logits = self.model.get_output_embeddings()(hidden).float()
        if not self._plain_head:
            logits = self._finish(logits)
        return logits  # type: ignore[no-any-return]

    def _finish(self, logits: torch.Tensor) -> torch.Tensor:
        """Capping and scaling, as Gemma 2, Granite and Cohere do."""
        scale = getattr(self.config, "logit_scale", None) or 1 / getattr(self.config, "logits_scaling", 1.0)
        cap = getattr(self.config, "final_logit_softcapping", None)
        logits = logits * scale
        return logits if cap is None else torch.tanh(logits / cap) * cap

    def logprobs(self, hidden: torch.Tensor, wanted: Sequence[tuple[int, int]]) -> list[float]:
        """Log-likelihoods of tokens: for each (row of `hidden`, token). hidden: (n, width)."""
        found = [0.0] * len(wanted)
        for begin in range(0, hidden.shape[0], LOGIT_ROWS):
            here = [i for i, (row, _) in enumerate(wanted) if begin <= row < begin + LOGIT_ROWS]
            if not here:
                continue
            logs = F.log_softmax(self.logits(hidden[begin : begin + LOGIT_ROWS]), dim=-1)
            rows = torch.tensor([wanted[i][0] - begin for i in here], device=self.device)
            tokens = torch.tensor([wanted[i][1] for i in here], device=self.device)
            for i, value in zip(here, logs[rows, tokens].tolist(), strict=True):
                found[i] = value
        return found
