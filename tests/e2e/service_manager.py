# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Stands for systemd: runs a command with a notify socket and writes down what it is told.

service_manager.py LOG WATCHDOG_USEC COMMAND…: a line per datagram, its lines joined by blanks."""
import os
import socket
import subprocess
import sys

log, watchdog, command = sys.argv[1], sys.argv[2], sys.argv[3:]
path = log + ".socket"
server = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
server.bind(path)
os.chmod(path, 0o777)
server.settimeout(0.1)
child = subprocess.Popen(command, env={**os.environ, "NOTIFY_SOCKET": path, "WATCHDOG_USEC": watchdog})
print(child.pid, flush=True)
with open(log, "w") as out:
    while True:
        over = child.poll() is not None
        try:
            out.write(server.recv(4096).decode().replace("\n", " ") + "\n")
            out.flush()
        except TimeoutError:
            if over:
                break
sys.exit(child.returncode)
