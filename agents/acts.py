"""What to say something for: of the acts that are legal now, the usual one, unless another gains much."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from burgh.agents.news import remembered
from burgh.agents.prompts import Acts, phrases
from burgh.agents.state import Entry
from burgh.agents.turn import Turn
from burgh.memory.record import Memory

SAID_CHARS = 120  # of a line in the context
NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Move:
    """Something that can be said now. memory: what it is about. meaning: what it means, "" for an act that
    says all itself. own: how one would say it. why: a reason, and causes: ids of events, besides what the
    choice itself rests on. knows: what speaks for it, in a sentence. entry: what one promises by it."""

    act: str
    memory: Memory | None = None
    meaning: str = ""
    own: str = ""
    why: str = ""
    causes: tuple[str, ...] = ()
    knows: str = ""
    entry: Entry | None = None


async def choose(turn: Turn, other: str, moves: Sequence[Move], said: Sequence[str] = ()) -> Move:
    """One of the moves: the first, unless the situation speaks for another by a margin.

    Scored is each act after what comes to mind and was said, against the same after neither.
    """
    acts = list(dict.fromkeys(move.act for move in moves))
    if len(acts) < 2:
        return moves[0]
    words = act_words(turn.settings.language)
    options = [f" {words[act]}" for act in acts]
    inputs = Acts(
        turn.name,
        turn.persona.job,
        other,
        (*remembered(turn, other)[:1], *(move.knows for move in moves if move.knows)),
        tuple(line[:SAID_CHARS] for line in said),
    )
    neutral = turn.state.neutral.get("|".join(options))
    if neutral is None:
        bare = Acts(turn.name, turn.persona.job, other)
        given, neutral = await turn.ask.score_all("act", [inputs, bare], options)
        turn.state.neutral["|".join(options)] = neutral
    else:
        given = await turn.ask.score("act", inputs, options)
    gains = {act: after - before for act, after, before in zip(acts, given, neutral, strict=True)}
    best = max(moves, key=lambda move: gains[move.act])
    return best if gains[best.act] - gains[moves[0].act] >= turn.settings.act_margin else moves[0]


@cache
def act_words(language: str) -> Mapping[str, str]:
    """The acts, each as the end of a sentence about who does it."""
    return dict(line.split(": ", 1) for line in phrases("acts", language))
