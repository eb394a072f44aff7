"""Who stands higher: order by bid, ties drawn by lot so that no seat has an advantage."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]
Bools: TypeAlias = npt.NDArray[np.bool_]

NO_BID = -1  # below every legal bid, and below a reserve of 0
NOBODY = -1


def ranked(bids: Ints, ties: np.random.Generator) -> Ints:
    """The rows of `bids` (rows, games) from the highest to the lowest in each game: (rows, games).

    Equal bids come in an order drawn from `ties`, each order as likely as any other.
    """
    lots = ties.random(bids.shape)
    return np.lexsort((lots, bids), axis=0)[::-1]


def in_order(bids: Ints, order: Ints) -> Ints:
    """Bids as `ranked` orders them: (rows, games)."""
    return np.take_along_axis(bids, order, axis=0)
