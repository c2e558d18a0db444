# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What can go wrong between this program and the daemon. Trackers catch all of it; `Client` raises it."""


class JouletrailError(Exception):
    """Any failure of the daemon or of the way to it."""


class NotConnected(JouletrailError):
    """There is no daemon, it refused, it closed the connection, or it does not answer in time."""


class ProtocolError(JouletrailError):
    """It answers, but not as docs/protocol.md says."""


class Refused(JouletrailError):
    """The daemon's own error. `code` is one of docs/protocol.md."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
