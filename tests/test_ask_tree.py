"""`burgh tree`: what somebody concluded and from what; a tree that is none is not drawn."""

from __future__ import annotations

from pathlib import Path

import networkx
import pytest
from ask_for_tests import Story, asked, market_day

from burgh.memory.tree import grounds
from burgh.scenarios.ask.drawing import draw_tree
from burgh.scenarios.ask.past import Past
from burgh.scenarios.ask.reflections import dot, grounds_of, reflections, roots
from burgh.sim.types import BurghError


def thinker() -> Story:
    """Ann draws two insights from sights, and one from these."""
    story = Story()
    for n in range(4):
        story.remembers(n, "Ann", f'sight "{n}"')
    story.remembers(5, "Ann", "Ben is kind.", kind="reflection", evidence=["Ann:0", "Ann:1"])
    story.remembers(6, "Ann", "Cid is kind.", kind="reflection", evidence=["Ann:1", "Ann:2"])
    story.remembers(7, "Ann", "People are kind.", kind="reflection", evidence=["Ann:5", "Ann:4"])
    return story


def test_insights_stand_on_insights_and_these_on_what_was_seen() -> None:
    tree = reflections(thinker().past(), "Ann")
    assert roots(tree) == ["Ann:6"]
    assert grounds_of(tree, "Ann:6") == ["Ann:5", "Ann:4"]
    assert grounds(tree, "Ann:6") == ("Ann:0", "Ann:1", "Ann:2")
    assert "Ann:3" not in tree
    earlier = reflections(thinker().past(6), "Ann")
    assert roots(earlier) == ["Ann:4", "Ann:5"]


@pytest.mark.parametrize(
    ("evidence", "said"),
    [
        ([], "cites no evidence"),
        (["Ann:9"], "cites Ann:9, which is no memory of this agent"),
        (["Ann:7"], "cites Ann:7, which came later"),
    ],
)
def test_a_tree_that_is_not_well_founded_is_refused(evidence: list[str], said: str) -> None:
    story = thinker()
    story.remembers(8, "Ann", "So it is.", kind="reflection", evidence=evidence)
    with pytest.raises(BurghError, match=said):
        reflections(story.past(), "Ann")


def test_one_whose_mind_does_not_reflect_is_not_told_to_lower_the_threshold() -> None:
    with pytest.raises(BurghError, match="Ann does not reflect: that part of its mind is off"):
        reflections(Story().past(), "Ann", reflects=False)


def test_dot_and_pictures(tmp_path: Path) -> None:
    past = thinker().past()
    tree = reflections(past, "Ann")
    text = dot(tree)
    assert text.startswith("digraph reflections {")
    assert '"Ann:6" -> "Ann:5";' in text
    assert '[label="Ann:0\\nsight \\"0\\"", ' in text
    assert text.count("->") == tree.number_of_edges() == 6
    draw_tree(past, "Ann", tree, tmp_path / "tree.png")
    assert (tmp_path / "tree.png").read_bytes().startswith(b"\x89PNG")


def test_in_a_market_day_every_insight_rests_on_what_was_seen_or_heard() -> None:
    past = Past.of(market_day(), 10_000)
    for agent in ("Ben", "Tom"):
        tree = reflections(past, agent)
        assert networkx.is_directed_acyclic_graph(tree)
        for root in roots(tree):
            found = grounds(tree, root)
            assert found
            assert all(past.memories[leaf].data["kind"] in ("observation", "speech") for leaf in found)


def test_the_command(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    run = market_day()
    code, out, _ = asked(capsys, "tree", run, "Ben")
    assert code == 0
    assert out.startswith("What Ben concludes, and from what, at 11:05")
    assert "importance" in out
    files = [tmp_path / name for name in ("t.png", "t.dot", "t.graphml")]
    code, out, _ = asked(
        capsys, "tree", run, "Ben", "--png", files[0], "--dot", files[1], "--graphml", files[2]
    )
    assert code == 0
    assert files[0].read_bytes().startswith(b"\x89PNG")
    read = networkx.read_graphml(files[2])
    assert f"t.png: {read.number_of_nodes()} memories" in out.replace("\n", "")
    assert {data["kind"] for _, data in read.nodes(data=True)} >= {"reflection", "speech"}
    code, out, _ = asked(capsys, "tree", run, "Ben", "--dot", "-")
    assert (code, out) == (0, files[1].read_text("utf-8")), "- is standard output"
    code, out, err = asked(capsys, "tree", run, "Ben", "--at", "08:00")
    assert (code, out) == (2, "")
    assert "Ben has not reflected on anything by 08:00: ask for a later time" in err
    assert "there is no agent 'Benn'" in asked(capsys, "tree", run, "Benn")[2]
