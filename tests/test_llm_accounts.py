"""Accounts of what was asked, and the control experiment in which scores are dealt out at random."""

from __future__ import annotations

from dataclasses import replace

import pytest
from llm_for_tests import run

from burgh.agents.llm.accounts import Accounts
from burgh.agents.llm.permuted import PermutedScores
from burgh.agents.llm.replies import score_key
from burgh.agents.llm.scripted import ScriptedModel
from burgh.sim.protocols import Call, CompleteRequest, LanguageModel, Prompt, ScoreRequest, Scores

OPTIONS = (" bakery", " chapel by the road", " school", " mill")


def asked(agent: str, tick: int, purpose: str, said: str = "She goes to the mill") -> ScoreRequest:
    return ScoreRequest(Call(agent, tick, purpose), Prompt("", said), OPTIONS)


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


def permuted(agent: str, question: int, seed: int = 1, tick: int = 1) -> Scores:
    return run(PermutedScores(ScriptedModel(), seed).score(asked(agent, tick, "act", f"At {question}, she")))


def test_permuted_scores_are_the_same_ones_on_other_options() -> None:
    dealt = [permuted("Anna", question) for question in range(400)]
    for question, scores in enumerate(dealt):
        plain = run(ScriptedModel().score(asked("Anna", 1, "act", f"At {question}, she")))
        assert sorted(zip(scores.logprobs, scores.lengths, strict=True)) == sorted(
            zip(plain.logprobs, plain.lengths, strict=True)
        )
    best = [scores.logprobs.index(max(scores.logprobs)) for scores in dealt]
    for option in range(len(OPTIONS)):
        assert best.count(option) == pytest.approx(100, abs=40)


def test_permuted_scores_repeat_with_their_seed_and_say_what_they_are() -> None:
    assert permuted("Anna", 3) == permuted("Anna", 3)
    nine = [permuted("Anna", question) for question in range(9)]
    assert nine != [permuted("Anna", question, seed=2) for question in range(9)]
    assert nine != [permuted("Ben", question) for question in range(9)]
    model = PermutedScores(ScriptedModel(5), 1)
    assert isinstance(model, LanguageModel)
    assert model.name == "scripted with permuted scores"
    assert model.identity["permuted_scores_seed"] == 1
    assert model.identity["seed"] == 5


def test_what_a_permuted_score_depends_on_is_in_the_key_of_its_reply() -> None:
    """Else a record would answer a question with what was dealt out at another tick, and a run that is gone
    on with without that record would part from it."""
    assert permuted("Anna", 3, tick=4) == permuted("Anna", 3)
    one, other = (ScoreRequest(Call("Anna", n, "act", n), Prompt("", "She"), OPTIONS) for n in (1, 2))
    control = PermutedScores(ScriptedModel(), 1)
    assert score_key(control.identity, one) == score_key(control.identity, other)
    assert run(control.score(one)) == run(control.score(other))
    elsewhere = [replace(one, prompt=Prompt("", "He")), replace(one, call=Call("Anna", 1, "react"))]
    orders = [run(control.score(replace(each, options=tuple("abcdefgh")))) for each in (one, *elsewhere)]
    assert len({score_key(control.identity, each) for each in (one, *elsewhere)}) == 3
    assert len(set(orders)) == 3


def test_permutation_leaves_what_is_written_alone() -> None:
    request = CompleteRequest(Call("Anna", 1, "speech"), Prompt("", "It rains today."), 10)

    async def both() -> tuple[object, object]:
        control = PermutedScores(ScriptedModel(), 1)
        return await ScriptedModel().complete(request), await control.complete(request)

    plain, control = run(both())
    assert plain == control
