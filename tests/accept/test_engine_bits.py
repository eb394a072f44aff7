"""A thousand requests to the embedded model, each alone and in random batches: none may differ.

As tests/test_llm_bits.py does with a made-up model; here on the weights that runs use. Texts, and the bits of
log-likelihoods.
"""

from __future__ import annotations

import random
import sys

import pytest
from test_llm_bits import by_itself, in_batches, random_request

from burgh.agents.llm.load import load_model
from burgh.agents.llm.transformers_backend import TransformersModel

pytestmark = [pytest.mark.accept, pytest.mark.timeout(0)]

REQUESTS = 1000


def test_none_of_a_thousand_requests_depends_on_what_it_was_batched_with() -> None:
    model = load_model("embedded", threads=1)
    assert isinstance(model, TransformersModel)
    rng = random.Random(21)
    requests = [random_request(rng, number) for number in range(REQUESTS)]
    alone = [by_itself(model, request) for request in requests]
    together = in_batches(model, requests, random.Random(22))
    differing = [number for number in range(REQUESTS) if alone[number] != together[number]]
    sys.stdout.write(f"of {REQUESTS} requests {len(differing)} differ with what they were batched with\n")
    assert differing == []
