"""What the views of a sale, an exchange and a storefront share: events folded in, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from burgh.sim.types import Event, Json

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Entry = TypeVar("Entry", bound=DataclassInstance)

View = TypeVar("View")
Handler = Callable[[View, Event, Mapping[str, Json]], tuple[View, str]]


def folded(view: View, event: Event, handlers: Mapping[str, Handler[View]]) -> tuple[View, str] | None:
    """The view after an event, and a line to be told of it, or ""; None where it is none of its events."""
    handler = handlers.get(event.kind)
    return None if handler is None else handler(view, event, event.data)


def with_entry(entries: Mapping[str, Entry], name: str | None, **changes: Any) -> Mapping[str, Entry]:
    """The entries with one of them changed; as they are where none has that name."""
    if name is None or name not in entries:
        return entries
    return {**entries, name: replace(entries[name], **changes)}
