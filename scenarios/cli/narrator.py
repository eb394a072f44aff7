"""What one sees while a run goes on: the game's clock, how far it is, a line for each thing done or said."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from burgh.scenarios.cli.console import err, out
from burgh.sim.clock import Clock
from burgh.sim.engine import Tick
from burgh.sim.types import Event
from burgh.sim.viewer.builder import SceneBuilder
from burgh.sim.viewer.scene import Caption

LOADING = "loading the model"  # what is told until the first tick
BOOKS = frozenset({"double-auction"})  # formats with hundreds of orders, of which the trades are told
Tokens = Callable[[], tuple[int, float]]  # tokens computed so far, and the seconds they took

Before = Callable[[int], Iterable[Event]]  # the events of the ticks before one


class Narrator:
    """Told of each tick as it ends. quiet: says nothing. tokens: what the language model did so far. before:
    what is recorded already, given the first tick that is told, where a run is gone on with; it is not said
    again. loading: what is told until the first tick. bar: shows how far it is, below what is said; it would
    wipe away what somebody types there."""

    def __init__(
        self,
        clock: Clock,
        until_tick: int,
        *,
        tokens: Tokens,
        quiet: bool = False,
        before: Before | None = None,
        loading: str = LOADING,
        bar: bool = True,
    ) -> None:
        self.clock = clock
        self.quiet = quiet
        self._tokens = tokens
        self._before = before
        self._builder = SceneBuilder()
        self._told: Caption | None = None
        self._unsaid: list[Caption] = []
        self._loading = loading
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TaskProgressColumn(),
            TextColumn("{task.fields[speed]}"),
            TimeElapsedColumn(),
            console=out,
            transient=True,
            expand=True,
            disable=quiet or not bar or not out.is_terminal,
        )
        self._task = self._bar.add_task(loading, total=until_tick, speed="")

    def __enter__(self) -> Self:
        if self._loading and not self.quiet and self._bar.disable:
            err.print(self._loading, style="dim")
        with self._heard():
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._heard():
            self._bar.stop()

    def __call__(self, tick: Tick) -> None:
        if self.quiet:
            return
        self._catch_up(tick.tick)
        self._unsaid = []
        for event in tick.events:
            self._builder.apply(event)
            if event.kind == "bid" and self._builder.sale.format in BOOKS:
                self._unsaid += self._builder.captions[-1:]
        tokens, seconds = self._tokens()
        speed = f"{tokens / seconds:,.0f} tokens/s" if tokens and seconds > 0 else ""
        time = f"{self.clock.at(tick.tick):%H:%M}"
        with self._heard():
            for caption in self._new_captions():
                if not any(caption is one for one in self._unsaid):
                    self._say(caption)
            self._bar.update(self._task, completed=tick.tick, description=time, speed=speed)

    def _catch_up(self, tick: int) -> None:
        if self._before is not None:
            for event in self._before(tick):
                self._builder.apply(event)
            self._new_captions()
            self._before = None

    @contextmanager
    def _heard(self) -> Iterator[None]:
        """Around what is told: where it cannot be written, the run goes on and the rest is left unsaid."""
        try:
            yield
        except (OSError, UnicodeError):
            self.quiet = True

    def _new_captions(self) -> tuple[Caption, ...]:
        captions = self._builder.captions
        seen = next((n for n, caption in enumerate(captions) if caption is self._told), -1)
        self._told = captions[-1] if captions else None
        return captions[seen + 1 :]

    def _say(self, caption: Caption) -> None:
        time = f"{self.clock.at(caption.tick):%H:%M}"
        out.print(Text.assemble((f"{time}  ", "dim"), caption.text), soft_wrap=not out.is_terminal)
