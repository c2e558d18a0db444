# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A daemon that is in trouble: client_server.py SOCKET. Prints "ready", and answers version and status."""
import json
import socket
import sys

listening = socket.socket(socket.AF_UNIX)
listening.bind(sys.argv[1])
listening.listen(4)
print("ready", flush=True)
connection, _ = listening.accept()
answers = {
    "version": {"protocol": 1, "interval_ns": 1000000000},
    "status": {"state": "measuring", "pid": 1, "ledger": None,
               "trouble": ["the ledger cannot be written: \x1b[31mdisk full"]},
}
for line in connection.makefile("rb"):
    request = json.loads(line)
    answer = {"id": request["id"], "ok": answers[request["op"]]}
    connection.sendall(json.dumps(answer).encode() + b"\n")
