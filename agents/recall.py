"""Recalling: what is asked of one's memory, plainly, in other words, or by an imagined answer."""

from __future__ import annotations

from collections.abc import Callable

from burgh.agents.asking import Asker
from burgh.agents.prompts import Imagining, Rewriting
from burgh.agents.settings import QueryForm
from burgh.agents.turn import Turn
from burgh.memory.record import Memory
from burgh.memory.stream import Retrieved
from burgh.sim.spec import Text, clean_text

QUERY_TOKENS = 32  # of a rewriting or an imagined answer
QUERY_CHARS = 300
REWRITINGS, ANSWERS = 1, 3  # how many of them are asked for, in one call


async def recall(
    turn: Turn, query: str, k: int, among: Callable[[Memory], bool] | None = None
) -> tuple[tuple[Retrieved, ...], str]:
    """As `turn.retrieve`, asked in the form that is set.

    "rewritten": with the question in other words beside it. "imagined": with answers that the model makes up,
    since an answer lies nearer to the memory that gives it than the question does (HyDE: Gao, Ma, Lin and
    Callan, 2022). Where the model writes nothing, the query is asked plainly.
    """
    anything = turn.settings.memory and len(turn.state.stream)
    more = await forms(turn.ask, turn.settings.query, query) if anything else ()
    return turn.retrieve(query, k, among, more)


async def forms(ask: Asker, form: QueryForm, query: str) -> tuple[str, ...]:
    """The other forms of a query, each once; none where it is to be asked plainly."""
    if form == "plain":
        return ()
    imagined = form == "imagined"
    written = await ask.write(
        "imagine answer" if imagined else "rewrite query",
        Imagining(query) if imagined else Rewriting(query),
        Text("What is asked of the memory?", QUERY_TOKENS),
        samples=ANSWERS if imagined else REWRITINGS,
        max_tokens=QUERY_TOKENS,
    )
    said = (clean_text(text, QUERY_CHARS) for text in written)
    return tuple(dict.fromkeys(text for text in said if text and text != query))
