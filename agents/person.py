"""A villager whose deeds and words are a person's: it perceives and remembers like the others."""

from __future__ import annotations

from collections.abc import Sequence

from burgh.agents.asking import Asker
from burgh.agents.llm.person import MAY_PASS, NOTHING
from burgh.agents.mind import GenerativeMind
from burgh.agents.places import spoken
from burgh.agents.plan import current_entry
from burgh.agents.turn import Turn
from burgh.sim.protocols import LanguageModel, Prompt
from burgh.sim.spec import clean_text
from burgh.sim.types import Action, BurghError, Json, Percept

MOST_CHARS = 480  # of what is meant
ANSWER_TOKENS = 120


class Person(GenerativeMind):
    """A Mind (see sim/protocols.py). seat: who is asked what to do; set by whoever builds the run."""

    seat: LanguageModel | None = None

    async def decide(self, turn: Turn) -> Action | None:
        """Asks the person: when there is nothing under way, and when somebody speaks to them."""
        spoken_to = [one for one in turn.observation.percepts if _addresses(one, self.name)]
        if not (turn.observation.free or spoken_to):
            return None
        if self.seat is None:
            raise BurghError(f"nobody is there to play {self.name}: name the seat with --play {self.name}")
        ask = Asker(self.seat, self.name, turn.tick, self.seed, turn.events, turn.state.prompts)
        prefix = "" if turn.observation.free else MAY_PASS
        spec = turn.observation.spec
        prompt = Prompt(prefix, _situation(turn))
        (text,) = await ask.reply("play", prompt, spec, max_tokens=ANSWER_TOKENS)
        if text == NOTHING:
            return None
        answer = _meant(turn, spec.parse(text))
        causes = [percept.event for percept in turn.observation.percepts]
        return turn.decide(answer, f"{self.name} is played by a person", causes)


def _addresses(percept: Percept, name: str) -> bool:
    return percept.kind == "speech" and percept.data["to"] == name


def _situation(turn: Turn) -> str:
    """When and where one is, what is new, and what the plan says."""
    seen = turn.observation
    where = str(seen.state.get("where", ""))
    lines = [f"{seen.time:%H:%M}: you are {turn.name}, {where}."]
    if seen.near:
        lines.append(f"Near you: {', '.join(seen.near)}.")
    lines += [percept.text for percept in seen.percepts]
    entry = current_entry(turn)
    if entry is not None:
        lines.append(f"Your plan for now: {entry.doing[0]} at the {spoken(entry.place)}.")
    if isinstance(money := seen.state.get("money"), int):
        lines.append(f"In your purse: {money} coins.")
    return "\n".join(lines)


def _meant(turn: Turn, answer: Json) -> Json:
    """What a person says is meant as it is said; if it passes a piece of news on, it is that news."""
    if answer.get("tool") != "say" or answer["arguments"].get("meaning"):
        return answer
    arguments = dict(answer["arguments"])
    if arguments["act"] in ("greet", "end"):
        return answer
    arguments["meaning"] = clean_text(str(arguments["words"]), MOST_CHARS)
    for memory in reversed(tuple(turn.state.stream)):
        meaning = turn.state.meanings.get(memory.id) or memory.text
        if memory.fact and _plain(meaning) in _plain(str(arguments["words"])):
            arguments |= {"meaning": meaning, "fact": memory.fact, "subject": memory.id}
            break
    return {**answer, "arguments": arguments}


def _plain(text: str) -> str:
    words: Sequence[str] = "".join(c if c.isalnum() or c == ":" else " " for c in text.casefold()).split()
    return " ".join(words)
