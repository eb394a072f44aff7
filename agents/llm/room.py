"""Room for keys and values: which slots are free, and what may be taken back for them. No torch."""

from __future__ import annotations

from burgh.agents.llm.tree import Tree

ZERO = 0  # a slot that is never given out: it holds zeros, and stands where there is nothing


class Room:
    """So many slots of one token each. promised: slots that rows in flight may still ask for."""

    def __init__(self, slots: int, tree: Tree) -> None:
        self.slots = slots
        self.tree = tree
        self.promised = 0
        self._free: list[int] = []
        self._fresh = 1  # slots from here on were never used: their memory is touched late, if at all

    @property
    def free(self) -> int:
        return len(self._free) + self.slots - self._fresh

    def fits(self, count: int) -> bool:
        """Whether so many more can be promised, held prefixes being given up where need be."""
        wanted = self.promised + count
        return wanted <= self.free or wanted <= self.free + self.tree.evictable()

    def take(self, count: int) -> list[int] | None:
        """So many slots, or None where there are not so many."""
        if count > self.free:
            self._free += self.tree.evict(count - self.free)
        if count > self.free:
            return None
        known = min(count, len(self._free))
        taken = self._free[len(self._free) - known :]
        del self._free[len(self._free) - known :]
        taken += range(self._fresh, self._fresh + count - known)
        self._fresh += count - known
        return taken

    def give_back(self, slots: list[int]) -> None:
        self._free += slots
