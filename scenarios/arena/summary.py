"""What a contest leaves in its folder besides the games: results.parquet and summary.md."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from burgh.scenarios.arena import words
from burgh.scenarios.arena.columns import columns
from burgh.scenarios.arena.contest import Contest
from burgh.scenarios.arena.judge import Standing, families
from burgh.scenarios.arena.results import Results

PARQUET, SUMMARY = "results.parquet", "summary.md"


def write(folder: Path, contest: Contest, results: Results, standing: Standing, reason: str) -> None:
    """Both files, anew, each whole or not at all."""
    frame = folder / f".{PARQUET}"
    results.frame().to_parquet(frame, index=False)
    frame.replace(folder / PARQUET)
    text = folder / f".{SUMMARY}"
    text.write_text(summary(contest, results, standing, reason), encoding="utf-8")
    text.replace(folder / SUMMARY)


def summary(contest: Contest, results: Results, standing: Standing, reason: str) -> str:
    faults = results.faults()
    table = columns(contest, standing)
    parts = [
        f"# {contest.format}: {', '.join(families(contest)[0])}",
        words.setting(contest),
        words.played(contest, len(results.ordered()), standing, reason),
        markdown([one.head for one in table], ([one.cell(row) for one in table] for row in standing.rows)),
        "\n".join(f"- *{one.head}*: {one.means}" for one in table),
        "## Pairs",
        markdown(words.PAIR_COLUMNS, map(words.pair_cells, standing.pairs)),
        "\n".join(f"- {said}" for said in [*words.conclusions(standing), words.control_sentence(standing)]),
        *([equal_tokens(standing)] if standing.equal else []),
        *([ratings(contest, standing)] if standing.ratings else []),
        *(["## Faults", "\n".join(f"- {game.key}: {game.fault}" for game in faults)] if faults else []),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def equal_tokens(standing: Standing) -> str:
    """The arm in which all have the same tokens a decision."""
    table = markdown(words.PAIR_COLUMNS, map(words.pair_cells, standing.equal))
    said = "\n".join(f"- {one}" for one in words.sentences(standing.equal))
    return f"## The same tokens for each\n\n{words.EQUAL_SAID}\n\n{table}\n\n{said}"


def ratings(contest: Contest, standing: Standing) -> str:
    """Plackett-Luce strengths, the second view."""
    found = standing.ratings
    assert found is not None
    names = families(contest)[0]
    rows = [
        (
            name,
            f"{found.strengths[i]:.2f}",
            f"{found.low[i]:.2f} to {found.high[i]:.2f}",
            _range(found.ranks[i]),
        )
        for i, name in enumerate(names)
    ]
    ties = f" Ties by Davidson, nu {found.ties:.2f}." if found.ties else ""
    said = f"Log-strengths by who made more over one draw; intervals by a bootstrap over blocks.{ties}"
    return f"## Ratings (Plackett-Luce)\n\n{said}\n\n" + markdown(
        ("strategy", "strength", "95%", "rank"), rows
    )


def _range(ranks: tuple[int, int]) -> str:
    return str(ranks[0]) if ranks[0] == ranks[1] else f"{ranks[0]} to {ranks[1]}"


def markdown(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
