"""`burgh prompts`: the prompt strategies, what they say, how they differ, and what a model would get."""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import Annotated

import typer

from burgh.scenarios.cli.console import amount, count, line, out, table, write_json
from burgh.scenarios.cli.scenarios import AsJson

Strategy = Annotated[str, typer.Argument(help="A strategy by name, or a prompt file.")]


def list_prompts(as_json: AsJson = False) -> None:
    """Lists the prompt strategies with their ids, which are hashes of all that they say."""
    from burgh.agents.strategies.files import PromptFile
    from burgh.agents.strategies.mind import Prompted
    from burgh.scenarios.arena.contestants import contestant, registered

    found: list[tuple[str, PromptFile]] = []
    for name in registered():
        who = contestant(name)
        if isinstance(who, Prompted):
            found.append((name, who.file))
    if as_json:
        write_json(
            [
                {"name": name, "id": file.id, **file.model_dump(mode="json", exclude={"name"})}
                for name, file in found
            ]
        )
        return
    rows = ((name, file.id, file.kind, str(len(file.examples)), file.says) for name, file in found)
    out.print(table(("strategy", "id", "kind", "examples", "what it does"), rows, right=("examples",)))


def show(name: Strategy) -> None:
    """Shows a strategy as its prompt file says it."""
    out.print(_written(name), markup=False, highlight=False, soft_wrap=True, end="")


def diff(one: Strategy, other: Strategy) -> None:
    """Shows how two strategies differ, line by line."""
    lines = list(
        difflib.unified_diff(
            _written(one).splitlines(), _written(other).splitlines(), one, other, lineterm="", n=2
        )
    )
    if not lines:
        line(f"{one} and {other} say the same.")
        return
    for said in lines:
        style = "bold" if said.startswith(("+++", "---")) else "cyan" if said.startswith("+") else ""
        out.print(
            said,
            style=style or ("yellow" if said.startswith("-") else "dim"),
            markup=False,
            highlight=False,
            soft_wrap=True,
        )


def render(
    strategy: Strategy,
    *,
    scenario: Annotated[str, typer.Option(metavar="S", help="A scenario, or a format of sale.")],
    agent: Annotated[str, typer.Option(metavar="A", help="Who decides by the strategy.")],
    at: Annotated[str | None, typer.Option(metavar="T", help="From when on: 10:30, or 'tick 12'.")] = None,
    model: Annotated[str, typer.Option(help="Answers for everybody until then.")] = "scripted",
    tokens_of: Annotated[
        str, typer.Option("--tokens-of", metavar="MODEL", help="By whose tokenizer tokens are counted.")
    ] = "embedded",
    as_json: AsJson = False,
) -> None:
    """Shows the exact text that a model would get for an agent's first decision at or after a moment.

    Everybody lives until then by the model named, scripted if none is; a strategy's later questions rest on
    its answers to the first ones.
    """
    from burgh.agents.llm.load import EMBEDDED, load_model
    from burgh.scenarios.prompting import counter, rendered

    found = rendered(strategy, scenario, agent, at, load_model(EMBEDDED if model == "embedded" else model))
    tokens = counter(EMBEDDED if tokens_of == "embedded" else tokens_of)
    if as_json:
        write_json(
            [
                {
                    "tick": one.tick,
                    "time": one.time,
                    "purpose": one.purpose,
                    "prefix": one.prompt.prefix,
                    "suffix": one.prompt.suffix,
                    "tokens": tokens.count(one.prompt.prefix) + tokens.count(one.prompt.suffix),
                    "options": list(one.options),
                    "reply": one.reply,
                }
                for one in found
            ]
        )
        return
    about = "" if tokens.exact else "about "
    line(
        f"{agent} decides at {found[0].time} (tick {found[0].tick}): {count(len(found), 'question')}.", "bold"
    )
    shared = ""
    for number, one in enumerate(found, 1):
        prefix, suffix = tokens.count(one.prompt.prefix), tokens.count(one.prompt.suffix)
        line("")
        cost = f"{about}{amount(prefix + suffix)} tokens, {amount(prefix)} of them shared"
        line(f"{number}. {one.purpose}: {cost}", "bold")
        if one.prompt.prefix != shared:
            shared = one.prompt.prefix
            _text(shared)
        else:
            line("(the shared part as before)", "dim")
        _text(one.prompt.suffix)
        if one.options:
            line(f"to be scored: {', '.join(map(repr, one.options))}", "dim")
        line(f"the {model} model: {one.reply}", "dim")


def _text(text: str) -> None:
    out.print(text, markup=False, highlight=False, soft_wrap=True)


def _written(name: str) -> str:
    """A strategy as its file says it, with its id."""
    import yaml

    from burgh.agents.strategies.mind import Prompted
    from burgh.scenarios.arena.contestants import contestant
    from burgh.sim.types import BurghError

    who = contestant(name)
    if not isinstance(who, Prompted):
        raise BurghError(f"{name!r} is no prompt strategy: it has no prompt")
    data = who.file.model_dump(mode="json", exclude_defaults=True)
    return f"# id {who.file.id}\n" + yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=100)


def grow(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="Of a contest of `burgh arena`.")],
    *,
    strategy: Annotated[str, typer.Option(help="Whose games.")],
    best: Annotated[float, typer.Option(help="Which share of them, the best.")] = 0.25,
    output: Annotated[Path, typer.Option("--out", metavar="FILE.yaml", help="The examples.")],
) -> None:
    """Writes a bank of worked examples from the best games of a contest: `shots.bank` of a prompt file."""
    from burgh.agents.strategies.examples import written
    from burgh.scenarios.arena import contest
    from burgh.scenarios.arena.grow import grown
    from burgh.scenarios.arena.results import Results
    from burgh.sim.types import BurghError

    examples = grown(contest.read(folder), Results.read(folder).ordered(), strategy, best)
    try:
        output.write_text(written(examples), encoding="utf-8")
    except OSError as error:
        raise BurghError(f"--out: {output} cannot be written: {error.strerror}") from None
    line(f"{output}: {count(len(examples), 'example')}")
