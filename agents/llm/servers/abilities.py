"""What a server can do: declared in the model's name, else found out by asking it, once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath

from burgh.agents.llm.servers import dialects
from burgh.agents.llm.servers.address import Api, Dialect, Drawing, Scoring
from burgh.agents.llm.servers.client import Client
from burgh.agents.llm.servers.scores import decision, forced_tokens, own_tokens, probabilities
from burgh.agents.llm.servers.talk import Talker
from burgh.agents.llm.unanswered import ModelFault
from burgh.sim.protocols import Prompt
from burgh.sim.spec import InvalidAnswer
from burgh.sim.types import BurghError, Json

UNKNOWN = (404, 405, 501)  # statuses of an endpoint that is not there
TEXT = Prompt("The baker bakes ", "bread")
UNLIKELY = -4.0  # nats: of PROBE's words, without the grammar that forces them


@dataclass(frozen=True, slots=True)
class Abilities:
    """model: what the server calls it. context: how many tokens it holds, None where that is not known."""

    model: str
    api: Api
    score: Scoring
    structured: Dialect
    draw: Drawing
    context: int | None

    @property
    def name(self) -> str:
        """The model's name without the folder that a server may have it in: paths are no part of a record."""
        return PurePath(self.model.partition("@")[0]).name or self.model


async def find_abilities(client: Client) -> Abilities:
    """Asks the server what is not declared. Raises ModelFault where it does not answer, BurghError where it
    does not say which model it has."""
    options = client.options
    listed = await client.get("/models")
    model, context = _model(client.address.model, listed)
    if not model:
        raise BurghError(
            f"the model server {client.address.urls[0]} does not say which model it has: name it behind a #,"
            " as in openai:http://HOST:PORT/v1#MODEL"
        )
    api = options.api if options.api != "auto" else await _api(client, model)
    talker = Talker(client, model, api)
    structured = options.structured if options.structured != "auto" else await _dialect(talker)
    score = options.score if options.score != "auto" else await _scoring(talker, structured)
    draw = options.draw if options.draw != "auto" else await _drawing(client, model, api, structured)
    return Abilities(model, api, score, structured, draw, options.context or context)


def _model(asked: str, listed: Json) -> tuple[str, int | None]:
    """The model's name, and its context, from a list of models, as far as it says."""
    rows = listed.get("data") if isinstance(listed, Mapping) else None
    rows = [row for row in rows or () if isinstance(row, Mapping) and isinstance(row.get("id"), str)]
    if asked:
        rows = [row for row in rows if row["id"] == asked] or rows[:1] * (len(rows) == 1)
    elif len(rows) > 1:
        names = ", ".join(row["id"] for row in rows[:8])
        raise BurghError(f"--model: the server has several models: name one of them behind a #: {names}")
    if not rows:
        return asked, None
    meta = rows[0].get("meta")
    context = rows[0].get("max_model_len") or (meta.get("n_ctx") if isinstance(meta, Mapping) else None)
    return asked or rows[0]["id"], context if isinstance(context, int) else None


async def _api(client: Client, model: str) -> Api:
    try:
        await Talker(client, model, "completions").say(TEXT, max_tokens=1)
    except ModelFault as fault:
        if fault.status not in UNKNOWN:
            raise
        await Talker(client, model, "chat").say(TEXT, max_tokens=1)
        return "chat"
    return "completions"


async def _dialect(talker: Talker) -> Dialect:
    order = dialects.ORDER if talker.api == "completions" else tuple(reversed(dialects.ORDER))
    for dialect in order:
        more = dialects.fields(dialect, dialects.PROBE)
        try:
            said, _ = await talker.say(TEXT, max_tokens=24, more=more)
            dialects.read(dialect, dialects.PROBE, said.text)
        except InvalidAnswer:
            continue
        except ModelFault as fault:
            if fault.status is None:
                raise
            continue
        return dialect
    return "none"


async def _drawing(client: Client, model: str, api: Api, structured: Dialect) -> Drawing:
    """Known of servers that bind answers; of others by whether two seeds give two texts."""
    if structured != "none":
        return "plain"
    for draw in ("plain", "generation_config"):
        talker = Talker(client, model, api, draw)
        try:
            texts = [
                (await talker.say(TEXT, max_tokens=8, temperature=1.5, seed=seed))[0].text
                for seed in range(1, 4)
            ]
        except ModelFault as fault:
            if fault.status is None:
                raise
            continue
        if len(set(texts)) > 1:
            return draw
    return "none"


async def _scoring(talker: Talker, structured: Dialect) -> Scoring:
    if talker.api == "completions" and await _echoes(talker):
        return "echo"
    if structured == "lark" and await _forces(talker, structured):
        return "forced"
    if await _decides(talker):
        return "decision"
    if await _gives_tops(talker):
        return "labels"
    return "sampled"


async def _echoes(talker: Talker) -> bool:
    try:
        said, _ = await talker.say(TEXT, max_tokens=1, logprobs=1, more={"echo": True})
    except ModelFault as fault:
        return _not_able(fault)
    text = TEXT.prefix + TEXT.suffix
    return said.text.startswith(text) and bool(own_tokens(said, len(TEXT.prefix), len(text)))


async def _forces(talker: Talker, structured: Dialect) -> bool:
    (option,) = dialects.PROBE.options
    try:
        said, _ = await talker.say(
            TEXT, max_tokens=24, logprobs=1, more=dialects.fields(structured, dialects.PROBE)
        )
    except ModelFault as fault:
        return _not_able(fault)
    own = forced_tokens(said, option)
    return bool(own) and sum(piece.logprob for piece in own) < UNLIKELY


async def _decides(talker: Talker) -> bool:
    options = (" bread", " stones")
    body = decision(talker.model, TEXT.prefix, options)
    try:
        await talker.client.post("/systemone", body, lambda found: probabilities(found, options))
    except ModelFault as fault:
        return _not_able(fault)
    return True


async def _gives_tops(talker: Talker) -> bool:
    try:
        said, _ = await talker.say(TEXT, max_tokens=1, logprobs=5)
    except ModelFault as fault:
        return _not_able(fault)
    return bool(said.pieces and said.pieces[0].top)


def _not_able(fault: ModelFault) -> bool:
    """False, where the server says that it does not do this; raises where it is not there at all."""
    if fault.status is None and "not as it should be" not in str(fault):
        raise fault
    return False
