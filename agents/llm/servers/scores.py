"""Log-likelihoods of options from servers, of which few give those of any text.

    echo        exact: the prompt with each option behind it, its own tokens' log-likelihoods given back
    forced      exact: a grammar that allows the option alone, and the log-likelihood of each token without it
    decision    the server's endpoint for decisions: probabilities of lettered options
    labels      the options lettered, and the log-likelihoods of the letters as the next token
    sampled     the options lettered, and how often each letter is drawn

The first two are exact, the next two are called "labels", the last is called "sampled" in the record.
"""

from __future__ import annotations

import asyncio
import hashlib
import math
import re
import string
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from burgh.agents.llm.servers import dialects
from burgh.agents.llm.servers.address import Dialect, Scoring
from burgh.agents.llm.servers.client import Malformed
from burgh.agents.llm.servers.talk import Piece, Said, Talker, added, tokens_of
from burgh.agents.llm.unanswered import ModelFault
from burgh.sim.protocols import Prompt, ScoreRequest, Scores, Usage
from burgh.sim.spec import Choice
from burgh.sim.types import Json

LETTERS = string.ascii_uppercase
MOST_LETTERED = 16  # options that are asked about at once
TOP = 20  # tokens whose log-likelihoods are asked for
UNSEEN = 1.0  # nats by which a letter lies below the last that was given
LEAST = 1e-9  # probability, so that its logarithm is finite
HALF = 0.5  # of a draw that every letter is given (Krichevsky and Trofimov, 1981)
QUESTION = "Which of these is the best way to go on with the text?"

Way = Literal["exact", "labels", "sampled"]
WAYS: Mapping[Scoring, Way] = {
    "echo": "exact",
    "forced": "exact",
    "decision": "labels",
    "labels": "labels",
    "sampled": "sampled",
}


@dataclass(frozen=True, slots=True)
class Scorer:
    """dialect: of answers bound to a spec. samples: how many are drawn where letters are."""

    talker: Talker
    scoring: Scoring
    dialect: Dialect
    samples: int

    async def score(self, request: ScoreRequest) -> Scores:
        """Raises ModelFault."""
        options = tuple(dict.fromkeys(request.options))
        if self.scoring in ("echo", "forced"):
            one = self._echo if self.scoring == "echo" else self._forced
            found = await asyncio.gather(*(one(request.prompt, option) for option in options))
            logprobs = [value for value, _, _ in found]
            lengths = [length for _, length, _ in found]
            usage = added([usage for _, _, usage in found])
        else:
            logprobs, usage = await self._lettered(request.prompt, options)
            lengths = [1] * len(options)
        values = dict(zip(options, zip(logprobs, lengths, strict=True), strict=True))
        return Scores(
            tuple(values[option][0] for option in request.options),
            tuple(values[option][1] for option in request.options),
            usage,
            WAYS[self.scoring],
        )

    async def _echo(self, prompt: Prompt, option: str) -> tuple[float, int, Usage]:
        begin = len(prompt.prefix) + len(prompt.suffix)
        longer = Prompt(prompt.prefix, prompt.suffix + option)
        said, usage = await self.talker.say(longer, max_tokens=1, logprobs=1, more={"echo": True})
        own = own_tokens(said, begin, begin + len(option))
        if not own:
            raise ModelFault("the model server gives no log-likelihoods of a prompt: use score=labels")
        return sum(piece.logprob for piece in own), len(own), usage

    async def _forced(self, prompt: Prompt, option: str) -> tuple[float, int, Usage]:
        more = dialects.fields(self.dialect, Choice("", (option,)))
        room = len(option.encode()) + 1  # no token is shorter than a byte
        said, usage = await self.talker.say(prompt, max_tokens=room, logprobs=1, more=more)
        own = forced_tokens(said, option)
        if not own:
            raise ModelFault(f"the model server did not write {option!r} under a grammar of it alone")
        return sum(piece.logprob for piece in own), len(own), usage

    async def _lettered(self, prompt: Prompt, options: Sequence[str]) -> tuple[list[float], Usage]:
        """Log-likelihoods by letters. More options than can be lettered are asked about in groups, in each of
        which the first stands too: the others are held against it."""
        if len(options) < 2:
            return [0.0] * len(options), Usage()
        ask = {"decision": self._decision, "labels": self._labels, "sampled": self._sampled}[self.scoring]
        others = list(options[1:])
        groups = [
            [options[0], *others[at : at + MOST_LETTERED - 1]]
            for at in range(0, len(others), MOST_LETTERED - 1)
        ]
        found = await asyncio.gather(*(ask(prompt, group) for group in groups))
        gains = [0.0, *(value - logs[0] for logs, _ in found for value in logs[1:])]
        return normalised(gains), added([usage for _, usage in found])

    async def _decision(self, prompt: Prompt, options: Sequence[str]) -> tuple[list[float], Usage]:
        talker = self.talker
        answer = await talker.client.post(
            "/systemone",
            decision(talker.model, prompt.prefix + prompt.suffix, options),
            lambda body: (probabilities(body, options), tokens_of(body)),
            route=prompt.prefix,
        )
        shares, tokens = answer.read
        usage = Usage(*tokens, seconds=answer.seconds, queue_seconds=answer.queue_seconds, tries=answer.tries)
        return [math.log(max(share, LEAST)) for share in shares], usage

    async def _labels(self, prompt: Prompt, options: Sequence[str]) -> tuple[list[float], Usage]:
        asked = lettered(prompt, options)
        said, usage = await self.talker.say(asked, max_tokens=1, logprobs=TOP)
        top = said.pieces[0].top if said.pieces else {}
        if not top:
            raise ModelFault("the model server gives no log-likelihoods of tokens: use score=sampled")
        least = min(top.values()) - UNSEEN
        by_letter: dict[str, float] = {}
        for token, logprob in top.items():  # " A" and "A" are one letter
            letter = token.strip()
            by_letter[letter] = max(logprob, by_letter.get(letter, -math.inf))
        return normalised([by_letter.get(LETTERS[n], least) for n in range(len(options))]), usage

    async def _sampled(self, prompt: Prompt, options: Sequence[str]) -> tuple[list[float], Usage]:
        asked = lettered(prompt, options)
        letters = LETTERS[: len(options)]
        more = dialects.fields(self.dialect, Choice("", tuple(f" {letter}" for letter in letters)))
        seed = int.from_bytes(hashlib.sha256((asked.prefix + asked.suffix).encode()).digest()[:4], "big")
        room = 3 if self.dialect != "response_format" else 24
        drawn = await asyncio.gather(
            *(
                self.talker.say(asked, max_tokens=room, temperature=1.0, seed=seed + n, more=more)
                for n in range(self.samples)
            )
        )
        counts = Counter(letter_in(said.text, letters) for said, _ in drawn)
        whole = sum(counts[letter] for letter in letters) + HALF * len(letters)
        return [math.log((counts[one] + HALF) / whole) for one in letters], added([used for _, used in drawn])


def own_tokens(said: Said, begin: int, end: int) -> list[Piece]:
    """The tokens that lie within a stretch of the echoed text, in characters, or reach into it."""
    return [
        piece
        for piece, at in zip(said.pieces, said.offsets, strict=False)
        if at < end and at + len(piece.text) > begin
    ]


def forced_tokens(said: Said, option: str) -> list[Piece]:
    """The tokens that an option was written in; none where it was not."""
    if said.text != option:
        return []
    own: list[Piece] = []
    written = ""
    for piece in said.pieces:
        if written == option:  # what follows ends the text
            break
        own.append(piece)
        written += piece.text
    return own


def lettered(prompt: Prompt, options: Sequence[str]) -> Prompt:
    """The prompt with a question behind it that is answered by a letter."""
    listed = "\n".join(f"{LETTERS[n]}.{_spaced(option)}" for n, option in enumerate(options))
    return Prompt(prompt.prefix, f"{prompt.suffix}\n\n{QUESTION}\n{listed}\nThe letter of the best:")


def _spaced(option: str) -> str:
    return option if option[:1].isspace() else f" {option}"


def letter_in(text: str, letters: str) -> str:
    """The first letter of the list that stands alone in a text, or ""."""
    found = re.search(rf"\b([{letters}])\b", text)
    return found.group(1) if found else ""


def decision(model: str, text: str, options: Sequence[str]) -> dict[str, Json]:
    """A question to the endpoint for decisions, whose options are named by their place."""
    criteria = {f"{n}": option.strip() or option for n, option in enumerate(options, 1)}
    question = {"type": "choice", "instructions": QUESTION, "criteria": criteria}
    return {"model": model, "state": text, "questions": {"next": question}}


def probabilities(body: Mapping[str, Json], options: Sequence[str]) -> list[float]:
    """Of each option, from such an endpoint's answer. Raises Malformed."""
    try:
        shares = body["answers"]["next"]["probabilities"]
        return [float(shares[f"{n}"]) for n in range(1, len(options) + 1)]
    except (KeyError, TypeError, ValueError):
        raise Malformed("it holds no probability of each option") from None


def normalised(values: Sequence[float]) -> list[float]:
    """As log-likelihoods of which one must happen."""
    top = max(values)
    whole = top + math.log(sum(math.exp(value - top) for value in values))
    return [value - whole for value in values]
