"""Writes the samples of docs/asking.md anew: what its commands answer about a scripted market-day.

    .venv/bin/python tests/write_samples.py

for whoever changed what minds do, or how a command tells of it. Read the difference before keeping it; text
around the samples that names what they show is not changed. A sample that ends with a line "..." keeps as
many lines as it had; one that begins with it, those from its second line on. The pictures of the page are
drawn anew too.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

DOCS = Path(__file__).resolve().parent.parent / "docs"
SAMPLE = re.compile(r"^```(console|text)\n\$ burgh ([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PICTURES = {
    "asking-tree.png": "tree last Greta --png",
    "asking-relations.png": "relations last --at 09:00 --png",
    "asking-metrics.png": "metrics last --png",
}
CUT = "..."
COLUMNS = "96"


def main() -> None:
    page = DOCS / "asking.md"
    with tempfile.TemporaryDirectory() as folder:
        answer("run market-day --model scripted -q", Path(folder))
        for picture, command in PICTURES.items():
            answer(f"{command} {shlex.quote(str(DOCS / picture))}", Path(folder))

        def anew(sample: re.Match[str]) -> str:
            kind, command, was = sample.groups()
            return f"```{kind}\n$ burgh {command}\n{cut(answer(command, Path(folder)), was)}```"

        page.write_text(SAMPLE.sub(anew, page.read_text(encoding="utf-8")), encoding="utf-8")


def answer(command: str, folder: Path) -> str:
    """What a command says in a folder, the lines without the blanks at their ends."""
    burgh = Path(sys.executable).with_name("burgh")
    settings = {**os.environ, "COLUMNS": COLUMNS, "TERM": "dumb"}
    ran = subprocess.run(
        [burgh, *shlex.split(command)], cwd=folder, env=settings, capture_output=True, text=True, check=False
    )
    lines = [line.rstrip() for line in (ran.stdout or ran.stderr).strip("\n").splitlines()]
    return "".join(f"{line}\n" for line in lines).replace(f"{burgh} ", "burgh ")


def cut(now: str, was: str) -> str:
    """As much of a sample as there was of it."""
    lines, before = now.splitlines(keepends=True), was.splitlines()
    if before and before[-1] == CUT:
        lines = [*lines[: len(before) - 1], f"{CUT}\n"]
    elif before and before[0] == CUT:
        first = next(n for n, line in enumerate(lines) if line.rstrip() == before[1])
        lines = [f"{CUT}\n", *lines[first : first + len(before) - 1]]
    return "".join(lines)


if __name__ == "__main__":
    main()
