# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""EnergyTracker and track_energy: what CodeCarbon's users know, with the daemon's figures."""

from __future__ import annotations

import asyncio
import functools
import inspect
import os
import uuid
from types import TracebackType
from typing import Any, Callable, Dict, List, Optional, Tuple, Type, TypeVar, Union, cast, overload

from .client import Client, log, shared_client
from .emissions import EmissionsData, Run, append_row, write_tasks
from .figures import SpanResult
from .options import CODECARBON_IGNORED, CODECARBON_REFUSED, check_others, set_log_level
from .spans import Span

F = TypeVar("F", bound=Callable[..., Any])


class EnergyTracker:
    """start(), then stop() -> kg CO2e, or None where it is not known: no daemon, or a part is missing.

    tracking_mode  "process" (default): this process and its descendants; "machine": all of the host, in whole windows
    save_to_file   appends a row to output_dir/output_file; tasks go to a file of their own
    pue            multiplies what CodeCarbon's columns say; `measured` stays as it was measured
    client         whose daemon; None is the process's shared one

    Other options of CodeCarbon are accepted where they are about how it measures, refused where the
    figures would be others than asked for. Not for use by two threads at once, but for tasks.
    """

    def __init__(
        self,
        project_name: str = "jouletrail",
        *,
        output_dir: str = ".",
        output_file: str = "emissions.csv",
        save_to_file: bool = True,
        experiment_id: Optional[str] = None,
        experiment_name: str = "base",
        tracking_mode: str = "process",
        on_csv_write: str = "append",
        log_level: Union[int, str, None] = None,
        pue: float = 1.0,
        labels: Optional[Dict[str, str]] = None,
        client: Optional[Client] = None,
        **others: object,
    ) -> None:
        check_others("EnergyTracker", others, CODECARBON_IGNORED, CODECARBON_REFUSED)
        set_log_level(log_level)
        if tracking_mode not in ("process", "machine"):
            raise ValueError(f"tracking_mode: {tracking_mode!r} is neither 'process' nor 'machine'")
        if on_csv_write != "append":
            raise ValueError("on_csv_write: rows are appended; an older one is never changed")
        if isinstance(pue, bool) or not isinstance(pue, (int, float)) or not 1 <= pue < 100:
            raise ValueError(f"pue: {pue!r} is no power usage effectiveness: 1 or more")
        if save_to_file and not os.path.isdir(output_dir):
            raise OSError(f"output_dir: there is no folder {output_dir!r}")
        self.client = client or shared_client()
        self.final_emissions: Optional[float] = None
        self.final_emissions_data: Optional[EmissionsData] = None
        # Ended tasks in their order; a name can be there more than once.
        self.tasks: List[Tuple[str, EmissionsData]] = []
        self._output = (output_dir, output_file) if save_to_file else None
        self._experiment_name = experiment_name
        self._labels = labels
        self._root: Optional[Span] = None
        self._open: Dict[str, Span] = {}
        self._run = Run(
            project_name=project_name,
            run_id=str(uuid.uuid4()),
            experiment_id=experiment_id or str(uuid.uuid4()),
            machine=tracking_mode == "machine",
            pue=float(pue),
        )

    @property
    def run_id(self) -> str:
        return self._run.run_id

    # ---- blocking ------------------------------------------------------------------------------

    def start(self) -> None:
        root = self._new_root()
        if root is not None:
            root.begin()

    def stop(self) -> Optional[float]:
        """Waits for the end of the window. Tasks that are open end too. A second call says the same again."""
        root = self._root
        if root is None or root.ended:
            return self._stopped_already()
        for name in reversed(list(self._open)):
            self.stop_task(name)
        root.end()
        return self._finish(root)

    def flush(self) -> Optional[float]:
        """kg CO2e up to the end of the last window, and a row of it; goes on."""
        if self._root is None or self._root.ended:
            return self.final_emissions
        data = self._row(self._root, self._root.read())
        self._save(data)
        return data.emissions

    def start_task(self, task_name: Optional[str] = None) -> str:
        """Its name. Starts the tracker if nothing did; tasks may nest and overlap."""
        if self._root is None:
            self.start()
        name, span = self._new_task(task_name)
        span.begin()
        return name

    def stop_task(self, task_name: Optional[str] = None) -> Optional[EmissionsData]:
        """Of the task begun last, unless named. Waits for the end of the window. None if there is none."""
        name, span = self._pop_task(task_name)
        if span is None:
            return None
        span.end()
        return self._finish_task(name, span)

    def __enter__(self) -> EnergyTracker:
        self.start()
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], e: Optional[BaseException], tb: Optional[TracebackType]
    ) -> None:
        self.stop()

    # ---- asyncio -------------------------------------------------------------------------------

    async def start_async(self) -> None:
        root = self._new_root()
        if root is not None:
            await root.begin_async()

    async def stop_async(self) -> Optional[float]:
        root = self._root
        if root is None or root.ended:
            return self._stopped_already()
        for name in reversed(list(self._open)):
            await self.stop_task_async(name)
        await root.end_async()
        # Another process may hold the file's lock.
        return await asyncio.to_thread(self._finish, root)

    async def start_task_async(self, task_name: Optional[str] = None) -> str:
        if self._root is None:
            await self.start_async()
        name, span = self._new_task(task_name)
        await span.begin_async()
        return name

    async def stop_task_async(self, task_name: Optional[str] = None) -> Optional[EmissionsData]:
        name, span = self._pop_task(task_name)
        if span is None:
            return None
        await span.end_async()
        return self._finish_task(name, span)

    async def __aenter__(self) -> EnergyTracker:
        await self.start_async()
        return self

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], e: Optional[BaseException], tb: Optional[TracebackType]
    ) -> None:
        await self.stop_async()

    # ---- inside --------------------------------------------------------------------------------

    def _new_root(self) -> Optional[Span]:
        if self._root is not None:
            log.warning("EnergyTracker: start() again changes nothing; make another tracker")
            return None
        self._root = Span(self._run.project_name, self._labels, client=self.client)
        return self._root

    def _new_task(self, task_name: Optional[str]) -> Tuple[str, Span]:
        name = task_name or uuid.uuid4().hex
        if name in self._open:
            raise ValueError(f"task {name!r} is open already")
        span = Span(name, {"project": self._run.project_name[:64]}, client=self.client)
        self._open[name] = span
        if self._root is not None and self._root.ended:
            log.warning("EnergyTracker: task %r begins after stop(): it is in no total", name)
        # A thread has a context of its own: the tracker is outside its tasks all the same.
        span.within(self._root)
        return name, span

    def _pop_task(self, task_name: Optional[str]) -> Tuple[str, Optional[Span]]:
        name: str = task_name if task_name else next(reversed(self._open), "")
        span = self._open.pop(name, None)
        if span is None:
            log.warning("EnergyTracker: there is no open task%s", f" {name!r}" if name else "")
        return name, span

    def _finish_task(self, name: str, span: Span) -> EmissionsData:
        data = self._row(span, span.result)
        self.tasks.append((name, data))
        return data

    def _row(self, span: Span, result: Optional[SpanResult]) -> EmissionsData:
        return self._run.row(span.elapsed_ns(), result)

    def _finish(self, root: Span) -> Optional[float]:
        data = self._row(root, root.result)
        self.final_emissions_data = data
        self.final_emissions = data.emissions
        if root.mine:
            self._save(data)
        return data.emissions

    def _save(self, data: EmissionsData) -> None:
        if self._output is None:
            return
        folder, name = self._output
        tasks = os.path.join(folder, f"emissions_{self._experiment_name}_{self.run_id}.csv")
        try:
            append_row(os.path.join(folder, name), data)
            if self.tasks:
                write_tasks(tasks, self.tasks)
        except OSError as e:
            log.error("EnergyTracker: the row is lost: %s", e)

    def _stopped_already(self) -> Optional[float]:
        log.warning("EnergyTracker: stop() without start(), or again")
        return self.final_emissions


@overload
def track_energy(function: F) -> F: ...


@overload
def track_energy(function: None = None, **options: Any) -> Callable[[F], F]: ...


def track_energy(function: Optional[F] = None, **options: Any) -> Union[F, Callable[[F], F]]:
    """@track_energy or @track_energy(project_name=…): an EnergyTracker around each call, also of async functions.

    Options are EnergyTracker's. What the function returns or raises goes through. `wrapped.last_tracker` is the
    tracker of the call that ended last.
    """
    # Wrong options are said where they are written, not at the first call; a folder may come later.
    checked: Dict[str, Any] = {**options, "save_to_file": False}
    EnergyTracker(**checked)
    if function is None:
        return lambda f: _tracked(f, options)
    return _tracked(function, options)


def _tracked(function: F, options: Dict[str, Any]) -> F:
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise TypeError(f"track_energy: {function.__qualname__} is a generator: a call of it only makes one")
    options = {"project_name": function.__qualname__, **options}

    if inspect.iscoroutinefunction(function):

        @functools.wraps(function)
        async def wrapped_async(*args: Any, **kwargs: Any) -> Any:
            tracker = EnergyTracker(**options)
            try:
                async with tracker:
                    return await function(*args, **kwargs)
            finally:
                setattr(wrapped_async, "last_tracker", tracker)

        return cast(F, wrapped_async)

    @functools.wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        tracker = EnergyTracker(**options)
        try:
            with tracker:
                return function(*args, **kwargs)
        finally:
            setattr(wrapped, "last_tracker", tracker)

    return cast(F, wrapped)
