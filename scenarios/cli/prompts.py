"""`burgh prompts`: what strategies and minds say to a model, how it differs, and what a model would get."""

from __future__ import annotations

import difflib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from burgh.scenarios.cli.console import amount, count, err, line, out, table, write_json
from burgh.scenarios.cli.scenarios import AsJson

if TYPE_CHECKING:
    from burgh.agents.strategies.files import PromptFile
    from burgh.scenarios.prompting import Rendered

Name = Annotated[
    str, typer.Argument(metavar="PROMPT", help="A strategy, a prompt file (.yaml), or a prompt of minds.")
]


def list_prompts(
    language: Annotated[str, typer.Option(help="Of the prompts of minds.")] = "en", as_json: AsJson = False
) -> None:
    """Lists the prompt strategies, and the prompts of minds, with their ids: hashes of all that they say."""
    from burgh.scenarios.nearest import suggest
    from burgh.scenarios.prompt_texts import languages, texts
    from burgh.sim.types import BurghError

    if language not in languages():
        raise BurghError(
            f"--language: there are no prompts in {language!r}: {suggest(language, languages())}"
        )
    strategies, broken = _strategies()
    for said in broken:
        err.print(said, style="yellow")
    if as_json:
        told = [
            {"name": name, "id": file.id, **file.model_dump(mode="json", exclude={"name"})}
            for name, file in strategies
        ]
        minds = [
            {"name": one.whole_name, "id": one.id, "language": one.language, "says": one.says}
            for one in texts()
        ]
        write_json({"strategies": told, "minds": minds})
        return
    rows = [(name, file.id, str(len(file.examples)), file.says) for name, file in strategies]
    line("Strategies", "bold")
    out.print(table(("strategy", "id", "examples", "what it does"), rows, right=("examples",)))
    line(f"\nPrompts (.j2) and lists of phrases (.txt) of minds, in {language}", "bold")
    named = [(one.name, one.id, one.says) for one in texts() if one.language == language]
    out.print(table(("prompt", "id", "what it is for"), named))
    others = ", ".join(f"--language {one}" for one in languages() if one != language)
    line(f"\nShow one: burgh prompts show react, or {language}/words.j2. The minds' also: {others}.", "dim")


def _strategies() -> tuple[list[tuple[str, PromptFile]], list[str]]:
    """Those that are installed, by name; and what is to say of those that cannot be loaded."""
    from burgh.agents.strategies.mind import Prompted
    from burgh.scenarios.arena.contestants import contestant, registered
    from burgh.sim.types import BurghError

    found: list[tuple[str, PromptFile]] = []
    broken: list[str] = []
    for name in registered():
        try:
            who = contestant(name)
        except BurghError as error:
            broken.append(str(error))
            continue
        if isinstance(who, Prompted):
            found.append((name, who.file))
    return found, broken


def show(name: Name) -> None:
    """Shows a strategy as its prompt file says it, or a prompt of minds as it stands in its file."""
    out.print(_written(name).removesuffix("\n"), markup=False, highlight=False, soft_wrap=True)


def diff(one: Name, other: Name) -> None:
    """Shows how two strategies, or two prompts of minds, differ, line by line."""
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
    strategy: Annotated[
        str, typer.Argument(help="A strategy, a prompt file, or a kind of mind: generative, llm.")
    ],
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
                for one in found.asked
            ]
        )
        return
    about = "" if tokens.exact else "about "
    _tell_when(found)
    shared = ""
    for number, one in enumerate(found.asked, 1):
        prefix, suffix = tokens.count(one.prompt.prefix), tokens.count(one.prompt.suffix)
        line("")
        cost = f"{about}{amount(prefix + suffix)} tokens, {amount(prefix)} of them shared"
        line(f"{number}. {one.purpose}: {cost}", "bold")
        if one.prompt.prefix != shared:
            shared = one.prompt.prefix
            _text(shared)
        elif shared:
            line("(the shared part as before)", "dim")
        _text(one.prompt.suffix)
        if one.options:
            line(f"to be scored: {', '.join(map(repr, one.options))}", "dim")
        line(f"the {model} model: {one.reply}", "dim")
    if not tokens.exact:
        line(f"\nThe tokenizer of {tokens_of} is not here: four characters are taken for a token.", "dim")


def _tell_when(found: Rendered) -> None:
    """Says when what is shown is asked, and, where that is not the moment that was named, why not then."""
    from burgh.scenarios.prompting import clock_time

    agent, (first, *_) = found.agent, found.asked
    questions = count(len(found.asked), "question")
    if not found.is_later:
        line(f"{agent} is asked at {first.time} (tick {first.tick}): {questions}.", "bold")
        return
    before = ""
    if found.deciding is not None:
        tick, answer = found.deciding
        said = json.dumps(answer, ensure_ascii=False)
        before = f": before that, at {clock_time(found.clock, tick)} (tick {tick}), {agent} decided {said}"
    named = f"{clock_time(found.clock, found.at_tick)} (tick {found.at_tick})"
    line(f"{agent} is asked nothing at {named}{before}.", "yellow")
    line(f"The next time, shown here, is {first.time} (tick {first.tick}): {questions}.", "bold")


def _text(text: str) -> None:
    out.print(text, markup=False, highlight=False, soft_wrap=True)


def _written(name: str) -> str:
    """A strategy as its file says it, or a prompt of minds, with its id."""
    import yaml

    from burgh.agents.strategies.mind import Prompted
    from burgh.scenarios.arena.contestants import SHADE, contestant, known, registered
    from burgh.scenarios.prompt_texts import text_named
    from burgh.sim.types import BurghError

    is_contestant = name in known() or name.startswith(f"{SHADE}:") or name.endswith((".yaml", ".yml"))
    if not is_contestant:
        text = text_named(name, besides=registered())
        return f"# id {text.id}, {text.whole_name}: {text.says}\n{text.text}"
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
