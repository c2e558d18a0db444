# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Energy and carbon of parts of a Python program, measured by the jouletrail daemon: docs/clients.md."""

from .client import Client, shared_client
from .emissions import COLUMNS, EmissionsData
from .errors import JouletrailError, NotConnected, ProtocolError, Refused
from .figures import Figure, HostShare, Intensity, SpanResult, Totals
from .prediction import Epoch, Estimate, Prediction, predict
from .spans import Span, current_span
from .task import TaskOutputs, task_outputs
from .tracker import EnergyTracker, track_energy
from .training import TrainingTracker
from .trainlog import TrainingLog, parse_log
from .version import VERSION as __version__

__all__ = [
    "COLUMNS",
    "Client",
    "EmissionsData",
    "EnergyTracker",
    "Epoch",
    "Estimate",
    "Figure",
    "HostShare",
    "Intensity",
    "JouletrailError",
    "NotConnected",
    "Prediction",
    "ProtocolError",
    "Refused",
    "Span",
    "SpanResult",
    "TaskOutputs",
    "Totals",
    "TrainingLog",
    "TrainingTracker",
    "__version__",
    "current_span",
    "parse_log",
    "predict",
    "shared_client",
    "task_outputs",
    "track_energy",
]
