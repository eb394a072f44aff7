"""`burgh models`: the weights that are fetched, and where they are."""

from __future__ import annotations

from typing import Annotated

import typer

from burgh.scenarios.cli.console import amount, err, line, out, table, write_json
from burgh.scenarios.cli.scenarios import AsJson
from burgh.sim.command import burgh_command


def list_models(as_json: AsJson = False) -> None:
    """Lists the models that are known by name, and which of them are on this machine."""
    from burgh.sim import weights

    found = [
        {
            "name": model.name,
            "kind": model.kind,
            "licence": model.licence,
            "disk_mb": model.disk_mb,
            "here": weights.is_cached(model.name),
            "folder": str(weights.folder(model.name)),
        }
        for model in weights.PACKAGED.values()
    ]
    if as_json:
        write_json(found)
        return
    rows = [
        (
            str(model["name"]),
            str(model["kind"]),
            str(model["licence"]),
            amount(float(str(model["disk_mb"]))),
            str(model["folder"]) if model["here"] else "not here",
        )
        for model in found
    ]
    rows.append(("scripted", "rules", "-", "0", "always here: needs no language model"))
    out.print(table(("name", "kind", "licence", "MB", "where"), rows, right=("MB",)))
    for model in found:
        if not model["here"]:
            line(f"not here: {burgh_command()} models pull {model['name']}")
    line("\n--model also takes a hub name (org/name) or a local folder that transformers can load.")


def pull(
    names: Annotated[
        list[str] | None,
        typer.Argument(help="Which; all that runs and tests begin with where none is named."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Says only what goes wrong.")] = False,
) -> None:
    """Fetches weights, checks them and keeps them in the cache folder (once; BURGH_HOME moves it)."""
    from burgh.sim import weights

    wanted = [weights.known(name).name for name in names or _wanted()]
    for name in wanted:
        missing = not weights.is_cached(name)
        where = weights.pull(name, None if quiet else _progress)
        if not missing and not quiet:
            line(f"{name} is here: {where}")


def _wanted() -> list[str]:
    from burgh.sim import weights

    return [model.name for model in weights.PACKAGED.values() if model.wanted]


def path(name: Annotated[str, typer.Argument(help="A name that `burgh models list` shows.")]) -> None:
    """Writes the folder of a model's weights."""
    from burgh.sim import weights

    line(str(weights.path(name)))


def _progress(sentence: str) -> None:
    err.print(sentence, soft_wrap=True, style="dim")
