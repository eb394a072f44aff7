"""`burgh arena`: strategies compete, and sound statistics say which is better."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from burgh.scenarios.cli.console import WHEN, amount, count, err, line, out, table
from burgh.scenarios.cli.folders import check_out
from burgh.sim.types import BurghError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from burgh.scenarios.arena.contest import Contest
    from burgh.scenarios.arena.judge import Row, Standing
    from burgh.scenarios.arena.pool import Pool
    from burgh.scenarios.arena.results import Played, Results

NARROW = ("calls", "tokens in", "computed", "out", "p50 s", "p95 s", "per 1k tokens")  # not in the terminal


def arena(
    name: Annotated[
        str, typer.Argument(metavar="FORMAT|SCENARIO", help="A format of sale (first-price, ...) or a town.")
    ],
    *,
    strategies: Annotated[str, typer.Option(metavar="A,B,...", help="Strategies, or prompt files.")],
    model: Annotated[str, typer.Option(help="The language model that prompt strategies ask.")] = "embedded",
    games: Annotated[
        int | None, typer.Option(help="The most that each strategy plays; 60 if neither this nor a budget.")
    ] = None,
    budget: Annotated[int | None, typer.Option(metavar="TOKENS", help="Ends before more are spent.")] = None,
    equal_tokens: Annotated[
        int | None, typer.Option(metavar="TOKENS", help="A second arm: each has so many a decision.")
    ] = None,
    seed: Annotated[int, typer.Option(help="What chance starts from.")] = 1,
    design: Annotated[str, typer.Option(help="substitute (among opponents) or rotate.")] = "substitute",
    players: Annotated[int | None, typer.Option(help="Bidders in a game: 3.")] = None,
    lots: Annotated[int | None, typer.Option(help="Lots in a game: 4.")] = None,
    top: Annotated[int | None, typer.Option(help="Values are whole numbers from 0 to this: 99.")] = None,
    more: Annotated[
        list[str] | None, typer.Option("--set", metavar="KEY=NUMBER", help="What a format takes: units=3.")
    ] = None,
    opponents: Annotated[str | None, typer.Option(help="How the others bid; in a town, their minds.")] = None,
    goal: Annotated[list[str] | None, typer.Option(help="Of a town: came:market, bought, coins*0.1.")] = None,
    seats: Annotated[str, typer.Option(metavar="NAME,...", help="Of a town: whose places are taken.")] = "",
    until: Annotated[
        str | None, typer.Option(metavar="TIME", help=f"Of a town: ends earlier, {WHEN}.")
    ] = None,
    grant: Annotated[
        list[str] | None, typer.Option(help="To tools that need it: files, processes or network.")
    ] = None,
    workers: Annotated[int, typer.Option(help="Processes that play at once.")] = 1,
    ray: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help='A Ray cluster; "local" starts one.')
    ] = None,
    control: Annotated[bool, typer.Option(help="Sets the first strategy against itself beside.")] = True,
    to_the_end: Annotated[bool, typer.Option("--all-games", help="Goes on when all is decided.")] = False,
    output: Annotated[Path | None, typer.Option("--out", metavar="FOLDER", help="For the results.")] = None,
) -> None:
    """Lets strategies compete over the same draws, in the same seats, and says which is better.

    The same command again goes on where it was stopped.
    """
    from burgh.scenarios.arena.run import USUAL_GAMES, Limits, most_games
    from burgh.scenarios.arena.setting import Asked, contest_of

    check_out(output)
    asked = Asked(
        name,
        strategies.split(","),
        model=model,
        seed=seed,
        design=design,
        control=control,
        equal_tokens=equal_tokens,
        players=players,
        lots=lots,
        top=top,
        opponents=opponents,
        more=more or (),
        goals=goal or (),
        seats=tuple(one.strip() for one in seats.split(",") if one.strip()),
        until=until,
        grants=grant or (),
    )
    contest = contest_of(asked)
    folder = output or Path("arena") / f"{contest.format}-{contest.seed}-{contest.hash[:8]}"
    usual = USUAL_GAMES if budget is None else most_games(contest)
    limits = Limits(usual if games is None else games, budget, to_the_end)
    if workers < 1:
        raise BurghError(f"--workers is {workers}: name at least 1")
    contest.check_folder(folder)
    pool = _pool(contest, workers, ray)  # first: nothing is left behind where there is no such model
    try:
        contest.keep(folder)
        _hold(contest, folder, pool, limits)
    finally:
        pool.close()


def _pool(contest: Contest, workers: int, ray: str | None) -> Pool:
    from burgh.scenarios.arena.pool import Here, OnRay, Processes, load

    if ray is not None:
        return OnRay(contest, ray)
    if workers > 1:
        return Processes(contest, workers)
    return Here(load(contest))


def _hold(contest: Contest, folder: Path, pool: Pool, limits: object) -> None:
    from rich.live import Live

    from burgh.scenarios.arena import report, summary, words
    from burgh.scenarios.arena.judge import judge
    from burgh.scenarios.arena.results import Results
    from burgh.scenarios.arena.run import Limits, hold, schedule_length

    assert isinstance(limits, Limits)
    whole = schedule_length(contest, limits.games)
    before = len(Results.read(folder).ordered())
    if before:
        line(f"{count(before, 'game')} in {folder} already: going on from there.", "dim")
    shown = Live(console=out, refresh_per_second=2, transient=True) if out.is_terminal else None

    def after(played: Played, results: Results) -> None:
        if played.fault:
            err.print(f"game {played.key}: {played.fault}", style="yellow")
        if shown is not None:
            shown.update(_live(contest, judge(contest, results), len(results.games), whole))

    try:
        if shown is not None:
            shown.start()
        ended = hold(contest, folder, pool, limits, after)
    finally:
        if shown is not None:
            shown.stop()
    results = Results.read(folder)
    summary.write(folder, contest, results, ended.standing, ended.reason)
    report.write(folder, contest, results, ended.standing, ended.reason)
    _tell(contest, ended.standing, results, words.ENDED[ended.reason], folder)


def _live(contest: Contest, standing: Standing, played: int, whole: int) -> RenderableType:
    from rich.console import Group
    from rich.text import Text

    from burgh.scenarios.arena import words

    at_most = f"{amount(played)} of at most {amount(whole)} games; {words.left(standing)}"
    return Group(_rows(contest, standing), Text(at_most, style="dim"))


def _rows(contest: Contest, standing: Standing) -> RenderableType:
    """The table, without what the terminal has no room for; tokens in and out as one."""
    from burgh.scenarios.arena.columns import Column, columns

    found = [one for one in columns(contest, standing) if one.head not in NARROW]
    if any(row.calls for row in standing.rows):
        at = next(n for n, one in enumerate(found) if one.head == "seconds")
        found.insert(at, Column("tokens", "tokens", "", _tokens))
    ordered = sorted(standing.rows, key=lambda row: (row.ranks[0] == 0, -row.profit.mean))
    heads = tuple(one.short for one in found)
    rows = ([*(one.cell(row) for one in found), ""] for row in ordered)
    made = table((*heads, ""), rows, right=heads[1:], broken=heads[:1])
    made.padding = (0, 1, 0, 0)  # ten columns within 80 characters
    return made


def _tokens(row: Row) -> str:
    """In and out, a game."""
    return f"{row.tokens_in + row.tokens_out:,.0f}"


def _tell(contest: Contest, standing: Standing, results: Results, why: str, folder: Path) -> None:
    from burgh.scenarios.arena import words

    line(words.setting(contest))
    out.print(_rows(contest, standing))
    line("")
    for said in words.conclusions(standing):
        line(said)
    if standing.equal:
        line(f"\n{words.EQUAL_SAID}")
        for said in words.sentences(standing.equal):
            line(said)
    line(words.control_sentence(standing), "dim")
    if faults := results.faults():
        line(
            f"{count(len(faults), 'game')} could not be played to the end: see {folder / 'summary.md'}.",
            "yellow",
        )
    files = "report.html, summary.md, results.parquet, games.jsonl"
    line(f"\n{count(len(results.ordered()), 'game')}: {why}. In {folder}{os.sep}: {files}")
