"""`burgh bench`: how fast things are on this machine, and how fast they could be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from burgh.scenarios.cli.console import amount, line, out, table, write_json
from burgh.scenarios.cli.scenarios import AsJson
from burgh.sim.types import BurghError, Json


def bench_model(
    name: Annotated[str, typer.Argument(help="As --model of `burgh run` takes it, options included.")],
    *,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
    threads: Annotated[
        int | None, typer.Option(min=1, help="Of the processor; all where none is named.")
    ] = None,
    batches: Annotated[str, typer.Option(help="Sizes of batches.")] = "1,8,32",
    as_json: AsJson = False,
) -> None:
    """Measures a language model: loading, reading and writing over batch sizes, and the hardware's roof."""
    sizes = [part.strip() for part in batches.split(",")]
    if not all(part.isdecimal() and int(part) > 0 for part in sizes):
        raise BurghError(f"--batches: {batches!r} is no list of sizes: write as in 1,8,32")
    from burgh.agents.llm.bench import bench

    found = bench(name, device=device, threads=threads, batches=[int(part) for part in sizes])
    if as_json:
        write_json(found)
    else:
        _tell(found)


def _tell(found: Mapping[str, Json]) -> None:
    model = found["model"]
    said = ", ".join(f"{key} {model[key]}" for key in ("backend", "dtype", "device", "score") if key in model)
    line(f"{model['model']} ({said})" if "model" in model else str(model), "bold")
    line(f"loaded in {found['load_seconds']:.1f} seconds")
    if found["roof"] is not None:
        line(
            f"{found['parameters'] / 1e6:,.0f} million parameters, {found['weight_bytes'] / 1e9:.2f} GB;"
            f" this machine copies {found['roof']['bytes_per_second'] / 1e9:,.1f} GB/s and multiplies at"
            f" {found['roof']['operations_per_second'] / 1e12:,.2f} Tflop/s"
        )
    rows = [
        (
            str(rate["what"]),
            str(rate["batch"]),
            amount(round(rate["tokens_per_second"])),
            "-" if rate["roof"] is None else amount(round(rate["roof"])),
            "-" if rate["share"] is None else f"{100 * rate['share']:.0f}%",
        )
        for rate in found["rates"]
    ]
    columns = ("what", "batch", "tokens/s", "roof", "reached")
    out.print(table(columns, rows, right=columns[1:]))
    gains = found["gains"]
    line(f"prompts with a shared prefix: {gains['prefix']:.1f} times as fast as without")
    line(f"scoring 10 options: {gains['score']:.1f} times as fast as writing 8 tokens")
