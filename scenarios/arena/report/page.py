"""report.html: everything that a contest brought, on one page that asks no network for anything."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from jinja2 import Environment, StrictUndefined

from burgh.agents.bidders.strategies import equilibrium_bid
from burgh.scenarios.arena import sale, words
from burgh.scenarios.arena.columns import columns
from burgh.scenarios.arena.contest import Contest
from burgh.scenarios.arena.judge import Standing, families
from burgh.scenarios.arena.play import seat_names
from burgh.scenarios.arena.report import charts
from burgh.scenarios.arena.report.svg import styles
from burgh.scenarios.arena.results import Played, Results
from burgh.scenarios.arena.town import scenario_of
from burgh.scenarios.arena.transcript import lines
from burgh.sim.types import BurghError, Json

REPORT = "report.html"
CURVE_POINTS = 41
MOST_BIDS = 1500  # drawn of one strategy: more are not told apart


def write(folder: Path, contest: Contest, results: Results, standing: Standing, reason: str) -> Path:
    """The page, whole or not at all. Returns its path."""
    path = folder / REPORT
    draft = folder / f".{REPORT}"
    draft.write_text(page(contest, results, standing, reason), encoding="utf-8")
    draft.replace(path)
    return path


def page(contest: Contest, results: Results, standing: Standing, reason: str) -> str:
    """The page as a text."""
    unit = "points" if contest.scenario is not None else "profit"
    names = [row.strategy for row in standing.rows]
    drawn = styles(names)
    judged = families(contest)[0]
    games = results.ordered()
    table = columns(contest, standing)
    text: str = _template().render(
        title=f"{contest.format}: {', '.join(judged)}",
        format=contest.format,
        names=names,
        drawn=drawn,
        setting=words.setting(contest),
        played=words.played(contest, len(games), standing, reason),
        conclusions=words.conclusions(standing),
        control=words.control_sentence(standing),
        control_failed=bool(standing.control and standing.control.decided),
        columns=table,
        rows=[(row.strategy, [column.cell(row) for column in table]) for row in _by_profit(standing)],
        has_benchmark=any(row.share is not None for row in standing.rows),
        pair_columns=words.PAIR_COLUMNS,
        pairs=[words.pair_cells(pair) for pair in standing.pairs],
        faults=[(game.key, game.fault) for game in results.faults()],
        unit=unit,
        equal=charts.differences(standing.equal, drawn) if standing.equal else "",
        equal_said=words.EQUAL_SAID,
        equal_conclusions=words.sentences(standing.equal),
        strength=charts.strength(standing.rows, drawn, unit),
        differences=charts.differences(standing.pairs, drawn) if standing.pairs else "",
        ratings=charts.ratings(standing, judged, drawn),
        curves=_bid_curves(contest, games, names, drawn),
        cost=charts.cost(standing.rows, drawn, unit),
        style=_text("page.css"),
        script=_text("page.js"),
        data=packed(contest, [*games, *results.faults()]),
        colours=orjson.dumps({name: style.colour for name, style in drawn.items()}).decode(),
    )
    return text


def _by_profit(standing: Standing) -> list[Any]:
    return sorted(standing.rows, key=lambda row: (row.ranks[0] == 0, -row.profit.mean))


def _text(name: str) -> str:
    return (files("burgh.scenarios") / "arena" / "report" / name).read_text(encoding="utf-8")


@cache
def _template() -> Any:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_text("page.j2"))


def _bid_curves(
    contest: Contest, games: Sequence[Played], names: Sequence[str], drawn: Mapping[str, Any]
) -> list[str]:
    """A small chart for each strategy that named prices."""
    bids: dict[str, list[tuple[int, int | None, str]]] = {name: [] for name in names}
    for game in games:
        for seat in game.seats:
            bids[seat.strategy] += [(value, bid, seat.side) for value, bid in seat.bids]
    if not any(bids.values()):
        return []
    values = [value for made in bids.values() for value, *_ in made]
    top = float(max([*values, 1]))
    curves = equilibrium(contest)
    return [
        charts.bid_curve(name, made[:: 1 + len(made) // MOST_BIDS], drawn[name], curves, top)
        for name, made in bids.items()
        if made
    ]


def equilibrium(contest: Contest) -> dict[str, list[tuple[float, float]]]:
    """The symmetric equilibrium's bid by value, for each side of the market; none where none is known."""
    if contest.scenario is not None:
        return {}
    world = sale.make_world(contest, 1)
    world.begin()
    found: dict[str, list[tuple[float, float]]] = {}
    for observation in world.observe(1).values():
        state = observation.state
        side = str(state.get("side", ""))
        if side in found or not observation.free or "low" not in state["law"]:  # lots of given values
            continue
        low, high = state["law"]["low"], state["law"]["high"] - 1
        try:
            found[side] = [
                (float(value), equilibrium_bid(float(value), state))
                for value in np.linspace(low, high, CURVE_POINTS)
            ]
        except BurghError:
            continue
    return found


def _times(contest: Contest) -> Callable[[int], str]:
    """What is said of when something happened: in a town the time of day; a sale has none that matters."""
    if contest.scenario is None:
        return lambda tick: ""
    clock = scenario_of(contest, contest.seed).clock
    return lambda tick: f"{clock.at(tick):%H:%M}" if tick >= 0 else ""


def packed(contest: Contest, games: Sequence[Played]) -> str:
    """All games with their transcripts: json, gzipped, in base64. Texts that come again stand there once."""
    texts: dict[str, int] = {}

    def kept(text: str) -> int:
        return texts.setdefault(text, len(texts))

    names, when = seat_names(contest), _times(contest)
    told: list[Json] = []
    for game in games:
        seats = [
            [
                *(
                    seat.strategy,
                    names[seat.seat],
                    seat.profit,
                    seat.benchmark,
                    seat.tokens_in + seat.tokens_out,
                ),
                *(seat.calls, seat.invalid, round(sum(seat.latencies), 2), list(seat.goals)),
            ]
            for seat in game.seats
        ]
        story = [
            [when(line.tick), line.kind, line.text, kept(line.more) if line.more else -1]
            for line in lines(game)
        ]
        told.append({"key": game.key, "seats": seats, "story": story, "fault": game.fault})
    raw = orjson.dumps({"games": told, "texts": list(texts)})
    return base64.b64encode(gzip.compress(raw, 6, mtime=0)).decode()
