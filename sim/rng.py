"""Named random streams: one seed, and a stream for each (role, agent, tick). No global random state."""

from __future__ import annotations

import hashlib
import random


def seed_of(seed: int, role: str, agent: str = "", tick: int = 0) -> int:
    """A 63-bit seed that depends on all four names and on nothing else."""
    name = "\x1f".join((str(seed), role, agent, str(tick))).encode()
    return int.from_bytes(hashlib.sha256(name).digest()[:8], "big") >> 1


def stream(seed: int, role: str, agent: str = "", tick: int = 0) -> random.Random:
    """An independent random stream of that name."""
    return random.Random(seed_of(seed, role, agent, tick))
