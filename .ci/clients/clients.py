"""The everyday client of Python, as all its tests use it, and a line to the server that can be cut."""

import logging
import queue
import socket
import threading
import time

import engineio
import socketio

from support import BASE_URL, HOST, PORT, SECONDS, until

TRANSPORTS = {
    "polling": ["polling"],
    "websocket": ["websocket"],
    "upgrade": ["polling", "websocket"],
}
VALUES = [
    "text",
    "",
    "Grüße, 世界, 🚀 \u2028 \" \\ / \x00 \x1e",
    0,
    -1,
    2**53,
    1.5,
    True,
    None,
    [],
    {},
    {"a": [1, {"b": [None, False, {"ü": "ö"}]}], "z": {"y": {"x": "w"}}, "m": 0},
    "long " * 20_000,
]
BYTES = bytes(range(256))

# What goes wrong is seen by the tests.
logging.getLogger("engineio.client").setLevel(logging.CRITICAL)
logging.getLogger("socketio.client").setLevel(logging.CRITICAL)


class InOrder(engineio.Client):
    """Handles what comes one after the other. As it is, the client gives every message a thread of
    its own, and thereby loses the order in which they came, and that of the last one and the end."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.inbox = queue.SimpleQueue()
        threading.Thread(target=self.work, daemon=True).start()

    def _trigger_event(self, event, *arguments, **options):
        if event in ("message", "disconnect"):
            return self.inbox.put((event, *arguments))
        return super()._trigger_event(event, *arguments, **options)

    def work(self):
        while True:
            super()._trigger_event(*self.inbox.get())


class Client(socketio.Client):
    def _engineio_client_class(self):
        return InOrder


class Tab:
    """One client, and what has come to it in each of its namespaces."""

    def __init__(self, transport, client=Client, **options):
        options = {"reconnection": False, "request_timeout": SECONDS, **options}
        self.client = client(**options)
        self.transport = transport
        self.events = []
        self.reasons = []
        self.refusals = []

    def listen(self, namespace):
        note = self.client.on
        note("*", lambda *event: self.events.append((namespace, *event)), namespace=namespace)
        note("disconnect", lambda why: self.reasons.append((namespace, why)), namespace=namespace)
        note("connect_error", lambda why: self.refusals.append((namespace, why)), namespace=namespace)

    def open(self, *namespaces, url=BASE_URL, **options):
        namespaces = list(namespaces or ["/"])
        for namespace in namespaces:
            self.listen(namespace)
        self.client.connect(
            url,
            transports=TRANSPORTS[self.transport],
            namespaces=namespaces,
            wait_timeout=SECONDS,
            **options,
        )
        return self

    @property
    def name(self):
        """What others know it by."""
        return self.client.get_sid()

    @property
    def is_closed(self):
        return self.client.eio.state == "disconnected"

    def emit(self, name, *arguments, **options):
        self.client.emit(name, arguments, **options)

    def call(self, name, *arguments, **options):
        return self.client.call(name, arguments, timeout=SECONDS, **options)

    def named(self, name, namespace="/"):
        """The arguments of every event of that name that has come so far."""
        heard = list(self.events)
        return [tuple(rest) for space, event, *rest in heard if (space, event) == (namespace, name)]

    def hears(self, name, count=1, namespace="/"):
        """Waits until that many events of the name have come."""
        until(
            lambda: len(self.named(name, namespace)) >= count,
            f"{self.transport}: {name} came {len(self.named(name, namespace))} times, not {count}",
        )
        return self.named(name, namespace)

    def leave(self, namespace="/"):
        """Leaves a namespace, which the client itself does only when it closes its connection."""
        packet = self.client.packet_class(socketio.packet.DISCONNECT, namespace=namespace)
        self.client._send_packet(packet)

    def close(self):
        """Closes so that the server knows at once: the client stops sending when it says goodbye, and
        on polling that often stays unsent."""
        self.client.reconnection = False
        connection = self.client.eio
        if connection.state == "connected":
            connection._send_packet(engineio.packet.Packet(engineio.packet.CLOSE))
            deadline = time.monotonic() + 1
            while connection.queue.unfinished_tasks and time.monotonic() < deadline:
                time.sleep(0.001)
        self.client.disconnect()


class Wire:
    """A line to the server that can be cut."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        self.url = "http://" + self.address
        self.ends = []
        self.is_closed = False
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            if self.is_closed:
                near.close()
                continue
            far = socket.create_connection((HOST, PORT))
            self.ends += [near, far]
            for ends in ((near, far), (far, near)):
                threading.Thread(target=self.carry, args=ends, daemon=True).start()

    def carry(self, source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self):
        """Ends every connection; the next ones are carried again."""
        ends, self.ends = self.ends, []
        for end in ends:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.is_closed = True
        self.listener.close()
        self.cut()
