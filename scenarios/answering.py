"""`burgh run --replies`: the replies of another run's record, where they can answer anything at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from burgh.agents.llm.replies import known_otherwise
from burgh.scenarios.recorded import as_written
from burgh.sim.record import RunLog, open_log
from burgh.sim.types import BurghError, Event, Json


def replies_of(folder: Path, identity: Mapping[str, Json]) -> Iterable[Event]:
    """The events of the run in a folder, to answer from. identity: of the model that is to be answered for.

    Raises BurghError where no reply of that run could be used: it would be asked all anew without a word.
    """
    log = open_log(folder)
    with as_written(log):
        first: Mapping[str, Json] = log.meta["model"]
        same = any(dict(was) == dict(identity) for was in _identities(log, first))
    if not same:
        key, was, now = _difference(first, identity)
        key = "name" if key == "model" else key
        raise BurghError(
            f"--replies: the run in {folder} was on a model whose {key} is {was}, and here it is {now}: it"
            " holds no reply of this one"
        )
    if known_otherwise(first, log.events()):
        raise BurghError(
            f"--replies: the run in {folder} was recorded by an older burgh, which knew its replies by other"
            " keys: nothing can be answered from it"
        )
    return log.events()


def _identities(log: RunLog, first: Mapping[str, Json]) -> Iterator[Mapping[str, Json]]:
    """What determined its replies, from the start and after each change of the model."""
    yield first
    for event in log.events():
        if event.kind == "intervention" and "identity" in event.data:
            yield event.data["identity"]


def _difference(was: Mapping[str, Json], now: Mapping[str, Json]) -> tuple[str, Json, Json]:
    """The first key that two identities differ in, and what it is in each."""
    key = next(key for key in (*was, *now) if was.get(key) != now.get(key))
    return key, was.get(key), now.get(key)
