"""Position auctions: generalised second price and VCG (Edelman, Ostrovsky and Schwarz 2007; Varian 2007).

Bids are per click; slots are listed by their clicks, most first. Payments are totals: clicks times the price.
"""

from __future__ import annotations

from collections.abc import Sequence

from burgh.sim.types import BurghError


def check_clicks(clicks: Sequence[int]) -> None:
    """Raises BurghError unless the slots are listed with positive clicks, most first."""
    if not clicks or any(count <= 0 for count in clicks) or list(clicks) != sorted(clicks, reverse=True):
        raise BurghError(f"the clicks {list(clicks)} are not positive and from the most to the least")


def gsp_payments(bids: Sequence[int], clicks: Sequence[int], reserve: int = 0) -> list[int]:
    """bids: from the highest to the lowest. Each slot pays the next bid for each of its clicks."""
    taken = min(len(bids), len(clicks))
    following = [*bids[1:], 0]
    return [clicks[slot] * max(following[slot], reserve) for slot in range(taken)]


def vcg_payments(bids: Sequence[int], clicks: Sequence[int], reserve: int = 0) -> list[int]:
    """bids: from the highest to the lowest. Each slot pays what those below lose by its being taken."""
    taken = min(len(bids), len(clicks))
    following = [max(bid, reserve) for bid in [*bids[1:], 0]]
    below = [*clicks[1:taken], 0]
    pays, owed = [0] * taken, 0
    for slot in reversed(range(taken)):
        owed += (clicks[slot] - below[slot]) * following[slot]
        pays[slot] = owed
    return pays


def envy_free_bids(values: Sequence[int], clicks: Sequence[int]) -> list[float]:
    """The lowest envy-free bids: those under which GSP charges the VCG payments. values: highest first.

    The highest bid is free above the second; it is the value here.
    """
    pays = vcg_payments(values, clicks)
    taken = len(pays)
    bids = [float(values[0])]
    bids += [pays[slot - 1] / clicks[slot - 1] for slot in range(1, min(len(values), taken + 1))]
    return [*bids, *(float(value) for value in values[taken + 1 :])]
