"""What there is to tell: of what comes to mind on meeting somebody, what matters most and is news to them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from burgh.agents.languages import stands_in
from burgh.agents.oneself import WORD, ones_own, ways
from burgh.agents.perceive import rate
from burgh.agents.prompts import Remembered, phrases, sentence
from burgh.agents.react import is_over
from burgh.agents.recall import recall
from burgh.agents.turn import Turn
from burgh.agents.when import in_words_of
from burgh.agents.wording import matters
from burgh.memory.record import Memory

REMEMBERED = 2  # memories of the other in a prompt
REMEMBERED_CHARS = 120  # of each


@dataclass(frozen=True, slots=True)
class News:
    """A memory to tell of. meaning: what it says today. own: how one says that oneself. value: how much it
    matters, 1 to 10. cried: it was cried to all who were there, of whom the other was none. retrieval: id of
    the event of its coming to mind."""

    memory: Memory
    meaning: str
    own: str
    value: float
    retrieval: str
    cried: bool = False

    def why(self, other: str) -> str:
        """Why it is told, in words."""
        if self.cried:
            return f"it was cried to all who were there, and {other} was not"
        return f"of what came to mind on meeting {other}, this matters most ({self.value:.1f} of 10)"


async def find_news(turn: Turn, other: str) -> News | None:
    """What matters most of what comes to mind and is news to the other; None if nothing matters enough.

    What was cried to all who were there is worth telling to whoever was not, however small it is.
    """
    talk, latest = turn.state.talk(other), latest_words(turn)

    def is_news(memory: Memory) -> bool:
        meaning = meaning_of(turn, memory)
        known = root(memory) in talk.knows or other in (memory.from_agent, *memory.subjects)
        said_of_one = memory.kind == "speech" and memory.id not in turn.state.witnessed
        about = names(other, meaning) or (said_of_one and names(turn.name, meaning))
        return bool(meaning) and not known and not about and not is_stale(turn, memory, latest)

    query = sentence("meets", turn.settings.language, name=turn.name, other=other)
    found, retrieval = await recall(turn, query, turn.settings.retrieval_k, is_news)
    if not found:
        return None
    memories = [one.memory for one in found]
    values = await rate(turn, [meaning_of(turn, memory) for memory in memories])
    least = turn.settings.tell_rating
    worth = [
        max(value, least) if memory.id in turn.state.witnessed else value
        for value, memory in zip(values, memories, strict=True)
    ]
    highest, place = max((value, -n) for n, value in enumerate(worth))
    if highest < least:
        return None
    chosen, value = memories[-place], values[-place]
    meaning, own = said_today(turn, chosen), own_words(turn, chosen)
    return News(chosen, meaning, own, value, retrieval, cried=value < highest)


def is_stale(turn: Turn, memory: Memory, latest: Mapping[str, Memory]) -> bool:
    """Whether what a memory tells holds no longer: its time is over, or other words of the same were heard
    since. latest: see `latest_words`."""
    if is_over(turn, meaning_of(turn, memory), memory.created):
        return True
    since = latest.get(memory.fact)
    if since is None or since.created <= memory.created:
        return False
    said, now = meaning_of(turn, memory), meaning_of(turn, since)
    return said != now and said_today(turn, memory) != said_today(turn, since)


def latest_words(turn: Turn) -> dict[str, Memory]:
    """By fact, the last that one was told of it."""
    told = (one for one in turn.state.stream if one.kind == "speech" and one.fact)
    return {one.fact: one for one in told if meaning_of(turn, one)}


def meaning_of(turn: Turn, memory: Memory) -> str:
    """What of a memory can be told; "" for what one keeps to oneself and for mere small talk."""
    return turn.state.meanings.get(memory.id, "" if memory.kind in ("plan", "speech") else memory.text)


def said_today(turn: Turn, memory: Memory, text: str | None = None) -> str:
    """What can be told of a memory, or another text of it, as it is right to say today."""
    said_on, today = turn.clock.at(memory.created).date(), turn.observation.time.date()
    text = meaning_of(turn, memory) if text is None else text
    return in_words_of(text, said_on, today, turn.settings.language)


def own_words(turn: Turn, memory: Memory) -> str:
    """How one says a memory oneself: what is one's own in the first person."""
    own = turn.state.firsthand.get(memory.id)
    if own is None and memory.id in turn.state.witnessed:  # of what one did oneself
        own = first_person(turn, meaning_of(turn, memory))
    return said_today(turn, memory) if own is None else said_today(turn, memory, own)


def first_person(turn: Turn, text: str) -> str:
    """What is known of one, as one says it of oneself; as it is, where there is no way known."""
    found = _way(turn, text)
    if found is None:
        return text
    language = turn.settings.language
    return ones_own(ways(language)[found[0]] + text[found[1] :], language)


def asks_for(turn: Turn, text: str) -> bool:
    """Whether somebody else could help with what a wish says: it is a want, not a liking."""
    found = _way(turn, text)
    return found is not None and found[0] in phrases("asking", turn.settings.language)


def _way(turn: Turn, text: str) -> tuple[str, int] | None:
    """How a text says something of oneself, and where that ends; None where it says it in no known way."""
    for way in sorted(ways(turn.settings.language), key=len, reverse=True):
        for begins in (f"{turn.name} {way} ", f"{turn.name}{way}"):
            if text.startswith(begins):
                return way, len(begins.rstrip())
    return None


def wanting(turn: Turn) -> set[str]:
    """Words that say no more than that something is wanted, as `matters` gives them."""
    return matters(" ".join(way for way in ways(turn.settings.language) if not way.startswith(WORD)))


def remembered(turn: Turn, other: str) -> tuple[str, ...]:
    """What one thinks of another, the weightiest, for a prompt; without memory nothing."""
    if not turn.settings.memory:
        return ()
    about = [
        one
        for one in turn.state.stream
        if one.subjects == (other,)
        and (one.kind == "reflection" or (one.kind == "observation" and not one.created))
    ]
    weightiest = sorted(about, key=lambda one: (-one.importance, -one.row))[:REMEMBERED]
    return tuple(Remembered(one.text[:REMEMBERED_CHARS], one.created) for one in weightiest)


def names(name: str, text: str) -> bool:
    """Whether a text names somebody."""
    return stands_in(name, text)


def root(memory: Memory) -> str:
    """The id under which the record follows what a memory tells."""
    return memory.fact or memory.id
