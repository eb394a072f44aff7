"""Vickrey-Clarke-Groves over bundles of different items (Vickrey 1961, Clarke 1971, Groves 1973).

A bundle is a bit mask over the items; a bidder's bids are a mapping from bundles to whole amounts, of which
at most one is taken (XOR). Exact: every allocation is considered, in bidders x 3**items steps.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

Bids = Mapping[int, int]


def bundles_of(mask: int) -> Iterator[int]:
    """Every bundle within a mask, the whole first, without the empty one."""
    part = mask
    while part:
        yield part
        part = (part - 1) & mask


def best_allocation(bids: Sequence[Bids], items: int) -> tuple[int, tuple[int, ...]]:
    """The greatest sum of bids, and the bundle of each bidder in it (0: nothing)."""
    whole = (1 << items) - 1
    best = [0] * (whole + 1)  # by available items, over the bidders so far
    choices: list[list[int]] = []
    for own in bids:
        choice, improved = [0] * (whole + 1), list(best)
        for available in range(1, whole + 1):
            for bundle in bundles_of(available):
                total = own.get(bundle, 0) + best[available & ~bundle]
                if total > improved[available]:
                    improved[available], choice[available] = total, bundle
        best = improved
        choices.append(choice)
    available, given = whole, []
    for choice in reversed(choices):
        given.append(choice[available])
        available &= ~choice[available]
    return best[whole], tuple(reversed(given))


def vcg(bids: Sequence[Bids], items: int, ties: np.random.Generator) -> tuple[tuple[int, ...], list[int]]:
    """Each bidder's bundle, and what each pays: the loss that their presence is to the others.

    Where several allocations are best, one is drawn: each bid gets an addend that is too small to outweigh
    a unit of money, drawn alike for all.
    """
    scale = 1 << 40
    most = scale // (len(bids) + 1)
    drawn = [
        {
            bundle: amount * scale + int(ties.integers(1, most))
            for bundle, amount in sorted(own.items())
            if amount > 0
        }
        for own in bids
    ]
    _, given = best_allocation(drawn, items)
    welfare = sum(own.get(bundle, 0) for own, bundle in zip(bids, given, strict=True))
    pays = []
    for seat, own in enumerate(bids):
        without, _ = best_allocation([*bids[:seat], *bids[seat + 1 :]], items)
        pays.append(without - (welfare - own.get(given[seat], 0)))
    return given, pays
