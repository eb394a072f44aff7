"""`burgh bench model` and `burgh run --estimate`."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from llm_for_tests import tiny_llama_config, tiny_model, tiny_tokenizer
from rich.console import Console
from servers_for_tests import QUICK, fake_server

from burgh.agents.llm.bench import Roof, _Meter, bench
from burgh.agents.llm.scripted import ScriptedModel
from burgh.scenarios.cli.main import main


def asked(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> tuple[str, str]:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    said = capsys.readouterr()
    assert ended.value.code == code, said.err
    return said.out, said.err


def test_a_local_model_is_measured_beside_the_roof_of_its_hardware(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tiny_llama_config()
    config.max_position_embeddings = 4096
    network = tiny_model(config).network.model
    network.save_pretrained(tmp_path / "tiny")
    tiny_tokenizer().save_pretrained(tmp_path / "tiny")
    folder = f"{tmp_path / 'tiny'}?dtype=float32"
    out, _ = asked(capsys, "bench", "model", folder, "--threads", "1", "--batches", "1,2", "--json")
    found = json.loads(out)
    assert found["parameters"] == sum(one.numel() for one in network.parameters())
    assert found["weight_bytes"] == 4 * found["parameters"]
    assert [(rate["what"], rate["batch"]) for rate in found["rates"]] == [
        ("prefill", 1), ("prefill", 2), ("decode", 1), ("decode", 2)
    ]  # fmt: skip
    for rate in found["rates"]:
        assert rate["tokens_per_second"] > 0
        assert rate["share"] == pytest.approx(rate["tokens_per_second"] / rate["roof"])
    assert found["gains"]["prefix"] > 1, "200 common words are read once, not 8 times"
    assert found["gains"]["score"] > 0


def test_the_roof_is_bytes_for_few_rows_and_operations_for_many() -> None:
    roof = Roof(bytes_per_second=100e9, operations_per_second=50e12)
    assert roof.decode(1, 10**9, 2 * 10**9) == pytest.approx(50)
    assert roof.decode(8, 10**9, 2 * 10**9) == pytest.approx(400)
    assert roof.decode(10_000, 10**9, 2 * 10**9) == roof.prefill(10**9) == pytest.approx(25_000)


def test_a_server_is_measured_without_a_roof(capsys: pytest.CaptureFixture[str]) -> None:
    with fake_server("tops") as fake:
        name = f"openai:{fake.url}#fake?{QUICK}&structured=none&draw=plain&concurrency=4"
        out, _ = asked(capsys, "bench", "model", name, "--batches", "1")
        assert bench(name, batches=(1,))["roof"] is None
    assert "prefill" in out
    assert "times as fast" in out


def test_what_takes_no_longer_than_its_first_token_is_measured_as_a_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    meter = _Meter(ScriptedModel())
    runs = meter.run
    seconds = iter((0.3, 0.2))
    monkeypatch.setattr(meter, "run", lambda requests: (runs(requests)[0], next(seconds)))
    assert 0 < meter.decode(1) <= 32 / 0.2


def test_batches_that_are_none_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    _, err = asked(capsys, "bench", "model", "scripted", "--batches", "1,x", code=2)
    assert "--batches: '1,x' is no list of sizes: write as in 1,8,32" in err


def test_an_estimate_says_what_would_be_asked_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    command = ("run", "quiet-room", "--until", "09:15", "--budget", "1 call", "--estimate")
    out, _ = asked(capsys, *command, "--json")
    found = json.loads(out)
    assert found["costs"]
    assert found["calls"] == sum(cost["calls"] for cost in found["costs"]) > 50, "whatever the budget"
    assert {"importance scale", "importance"} <= {cost["purpose"] for cost in found["costs"]}
    told, _ = asked(capsys, *command)
    assert "importance scale" in told
    assert "a fourth of their characters" in told
    assert list(tmp_path.iterdir()) == []
    _, err = asked(capsys, *command, "--out", "r", code=2)
    assert "--estimate runs nothing that is kept" in err
    _, err = asked(capsys, *command, "--play", "Edda", code=2)
    assert "leave out --out, --watch, --replies and --play" in err


def test_an_estimate_shows_at_a_terminal_how_far_it_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    screen = StringIO()
    seen = Console(file=screen, force_terminal=True, width=80, legacy_windows=False)
    monkeypatch.setattr("burgh.scenarios.cli.estimating.err", seen)
    out, _ = asked(capsys, "run", "quiet-room", "--until", "09:15", "--estimate", "--json")
    assert json.loads(out)["calls"] > 50
    assert "running it on rules" in screen.getvalue()
    assert "%" in screen.getvalue()
