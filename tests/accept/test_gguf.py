"""A GGUF file read by transformers: the weights that the embedded model was converted from."""

from __future__ import annotations

from pathlib import Path

import pytest
from llm_for_tests import answers, call

from burgh.agents.llm.load import load_model
from burgh.agents.llm.loading import LocalModel
from burgh.sim import weights
from burgh.sim.protocols import CompleteRequest, Prompt, ScoreRequest

pytestmark = [pytest.mark.accept, pytest.mark.timeout(0)]

PROMPT = Prompt("The baker sells ", "fresh")


def test_a_folder_of_a_gguf_file_is_read_without_a_word(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "some").symlink_to(weights.path("smollm2-135m-gguf"))
    capfd.readouterr()
    read, embedded = (load_model(name, threads=1) for name in (str(tmp_path / "some"), "embedded"))
    assert "GGUF" not in capfd.readouterr().err
    assert isinstance(read, LocalModel)
    assert isinstance(embedded, LocalModel)
    assert read.network.covered
    scored, written = (
        [answers(model, [request])[0] for model in (read, embedded)]
        for request in (
            ScoreRequest(call(), PROMPT, (" bread", " stones")),
            CompleteRequest(call(), PROMPT, 16),
        )
    )
    assert scored[0].logprobs == scored[1].logprobs
    assert written[0].texts == written[1].texts
