"""The neural network: loaded by transformers, run on tokens whose place and visibility the caller decides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F

from burgh.agents.llm.encoding import Tokens
from burgh.agents.llm.rows import Prefix, PrefixCache, Rows
from burgh.sim.types import BurghError

LOGIT_ROWS = 128  # rows of the vocabulary's size held at once
FULL, SLIDING = "full_attention", "sliding_attention"


class Network:
    """A causal language model of transformers and the prefixes it has seen.

    rows_bytes: what the keys and values of one batch may take. prefix_bytes: what kept prefixes may take.
    pass_tokens: how many tokens to run at once, where there are many (a processor's caches are small).
    """

    def __init__(self, model: Any, *, rows_bytes: int, prefix_bytes: int, pass_tokens: int) -> None:
        self.model = model
        self.pass_tokens = pass_tokens
        self.device = torch.device(model.device)
        self.config = model.config.get_text_config()
        self.vocabulary: int = model.get_input_embeddings().weight.shape[0]
        self.prefixes = PrefixCache(self._compute_prefix, prefix_bytes)
        self._kinds = self._attention_kinds()
        self._window: int | None = getattr(self.config, "sliding_window", None)
        self._plain_head = self._has_plain_head()
        self.token_budget = max(1, rows_bytes // self._bytes_per_token())

    def _attention_kinds(self) -> frozenset[str]:
        kinds = frozenset(getattr(self.config, "layer_types", None) or (FULL,))
        if kinds - {FULL, SLIDING}:
            others = ", ".join(sorted(kinds - {FULL, SLIDING}))
            raise BurghError(
                f"a model of type {self.config.model_type!r} keeps state of another kind than attention"
                f" ({others}), which this backend cannot share: choose a plain transformer"
            )
        return kinds

    @torch.inference_mode()
    def _has_plain_head(self) -> bool:
        """Whether logits are the head of the last hidden state and nothing more (no capping, no scaling)."""
        tokens = torch.arange(1, 5, device=self.device)[None]
        whole = self.model(input_ids=tokens, use_cache=False).logits[0, -1].float()
        hidden = self.model.base_model(input_ids=tokens, use_cache=False).last_hidden_state[0, -1]
        return bool(torch.allclose(self.model.get_output_embeddings()(hidden).float(), whole, atol=1e-3))

    def _bytes_per_token(self) -> int:
        prefix = self._compute_prefix((1,))
        return max(1, prefix.size_bytes)

    @torch.inference_mode()
    def _compute_prefix(self, tokens: Tokens) -> Prefix:
        rows = Rows([Prefix(0)], self.device, capacity=len(tokens))
        self.hidden([tokens], rows)
        return rows.as_prefix()

    def check_length(self, tokens: int) -> None:
        """Raises BurghError when a context is longer than the model was made for."""
        limit = getattr(self.config, "max_position_embeddings", None)
        if limit is not None and tokens > limit:
            raise BurghError(
                f"a prompt with its reply takes {tokens} tokens and the model {self.config.model_type!r}"
                f" holds {limit}: shorten the prompt or choose a model with a longer context"
            )

    def hidden(
        self,
        own: Sequence[Tokens],
        rows: Rows,
        *,
        offsets: Sequence[Sequence[int]] | None = None,
        seen: torch.Tensor | None = None,
    ) -> torch.Tensor:
        """Runs the rows' own tokens after their prefixes and what they hold already, and returns what the
        last layer makes of them, (rows, n, width). Shorter rows are padded on the right.

        offsets: of each own token from the row's first own position; counted on when left out.
        seen: (rows, n, filled + n), which own tokens each one sees; those before it when left out.
        """
        longest = max(len(tokens) for tokens in own)
        ids = torch.tensor([[*tokens, *[0] * (longest - len(tokens))] for tokens in own], device=self.device)
        if offsets is None:
            steps = torch.arange(rows.filled, rows.filled + longest, device=self.device).expand(len(own), -1)
        else:
            padded = [[*row, *[0] * (longest - len(row))] for row in offsets]
            steps = torch.tensor(padded, device=self.device)
        positions = rows.starts[:, None] + steps
        if seen is None:
            slots = torch.arange(rows.filled + longest, device=self.device)
            causal = slots[None, :] <= slots[rows.filled :, None]
            seen = causal.expand(len(own), -1, -1)
        prefix_seen = rows.prefix_seen[:, None, :].expand(-1, longest, -1)
        visible = torch.cat((prefix_seen, seen), dim=2)[:, None]  # (rows, 1, n, slots)
        output = self.model.base_model(
            input_ids=ids,
            attention_mask=self._masks(visible, positions, rows),
            position_ids=positions,
            past_key_values=rows,
            use_cache=True,
        )
        rows.advance(positions)
        return output.last_hidden_state  # type: ignore[no-any-return]

    def _masks(self, visible: torch.Tensor, positions: torch.Tensor, rows: Rows) -> Any:
        """The mask as the model wants it: one, or one for each kind of attention its layers have."""
        layered = getattr(self.config, "layer_types", None) is not None
        if self._window is None or (layered and SLIDING not in self._kinds):
            return self._mask(visible)
        slots = torch.cat((rows.positions, positions), dim=1)  # (rows, slots)
        near = positions[:, :, None] - slots[:, None, :] < self._window
        sliding = self._mask(visible & near[:, None])
        return {FULL: self._mask(visible), SLIDING: sliding} if layered else sliding

    def _mask(self, visible: torch.Tensor) -> torch.Tensor:
        """True where seen, or what is to be added: some models compute attention plainly ("eager")."""
        if self.config._attn_implementation != "eager":
            return visible
        least = torch.finfo(self.model.dtype).min
        return torch.zeros(visible.shape, dtype=self.model.dtype, device=self.device).masked_fill(
            ~visible, least
        )

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
            logs = F.log_softmax(self.logits(hidden[begin : begin + LOGIT_ROWS]), dim=-1)
            here = [i for i, (row, _) in enumerate(wanted) if begin <= row < begin + LOGIT_ROWS]
            rows = torch.tensor([wanted[i][0] - begin for i in here], device=self.device)
            tokens = torch.tensor([wanted[i][1] for i in here], device=self.device)
            for i, value in zip(here, logs[rows, tokens].tolist(), strict=True):
                found[i] = value
        return found
