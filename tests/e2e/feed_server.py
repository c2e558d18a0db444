#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""feed_server.py - a local server that answers as the live feeds do, and misbehaves as asked.

usage: tests/e2e/feed_server.py DIR

Listens on a free port of 127.0.0.1, writes it to DIR/port when ready, one line per request to
DIR/requests. The first part of the path is how it behaves: /ok, /slow, /429, /500, …
"""
import datetime
import http.server
import json
import os
import sys
import threading

HALF_HOUR = 1800


def iso(t, form="%Y-%m-%dT%H:%MZ"):
    return datetime.datetime.fromtimestamp(t, datetime.timezone.utc).strftime(form)


# One moment for all answers: no half hour ends between two of them.
START = int(datetime.datetime.now(datetime.timezone.utc).timestamp())


def now():
    return START


def uk(shift_s=0, offset=0, null=False):
    """A day behind and a day ahead: 100 g/kWh measured, 200 told before."""
    middle = now() // HALF_HOUR * HALF_HOUR + shift_s
    data = []
    for i in range(-48, 48):
        begin = middle + i * HALF_HOUR
        actual = 100 + offset if i < 0 or shift_s else None
        data.append({"from": iso(begin), "to": iso(begin + HALF_HOUR),
                     "intensity": {"forecast": None if null else 200 + offset,
                                   "actual": None if null else actual, "index": "low"}})
    return {"data": data}


def electricity_maps(path):
    hour = now() // 3600 * 3600

    def value(i, g):
        return {"zone": "FR", "carbonIntensity": g, "datetime": iso(hour + i * 3600, "%Y-%m-%dT%H:%M:%S.000Z"),
                "updatedAt": iso(hour), "emissionFactorType": "lifecycle", "isEstimated": i == 0,
                "estimationMethod": None}

    if "/history" in path:
        return {"zone": "FR", "history": [value(i, 30 + i % 5 if i != -3 else None) for i in range(-23, 1)]}
    if "/latest" in path:
        return value(0, 41)
    return {"zone": "FR", "updatedAt": iso(hour),
            "forecast": [{"carbonIntensity": 50, "datetime": iso(hour + i * 3600)} for i in range(1, 24)]}


def watttime(path, units="lbs_co2_per_mwh"):
    five = now() // 300 * 300
    steps = range(0, 288) if "/forecast" in path else range(-287, 1)
    meta = {"region": "CAISO_NORTH", "signal_type": "co2_moer", "units": units,
            "data_point_period_seconds": 300, "warnings": []}
    if "/forecast" in path:
        meta["generated_at"] = iso(five)
    return {"data": [{"point_time": iso(five + 300 * i, "%Y-%m-%dT%H:%M:%S+00:00"), "value": 870.0}
                     for i in steps], "meta": meta}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    ended = threading.Event()

    def log_message(self, *_):
        pass

    def date_time_string(self, timestamp=None):
        if self.path.startswith("/date/"):
            timestamp = now() - 7200
        return super().date_time_string(timestamp)

    def reply(self, body, status=200, headers=()):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def endless(self, piece, n, length=None):
        """n pieces, as one body of that length or in chunks."""
        self.send_response(200)
        self.send_header("Content-Length", str(length)) if length else \
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for _ in range(n):
            self.wfile.write(piece if length else b"%x\r\n%s\r\n" % (len(piece), piece))
        self.close_connection = True

    def body(self, path):
        if path.startswith("/v3/carbon-intensity/"):
            if self.headers.get("auth-token") != "good":
                return {"error": "Invalid auth-token"}, 401
            if self.mode == "noforecast" and "/forecast" in path:
                return {"message": "Your plan has no forecasts"}, 403
            return electricity_maps(path), 200
        if path == "/login":
            return ({"token": "t%d" % len(open(self.log).readlines())}, 200) \
                if self.headers.get("Authorization") == "Basic bWU6cHc=" else ({"error": "no"}, 401)
        if path.startswith("/v3/"):
            if not (self.headers.get("Authorization") or "").startswith("Bearer t"):
                return {"error": "token expired"}, 401
            if self.mode == "percentile":
                return watttime(path, "percentile"), 200
            return watttime(path), 200
        return uk(shift_s={"skew": 86400}.get(self.mode, 0), null=self.mode == "null",
                  offset=50 if self.mode == "revised" else 0), 200

    def do_GET(self):
        self.mode, path = self.path[1:].split("/", 1)
        path = "/" + path
        with open(self.log, "a", encoding="ascii") as f:
            f.write("%s %s\n" % (self.mode, path))
        body, status = self.body(path)
        if self.mode == "slow":
            self.ended.wait(60)
        elif self.mode == "429":
            self.reply({"message": "too many"}, 429, [("Retry-After", "7200")])
        elif self.mode == "500":
            self.reply(b"<html>oops</html>", 500)
        elif self.mode == "truncated":
            text = json.dumps(body).encode()
            self.endless(text[:len(text) // 2], 1, len(text))
        elif self.mode == "cutjson":
            self.reply(json.dumps(body).encode()[:-40])
        elif self.mode == "huge":
            self.endless(b'{"data":[' + b"0," * 500000, 100)
        elif self.mode == "hugelength":
            self.endless(b"[" * 1000, 1, 100 << 20)
        elif self.mode == "deep":
            self.reply(b"[" * 1000000)
        elif self.mode == "redirect":
            self.reply(b"", 302, [("Location", "/ok" + path)])
        elif self.mode == "units":
            for entry in body["data"]:
                entry["intensity"]["forecast"] = 200000
            self.reply(body)
        else:
            self.reply(body, status)


def main():
    folder = sys.argv[1]
    Handler.log = os.path.join(folder, "requests")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    with open(os.path.join(folder, "port.new"), "w", encoding="ascii") as f:
        f.write(str(server.server_port))
    os.rename(os.path.join(folder, "port.new"), os.path.join(folder, "port"))
    server.serve_forever()


if __name__ == "__main__":
    main()
