"""What a strong model writes of a reflection: questions, and insights that can cite only what was shown.

Evidence is a choice among the numbers of the statements shown: another cannot be written under the grammar,
and a reply that breaks its form in spite of it is passed over, which the record shows.
"""

from __future__ import annotations

from burgh.agents.prompts import Concluding, Remembered, Wondering
from burgh.agents.turn import Turn
from burgh.memory.record import Memory
from burgh.sim.protocols import Prompt
from burgh.sim.spec import Choice, Form, InvalidAnswer, Text, clean_text

QUESTION_TOKENS, INSIGHT_TOKENS = 24, 40
REPLY_TOKENS = 120
MOST_CHARS = 200
NONE = "none"


async def write_questions(turn: Turn, lately: tuple[str, ...]) -> list[str]:
    """The most salient questions, written at once as a form; none where the reply breaks it."""
    names = [f"question_{n}" for n in range(1, turn.settings.focal_points + 1)]
    form = Form(tuple((name, Text("Which question?", QUESTION_TOKENS)) for name in names))
    prompt, _ = turn.ask.fitted("question", Wondering(lately, len(names)), reply_tokens=REPLY_TOKENS)
    answer = await _filled(turn, "question", prompt, form)
    texts = (clean_text(str(answer[name]), MOST_CHARS) for name in names if name in answer)
    return list(dict.fromkeys(text for text in texts if text))


async def write_insights(turn: Turn, question: str, evidence: list[Memory]) -> list[tuple[str, list[Memory]]]:
    """Insights with what each rests on: at least one of the memories shown, and at most two."""
    statements = tuple(Remembered(clean_text(one.text, MOST_CHARS), one.created) for one in evidence)
    prompt, left_out = turn.ask.fitted("reflect", Concluding(question, statements), reply_tokens=REPLY_TOKENS)
    gone = set(map(id, left_out))
    evidence = [one for one, said in zip(evidence, statements, strict=True) if id(said) not in gone]
    numbers = tuple(str(n) for n in range(1, len(evidence) + 1))
    if not numbers:
        return []
    form = Form(
        (
            ("insight", Text("What follows?", INSIGHT_TOKENS)),
            ("because", Choice("Of which statement?", numbers)),
            ("and", Choice("And of which other?", (*numbers, NONE))),
        )
    )
    answer = await _filled(turn, "reflect", prompt, form)
    text = clean_text(str(answer.get("insight", "")), MOST_CHARS)
    if not text:
        return []
    cited = dict.fromkeys(str(answer[key]) for key in ("because", "and") if answer[key] != NONE)
    return [(text, [evidence[int(number) - 1] for number in cited])]


async def _filled(turn: Turn, purpose: str, prompt: Prompt, form: Form) -> dict[str, str]:
    """The form as the model fills it; empty where its reply is none, which is recorded as kept."""
    (reply,) = await turn.ask.reply(purpose, prompt, form, max_tokens=REPLY_TOKENS)
    try:
        answer = form.parse(reply)
        form.validate(answer)
    except InvalidAnswer as error:
        turn.events.add("kept", turn.name, {"why": f"the reply broke its form: {error}"})
        return {}
    return {key: str(value) for key, value in answer.items()}
