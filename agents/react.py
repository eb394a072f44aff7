"""Reacting: what news of a time and a place changes in the plan."""

from __future__ import annotations

from burgh.agents.day import doings
from burgh.agents.places import destinations, mentioned, spoken
from burgh.agents.plan import adopt, entry_at
from burgh.agents.prompts import Seeing, Whereabouts, phrases, sentence
from burgh.agents.state import Entry
from burgh.agents.turn import Turn
from burgh.agents.when import ticks_named
from burgh.memory.record import Memory
from burgh.sim.types import Percept

NEWS = ("speech", "whisper")  # the kinds of memory that can change a plan


async def revise(turn: Turn) -> None:
    """Thinks over the news of this step that names a time still to come: does it change where to be then?"""
    for memory, _ in tuple(turn.made):
        meaning = turn.state.meanings.get(memory.id, "")
        root = memory.fact or memory.id
        if memory.kind not in NEWS or not meaning or root in turn.state.considered:
            continue
        start = upcoming(turn, meaning, memory.created)
        if start is not None:
            turn.state.considered.add(root)
            await _consider(turn, memory, meaning, start)


def upcoming(turn: Turn, meaning: str, said: int) -> int | None:
    """The first tick still to come of the times that news names, which was said at a tick."""
    named = ticks_named(meaning, said, turn.clock, turn.settings.language)
    return next((tick for tick in named if tick > turn.tick), None)


def is_over(turn: Turn, meaning: str, said: int) -> bool:
    """Whether all the times that a text names have passed: such news is stale."""
    named = ticks_named(meaning, said, turn.clock, turn.settings.language)
    return bool(named) and all(tick <= turn.tick for tick in named)


async def _consider(turn: Turn, memory: Memory, meaning: str, start: int) -> None:
    """Scores each place given the news against the same without it: what the news speaks for."""
    planned = planned_place(turn, start)
    if mentioned((planned,), meaning):  # one will be there anyway: it is no reason to go elsewhere
        return
    places = known_places(turn, meaning)
    options = [f" {spoken(path)}" for path in places]
    when = f"{turn.clock.at(start):%H:%M}"
    contexts = [
        Whereabouts(turn.name, turn.persona.job, turn.persona.first_wish, when, heard)
        for heard in (meaning, "")
    ]
    given, neutral = await turn.ask.score_all("react", contexts, options)
    gains = {spoken(path): after - before for path, after, before in zip(places, given, neutral, strict=True)}
    best = max(places, key=lambda path: gains[spoken(path)])
    gain = gains[spoken(best)] - gains.get(spoken(planned), 0.0)
    if spoken(best) == spoken(planned) or gain < turn.settings.react_margin:
        return
    visit = Entry(
        start,
        turn.clock.ticks(turn.settings.visit_minutes),
        best,
        phrases("visiting", turn.settings.language),
        memory=memory.id,
        firm=True,
        kind="visit",
    )
    text = sentence("visit", turn.settings.language, name=turn.name, place=spoken(best), time=when)
    intend(turn, visit, text, memory)


async def look_up(turn: Turn) -> None:
    """Whether what is seen of this step, and matters, breaks into what one does: then one goes to look."""
    for memory, percept in turn.noticed:
        if percept.kind != "sight" or memory.importance < turn.settings.react_rating:
            continue
        if memory.text in turn.state.considered or turn.observation.state.get("asleep"):
            continue
        turn.state.considered.add(memory.text)
        await _break_off(turn, memory, percept)


async def _break_off(turn: Turn, memory: Memory, percept: Percept) -> None:
    language = turn.settings.language
    now = entry_at(turn.state.plan, turn.tick)
    doing = turn.state.doing or (now.doing[0] if now else doings("day", language)[-1])
    options = [f" {reaction}" for reaction in phrases("reactions", language)]
    contexts = [Seeing(turn.name, turn.persona.job, doing, seen) for seen in (memory.text, "")]
    given, neutral = await turn.ask.score_all("look up", contexts, options)
    goes_on, looks = (after - before for after, before in zip(given, neutral, strict=True))
    cause = turn.state.origin[memory.id]
    if looks - goes_on < turn.settings.react_margin:
        turn.events.add("kept", turn.name, {"why": f"{memory.text} {turn.name} goes on {doing}."}, (cause,))
        return
    here, there = str(turn.observation.state["place"]), str(percept.data.get("place", ""))
    place = there if there in destinations(turn.observation.spec) else here
    entry = Entry(
        turn.tick,
        turn.clock.ticks(turn.settings.react_minutes),
        place,
        phrases("visiting", language),
        memory=memory.id,
        firm=True,
        kind="reaction",
    )
    turn.state.pieces = ()
    intend(turn, entry, sentence("react", language, name=turn.name, place=spoken(place)), memory)


def intend(turn: Turn, visit: Entry, text: str, memory: Memory) -> None:
    """Adds an appointment to the plan, for a memory, and keeps that as one; it matters as that does."""
    plan = turn.remember(
        "plan",
        text,
        memory.importance,
        causes=(turn.state.origin[memory.id],),
        subjects=visit.others,
        evidence=(memory.id,),
        fact=memory.fact,
        place=visit.place,
        start=visit.start,
        ticks=visit.ticks,
    )
    turn.state.meanings[plan.id] = ""
    causes = (turn.state.origin[plan.id], turn.state.origin[memory.id])
    adopt(turn, [*turn.state.plan, visit], "revised", causes)


def planned_place(turn: Turn, tick: int) -> str:
    """Where one would be at a tick: as planned; on a day that is not planned yet, as is the habit."""
    there = entry_at(turn.state.plan, tick)
    if there is not None:
        return there.place
    clock = f"{turn.clock.at(tick):%H:%M}"
    for stroke in reversed(turn.persona.day):
        end = stroke.at.hour * 60 + stroke.at.minute + stroke.minutes
        if f"{stroke.at:%H:%M}" <= clock < f"{end // 60:02}:{end % 60:02}":
            return stroke.choices[0].place
    return turn.persona.home


def known_places(turn: Turn, meaning: str) -> list[str]:
    """One path for each building or area of the agent's own plan, its home, and those the news names."""
    everywhere = destinations(turn.observation.spec)
    own = [turn.persona.home, *(entry.place for entry in turn.state.plan)]
    paths: dict[str, str] = {}
    for path in (*own, *mentioned(everywhere, meaning)):
        paths.setdefault(spoken(path), path)
    return list(paths.values())
