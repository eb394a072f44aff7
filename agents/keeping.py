"""What is kept of a conversation when it is over: who told whom what, as one memory that rests on it."""

from __future__ import annotations

from burgh.agents.languages import listed
from burgh.agents.news import meaning_of
from burgh.agents.prompts import sentence
from burgh.agents.turn import Turn
from burgh.agents.wording import shortened
from burgh.memory.record import LEAST_IMPORTANCE
from burgh.sim.types import fixed, real

MOST_ABOUT = 4  # things told of in it
MOST_CHARS = 120  # of each


def keep_talks(turn: Turn, *, all_of_them: bool = False) -> None:
    """Sums up the conversations in which nothing was said for a while, or all that are open; without memory
    they are over, and nothing is kept of them."""
    quiet = turn.clock.ticks(turn.settings.closing_minutes)
    for other, talk in sorted(turn.state.talks.items()):
        if not talk.lines or not (all_of_them or turn.tick - talk.last >= quiet):
            continue
        memories = (turn.state.stream[one] for one in talk.about if one in turn.state.stream)
        about = [one for one in memories if one.importance > LEAST_IMPORTANCE or one.kind != "speech"]
        about = about[-MOST_ABOUT:]
        talk.lines, talk.about = (), ()
        if not about or not turn.settings.memory:
            continue
        told = []
        for memory in about:
            by_other = memory.kind == "speech" and memory.from_agent == other and other in memory.subjects
            meaning = shortened(meaning_of(turn, memory) or memory.text, MOST_CHARS)
            mine = sentence("told", turn.settings.language, speaker=turn.name, to=other, meaning=meaning)
            told.append(shortened(memory.text, MOST_CHARS) if by_other else mine)
        outline = listed(told, " ", turn.settings.language)
        kept = turn.remember(
            "summary",
            sentence("talked", turn.settings.language, name=turn.name, other=other, outline=outline),
            real(fixed(sum(memory.importance for memory in about) / len(about))),
            causes=[turn.state.origin[memory.id] for memory in about],
            subjects=(other,),
            evidence=[memory.id for memory in about],
        )
        turn.state.meanings[kept.id] = ""
