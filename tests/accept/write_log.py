"""Runs the long checks, one file after the other, and writes what each printed into docs/acceptance.md.

    python tests/accept/write_log.py                     # all of them: some hours
    python tests/accept/write_log.py arena festival      # those whose names have one of these in them

Each file has a section of its own, with its date and its commit; the sections of those that were not run
stay as they are. Exit code 1 where one of those that were run failed.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOG = ROOT / "docs" / "acceptance.md"
HEAD = """# Acceptance

What `make accept` printed: the long checks on the embedded model, a section for each of their files. What is
asked, and which bounds were set before any run, stands at the head of each file. With `ONLY="festival arena"`
those run whose names have one of these words in them, and the other sections stay as they are: each says
when, and at which commit, it was run.
"""
SECTION = re.compile(r"^## tests/accept/(\w+)\.py$", re.MULTILINE)


def sections_of(text: str) -> dict[str, str]:
    """The sections of a log by the names of their files, headings included."""
    starts = [(found.group(1), found.start()) for found in SECTION.finditer(text)]
    ends = [*(start for _, start in starts[1:]), len(text)]
    return {name: text[start:end].rstrip() for (name, start), end in zip(starts, ends, strict=False)}


def written(sections: dict[str, str]) -> str:
    return "\n\n".join((HEAD.rstrip(), *(sections[name] for name in sorted(sections)))) + "\n"


def commit() -> str:
    def git(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(("git", *arguments), cwd=ROOT, capture_output=True, text=True, check=False)

    name = git("rev-parse", "HEAD").stdout.strip() or "unknown: no git here"
    changed = git("diff", "--quiet", "HEAD", "--", ".", ":!docs").returncode
    return f"{name}, with uncommitted changes" if changed else name


def run(file: Path, more: Sequence[str]) -> tuple[bool, str]:
    """Whether it passed, and its section."""
    began, at = datetime.now(UTC), commit()
    command = (sys.executable, "-m", "pytest", str(file.relative_to(ROOT)), "-m", "accept", "--no-header")
    lines: list[str] = []
    with subprocess.Popen(
        (*command, "-rP", "--durations=0", *more),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as running:
        for line in running.stdout or ():
            sys.stdout.write(line)
            sys.stdout.flush()
            lines.append(line.rstrip())
    passed = running.returncode == 0
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    load = f"load average at the end {os.getloadavg()[0]:.1f}"
    told = (
        f"## {file.relative_to(ROOT).as_posix()}",
        "",
        f"- {'Passed' if passed else '**Failed**'}; {began:%Y-%m-%d %H:%M} UTC",
        f"- Commit: {at}",
        f"- Machine: {system}, Python {platform.python_version()}; {load}",
        "",
        "```text",
        *lines,
        "```",
    )
    return passed, "\n".join(told)


def main(wanted: Sequence[str]) -> int:
    files = sorted(Path(__file__).parent.glob("test_*.py"))
    more = os.environ.get("ARGS", "").split()
    chosen = [file for file in files if not wanted or any(word in file.stem for word in wanted)]
    if not chosen:
        known = ", ".join(one.stem for one in files)
        sys.stderr.write(f"no check has {' or '.join(wanted)} in its name: there are {known}\n")
        return 2
    failed = 0
    for file in chosen:
        passed, section = run(file, more)
        failed += not passed
        sections = sections_of(LOG.read_text(encoding="utf-8")) if LOG.exists() else {}
        kept = {name: text for name, text in sections.items() if name in {one.stem for one in files}}
        LOG.write_text(written(kept | {file.stem: section}), encoding="utf-8")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
