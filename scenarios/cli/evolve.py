"""`burgh evolve`: a strategy is changed, tried, and kept where it is surely better."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from burgh.scenarios.cli.console import count, err, line, out, table, write_json
from burgh.scenarios.cli.folders import check_out
from burgh.scenarios.cli.scenarios import AsJson
from burgh.sim.command import burgh_command
from burgh.sim.types import BurghError

if TYPE_CHECKING:
    from collections.abc import Callable

    from burgh.scenarios.arena.contest import Contest
    from burgh.scenarios.evolve.candidate import Candidate
    from burgh.scenarios.evolve.lineage import Round, Settings
    from burgh.scenarios.evolve.run import Evolved
    from burgh.sim.protocols import LanguageModel

OPTIMIZERS = ("ape", "gepa", "order", "random")


def evolve(
    name: Annotated[str, typer.Argument(metavar="FORMAT", help="An auction format: first-price, dutch, ...")],
    *,
    start: Annotated[str, typer.Option(help="A strategy, a prompt file, or shade:60 for a scripted bidder.")],
    optimizer: Annotated[str, typer.Option(help="ape, gepa, order or random.")] = "random",
    model: Annotated[str, typer.Option(help="The language model that plays.")] = "embedded",
    proposer: Annotated[
        str | None, typer.Option(metavar="MODEL", help="The one that writes; the playing one if not said.")
    ] = None,
    rounds: Annotated[int, typer.Option(help="Of proposing, searching and trying.")] = 8,
    children: Annotated[int, typer.Option(help="Proposed in a round.")] = 4,
    draws: Annotated[int, typer.Option(help="Of values in a search; a trial has twice as many.")] = 20,
    budget: Annotated[
        int | None, typer.Option(metavar="TOKENS", help="No round begins that would go over it.")
    ] = None,
    seed: Annotated[int, typer.Option(help="What chance starts from.")] = 1,
    players: Annotated[int, typer.Option(help="Bidders in a game.")] = 3,
    lots: Annotated[int, typer.Option(help="Lots in a game.")] = 4,
    seats: Annotated[
        int | None, typer.Option(min=1, help="Of each draw, how many seats are played; all if not said.")
    ] = None,
    opponents: Annotated[str, typer.Option(help="How scripted opponents bid.")] = "equilibrium",
    output: Annotated[Path | None, typer.Option("--out", metavar="FOLDER", help="For the lineage.")] = None,
    as_json: AsJson = False,
) -> None:
    """Evolves a strategy, and tests what came of it on draws that nobody has seen.

    The same command again goes on where it was stopped.
    """
    from burgh.agents.llm.load import EMBEDDED
    from burgh.scenarios.evolve.candidate import named
    from burgh.scenarios.evolve.lineage import Settings

    if optimizer not in OPTIMIZERS:
        from burgh.scenarios.nearest import suggest

        raise BurghError(f"--optimizer: there is none called {optimizer!r}: {suggest(optimizer, OPTIMIZERS)}")
    check_out(output)
    begun = named(start)
    contest = _contest(
        name,
        model=EMBEDDED if model == "embedded" else model,
        seed=seed,
        players=players,
        lots=lots,
        opponents=opponents,
    )
    if seats is not None and seats > players:
        raise BurghError(f"--seats is {seats}: a game has {players}")
    wrote = EMBEDDED if proposer == "embedded" else proposer or contest.model
    values = {
        "contest": contest, "start": begun.text, "optimizer": optimizer, "rounds": rounds,
        "children": children, "search_draws": draws, "trial_draws": 2 * draws, "test_draws": 3 * draws,
        "rotations": seats, "budget_tokens": budget, "seed": seed,
        "proposer": wrote if optimizer in ("ape", "gepa") else "",
    }  # fmt: skip
    settings = _settings(Settings, values)
    folder = output or Path("evolve") / f"{name}-{optimizer}-{_digest(settings)}"
    told = _teller(quiet=as_json)
    evolved = _evolved(settings, folder, told)
    if as_json:
        write_json(_plain(evolved, folder))
        return
    _tell(evolved, name, folder)


def _contest(name: str, **more: object) -> Contest:
    """What is played. Its own strategies are not looked at."""
    from pydantic import ValidationError

    from burgh.scenarios.arena.contest import Contest
    from burgh.scenarios.arena.contestants import RULES
    from burgh.scenarios.arena.sale import FORMATS
    from burgh.scenarios.nearest import suggest

    if name not in FORMATS:
        raise BurghError(f"nothing is evolved in {name!r}: {suggest(name, FORMATS)}")
    if more["opponents"] not in RULES:
        raise BurghError(
            f"no scripted bidder is called {more['opponents']!r}: {suggest(str(more['opponents']), RULES)}"
        )
    try:
        return Contest.model_validate({"format": name, "strategies": ("start",), "ids": {}, **more})
    except ValidationError as error:
        first = error.errors()[0]
        where = "".join(f"--{part}: " for part in first["loc"][:1])
        raise BurghError(f"{where}{first['msg'][:1].lower()}{first['msg'][1:]}") from None


def _settings(kind: type[Settings], values: dict[str, object]) -> Settings:
    from pydantic import ValidationError

    said = {"search_draws": "draws", "trial_draws": "draws", "test_draws": "draws", "rotations": "seats"}
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = str(first["loc"][0]) if first["loc"] else ""
        option = said.get(where, "budget" if where == "budget_tokens" else where)
        raise BurghError(f"--{option}: {first['msg'][:1].lower()}{first['msg'][1:]}") from None


def _digest(settings: Settings) -> str:
    import hashlib

    return hashlib.sha256(settings.model_dump_json().encode()).hexdigest()[:8]


def _evolved(settings: Settings, folder: Path, told: Callable[[Round], None]) -> Evolved:
    from burgh.scenarios.evolve.candidate import read
    from burgh.scenarios.evolve.proposers import Ape, ByChance, ByOrder
    from burgh.scenarios.evolve.reflective import evolve_by_reflection
    from burgh.scenarios.evolve.run import evolve as loop
    from burgh.scenarios.evolve.trial import InArena
    from burgh.scenarios.evolve.writer import Writer

    playing = _load(settings.contest.model, settings) if read(settings.start).contestant().asks else None
    play = InArena(settings.contest, playing, settings.rotations)
    if settings.optimizer in ("random", "order"):
        return loop(settings, folder, ByChance() if settings.optimizer == "random" else ByOrder(), play, told)
    same = settings.proposer == settings.contest.model and playing is not None
    writer = Writer(playing if same and playing is not None else _load(settings.proposer, settings))
    if settings.optimizer == "gepa":
        return evolve_by_reflection(settings, folder, writer, play, told)
    return loop(settings, folder, Ape(writer), play, told)


def _load(name: str, settings: Settings) -> LanguageModel:
    from burgh.agents.llm.load import load_model

    return load_model(name, seed=settings.seed)


def _teller(*, quiet: bool) -> Callable[[Round], None]:
    def told(done: Round) -> None:
        if not quiet:
            tried = "" if done.low is None else f" (gain {done.mean:+.3f}, at least {done.low:+.3f})"
            made = count(len(done.children), "child").replace("childs", "children")
            err.print(f"round {done.number + 1}: {made}; {done.says}{tried}", style="dim")

    return told


def _plain(evolved: Evolved, folder: Path) -> dict[str, object]:
    tested = evolved.tested
    return {
        "folder": str(folder),
        "winner": evolved.winner.id,
        "start": evolved.start.id,
        "text": evolved.winner.text,
        "why": evolved.why,
        "tokens": evolved.tokens,
        "tested": None if tested is None else {"mean": tested.mean, "low": tested.low, "high": tested.high},
        "rounds": [one.model_dump(mode="json") for one in evolved.rounds],
    }


def _named(candidate: Candidate) -> str:
    """By its file's name with its id; a scripted bidder by its rule."""
    return candidate.id if candidate.file is None else f"{candidate.file.name} ({candidate.id})"


def _tell(evolved: Evolved, evolved_in: str, folder: Path) -> None:
    from burgh.agents.strategies.files import names

    rows = [
        (
            str(one.number + 1),
            str(len(one.children)),
            one.tried or "-",
            "-" if one.mean is None else f"{one.mean:+.3f}",
            "-" if one.low is None else f"{one.low:+.3f}",
            one.says,
        )
        for one in evolved.rounds
    ]
    heads = ("round", "children", "tried", "gain", "at least", "")
    out.print(table(heads, rows, right=("round", "children", "gain", "at least")))
    line("")
    if evolved.winner.id == evolved.start.id:
        line(f"Nothing surely better than {_named(evolved.start)} was found; {evolved.why}.", "bold")
    else:
        line(f"The winner is {_named(evolved.winner)}; {evolved.why}.", "bold")
        tested = evolved.tested
        if tested is not None:
            sure = (
                "surely more"
                if tested.low > 0
                else "surely less"
                if tested.high < 0
                else "no sure difference"
            )
            line(
                f"On {tested.blocks} draws that nobody had seen it makes {tested.mean:+.3f} more a game"
                f" (95%: {tested.low:+.3f} to {tested.high:+.3f}): {sure}."
            )
    if evolved.tokens:
        line(f"{evolved.tokens:,} tokens were spent.", "dim")
    winner = folder / ("winner.txt" if evolved.winner.file is None else "winner.yaml")
    name = evolved.winner.id if evolved.winner.file is None else str(winner)
    line(f"\nIn {folder}{os.sep}: {winner.name}, lineage.jsonl (each candidate, its gain, why it was made)")
    other = evolved.start.id if evolved.start.file is None else evolved.start.file.name
    other = other if evolved.start.file is None or other in names() else "direct"
    line(f"Next: {burgh_command()} arena {evolved_in} --strategies {name},{other}")
