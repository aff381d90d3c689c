"""The client of Engine.IO by itself, and a bare WebSocket, against the Tour example.

The server is asked for pings every half second, and for two and a half seconds of patience.
"""

import json
import time
import unittest

import engineio
import engineio.payload

from clients import TRANSPORTS, InOrder
from support import BASE_URL, PATH, Case, open_websocket, until, websocket_end

engineio.payload.Payload.max_decode_packets = 16
INTERVAL, PATIENCE = 0.5, 2.5


class Line:
    """A client of Engine.IO, and the messages that have come to it."""

    def __init__(self, transport):
        self.client = InOrder()
        self.transport = transport
        self.messages = []
        self.reasons = []
        self.client.on("message", self.messages.append)
        self.client.on("disconnect", self.reasons.append)
        self.client.connect(
            BASE_URL, transports=TRANSPORTS[transport], engineio_path="socket.io"
        )

    def hears(self, count=1):
        """The next messages, taken."""
        until(
            lambda: len(self.messages) >= count,
            f"{self.transport}: {len(self.messages)} messages came, not {count}",
        )
        taken, self.messages[:] = self.messages[:count], self.messages[count:]
        return taken

    def joins(self, namespace=""):
        self.client.send("0" + namespace)
        (answer,) = self.hears()
        assert answer.startswith("0" + namespace + '{"sid":'), answer
        return self


class EngineClient(Case):
    def line(self, transport, joined=True):
        line = Line(transport)
        self.addCleanup(line.client.disconnect, abort=True)
        return line.joins() if joined else line

    def test_it_reads_the_handshake(self):
        for transport in TRANSPORTS:
            client = self.line(transport).client
            self.assertEqual(client.transport(), "polling" if transport == "polling" else "websocket")
            self.assertRegex(client.sid, r"^[\w-]{20}$")
            self.assertEqual((client.ping_interval, client.ping_timeout), (INTERVAL, PATIENCE))
            self.assertEqual(client.upgrades, [] if transport == "websocket" else ["websocket"])

    def test_text_goes_both_ways(self):
        for transport in TRANSPORTS:
            line = self.line(transport)
            line.client.send('27["echo","ü 🚀",{"a":[1,2.50,null]}]')
            self.assertEqual(line.hears(), ['37["ü 🚀",{"a":[1,2.50,null]}]'])
            line.client.send('2["again"]')
            self.assertEqual(line.hears(), ['2["again"]'])

    def test_bytes_go_both_ways_behind_their_text(self):
        for transport in TRANSPORTS:
            line = self.line(transport)
            line.client.send('52-8["echo",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]')
            line.client.send(b"\x00first")
            line.client.send(b"\xffsecond")
            head, *bytes_ = line.hears(3)
            self.assertRegex(head, r"^62-8\[")
            order = [part["num"] for part in json.loads(head[4:])]
            self.assertEqual([bytes_[place] for place in order], [b"\xffsecond", b"\x00first"])

    def test_namespaces_share_the_connection(self):
        for transport in TRANSPORTS:
            line = self.line(transport).joins("/tenants/5,")
            line.client.send('2/tenants/5,1["which"]')
            self.assertEqual(line.hears(), ["3/tenants/5,1[5]"])
            line.client.send("0/nowhere,")
            self.assertEqual(line.hears(), ['4/nowhere,{"message":"Invalid namespace"}'])
            line.client.send("1/tenants/5,")
            line.client.send('21["echo",1]')
            self.assertEqual(line.hears(), ["31[1]"])

    def test_a_namespace_may_be_left_and_entered_again(self):
        for transport in TRANSPORTS:
            line = self.line(transport)
            for _ in range(3):
                line.client.send("1")
                line.joins()
            line.client.send('21["rooms"]')
            self.assertEqual(line.hears(), ["31[[]]"])

    def test_what_is_no_packet_ends_the_connection(self):
        for transport in TRANSPORTS:
            for packet in ["nonsense", "2", '2{"a":1}', '2["connect"]', "9", b"unasked for", "51-[]"]:
                line = self.line(transport)
                line.client.send(packet)
                until(lambda: line.client.state == "disconnected", f"{packet} did no harm")

    def test_an_event_before_any_namespace_ends_the_connection(self):
        for transport in TRANSPORTS:
            line = self.line(transport, joined=False)
            line.client.send('2["echo"]')
            until(lambda: line.client.state == "disconnected", "it did no harm")

    def test_the_server_closes_the_connection(self):
        for transport in TRANSPORTS:
            line = self.line(transport)
            line.client.send('2["dismiss me",true]')
            self.assertEqual(line.hears(), ["1"])
            until(lambda: line.client.state == "disconnected", "the connection is open")

    def test_nine_hundred_messages_come_in_order(self):
        for transport in TRANSPORTS:
            line = self.line(transport)
            line.client.send('2["count to",900]')
            expected = [f'2["number",{number}]' for number in range(1, 901)]
            self.assertEqual(line.hears(900), expected)

    def test_it_lives_by_its_pongs(self):
        lines = [self.line(transport) for transport in TRANSPORTS]
        done = time.monotonic() + INTERVAL + PATIENCE + 0.5
        until(lambda: time.monotonic() > done, "time stands still")
        for line in lines:
            self.assertEqual(line.client.state, "connected")
            line.client.send('21["echo",1]')
            self.assertEqual(line.hears(), ["31[1]"])


class Pings(Case):
    """What clients hide."""

    def watcher(self, room):
        line = Line("websocket").joins()
        self.addCleanup(line.client.disconnect)
        line.client.send(f'20["join",["{room}"]]')
        line.hears()
        return line

    def gone(self, watcher, count=1):
        """Why those in its room left."""
        return [json.loads(text[1:])[2] for text in watcher.hears(count)]

    def joined(self):
        line = open_websocket(PATH + "websocket", {})
        self.addCleanup(line.close)
        line.handshake = json.loads(line.recv()[1:])
        line.send("40")
        self.assertTrue(line.recv().startswith('40{"sid":'))
        return line

    def test_the_handshake_tells_the_times(self):
        handshake = self.joined().handshake
        self.assertEqual(handshake["pingInterval"], INTERVAL * 1_000)
        self.assertEqual(handshake["pingTimeout"], PATIENCE * 1_000)

    def test_a_websocket_is_pinged_at_the_interval(self):
        line = self.joined()
        for _ in range(3):
            began = time.monotonic()
            self.assertEqual(line.recv(), "2")
            self.assertAlmostEqual(time.monotonic() - began, INTERVAL, delta=0.3)
            line.send("3")

    def test_a_poll_is_pinged_at_the_interval(self):
        session = self.polling(None)
        for _ in range(3):
            began = time.monotonic()
            self.assertEqual(session.poll().body, b"2")
            self.assertAlmostEqual(time.monotonic() - began, INTERVAL, delta=0.3)
            session.say(b"3")

    def test_who_is_silent_is_closed_when_patience_ends(self):
        watcher, line = self.watcher("silent"), self.joined()
        line.send('42["join",["silent"]]')
        session = self.polling(None)
        session.say(b'42["join",["silent"]]')
        began = time.monotonic()
        texts, code = websocket_end(line)
        self.assertAlmostEqual(time.monotonic() - began, INTERVAL + PATIENCE, delta=0.6)
        self.assertEqual([text for text in texts if not text.startswith(b"42")], [b"2"])
        self.assertEqual(self.gone(watcher, 2), ["ping timeout"] * 2)
        self.assertFalse(session.is_known())

    def test_a_poll_that_is_given_up_ends_the_session_at_once(self):
        watcher, session = self.watcher("given up"), self.polling(None)
        session.say(b'42["join",["given up"]]')
        poll = session.parked()
        session.settle()
        poll.connection.close()
        self.assertEqual(self.gone(watcher), ["transport error"])

    def test_volatile_events_are_dropped_where_no_poll_waits(self):
        session = self.polling(None)
        session.say(b'42["blink",3]', b'420["echo"]')
        self.assertEqual(session.receive(2), [b'42["blinked"]', b"430[]"])

    def test_a_volatile_event_reaches_a_poll_that_waits(self):
        session, other = self.polling(None), self.joined()
        session.say(b'42["join",["free"]]')
        poll = session.parked()
        session.settle()
        other.send('42["tell if free","free",1]')
        self.assertEqual(poll.answer().body, b'42["news",1]')


if __name__ == "__main__":
    unittest.main()
