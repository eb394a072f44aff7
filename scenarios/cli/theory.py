"""`burgh theory`: auctions simulated, beside what theory says of them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from burgh.scenarios.cli.console import amount, count, line, out, table, write_json
from burgh.scenarios.cli.scenarios import AsJson
from burgh.sim.types import BurghError

if TYPE_CHECKING:
    from burgh.scenarios.theory.estimate import Figure

GAMES = 200_000
WRONG = 1
FORMATS = (  # of scenarios/theory/formats.py, which help does not import; a test holds them together
    "first-price",
    "dutch",
    "second-price",
    "english",
    "third-price",
    "all-pay",
    "first-reserve",
    "second-reserve",
    "risk-averse",
    "power-law",
    "unequal",
    "common-value",
    "uniform-price",
    "discriminatory",
    "half-way",
    "zero-intelligence",
    "positions",
)
COLUMNS = ("format", "n", "simulated", "± 95%", "theory", "off", "measure")


def theory(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[FORMAT]", help=f"One of {', '.join(FORMATS)}; all of them if none."),
    ] = None,
    *,
    n: Annotated[str, typer.Option("--n", help="Numbers of bidders.")] = "2,3,5",
    games: Annotated[int, typer.Option(help="Auctions simulated for each figure.")] = GAMES,
    seed: Annotated[int, typer.Option(help="What chance starts from.")] = 7,
    png: Annotated[Path | None, typer.Option(metavar="FILE", help="Draws bid functions and figures.")] = None,
    as_json: AsJson = False,
) -> None:
    """Simulates auctions in equilibrium and sets revenue, efficiency and bidders' surplus beside theory.

    Exit code 1 where a figure lies more than 4 standard errors from its closed form.
    """
    from burgh.scenarios.theory.formats import figures

    ns = _numbers(n)
    found = figures(name, ns, games, seed)
    wrong = [figure for figure in found if not figure.is_right]
    if png is not None:
        from burgh.scenarios.theory.plot import draw

        draw(png, found, ns)
    if as_json:
        from burgh.scenarios.theory.formats import as_json as plain

        write_json([plain(figure) for figure in found])
    else:
        _tell(found, wrong, games, seed)
    if wrong:
        raise typer.Exit(WRONG)


def _numbers(text: str) -> list[int]:
    try:
        return list(dict.fromkeys(int(part) for part in text.split(",")))
    except ValueError:
        raise BurghError(f"--n: {text!r} is no list of numbers of bidders, as in 2,3,5") from None


def _tell(found: list[Figure], wrong: list[Figure], games: int, seed: int) -> None:
    out.print(table(COLUMNS, map(_row, found), right=("n", "simulated", "± 95%", "theory", "off")))
    line(f"\n{amount(games)} auctions each, seed {seed}; off: in standard errors from theory.")
    line("efficiency: worth of what is sold to those who get it; surplus: bidders' gain.")
    judged = sum(figure.closed is not None for figure in found)
    if wrong:
        line(f"{count(len(wrong), 'figure')} of {judged} more than 4 standard errors off.", "bold red")
    elif judged:
        line(f"{count(judged, 'figure')} within 4 standard errors of theory.", "bold green")


def _row(figure: Figure) -> tuple[str, ...]:
    big = abs(figure.mean) >= 100
    places = 0 if big else 4
    closed, off = figure.closed, figure.errors_off
    return (
        figure.format,
        str(figure.n),
        f"{figure.mean:.{places}f}",
        "exact" if figure.error == 0 else f"{figure.half_width:.4f}",
        "-" if closed is None else f"{closed:.{places}f}",
        "-" if off is None else f"{off:+.1f}" if off else "0",
        figure.measure,
    )
