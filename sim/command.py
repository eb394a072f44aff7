"""How one types the command `burgh` where it was started, for hints that people copy."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path

NAME = "burgh"


def burgh_command() -> str:
    """ "burgh" where the shell finds it; else the path of the script that was run, from here."""
    if shutil.which(NAME) is not None:
        return NAME
    script = Path.cwd() / sys.argv[0]
    if script.parts[-2:] == (NAME, "__main__.py"):  # python -m burgh
        script = Path(sys.executable).with_name(NAME)
    if script.stem != NAME or not script.is_file():
        return NAME
    here = Path.cwd()
    if script.parent == here:
        return f"./{NAME}"
    return shlex.quote(str(script.relative_to(here) if script.is_relative_to(here) else script))
