"""What the last client of Python for Socket.IO 2 sees of the Tour example, over each transport, and
its protocol by hand.

It needs python-socketio 4.6.1 and python-engineio 3.14.2, which can not be installed beside the
clients of today. The server is the Tour example with `--old-clients`, at BASE_URL.
"""

import base64
import json
import threading
import time
import unittest

import engineio.payload
import requests
import socketio
import websocket

from clients import BYTES, TRANSPORTS, VALUES, InOrder, Wire
from support import BASE_URL, HOST, PORT, SECONDS, Case, request, until, websocket_end

engineio.payload.Payload.max_decode_packets = 16
PATH = "/socket.io/?EIO=3&transport="


class Client(socketio.Client):
    """Writes down what comes to it; this client has no catch-all."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.seen = []

    def _engineio_client_class(self):
        return InOrder

    def _trigger_event(self, event, namespace, *arguments):
        self.seen.append((namespace, event, *arguments))
        return super()._trigger_event(event, namespace, *arguments)


class Tab:
    def __init__(self, transport, client=Client, **options):
        self.client = client(**{"reconnection": False, **options})
        self.transport = transport

    def open(self, *namespaces, url=BASE_URL, **options):
        self.client.connect(
            url, transports=TRANSPORTS[self.transport], namespaces=list(namespaces), **options
        )
        for namespace in ["/", *namespaces]:
            name = namespace.partition("?")[0]
            until(
                lambda: self.named("connect", name) or self.named("connect_error", name),
                f"{self.transport}: no answer for {namespace}",
            )
        return self

    def emit(self, name, *arguments, **options):
        self.client.emit(name, arguments, **options)

    def call(self, name, *arguments, **options):
        return self.client.call(name, arguments, timeout=SECONDS, **options)

    def named(self, name, namespace="/"):
        heard = list(self.client.seen)
        return [tuple(rest) for space, event, *rest in heard if (space, event) == (namespace, name)]

    def hears(self, name, count=1, namespace="/"):
        until(
            lambda: len(self.named(name, namespace)) >= count,
            f"{self.transport}: {name} came {len(self.named(name, namespace))} times, not {count}",
        )
        return self.named(name, namespace)


class OldClient(Case):
    def make(self, transport, *arguments, **options):
        tab = Tab(transport, *arguments, **options)
        self.addCleanup(tab.client.disconnect)
        return tab

    def tabs(self, *namespaces, **options):
        """One for each transport."""
        return [self.make(transport).open(*namespaces, **options) for transport in TRANSPORTS]

    def test_it_is_in_the_root_namespace_without_asking(self):
        for tab in self.tabs():
            used = "polling" if tab.transport == "polling" else "websocket"
            self.assertEqual(tab.client.transport(), used)
            self.assertEqual(tab.call("rooms"), [])

    def test_every_kind_of_value_comes_back(self):
        # It counts characters where the protocol counts UTF-16 units, so that by polling it can not
        # read those of two units; it takes no answer that is only null.
        values = [value for value in VALUES if value is not None and "🚀" not in str(value)]
        for tab in self.tabs():
            for value in values:
                self.assertEqual(tab.call("echo", value), value)
            self.assertEqual(tab.call("echo", *values), tuple(values))
            tab.emit("again", *values, None)
            self.assertEqual(tab.hears("again"), [(*values, None)])
            if tab.transport != "polling":
                self.assertEqual(tab.call("echo", "🚀 and more"), "🚀 and more")

    def test_bytes_come_back_wherever_they_stand(self):
        many = {"first": b"1", "list": [b"2", {"deep": b"3"}], "last": b"\xff\x00"}
        for tab in self.tabs():
            for value in [BYTES, b"\x00" * 100_000, many]:
                self.assertEqual(tab.call("echo", value), value)
                tab.emit("again", value)
            self.assertEqual(len(tab.hears("again", 3)), 3)
            self.assertEqual(tab.named("again")[2], (many,))
            stored = tab.call("upload", {"name": "song", "parts": [b"\x00\x01", BYTES]})
            self.assertEqual(stored["whole"], b"\x00\x01" + BYTES)

    def test_hundreds_of_events_come_in_order(self):
        for tab in self.tabs():
            tab.emit("count to", 500)
            self.assertEqual(tab.hears("number", 500), [(number,) for number in range(1, 501)])
            for number in range(100):
                tab.emit("again", number)
            self.assertEqual(tab.hears("again", 100), [(number,) for number in range(100)])

    def test_failures_are_answers(self):
        for tab in self.tabs():
            self.assertEqual(tab.call("fail", "hush"), {"error": {"message": "internal error"}})

    def test_rooms_reach_whom_they_mean(self):
        tabs = self.tabs()
        for tab in tabs:
            tab.call("join", ["old", tab.transport])
        tabs[0].call("tell everyone in", ["old"], b"1")
        tabs[0].call("tell others in", ["old"], 2)
        tabs[0].call("tell in except", "old", "upgrade", 3)
        for tab, expected in zip(tabs, [[b"1", 3], [b"1", 2, 3], [b"1", 2]]):
            tab.call("echo", 0)
            self.assertEqual(tab.named("news"), [(value,) for value in expected])

    def test_the_server_asks_one_and_many(self):
        gate = threading.Event()
        self.addCleanup(gate.set)
        tabs = [self.make(transport) for transport in TRANSPORTS]
        for tab in tabs:
            tab.client.on("question", lambda value: {"back": value})
            tab.open()
            tab.call("join", ["old asked"])
            for value in ["é", BYTES, [1, None]]:
                self.assertEqual(tab.call("ask me", value, 10_000), {"answer": {"back": value}})
        silent = self.make("websocket")
        silent.client.on("question", lambda value: gate.wait(SECONDS))
        silent.open().call("join", ["old asked"])
        answers = tabs[0].call("ask room", "old asked", 1, 300)
        self.assertEqual(answers, [{"answer": {"back": 1}}] * 3 + [{"failure": "timeout"}])

    def test_namespaces_and_their_query_as_auth(self):
        for tab in self.tabs("/watched", "/tenants/4", "/guarded?name=ann&token=sesame"):
            self.assertEqual(tab.call("which", namespace="/tenants/4"), 4)
            tab.call("tell everyone", BYTES, namespace="/watched")
            self.assertEqual(tab.hears("news", namespace="/watched")[0], (BYTES,))
            self.assertEqual(tab.hears("welcome", namespace="/guarded"), [("ann",)])
            self.assertEqual(tab.call("rooms"), [])

    def test_a_refusal_brings_its_data(self):
        for tab in self.tabs("/guarded?name=ann&token=wrong", "/nowhere"):
            self.assertEqual(
                tab.named("connect_error", "/guarded"), [({"name": "ann", "triesLeft": 2},)]
            )
            self.assertEqual(tab.named("connect_error", "/nowhere"), [("Invalid namespace",)])
            self.assertEqual(tab.call("rooms"), [])

    def test_it_stays_by_its_own_pings(self):
        tabs = self.tabs()
        done = time.monotonic() + 3.5
        until(lambda: time.monotonic() > done, "time stands still")
        for tab in tabs:
            self.assertEqual(tab.call("echo", 1), 1)
            self.assertEqual(tab.named("disconnect"), [])

    def test_the_server_dismisses_it(self):
        for connection in (False, True):
            for tab in self.tabs("/watched"):
                tab.emit("dismiss me", connection)
                tab.hears("disconnect")
                # This client counts the end of the root namespace as that of all.
                tab.hears("disconnect", namespace="/watched")

    def test_it_leaves_and_others_are_told_why(self):
        for tab in self.tabs():
            watcher = self.make("websocket").open()
            room = "old " + tab.transport
            for each in (watcher, tab):
                each.call("join", [room])
            tab.client._send_packet(socketio.packet.Packet(socketio.packet.DISCONNECT, namespace="/"))
            ((_, reason),) = watcher.hears("gone")
            self.assertEqual(reason, "client namespace disconnect")

    def test_it_comes_back_after_the_line_was_cut(self):
        for transport in TRANSPORTS:
            wire = Wire()
            self.addCleanup(wire.close)
            options = {"reconnection_delay": 0.05, "randomization_factor": 0}
            tab = self.make(transport, socketio.Client, reconnection=True, **options)
            connected = []
            tab.client.on("connect", lambda: connected.append(tab.client.eio.sid))
            tab.client.connect(wire.url, transports=TRANSPORTS[transport])
            until(lambda: connected, "it did not come")
            while len(connected) < 2:
                wire.cut()  # between two polls it would do no harm
                time.sleep(0.05)
            self.assertEqual(tab.call("echo", 1), 1)
            self.assertEqual(len(set(connected)), len(connected))
            tab.client.reconnection = False


class OldBytes(Case):
    """What the client does not do, and what it hides."""

    def get(self, query=""):
        answer = request("GET", PATH + "polling" + query)
        self.assertEqual(answer.status, 200, answer)
        return answer

    def post(self, sid, body, kind="text/plain;charset=UTF-8"):
        answer = request("POST", f"{PATH}polling&sid={sid}", body, {"Content-Type": kind})
        return answer.status, answer.body

    @staticmethod
    def packets(body):
        """Reads a text payload as JavaScript does, by UTF-16 units."""
        units = body.decode().encode("utf-16-le")
        packets = []
        while units:
            length, _, rest = units.partition(":".encode("utf-16-le"))
            count = int(length.decode("utf-16-le")) * 2
            packets.append(rest[:count].decode("utf-16-le"))
            units = rest[count:]
        return packets

    @staticmethod
    def payload(*packets):
        return "".join(f"{len(p.encode('utf-16-le')) // 2}:{p}" for p in packets).encode()

    def opened(self, query=""):
        """A session whose open packet and CONNECT have been read."""
        (packet,) = self.packets(self.get(query).body)
        self.assertEqual(packet[0], "0")
        sid = json.loads(packet[1:])["sid"]
        self.assertEqual(self.packets(self.get(f"{query}&sid={sid}").body), ["40"])
        return sid

    def link(self):
        link = websocket.create_connection(f"ws://{HOST}:{PORT}{PATH}websocket", timeout=SECONDS)
        self.addCleanup(link.close)
        self.assertEqual(link.recv()[0], "0")
        self.assertEqual(link.recv(), "40")
        return link

    def test_text_payloads_count_utf16_units(self):
        sid = self.opened()
        event = '42["again","🚀é世"]'
        self.assertEqual(self.post(sid, self.payload(event, "2🚀", event)), (200, b"ok"))
        self.assertEqual(self.packets(self.get("&sid=" + sid).body), [event, "3🚀", event])
        self.assertEqual(self.post(sid, b"1:1"), (200, b"ok"))

    def test_bytes_are_base64_for_clients_that_ask_for_it(self):
        sid = self.opened("&b64=1")
        data = "b4" + base64.b64encode(BYTES).decode()
        head = '451-7["echo",{"_placeholder":true,"num":0}]'
        self.assertEqual(self.post(sid, self.payload(head, data))[0], 200)
        answer = self.get("&b64=1&sid=" + sid)
        self.assertTrue(answer.headers["Content-Type"].startswith("text/plain"))
        self.assertEqual(
            self.packets(answer.body), ['461-7[{"_placeholder":true,"num":0}]', data]
        )

    def test_bytes_come_in_the_binary_form(self):
        sid = self.opened()
        head = b'451-7["echo",{"_placeholder":true,"num":0}]'
        body = b"\x00" + bytes(map(int, str(len(head)))) + b"\xff" + head + b"\x01\x03\xff\x04\x01\x02"
        self.assertEqual(self.post(sid, body, "application/octet-stream"), (200, b"ok"))
        answer = self.get("&sid=" + sid)
        self.assertEqual(answer.headers["Content-Type"], "application/octet-stream")
        text = b'461-7[{"_placeholder":true,"num":0}]'
        self.assertEqual(answer.body, b"\x00\x03\x06\xff" + text + b"\x01\x03\xff\x04\x01\x02")

    def test_rubbish_is_400(self):
        for body in [b"", b"0:", b"9" * 400 + b":4", b"2:4", b"2:4\xf0\x9f\x9a\x80", b"1:\x80"]:
            for kind in ["text/plain", "application/octet-stream"]:
                self.assertEqual(self.post(self.opened(), body, kind)[0], 400, (body, kind))

    def test_the_client_pings_and_the_server_answers(self):
        link = self.link()
        for payload in ["", "x", "probably"]:
            link.send("2" + payload)
            self.assertEqual(link.recv(), "3" + payload)
        link.send("40/guarded?name=a%20b&token=sesame,")
        self.assertEqual(link.recv(), "40/guarded,")
        self.assertEqual(link.recv(), '42/guarded,["welcome","a b"]')

    def test_silence_ends_it(self):
        link = self.link()
        began = time.monotonic()
        websocket_end(link)
        self.assertAlmostEqual(time.monotonic() - began, 3, delta=0.6)

    def test_clients_of_today_are_served_beside_them(self):
        link = websocket.create_connection(
            f"ws://{HOST}:{PORT}/socket.io/?EIO=4&transport=websocket", timeout=SECONDS
        )
        self.addCleanup(link.close)
        link.recv()
        link.send("40")
        self.assertTrue(link.recv().startswith('40{"sid":'))
        link.send('420["join",["both"]]')
        self.assertEqual(link.recv(), '430[["both"]]')
        old = self.link()
        old.send('420["tell everyone in",["both"],{"from":"old"}]')
        self.assertEqual(link.recv(), '42["news",{"from":"old"}]')
        self.assertEqual(requests.get(BASE_URL + "/counts", timeout=SECONDS).status_code, 200)


if __name__ == "__main__":
    unittest.main()
