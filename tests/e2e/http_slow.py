# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""More slow connections than a server has room for: PORT PID SHORT LONG, two paths; a check per line."""
import socket
import sys
import urllib.request

port, pid = int(sys.argv[1]), int(sys.argv[2])
short, long_one = (path.encode() for path in sys.argv[3:5])


def rss_kb():
    """Memory of the server that is its own."""
    with open(f"/proc/{pid}/status") as status:
        return sum(int(line.split()[1]) for line in status if line.startswith("RssAnon:"))


def half_closed(data):
    """Status of what comes back to a sender who is done; 0 where the line is just ended."""
    got = b""
    with socket.create_connection(("127.0.0.1", port)) as s:
        try:
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
            while part := s.recv(65536):
                got += part
        except ConnectionError:
            pass
    return int(got.split(None, 2)[1]) if got else 0


print("ok" if half_closed(b"GET " + short + b" HT") in (0, 400) else "bad",
      "a request cut in the middle, and the line half closed")
print("ok" if half_closed(b"GET " + short + b" HTTP/1.1\r\nHost: x\r\n\r\n") in (0, 200) else "bad",
      "half closed after a whole request")
before = rss_kb()
slow = []
for i in range(100):
    # A byte and then nothing; half a header and then nothing; an answer that is not read.
    say = (b"G", b"GET " + short + b" HTTP/1.1\r\nHost: x\r\nX: ",
           b"GET " + long_one + b" HTTP/1.1\r\nHost: x\r\n\r\n")[i % 3]
    s = socket.create_connection(("127.0.0.1", port))
    try:
        s.sendall(say)
    except ConnectionError:
        pass
    slow.append(s)
print("ok" if rss_kb() - before < 32768 else "bad", "a hundred slow ones take little memory")
for s in slow:
    # Blocks for ever where the server does not end it: the suite's guard against hangs says so.
    try:
        while s.recv(1):
            if s is slow[2]:
                break
    except ConnectionError:
        pass
print("ok each of them comes to an end")
while True:
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}{sys.argv[3]}").read()
        break
    except OSError:
        pass
print("ok and the next is served")
