"""Kinds of mind by name, for any group of entry points: ours and those that others have registered."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points

from burgh.agents.bidders.kinds import BidderKind
from burgh.sim.types import BurghError

CAMPAIGNS = "burgh.campaigns"
PROVIDERS = "burgh.providers"
SELECTORS = "burgh.selectors"
NOUNS = {CAMPAIGNS: "campaign manager", PROVIDERS: "provider", SELECTORS: "selector"}


@cache
def registered(group: str) -> Mapping[str, EntryPoint]:
    """All kinds of a group by name."""
    return {point.name: point for point in sorted(entry_points(group=group))}


def mind_kind(group: str, name: str) -> BidderKind:
    """A kind of a group by name: how its minds are made, from which options, and whether they ask a model.

    Raises BurghError: an unknown one is answered with the known and the nearest, and so is one that cannot be
    loaded.
    """
    known, noun = registered(group), NOUNS.get(group, "mind")
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        hint = f" (did you mean {near[0]!r}?)" if near else ""
        raise BurghError(f"no kind of {noun} is called {name!r}{hint}: known are {', '.join(known)}")
    point = known[name]
    try:
        made = point.load()
    except (ImportError, AttributeError) as error:
        raise BurghError(f"the kind of {noun} {name!r} ({point.value}) cannot be loaded: {error}") from None
    if not isinstance(made, BidderKind):
        raise BurghError(f"the kind of {noun} {name!r} ({point.value}) is no BidderKind")
    return made
