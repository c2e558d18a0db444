# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Span: a part of a program, as a context manager for threads and for asyncio. Nests by itself.

The span that a piece of code is in is a context variable: a thread begins with none, an asyncio task with that of
whoever created it. Spans of tasks that run at the same time each count the whole process: they overlap, and
are not to be added up.

No failure of the daemon leaves here: it is said once, and `result` is None.
"""

from __future__ import annotations

import contextvars
import os
import time
from types import TracebackType
from typing import Callable, Mapping, Optional, Type

from . import figures
from .client import Client, Pending, Target, begin_fields, shared_client
from .errors import JouletrailError, NotConnected, Refused
from .figures import SpanResult
from .link import Answer, Link

NAME_MAX = 128

_current: contextvars.ContextVar[Optional[Span]] = contextvars.ContextVar("jouletrail_span", default=None)


def current_span() -> Optional[Span]:
    """The innermost open span that this code is in."""
    span = _current.get()
    while span is not None and not span.open:
        span = span.outer
    return span


class Span:
    """with Span("load") as s: …; s.result

    name: at most 128 bytes, more is cut. labels: at most 16. target: None is this process and its descendants.
    result: None until it ended, and where there is none. duration_ns: always there once it ended.
    """

    def __init__(
        self,
        name: str = "",
        labels: Optional[Mapping[str, str]] = None,
        target: Optional[Target] = None,
        client: Optional[Client] = None,
        outer: Optional[Span] = None,
    ) -> None:
        self.name = name.encode("utf-8", "replace")[:NAME_MAX].decode("utf-8", "ignore")
        self.labels = labels
        self.target = target
        self.client = client or shared_client()
        self.outer = outer
        self.result: Optional[SpanResult] = None
        self.duration_ns: Optional[int] = None
        self.ended = False
        self._number: Optional[int] = None
        self._link: Optional[Link] = None
        self._pid = 0
        self._began_ns = 0

    @property
    def open(self) -> bool:
        """Whether others can be inside it: begun, not ended, and of this process and connection."""
        return not self.ended and self._number is not None and self._reachable() is None

    @property
    def mine(self) -> bool:
        """False in a child that was forked while the span was open: it is the parent's to report."""
        return self._pid in (0, os.getpid())

    def within(self, outer: Optional[Span]) -> None:
        """Before begin(): what it is inside of where the context knows of nothing."""
        if current_span() is None:
            self.outer = outer

    def elapsed_ns(self) -> int:
        """Up to its end, or to now."""
        if self.duration_ns is not None:
            return self.duration_ns
        return time.monotonic_ns() - self._began_ns if self._began_ns else 0

    def begin(self) -> Span:
        self._enter()
        try:
            pending = self.client.submit("span_begin", **self._begin_fields())
            self._begun(pending[0], self.client.wait(pending))
        except JouletrailError as e:
            self._without(e)
        return self

    def end(self) -> Optional[SpanResult]:
        """Waits for the end of the window that this lies in."""
        pending = self.end_later()
        return self.collect(pending) if pending is not None else self.result

    def end_later(self) -> Optional[Pending]:
        """Ends it and does not wait: collect() has the result. None where there is nothing to collect."""
        if not self._leave():
            return None
        try:
            return self.client.submit("span_end", span=self._named())
        except JouletrailError as e:
            self._without(e)
            return None

    def collect(self, pending: Pending) -> Optional[SpanResult]:
        self._take(lambda: self.client.wait(pending))
        return self.result

    def read(self) -> Optional[SpanResult]:
        """What it took up to the end of the last window; it goes on."""
        try:
            return SpanResult.parse(self.client.call("span_read", span=self._named()))
        except JouletrailError as e:
            self._without(e)
            return None

    async def begin_async(self) -> Span:
        self._enter()
        try:
            pending = await self.client.submit_async("span_begin", **self._begin_fields())
            self._begun(pending[0], await self.client.wait_async(pending))
        except JouletrailError as e:
            self._without(e)
        return self

    async def end_async(self) -> Optional[SpanResult]:
        pending = self.end_later()
        return await self.collect_async(pending) if pending is not None else self.result

    async def collect_async(self, pending: Pending) -> Optional[SpanResult]:
        try:
            answer = await self.client.wait_async(pending)
        except JouletrailError as e:
            self._without(e)
        else:
            self._take(lambda: answer)
        return self.result

    def __enter__(self) -> Span:
        return self.begin()

    def __exit__(
        self, kind: Optional[Type[BaseException]], e: Optional[BaseException], tb: Optional[TracebackType]
    ) -> None:
        self.end()

    async def __aenter__(self) -> Span:
        return await self.begin_async()

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], e: Optional[BaseException], tb: Optional[TracebackType]
    ) -> None:
        await self.end_async()

    # ---- inside --------------------------------------------------------------------------------

    def _begin_fields(self) -> Answer:
        inside = self.outer
        parent = inside._number if inside is not None and inside.client is self.client and inside.open else None
        return begin_fields(self.name, self.labels, self.target, parent)

    def _enter(self) -> None:
        if self._began_ns:
            raise RuntimeError(f"span {self.name!r} was begun already")
        if self.outer is None:
            self.outer = current_span()
        self._began_ns = time.monotonic_ns()
        self._pid = os.getpid()
        _current.set(self)

    def _begun(self, link: Link, answer: Answer) -> None:
        self._number = figures.integer(answer, "span")
        self._link = link

    def _leave(self) -> bool:
        """False if it ended already. Takes it out of the context that it is in."""
        if self.ended:
            return False
        self.ended = True
        if self._began_ns:
            self.duration_ns = time.monotonic_ns() - self._began_ns
        if _current.get() is self:
            _current.set(self.outer)
        return self._number is not None

    def _reachable(self) -> Optional[JouletrailError]:
        if self._pid != os.getpid():
            return NotConnected(f"span {self.name!r} is another process's: this one was forked")
        if self._link is None or not self.client.uses(self._link):
            return NotConnected(f"the connection of span {self.name!r} was lost")
        return None

    def _named(self) -> int:
        gone = self._reachable()
        if gone is not None:
            raise gone
        if self._number is None:
            raise NotConnected(f"span {self.name!r} was not begun")
        return self._number

    def _take(self, answer: Callable[[], Answer]) -> None:
        try:
            self.result = SpanResult.parse(answer())
            if self.result.lost:
                self.client.span_lost(self.name)
        except JouletrailError as e:
            self._without(e)

    def _without(self, why: JouletrailError) -> None:
        if self._link is not None and self.mine and self._number in self._link.last_words:
            self.result = SpanResult.parse(self._link.last_words.pop(self._number))
            return
        if isinstance(why, Refused):
            self.client.span_refused(self.name, why)
        else:
            self.client.monitor_only(why)
