# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Client: the control socket of docs/protocol.md as methods.

Safe to use from several threads and event loops at once: all share one connection. A connection that is lost is made
again at the next call; after a daemon that did not answer in time not before BACKOFF_S. A forked child
makes its own.
"""

from __future__ import annotations

import asyncio
import atexit
import logging
import os
import threading
import time
import weakref
from concurrent.futures import Future
from typing import Any, Dict, List, Mapping, Optional, Set, Tuple

from . import figures
from .errors import JouletrailError, NotConnected, ProtocolError, Refused
from .figures import Intensity, SpanResult, Totals
from .link import Answer, Link

PROTOCOL = 1
DEFAULT_PATH = "/run/jouletrail/control.sock"
BACKOFF_S = 60.0

log = logging.getLogger("jouletrail")

Target = Mapping[str, Any]
# A request on its way: the link that it went over is the one to wait on.
Pending = Tuple[Link, "Future[Answer]"]

_clients: "weakref.WeakSet[Client]" = weakref.WeakSet()


class Client:
    """path: the daemon's socket; None is $JOULETRAIL_SOCKET or DEFAULT_PATH.

    timeout_s: how long an answer may take, beyond the window that a span's end waits for.
    """

    def __init__(self, path: Optional[str] = None, timeout_s: float = 10.0) -> None:
        self.path = path or os.environ.get("JOULETRAIL_SOCKET") or DEFAULT_PATH
        self.timeout_s = timeout_s
        self.interval_ns = figures.NS_PER_S
        self._link: Optional[Link] = None
        self._not_before_s = 0.0
        self._connecting = threading.Lock()
        self._said_lock = threading.Lock()
        self._said: Set[str] = set()
        _clients.add(self)

    # ---- requests ------------------------------------------------------------------------------

    def version(self) -> Answer:
        return self.call("version")

    def status(self) -> Answer:
        return self.call("status")

    def totals(self) -> Totals:
        return Totals.parse(self.call("totals"))

    def consumers(self, limit: int = 1000) -> List[Dict[str, Any]]:
        """Rows as in JSON output: what the daemon lets this user see."""
        return figures.rows(self.call("consumers", limit=limit), "consumers")

    def intensity(self, from_real_us: Optional[int] = None, to_real_us: Optional[int] = None) -> Intensity:
        """Of now, or the mean of a time."""
        return Intensity.parse(self.call("intensity", **_period(from_real_us, to_real_us)))

    async def intensity_async(
        self, from_real_us: Optional[int] = None, to_real_us: Optional[int] = None
    ) -> Intensity:
        return Intensity.parse(await self.call_async("intensity", **_period(from_real_us, to_real_us)))

    def span_begin(
        self,
        name: str = "",
        labels: Optional[Mapping[str, str]] = None,
        target: Optional[Target] = None,
        parent: Optional[int] = None,
    ) -> int:
        """Its number, which is of this connection alone. Most programs want `jouletrail.span`."""
        return figures.integer(self.call("span_begin", **begin_fields(name, labels, target, parent)), "span")

    def span_end(self, span: int) -> SpanResult:
        """Waits for the end of the window that the end lies in: at most `interval_ns`."""
        return SpanResult.parse(self.call("span_end", span=span))

    def span_read(self, span: int) -> SpanResult:
        return SpanResult.parse(self.call("span_read", span=span))

    def spans(self) -> List[Dict[str, Any]]:
        return figures.rows(self.call("spans"), "spans")

    # ---- the way there -------------------------------------------------------------------------

    def call(self, op: str, **fields: Any) -> Answer:
        """Any op; what `ok` holds. Raises Refused, NotConnected, ProtocolError."""
        return self.wait(self.submit(op, **fields))

    async def call_async(self, op: str, **fields: Any) -> Answer:
        return await self.wait_async(await self.submit_async(op, **fields))

    def submit(self, op: str, **fields: Any) -> Pending:
        """Sends; wait() or wait_async() takes the answer."""
        link = self._connected()
        return link, link.submit(op, fields)

    async def submit_async(self, op: str, **fields: Any) -> Pending:
        # Connecting can block, with a full backlog; everything after it does not.
        link = self._link if self._usable() else await asyncio.to_thread(self._connected)
        assert link is not None
        return link, link.submit(op, fields)

    def wait(self, pending: Pending) -> Answer:
        link, future = pending
        return self._noted(link, lambda: link.wait(future, self._patience_s()))

    async def wait_async(self, pending: Pending) -> Answer:
        link, future = pending
        try:
            return await link.wait_async(future, self._patience_s())
        finally:
            self._note(link)

    def poll(self) -> None:
        """Takes in answers that are there already, without waiting."""
        link = self._link
        if link is not None:
            link.poll()

    def uses(self, link: Link) -> bool:
        """Whether spans that were begun over link can still be named."""
        return link is self._link and link.failure is None and link.pid == os.getpid()

    def close(self) -> None:
        """Open spans close with the connection. A later call connects again."""
        link, self._link = self._link, None
        if link is not None:
            link.close()

    def monitor_only(self, why: JouletrailError) -> None:
        """Says once that there are no figures; the program goes on."""
        if self._first("monitor_only"):
            log.warning("monitor_only: %s; the program goes on, without figures", why)

    def span_lost(self, name: str) -> None:
        """The daemon's accounting lost detail, on a machine that forks more than it holds. The first is a warning."""
        level = logging.WARNING if self._first("lost") else logging.DEBUG
        log.log(level, "span %r: accounting lost detail, some of its figures may be missing", name)

    def span_refused(self, name: str, why: Refused) -> None:
        """The daemon is there and has said why: of this span, not of all. The first of a kind is a warning."""
        level = logging.WARNING if self._first(why.code) else logging.DEBUG
        log.log(level, "span %r has no figures: %s", name, why)

    # ---- inside --------------------------------------------------------------------------------

    def _first(self, what: str) -> bool:
        with self._said_lock:
            first = what not in self._said
            self._said.add(what)
            return first

    def _patience_s(self) -> float:
        return self.timeout_s + self.interval_ns / figures.NS_PER_S

    def _usable(self) -> bool:
        return self._link is not None and self.uses(self._link)

    def _connected(self) -> Link:
        with self._connecting:
            if self._link is not None and self._usable():
                return self._link
            if time.monotonic() < self._not_before_s:
                raise NotConnected(f"{self.path}: it did not answer within the last {BACKOFF_S:g} s")
            link = Link(self.path, self.timeout_s)
            try:
                self._greet(link)
            except JouletrailError:
                link.close()
                self._note(link)
                raise
            self._link = link
            return link

    def _greet(self, link: Link) -> None:
        version = link.wait(link.submit("version", {}), self.timeout_s)
        if version.get("protocol") != PROTOCOL:
            raise ProtocolError(f"{self.path} speaks protocol {version.get('protocol')!r}, not {PROTOCOL}")
        # A peer without privileges gets windows of a second at least.
        interval_ns = figures.integer(version, "interval_ns", figures.NS_PER_S)
        self.interval_ns = max(interval_ns, figures.NS_PER_S)

    def _noted(self, link: Link, wait: Any) -> Answer:
        try:
            answer: Answer = wait()
            return answer
        finally:
            self._note(link)

    def _note(self, link: Link) -> None:
        if link.timed_out:
            self._not_before_s = time.monotonic() + BACKOFF_S

    def _after_fork(self) -> None:
        self._connecting = threading.Lock()
        self._said_lock = threading.Lock()
        if self._link is not None:
            self._link.forget()
            self._link = None


def begin_fields(
    name: str, labels: Optional[Mapping[str, str]], target: Optional[Target], parent: Optional[int]
) -> Dict[str, Any]:
    fields: Dict[str, Any] = {}
    if name:
        fields["name"] = name
    if labels:
        fields["labels"] = dict(labels)
    if target is not None:
        fields["target"] = dict(target)
    if parent is not None:
        fields["parent"] = parent
    return fields


def _period(from_real_us: Optional[int], to_real_us: Optional[int]) -> Dict[str, int]:
    if from_real_us is None and to_real_us is None:
        return {}
    if from_real_us is None or to_real_us is None or not 0 <= from_real_us < to_real_us:
        raise ValueError("an intensity's time has a from and a later to, or neither")
    return {"from_real_us": from_real_us, "to_real_us": to_real_us}


def _after_fork_in_child() -> None:
    for client in list(_clients):
        client._after_fork()
    global _shared_lock
    _shared_lock = threading.Lock()


os.register_at_fork(after_in_child=_after_fork_in_child)

_shared: Dict[str, Client] = {}


def _close_shared() -> None:
    for client in _shared.values():
        client.close()


atexit.register(_close_shared)
_shared_lock = threading.Lock()


def shared_client(path: Optional[str] = None) -> Client:
    """The client that everything in this process uses: spans nest within one connection only."""
    path = path or os.environ.get("JOULETRAIL_SOCKET") or DEFAULT_PATH
    with _shared_lock:
        if path not in _shared:
            _shared[path] = Client(path)
        return _shared[path]
