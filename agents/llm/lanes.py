"""Rows that are being written, one new token each a step: their tails lie side by side and stay there.

A row takes a lane when it joins and leaves it when it is done; the last row then moves into its place. What
several rows see alike lies apart, once.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F

from burgh.agents.llm.attention import LEAST_ROWS, How, Pool, add_blocks, block_sums, hidden, matrix, poisoned
from burgh.agents.llm.layout import BLOCK, Segment, Span, lay_out

Tensor = torch.Tensor
FEW_ROWS = 4  # for which it is not worth while to keep apart what they share
GROWTH = 2 * BLOCK  # columns, and a quarter of the rows, added when lanes are too few or too short


class Lanes:
    """paths: of each row the slots of all its positions, the newest last; they grow as rows are written."""

    def __init__(self, pool: Pool, *, fused: bool) -> None:
        self.pool = pool
        self.fused = fused
        self.paths: list[list[int]] = []
        self._tails: list[int] = []  # the block at which each row's lane begins
        self._keys: dict[int, Tensor] = {}  # by layer: (lanes, kv, columns, width)
        self._values: dict[int, Tensor] = {}
        self._segments: list[tuple[Tensor, Segment]] = []  # with the rows that see each
        self._held: dict[tuple[int, int, int, int], tuple[Tensor, Tensor]] = {}  # by layer and segment
        self._width = 0

    def __len__(self) -> int:
        return len(self.paths)

    def join(self, paths: Sequence[list[int]]) -> None:
        """Takes in rows whose paths lie in the pool."""
        begin = len(self.paths)
        self.paths += paths
        spans = [Span(path, 0) for path in self.paths]
        if self.fused or len(self.paths) <= FEW_ROWS:
            self._tails += [0] * len(paths)
        else:
            layout = lay_out(spans)
            tails = dict(zip(layout.order, layout.tails, strict=True))
            self._tails += [tails[row] for row in range(begin, len(self.paths))]
        for layer in self.pool.keys:
            self._fill(layer, begin)
        self._regroup()

    def _fill(self, layer: int, begin: int) -> None:
        """Copies the tails of the rows from `begin` on into their lanes."""
        owns = [len(path) - tail * BLOCK for path, tail in zip(self.paths, self._tails, strict=True)]
        self._reserve(layer, max(owns) + 1)
        wide = max(owns[begin:])
        if wide == 0:
            return
        slots = [
            [*path[tail * BLOCK :], *[0] * (wide - own)]
            for path, tail, own in zip(self.paths[begin:], self._tails[begin:], owns[begin:], strict=True)
        ]
        index = torch.tensor(slots, device=self.pool.device).flatten()
        for lanes, held in ((self._keys, self.pool.keys), (self._values, self.pool.values)):
            taken = held[layer].index_select(1, index)  # (kv, rows * wide, width)
            rows = taken.view(taken.shape[0], len(slots), wide, -1).transpose(0, 1)
            lane = lanes[layer]
            lane[begin : len(self.paths), :, :wide] = rows
            lane[begin : len(self.paths), :, wide:] = 0

    def _reserve(self, layer: int, columns: int) -> None:
        """At least so many columns, and a lane for each row."""
        for lanes, held in ((self._keys, self.pool.keys), (self._values, self.pool.values)):
            kv, _, width = held[layer].shape
            old = lanes.get(layer)
            have = (0, 0) if old is None else (old.shape[0], old.shape[2])
            if len(self.paths) <= have[0] and columns <= have[1]:
                continue
            rows = have[0] if len(self.paths) <= have[0] else len(self.paths) + len(self.paths) // 4
            wide = have[1] if columns <= have[1] else -(-columns // BLOCK) * BLOCK + GROWTH
            made = held[layer].new_zeros((rows, kv, wide, width))
            if old is not None:
                made[: have[0], :, : have[1]] = old
            lanes[layer] = made

    def leave(self, rows: Sequence[int]) -> list[int]:
        """Gives up the lanes of these rows; the last rows move into them.

        Returns which row each of those left was.
        """
        order = list(range(len(self.paths)))
        for row in sorted(rows, reverse=True):
            last = len(order) - 1
            if row != last:
                for lanes in (self._keys, self._values):
                    for lane in lanes.values():
                        lane[row] = lane[last]
                self.paths[row], self._tails[row] = self.paths[last], self._tails[last]
                order[row] = order[last]
            for held in (self.paths, self._tails, order):
                held.pop()
        if not order:
            self._keys, self._values = {}, {}
        if rows:
            self._regroup()
        return order

    def undo_step(self) -> None:
        """Takes back the newest token of each row, where its step could not be computed."""
        for path in self.paths:
            path.pop()

    def _regroup(self) -> None:
        spans = [Span(path, 0) for path in self.paths]
        layout = lay_out(spans, self._tails)
        device = self.pool.device
        self._segments = [
            (torch.tensor(layout.order[one.begin : one.end], device=device), one) for one in layout.segments
        ]
        self._width = max((one.last for one in layout.segments), default=0) * BLOCK
        names = {(one.first, one.last, one.slots[-1]) for one in layout.segments}
        self._held = {key: held for key, held in self._held.items() if key[1:] in names}

    def step(self, slots: Sequence[int]) -> Step:
        """The pass in which each row's newest token is computed, whose keys and values go to these slots."""
        for path, slot in zip(self.paths, slots, strict=True):
            path.append(slot)
        owns = [len(path) - tail * BLOCK for path, tail in zip(self.paths, self._tails, strict=True)]
        for layer in self._keys:
            self._reserve(layer, max(owns))
        return Step(self, slots, owns)

    def segment(self, layer: int, one: Segment) -> tuple[Tensor, Tensor]:
        """Keys and values of a segment, (kv, columns, width)."""
        name = (layer, one.first, one.last, one.slots[-1])
        if name not in self._held:
            index = torch.tensor(one.slots, device=self.pool.device)
            self._held[name] = (
                self.pool.keys[layer].index_select(1, index),
                self.pool.values[layer].index_select(1, index),
            )
        return self._held[name]


class Step:
    """One step of all lanes, as the attention of a pass."""

    def __init__(self, lanes: Lanes, slots: Sequence[int], owns: Sequence[int]) -> None:
        self.lanes = lanes
        device = lanes.pool.device
        self.slots = torch.tensor(slots, device=device)
        self.positions = torch.tensor([len(path) - 1 for path in lanes.paths], device=device)  # (rows,)
        self._rows = torch.arange(len(owns), device=device)
        self._places = torch.tensor([own - 1 for own in owns], device=device)
        self._columns_used = -(-max(owns) // BLOCK) * BLOCK
        self._starts = torch.tensor(lanes._tails, device=device) * BLOCK
        self._hidden: dict[int | None, Tensor] = {}

    def _mask(self, window: int | None) -> Tensor:
        """(rows, columns): what of its lane is hidden from each row."""
        if window not in self._hidden:
            columns = torch.arange(self._columns_used, device=self._starts.device) + self._starts[:, None]
            self._hidden[window] = hidden(self.positions[:, None], columns, window)[:, 0]
        return self._hidden[window]

    def attend(self, layer: int, query: Tensor, keys: Tensor, values: Tensor, how: How) -> Tensor:
        """query: (heads, rows, width); keys, values: (kv_heads, rows, width); found: (rows, heads, width)."""
        lanes = self.lanes
        lanes.pool.write(layer, self.slots, keys, values)
        lane_keys, lane_values = lanes._keys[layer], lanes._values[layer]
        if lanes.pool.poisoned:
            keys, values = poisoned(keys, values)
        lane_keys[self._rows, :, self._places] = keys.transpose(0, 1)
        lane_values[self._rows, :, self._places] = values.transpose(0, 1)
        heads, rows, wide = query.shape
        kv = keys.shape[0]
        group, used = heads // kv, self._columns_used
        own_keys, own_values = lane_keys[:rows, :, :used], lane_values[:rows, :, :used]
        asked = (query * how.scaling).view(kv, group, rows, wide)
        if lanes.fused and how.softcap is None:
            seen = ~self._mask(how.window)[:, None, None]  # (rows, 1, 1, columns)
            made = F.scaled_dot_product_attention(
                asked.permute(2, 0, 1, 3), own_keys, own_values, attn_mask=seen, scale=1.0
            )
            return made.reshape(rows, heads, -1)
        question = F.pad(
            asked.permute(2, 0, 1, 3).reshape(rows * kv, group, wide), (0, 0, 0, self._lacking(group))
        )
        scores = how.cap(matrix(question, own_keys.reshape(rows * kv, used, wide).transpose(1, 2)))
        scores = scores.view(rows, kv, -1, used)
        scores.masked_fill_(self._mask(how.window)[:, None, None], -torch.inf)
        highest = scores.amax(dim=-1)  # (rows, kv, group)
        shared = self._shared_scores(layer, asked, how)  # (rows, kv, group, columns)
        total = None
        summed = scores.new_zeros((rows, kv, scores.shape[2], values.shape[2]))
        if shared is not None:
            highest[:, :, :group] = torch.maximum(highest[:, :, :group], shared.amax(dim=-1))
            weights = shared.sub_(highest[:, :, :group, None]).exp_()
            total = F.pad(block_sums(weights).cumsum(dim=-1)[..., -1], (0, self._lacking(group)))
            for index, one in lanes._segments:
                seen = weights[index, :, :, one.first * BLOCK : one.last * BLOCK]  # (m, kv, group, columns)
                before = summed[index, :, :group]
                flat = (kv, len(index) * group, -1)
                added = add_blocks(
                    before.transpose(0, 1).reshape(flat),
                    seen.transpose(0, 1).reshape(flat),
                    lanes.segment(layer, one)[1],
                )
                summed[index, :, :group] = added.view(kv, len(index), group, -1).transpose(0, 1)
        weights = scores.sub_(highest[..., None]).exp_()
        sums = block_sums(weights)
        if total is not None:
            sums = torch.cat((total[..., None], sums), dim=-1)
        whole = sums.cumsum(dim=-1)[..., -1].to(values.dtype)
        flat_shape = (rows * kv, scores.shape[2], -1)
        made = add_blocks(
            summed.view(flat_shape), weights.view(flat_shape), own_values.reshape(rows * kv, used, -1)
        )
        made = made.view(rows, kv, scores.shape[2], -1) / whole[..., None]
        return made[:, :, :group].reshape(rows, heads, -1)

    @staticmethod
    def _lacking(group: int) -> int:
        return max(0, LEAST_ROWS - group)

    def _shared_scores(self, layer: int, asked: Tensor, how: How) -> Tensor | None:
        lanes = self.lanes
        if not lanes._segments:
            return None
        kv, group, rows, wide = asked.shape
        scores = asked.new_full((rows, kv, group, lanes._width), -torch.inf)
        for index, one in lanes._segments:
            question = asked[:, :, index].transpose(1, 2).reshape(kv, -1, wide)
            product = how.cap(matrix(question, lanes.segment(layer, one)[0].transpose(1, 2)))
            shaped = product.view(kv, len(index), group, -1).transpose(0, 1)
            scores[index, :, :, one.first * BLOCK : one.last * BLOCK] = shaped
        if how.window is not None:
            columns = torch.arange(lanes._width, device=scores.device)
            scores.masked_fill_(hidden(self.positions, columns, how.window)[:, None, None], -torch.inf)
        return scores
