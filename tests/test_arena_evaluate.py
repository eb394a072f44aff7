"""The contest as a library: paired profits and transcripts over given draws; contestants within bounds."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from burgh.agents.bidders import ScriptedBidder, Shading
from burgh.agents.llm.scripted import ScriptedModel
from burgh.agents.strategies.files import built_in
from burgh.agents.strategies.mind import Prompted
from burgh.scenarios.arena import watch
from burgh.scenarios.arena.contest import Contest
from burgh.scenarios.arena.contestants import Scripted
from burgh.scenarios.arena.evaluate import evaluate
from burgh.scenarios.arena.transcript import lines, told
from burgh.sim.protocols import Call, LanguageModel, Mind, Prompt, ScoreRequest
from burgh.sim.types import BurghError, Observation, Step

SETTING = Contest(format="first-price", strategies=("direct",), ids={}, lots=2)


def test_two_shades_over_the_same_draws() -> None:
    bids = {"half": Scripted("half", Shading(50)), "best": Scripted("best", Shading(67))}
    found = evaluate(SETTING, bids, range(100, 130))
    assert found.seeds == tuple(range(100, 130))
    assert found.profits["half"].shape == (30,)
    assert found.difference("best", "half").mean > 0
    again = evaluate(SETTING, bids, range(100, 130))
    assert np.array_equal(found.profits["best"], again.profits["best"])
    alone = evaluate(SETTING, {"best": bids["best"]}, [129])
    assert alone.profits["best"][0] == found.profits["best"][-1]
    worst = found.games["half"][0]
    assert sum(seat.profit for seat in worst.seats) == min(
        sum(seat.profit for seat in game.seats) for game in found.games["half"]
    )
    assert "Bidder 1" in found.transcripts("half")[0]


def test_prompts_that_are_in_no_file_play_too_and_their_games_can_be_read() -> None:
    file = built_in("react").model_copy(update={"instructions": "You bid. Be bold."})
    found = evaluate(SETTING, {"child": Prompted(file)}, [5], model=ScriptedModel(), rotations=1)
    (story,) = found.transcripts("child")
    assert story.startswith("child in seat 1 made")
    for kind in ("asked", "replied", "called", "observed", "answered", "outcome"):
        assert f"\n{kind}: " in story
    assert found.tokens["child"] > 0
    asked = [line for line in lines(found.games["child"][0]) if line.kind == "asked"]
    assert "Be bold" in asked[0].more
    assert told(found.games["child"][0], "nobody").startswith("outcome")
    with pytest.raises(BurghError, match="hand one over"):
        evaluate(SETTING, ["direct"], [1])


@dataclass(frozen=True)
class Bad:
    """A contestant that breaks in the second block only."""

    how: str
    id: str = "bad"
    asks: bool = True

    def mind(self, name: str, seed: int, llm: LanguageModel | None, clock: Any) -> Mind:
        return BadMind(name, Shading(50), self.how, llm)


class BadMind(ScriptedBidder):
    def __init__(self, name: str, strategy: Any, how: str, llm: LanguageModel | None) -> None:
        super().__init__(name, strategy)
        self.how, self.llm = how, llm

    async def step(self, observation: Observation) -> Step:
        if not observation.free:
            return await super().step(observation)
        match self.how:
            case "raises":
                raise KeyError("price")
            case "reckons for ever":
                while True:
                    with contextlib.suppress(Exception):
                        time.sleep(0.01)
            case "waits for ever":
                await asyncio.sleep(3600)
            case "asks for ever":
                assert self.llm is not None
                call = Call(self.name, observation.tick, "x")
                while True:
                    await self.llm.score(ScoreRequest(call, Prompt("a", "b"), ("c",)))
        return "no step"  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("raises", "bad failed with KeyError: 'price'"),
        ("reckons for ever", "bad reckoned longer than 0.3 seconds"),
        ("waits for ever", "bad took longer than 2 seconds over one decision"),
        ("asks for ever", "bad: asked the model more than 200 times"),
        ("answers nonsense", "bad gave a str where a step was due"),
    ],
)
def test_a_strategy_that_breaks_or_never_ends_costs_only_its_game(
    monkeypatch: pytest.MonkeyPatch, how: str, said: str
) -> None:
    monkeypatch.setattr(watch, "RECKONING_SECONDS", 0.3 if how == "reckons for ever" else 60)
    monkeypatch.setattr(watch, "DECISION_SECONDS", 2 if how == "waits for ever" else 60)
    found = evaluate(
        SETTING,
        {"bad": Bad(how), "good": Scripted("good", Shading(50))},
        [1],
        model=ScriptedModel(),
        rotations=1,
    )
    (bad,), (good,) = found.games["bad"], found.games["good"]
    assert said in bad.fault
    assert bad.transcript  # what happened until then is kept
    assert not good.fault
    assert np.isnan(found.profits["good"][0])  # a pair is whole or not at all
    assert found.faults() == (f"1.0.bad: {bad.fault}",)
