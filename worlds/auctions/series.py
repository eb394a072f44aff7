"""Several sales by the same bidders, one after another: values, purses and lots anew in each."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import replace

from burgh.sim.protocols import WorldFacts
from burgh.sim.rng import seed_of
from burgh.sim.types import Action, BurghError, Event, Json, Observation
from burgh.worlds.auctions.house import House

MakeHouse = Callable[[int], House]  # from a seed


def game_seed(seed: int, game: int) -> int:
    """What chance starts from in a game: the first is the sale that there would be alone."""
    return seed if game == 0 else seed_of(seed, "game", "", game)


class Series:
    """A World (see sim/protocols.py) of `games` sales. A bidder is shown how the earlier ones ended: their
    lots stand in `history`, each with its `game`, before those of the game that is played."""

    def __init__(self, make: MakeHouse, games: int, seed: int) -> None:
        if games < 1:
            raise BurghError(f"a series of {games} games cannot be: there is one at least")
        self._make, self.games, self.seed = make, games, seed
        self.game = 0
        self.house = make(seed)
        self.earlier: list[dict[str, Json]] = []

    @property
    def agents(self) -> tuple[str, ...]:
        return self.house.agents

    @property
    def facts(self) -> WorldFacts:
        return self.house.facts

    def begin(self) -> tuple[Event, ...]:
        return self.house.begin(0, game=self.game, games=self.games)

    def observe(self, tick: int) -> Mapping[str, Observation]:
        return {name: self._shown(one) for name, one in self.house.observe(tick).items()}

    def _shown(self, seen: Observation) -> Observation:
        history = [*self.earlier, *self._numbered()]
        return replace(seen, state={**seen.state, "history": history, "game": self.game, "games": self.games})

    def _numbered(self) -> list[dict[str, Json]]:
        return [{"game": self.game, **sale} for sale in self.house.history]

    def apply(self, tick: int, actions: Mapping[str, Action]) -> tuple[Event, ...]:
        over = not self.house.is_open
        events = self.house.apply(tick, actions)
        if over and not events and self._more():
            self.earlier += self._numbered()
            self.game += 1
            self.house = self._make(game_seed(self.seed, self.game))
            return self.house.begin(tick, game=self.game, games=self.games)
        return events

    def _more(self) -> bool:
        return self.game + 1 < self.games

    def next_tick(self, tick: int) -> int | None:
        return tick + 1 if self._more() else self.house.next_tick(tick)

    def snapshot(self) -> Json:
        house = self.house.snapshot()
        return {
            "game": self.game,
            "earlier": copy.deepcopy(self.earlier),
            "house": house,
            "totals": house["totals"],
        }

    def restore(self, state: Json) -> None:
        self.game, self.earlier = state["game"], copy.deepcopy(state["earlier"])
        self.house = self._make(game_seed(self.seed, self.game))
        self.house.restore(state["house"])
