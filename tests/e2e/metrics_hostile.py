# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Requests that no Prometheus makes, to the metrics endpoint: PORT PID; a check per line."""
import http.client
import socket
import sys

port, pid = int(sys.argv[1]), int(sys.argv[2])


def check(name, good):
    print("ok" if good else "bad", name, flush=True)


def status(method, path, body=None, headers=None):
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    try:
        c.request(method, path, body, headers or {})
        return c.getresponse().status
    except (ConnectionError, http.client.HTTPException):
        return 0
    finally:
        c.close()


def raw(data):
    """Status of what comes back for these bytes; 0 where the line is just ended."""
    got = b""
    with socket.create_connection(("127.0.0.1", port), timeout=120) as s:
        try:
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
            while part := s.recv(65536):
                got += part
        except OSError:  # ended by the server, at whatever point
            pass
    return int(got.split(None, 2)[1]) if got else 0


def rss_kb():
    with open(f"/proc/{pid}/status") as f:
        return sum(int(line.split()[1]) for line in f if line.startswith("RssAnon:"))


check("HEAD", status("HEAD", "/metrics") == 200)
check("the path alone", status("GET", "/") == 200)
check("another path", status("GET", "/metrics/../etc/passwd") == 404)
check("a query is no matter", status("GET", "/metrics?name[]=x&" + "a=b&" * 50) == 200)
before = rss_kb()
for method in "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "BREW":
    check(method, status(method, "/metrics") == 405)
check("a body", status("POST", "/metrics", b"x" * 1000000) in (0, 413))
check("a body with GET", status("GET", "/metrics", b"x") in (0, 413))
check("a length of 100 MB", raw(b"POST /metrics HTTP/1.1\r\nHost: x\r\n"
                                b"Content-Length: 104857600\r\n\r\n") in (0, 413))
piece = b"10000\r\n" + b"x" * 65536 + b"\r\n"
check("chunks", raw(b"POST /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                    b"Transfer-Encoding: chunked\r\n\r\n" + piece * 100 + b"0\r\n\r\n")
      in (0, 413))
check("no HTTP at all", raw(b"\x16\x03\x01\x02\x00\x01\xff\r\n\r\n") in (0, 400))
check("a line of a megabyte", raw(b"GET /" + b"a" * (1 << 20) + b" HTTP/1.1\r\n\r\n")
      in (0, 400, 413, 414, 431))
check("headers without end", raw(b"GET /metrics HTTP/1.1\r\n" + b"X: y\r\n" * 100000)
      in (0, 400, 413, 431))
check("an Accept of many", status("GET", "/metrics", headers={
    "Accept": ",".join(["application/openmetrics-text;q=0.1;version=9"] * 500)}) in (0, 200))
for _ in range(200):
    raw(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
check("memory is as before", rss_kb() - before < 8192)
