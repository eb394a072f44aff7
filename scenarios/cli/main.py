"""The command line: `burgh COMMAND`. A fault that a user can mend is one sentence, and exit code 2."""

from __future__ import annotations

import errno
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from burgh import __version__
from burgh.scenarios.cli import (
    ablate,
    arena,
    asking,
    bench,
    evolve,
    export,
    interview,
    memory,
    metrics,
    models,
    prompts,
    run,
    runs,
    scenarios,
    theory,
    travel,
    watch,
)
from burgh.scenarios.cli.console import close_streams, open_streams, say_fault
from burgh.scenarios.nearest import suggest
from burgh.sim.types import BurghError

FAULT, INTERRUPTED = 2, 130
# What typer raises where a command line is not as it should be; its other bases are not public.
UsageFault: type[Exception] = typer.BadParameter.__mro__[1]
USERS_DISK = {
    *(errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EACCES, errno.EPERM),
    *(errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.ENOENT),
}


class KnownCommands(TyperGroup):
    """Answers an unknown command with the known ones and the nearest."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            raise BurghError(f"there is no command {args[0]!r}: {suggest(args[0], self.list_commands(ctx))}")
        return super().resolve_command(ctx, args)


def _app(help_text: str, **more: Any) -> typer.Typer:
    return typer.Typer(cls=KnownCommands, help=help_text, no_args_is_help=True, add_completion=False, **more)


app = _app("Generative agents in a town, on a language model of your own machine: run, watch, replay, ask.")
scenarios_app = _app("What can be run.")
memory_app = _app("What everyone in a run remembers.")
models_app = _app("Language models and embedders.")
prompts_app = _app("Prompt strategies: what they say, and what a model would get.")

app.command()(run.run)
app.command()(watch.watch)
app.command()(export.export)
for command in (runs.runs, runs.show, runs.verify, runs.replay):
    app.command()(command)
for journey in (travel.resume, travel.fork, travel.diff):
    app.command()(journey)
app.command()(theory.theory)
app.command()(ablate.ablate)
app.command()(arena.arena)
app.command()(evolve.evolve)
for question in (asking.why, asking.tree, asking.relations, asking.state):
    app.command()(question)
app.command()(interview.interview)
app.command()(metrics.metrics)
memory_app.command()(memory.search)
memory_app.command()(memory.reindex)
scenarios_app.command("list")(scenarios.list_scenarios)
scenarios_app.command()(scenarios.show)
scenarios_app.command()(scenarios.check)
scenarios_app.command()(scenarios.schema)
prompts_app.command("list")(prompts.list_prompts)
prompts_app.command()(prompts.show)
prompts_app.command()(prompts.diff)
prompts_app.command()(prompts.render)
prompts_app.command()(prompts.grow)
models_app.command("list")(models.list_models)
models_app.command()(models.pull)
models_app.command()(models.path)
app.add_typer(scenarios_app, name="scenarios")
app.add_typer(models_app, name="models")
app.add_typer(prompts_app, name="prompts")
app.add_typer(memory_app, name="memory")
bench_app = _app("How fast things are on this machine, and how fast they could be.")
bench_app.command("model")(bench.bench_model)
app.add_typer(bench_app, name="bench")


@bench_app.callback()
def _bench() -> None:  # with a callback of its own `model` stays a command though it is the only one
    pass


def _version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"burgh {__version__}\n")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Says the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    pass


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs a command and ends the process: exit code 0, 2 for a fault that one can mend, 130 for Ctrl-C."""
    open_streams()
    code = _answer(list(sys.argv[1:] if arguments is None else arguments))
    close_streams()
    sys.exit(code)


def _answer(arguments: list[str]) -> int:
    try:
        code = app(arguments, prog_name="burgh", standalone_mode=False)
        sys.stdout.flush()
    except BurghError as fault:
        return _say(str(fault))
    except UsageFault as fault:
        return _usage(fault)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:  # `burgh show ... | head`
        return 0
    except SystemExit as ended:  # what typer makes of a broken pipe
        if not isinstance(ended.__context__, BrokenPipeError):
            raise
        return 0
    except OSError as error:
        if error.errno not in USERS_DISK:
            raise
        return _say(f"{error.filename or 'the disk'}: {error.strerror}")
    return code if isinstance(code, int) else 0


def _usage(fault: Exception) -> int:
    message = str(fault.format_message()) if hasattr(fault, "format_message") else str(fault)
    context = getattr(fault, "ctx", None)
    if type(fault).__name__ == "NoArgsIsHelpError":
        sys.stdout.write(message + "\n")
        return 0
    command = context.command_path if context is not None else "burgh"
    return _say(f"{message.strip().rstrip('.')} (see {command} --help)")


def _say(sentence: str) -> int:
    say_fault(sentence)
    return FAULT
