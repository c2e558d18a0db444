# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""The connection: answers in any order, and a daemon that is none."""

import asyncio
import json
import os
import threading
import time

import jouletrail
from case import Case, DaemonCase
from fake import RawServer
from jouletrail.link import parse_line


class Answers(DaemonCase):
    def test_ops_have_typed_answers(self):
        self.assertEqual(self.client.version()["protocol"], 1)
        self.assertEqual(self.client.status()["state"], "measuring")
        self.assertEqual(self.client.totals().energy_uj.value, 30_000_000)
        self.assertEqual(self.client.intensity().mg_per_kwh, jouletrail.Figure(60000, 50000, 75000))
        self.assertEqual(self.client.consumers(), [{"pid": 1}])
        number = self.client.span_begin("a", {"k": "v"}, {"pid": os.getpid()})
        self.assertEqual([s["span"] for s in self.client.spans()], [number])
        self.assertEqual(self.client.span_read(number).labels, {"k": "v"})
        self.assertEqual(self.client.span_end(number).zone, "FR")
        self.assertEqual(self.daemon.n_connections, 1)

    def test_the_daemons_error_has_its_code(self):
        with self.assertRaises(jouletrail.Refused) as caught:
            self.client.span_end(99)
        self.assertEqual(caught.exception.code, "unknown_span")
        with self.assertRaises(jouletrail.Refused) as caught:
            self.client.call("dance")
        self.assertEqual(caught.exception.code, "unknown_op")
        self.assertEqual(self.client.version()["protocol"], 1)

    def test_other_answers_overtake_a_spans_end(self):
        self.daemon.held = {"span_end"}
        number = self.client.span_begin()
        ends = []
        waiter = threading.Thread(target=lambda: ends.append(self.client.span_end(number)))
        waiter.start()
        self.daemon.wait_for("span_end")
        # The other thread reads for this one, or this one for it.
        for _ in range(10):
            self.assertEqual(self.client.version()["protocol"], 1)
        self.assertEqual(ends, [])
        self.daemon.release()
        waiter.join()
        self.assertEqual(ends[0].span, number)

    def test_many_threads_share_a_connection(self):
        wrong = []

        def work(n):
            for _ in range(20):
                with jouletrail.Span(f"t{n}", client=self.client) as span:
                    pass
                if span.result is None or span.result.name != f"t{n}":
                    wrong.append(n)

        self.daemon.held = set()
        threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(wrong, [])
        self.assertEqual(self.daemon.n_connections, 1)

    def test_a_lost_connection_is_made_again(self):
        self.client.version()
        self.daemon.drop_all()
        with self.assertRaises(jouletrail.NotConnected):
            # The first one may be sent before the end is seen.
            self.client.version()
            self.client.version()
        self.assertEqual(self.client.version()["protocol"], 1)
        self.assertEqual(self.daemon.n_connections, 2)

    def test_a_request_beyond_16_KiB_is_not_sent(self):
        with self.assertRaises(ValueError):
            self.client.call("span_begin", name="x" * 20000)
        self.assertEqual(self.client.version()["protocol"], 1)

    def test_an_async_answer_while_a_thread_waits(self):
        self.daemon.held = {"span_end"}
        number = self.client.span_begin()
        waiter = threading.Thread(target=lambda: self.client.span_end(number))
        waiter.start()
        self.daemon.wait_for("span_end")

        async def work():
            answers = await asyncio.gather(*[self.client.call_async("version") for _ in range(10)])
            self.assertEqual(len(answers), 10)
            self.daemon.release()

        asyncio.run(work())
        waiter.join()

    def test_a_loop_goes_on_while_an_end_is_waited_for(self):
        self.daemon.held = {"span_end"}
        turns = []

        async def work():
            span = await self.span().begin_async()
            end = asyncio.ensure_future(span.end_async())
            await asyncio.to_thread(self.daemon.wait_for, "span_end")
            for n in range(100):
                await asyncio.sleep(0)
                turns.append(n)
            self.assertFalse(end.done())
            self.daemon.release()
            self.assertEqual((await end).quality, "measured")

        asyncio.run(work())
        self.assertEqual(len(turns), 100)

    def test_a_cancelled_wait_harms_nobody(self):
        self.daemon.held = {"span_end"}

        async def work():
            span = await self.span().begin_async()
            end = asyncio.ensure_future(span.end_async())
            await asyncio.to_thread(self.daemon.wait_for, "span_end")
            end.cancel()
            with self.assertRaises(asyncio.CancelledError):
                await end
            self.daemon.release()
            self.assertEqual((await self.client.call_async("version"))["protocol"], 1)

        asyncio.run(work())


class Hostile(Case):
    """Every one ends in an error within the time-out: nothing hangs, nothing grows, no figure is made up."""

    def meet(self, say, timeout_s=30.0):
        """Greets, then lets `say` answer the next request. The error that comes of it."""

        def serve(peer):
            lines = peer.makefile("rb")
            lines.readline()
            peer.sendall(b'{"id":1,"ok":{"protocol":1,"interval_ns":1000000000}}\n')
            lines.readline()
            say(peer)
            lines.read()

        server = RawServer(serve)
        self.addCleanup(server.close)
        client = jouletrail.Client(server.path, timeout_s)
        self.addCleanup(client.close)
        with self.assertRaises(jouletrail.JouletrailError) as caught:
            client.totals()
        return caught.exception, client

    def test_garbage_is_a_protocol_error(self):
        junks = (b"hello", b"\xff\xfe\x00", b"[1,2]", b'{"id":2', b"", b'{"id":2,"ok":7}', b'{"id":2}')
        for junk in [junk + b"\n" for junk in junks]:
            with self.subTest(junk=junk):
                self.assertIsInstance(self.meet(lambda peer: peer.sendall(junk))[0], jouletrail.ProtocolError)

    def test_a_line_without_an_end_is_given_up(self):
        def endless(peer):
            while True:
                peer.sendall(b"x" * 65536)

        self.assertIsInstance(self.meet(endless)[0], jouletrail.ProtocolError)

    def test_deep_and_long_json_is_a_protocol_error(self):
        for junk in (b"[" * 500_000 + b"\n", b'{"id":' + b"9" * 900_000 + b"}\n", b'{"id":NaN}\n'):
            with self.subTest(junk=junk[:8]):
                self.assertIsInstance(self.meet(lambda peer: peer.sendall(junk))[0], jouletrail.ProtocolError)

    def test_figures_of_the_wrong_kind_are_no_figures(self):
        host = {"energy_uj": {"value": 2, "low": 1, "high": 3}}
        good = {"wall_ns": 1, "cpu_ns": 1, "quality": "measured", "host": host}
        for bad in (
            {"wall_ns": -1},
            {"wall_ns": 1.5},
            {"wall_ns": True},
            {"wall_ns": 1 << 63},
            {"quality": 3},
            {"host": 7},
            {"host": {"energy_uj": {"value": 2, "low": 3, "high": 3}}},
            {"host": {"energy_uj": {"value": 2}}},
            {"host": {"energy_uj": 2}},
        ):
            with self.subTest(bad=bad):
                line = json.dumps({"id": 2, "ok": {**good, **bad}}).encode() + b"\n"
                self.assertIsInstance(self.meet(lambda peer: peer.sendall(line))[0], jouletrail.ProtocolError)

    def test_an_end_in_the_middle_of_an_answer(self):
        def half(peer):
            peer.sendall(b'{"id":2,"ok":{"wall')
            peer.shutdown(2)

        self.assertIsInstance(self.meet(half)[0], jouletrail.NotConnected)

    def test_being_one_too_many_is_said(self):
        error, _ = self.meet(lambda peer: peer.sendall(b'{"id":0,"error":{"code":"limit","message":"full"}}\n'))
        self.assertIn("limit", str(error))

    def test_answers_to_nobody_and_events_are_passed_over(self):
        def chatter(peer):
            peer.sendall(b'{"id":77,"ok":{}}\n{"event":"window","subscription":1}\n{"id":true,"ok":{}}\n' * 100)
            peer.sendall(b'{"id":2,"error":{"code":"not_available","message":"yet"}}\n')

        error, _ = self.meet(chatter)
        self.assertEqual(error.code, "not_available")

    def test_no_answer_costs_no_cpu_and_is_not_asked_for_again(self):
        began_s = time.process_time()
        error, client = self.meet(lambda peer: None, timeout_s=0.2)
        self.assertIsInstance(error, jouletrail.NotConnected)
        self.assertIn("no answer", str(error))
        with self.assertRaises(jouletrail.NotConnected) as caught:
            client.version()
        self.assertIn("within the last", str(caught.exception))
        # It waits 1.2 s: spinning would be seen.
        self.assertLess(time.process_time() - began_s, 0.6)

    def test_no_answer_ends_an_async_wait_too(self):
        server = RawServer(lambda peer: peer.makefile("rb").read())
        self.addCleanup(server.close)
        client = jouletrail.Client(server.path, 0.1)
        with self.assertRaises(jouletrail.NotConnected):
            asyncio.run(client.call_async("version"))

    def test_a_daemon_that_does_not_read_is_given_up(self):
        def deaf(peer):
            peer.recv(4096)
            peer.sendall(b'{"id":1,"ok":{"protocol":1}}\n')
            threading.Event().wait(600)

        server = RawServer(deaf)
        self.addCleanup(server.close)
        client = jouletrail.Client(server.path)
        self.addCleanup(client.close)
        for _ in range(1000):
            _, future = client.submit("span_begin", name="x" * 15000)
            if future.done():
                break
        self.assertIn("does not read", str(future.exception(0)))

    def test_another_protocol_is_refused(self):
        server = RawServer(lambda peer: (peer.recv(4096), peer.sendall(b'{"id":1,"ok":{"protocol":2}}\n')))
        self.addCleanup(server.close)
        with self.assertRaises(jouletrail.ProtocolError):
            jouletrail.Client(server.path).version()

    def test_no_socket_a_file_a_path_too_long(self):
        plain = os.path.join(self.folder, "file")
        with open(plain, "w", encoding="utf-8"):
            pass
        for path in (os.path.join(self.folder, "none"), plain, "/x" * 200, self.folder):
            with self.subTest(path=path), self.assertRaises(jouletrail.NotConnected):
                jouletrail.Client(path).version()

    def test_any_bytes_are_parsed_or_refused(self):
        seed = b'{"id":2,"ok":{"wall_ns":1,"quality":"measured","energy_uj":{"value":2,"low":1,"high":3}}}'
        state = 12345
        for _ in range(3000):
            line = bytearray(seed)
            for _ in range(3):
                state = state * 6364136223846793005 + 1442695040888963407 & (1 << 64) - 1
                line[(state >> 33) % len(line)] = state >> 56
            try:
                answer = parse_line(line)
                ok = answer.get("ok")
                if isinstance(ok, dict):
                    jouletrail.SpanResult.parse(ok)
            except jouletrail.ProtocolError:
                pass
