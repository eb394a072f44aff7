"""Where children come from: chance, other orders of the examples, or a language model that writes (APE).

APE: Zhou and others 2022, "Large Language Models Are Human-Level Prompt Engineers": a model is shown what
good players answered and writes the instruction that they may have had; then what is near the best so far.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files

from burgh.agents.strategies.files import Example, PromptFile, built_in, names
from burgh.scenarios.evolve.candidate import Candidate
from burgh.scenarios.evolve.run import Proposal, Seen
from burgh.scenarios.evolve.writer import Writer
from burgh.sim.types import BurghError

WIDEST = 20  # percent of the value that a scripted bidder's shade is changed by at most
MOST_EXAMPLES = 8
SHOWN_PAIRS = 5
MOST_SITUATION = 300  # characters of a situation that a writing model is shown
TRIES = 40  # of chance, for children that were not there before


@dataclass
class ByChance:
    """Random search: another shade near the parent's, or one change to the prompts."""

    tokens: int = 0
    looks: bool = False

    def propose(self, seen: Seen, count: int, rng: random.Random) -> Sequence[Proposal]:
        found: dict[str, Proposal] = {}
        for _ in range(TRIES * count):
            proposal = _shade(seen, rng) if seen.parent.file is None else _changed(seen.parent.file, rng)
            if proposal.candidate.id not in seen.known:
                found.setdefault(proposal.candidate.id, proposal)
            if len(found) == count:
                break
        return list(found.values())


def _shade(seen: Seen, rng: random.Random) -> Proposal:
    """A step that is the smaller the more rounds have brought nothing."""
    idle = 0
    for one in reversed(seen.rounds):
        if one.accepted:
            break
        idle += 1
    widest = max(3, WIDEST >> min(idle, 3))
    percent = max(0, min(200, seen.parent.percent + rng.choice((-1, 1)) * rng.randint(1, widest)))
    return Proposal(Candidate(percent=percent), f"{percent - seen.parent.percent:+} percent, by chance")


def _changed(file: PromptFile, rng: random.Random) -> Proposal:
    """One change, by chance."""
    ways = ["instructions"]
    if len(file.examples) > 1:
        ways += ["order", "fewer"]
    if len(file.examples) < MOST_EXAMPLES and file.kind == "direct":
        ways.append("more")
    way = rng.choice(ways)
    examples = list(file.examples)
    if way == "instructions":
        text = rng.choice([one for one in sentences() if one != file.instructions.strip()])
        return Proposal(Candidate(file).with_instructions(text), "other instructions, by chance")
    if way == "order":
        rng.shuffle(examples)
    elif way == "fewer":
        del examples[rng.randrange(len(examples))]
    else:
        others = [one for one in bank() if one not in examples]
        if others:
            examples.insert(rng.randrange(len(examples) + 1), rng.choice(others))
    said = {"order": "examples in another order", "fewer": "an example less", "more": "an example more"}[way]
    return Proposal(Candidate(file.model_copy(update={"examples": tuple(examples)})), f"{said}, by chance")


@cache
def sentences() -> tuple[str, ...]:
    """Instructions written by hand, to choose from."""
    text = (files("burgh.scenarios") / "evolve" / "sentences.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line)


@cache
def bank() -> tuple[Example, ...]:
    """The worked examples without steps of all our strategies."""
    found = (example for name in names() for example in built_in(name).examples if not example.steps)
    return tuple(dict.fromkeys(found))


@dataclass
class ByOrder:
    """The same examples in other orders, which may matter more than the examples (Lu and others 2022)."""

    tokens: int = 0
    looks: bool = False

    def propose(self, seen: Seen, count: int, rng: random.Random) -> Sequence[Proposal]:
        file = _prompts(seen.parent, "order")
        if len(file.examples) < 2:
            raise BurghError(
                f"--optimizer order: {file.name} has {len(file.examples)} examples: start with more"
            )
        found = {}
        for _ in range(TRIES * count):
            order = rng.sample(range(len(file.examples)), len(file.examples))
            child = Candidate(file.model_copy(update={"examples": tuple(file.examples[n] for n in order)}))
            if child.id not in seen.known and child.id not in found:
                found[child.id] = Proposal(
                    child, f"the examples in the order {' '.join(str(n + 1) for n in order)}"
                )
            if len(found) == count:
                break
        return list(found.values())


@dataclass
class Ape:
    """A model writes: half from what the parent's best games looked like, half near the parent's words."""

    writer: Writer
    looks: bool = field(default=True, init=False)

    @property
    def tokens(self) -> int:
        return self.writer.tokens

    def propose(self, seen: Seen, count: int, rng: random.Random) -> Sequence[Proposal]:
        file = _prompts(seen.parent, "ape")
        wanted = count if not seen.rounds else max(1, count // 2)
        induced = self.writer.write(_induction(seen.transcripts), wanted, rng.getrandbits(32))
        nearby = self.writer.write(_variation(file.instructions), count, rng.getrandbits(32))
        proposals = [
            *((text, "written from what good games looked like") for text in induced),
            *((text, "the parent's words said otherwise") for text in nearby),
        ]
        return [Proposal(Candidate(file).with_instructions(text), reason) for text, reason in proposals]


def _prompts(parent: Candidate, optimizer: str) -> PromptFile:
    if parent.file is None:
        raise BurghError(
            f"--optimizer {optimizer} changes prompts, and {parent.id} has none: take --optimizer random,"
            " or start from a prompt strategy"
        )
    return parent.file


def _induction(transcripts: Sequence[str]) -> str:
    pairs = []
    for transcript in reversed(transcripts):  # the best games
        pairs += list(answers(transcript))
        if len(pairs) >= SHOWN_PAIRS:
            break
    shown = "\n".join(f"Input: {asked}\nOutput: {answer}\n" for asked, answer in pairs[:SHOWN_PAIRS])
    return (
        "With an instruction from a friend a bidder did well. Here are inputs and outputs.\n\n"
        f"{shown}\nThe instruction was: You"
    )


def _variation(instructions: str) -> str:
    return (
        "The same instruction in other words.\n\n"
        "Instruction: You sell bread. Ask for a fair price.\n"
        "In other words: As a seller of bread, name a price that is fair.\n\n"
        f"Instruction: {' '.join(instructions.split())}\nIn other words:"
    )


def answers(transcript: str) -> Iterator[tuple[str, str]]:
    """What was shown in a game, each with what was answered to it."""
    shown: list[str] = []
    for line in transcript.splitlines():
        kind, colon, text = line.partition(": ")
        if colon and kind == "asked":
            shown = [text]
        elif colon and kind == "answered":
            if shown:
                yield " ".join(" ".join(shown).split())[-MOST_SITUATION:], text
            shown = []
        elif not colon or kind not in KINDS:
            shown.append(line)


KINDS = frozenset(
    {"shown", "asked", "replied", "scored", "called", "observed", "thought", "answered", "outcome", "fault"}
)
