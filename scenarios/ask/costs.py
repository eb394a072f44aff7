"""What was asked of the language model, by purpose, agent and game hour."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from burgh.scenarios.ask.past import Past
from burgh.sim.types import Json

WAKING_HOURS = 16  # of a day, by which costs are compared


@dataclass(frozen=True, slots=True)
class Cost:
    """Calls of one agent, for one purpose, in one game hour (counted from the run's start). A call is one
    context: all options scored after it count once."""

    agent: str
    hour: int
    purpose: str
    calls: int
    tokens_in: int
    tokens_out: int


def costs(past: Past, first: int = 0) -> tuple[Cost, ...]:
    """The costs from a tick on, by hour, agent and purpose."""
    found: dict[tuple[int, str, str], list[int]] = {}
    for event in past.events:
        if event.kind == "model" and event.agent is not None and event.tick >= first:
            key = (int(past.clock.hours(event.tick)), event.agent, event.data["purpose"])
            sums = found.setdefault(key, [0, 0, 0])
            sums[0] += 1
            sums[1] += event.data["tokens_in"]
            sums[2] += event.data["tokens_out"]
    return tuple(Cost(agent, hour, purpose, *sums) for (hour, agent, purpose), sums in sorted(found.items()))


def by_purpose(each: Iterable[Cost]) -> dict[str, tuple[int, int, int]]:
    """Calls, tokens in and tokens out by purpose, the most often asked first."""
    found: dict[str, tuple[int, int, int]] = {}
    for cost in each:
        calls, tokens_in, tokens_out = found.get(cost.purpose, (0, 0, 0))
        found[cost.purpose] = (calls + cost.calls, tokens_in + cost.tokens_in, tokens_out + cost.tokens_out)
    return dict(sorted(found.items(), key=lambda one: (-one[1][0], one[0])))


def waking_hours(past: Past) -> float:
    """The game hours that the agents were awake, summed over all of them."""
    asleep = 0
    for agent in past.agents:
        since = None
        for event in past.of_agent(agent, "slept", "woke"):
            if event.kind == "slept" and since is None:
                since = event.tick
            elif event.kind == "woke" and since is not None:
                asleep, since = asleep + event.tick - since, None
        asleep += past.tick - since if since is not None else 0
    return past.clock.hours(len(past.agents) * past.tick - asleep)


def costs_json(past: Past, tokens_cached: int | None) -> dict[str, Json]:
    """Plain data. tokens_cached: of all tokens in, those that were not computed again; None where that is not
    known. Rates are per agent and waking game hour, and per agent and day of 16 of them."""
    each = costs(past)
    totals = by_purpose(each)
    calls, tokens_in, tokens_out = (sum(sums[n] for sums in totals.values()) for n in range(3))
    agent_hours = waking_hours(past)
    computed = None if tokens_cached is None else tokens_in - tokens_cached
    rates = {"calls": calls, "tokens_in": tokens_in, "tokens_computed": computed, "tokens_out": tokens_out}

    def each_hour(amount: int | None, hours: int = 1) -> float | None:
        return None if amount is None or agent_hours == 0 else hours * amount / agent_hours

    return {
        "waking_hours": agent_hours,
        "calls": calls,
        "tokens_in": tokens_in,
        "tokens_cached": tokens_cached,
        "tokens_out": tokens_out,
        "per_agent_hour": {name: each_hour(amount) for name, amount in rates.items()},
        "per_agent_day": {name: each_hour(amount, WAKING_HOURS) for name, amount in rates.items()},
        "purposes": [
            {"purpose": purpose, "calls": sums[0], "tokens_in": sums[1], "tokens_out": sums[2]}
            for purpose, sums in totals.items()
        ],
        "by_agent_and_hour": [
            {
                "agent": cost.agent,
                "hour": cost.hour,
                "purpose": cost.purpose,
                "calls": cost.calls,
                "tokens_in": cost.tokens_in,
                "tokens_out": cost.tokens_out,
            }
            for cost in each
        ],
    }
