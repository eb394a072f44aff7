"""Sales as PettingZoo environments: `parallel_env("second-price", players=3)`, and `env` for the AEC form.

Needs the extra `pettingzoo`. What an agent sees is a vector of numbers (`FIELDS`), scaled so that 1 is the
highest likely value; what it would read is in its info (`text`, `question`). What it does is the number of a
price level: 0 passes (or waits, or leaves), `levels` bids the highest likely value; where the format has a
single yes (a clock) 1 says it, and where an offer can be accepted the last number does. What is not legal at
the moment is made so: a price is cut to the purse, one below the least is a pass. Rewards are what one gains.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from burgh.sim.rng import seed_of
from burgh.sim.spec import Choice, Form
from burgh.sim.types import Action, BurghError, Event, Json, Observation
from burgh.worlds.auctions.formats import make_house
from burgh.worlds.auctions.house import MOST_BIDDERS, House
from burgh.worlds.auctions.terms import WHOLE, whole

try:
    from gymnasium import spaces
    from pettingzoo import AECEnv, ParallelEnv
    from pettingzoo.utils.conversions import parallel_to_aec
    from pettingzoo.utils.wrappers import BaseWrapper
except ImportError as missing:
    raise BurghError(
        f"PettingZoo is not installed ({missing.name}): pip install 'burgh[pettingzoo]' brings it"
    ) from None

Vector: TypeAlias = npt.NDArray[np.float32]
# What an agent sees, in this order; ABSENT where the format has no such thing. flags are 0 or 1, shares of 1.
AMOUNTS = ("value", "money", "price", "least", "best_bid", "best_ask", "offer", "live")
OTHERS = ("asked", "leads", "sells", "lots_left", "rounds_left", "others")
FIELDS = (*AMOUNTS, *OTHERS)
ABSENT, MOST = -1.0, 1000.0
MOST_TICKS = 10_000
YES = ("take", "stay")
ACCEPT = "accept"


class SaleEnv(ParallelEnv[str, Vector, Any]):  # type: ignore[misc]
    """A sale in which all act at once; who is not asked in a round gives an action all the same, which comes
    to nothing. An episode ends when the last lot is closed."""

    def __init__(
        self, format: str, players: int = 3, *, seed: int = 0, levels: int = 50, **more: Any
    ) -> None:
        players, levels = whole(players, "players", 1), whole(levels, "levels", 1)
        if players > MOST_BIDDERS:
            raise BurghError(f"players is {players}: a sale has {MOST_BIDDERS} at most")
        self.format, self.levels = format, levels
        self.possible_agents = [f"bidder_{seat}" for seat in range(players)]
        self.agents: list[str] = []
        self.render_mode = None
        self.metadata = {"name": f"burgh_{format.replace('-', '_')}_v0", "is_parallelizable": True}
        self._make: Callable[[int], House] = lambda seed: make_house(
            format, self.possible_agents, seed=seed, **more
        )
        self._seed, self._episode = _seed(seed), 0
        self.house = self._make(self._seed)
        self.house.begin()
        self.tick = 0
        self.top = max(self._top(), 1)
        self._names = self._goods_named()
        self._acts = self._all_acts()
        self._seen: Mapping[str, Observation] = {}
        box = spaces.Box(ABSENT, MOST, (len(FIELDS),), np.float32)
        self._observation_spaces = dict.fromkeys(self.possible_agents, box)
        self._action_spaces = {agent: self._action_space() for agent in self.possible_agents}

    # the PettingZoo contract

    def observation_space(self, agent: str) -> spaces.Space[Any]:
        return self._observation_spaces[agent]

    def action_space(self, agent: str) -> spaces.Space[Any]:
        return self._action_spaces[agent]

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Vector], dict[str, dict[str, Any]]]:
        if seed is not None:
            self._seed, self._episode = _seed(seed), 0
        self.house = self._make(seed_of(self._seed, "episode", "", self._episode))
        self._episode += 1
        self.tick = 0
        self.house.begin()
        self.agents = list(self.possible_agents)
        self._look()
        return self._observations(), self._infos()

    def step(
        self, actions: dict[str, Any]
    ) -> tuple[
        dict[str, Vector],
        dict[str, float],
        dict[str, bool],
        dict[str, bool],
        dict[str, dict[str, Any]],
    ]:
        self._check(actions)
        given = {
            agent: Action(agent, self.answer(agent, action), "")
            for agent, action in actions.items()
            if self._seen[agent].free
        }
        rewards = dict.fromkeys(self.agents, 0.0)
        events = self._apply(given)
        while self.house.is_open and not any(one.free for one in self._seen.values()):
            events += self._apply({})
        for event in events:
            for agent, amount in _gains(event):
                if agent in rewards:
                    rewards[agent] += amount
        over, late = not self.house.is_open, self.tick >= MOST_TICKS
        observations, infos = self._observations(), self._infos()
        ended, cut = dict.fromkeys(self.agents, over), dict.fromkeys(self.agents, late and not over)
        if over or late:
            self.agents = []
        return observations, rewards, ended, cut, infos

    def render(self) -> None:
        """Nothing is drawn: `burgh watch` draws recorded runs."""

    def close(self) -> None:
        """Holds nothing that must be closed."""

    # what an action means

    def answer(self, agent: str, action: Any) -> Json:
        """The legal answer that an action comes to. Raises BurghError for what is no action of the space."""
        spec = self._seen[agent].spec
        acts = _options(spec)
        numbers = self.numbers(agent, action)
        if self._names:
            prices = [self._price(number) for number in numbers]
            return self._several(agent, prices) if "bid" in acts and any(prices) else {"act": acts[0]}
        (number,) = numbers
        if number == 0:
            return {"act": acts[0]}
        if yes := [act for act in YES if act in acts]:
            return {"act": yes[0]}
        if ACCEPT in self._acts and number == self.levels + 1:
            return {"act": ACCEPT if ACCEPT in acts else acts[0]}
        return self._one(spec, acts, self._price(number))

    def _check(self, actions: Mapping[str, Any]) -> None:
        """Raises BurghError for a step that cannot be taken."""
        if not self._seen:
            raise BurghError("reset() comes before step(): no sale has begun")
        if not isinstance(actions, Mapping):
            raise BurghError(
                f"the actions of a step are {actions!r}: they must be one for each agent, by name"
            )
        for agent, action in actions.items():
            if agent not in self._seen:
                known = ", ".join(self.possible_agents)
                raise BurghError(f"there is no agent {agent!r} in this sale: there are {known}")
            self.numbers(agent, action)
        if actions and not self.agents:
            raise BurghError("this sale is over: reset() begins the next")

    def numbers(self, agent: str, action: Any) -> list[int]:
        """An action as whole numbers, one for each thing that is bid for. Raises BurghError for what is
        none."""
        space = self._action_spaces[agent]
        sizes = space.nvec.tolist() if self._names else [int(space.n)]
        try:
            given = np.atleast_1d(np.asarray(action, np.float64))
        except (TypeError, ValueError):  # a text, nothing, or lists of several lengths
            given = np.array([np.nan])
        right = given.shape == (len(sizes),) and bool(np.isfinite(given).all())
        if not right or not all(
            number.is_integer() and 0 <= number < size
            for number, size in zip(given.tolist(), sizes, strict=True)
        ):
            one = f"a whole number from 0 to {sizes[0] - 1}"
            wanted = one if len(sizes) == 1 else f"{len(sizes)} numbers, each {one}"
            raise BurghError(f"the action of {agent} is {action!r}: it must be {wanted}")
        return [int(number) for number in given]

    def _one(self, spec: Any, acts: Sequence[str], price: int) -> Json:
        if "bid" not in acts:
            return {"act": acts[0]}
        bounds = dict(spec.fields)["price"].cases["bid"]
        least, most, step = int(bounds.minimum), int(bounds.maximum), int(bounds.step)
        price = min(price, most) // step * step
        return {"act": "bid", "price": price} if price >= least else {"act": acts[0]}

    def _several(self, agent: str, prices: Sequence[int]) -> Json:
        """A price for each thing, as far as the purse goes, first things first."""
        left, step = int(self._seen[agent].state["most"]), int(self.house.terms.step)
        answer: dict[str, Json] = {"act": "bid"}
        for name, price in zip(self._names, prices, strict=True):
            offer = max(min(price, left) // step * step, 0)
            count = len(name.split(" + "))
            answer[name] = offer if offer >= self.house.reserve * count else 0
            if self.format != "vcg":
                left -= answer[name]
        return answer

    def _price(self, level: int) -> int:
        return round(self.top * level / self.levels)

    # within

    def _top(self) -> int:
        ceiling = getattr(self.house, "ceiling", 0)
        if self.format == "vcg":
            bundles = self.house.observe(1).values()
            return max(int(value) for seen in bundles for value in seen.state["values"].values())
        return int(ceiling or self.house.values.most(len(self.possible_agents)))

    def _goods_named(self) -> tuple[str, ...]:
        """The things for which a price each is named; () where there is one price."""
        spec = self.house.observe(1)[self.possible_agents[0]].spec
        if not isinstance(spec, Form):
            return ()
        return tuple(name for name, _ in spec.fields if name not in ("act", "price"))

    def _all_acts(self) -> tuple[str, ...]:
        return tuple(self.house.acts)

    def _action_space(self) -> spaces.Space[Any]:
        if self._names:
            return spaces.MultiDiscrete([self.levels + 1] * len(self._names))
        if any(act in self._acts for act in YES):
            return spaces.Discrete(2)
        return spaces.Discrete(self.levels + (2 if ACCEPT in self._acts else 1))

    def _apply(self, actions: Mapping[str, Action]) -> list[Event]:
        self.tick += 1
        events = list(self.house.apply(self.tick, actions))
        self._look()
        return events

    def _look(self) -> None:
        self._seen = self.house.observe(self.tick + 1)

    def _observations(self) -> dict[str, Vector]:
        return {agent: self._vector(self._seen[agent]) for agent in self.agents}

    def _vector(self, seen: Observation) -> Vector:
        state = seen.state
        amounts = [self._scaled(state.get(name)) for name in AMOUNTS]
        if isinstance(values := state.get("values"), Mapping | list) and values:
            amounts[0] = self._scaled(max(values.values() if isinstance(values, Mapping) else values))
        lots = len(self.house.lots)
        rounds = state.get("rounds_left")
        others = (
            float(seen.free),
            float(state.get("leader") == seen.agent),
            float(state.get("side") == "sell"),
            (lots - state["lot"]) / lots if "lot" in state else 0.0,
            ABSENT if rounds is None else float(rounds) / self.levels,
            float(state["others"]),
        )
        return np.clip(np.array([*amounts, *others], np.float32), ABSENT, MOST)

    def _scaled(self, amount: Json) -> float:
        is_number = isinstance(amount, int) and not isinstance(amount, bool)
        return float(amount) / self.top if is_number else ABSENT

    def _infos(self) -> dict[str, dict[str, Any]]:
        return {
            agent: {
                "text": " ".join(percept.text for percept in self._seen[agent].percepts),
                "question": _question(self._seen[agent].spec),
            }
            for agent in self.agents
        }


def parallel_env(format: str, players: int = 3, **more: Any) -> SaleEnv:
    """A sale of that format in which all act at once. seed, levels: see the module; the rest is the format's
    (lots, values, terms, budgets, ...). Raises BurghError for an unknown format."""
    return SaleEnv(format, players, **more)


def env(format: str, players: int = 3, **more: Any) -> AECEnv[str, Vector, Any]:
    """The same in turns (the AEC form): the sale moves on when all have acted."""
    sale = parallel_env(format, players, **more)
    return _Turns(parallel_to_aec(sale), sale)


class _Turns(BaseWrapper[str, Vector, Any]):  # type: ignore[misc]
    """In turns an action is taken when all have acted, so what is none is refused when it is given."""

    def __init__(self, turns: AECEnv[str, Vector, Any], sale: SaleEnv) -> None:
        super().__init__(turns)
        self._sale = sale

    def step(self, action: Any) -> None:
        if self.agents:
            agent = self.agent_selection
            done = self.terminations[agent] or self.truncations[agent]
            if done and action is not None:
                raise BurghError(f"this sale is over: the action of {agent} is None, until reset()")
            if not done:
                self._sale.numbers(agent, action)
        super().step(action)


def _seed(seed: Any) -> int:
    """A seed, of any sign. Raises BurghError for what is none."""
    if isinstance(seed, bool) or not isinstance(seed, WHOLE):
        raise BurghError(f"the seed is {seed!r}: it must be a whole number")
    return int(seed)


def _options(spec: Any) -> tuple[str, ...]:
    """The acts of a form."""
    choice = dict(spec.fields)["act"]
    assert isinstance(choice, Choice)
    return choice.options


def _question(spec: Any) -> str:
    choice = dict(spec.fields)["act"]
    assert isinstance(choice, Choice)
    return f"{choice.question} ({' or '.join(choice.options)})"


def _gains(event: Event) -> list[tuple[str, float]]:
    """Whom an event makes richer, and by how much."""
    data = event.data
    if event.kind == "paid":
        return [(data["from"], -float(data["amount"])), (data["to"], float(data["amount"]))]
    if event.kind == "sold":
        return [(event.agent or "", float(data["value"])), (data["seller"], -float(data.get("cost", 0)))]
    return []
