"""Model servers on loopback: a fake one that can do much or little, and misbehave; and two real ones."""

from __future__ import annotations

import hashlib
import json
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any

from bodies_for_tests import Refused, bound_text

QUICK = "backoff=0.01&timeout=0.4"  # options of a model's name, for tests of faults
START_SECONDS = 300.0

Body = dict[str, Any]


@dataclass
class Fake:
    """What a fake server can do, what it does wrong next, and what it was asked.

    can: of "echo", "decision", "tops", "models", "completions", and the ways of binding an answer (see
    bodies_for_tests). faults: one taken by each
    request: "timeout", "half", "429", "500", "not json", "no choices", "401", "die". said: the texts
    of replies where no grammar binds them, the last again and again. dies_after: so many requests.
    """

    can: frozenset[str] = frozenset({"models", "completions"})
    faults: deque[str] = field(default_factory=deque)
    said: list[str] = field(default_factory=lambda: [" I hear you."])
    dies_after: int = 1_000_000
    asked: list[tuple[str, Body]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    slow: float = 0.0
    url: str = ""
    over: Event = field(default_factory=Event)
    lock: Lock = field(default_factory=Lock)
    stop: Callable[[], None] = lambda: None

    def likelihood(self, text: str) -> float:
        """Of a token, always the same: whole quarters of nats."""
        return -(1 + hashlib.sha256(text.encode()).digest()[0] % 16) / 4

    def answer(self, path: str, body: Body) -> tuple[int, Any]:
        """Status and answer to a request that does not go wrong."""
        if path == "/systemone" and "decision" in self.can:
            options = list(body["questions"]["next"]["criteria"].items())
            weights = {name: 2.0 ** self.likelihood(text) for name, text in options}
            shares = {name: weight / sum(weights.values()) for name, weight in weights.items()}
            return 200, {
                "answers": {"next": {"type": "choice", "probabilities": shares}},
                "usage": {"input_tokens": 50, "output_tokens": 0},
            }
        try:
            return self._said(path, body)
        except Refused as refusal:
            return 400, {"error": {"message": str(refusal)}}

    def _said(self, path: str, body: Body) -> tuple[int, Any]:
        if path == "/completions" and "completions" in self.can:
            return 200, self.completion(body, body["prompt"])
        if path == "/chat/completions":
            made = self.completion(body, body["messages"][-1]["content"])
            for choice in made["choices"]:
                choice["message"] = {"role": "assistant", "content": choice.pop("text")}
            return 200, made
        return 404, {"error": {"message": "there is nothing here"}}

    def completion(self, body: Body, prompt: str) -> Body:
        text = self.said[0] if len(self.said) == 1 else self.said.pop(0)
        text = bound_text(self.can, body) or text
        logprobs: Any = None
        wanted = body.get("logprobs")
        if wanted and body.get("echo") and "echo" in self.can:
            text = prompt + text
            tokens = re.findall(r"\s*\S+|\s+$", text)
            offsets = [sum(map(len, tokens[:n])) for n in range(len(tokens))]
            values = [None, *(self.likelihood(token) for token in tokens[1:])]
            logprobs = {"tokens": tokens, "token_logprobs": values, "text_offset": offsets}
        elif wanted and "tops" in self.can:
            listed = dict(re.findall(r"^([A-Z])\.(.*)$", prompt, re.MULTILINE)) or {"A": "a", "B": "b"}
            tops = [{"token": f" {one}", "logprob": self.likelihood(said)} for one, said in listed.items()]
            logprobs = {"content": [{**tops[0], "top_logprobs": tops}]}
        return {
            "choices": [{"text": text, "finish_reason": "stop", "index": 0, "logprobs": logprobs}],
            "usage": {
                "prompt_tokens": len(prompt) // 4,
                "completion_tokens": 3,
                "prompt_tokens_details": {"cached_tokens": 2},
            },
        }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Any

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        fake: Fake = self.server.fake
        path = self.path.removeprefix("/v1")
        known = path == "/models" and "models" in fake.can
        self._write(200 if known else 500, {"data": [{"id": "fake", "max_model_len": 4096}]})

    def do_POST(self) -> None:
        fake: Fake = self.server.fake
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        path = self.path.removeprefix("/v1")
        with fake.lock:
            fake.asked.append((path, body))
            fake.headers.append({name.lower(): value for name, value in self.headers.items()})
            fault = fake.faults.popleft() if fake.faults else ""
            if len(fake.asked) > fake.dies_after:
                fault = "die"
            fake.at_once += 1
            fake.most_at_once = max(fake.most_at_once, fake.at_once)
        try:
            fake.over.wait(fake.slow)
            self._misbehave(fake, fault) if fault else self._write(*fake.answer(path, body))
        finally:
            with fake.lock:
                fake.at_once -= 1

    def _misbehave(self, fake: Fake, fault: str) -> None:
        self.close_connection = True
        if fault == "timeout":
            fake.over.wait(2.0)
        elif fault == "half":
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", "1000")
            self.end_headers()
            self.wfile.write(b'{"choices": [{"te')
        elif fault == "429":
            self._write(429, {"error": {"message": "too many requests"}}, {"Retry-After": "0.05"})
        elif fault == "500":
            self._write(500, {"error": {"message": "no"}})
        elif fault == "not json":
            self._write(200, b"<html>a gateway</html>")
        elif fault == "no choices":
            self._write(200, {"object": "text_completion"})
        elif fault == "401":
            key = str(self.headers["Authorization"]).removeprefix("Bearer ")
            self._write(401, {"error": {"message": f"Incorrect API key provided: {key}"}})
        elif fault == "die":
            self.server.died = True
            self.server.socket.close()

    def _write(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html" if isinstance(body, bytes) else "application/json")
        self.send_header("Content-Length", str(len(raw)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(raw)


@contextmanager
def fake_server(*can: str, port: int = 0, **how: Any) -> Iterator[Fake]:
    """A fake server, shut down at the end."""
    fake = Fake(can=frozenset({"models", "completions", *can}), **how)
    with serving(fake, port):
        yield fake


@contextmanager
def serving(fake: Fake, port: int = 0) -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", port), _Handler)
    server.daemon_threads = True
    server.fake = fake  # type: ignore[attr-defined]
    fake.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        fake.over.set()
        server.shutdown()
        server.server_close()
        thread.join()


def free_port() -> int:
    """One that nobody listened at a moment ago."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


LLAMA = """
import sys, xllamacpp
params = xllamacpp.CommonParams()
params.model.path, params.n_ctx, params.n_parallel, params.kv_unified = sys.argv[1], 4096, 2, True
params.port, params.hostnames, params.verbosity = 0, ["127.0.0.1"], -1
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
server = xllamacpp.Server(params)
print(server.listening_address, flush=True)
sys.stdin.read()
"""


@contextmanager
def llama_server(gguf: Path) -> Iterator[str]:
    """llama.cpp's server as xllamacpp has it, in a process of its own: its address."""
    process = subprocess.Popen(
        [sys.executable, "-c", LLAMA, str(gguf)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        address = process.stdout.readline().strip()
        assert address, "llama.cpp's server did not start"
        yield f"{address}/v1"
    finally:
        process.stdin.close()
        _ended(process)


@contextmanager
def transformers_server(folder: Path) -> Iterator[str]:
    """`transformers serve` of a folder, in a process of its own: its address."""
    port = free_port()
    options = ["--host", "127.0.0.1", "--port", str(port), "--device", "cpu", "--dtype", "float32"]
    code = "import torch; torch.set_num_threads(1); from transformers.cli.transformers import app; app()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, "serve", str(folder), *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + START_SECONDS
        while not _healthy(f"http://127.0.0.1:{port}/health"):
            assert process.poll() is None, "transformers serve ended"
            assert time.monotonic() < until, "transformers serve did not start"
            time.sleep(0.2)
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        process.terminate()
        _ended(process)


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as found:
            return bool(found.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _ended(process: subprocess.Popen[Any]) -> None:
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
