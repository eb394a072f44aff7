"""Budgets: how much may be asked of the language model, and what has been.

Of tokens and calls a budget is spent at the same call in every run of a seed, however the minds of a tick are
scheduled: against it stands what was asked in earlier ticks, and what the same agent has asked in this one.
So it is passed by what all agents together ask in one tick, at most. Seconds differ from run to run: that
they are spent is an intervention from outside, and from then on a fact of the record.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from burgh.agents.llm.unanswered import BudgetSpent
from burgh.sim.protocols import Call, Usage
from burgh.sim.types import BurghError, Json, fixed, real

Unit = Literal["tokens", "calls", "seconds"]
WRITTEN = re.compile(
    r"(?P<amount>\d[\d_,]*) (?P<unit>\w+?)s?"
    r"(?P<each>(?:(?: and| per| an)+ (?:agent|hour)){0,2})(?: for (?P<purpose>.+))?"
)
WHAT = "budget"  # of the intervention that says that one of seconds is spent


@dataclass(frozen=True, slots=True)
class Budget:
    """amount: of the unit, tokens in and out together. per_agent: for each agent, else for all together.
    per_hour: anew with each game hour, else for the whole run. purpose: of the calls meant, "" for all."""

    amount: int
    unit: Unit
    per_agent: bool = False
    per_hour: bool = False
    purpose: str = ""

    def __str__(self) -> str:
        said = f"{self.amount} {self.unit}"
        said += " per agent" if self.per_agent else ""
        said += " per hour" if self.per_hour else ""
        return f"{said} for {self.purpose}" if self.purpose else said


def parse_budget(text: str) -> Budget:
    """Reads "5000 tokens per agent per hour for words": all but the amount and its unit may be left out.
    Raises BurghError."""
    found = WRITTEN.fullmatch(" ".join(text.split()))
    unit = f"{found['unit']}s" if found else ""
    if found is None or unit not in get_args(Unit):
        raise BurghError(
            f"{text!r} is not a budget: write as in '200000 tokens', '40 calls per agent per hour' or"
            " '600 seconds for words'"
        )
    amount = int(re.sub(r"\D", "", found["amount"]))
    units: dict[str, Unit] = {"tokens": "tokens", "calls": "calls", "seconds": "seconds"}
    each, purpose = found["each"], (found["purpose"] or "").strip()
    return Budget(amount, units[unit], "agent" in each, "hour" in each, purpose)


Key = tuple[int, str, int]  # which budget, of which agent ("" for all), in which hour (0 for the run)


class Ledger:
    """What was asked of the model, against the budgets. It is part of a run's state."""

    def __init__(self, budgets: Sequence[Budget] = (), ticks_per_hour: int = 360) -> None:
        self.budgets = tuple(budgets)
        self._ticks_per_hour = max(1, ticks_per_hour)
        self._tick = 0
        self._settled: defaultdict[Key, int] = defaultdict(int)  # until the last tick
        self._now: defaultdict[tuple[int, str], int] = defaultdict(int)  # by budget and agent, in this one
        self._over: set[Key] = set()  # of seconds, as was said from outside
        self._met: set[int] = set()  # budgets under which a call came
        self._seconds: defaultdict[Key, float] = defaultdict(float)

    def admit(self, call: Call) -> None:
        """Raises BudgetSpent where a budget that the call falls under is spent."""
        self._enter(call.tick)
        for number, budget in self._for(call):
            self._met.add(number)
            key = self._key(number, call)
            spent = self._settled[key] + self._now[number, call.agent]
            if key in self._over or (budget.unit != "seconds" and spent >= budget.amount):
                raise BudgetSpent(f"the budget of {budget} is spent", call)

    def paid(self, call: Call, usage: Usage) -> None:
        """Notes what an answered call cost."""
        self._enter(call.tick)
        for number, budget in self._for(call):
            if budget.unit == "seconds":
                self._seconds[self._key(number, call)] += usage.seconds
            else:
                tokens = usage.tokens_in + usage.tokens_out
                self._now[number, call.agent] += 1 if budget.unit == "calls" else tokens

    @property
    def unmet(self) -> list[Budget]:
        """The budgets under which no call came: of a purpose for which nothing was asked."""
        return [budget for number, budget in enumerate(self.budgets) if number not in self._met]

    def overrun(self) -> list[dict[str, Json]]:
        """The interventions that say which budgets of seconds are spent and were not said to be."""
        found = []
        for key, seconds in self._seconds.items():
            number, agent, hour = key
            if key not in self._over and seconds >= self.budgets[number].amount:
                named = {"budget": str(self.budgets[number]), "number": number, "agent": agent, "hour": hour}
                found.append({"what": WHAT, **named})
        return found

    def take_in(self, data: Mapping[str, Json]) -> None:
        """What such an intervention says."""
        self._over.add((data["number"], data["agent"], data["hour"]))

    def snapshot(self) -> Json:
        """Between two ticks."""
        self._settle()
        return {
            "tick": self._tick,
            "settled": [[*key, amount] for key, amount in sorted(self._settled.items()) if amount],
            "over": [list(key) for key in sorted(self._over)],
            "met": sorted(self._met),
            "seconds": [[*key, fixed(seconds)] for key, seconds in sorted(self._seconds.items())],
        }

    def restore(self, state: Json) -> None:
        """Takes over a snapshot."""
        self._tick = state["tick"]
        self._now.clear()
        self._settled = defaultdict(int, {_key(row): row[3] for row in state["settled"]})
        self._over = {_key(row) for row in state["over"]}
        self._met = set(state.get("met", ()))
        self._seconds = defaultdict(float, {_key(row): real(row[3]) for row in state["seconds"]})

    def _for(self, call: Call) -> Iterable[tuple[int, Budget]]:
        for number, budget in enumerate(self.budgets):
            if budget.purpose in ("", call.purpose):
                yield number, budget

    def _key(self, number: int, call: Call) -> Key:
        budget = self.budgets[number]
        hour = call.tick // self._ticks_per_hour if budget.per_hour else 0
        return number, call.agent if budget.per_agent else "", hour

    def _enter(self, tick: int) -> None:
        if tick > self._tick:
            self._settle()
            self._tick = tick

    def _settle(self) -> None:
        for (number, agent), amount in self._now.items():
            self._settled[self._key(number, Call(agent, self._tick, ""))] += amount
        self._now.clear()


def _key(row: Sequence[Json]) -> Key:
    return row[0], row[1], row[2]
