# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Stand-ins for what ticks are pushed to: Riemann, CloudWatch's agent, and gateways that mean harm."""
import json
import socket
import struct
import threading


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def fields(data):
    """(number, value) of a protobuf message's fields: integers, or bytes."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        else:
            size, at = varint(data, at) if key & 7 == 2 else ({1: 8, 5: 4}[key & 7], at)
            value, at = data[at:at + size], at + size
        yield key >> 3, value


def event(data):
    """One of Riemann's, by the numbers of its proto.proto."""
    e = {"tags": [], "attributes": {}}
    names = {2: "state", 3: "service", 4: "host"}
    for number, value in fields(data):
        if number in names:
            e[names[number]] = value.decode()
        elif number == 1:
            e["time"] = value
        elif number == 10:
            e["time_micros"] = value
        elif number == 7:
            e["tags"].append(value.decode())
        elif number == 8:
            e["ttl"] = struct.unpack("<f", value)[0]
        elif number == 9:
            pair = dict(fields(value))
            e["attributes"][pair[1].decode()] = pair.get(2, b"").decode()
        elif number == 14:
            e["metric"] = struct.unpack("<d", value)[0]
    return e


class Server:
    """A TCP server of one thread for each connection, which can be away for a while on its port."""

    def __init__(self):
        self.port, self.lock, self.open, self.listener = 0, threading.Lock(), [], None
        self.up()

    def up(self):
        self.listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def accept(self, listener):
        while True:
            try:
                s, _ = listener.accept()
            except OSError:
                return
            t = threading.Thread(target=self.run, args=(s,), daemon=True)
            with self.lock:
                self.open.append((s, t))
            t.start()

    def down(self):
        """Without losing what is under way: the other side sees an end, and all that it sent is read."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        with self.lock:
            ended, self.open = self.open, []
        for s, t in ended:
            try:
                s.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            t.join()

    def run(self, s):
        try:
            self.serve(s)
        except OSError:
            pass
        s.close()


def read_exactly(s, n):
    data = b""
    while len(data) < n:
        part = s.recv(n - len(data))
        if not part:
            return None
        data += part
    return data


class Riemann(Server):
    """What is acknowledged counts."""

    def __init__(self):
        self.messages = []
        super().__init__()

    def serve(self, s):
        while (head := read_exactly(s, 4)) is not None:
            body = read_exactly(s, struct.unpack(">I", head)[0])
            if body is None:
                return
            self.messages.append([event(v) for number, v in fields(body) if number == 6])
            s.sendall(struct.pack(">I", 2) + b"\x10\x01")  # ok: true


class Agent(Server):
    """Lines over TCP."""

    def __init__(self):
        self.lines = []
        super().__init__()

    def serve(self, s):
        with s.makefile("rb") as f:
            for line in f:
                self.lines.append(json.loads(line))


class Datagrams:
    def __init__(self):
        self.lines = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            self.lines.append(json.loads(self.socket.recv(65536)))


class Hostile(Server):
    """how: what it does with each connection."""

    def __init__(self, how, redirect=None):
        self.how, self.redirect, self.n = how, redirect, 0
        super().__init__()

    def serve(self, s):
        self.n += 1
        if self.how == "silent":
            threading.Event().wait()
        if self.how == "length":  # Riemann's: four gigabytes to come
            s.sendall(b"\xff\xff\xff\xff")
            while True:
                s.sendall(b"x" * 65536)
        self.read_request(s)
        if self.how == "garbage":
            s.sendall(b"\x00\xff\r\n\r\n" * 100)
        elif self.how == "huge":
            s.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            while True:
                s.sendall(b"x" * 65536)
        elif self.how == "headers":
            s.sendall(b"HTTP/1.1 200 OK\r\n")
            while True:
                s.sendall(b"X: " + b"x" * 65536 + b"\r\n")
        elif self.how == "error":
            s.sendall(b"HTTP/1.1 500 Out of order\r\nContent-Length: 5\r\n\r\nsorry")
        elif self.how == "redirect":
            s.sendall(f"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:{self.redirect}/\r\n"
                      "Content-Length: 0\r\n\r\n".encode())

    @staticmethod
    def read_request(s):
        data = b""
        while b"\r\n\r\n" not in data:
            data += s.recv(65536)
        head, body = data.split(b"\r\n\r\n", 1)
        length = [int(h.split(b":")[1]) for h in head.split(b"\r\n") if h.lower().startswith(b"content-length")]
        read_exactly(s, max(sum(length) - len(body), 0))
