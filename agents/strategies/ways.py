"""The ways of asking: from a situation and a prompt file to an answer that the spec allows.

chain-of-thought: Wei et al. 2022; self-consistency: Wang et al. 2022; self-ask: Press et al. 2022; generated
knowledge: Liu et al. 2021; ReAct: Yao et al. 2022; plan, belief, replan: after AucArena (Chen et al. 2023);
reflexion: Shinn et al. 2023.
"""

from __future__ import annotations

import random
import statistics
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from burgh.agents.strategies.sitting import STOP, Sitting, whole
from burgh.agents.tools.bank import call_spec, tool
from burgh.agents.tools.base import Desk, Result, Tool, call
from burgh.sim.spec import ActionSpec, Choice, Form, InvalidAnswer, Text
from burgh.sim.types import Json

CALL_TOKENS = 48
ACTION, OBSERVATION = "Action:", "Observation:"
FOLLOW_UP = Choice("Are follow-up questions needed?", ("yes", "no"))


Way = Callable[[Sitting], Awaitable[Json | None]]


async def direct(at: Sitting) -> Json | None:
    """The answer at once, after the examples if there are any."""
    return await at.answer()


async def chain_of_thought(at: Sitting) -> Json | None:
    """A thought, then the answer."""
    await at.text(at.file.thought_cue, at.file.thought_tokens, "thought")
    return await at.answer()


async def self_consistency(at: Sitting) -> Json | None:
    """Several thoughts, an answer after each; the answer that most agree on, prices by their median."""
    thoughts = await at.ask.reply(
        "thought",
        at.prompt(at.file.thought_cue),
        Text(at.file.thought_cue, at.file.thought_tokens, may_be_empty=True),
        max_tokens=at.file.thought_tokens,
        samples=at.file.samples,
        temperature=at.file.temperature or 0.7,
        stop=STOP,
    )
    found: list[Json] = []
    before = list(at.said)
    for thought in thoughts:
        if found and not at.affords_more():
            break
        at.said = list(before)
        at.say(at.file.thought_cue, whole(thought, at.file.thought_sentences))
        found += await at.answers()
    at.said = before
    at.steps.append({"paths": found})
    return agreed(found, at.spec)


def agreed(answers: Sequence[Json], spec: ActionSpec) -> Json | None:
    """What most say: of forms the commonest first field, then the median of numbers among those who say so,
    cut to what the spec allows."""
    if not answers:
        return None
    if not isinstance(answers[0], Mapping):
        numbers = [one for one in answers if isinstance(one, int | float)]
        return _nearest(numbers, answers) if len(numbers) == len(answers) else _commonest(answers)
    first = next(iter(answers[0]))
    act = _commonest([one[first] for one in answers])
    like = [one for one in answers if one[first] == act]
    keys = [key for key in like[0] if all(key in one for one in like)]
    merged = {
        key: _nearest([one[key] for one in like], [one[key] for one in like])
        if all(isinstance(one[key], int | float) for one in like)
        else _commonest([one[key] for one in like])
        for key in keys
    }
    try:
        spec.validate(merged)
    except InvalidAnswer:
        return like[0]
    return merged


def _commonest(values: Sequence[Json]) -> Json:
    return Counter(values).most_common(1)[0][0]


def _nearest(numbers: Sequence[Any], among: Sequence[Json]) -> Json:
    """One of the numbers: the lower median, which is legal since somebody answered it."""
    return statistics.median_low(numbers) if numbers else among[0]


async def self_ask(at: Sitting) -> Json | None:
    """Follow-up questions first, each answered by a tool if it has some, else from memory, else in words."""
    for _ in range(at.file.most_steps):
        if not at.affords_more():
            break
        cue = at.prompt(FOLLOW_UP.question)
        more = await at.ask.reply("follow up?", cue, FOLLOW_UP, max_tokens=4)
        if more[0].strip() != "yes":
            break
        question = await at.text("Question:", at.file.thought_tokens, "self-ask")
        if not question:
            break
        found = await use_tool(at) if at.file.tools else from_memory(at, question)
        if found:
            at.say("Answer to it:", found)
        else:
            await at.text("Answer to it:", at.file.thought_tokens, "self-ask")
    return await at.answer()


def from_memory(at: Sitting, question: str) -> str:
    """What is remembered of it, or ""."""
    if not at.desk.memories and not at.desk.notes:
        return ""
    desk = Desk(at.desk.agent, at.desk.state, at.desk.notes, (*at.desk.memories, *at.desk.notes))
    found = call(tool("recall"), {"about": question}, desk)
    return "" if found.fault or found.text.startswith("you remember nothing") else found.text


async def generated_knowledge(at: Sitting) -> Json | None:
    """What is known of such situations, some lines of it, then the answer."""
    for _ in range(at.file.most_steps):
        if not at.affords_more():
            break
        await at.text("Knowledge:", at.file.thought_tokens, "knowledge")
    return await at.answer()


async def react(at: Sitting) -> Json | None:
    """Thought, tool call, observation, again, until it answers or has taken all its steps."""
    tools = at.tools()
    for step in range(at.file.most_steps):
        await at.text(at.file.thought_cue, at.file.thought_tokens, "thought")
        if not tools or not at.affords_more():
            break
        if step > 0:
            looks, answers = await at.ask.score_prompt("act or answer", at.line(), (ACTION, at.file.cue))
            if answers >= looks:
                break
        if not await use_tool(at, tools):
            break
    return await at.answer()


async def use_tool(at: Sitting, tools: Sequence[Tool] | None = None) -> str:
    """Has the model call a tool; what comes back is said. "" where nothing could be called."""
    usable = tools or at.tools()
    if not usable:
        return ""
    spec = call_spec(usable)
    (text,) = await at.ask.reply("tool", at.prompt(ACTION), spec, max_tokens=CALL_TOKENS)
    try:
        wanted = spec.parse(text.strip())
    except InvalidAnswer as error:
        at.steps.append({"broken": text[:200], "why": str(error)})
        return ""
    name, asked = wanted["tool"], wanted["arguments"]
    given = shuffled(asked, tool(name).form(), at.rng, at.desk.state) if at.file.shuffle_results else asked
    found = at.call(tool(name), given)
    if found.note:
        at.notes.append(found.note)
    shown = disguised(found, given, asked)
    at.steps.append({"tool": name, "arguments": asked, "result": shown, "fault": found.fault})
    at.say(ACTION, spec.write(wanted))
    at.say(OBSERVATION, shown)
    return shown


def shuffled(
    arguments: Mapping[str, Json], form: Form, rng: random.Random, state: Mapping[str, Json]
) -> dict[str, Json]:
    """Other arguments of the same form, so that the result is that of another situation: for a value another
    drawn from the law of values that all know, which says nothing of one's own; without one, any number up to
    twice as much."""
    law = state.get("law", {}).get("quantiles", ())
    numbers = [key for key, value in arguments.items() if isinstance(value, int)]
    drawn = {key: round(rng.choice(law)) if law else rng.randint(0, 2 * arguments[key]) for key in numbers}
    return {**form.sample(rng), **drawn}


def disguised(found: Result, given: Mapping[str, Json], wanted: Mapping[str, Json]) -> str:
    """The result as if it were of the arguments that were wanted."""
    text = found.text
    for key, value in given.items():
        if value != wanted[key]:
            text = text.replace(f"{key} of {value} ", f"{key} of {wanted[key]} ")
    return text


async def plan_belief_replan(at: Sitting) -> Json | None:
    """Notes hold the plan and the beliefs about rivals, as the mind revises them after each sale."""
    for note in at.desk.notes:
        at.said.append(note)
    await at.text(at.file.thought_cue, at.file.thought_tokens, "thought")
    return await at.answer()


async def reflexion(at: Sitting) -> Json | None:
    """Lessons of the games before stand before the answer."""
    for note in at.desk.notes:
        at.said.append(note)
    return await at.answer()


WAYS: Mapping[str, Way] = {
    "direct": direct,
    "chain-of-thought": chain_of_thought,
    "self-consistency": self_consistency,
    "self-ask": self_ask,
    "generated-knowledge": generated_knowledge,
    "react": react,
    "plan-belief-replan": plan_belief_replan,
    "reflexion": reflexion,
}
