"""A headless browser for tests of pages. Where there is none the tests skip, and say so; with
BURGH_TEST_BROWSER=required (in .ci/run) they fail instead."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync")


@contextmanager
def browser() -> Iterator[Any]:
    """A Chromium that has no network."""
    required = os.environ.get("BURGH_TEST_BROWSER") == "required"
    path = shutil.which("chromium") or shutil.which("google-chrome")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        sync_playwright = None  # type: ignore[assignment]
    if path is None or sync_playwright is None:
        missing = "no chromium" if path is None else "no playwright"
        if required:
            pytest.fail(f"BURGH_TEST_BROWSER=required, but there is {missing} on this machine")
        pytest.skip(f"{missing} on this machine: the page was NOT looked at in a browser")
    with sync_playwright() as driver:
        made = driver.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        try:
            yield made
        finally:
            made.close()
