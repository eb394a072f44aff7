"""Events as lines of a log, by kind, villager and words, about any moment: found without reading the run."""

from __future__ import annotations

from dataclasses import dataclass

from burgh.sim.record.index import EventTable
from burgh.sim.viewer.wording import told

SALES = (
    "auction", "lot_opened", "bid", "passed", "bid_refused", "sold", "unsold", "paid", "offered", "chosen",
    "bought", "campaign", "period",
)  # fmt: skip
INSIGHTS = "(kind <> 'memory' OR json_extract(data, '$.kind') = 'reflection')"
FILTERS: tuple[tuple[str, tuple[str, ...], str], ...] = (  # name, kinds, a further condition
    (
        "all",
        (
            "said", "whispered", "happened", "set_out", "arrived", "blocked", "began", "slept", "woke",
            "object_put", "planned", "memory", "lot_opened", "bid", "sold", "unsold", "offered",
            "chosen", "bought", "campaign", "period", "run_started", "run_ended",
        ),
        f"{INSIGHTS} AND (kind <> 'planned' OR json_extract(data, '$.changed') <> 'hour')",
    ),
    ("speech", ("said", "unheard", "whispered", "happened"), "1"),
    ("ways", ("set_out", "arrived", "blocked"), "1"),
    ("doings", ("began", "slept", "woke", "object_put"), "1"),
    ("plans", ("planned",), "json_extract(data, '$.changed') <> 'hour'"),
    ("thoughts", ("memory", "reflected"), INSIGHTS),
    ("memories", ("memory",), "1"),
    ("decisions", ("decided", "kept", "refused"), "1"),
    ("sales", SALES, "1"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LogLine:
    """An event as the log shows it. seq: its number in the record."""

    seq: int
    tick: int
    kind: str
    agent: str
    text: str


def before(  # noqa: PLR0917
    table: EventTable, place: tuple[float, int], most: int, which: int, agent: str | None, words: str
) -> list[LogLine]:
    """The events at or before a place (tick, number in the record), the newest last."""
    return list(reversed(_found(table, place, most, which, agent, words, forward=False)))


def after(  # noqa: PLR0917
    table: EventTable, place: tuple[float, int], most: int, which: int, agent: str | None, words: str
) -> list[LogLine]:
    """The events behind a place, in order."""
    return _found(table, place, most, which, agent, words, forward=True)


def _found(  # noqa: PLR0917
    table: EventTable,
    place: tuple[float, int],
    most: int,
    which: int,
    agent: str | None,
    words: str,
    *,
    forward: bool,
) -> list[LogLine]:
    _, kinds, also = FILTERS[which]
    found: list[LogLine] = []
    for kind in kinds:
        for seq, event in table.around(kind, place, most, agent, words, also, forward=forward):
            text = told(event)
            if text:
                found.append(LogLine(seq, event.tick, event.kind, event.agent or "", text))
    found.sort(key=lambda line: (line.tick, line.seq), reverse=not forward)
    return found[:most]
