"""Accounts of what was asked, and the control experiment in which scores are dealt out at random."""

from __future__ import annotations

import pytest
from llm_for_tests import run

from burgh.agents.llm.accounts import Accounts
from burgh.agents.llm.permuted import PermutedScores
from burgh.agents.llm.scripted import ScriptedModel
from burgh.sim.protocols import Call, CompleteRequest, LanguageModel, Prompt, ScoreRequest, Scores

OPTIONS = (" bakery", " chapel by the road", " school", " mill")


def asked(agent: str, tick: int, purpose: str, index: int = 0) -> ScoreRequest:
    return ScoreRequest(Call(agent, tick, purpose, index), Prompt("", "She goes to the mill"), OPTIONS)


async def a_morning(model: LanguageModel) -> None:
    await model.score(asked("Ben", 1, "act"))
    await model.score(asked("Anna", 1, "act"))
    await model.score(asked("Anna", 2, "importance"))
    await model.complete(CompleteRequest(Call("Anna", 2, "speech"), Prompt("", "It rains today."), 10))


def test_accounts_add_up_by_whatever_they_are_asked_for() -> None:
    accounts = Accounts(ScriptedModel())
    assert isinstance(accounts, LanguageModel)
    run(a_morning(accounts))
    assert [(row["agent"], row["calls"]) for row in accounts.table("agent")] == [("Anna", 3), ("Ben", 1)]
    assert [row["purpose"] for row in accounts.table("purpose")] == ["act", "importance", "speech"]
    assert [(row["tick"], row["agent"]) for row in accounts.table("tick", "agent")] == [
        (1, "Anna"),
        (1, "Ben"),
        (2, "Anna"),
    ]
    assert len(accounts.table()) == 4
    total = accounts.total()
    assert total.calls == 4
    for column in ("tokens_in", "tokens_out", "tokens_cached", "seconds"):
        assert sum(row[column] for row in accounts.table()) == getattr(total, column)
    assert total.tokens_out == 4
    accounts.forget()
    assert accounts.table() == []
    assert accounts.total().calls == 0


def test_accounts_are_those_of_the_model_they_keep() -> None:
    model = ScriptedModel(3)
    assert Accounts(model).name == "scripted"
    assert Accounts(model).identity == model.identity


def permuted(agent: str, tick: int, seed: int = 1) -> Scores:
    return run(PermutedScores(ScriptedModel(), seed).score(asked(agent, tick, "act")))


def test_permuted_scores_are_the_same_ones_on_other_options() -> None:
    plain = run(ScriptedModel().score(asked("Anna", 1, "act")))
    dealt = [permuted("Anna", tick) for tick in range(400)]
    for scores in dealt:
        assert sorted(zip(scores.logprobs, scores.lengths, strict=True)) == sorted(
            zip(plain.logprobs, plain.lengths, strict=True)
        )
    best = [scores.logprobs.index(max(scores.logprobs)) for scores in dealt]
    for option in range(len(OPTIONS)):
        assert best.count(option) == pytest.approx(100, abs=40)


def test_permuted_scores_repeat_with_their_seed_and_say_what_they_are() -> None:
    assert permuted("Anna", 3) == permuted("Anna", 3)
    nine = [permuted("Anna", tick) for tick in range(9)]
    assert nine != [permuted("Anna", tick, seed=2) for tick in range(9)]
    assert nine != [permuted("Ben", tick) for tick in range(9)]
    model = PermutedScores(ScriptedModel(5), 1)
    assert isinstance(model, LanguageModel)
    assert model.name == "scripted with permuted scores"
    assert model.identity["permuted_scores_seed"] == 1
    assert model.identity["seed"] == 5


def test_permutation_leaves_what_is_written_alone() -> None:
    request = CompleteRequest(Call("Anna", 1, "speech"), Prompt("", "It rains today."), 10)

    async def both() -> tuple[object, object]:
        control = PermutedScores(ScriptedModel(), 1)
        return await ScriptedModel().complete(request), await control.complete(request)

    plain, control = run(both())
    assert plain == control
