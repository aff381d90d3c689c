#!/usr/bin/env python3
"""Echoes MessagePack packets through a server and says what they cost it.

    message-pack.py --port P --server-pid PID [--conns 1000] [--depth 10] [--secs 2.5] [--warmup 0.8]

The server runs with --message-pack. Each connection keeps DEPTH events on their way; every answer is
compared byte for byte with the one that is due. Prints one line of JSON, as the load generator does.
"""

import argparse
import base64
import json
import os
import selectors
import socket
import struct
import sys
import time

# Numbers from here on have one length in MessagePack: 0xCE and four bytes.
FIRST = 100_000


def arguments():
    parser = argparse.ArgumentParser()
    for name, kind, default in (
        ("port", int, 3100), ("server-pid", int, 0), ("conns", int, 1000), ("depth", int, 10),
        ("secs", float, 2.5), ("warmup", float, 0.8),
    ):
        parser.add_argument("--" + name, type=kind, default=default)
    return parser.parse_known_args()[0]


def text(value):
    return bytes([0xA0 | len(value)]) + value.encode()


def number(value):
    return b"\xce" + struct.pack(">I", value)


def frame(packet):
    # A mask of zeros leaves the bytes as they are.
    return bytes([0x82, 0x80 | len(packet)]) + b"\0\0\0\0" + packet


def event(sequence):
    return frame(
        b"\x84" + text("type") + b"\x02" + text("nsp") + text("/")
        + text("data") + b"\x92" + text("echo") + number(sequence)
        + text("id") + number(sequence)
    )


CONNECT = frame(b"\x82" + text("type") + b"\x00" + text("nsp") + text("/"))


class Connection:
    def __init__(self, number, port):
        source = (f"127.0.0.{1 + number % 8}", 0)
        self.socket = socket.create_connection(("127.0.0.1", port), 10, source)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent = self.received = FIRST
        self.rest = b""
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            (
                "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: bench\r\n"
                "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                f"Sec-WebSocket-Key: {key}\r\n\r\n"
            ).encode()
        )
        head = b""
        while b"\r\n\r\n" not in head:
            head += self.read()
        if b" 101 " not in head.split(b"\r\n", 1)[0]:
            raise RuntimeError(head.decode(errors="replace"))
        self.rest = head.split(b"\r\n\r\n", 1)[1]
        self.frame()  # the open packet
        self.socket.sendall(CONNECT)
        self.frame()  # the answer to CONNECT

    def read(self):
        data = self.socket.recv(65536)
        if not data:
            raise RuntimeError("the server closed the connection")
        return data

    def frame(self):
        """The next frame, waited for; only before the load begins."""
        while len(self.rest) < 2 or len(self.rest) < self.size():
            self.rest += self.read()
        size = self.size()
        whole, self.rest = self.rest[:size], self.rest[size:]
        return whole

    def size(self):
        length = self.rest[1] & 0x7F
        if length < 126:
            return 2 + length
        return 4 + struct.unpack(">H", self.rest[2:4])[0] if len(self.rest) >= 4 else 4

    def send(self, count):
        batch = b"".join(event(self.sent + n) for n in range(count))
        self.sent += count
        self.socket.sendall(batch)


def cpu(pid):
    fields = open(f"/proc/{pid}/stat").read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main():
    options = arguments()
    connections = [Connection(n, options.port) for n in range(options.conns)]
    probe = connections[0]
    probe.send(1)
    answer = probe.frame()
    probe.received += 1
    places = [i for i in range(len(answer)) if answer[i:i + 5] == number(FIRST)]
    if len(places) != 2:
        sys.exit(f"an answer of another form: {answer!r}")

    def expected(sequence):
        out = bytearray(answer)
        for place in places:
            out[place:place + 5] = number(sequence)
        return bytes(out)

    selector = selectors.DefaultSelector()
    for connection in connections:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.send(options.depth)
    size, wrong, answers = len(answer), 0, 0
    began = time.monotonic()
    start = began + options.warmup
    end = start + options.secs
    counting, before, used = False, 0, 0.0
    while (now := time.monotonic()) < end:
        if not counting and now >= start:
            counting, before, used = True, answers, cpu(options.server_pid)
        for key, _ in selector.select(0.1):
            connection = key.data
            data = connection.rest + connection.read()
            count = len(data) // size
            for n in range(count):
                if data[n * size:(n + 1) * size] != expected(connection.received + n):
                    wrong += 1
            connection.received += count
            connection.rest = data[count * size:]
            answers += count
            if count:
                connection.send(count)
    used = cpu(options.server_pid) - used
    counted = answers - before
    print(json.dumps({
        "scenario": "echo", "proto": "message-pack", "conns": options.conns, "depth": options.depth,
        "per_s": counted / options.secs, "per_server_cpu_s": counted / max(used, 0.01),
        "reordered": wrong, "p99_us": 0,
    }))
    return 1 if wrong or not counted else 0


if __name__ == "__main__":
    sys.exit(main())
