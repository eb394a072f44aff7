"""Requests to one model at several addresses: routed by prefix, a few at once, made again if need be."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from burgh.agents.llm.servers.address import NO_KEY, Address, ServerOptions
from burgh.agents.llm.unanswered import ModelFault
from burgh.sim.types import Json

if TYPE_CHECKING:
    from openai import AsyncOpenAI

MOST_WAIT = 30.0  # seconds before a request is made again
DOWN_SECONDS = 5.0  # for which an address that did not answer is left out, while there is another
AGAIN = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})  # statuses after which to ask again
LONGEST_SAID = 300  # characters of what a server says of a fault


class Malformed(Exception):
    """An answer that is not of the form it should have; asking again may help."""


Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Answer(Generic[Read]):
    """read: what was read from the server's answer. queue_seconds: waited for a free place. seconds: of all
    tries, without that. tries: how often it was asked."""

    read: Read
    queue_seconds: float
    seconds: float
    tries: int


@dataclass(slots=True)
class _Place:
    """One address within one event loop."""

    url: str
    client: AsyncOpenAI
    free: asyncio.Semaphore
    down_until: float = 0.0


@dataclass(slots=True)
class Client:
    """key: is sent, and is never part of what is said about a fault."""

    address: Address
    options: ServerOptions
    key: str = field(repr=False)
    _loop: asyncio.AbstractEventLoop | None = None
    _places: list[_Place] = field(default_factory=list)
    _dead: str = ""  # the last fault of a server that was given up, while no other request got through

    async def post(
        self, path: str, body: Mapping[str, Json], read: Callable[[Mapping[str, Json]], Read], route: str = ""
    ) -> Answer[Read]:
        """The answer to a request. read: reads it, and raises Malformed. route: requests of equal ones go to
        the same address, whose own cache then holds their prefix, as long as it answers.

        Raises ModelFault where the server refuses, or no address answers even when asked again.
        """
        queued, began, tries = 0.0, time.perf_counter(), 0
        last = 0 if self._dead else self.options.retries
        while True:
            place = self._place(route)
            waits = time.perf_counter()
            async with place.free:
                queued += time.perf_counter() - waits
                tries += 1
                try:
                    found = read(await self._once(place, path, body))
                except Malformed as malformed:
                    again = _Again(f"its answer is not as it should be ({malformed})")
                except _Again as fault:
                    again = fault
                else:
                    self._dead, place.down_until = "", 0.0
                    return Answer(found, queued, time.perf_counter() - began - queued, tries)
            if tries > last:
                self._dead = again.said
                raise ModelFault(self._given_up(place.url, again.said, tries), status=again.status)
            wait = again.wait
            if wait is None:
                wait = 0.0 if self._other_than(place) else self.options.backoff * 2.0 ** (tries - 1)
            await asyncio.sleep(min(wait, MOST_WAIT))

    async def get(self, path: str) -> Json:
        """What an address says of itself, or None where it does not. Raises ModelFault where none answers."""
        import openai

        place = self._place("")
        try:
            return await place.client.get(path, cast_to=object)
        except openai.APIStatusError:
            return None
        except openai.APITimeoutError:
            raise ModelFault(self._given_up(place.url, self._too_late(), 1)) from None
        except openai.APIConnectionError as error:
            raise ModelFault(self._given_up(place.url, self._reason(error), 1)) from None
        except ValueError:
            return None

    async def close(self) -> None:
        """Lets go of the connections of this event loop."""
        places, self._places, self._loop = self._places, [], None
        for place in places:
            await place.client.close()

    async def _once(self, place: _Place, path: str, body: Mapping[str, Json]) -> Mapping[str, Json]:
        import openai

        try:
            found = await place.client.post(path, body=dict(body), cast_to=object)
        except openai.APITimeoutError:
            raise _Again(self._too_late()) from None
        except openai.APIConnectionError as error:
            place.down_until = time.monotonic() + DOWN_SECONDS
            raise _Again(self._reason(error)) from None
        except openai.APIStatusError as error:
            said = f"it answered {error.status_code}{self._said(error)}"
            if error.status_code in AGAIN:
                raise _Again(said, _wait_asked_for(error), error.status_code) from None
            raise ModelFault(self._given_up(place.url, said, 1), status=error.status_code) from None
        except (ValueError, openai.APIError):
            raise _Again("its answer is not JSON") from None
        if not isinstance(found, Mapping):
            raise _Again("its answer is not JSON")
        return found

    def _place(self, route: str) -> _Place:
        """The address for a route: by the highest hash of both (rendezvous hashing: Thaler and Ravishankar,
        1998), so that most routes keep theirs where one falls out."""
        self._enter()
        now = time.monotonic()
        up = [place for place in self._places if place.down_until <= now] or self._places
        return max(up, key=lambda place: hashlib.sha256(f"{route}\x1f{place.url}".encode()).digest())

    def _other_than(self, place: _Place) -> bool:
        now = time.monotonic()
        return any(other is not place and other.down_until <= now for other in self._places) and (
            place.down_until > now
        )

    def _enter(self) -> None:
        """Makes the clients of this event loop: connections are of the loop in which they were opened."""
        loop = asyncio.get_running_loop()
        if loop is self._loop:
            return
        with suppress(ImportError):
            import httpx  # noqa: F401  the client looks at it, also while another thread is half through it
        from openai import AsyncOpenAI

        self._loop = loop
        self._places = [
            _Place(
                url,
                AsyncOpenAI(base_url=url, api_key=self.key, timeout=self.options.timeout, max_retries=0),
                asyncio.Semaphore(self.options.concurrency),
            )
            for url in self.address.urls
        ]

    def _given_up(self, url: str, fault: str, tries: int) -> str:
        often = "" if tries == 1 else f", asked {tries} times"
        return f"the model server {url} failed: {fault}{often}"

    def _too_late(self) -> str:
        return f"it gave no answer within {self.options.timeout:g} seconds"

    def _reason(self, error: Exception) -> str:
        """Why there was no connection, or no whole answer."""
        cause: BaseException = error
        while cause.__cause__ is not None or cause.__context__ is not None:
            cause = cause.__cause__ or cause.__context__ or cause
        said = str(cause).strip().rstrip(".") or type(cause).__name__
        return self._without_key(f"it cannot be reached, or broke off ({said[:LONGEST_SAID]})")

    def _said(self, error: Any) -> str:
        body = error.body
        if isinstance(body, Mapping):
            inner = body.get("error", body)
            body = inner.get("message", inner) if isinstance(inner, Mapping) else inner
            if isinstance(body, Mapping):
                body = body.get("detail", body)
        text = " ".join(str(body or "").split())
        return self._without_key(f" ({text[:LONGEST_SAID].rstrip('.')})") if text else ""

    def _without_key(self, text: str) -> str:
        """Some servers repeat the key in their complaint."""
        return text if self.key == NO_KEY else text.replace(self.key, "[the key]")


class _Again(Exception):
    """A fault after which to ask again. wait: seconds that the server asked for, None where it did not."""

    def __init__(self, said: str, wait: float | None = None, status: int | None = None) -> None:
        super().__init__(said)
        self.said, self.wait, self.status = said, wait, status


def _wait_asked_for(error: Any) -> float | None:
    """What the header Retry-After says, where it is a number of seconds."""
    try:
        return max(0.0, float(error.response.headers.get("retry-after", "")))
    except ValueError:
        return None
