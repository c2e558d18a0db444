# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""One connection to the daemon: lines out, lines in, each answer to whoever asked for it.

There is no thread of its own. Of the threads that wait for answers one reads for all; an event loop that waits
reads when its selector says that there is something. So neither holds up the other, and os.fork() finds
nothing running.
"""

from __future__ import annotations

import asyncio
import json
import os
import select
import socket
import struct
import threading
import time
from concurrent.futures import Future
from typing import Any, Dict, Mapping, Optional, Union

from . import figures
from .errors import JouletrailError, NotConnected, ProtocolError, Refused

Answer = Dict[str, Any]

# docs/protocol.md: a request has at most 16 KiB; a client's unread answers at most 256 KiB.
REQUEST_MAX = 16 * 1024
ANSWER_MAX = 1024 * 1024
# As many spans as a connection has.
SPANS_MAX = 64
# 2^63 has 19 digits: longer ones are not even converted.
_DIGITS_MAX = 20


def _integer(digits: str) -> int:
    if len(digits) > _DIGITS_MAX:
        raise ValueError("an integer beyond 2^63")
    return int(digits)


def _constant(word: str) -> float:
    raise ValueError(f"{word} is no JSON")


def parse_line(line: Union[bytes, bytearray]) -> Answer:
    """One line of the daemon. Raises ProtocolError for whatever is no object in JSON."""
    try:
        answer = json.loads(line.decode("utf-8"), parse_int=_integer, parse_constant=_constant)
    except (ValueError, RecursionError) as e:
        raise ProtocolError(f"the daemon sent a line that is no JSON: {e}") from None
    if not isinstance(answer, dict):
        raise ProtocolError("the daemon sent a line that is no object")
    return answer


def _timeval(seconds: float) -> bytes:
    return struct.pack("ll", int(seconds), int(seconds % 1 * 1_000_000))


class Link:
    """A connected socket. After `failure` is set it is of no use any more: make another one."""

    def __init__(self, path: str, timeout_s: float) -> None:
        self.pid = os.getpid()
        self.failure: Optional[JouletrailError] = None
        self.timed_out = False
        # What a daemon that stops tells of spans whose result nobody had asked for, by their numbers.
        self.last_words: Dict[int, Answer] = {}
        self._pending: Dict[int, Future[Answer]] = {}
        self._last_id = 0
        self._unread = bytearray()
        self._turn = threading.Condition()
        self._reading = False
        self._loops: Dict[asyncio.AbstractEventLoop, int] = {}
        self._sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            # A full backlog blocks here, at most so long; a socket that cannot block would not wait for it at all.
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _timeval(timeout_s))
            self._sock.connect(path)
            self._sock.setblocking(False)
        except (OSError, ValueError) as e:
            self._sock.close()
            raise NotConnected(f"{path}: {e.strerror if isinstance(e, OSError) and e.strerror else e}") from None
        self._fd = self._sock.fileno()

    def submit(self, op: str, fields: Mapping[str, Any]) -> Future[Answer]:
        """Sends a request. Never waits: a daemon that leaves 200 KiB of requests unread is lost."""
        future: Future[Answer] = Future()
        future.set_running_or_notify_cancel()
        with self._turn:
            if self.failure:
                raise self.failure
            self._last_id += 1
            line = json.dumps({**fields, "op": op, "id": self._last_id}, separators=(",", ":")).encode() + b"\n"
            if len(line) > REQUEST_MAX:
                raise ValueError(f"{op}: a request of {len(line)} bytes, at most {REQUEST_MAX}")
            self._pending[self._last_id] = future
            try:
                sent = self._sock.send(line, socket.MSG_NOSIGNAL)
            except BlockingIOError:
                self._fail(NotConnected("the daemon does not read its requests"))
            except OSError as e:
                # It may have said something before it went.
                while not self.failure and self._receive():
                    pass
                self._fail(NotConnected(f"the daemon is gone: {e.strerror}"))
            else:
                if sent != len(line):
                    self._fail(NotConnected("the daemon does not read its requests"))
        return future

    def wait(self, future: Future[Answer], timeout_s: float) -> Answer:
        """The answer. Raises Refused, NotConnected or ProtocolError."""
        deadline = time.monotonic() + timeout_s
        with self._turn:
            while not future.done():
                remaining_s = deadline - time.monotonic()
                if remaining_s <= 0:
                    self._late(timeout_s)
                elif self._reading:
                    self._turn.wait(remaining_s)
                else:
                    self._read_released(remaining_s)
        return future.result()

    async def wait_async(self, future: Future[Answer], timeout_s: float) -> Answer:
        loop = asyncio.get_running_loop()
        self._watch(loop)
        try:
            return await asyncio.wait_for(asyncio.wrap_future(future), timeout_s)
        except asyncio.TimeoutError:
            with self._turn:
                self._late(timeout_s)
            raise NotConnected(str(self.failure)) from None
        finally:
            self._unwatch(loop)

    def poll(self) -> None:
        """Takes in what is there already."""
        with self._turn:
            if not self._reading and not self.failure:
                self._receive()

    def close(self) -> None:
        with self._turn:
            self._fail(NotConnected("closed by this program"))

    def forget(self) -> None:
        """In a forked child: the parent goes on with the connection, this end of it goes."""
        self._turn = threading.Condition()
        self._reading = False
        self.failure = NotConnected("the connection is the parent's")
        self._pending.clear()
        self._sock.close()

    def _late(self, timeout_s: float) -> None:
        self.timed_out = True
        self._fail(NotConnected(f"no answer within {timeout_s:g} s"))

    def _read_released(self, timeout_s: float) -> None:
        """Waits for something to read without the lock, so that others can ask meanwhile."""
        self._reading = True
        self._turn.release()
        try:
            poller = select.poll()
            poller.register(self._fd, select.POLLIN)
            ready = poller.poll(int(timeout_s * 1000) + 1)
        finally:
            self._turn.acquire()
            self._reading = False
            self._close_unwatched()
            self._turn.notify_all()
        if ready and not self.failure:
            self._receive()
            self._turn.notify_all()

    def _receive(self) -> bool:
        """Reads and hands out what there is. With the lock. False where there was nothing."""
        try:
            chunk = self._sock.recv(65536)
        except (BlockingIOError, InterruptedError):
            return False
        except OSError as e:
            self._fail(NotConnected(f"the daemon is gone: {e.strerror}"))
            return False
        if not chunk:
            self._fail(NotConnected("the daemon closed the connection"))
            return False
        self._unread += chunk
        try:
            if b"\n" in chunk:
                lines = self._unread.split(b"\n")
                self._unread = lines.pop()
                for line in lines:
                    self._dispatch(parse_line(line))
            if len(self._unread) > ANSWER_MAX:
                raise ProtocolError(f"a line beyond {ANSWER_MAX} bytes")
        except ProtocolError as e:
            self._fail(e)
        return True

    def _dispatch(self, answer: Answer) -> None:
        number = answer.get("id")
        future = self._pending.pop(number, None) if type(number) is int else None
        if "event" in answer:
            result = answer.get("result")
            if answer["event"] == "span" and isinstance(result, dict) and len(self.last_words) < SPANS_MAX:
                self.last_words[figures.integer(result, "span")] = result
            return
        if future is None:
            error = answer.get("error")
            # An answer to no request of ours: what is said before a connection is closed.
            if isinstance(error, dict) and error.get("code") in ("limit", "too_long", "stopping"):
                self._fail(NotConnected(f"the daemon says {error['code']}"))
            return
        ok, error = answer.get("ok"), answer.get("error")
        if isinstance(ok, dict):
            future.set_result(ok)
        elif isinstance(error, dict):
            future.set_exception(Refused(str(error.get("code", "")), str(error.get("message", ""))))
        else:
            future.set_exception(ProtocolError("an answer with neither ok nor error"))

    def _fail(self, why: JouletrailError) -> None:
        """The end of this connection, for all who wait. With the lock."""
        if self.failure:
            return
        self.failure = why
        pending, self._pending = self._pending, {}
        self._unread = bytearray()
        for future in pending.values():
            future.set_exception(why)
        try:
            self._sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._close_unwatched()
        self._turn.notify_all()

    def _close_unwatched(self) -> None:
        # A selector must let go of a descriptor before its number can be another file's.
        if self.failure and not self._loops and not self._reading:
            self._sock.close()

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._turn:
            self._loops[loop] = self._loops.get(loop, 0) + 1
            if self._loops[loop] == 1 and self._sock.fileno() >= 0:
                loop.add_reader(self._fd, self._readable, loop)

    def _unwatch(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._turn:
            self._loops[loop] -= 1
            if self._loops[loop] == 0:
                del self._loops[loop]
                if self._sock.fileno() >= 0:
                    loop.remove_reader(self._fd)
                self._close_unwatched()

    def _readable(self, loop: asyncio.AbstractEventLoop) -> None:
        with self._turn:
            if self.failure:
                loop.remove_reader(self._fd)
            elif not self._reading:
                # A thread that waits for its answer sees the same bytes and hands out ours.
                self._receive()
                self._turn.notify_all()
