"""Conversing: meaning first, words second.

What is said is an act about a memory, or about nothing: of those that are legal now the usual one, unless the
situation speaks for another (acts.py). Then it is worded, and the words are kept only if they still mean it.
Who told whom what is then known by construction.
"""

from __future__ import annotations

from dataclasses import replace

from burgh.agents.acts import NOTHING, Move, choose
from burgh.agents.news import (
    News,
    asks_for,
    find_news,
    first_person,
    is_stale,
    latest_words,
    meaning_of,
    names,
    own_words,
    remembered,
    root,
    said_today,
    wanting,
)
from burgh.agents.places import options_of, spoken
from burgh.agents.plan import current_entry
from burgh.agents.promise import appointment, clashes, firm_at, pledge, promise_text
from burgh.agents.prompts import Answering, AnsweringInTalk, Remembered, Words, WordsInTalk, phrases, sentence
from burgh.agents.react import upcoming
from burgh.agents.recall import recall
from burgh.agents.saying import note, say
from burgh.agents.state import Entry
from burgh.agents.turn import Turn
from burgh.agents.wording import matters, worded
from burgh.memory.record import Memory
from burgh.sim.types import Action, Percept

PARROTED = 0.85  # the cosine from which on an answer says no more than what was heard
LINES, LINE_CHARS = 2, 120  # of the conversation, in a prompt
PLAN_AHEAD_MINUTES = 30  # the least between a promise to come by and the coming


async def speak(turn: Turn) -> Action | None:
    """Answers who has spoken to one, or else turns to somebody near; None where there is nothing to say."""
    near = options_of(turn.observation.spec, "say", "to") or ()
    heard = [
        one
        for one in turn.observation.percepts
        if one.kind == "speech" and one.data["to"] == turn.name and one.data["speaker"] in near
    ]
    if heard:
        return await _reply(turn, heard[-1])
    for other in near:
        if _anew(turn, other):
            return await _open(turn, other)
    return None


def _anew(turn: Turn, other: str) -> bool:
    """Whether it is time to talk to somebody again; if so, that talk begins."""
    talk = turn.state.talk(other)
    if turn.tick - talk.last < turn.clock.ticks(turn.settings.talk_again_minutes):
        return False
    talk.turns, talk.last = 0, turn.tick
    return True


async def _open(turn: Turn, other: str) -> Action | None:
    """Turns to somebody: with news, with a wish, or with a good day."""
    talk = turn.state.talk(other)
    news = await find_news(turn, other)
    moves = [] if news is None else _tellings(turn, other, news)
    if not moves:
        words = sentence("greet", turn.settings.language, other=other)
        greeting = Move("greet", own=words, why=f"{other} is near and not yet greeted")
        moves = [Move(NOTHING) if talk.greeted else greeting]
    if news is None and (wish := _wish(turn, other)) is not None:
        talk.asked.add(wish.memory.id if wish.memory else "")
        moves.append(wish)
    move = await choose(turn, other, moves)
    return await _utter(turn, other, move)


def _tellings(turn: Turn, other: str, news: News) -> list[Move]:
    """Telling the news, and asking to come along where one goes for it oneself."""
    why = news.why(other)
    causes = (news.retrieval, turn.state.origin[news.memory.id])
    known = Remembered(news.meaning, news.memory.created)
    tell = Move("tell", news.memory, news.meaning, news.own, why, causes, known)
    start = upcoming(turn, meaning_of(turn, news.memory), news.memory.created)
    held = None if start is None else firm_at(turn, start)
    if held is None or held.memory not in turn.state.stream:
        return [tell]
    if root(turn.state.stream[held.memory]) != root(news.memory):
        return [tell]
    going = sentence("going", turn.settings.language, name=turn.name)
    return [tell, Move("invite", news.memory, news.meaning, news.own, why, causes, going)]


def _wish(turn: Turn, other: str) -> Move | None:
    """Asking for help with a wish, or making an offer about it to whom it concerns; each once to each."""
    talk = turn.state.talk(other)
    if not turn.settings.memory:
        return None
    for name in turn.state.wishes:
        if name in talk.asked or name not in turn.state.stream:
            continue
        wish = turn.state.stream[name]
        if not asks_for(turn, wish.text):
            continue
        known = (one for one in turn.state.stream if other in one.subjects and not one.created)
        concerned = [one for one in known if one.kind == "observation" and _share(turn, wish, one)]
        act = "bargain" if concerned else "ask"
        causes = [turn.state.origin[one.id] for one in (wish, *concerned)]
        own = first_person(turn, wish.text)
        why = f"{turn.name} has a wish, and {other} is near"
        knows = Remembered(" ".join(one.text for one in (wish, *concerned[:1])), wish.created)
        return Move(act, wish, wish.text, own, why, tuple(causes), knows)
    return None


def _share(turn: Turn, one: Memory, other: Memory) -> bool:
    """Whether two memories have a word in common that is no name, and more than that something is wanted."""
    people = {*one.subjects, *other.subjects, turn.name}
    return bool((matters(one.text, people) & matters(other.text, people)) - wanting(turn))


async def _reply(turn: Turn, heard: Percept) -> Action | None:
    """Answers what was said: agrees, declines, tells something in return, or ends by saying nothing."""
    other, act = str(heard.data["speaker"]), str(heard.data["act"])
    _anew(turn, other)
    talk = turn.state.talk(other)
    talk.last = turn.tick
    note(turn, other, other, str(heard.data["words"]), _heard_memory(turn, heard))
    if act == "end":
        talk.turns = turn.settings.talk_turns
    if talk.turns * 2 >= turn.settings.talk_turns:
        return None
    moves = await _replies(turn, heard, other, act)
    if not moves:
        return None
    line = sentence("says", turn.settings.language, speaker=other, words=str(heard.data["words"]))
    move = await choose(turn, other, moves, (line,))
    return await _utter(turn, other, move, heard)


async def _replies(turn: Turn, heard: Percept, other: str, act: str) -> list[Move]:
    """What one may say to that, the usual first; nothing ends the talk."""
    why, causes = f"{other} spoke to {turn.name}", (heard.event,)

    def plain(kind: str, key: str, because: str = why) -> Move:
        return Move(kind, own=sentence(key, turn.settings.language, other=other), why=because, causes=causes)

    if act == "invite":
        return _to_invitation(turn, heard, other)
    if _leaves(turn):
        kind = "decline" if act in ("ask", "bargain") else "end"
        busy = plain(kind, "busy", f"{turn.name} is expected elsewhere")
        return [busy] if act in ("ask", "bargain", "tell") else []
    if act == "ask":
        return await _to_question(turn, heard, other)
    if act == "bargain":
        wish = turn.persona.first_wish if turn.settings.memory else ""
        return [plain("decline", "decline"), replace(plain("agree", "accept"), knows=wish)]
    if act in ("agree", "promise"):
        return [plain("end", "end")]
    news = await find_news(turn, other)
    if news is not None:
        told = _tellings(turn, other, news)
        return [replace(move, causes=(*move.causes, *causes)) for move in told]
    if act == "tell":
        return [plain("answer", "thanks"), plain("end", "goodbye")]
    if act == "greet" and not turn.state.talk(other).greeted:
        return [plain("greet", "greet_back", f"{other} greeted {turn.name}")]
    return []


def _leaves(turn: Turn) -> bool:
    """Whether one is on the way to an appointment, or has to set out for it: too busy to talk at length."""
    entry = current_entry(turn)
    return entry is not None and entry.firm and entry.place != turn.observation.state["place"]


def _to_invitation(turn: Turn, heard: Percept, other: str) -> list[Move]:
    """Agreeing where one means to go there anyway; else declining, unless one is talked round."""
    memory = _heard_memory(turn, heard)
    causes = (heard.event,)
    sorry = sentence("decline", turn.settings.language, other=other)
    decline = Move("decline", own=sorry, why=f"{turn.name} has other plans", causes=causes)
    entry = appointment(turn, str(heard.data["meaning"]), turn.tick, other, memory) if memory else None
    if entry is None or clashes(turn, entry) or not turn.settings.planning:
        return [decline]
    held = firm_at(turn, entry.start)
    agree = Move(
        "agree",
        turn.state.stream[memory],
        promise_text(turn, entry, turn.name, other),
        _plain_promise(turn, "agree", other, entry),
        f"{turn.name} wants to be there" if held else f"{other} asks {turn.name} to come",
        (*causes, turn.state.origin[memory]),
        turn.persona.first_wish,
        entry,
    )
    return [agree] if held is not None else [decline, agree]


async def _to_question(turn: Turn, heard: Percept, other: str) -> list[Move]:
    """Answering with what comes to mind about it, else that one cannot help; or a promise to come by."""
    meaning, causes = str(heard.data["meaning"]), (heard.event,)
    people = {turn.name, other, *turn.state.talks}
    wanted, latest = matters(meaning, people) - wanting(turn), latest_words(turn)

    def helps(memory: Memory) -> bool:
        text = meaning_of(turn, memory)
        tells = bool(wanted & matters(text, people)) and not names(other, text)
        return tells and not is_stale(turn, memory, latest)

    found, retrieval = await recall(turn, meaning, 1, helps) if meaning else ((), "")
    why = f"{other} asked {turn.name}"
    unknown = sentence("unknown", turn.settings.language, other=other)
    moves = [Move("decline", own=unknown, why=f"{turn.name} knows nothing of it", causes=causes)]
    if found:
        known = found[0].memory
        told = said_today(turn, known)
        grounds = (retrieval, turn.state.origin[known.id], *causes)
        knows = Remembered(told, known.created)
        moves = [Move("answer", known, told, own_words(turn, known), why, grounds, knows)]
    memory = _heard_memory(turn, heard)
    entry = _coming_by(turn, other, memory) if memory and turn.settings.planning else None
    if entry is not None:
        text = promise_text(turn, entry, turn.name, other)
        own = _plain_promise(turn, "come_by", other, entry)
        moves.append(Move("promise", turn.state.stream[memory], text, own, why, causes, entry=entry))
    return moves


def _plain_promise(turn: Turn, key: str, other: str, entry: Entry) -> str:
    time = f"{turn.clock.at(entry.start):%H:%M}"
    return sentence(key, turn.settings.language, other=other, place=spoken(entry.place), time=time)


def _coming_by(turn: Turn, other: str, memory: str) -> Entry | None:
    """Coming back to where the two are, when the next habit of the day leaves time; None where none does."""
    soon = turn.tick + turn.clock.ticks(PLAN_AHEAD_MINUTES)
    habits = (one for one in turn.state.plan if one.kind == "habit" and one.start >= soon)
    later = next((one for one in habits if one.start < turn.state.day_ends), None)
    if later is None:
        return None
    entry = Entry(
        later.start,
        turn.clock.ticks(turn.settings.promise_minutes),
        str(turn.observation.state["place"]),
        phrases("visiting", turn.settings.language),
        memory=memory,
        firm=True,
        kind="promise",
        others=(other,),
    )
    return None if clashes(turn, entry) or firm_at(turn, entry.start) else entry


def _heard_memory(turn: Turn, heard: Percept) -> str:
    """The id of the memory that was made of something heard in this step; "" if none was."""
    event = heard.event
    return next((memory.id for memory, percept in turn.noticed if percept.event == event), "")


async def _utter(turn: Turn, other: str, move: Move, heard: Percept | None = None) -> Action | None:
    """The words of a move: the model's own where they mean it, else the plain form."""
    if move.act == NOTHING:
        return None
    if move.act in ("tell", "invite", "ask", "bargain") or (move.act == "answer" and move.memory):
        words = await _about_a_memory(turn, other, move)
        if move.act not in ("ask", "bargain") and move.memory is not None:
            _note_told(turn, other, move.memory)
    elif move.act == "answer" and heard is not None:
        asked = str(heard.data["words"])
        inputs = Answering(turn.name, other, asked)
        if turn.settings.writes:
            inputs = AnsweringInTalk(turn.name, other, asked, remembered(turn, other), _before(turn, other))
        words = await worded(
            turn,
            other,
            inputs,
            str(heard.data["meaning"]),
            plain=move.own,
            least_shared=0.2,
            says_all=False,
            most_likeness=PARROTED,
            purpose="answer",
        )
    else:
        words = move.own
    if move.entry is not None and move.memory is not None:
        pledge(turn, move.entry, move.meaning, move.memory)
    return say(turn, other, move, words)


async def _about_a_memory(turn: Turn, other: str, move: Move) -> str:
    language = turn.settings.language
    key = "tell" if move.act == "invite" else move.act
    inputs = Words(turn.name, other, move.own)
    if turn.settings.writes:
        inputs = WordsInTalk(turn.name, other, move.own, remembered(turn, other), _before(turn, other))
    plain = sentence(key, language, other=other, own=move.own)
    words = await worded(turn, other, inputs, move.own, plain=plain, least_shared=0.75)
    if move.act != "invite":
        return words
    return f"{words} {sentence('invited', language)}"


def _before(turn: Turn, other: str) -> tuple[tuple[str, str], ...]:
    """The last lines of the conversation but for the one that is answered, for a prompt."""
    lines = turn.state.talk(other).lines
    before = lines[:-1] if lines and lines[-1][0] == other else lines
    return tuple((speaker, words[:LINE_CHARS]) for speaker, words in before[-LINES:])


def _note_told(turn: Turn, other: str, memory: Memory) -> None:
    """All within earshot will know it: to whom it is news is noted, should it not be heard."""
    fact = root(memory)
    present = dict.fromkeys((other, *turn.observation.near))
    turn.state.told_now = tuple(name for name in present if fact not in turn.state.talk(name).knows)
    for name in turn.state.told_now:
        turn.state.talk(name).knows.add(fact)
