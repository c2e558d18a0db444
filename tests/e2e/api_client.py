# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Requests that nobody means well with, to the API on a port; prints a check per line."""
import json
import socket
import sys
import urllib.error
import urllib.request

port, pid = int(sys.argv[1]), int(sys.argv[2])
base = f"http://127.0.0.1:{port}"
best = "/emissions/bylocations/best?location=FR&location=SE&time=2025-01-01&toTime=2025-02-01"


def check(name, good):
    print("ok" if good else "bad", name, flush=True)


def get(path, body=None, headers=None):
    """Status and bytes, whatever the status."""
    request = urllib.request.Request(base + path, body, headers or {})
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


def rss_kb():
    """Memory of the server that is its own."""
    with open(f"/proc/{pid}/status") as status:
        return sum(int(line.split()[1]) for line in status if line.startswith("RssAnon:"))


def raw(data, to_the_end=True):
    """What comes back for these bytes: until the server ends it, or the headers alone."""
    with socket.create_connection(("127.0.0.1", port), timeout=120) as s:
        try:
            s.sendall(data)
            got = b""
            while part := s.recv(65536):
                got += part
                if not to_the_end and b"\r\n\r\n" in got:
                    break
            return got
        except ConnectionError:
            return b""


def status_of(answer):
    """The status in a raw answer; 0 without any."""
    words = answer.split(None, 2)
    return int(words[1]) if len(words) > 2 else 0


status, body = get(best)
check("the best is answered", status == 200 and json.loads(body)[0]["rating"] == 20)
status, body = get("/emissions/bylocations?location=FR&location=SE")
check("a long answer comes in pieces", status == 200 and len(json.loads(body)) == 2 * 90 * 288)
before = rss_kb()

check("no HTTP at all", status_of(raw(b"\x16\x03\x01\x02\x00\x01\xff\r\n\r\n")) in (0, 400))
check("no path", status_of(raw(b"GET\r\n\r\n")) in (0, 400))
check("a NUL in the path", status_of(raw(b"GET /loc\0ations HTTP/1.1\r\nHost: x\r\n\r\n", False))
      in (0, 400, 404))
check("a line of a megabyte", status_of(raw(b"GET /" + b"a" * (1 << 20) + b" HTTP/1.1\r\n\r\n"))
      in (0, 413, 414, 431))
check("headers without end", status_of(raw(b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 100000))
      in (0, 413, 431))
check("a length that is none",
      status_of(raw(b"POST /emissions/forecasts/batch HTTP/1.1\r\nHost: x\r\n"
                    b"Content-Length: -5\r\n\r\n")) in (0, 400, 413))
check("a length of 100 MB is refused before it is sent",
      status_of(raw(b"POST /emissions/forecasts/batch HTTP/1.1\r\nHost: x\r\n"
                    b"Content-Length: 104857600\r\n\r\n", False)) == 413)
piece = b"10000\r\n" + b"[" * 65536 + b"\r\n"
check("100 MB of brackets in chunks end somewhere",
      status_of(raw(b"POST /emissions/forecasts/batch HTTP/1.1\r\nHost: x\r\n"
                    b"Transfer-Encoding: chunked\r\n\r\n" + piece * 1600 + b"0\r\n\r\n", False))
      in (0, 413))
check("65 parameters", get("/locations?" + "a=b&" * 65)[0] == 400)
check("a body that is deep",
      get("/emissions/forecasts/batch", b"[" * 1000000)[0] == 413)
check("a body of many",
      get("/emissions/forecasts/batch", b"[" + b"{}," * 300000 + b"{}]")[0] == 413)
check("a body that is no UTF-8", get("/emissions/forecasts/batch", b'["\xff\xfe"]')[0] == 400)
check("a name that is no UTF-8",
      json.loads(get("/emissions/bylocation?location=%FF%FE%00x")[1])["status"] == 400)

check("memory is as before", rss_kb() - before < 16384)
