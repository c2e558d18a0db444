# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Spans: nesting in threads and tasks, forks, and no daemon."""

import asyncio
import threading
from logging import WARNING

import jouletrail
from case import Case, DaemonCase
from fake import result


class Nesting(DaemonCase):
    def parents(self):
        """Name of each span's parent, by name."""
        begins = self.daemon.of("span_begin")
        return {b["name"]: b.get("parent") for b in begins}

    def test_spans_nest_by_themselves(self):
        with self.span("outer") as outer:
            with self.span("inner"):
                self.assertEqual(jouletrail.current_span().name, "inner")
            self.assertIs(jouletrail.current_span(), outer)
            with self.span("second"):
                pass
        self.assertIsNone(jouletrail.current_span())
        self.assertEqual(self.parents(), {"outer": None, "inner": 1, "second": 1})
        self.assertEqual(outer.result.energy_uj.value, 20_000_000)

    def test_a_thread_is_not_inside_its_creators_span(self):
        with self.span("outer"):
            thread = threading.Thread(target=lambda: self.span("in a thread").begin().end())
            thread.start()
            thread.join()
        self.assertIsNone(self.parents()["in a thread"])

    def test_tasks_nest_in_whoever_created_them(self):
        async def part(name, go, wait):
            async with self.span(name):
                go.set()
                await wait.wait()
                async with self.span(name + name):
                    await asyncio.sleep(0)

        async def work():
            a, b = asyncio.Event(), asyncio.Event()
            async with self.span("root"):
                # Interleaved on purpose: each waits within its span for the other to be in its own.
                await asyncio.gather(part("a", a, b), part("b", b, a))
                self.assertEqual(jouletrail.current_span().name, "root")

        asyncio.run(work())
        parents = self.parents()
        numbers = {"a": parents["aa"], "b": parents["bb"]}
        self.assertEqual((parents["a"], parents["b"]), (1, 1))
        self.assertEqual(sorted(numbers.values()), [2, 3])

    def test_a_span_that_ended_is_nobodys_parent(self):
        async def late(began):
            await began.wait()
            async with self.span("late"):
                pass

        async def work():
            began = asyncio.Event()
            async with self.span("outer"):
                task = asyncio.ensure_future(late(began))
                await asyncio.sleep(0)
            began.set()
            await task

        asyncio.run(work())
        self.assertIsNone(self.parents()["late"])

    def test_a_span_across_a_lost_connection_has_no_result(self):
        span = self.span("cut").begin()
        self.daemon.drop_all()
        self.assertIsNone(span.end())
        self.assertIsNotNone(span.duration_ns)
        with self.span("after") as after:
            pass
        self.assertIsNone(span.result)
        self.assertIsNotNone(after.result)

    def test_a_daemon_that_stops_tells_what_it_knows(self):
        span, other = self.span("told").begin(), self.span("not told").begin()
        self.daemon.tell({"event": "span", "result": {**result(1, {"name": "told"}), "ended_by": "stopping"}})
        self.daemon.tell({"event": "span", "result": {"span": "x"}})
        self.daemon.drop_all()
        other.end()
        span.end()
        self.assertEqual((span.result.name, span.result.ended_by), ("told", "stopping"))
        self.assertIsNone(other.result)

    def test_a_refusal_is_of_one_span(self):
        self.daemon.refuse = {"span_begin": "limit"}
        for _ in range(3):
            with self.span("a") as span:
                pass
        self.assertIsNone(span.result)
        self.assertEqual((self.levels("limit"), self.said("monitor_only")), ([WARNING], 0))

    def test_lost_detail_is_said_once(self):
        self.daemon.change = lambda r: r.update(lost=True)
        for _ in range(3):
            with self.span("a") as span:
                pass
        self.assertTrue(span.result.lost and span.result.energy())
        self.assertEqual(self.levels("lost detail"), [WARNING])

    def test_names_are_cut_to_what_the_protocol_takes(self):
        with self.span("é" * 100):
            pass
        self.assertEqual(self.daemon.of("span_begin")[0]["name"], "é" * 64)

    def test_missing_is_missing(self):
        def change(result):
            result.update(quality="missing", energy_uj=None)

        self.daemon.change = change
        with self.span() as span:
            pass
        self.assertIsNone(span.result.energy())
        self.assertIsNone(span.result.energy(machine=True))
        self.assertEqual(span.result.host.energy_uj.value, 30_000_000)

    def test_begun_twice_is_a_mistake(self):
        span = self.span().begin()
        with self.assertRaises(RuntimeError):
            span.begin()
        self.assertEqual(span.end(), span.end())


class Forks(DaemonCase):
    def test_a_child_has_a_connection_of_its_own(self):
        outer = self.span("parent").begin()

        def child():
            mine = self.span("child")
            with mine:
                pass
            return mine.result is not None and mine.result.name == "child"

        self.assertEqual(self.in_child(child), 0)
        self.assertEqual(self.daemon.n_connections, 2)
        self.assertIsNone([b for b in self.daemon.of("span_begin") if b["name"] == "child"][0].get("parent"))
        self.assertEqual(outer.end().name, "parent")

    def test_a_child_cannot_end_its_parents_span(self):
        outer = self.span("parent").begin()
        self.assertEqual(self.in_child(lambda: outer.end() is None and not outer.mine), 0)
        self.assertEqual(self.daemon.of("span_end"), [])
        self.assertEqual(outer.end().name, "parent")

    def test_a_fork_while_another_thread_waits(self):
        self.daemon.held = {"span_end"}
        span = self.span("held").begin()
        waiter = threading.Thread(target=span.end)
        waiter.start()
        self.daemon.wait_for("span_end")
        self.assertEqual(self.in_child(lambda: self.client.version()["protocol"] == 1), 0)
        self.daemon.release()
        waiter.join()
        self.assertEqual(span.result.name, "held")


class NoDaemon(Case):
    def test_the_program_goes_on_and_it_is_said_once(self):
        client = jouletrail.Client(self.folder + "/none")
        for _ in range(3):
            with jouletrail.Span("a", client=client) as span:
                self.assertIsNone(span.read())
            self.assertIsNone(span.result)
            self.assertGreaterEqual(span.duration_ns, 0)
        self.assertEqual(self.said("monitor_only"), 1)

    def test_asyncio_goes_on_too(self):
        client = jouletrail.Client(self.folder + "/none")

        async def work():
            async with jouletrail.Span("a", client=client) as span:
                pass
            return span.result

        self.assertIsNone(asyncio.run(work()))
        self.assertEqual(self.said("monitor_only"), 1)
