"""Unknown names, answered with the known ones and the nearest."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

MOST_LISTED = 12


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like this one, if any is; case does not count."""
    by_folded = {candidate.casefold(): candidate for candidate in known}
    found = difflib.get_close_matches(name.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[found[0]] if found else None


def suggest(name: str, known: Iterable[str]) -> str:
    """What to say after "there is no ...": the nearest known name, or else the known ones."""
    known = list(known)
    if (near := nearest(name, known)) is not None:
        return f"did you mean {near!r}?"
    if not known:
        return "there are none"
    listed = ", ".join(known[:MOST_LISTED])
    more = len(known) - MOST_LISTED
    return f"known are {listed}{f' and {more} more' if more > 0 else ''}"
