"""What the clients of the Tour example see when every packet is MessagePack, and its bytes by hand.

The server is the Tour example with `--message-pack`, at BASE_URL.
"""

import base64
import datetime
import struct
import unittest

import msgpack
import websocket

import test_tour
from clients import BYTES
from support import PATH, Case, open_websocket

SIZES = [15, 16, 31, 32, 127, 128, 255, 256, 65535, 65536]
EXACT = [
    *(sign * number + more for number in (2**7, 2**8, 2**15, 2**16, 2**31, 2**32, 2**53)
      for sign in (1, -1) for more in (-1, 0, 1)),
    2**63 - 1,
    -(2**63),
    *[0.5, -1.25, 1e300, 5e-324, 0.1],
    *["x" * size for size in SIZES],
    *[b"y" * size for size in SIZES],
    *[[1] * size for size in SIZES],
    *[{str(number): number for number in range(size)} for size in (15, 16)],
    {"in": [b"a", {"deep": b"b"}]},
]


class Values(test_tour.Behaviours):
    def test_every_form_of_a_value_comes_back_as_it_was(self):
        tab = self.tab()
        for value in EXACT:
            back = tab.call("echo", value)
            self.assertEqual(back, value)
            self.assertIs(type(back), type(value))

    def test_what_is_passed_on_keeps_every_digit(self):
        tab = self.tab()
        tab.emit("again", 2**64 - 1, [2**64 - 1, b"x"])
        self.assertEqual(tab.hears("again"), [(2**64 - 1, [2**64 - 1, b"x"])])


class Line:
    """A WebSocket on which packets are spoken by hand."""

    def __init__(self):
        self.socket = open_websocket(PATH + "websocket", {})
        self.socket.recv()
        # As the JavaScript client writes it: `undefined` is an extension.
        undefined = msgpack.ExtType(0, b"\x00")
        self.say({"type": 0, "data": undefined, "nsp": "/", "options": {"compress": True}})
        assert self.hears()["type"] == 0

    def say(self, packet):
        self.socket.send_binary(packet if type(packet) is bytes else msgpack.packb(packet))

    def hears(self):
        """The next packet; None when the connection is closed."""
        while True:
            try:
                opcode, data = self.socket.recv_data()
            except (websocket.WebSocketConnectionClosedException, ConnectionResetError):
                return None
            if opcode == websocket.ABNF.OPCODE_BINARY:
                return msgpack.unpackb(data)
            if opcode != websocket.ABNF.OPCODE_TEXT:
                return None
            self.socket.send("3")

    def echo(self, value):
        self.say({"type": 2, "nsp": "/", "data": ["echo", value], "id": 1, "options": {}})
        return self.hears()["data"][0]


class ByHand(Case):
    def line(self):
        line = Line()
        self.addCleanup(line.socket.close)
        return line

    def test_what_the_clients_of_javascript_write(self):
        line, extension = self.line(), msgpack.ExtType
        date = extension(0, struct.pack(">q", 1500))
        self.assertEqual(line.echo(date), "1970-01-01T00:00:01.500Z")
        self.assertEqual(line.echo([1, extension(0, b"\x00")]), [1, None])
        self.assertEqual(line.echo({"a": extension(0, b"\x00"), "b": 1}), {"b": 1})
        self.assertEqual(line.echo(extension(0, b"abc")), b"abc")
        self.assertIsNone(line.echo(float("nan")))

    def test_the_timestamp_of_the_specification(self):
        moment = datetime.datetime(2026, 8, 1, 9, 30, 0, 250000, tzinfo=datetime.timezone.utc)
        stamp = msgpack.Timestamp.from_datetime(moment)
        self.assertEqual(self.line().echo(stamp), "2026-08-01T09:30:00.250Z")

    def test_what_is_no_packet_ends_the_connection_and_no_other(self):
        bystander = self.line()
        event = {"type": 2, "nsp": "/", "data": ["x"]}
        for packet in [
            b"",
            b"\xc1",
            b"\x90",
            msgpack.packb(event)[:-1],
            msgpack.packb(event) + b"\x00",
            {**event, "data": ["x", msgpack.ExtType(7, b"a")]},
            {**event, "data": ["connect"]},
            b"\x83\xa4type\x02\xa3nsp\xa1/\xa4data" + b"\x91" * 100_000,
            b"\x83\xa4type\x02\xa3nsp\xa1/\xa4data\xdd\xff\xff\xff\xff",
        ]:
            line = self.line()
            line.say(packet)
            self.assertIsNone(line.hears(), packet)
        self.assertEqual(bystander.echo("alive"), "alive")

    def test_a_poll_carries_it_in_base64(self):
        session = self.polling(None, namespace=False)
        write = lambda packet: b"b" + base64.b64encode(msgpack.packb(packet))
        session.say(
            write({"type": 0, "nsp": "/"}),
            write({"type": 2, "nsp": "/", "data": ["echo", BYTES], "id": 3}),
        )
        connected, answer = session.receive(2)
        self.assertEqual(msgpack.unpackb(base64.b64decode(connected[1:]))["type"], 0)
        self.assertEqual(
            msgpack.unpackb(base64.b64decode(answer[1:])),
            {"type": 3, "nsp": "/", "data": [BYTES], "id": 3},
        )


if __name__ == "__main__":
    test_tour.spread(
        globals(),
        [
            test_tour.Connecting,
            test_tour.Messages,
            test_tour.Rooms,
            test_tour.Questions,
            test_tour.Namespaces,
            Values,
        ],
        options={"serializer": "msgpack"},
    )
    unittest.main()
