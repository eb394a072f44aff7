"""What is asked of market-day on a real model, as rules over what its records say: tests/accept runs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from burgh.scenarios.run import Outcome, run_scenario
from burgh.scenarios.spec import Scenario
from burgh.scenarios.spread import Spread, chance_of_at_least, chance_of_lead, spread
from burgh.sim.protocols import LanguageModel
from burgh.sim.record import open_log

LEAST_HEARERS = 4
LEAST_COMERS = 3
SIGNIFICANT = 0.01  # what is less likely than this is not taken for chance


@dataclass(frozen=True, slots=True)
class Morning:
    """One run of market-day: the news and the dull fact beside it, and what it cost.

    shuffled: whether the model's scores were dealt out at random. tellings: how often a villager told
    another anything at all.
    """

    seed: int
    shuffled: bool
    market: Spread
    control: Spread
    tellings: int = 0
    calls: int = 0
    tokens: int = 0
    seconds: float = 0.0
    model_seconds: float = 0.0

    @property
    def passes(self) -> bool:
        """Whether enough villagers heard of the market from one another and enough came by plan."""
        return len(self.market.hearings) >= LEAST_HEARERS and len(self.market.by_plan) >= LEAST_COMERS

    @property
    def only_market(self) -> tuple[str, ...]:
        """Who heard of the market from other villagers, and not of the dull fact."""
        return tuple(name for name in self.market.hearers if name not in self.control.hearers)

    @property
    def only_control(self) -> tuple[str, ...]:
        return tuple(name for name in self.control.hearers if name not in self.market.hearers)


def live(
    scenario: Scenario, folder: Path, model: LanguageModel, *, seed: int, shuffled: bool = False
) -> Morning:
    """Runs the scenario with a seed into a folder, on a loaded model, and reads its record."""
    mind = scenario.mind.model_copy(update={"shuffle_scores": shuffled})
    given = scenario.model_copy(update={"seed": seed, "mind": mind})
    return read(run_scenario(given, folder, model=model), given)


def read(outcome: Outcome, scenario: Scenario) -> Morning:
    """What a finished run's record says."""
    (news,) = (key for key, fact in scenario.facts.items() if not fact.control)
    (dull,) = (key for key, fact in scenario.facts.items() if fact.control)
    log = open_log(outcome.folder)
    return Morning(
        seed=scenario.seed,
        shuffled=scenario.mind.shuffle_scores,
        market=spread(log, scenario, news),
        control=spread(log, scenario, dull),
        tellings=sum(
            event.kind == "said" and event.agent is not None and event.data["act"] == "tell"
            for event in log.events()
        ),
        calls=sum(cost["calls"] for cost in outcome.costs),
        tokens=sum(cost["tokens_in"] + cost["tokens_out"] for cost in outcome.costs),
        seconds=outcome.seconds,
        model_seconds=outcome.model_seconds,
    )


def came_by_chance(mornings: Sequence[Morning]) -> float:
    """How likely at least as many would have come, over all mornings, had each who considered the news
    chosen at random among the places it considered."""
    came = sum(len(one.market.by_plan) for one in mornings)
    return chance_of_at_least(came, [chance for one in mornings for chance in one.market.chances])


def led_by_chance(mornings: Sequence[Morning]) -> float:
    """How likely the news would have had at least this lead over the dull fact, over all mornings, were each
    as likely to be told: the sign test over villagers who heard of just one of the two."""
    return chance_of_lead(
        sum(len(one.only_market) for one in mornings), sum(len(one.only_control) for one in mornings)
    )


def lead(mornings: Sequence[Morning]) -> int:
    """By how many hearers the news is ahead of the dull fact."""
    return sum(len(one.market.hearings) - len(one.control.hearings) for one in mornings)


def told(morning: Morning) -> list[str]:
    """A morning in lines: who heard from whom in which utterance, who came by which decision, the costs."""
    scores = ", scores shuffled" if morning.shuffled else ""
    lines = [f"seed {morning.seed}{scores}"]
    for name, facts in (("market", morning.market), ("control", morning.control)):
        heard = [f"{one.agent} from {one.source} in {one.utterance}" for one in facts.hearings]
        lines.append(f"  {name} heard by {len(heard)}: {'; '.join(heard) or 'nobody'}")
    came = [f"{one.agent} at {one.x},{one.y} by {one.go} for {one.memory}" for one in morning.market.by_plan]
    lines.append(f"  came by plan {len(came)}: {'; '.join(came) or 'nobody'}")
    lines.append(
        f"  standing there {len(morning.market.standing)}: {', '.join(morning.market.standing) or '-'}"
    )
    costs = f"{morning.calls:,} calls, {morning.tokens:,} tokens, {morning.seconds:,.0f} s"
    lines.append(f"  {costs}, {morning.model_seconds:,.0f} of them in the model")
    return lines


def table(mornings: Sequence[Morning]) -> list[str]:
    """One line a morning, and one of sums with the chances."""
    columns = ("seed", "shuffled", "tellings", "heard", "control", "by plan", "by chance", "calls", "tokens")
    lines = ["  ".join((*columns, "seconds", "passes"))]
    for one in mornings:
        cells = (
            str(one.seed),
            "yes" if one.shuffled else "no",
            str(one.tellings),
            str(len(one.market.hearings)),
            str(len(one.control.hearings)),
            str(len(one.market.by_plan)),
            f"{sum(one.market.chances):.1f}",
            str(one.calls),
            str(one.tokens),
            f"{one.seconds:.0f}",
            "yes" if one.passes else "no",
        )
        widths = (len(column) for column in lines[0].split("  "))
        lines.append("  ".join(cell.rjust(width) for cell, width in zip(cells, widths, strict=True)))
    lines.append(
        f"chance of so many by plan: {came_by_chance(mornings):.2g};"
        f" lead of the market {lead(mornings)}, chance of such a lead: {led_by_chance(mornings):.2g}"
    )
    return lines
