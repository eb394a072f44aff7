"""The next hour of a plan, in pieces of 5 to 15 minutes: made when the hour begins, and kept as memories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from burgh.agents.languages import listed, n_words
from burgh.agents.places import spoken
from burgh.agents.plan import plan_memory, written
from burgh.agents.prompts import Doing, sentence
from burgh.agents.state import Entry, Piece
from burgh.agents.turn import Turn


async def plan_hour(turn: Turn, entry: Entry) -> None:
    """Fills the next hour of an entry with pieces, by the scores of what one may do there."""
    left, hour_ticks = entry.end - turn.tick, turn.clock.ticks(60)
    if left >= hour_ticks + turn.clock.ticks(turn.settings.piece_minutes[0]):  # else no piece is left over
        left = hour_ticks
    if len(set(entry.doing)) == 1:
        turn.state.pieces = (Piece(entry.doing[0], left),)
        return
    pieces = _drawn(turn, left, await _scores(turn, entry))
    activities = dict.fromkeys(piece.activity for piece in pieces)
    outline = listed(activities, ", ", turn.settings.language)
    place = spoken(entry.place)
    hour = turn.remember(
        "plan",
        sentence("plan_hour", turn.settings.language, name=turn.name, place=place, outline=outline),
        1.0,
        causes=(entry.event,) if entry.event else (),
        place=entry.place,
        start=turn.tick,
        ticks=left,
    )
    turn.state.meanings[hour.id] = ""
    parts: list[Entry] = []
    start = turn.tick
    for piece in pieces:
        parts.append(replace(entry, start=start, ticks=piece.ticks, doing=(piece.activity,)))
        start += piece.ticks
    origin = turn.state.origin
    kept = [plan_memory(turn, part, causes=(origin[hour.id],)) for part in parts]
    turn.state.pieces = tuple(
        replace(piece, memory=memory.id) for piece, memory in zip(pieces, kept, strict=True)
    )
    entries = [written(turn, part) for part in parts]
    data = {"entries": entries, "changed": "hour", "new": list(range(len(entries)))}
    causes = (*((entry.event,) if entry.event else ()), *(origin[one.id] for one in (hour, *kept)))
    turn.events.add("planned", turn.name, data, causes)


async def _scores(turn: Turn, entry: Entry) -> dict[str, float]:
    """How likely each activity is, in nats a word; alike, where habit alone decides."""
    inputs = Doing(turn.name, turn.persona.job, turn.hour_minute, spoken(entry.place), turn.state.doing)
    options = [f" {activity}" for activity in entry.doing]
    scores: Sequence[float] = [0.0] * len(options)
    if turn.settings.planning:
        scores = await turn.ask.score("plan hour", inputs, options)
    return {option.strip(): score / n_words(option) for option, score in zip(options, scores, strict=True)}


def _drawn(turn: Turn, left: int, per_word: dict[str, float]) -> list[Piece]:
    """Pieces for so many ticks; none does what the one before did. Each is as long as pieces are: what would
    be left over for a shorter one is the last one's, or taken from it, but where all of it is shorter."""
    least, most = (turn.clock.ticks(minutes) for minutes in turn.settings.piece_minutes)
    before, pieces = turn.state.doing, list[Piece]()
    while left > 0:
        others = [activity for activity in per_word if activity != before]
        before = turn.choose(others, [per_word[activity] for activity in others])
        minutes = turn.rng.randrange(turn.settings.piece_minutes[0], turn.settings.piece_minutes[1] + 1, 5)
        ticks = min(left, turn.clock.ticks(minutes))
        if 0 < left - ticks < least:
            ticks = left if left <= most else left - least
        pieces.append(Piece(before, ticks))
        left -= ticks
    return pieces
