"""Which games are played: who sits where, over which draw of values.

A block is one draw of values (its seed) with every rotation of seats over it. "substitute" puts one
contestant at a time among scripted opponents: only what that seat does differs within a block. "rotate"
lets contestants play each other, each in each seat once a block.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from burgh.sim.rng import seed_of
from burgh.sim.types import BurghError

Design = Literal["substitute", "rotate"]
OPPONENT = ""  # a seat that a scripted opponent takes


@dataclass(frozen=True, slots=True)
class Game:
    """One task. rotation: of the seats within the block. seats: the contestant in each, or OPPONENT."""

    block: int
    rotation: int
    seats: tuple[str, ...]

    @property
    def key(self) -> str:
        """What tells the games of one contest apart."""
        who = "+".join(dict.fromkeys(name for name in self.seats if name != OPPONENT))
        return f"{self.block}.{self.rotation}.{who}"

    def seed(self, contest_seed: int) -> int:
        """That of the block: the same values and chances for all who play over it."""
        return seed_of(contest_seed, "arena", str(self.block))


def check(design: Design, contestants: Sequence[str], players: int, least: int = 2) -> None:
    """Raises BurghError where no such contest can be held."""
    if not contestants:
        raise BurghError("a contest needs at least one strategy: name some with --strategies A,B")
    if doubled := sorted({name for name in contestants if list(contestants).count(name) > 1}):
        raise BurghError(f"{doubled[0]} is named twice among the strategies")
    if players < least:
        raise BurghError(f"a contest needs at least {least} players, not {players}")
    if design == "rotate" and len(contestants) < 2:
        raise BurghError("the design 'rotate' needs at least 2 strategies that play each other")


def rotations(design: Design, contestants: Sequence[str], players: int) -> int:
    """How many rotations make a block."""
    return players if design == "substitute" else len(contestants)


def games_of_block(design: Design, contestants: Sequence[str], players: int, block: int) -> tuple[Game, ...]:
    """All games over one draw of values, in the order in which they are played."""
    return tuple(
        game
        for rotation in range(rotations(design, contestants, players))
        for game in _rotation(design, contestants, players, block, rotation)
    )


def _rotation(
    design: Design, contestants: Sequence[str], players: int, block: int, rotation: int
) -> Iterator[Game]:
    if design == "substitute":
        for name in contestants:
            seats = [OPPONENT] * players
            seats[rotation] = name
            yield Game(block, rotation, tuple(seats))
    else:
        seats = [contestants[(seat + rotation) % len(contestants)] for seat in range(players)]
        yield Game(block, rotation, tuple(seats))


def schedule(design: Design, contestants: Sequence[str], players: int, games: int) -> Iterator[Game]:
    """The games until each contestant has sat in so many of them; the last block may be cut short."""
    played = 0
    block = 0
    while played < games:
        for rotation in range(rotations(design, contestants, players)):
            if played >= games:
                return
            yield from _rotation(design, contestants, players, block, rotation)
            played += 1
        block += 1
