# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""TrainingTracker: epoch_start() and epoch_end() around each epoch, as Carbontracker's users know them.

An epoch's end does not wait for its figures, which come with the window that it lies in: only the epoch that
the prediction is made after waits, and stop(). Without a daemon times are still measured and predicted.
"""

from __future__ import annotations

import contextlib
import datetime
import logging
import os
import sys
import time
from types import TracebackType
from typing import AsyncIterator, Iterator, List, NamedTuple, Optional, Tuple, Type

from . import trainlog
from .client import Client, Pending, log, shared_client
from .errors import JouletrailError
from .figures import NS_PER_S, Figure, Intensity
from .options import CARBONTRACKER_IGNORED, CARBONTRACKER_REFUSED, check_others, whole
from .prediction import Epoch, Prediction, predict
from .spans import Span
from .version import VERSION

# A connection has 64 open spans: so many epochs may wait for their figures.
_PENDING_MAX = 32
# Student's t after three epochs is 4.3, after two 12.7; one says nothing of how epochs differ.
_BEFORE_PRED = 3


class _Ending(NamedTuple):
    number: int
    span: Span
    pending: Optional[Pending]


class TrainingTracker:
    """epochs: of the whole training. epochs_before_pred: after so many the prediction is logged; None: 3, or all of
    fewer; -1: all. monitor_epochs: so many are measured; -1: all. warmup_epochs: the first ones count, but
    say nothing of later ones. log_dir: for a *_jouletrail.log, which parse_log() reads. verbose: 1 prints what was
    and what will be, 2 each epoch too, 0 nothing.
    """

    def __init__(
        self,
        epochs: int,
        epochs_before_pred: Optional[int] = None,
        monitor_epochs: int = -1,
        *,
        warmup_epochs: int = 0,
        log_dir: Optional[str] = None,
        log_file_prefix: str = "",
        verbose: int = 1,
        decimal_precision: int = 12,
        client: Optional[Client] = None,
        **others: object,
    ) -> None:
        check_others("TrainingTracker", others, CARBONTRACKER_IGNORED, CARBONTRACKER_REFUSED)
        self.epochs = whole("epochs", epochs, 1)
        self.monitor_epochs = self._count("monitor_epochs", monitor_epochs, 1)
        if epochs_before_pred is None:
            self.epochs_before_pred = min(_BEFORE_PRED + whole("warmup_epochs", warmup_epochs, 0), self.monitor_epochs)
        else:
            self.epochs_before_pred = self._count("epochs_before_pred", epochs_before_pred, 0)
        if self.monitor_epochs < self.epochs_before_pred:
            raise ValueError(f"monitor_epochs: {monitor_epochs} ends before epochs_before_pred, {epochs_before_pred}")
        self.warmup_epochs = whole("warmup_epochs", warmup_epochs, 0)
        self.precision = whole("decimal_precision", decimal_precision, 0)
        self.client = client or shared_client()
        # As they are known: all but those whose window has not ended.
        self.measured: List[Epoch] = []
        self.prediction: Optional[Prediction] = None
        self._n_ended = 0
        self._ending: List[_Ending] = []
        self._current: Optional[Span] = None
        self._stopped = False
        self._said_components = False
        self._log = _training_logger(verbose, log_dir, log_file_prefix)
        self._log.debug(trainlog.first_line(self.epochs, VERSION))

    # ---- blocking ------------------------------------------------------------------------------

    def epoch_start(self) -> None:
        span = self._next_epoch()
        if span is not None:
            span.begin()

    def epoch_end(self) -> None:
        """Waits for figures only after the epoch that the prediction is made after, and the last one."""
        if not self._end_epoch():
            return
        if self._due():
            while self._ending:
                self._collect()
        self._collect_ready()
        if self._n_ended == self.epochs_before_pred:
            self._say_prediction(self._forecast())
        if self._n_ended == self.monitor_epochs:
            self.stop()

    def predict(self) -> Optional[Prediction]:
        """From all epochs measured up to now; waits for theirs. None before the first."""
        while self._ending:
            self._collect()
        return self._predict(self._forecast()) if self.measured else None

    def stop(self) -> None:
        """Early stopping, or the end. An epoch that is open is not counted. Again, it does nothing."""
        if self._stopped:
            return
        while self._ending:
            self._collect()
        self._drop_epoch()
        self._say_end()

    @contextlib.contextmanager
    def epoch(self) -> Iterator[None]:
        """with tracker.epoch(): …; an epoch that raises is not counted."""
        self.epoch_start()
        try:
            yield
        except BaseException:
            self._drop_epoch()
            raise
        self.epoch_end()

    def __enter__(self) -> TrainingTracker:
        return self

    def __exit__(
        self, kind: Optional[Type[BaseException]], e: Optional[BaseException], tb: Optional[TracebackType]
    ) -> None:
        self.stop()

    # ---- asyncio -------------------------------------------------------------------------------

    async def epoch_start_async(self) -> None:
        span = self._next_epoch()
        if span is not None:
            await span.begin_async()

    async def epoch_end_async(self) -> None:
        if not self._end_epoch():
            return
        if self._due():
            await self._collect_all_async()
        self._collect_ready()
        if self._n_ended == self.epochs_before_pred:
            self._say_prediction(await self._forecast_async())
        if self._n_ended == self.monitor_epochs:
            self.stop()

    async def stop_async(self) -> None:
        await self._collect_all_async()
        self.stop()

    @contextlib.asynccontextmanager
    async def epoch_async(self) -> AsyncIterator[None]:
        await self.epoch_start_async()
        try:
            yield
        except BaseException:
            self._drop_epoch()
            raise
        await self.epoch_end_async()

    async def __aenter__(self) -> TrainingTracker:
        return self

    async def __aexit__(
        self, kind: Optional[Type[BaseException]], e: Optional[BaseException], tb: Optional[TracebackType]
    ) -> None:
        await self.stop_async()

    # ---- inside --------------------------------------------------------------------------------

    def _count(self, name: str, value: int, least: int) -> int:
        return self.epochs if value == -1 else whole(name, value, least)

    def _next_epoch(self) -> Optional[Span]:
        if self._stopped:
            return None
        if self._current is not None:
            log.warning("TrainingTracker: epoch_start() in an epoch: the one before is not counted")
            self._drop_epoch()
        while len(self._ending) >= _PENDING_MAX:
            self._collect()
        self._collect_ready()
        self._current = Span("epoch", {"n": str(self._n_ended + 1)}, client=self.client)
        return self._current

    def _drop_epoch(self) -> None:
        span, self._current = self._current, None
        if span is not None:
            span.end_later()

    def _end_epoch(self) -> bool:
        span, self._current = self._current, None
        if span is None or self._stopped:
            if not self._stopped:
                log.warning("TrainingTracker: epoch_end() without epoch_start()")
            return False
        self._n_ended += 1
        self._ending.append(_Ending(self._n_ended, span, span.end_later()))
        return True

    def _due(self) -> bool:
        return self._n_ended in (self.epochs_before_pred, self.monitor_epochs) or len(self._ending) > _PENDING_MAX

    def _collect(self) -> None:
        ending = self._ending.pop(0)
        if ending.pending is not None:
            ending.span.collect(ending.pending)
        self._add(ending)

    def _collect_ready(self) -> None:
        self.client.poll()
        while self._ending and (self._ending[0].pending is None or self._ending[0].pending[1].done()):
            self._collect()

    async def _collect_all_async(self) -> None:
        while self._ending:
            ending = self._ending.pop(0)
            if ending.pending is not None:
                await ending.span.collect_async(ending.pending)
            self._add(ending)

    def _add(self, ending: _Ending) -> None:
        result = ending.span.result
        wall_ns = result.wall_ns if result else ending.span.elapsed_ns()
        epoch = Epoch(wall_ns / NS_PER_S, None, None)
        if result:
            epoch = Epoch(epoch.wall_s, result.energy(), result.co2e(), result.intensity_mg_per_kwh)
        self.measured.append(epoch)
        if not self._said_components:
            self._said_components = True
            self._log.debug(trainlog.components_line(result.power_source if result else ""))
        for line in trainlog.epoch_lines(ending.number, epoch):
            self._log.debug(line)

    def _to_come_us(self) -> Optional[Tuple[int, int]]:
        """The time that the epochs to come will take, from now on."""
        p = self._predict(None)
        seconds = p.time_s.value - sum(e.wall_s for e in self.measured)
        now_us = time.time_ns() // 1000
        return (now_us, now_us + int(seconds * 1e6)) if seconds >= 1e-6 else None

    def _forecast(self) -> Optional[Intensity]:
        to_come = self._to_come_us()
        if to_come is None or not self._has_energy():
            return None
        try:
            return self.client.intensity(*to_come)
        except JouletrailError as e:
            log.info("TrainingTracker: no forecast of the grid's intensity: %s", e)
            return None

    async def _forecast_async(self) -> Optional[Intensity]:
        to_come = self._to_come_us()
        if to_come is None or not self._has_energy():
            return None
        try:
            return await self.client.intensity_async(*to_come)
        except JouletrailError as e:
            log.info("TrainingTracker: no forecast of the grid's intensity: %s", e)
            return None

    def _has_energy(self) -> bool:
        return all(e.energy_uj is not None for e in self.measured)

    def _predict(self, forecast: Optional[Intensity]) -> Prediction:
        figure: Optional[Figure] = forecast.mg_per_kwh if forecast else None
        source = f"{forecast.zone} {forecast.source}".strip() if forecast else ""
        return predict(self.measured, self.epochs, self.warmup_epochs, figure, source)

    def _say_prediction(self, forecast: Optional[Intensity]) -> None:
        self.prediction = self._predict(forecast)
        self._log.info(trainlog.intensity_line(self.prediction))
        self._log.info(trainlog.predicted_text(self.prediction, self.precision))

    def _say_end(self) -> None:
        self._stopped = True
        if len(self.measured) < self.monitor_epochs:
            self._log.debug(trainlog.stopped_line(self.monitor_epochs))
        if self.measured:
            self._log.info(trainlog.actual_text(self.measured, self.precision))
        for handler in list(self._log.handlers):
            self._log.removeHandler(handler)
            handler.close()


def _training_logger(verbose: int, log_dir: Optional[str], prefix: str) -> logging.Logger:
    """Of this training alone, and in no tree of loggers: its file holds no other's lines."""
    logger = logging.Logger("jouletrail.training", logging.DEBUG)
    if verbose > 0:
        console = logging.StreamHandler(sys.stdout)
        console.setLevel(logging.INFO if verbose == 1 else logging.DEBUG)
        console.setFormatter(logging.Formatter("jouletrail: %(message)s"))
        logger.addHandler(console)
    if log_dir is not None:
        os.makedirs(log_dir, exist_ok=True)
        stamp = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H%M%S.%fZ")
        path = os.path.join(log_dir, f"{prefix}{stamp}_{os.getpid()}_jouletrail.log")
        handler = logging.FileHandler(path, encoding="utf-8")
        handler.setFormatter(logging.Formatter("%(asctime)s - %(threadName)s - %(levelname)s - %(message)s"))
        logger.addHandler(handler)
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    return logger
