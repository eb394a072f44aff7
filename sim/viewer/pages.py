"""The pages of the mind inspector. Each is written from a moment of a run, and keeps nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import pygame

from burgh.assets.art import palette as pal
from burgh.sim.viewer.mind import MEMORY_KINDS, MemoryLine, Picked, PlanLine
from burgh.sim.viewer.moment import Moment
from burgh.sim.viewer.names import face_of
from burgh.sim.viewer.page import Page, Wish
from burgh.sim.viewer.sprites import Atlas
from burgh.sim.viewer.thoughts import Call, calls, decisions, relations
from burgh.sim.viewer.treepage import write_tree

PARTS = (("recency", pal.BLUE[1]), ("importance", pal.WHEAT[0]), ("relevance", pal.TIMBER[0]))
KIND_COLOURS = {
    "observation": pal.PARCHMENT[0],
    "speech": pal.BLUE[2],
    "whisper": pal.BLUE[0],
    "reflection": pal.WHEAT[1],
    "plan": pal.TIMBER[1],
}


@dataclass(slots=True)
class Reading:
    """What one has chosen to see. decision: counted back from the latest. whole: calls whose prompt is shown
    from its first word."""

    words: str = ""
    kind: str = ""
    decision: int = 0
    decisions: int = 0
    whole: set[int] = field(default_factory=set)


class Writer(Protocol):
    def __call__(
        self, page: Page, moment: Moment, reading: Reading, *, typing: bool, atlas: Atlas
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class InspectorPage:
    """wide: needs a wide panel. chooses: the arrows choose something on it."""

    name: str
    write: Writer
    wide: bool = False
    chooses: bool = False


def _now(page: Page, moment: Moment, reading: Reading, *, typing: bool, atlas: Atlas) -> None:
    minds, person = moment.playback.minds, moment.person
    mind = minds.view(person.name, moment.tick, moment.playback.clock, doing=moment.doing, memories=6)
    page.title("Now", gap=0)
    page.text(mind.doing, 14, pal.TEXT, 2)
    if mind.why:
        page.text(mind.why, 12, pal.TEXT_SOFT, 3)
    bidder = moment.scene.sale.bidders.get(person.name)
    if bidder is not None:
        page.title("Purse and things")
        coins = " coins" if moment.scene.town.width else ""
        began = f" of {bidder.start_money:,}" if bidder.money != bidder.start_money else ""
        page.text(f"{bidder.money:,}{began}{coins}{' to begin with' if began else ''}", 13)
        for good, many in bidder.goods.items():
            page.text(f"{many} x {good}" if many != 1 else good, 12, pal.TEXT_SOFT)
    for title, lines, most in (("Plan", mind.plan, 8), ("This hour", mind.hour, 5)):
        if lines:
            page.title(title)
            _plan(page, lines, most)
    if mind.picked:
        page.title("Called to mind")
        page.text(mind.query, 12, pal.TEXT_SOFT, 2)
        _legend(page)
        for picked in mind.picked[:5]:
            _recalled(page, picked)
    if mind.memories:
        page.title(f"Newest of {mind.memory_count} memories")
        for memory in mind.memories:
            _memory(page, memory, moment)


def _plan(page: Page, lines: tuple[PlanLine, ...], most: int) -> None:
    """The entries about the current one, which is marked."""
    fonts, px = page.fonts, page.fonts.px
    now = next((i for i, line in enumerate(lines) if line.current), None)
    first = 0 if now is None else max(0, min(now - 2, len(lines) - most))
    for line in lines[first : first + most]:
        what = f"{line.activity}, {line.place}" if line.place else line.activity
        step = fonts.height(13, what)
        if page.seen(step):
            if line.current:
                mark = pygame.Rect(page.x - px(4), page.y - 1, page.width + px(8), step + 2)
                pygame.draw.rect(page.target, pal.WHEAT[2], mark, border_radius=px(4))
                points = [(page.x + px(37), page.y + step // 4 + d) for d in (0, step // 2)]
                tip = (page.x + px(42), page.y + step // 2)
                pygame.draw.polygon(page.target, pal.ACCENT, [*points, tip])
            time = fonts.draw(line.start, 13, pal.ACCENT)
            page.target.blit(time, (page.x, page.y + (step - fonts.height(13)) // 2))
            text = fonts.wrap(what, 13, max(20, page.width - px(48)), 1)[0]
            page.target.blit(fonts.draw(text, 13, pal.TEXT), (page.x + px(46), page.y))
        page.y += step + px(1)


def _legend(page: Page) -> None:
    """What the three bars are."""
    step = page.fonts.height(10)
    if page.seen(step):
        for i, (part, colour) in enumerate(PARTS):
            x = page.x + i * (page.width + page.fonts.px(6)) // 3
            page.target.blit(page.fonts.draw(part, 10, colour), (x, page.y))
    page.y += step


def _recalled(page: Page, picked: Picked) -> None:
    """A memory with the three parts of its score as bars."""
    px = page.fonts.px
    page.text(picked.text, 12, pal.TEXT, 2)
    each = (page.width - 2 * px(6)) // 3
    if page.seen(px(6)):
        for i, (part, colour) in enumerate(PARTS):
            bar = pygame.Rect(page.x + i * (each + px(6)), page.y, each, px(5))
            pygame.draw.rect(page.target, pal.PARCHMENT[0], bar, border_radius=2)
            bar.width = round(each * max(0.0, min(1.0, getattr(picked, part))))
            pygame.draw.rect(page.target, colour, bar, border_radius=2)
    page.y += px(9)


def _memory(page: Page, memory: MemoryLine, moment: Moment, *, time: bool = False) -> None:
    """A memory with its kind as a colour, its importance as a gauge; what was told says by whom."""
    fonts, px = page.fonts, page.fonts.px
    top, indent = page.y, px(12) + (px(34) if time else 0)
    if time and page.seen(fonts.height(12)):
        page.target.blit(fonts.draw(moment.time(memory.created), 11, pal.TEXT_SOFT), (page.x + px(11), top))
    told = f" (from {memory.told_by})" if memory.told_by else ""
    page.text(memory.text + told, 12, pal.TEXT, 4, indent)
    if page.seen(0) or page.y > page.box.top:
        gauge = pygame.Rect(page.x, top + px(2), px(6), max(4, page.y - top - px(4)))
        pygame.draw.rect(page.target, pal.INK, gauge, border_radius=2)
        pygame.draw.rect(page.target, pal.PARCHMENT[2], gauge.inflate(-2, -2))
        filled = gauge.inflate(-2, -2)
        filled.height = max(1, round(filled.height * memory.weight))
        filled.bottom = gauge.bottom - 1
        pygame.draw.rect(page.target, KIND_COLOURS.get(memory.kind, pal.PARCHMENT[0]), filled)
    page.hit(top, Wish(tick=memory.created))
    page.y += px(3)


def _memories(page: Page, moment: Moment, reading: Reading, *, typing: bool, atlas: Atlas) -> None:
    held = moment.playback.minds.memories(moment.person.name, moment.tick)
    page.field(reading.words, "search the memories: Y", "words", typing=typing)
    counts = {kind: sum(memory.kind == kind for memory in held) for kind in MEMORY_KINDS}
    chips: list[tuple[str, object]] = [(f"all {len(held)}", ("kind", ""))]
    chips += [(f"{kind} {counts[kind]}", ("kind", kind)) for kind in MEMORY_KINDS if counts[kind]]
    page.chips(chips, ("kind", reading.kind))
    found = [memory for memory in held if _fits(memory, reading)]
    if not found:
        page.text("no memory like that", 12, pal.TEXT_SOFT)
    for memory in reversed(found):
        _memory(page, memory, moment, time=True)


def _fits(memory: MemoryLine, reading: Reading) -> bool:
    kind = not reading.kind or memory.kind == reading.kind
    text = f"{memory.text} {memory.told_by}".lower()
    return kind and all(word in text for word in reading.words.lower().split())


def _people(page: Page, moment: Moment, reading: Reading, *, typing: bool, atlas: Atlas) -> None:
    px = page.fonts.px
    held = moment.playback.minds.memories(moment.person.name, moment.tick)
    found = relations(held, moment.person.name, list(moment.scene.people))
    if not found:
        page.text("knows nobody yet", 12, pal.TEXT_SOFT)
    most = max((relation.count for relation in found), default=1)
    for relation in found[:60]:
        top, side = page.y, px(30)
        person = moment.scene.people[relation.name]
        if page.seen(px(60)):
            face = face_of(atlas, (person.name, tuple(sorted(person.look.items()))), side)
            page.target.blit(face, (page.x, top))
        page.text(relation.name, 14, pal.TEXT, 1, px(38))
        bar = pygame.Rect(page.x + px(38), page.y + px(1), page.width - px(40), px(5))
        if page.seen(px(8)):
            pygame.draw.rect(page.target, pal.PARCHMENT[0], bar, border_radius=2)
            bar.width = max(2, round(bar.width * relation.count / most))
            pygame.draw.rect(page.target, pal.BLUE[1], bar, border_radius=2)
        page.y += px(8)
        told = f", of these {relation.heard} told by {relation.name}" if relation.heard else ""
        page.text(f"{relation.count} memories{told}", 11, pal.TEXT_SOFT, 1, px(38))
        if relation.insight:
            page.text(f"thinks: {relation.insight}", 12, pal.ACCENT, 2, px(38))
        page.text(f"{moment.time(relation.last.created)}  {relation.last.text}", 11, pal.TEXT, 2, px(38))
        page.hit(top, Wish(select=relation.name))
        page.gap(7)


def _prompts(page: Page, moment: Moment, reading: Reading, *, typing: bool, atlas: Atlas) -> None:
    fonts, px, table = page.fonts, page.fonts.px, moment.playback.table
    found = decisions(table, moment.person.name, moment.tick)
    reading.decisions = len(found)
    reading.decision = max(0, min(len(found) - 1, reading.decision))
    page.title("Decisions, the latest first", gap=0)
    if not found:
        page.text("nothing was decided yet", 12, pal.TEXT_SOFT)
        return
    first = max(0, min(reading.decision - 2, len(found) - 5))
    for number, decision in enumerate(found[first : first + 5], first):
        top, step = page.y, fonts.height(12)
        if number == reading.decision and page.seen(step):
            mark = pygame.Rect(page.x - px(4), top - 1, page.width + px(8), step + 2)
            pygame.draw.rect(page.target, pal.WHEAT[2], mark, border_radius=px(4))
        if page.seen(step):
            page.target.blit(fonts.draw(moment.time(decision.tick), 12, pal.ACCENT), (page.x, top))
        page.text(decision.answer, 12, pal.TEXT, 1, px(42))
        page.hit(top, ("decision", number))
        page.y += px(1)
    chosen = found[reading.decision]
    if chosen.why:
        page.gap(3)
        page.text(f"because {chosen.why}", 12, pal.TEXT_SOFT, 2)
    made = calls(table, moment.person.name, chosen.tick)
    if not made:
        page.title("No question to the language model")
        page.text("habit decided", 12, pal.TEXT_SOFT)
    for number, call in enumerate(made):
        _call(page, call, number, whole=number in reading.whole)


def _call(page: Page, call: Call, number: int, *, whole: bool) -> None:
    px = page.fonts.px
    page.title(f"{call.purpose}: {call.tokens_in} tokens in, {call.tokens_out} out")
    top = page.y
    if call.prefix:
        lines = call.prefix.rstrip().splitlines()
        shown = lines if whole else ["… (click for all of the prompt)", *lines[-2:]]
        for line in shown:
            page.text(line, 11, pal.TEXT_SOFT)
    page.text(call.suffix, 12, pal.TEXT)
    page.hit(top, ("call", number))
    for text, share in call.options[:8]:
        bar = pygame.Rect(page.x, page.y + px(2), px(70), page.fonts.height(12) - px(4))
        if page.seen(bar.height):
            pygame.draw.rect(page.target, pal.PARCHMENT[0], bar, border_radius=2)
            bar.width = max(1, round(bar.width * share))
            pygame.draw.rect(page.target, pal.BLUE[1], bar, border_radius=2)
        page.text(f"{share:.0%}  {text.strip()}", 12, pal.TEXT, 2, px(78))
    for reply in call.replies:
        page.gap(2)
        page.text(f"reply: {reply.strip()}", 12, pal.ACCENT)


def _tree(page: Page, moment: Moment, reading: Reading, *, typing: bool, atlas: Atlas) -> None:
    write_tree(page, moment, KIND_COLOURS)


PAGES = (
    InspectorPage("Now", _now),
    InspectorPage("Memories", _memories),
    InspectorPage("Thoughts", _tree, wide=True),
    InspectorPage("People", _people),
    InspectorPage("Prompts", _prompts, wide=True, chooses=True),
)
