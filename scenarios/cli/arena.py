"""`burgh arena`: strategies compete, and sound statistics say which is better."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from burgh.scenarios.cli.console import amount, count, err, line, out, table
from burgh.sim.types import BurghError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from burgh.scenarios.arena.contest import Contest
    from burgh.scenarios.arena.judge import Standing
    from burgh.scenarios.arena.pool import Pool
    from burgh.scenarios.arena.results import Played, Results

SHOWN = {  # columns of the whole table, and how the terminal's narrow one heads them
    "strategy": "strategy",
    "rank": "rank",
    "profit a game": "profit",
    "± 95%": "± 95%",
    "of benchmark": "share",
    "lots won": "won",
    "tokens in": "in",
    "out": "out",
    "p50 s": "s",
    "invalid": "invalid",
}


def arena(
    name: Annotated[str, typer.Argument(metavar="FORMAT", help="An auction format: first-price, dutch, ...")],
    *,
    strategies: Annotated[str, typer.Option(metavar="A,B,...", help="Strategies, or prompt files.")],
    model: Annotated[str, typer.Option(help="The language model that prompt strategies ask.")] = "embedded",
    games: Annotated[int, typer.Option(help="The most games that each strategy plays.")] = 60,
    budget: Annotated[int | None, typer.Option(metavar="TOKENS", help="Ends when so many are spent.")] = None,
    seed: Annotated[int, typer.Option(help="What chance starts from.")] = 1,
    design: Annotated[
        str, typer.Option(help="substitute (among scripted opponents) or rotate.")
    ] = "substitute",
    players: Annotated[int, typer.Option(help="Bidders in a game.")] = 3,
    lots: Annotated[int, typer.Option(help="Lots in a game.")] = 4,
    top: Annotated[int, typer.Option(help="Values are whole numbers from 0 to this, all as likely.")] = 99,
    opponents: Annotated[str, typer.Option(help="How scripted opponents bid.")] = "equilibrium",
    workers: Annotated[int, typer.Option(help="Processes that play at once.")] = 1,
    ray: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help='A Ray cluster; "local" starts one.')
    ] = None,
    control: Annotated[bool, typer.Option(help="Sets the first strategy against itself beside.")] = True,
    to_the_end: Annotated[bool, typer.Option("--all-games", help="Goes on when all is decided.")] = False,
    output: Annotated[Path | None, typer.Option("--out", metavar="FOLDER", help="For the results.")] = None,
) -> None:
    """Lets strategies bid over the same draws of values, in the same seats, and says which is better.

    The same command again goes on where it was stopped.
    """
    from burgh.scenarios.arena.run import Limits

    contest = _contest(
        name, strategies, control=control, model=model, seed=seed, design=design, players=players
    )
    contest = _checked(contest, lots=lots, top=top, opponents=opponents)
    folder = output or Path("arena") / f"{contest.format}-{contest.seed}-{contest.hash[:8]}"
    limits = Limits(games, budget, to_the_end)
    if workers < 1:
        raise BurghError(f"--workers is {workers}: name at least 1")
    contest.keep(folder)
    pool = _pool(contest, workers, ray)
    try:
        _hold(contest, folder, pool, limits)
    finally:
        pool.close()


def _contest(name: str, strategies: str, *, control: bool, model: str, **more: object) -> Contest:
    from burgh.agents.llm.load import EMBEDDED
    from burgh.scenarios.arena.contest import Contest
    from burgh.scenarios.arena.contestants import contestant
    from burgh.scenarios.arena.sale import FORMATS
    from burgh.scenarios.nearest import suggest

    if name not in FORMATS:
        raise BurghError(f"no arena is held in {name!r}: {suggest(name, FORMATS)}")
    names = [one.strip() for one in strategies.split(",") if one.strip()]
    if not names:
        raise BurghError("--strategies names none: write --strategies A,B")
    if any("#" in one for one in names):
        raise BurghError("a strategy's name holds no '#': that marks the control, which is added by itself")
    if control:
        names.append(f"{names[0]}#2")
    ids = {one: contestant(one).id for one in names}
    return _model_of(
        Contest,
        format=name,
        strategies=tuple(names),
        ids=ids,
        model=EMBEDDED if model == "embedded" else model,
        **more,
    )


def _checked(contest: Contest, **more: object) -> Contest:
    from burgh.scenarios.arena.contestants import RULES
    from burgh.scenarios.nearest import suggest

    rules = list(RULES)
    if more["opponents"] not in rules:
        raise BurghError(
            f"no scripted bidder is called {more['opponents']!r}: {suggest(str(more['opponents']), rules)}"
        )
    return _model_of(type(contest), **{**contest.model_dump(), **more})


def _model_of(kind: type[Contest], **values: object) -> Contest:
    from pydantic import ValidationError

    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = "".join(f"--{part}: " for part in first["loc"][:1])
        raise BurghError(f"{where}{first['msg'][:1].lower()}{first['msg'][1:]}") from None


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
    return Group(_rows(standing), Text(at_most, style="dim"))


def _rows(standing: Standing) -> RenderableType:
    from burgh.scenarios.arena import words

    picked = [words.COLUMNS.index(column) for column in SHOWN]
    ordered = sorted(standing.rows, key=lambda row: (row.ranks[0] == 0, -row.profit.mean))
    rows = ([words.cells(row)[index] for index in picked] for row in ordered)
    heads = tuple(SHOWN.values())
    return table((*heads, ""), ([*row, ""] for row in rows), right=heads[1:])


def _tell(contest: Contest, standing: Standing, results: Results, why: str, folder: Path) -> None:
    from burgh.scenarios.arena import words

    line(words.setting(contest))
    out.print(_rows(standing))
    line("")
    for said in words.conclusions(standing):
        line(said)
    line(words.control_sentence(standing), "dim")
    if faults := results.faults():
        line(
            f"{count(len(faults), 'game')} could not be played to the end: see {folder / 'summary.md'}.",
            "yellow",
        )
    files = "report.html, summary.md, results.parquet, games.jsonl"
    line(f"\n{count(len(results.ordered()), 'game')}: {why}. In {folder}{os.sep}: {files}")
