# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A server that answers as docs/protocol.md says, with figures that a test chooses; and one that does not."""

from __future__ import annotations

import json
import os
import shutil
import socket
import tempfile
import threading
from typing import Any, Callable, Dict, List, Optional

UJ_PER_S = 10_000_000


def figure(value: int, low: Optional[int] = None, high: Optional[int] = None) -> Dict[str, int]:
    return {
        "value": value,
        "low": value * 9 // 10 if low is None else low,
        "high": value * 11 // 10 if high is None else high,
    }


def grams(energy_uj: int) -> Dict[str, int]:
    """At 114 g/kWh [68, 171]."""
    ug = energy_uj * 114_000 // 3_600_000_000
    return figure(ug, ug * 6 // 10, ug * 15 // 10)


def result(number: int, begin: Dict[str, Any], wall_ns: int = 2_000_000_000) -> Dict[str, Any]:
    """10 W of the target and 15 W of the host at 114 g/kWh."""
    energy_uj = wall_ns * UJ_PER_S // 1_000_000_000
    return {
        "span": number,
        "name": begin.get("name", ""),
        "labels": begin.get("labels", {}),
        "begin_real_us": 1_760_000_000_000_000,
        "end_real_us": 1_760_000_000_000_000 + wall_ns // 1000,
        "wall_ns": wall_ns,
        "cpu_ns": wall_ns // 2,
        "n_windows": 3,
        "n_processes": 1,
        "energy_uj": figure(energy_uj),
        "co2e_ug": grams(energy_uj),
        "host": {
            "energy_uj": figure(energy_uj * 3 // 2),
            "co2e_ug": grams(energy_uj * 3 // 2),
            "wall_ns": wall_ns + 1_000_000_000,
        },
        "intensity_mg_per_kwh": figure(114_000, 80_000, 155_000),
        "zone": "FR",
        "quality": "measured",
        "power_source": "powercap",
        "border_ppm": 300,
        "ended_by": "client",
        "lost": False,
    }


class SocketServer:
    """Accepts on a socket in a folder of its own, a thread for each connection, until closed."""

    def __init__(self) -> None:
        self.folder = tempfile.mkdtemp(prefix="jouletrail-test-")
        self.path = os.path.join(self.folder, "control.sock")
        self.n_connections = 0
        self._open: List[socket.socket] = []
        self._lock = threading.Lock()
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listener.bind(self.path)
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                peer, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.n_connections += 1
                self._open.append(peer)
            threading.Thread(target=self._serve_quietly, args=(peer,), daemon=True).start()

    def _serve_quietly(self, peer: socket.socket) -> None:
        try:
            self.serve(peer)
        except OSError:
            pass
        finally:
            peer.close()

    def serve(self, peer: socket.socket) -> None:
        raise NotImplementedError

    def tell(self, event: Dict[str, Any]) -> None:
        with self._lock:
            for peer in self._open:
                peer.sendall(json.dumps(event).encode() + b"\n")

    def drop_all(self) -> None:
        with self._lock:
            for peer in self._open:
                try:
                    peer.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
            self._open.clear()

    def close(self) -> None:
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()
        self.drop_all()
        shutil.rmtree(self.folder)


class FakeDaemon(SocketServer):
    """requests: all of them. change: may alter a result. held: ops that wait for release()."""

    def __init__(self) -> None:
        self.requests: List[Dict[str, Any]] = []
        self.change: Callable[[Dict[str, Any]], None] = lambda r: None
        self.wall_ns = 2_000_000_000
        self.refuse: Dict[str, str] = {}
        self.held: "set[str]" = set()
        self.seen = threading.Condition()
        self._release = threading.Event()
        super().__init__()

    def release(self) -> None:
        self._release.set()

    def of(self, op: str) -> List[Dict[str, Any]]:
        with self.seen:
            return [r for r in self.requests if r["op"] == op]

    def wait_for(self, op: str, n: int = 1) -> None:
        """Until n requests of op have come in: a handshake, not a time."""
        with self.seen:
            self.seen.wait_for(lambda: sum(r["op"] == op for r in self.requests) >= n)

    def serve(self, peer: socket.socket) -> None:
        spans: Dict[int, Dict[str, Any]] = {}
        writing = threading.Lock()

        def send(answer: Dict[str, Any]) -> None:
            with writing:
                peer.sendall(json.dumps(answer).encode() + b"\n")

        with peer.makefile("rb") as lines:
            for line in lines:
                request = json.loads(line)
                with self.seen:
                    self.requests.append(request)
                    self.seen.notify_all()
                answer = self.answer(request, spans)
                if request["op"] in self.held:
                    threading.Thread(target=self._later, args=(send, answer), daemon=True).start()
                else:
                    send(answer)

    def _later(self, send: Callable[[Dict[str, Any]], None], answer: Dict[str, Any]) -> None:
        self._release.wait()
        try:
            send(answer)
        except OSError:
            pass

    def answer(self, request: Dict[str, Any], spans: Dict[int, Dict[str, Any]]) -> Dict[str, Any]:
        op, number = request["op"], request.get("id", 0)
        if op in self.refuse:
            return {"id": number, "error": {"code": self.refuse[op], "message": "as the test says"}}
        answers: Dict[str, Callable[[], Any]] = {
            "version": lambda: {"protocol": 1, "version": "0.1.0", "privileged": False, "interval_ns": 10**9},
            "status": lambda: {"state": "measuring"},
            "totals": lambda: {**result(0, {}), "missing_ns": 0},
            "consumers": lambda: {"window": {}, "by": "process", "consumers": [{"pid": 1}]},
            "intensity": lambda: {
                "mg_per_kwh": figure(60_000, 50_000, 75_000),
                "zone": "FR",
                "kind": "average",
                "source": "forecast",
            },
            "span_begin": lambda: self._begin(request, spans),
            "span_end": lambda: self._result(request, spans, spans.pop),
            "span_read": lambda: self._result(request, spans, spans.get),
            "spans": lambda: {"spans": [{"span": n, **begin} for n, begin in spans.items()]},
        }
        if op not in answers:
            return {"id": number, "error": {"code": "unknown_op", "message": f"there is no op '{op}'"}}
        ok = answers[op]()
        if ok is None:
            return {"id": number, "error": {"code": "unknown_span", "message": "no such span"}}
        return {"id": number, "ok": ok}

    def _begin(self, request: Dict[str, Any], spans: Dict[int, Dict[str, Any]]) -> Optional[Dict[str, Any]]:
        if "parent" in request and request["parent"] not in spans:
            return None
        number = max(spans, default=0) + 1
        spans[number] = request
        return {"span": number, "begin_real_us": 1}

    def _result(
        self, request: Dict[str, Any], spans: Dict[int, Dict[str, Any]], take: Callable[..., Any]
    ) -> Optional[Dict[str, Any]]:
        begin = take(request["span"], None)
        if begin is None:
            return None
        answer = result(request["span"], begin, self.wall_ns)
        self.change(answer)
        return answer


class RawServer(SocketServer):
    """Says what a test wants, whatever it is asked."""

    def __init__(self, say: Callable[[socket.socket], None]) -> None:
        self.say = say
        super().__init__()

    def serve(self, peer: socket.socket) -> None:
        self.say(peer)
