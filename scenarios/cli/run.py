"""`burgh run`: a scenario from start to end, told as it goes on."""

from __future__ import annotations

import ctypes
import shlex
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from functools import partial
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Protocol

import typer

from burgh.scenarios.cli.console import SCRIPTED, WHEN, err, line, write_json
from burgh.scenarios.cli.scenarios import AsJson
from burgh.sim.command import burgh_command
from burgh.sim.types import BurghError

if TYPE_CHECKING:
    from burgh.agents.llm.accounts import Cost, Listener
    from burgh.scenarios.build import Parts
    from burgh.scenarios.cli.narrator import Before
    from burgh.scenarios.controls import RunControls
    from burgh.scenarios.live import Live
    from burgh.scenarios.run import Outcome
    from burgh.scenarios.spec import Basis
    from burgh.sim.engine import Tick

DEFAULT = "market-day"


def run(
    scenario: Annotated[
        str, typer.Argument(metavar="[SCENARIO|FILE]", help="A name of the library, or a file.")
    ] = DEFAULT,
    *,
    model: Annotated[
        str | None,
        typer.Option(help='A known name, a hub name (org/name), a folder, or "scripted" for no model.'),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="What chance starts from.")] = None,
    until: Annotated[str | None, typer.Option(help=f"The time at which it ends, {WHEN}.")] = None,
    ticks: Annotated[int | None, typer.Option(min=1, help="Ends after so many ticks instead.")] = None,
    whisper: Annotated[
        list[str] | None,
        typer.Option(metavar='"AGENT@08:00: ..."', help="An inner voice; may be given more than once."),
    ] = None,
    budget: Annotated[
        list[str] | None,
        typer.Option(
            metavar='"40 calls per agent per hour"',
            help="What may be asked of the model; may be given more than once. Then minds go by habit.",
        ),
    ] = None,
    on_fault: Annotated[
        str | None, typer.Option(metavar="stop|habits", help="What is done where the model fails for good.")
    ] = None,
    minds: Annotated[
        str | None,
        typer.Option(metavar="KIND,...", help="Other minds: one kind for all, or one for each agent."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="The run's folder, new or empty."),
    ] = None,
    estimate: Annotated[
        bool, typer.Option("--estimate", help="Runs it on rules, and says what would be asked of the model.")
    ] = False,
    replies: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="Answers from that run's record; asks the model only what is new."),
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Shows it in a window while it runs.")] = False,
    control: Annotated[
        bool, typer.Option("--control", help="Takes commands while it runs: pause, whisper, event, help, ...")
    ] = False,
    play: Annotated[
        list[str] | None,
        typer.Option(metavar="AGENT", help="You take this agent's seat; may be given again."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Says only how it ended.")] = False,
    as_json: AsJson = False,
) -> None:
    """Runs a scenario, records it, and says what came of it."""
    if until is not None and ticks is not None:
        raise BurghError("--until and --ticks both name the end: give one of them")
    from burgh.scenarios.cli.folders import check_out, find_run
    from burgh.scenarios.load import load_scenario
    from burgh.scenarios.run import run_scenario, run_to_folder
    from burgh.scenarios.seating import with_minds, with_players
    from burgh.scenarios.whispers import with_whispers

    check_out(out)
    given = load_scenario(
        scenario, {"model": model, "seed": seed, "until": until, "budgets": budget, "on_fault": on_fault}
    )
    if ticks is not None:
        given = given.until_ticks(ticks)
    given = with_minds(given, minds)
    given = with_whispers(given, whisper or ())
    given = with_players(given, play or ())
    if estimate:
        if out is not None or watch or replies is not None or play:
            kept = "--out, --watch, --replies and --play"
            raise BurghError(f"--estimate runs nothing that is kept or played: leave out {kept}")
        from burgh.scenarios.cli.estimating import tell_estimate

        tell_estimate(given, as_json=as_json)
        return
    folder = out if out is not None else run_to_folder(given.name, given.seed)
    known = None if replies is None else find_run(replies)
    start = partial(run_scenario, given, folder, replies=known)
    tell_run(given, folder, start, watch=watch, control=control, quiet=quiet, as_json=as_json)


def tell_run(
    scenario: Basis,
    folder: Path,
    start: Start,
    *,
    watch: bool = False,
    control: bool = False,
    quiet: bool,
    as_json: bool,
    before: Before | None = None,
) -> None:
    """Carries a run out, tells it as it goes on, and what came of it. start: does it, as `run_scenario`.
    control: takes commands at the terminal, as it does where a person has a seat. before: what is recorded
    already, as the narrator takes it."""
    from burgh.scenarios.cli.interview import answer_now
    from burgh.scenarios.cli.live import at_terminal
    from burgh.scenarios.controls import RunControls
    from burgh.scenarios.live import Live
    from burgh.scenarios.seating import players

    controls, loaded = RunControls(), threading.Event()
    controls.played = bool(players(scenario))
    live = Live(controls, scenario, interview=partial(answer_now, folder) if _has_minds(scenario) else None)
    taking = (control or controls.played) and not watch
    typing = taking and sys.stdin.isatty()
    at = at_terminal(live) if taking else nullcontext()
    with _stopped_by_interrupt(controls, loaded, window=watch), at:
        told, silent = (live.told,), quiet or as_json
        hear = live.hear if watch else None
        go = _told(
            scenario,
            folder,
            start,
            controls,
            loaded,
            quiet=silent,
            before=before,
            told=told,
            hear=hear,
            bar=not typing,
        )
        outcome = _in_window(go, folder, live, loaded) if watch else go(None)
    _say_outcome(scenario, outcome, quiet=quiet, as_json=as_json)


class Start(Protocol):
    """What begins a run or goes on with one, up to its end."""

    def __call__(
        self,
        *,
        watchers: tuple[Callable[[Tick], None], ...],
        controls: RunControls,
        ready: Callable[[Parts], None],
    ) -> Outcome: ...


Go = Callable[["Callable[[], None] | None"], "Outcome"]  # told of each tick that is in the record


def _told(
    scenario: Basis,
    folder: Path,
    start: Start,
    controls: RunControls,
    loaded: threading.Event,
    *,
    quiet: bool,
    before: Before | None,
    told: tuple[Callable[[Tick], None], ...] = (),
    hear: Listener | None = None,
    bar: bool = True,
) -> Go:
    """The run, with what it says on the way. loaded: set once everything is built. told: of each tick too,
    before it is said. hear: of what the language model is writing. bar: as the narrator takes it."""
    from burgh.scenarios.cli.narrator import Narrator

    accounts: list[Parts] = []

    def tokens() -> tuple[int, float]:
        cost = accounts[0].accounts.total()
        return computed(cost), cost.seconds

    def ready(parts: Parts) -> None:
        accounts.append(parts)
        if hear is not None:
            parts.accounts.listen(hear)
        loaded.set()

    def go(after_tick: Callable[[], None] | None) -> Outcome:
        if not quiet:
            err.print(
                f"{scenario.name}, seed {scenario.seed}, on {_model(scenario)}, into {folder}", style="dim"
            )
        clock, until_tick = scenario.clock, scenario.until_tick
        narrates = Narrator(
            clock,
            until_tick,
            tokens=tokens,
            quiet=quiet,
            before=before,
            loading=_loading(scenario),
            bar=bar,
        )
        with narrates as narrator:

            def after(tick: Tick) -> None:
                narrator(tick)
                if after_tick is not None:
                    after_tick()

            return start(watchers=(*told, after), controls=controls, ready=ready)

    return go


def _model(scenario: Basis) -> str:
    """The language model, where any mind asks it."""
    from burgh.scenarios.kinds import kind_of

    return scenario.model if kind_of(scenario).asks(scenario) else "no model"


def _loading(scenario: Basis) -> str:
    """What is loaded before the first tick, in words; "" where nothing is."""
    from burgh.scenarios.cli.narrator import LOADING
    from burgh.scenarios.kinds import kind_of

    kind = kind_of(scenario)
    if kind.asks(scenario) and scenario.model != SCRIPTED:
        return LOADING
    return "loading the embedder" if kind.remembers(scenario) else ""


def computed(cost: Cost) -> int:
    """The tokens that a language model worked through: those that it still held from before are not."""
    return cost.tokens_in - cost.tokens_cached + cost.tokens_out


def _has_minds(scenario: Basis) -> bool:
    """Whether there are minds that remember, which can be asked."""
    from burgh.scenarios.kinds import kind_of

    return kind_of(scenario).remembers(scenario)


def _in_window(go: Go, folder: Path, live: Live, loaded: threading.Event) -> Outcome:
    """The run in a thread of its own, the window in this one. After its first tick the run waits for the
    window, which then sets its pace; a closed window lets it go on, unless somebody plays in it, who is then
    gone."""
    controls = live.controls
    from burgh.sim.viewer.screen import need_display
    from burgh.sim.viewer.window import watch as open_window

    need_display()
    begun, opened = threading.Event(), threading.Event()
    outcome: list[Outcome] = []
    fault: list[BaseException] = []

    def after_tick() -> None:
        begun.set()
        opened.wait()

    def work() -> None:
        try:
            if controls.stopped:  # before this thread could be broken off
                raise KeyboardInterrupt
            outcome.append(go(after_tick))
        except BaseException as error:  # told in the main thread
            fault.append(error)
        finally:
            begun.set()

    thread = threading.Thread(target=work, name="run")
    try:
        thread.start()
        begun.wait()
        if not fault and not controls.stopped:
            open_window(folder, controls=controls, run=live, opened=opened.set)
            if controls.played:
                controls.stop()
    except BaseException:
        controls.stop()
        if not loaded.is_set():
            _interrupt(thread)
        raise
    finally:
        opened.set()  # or was never to be
        if thread.is_alive():
            thread.join()
    if fault:
        raise fault[0]
    return outcome[0]


def _interrupt(thread: threading.Thread) -> None:
    """What Ctrl-C does to the main thread, done to another: it breaks off before its next step."""
    if thread.ident is None:  # it has not begun, and will see that it is to stop
        return
    number, fault = ctypes.c_ulong(thread.ident), ctypes.py_object(KeyboardInterrupt)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(number, fault)


@contextmanager
def _stopped_by_interrupt(controls: RunControls, loaded: threading.Event, *, window: bool) -> Iterator[None]:
    """Ctrl-C closes the window, lets the tick end, and then the run; a second one breaks the tick off, as
    the first one does with loading."""

    def interrupted(number: int, frame: FrameType | None) -> None:
        again = controls.stopped
        controls.stop()
        if again or not loaded.is_set():
            raise KeyboardInterrupt
        if window:
            _close_window()
        err.print("stopping after this tick (Ctrl-C again breaks it off)", style="dim")

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _close_window() -> None:
    """As if it had been closed by hand: an exception could be lost within SDL."""
    import pygame

    if pygame.display.get_init():
        pygame.event.post(pygame.event.Event(pygame.QUIT))


def _say_outcome(scenario: Basis, outcome: Outcome, *, quiet: bool, as_json: bool) -> None:
    from burgh.scenarios.ask.past import time_at
    from burgh.scenarios.cli.summary import came_of, print_costs

    data, tell = came_of(scenario, outcome.folder)
    if as_json:
        write_json({**asdict(outcome), "folder": str(outcome.folder), **data})
        return
    if not quiet:
        tell()
        print_costs(outcome, scenario.model)
    ended, clock = outcome.reason == "end", scenario.clock
    over = clock.tick_of(scenario.until) if ended and scenario.until is not None else outcome.tick
    when = time_at(clock, over)
    folder = outcome.folder
    if ended:
        line(f"\nEnded at {when}. The run is in {folder}", "bold")
    else:
        line(f"\nStopped at {when}; all that was recorded until then is whole, in {folder}", "bold")
    line(f"final hash {outcome.final_hash}")
    burgh, run = burgh_command(), shlex.quote(str(folder))
    line(f"Next: {burgh} watch {run}" if ended else f"Next: {burgh} resume {run}")
    if not ended:
        line(f"      {burgh} watch {run}")
    who = f" --agent {shlex.quote(scenario.agents[0].name)}" if scenario.agents else ""
    at = "" if ended else f" --at {shlex.quote(when)}"
    line(f"      {burgh} show {run}{at}{who}")
    line(f"      {burgh} replay {run}")
