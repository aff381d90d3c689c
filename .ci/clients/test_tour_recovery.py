"""Connections that are lost and found again, spoken by hand, since the clients of Python do not.

The server is the Tour example with `--recovery`, at BASE_URL.
"""

import json
import unittest

from clients import Tab
from support import PATH, Case, open_websocket, until


class Line:
    """A WebSocket in the root namespace, and what it knows by which it can come back."""

    def __init__(self, **auth):
        self.socket = open_websocket(PATH + "websocket", {})
        self.socket.recv()
        self.offset = None
        self.missed = []
        self.say("40" + (json.dumps(auth) if auth else ""))
        while type(text := self.hears()) is tuple or not text.startswith("40"):
            self.missed.append(text)
        self.sid, self.pid = (lambda told: (told["sid"], told["pid"]))(json.loads(text[2:]))

    def say(self, text):
        self.socket.send(text)

    def hears(self):
        """The next message that is no ping; bytes are read with the event they belong to."""
        while (text := self.socket.recv()) == "2":
            self.say("3")
        if text.startswith("45"):
            count, _, event = text[2:].partition("-")
            text = (json.loads(event), [self.socket.recv() for _ in range(int(count))])
        return text

    def event(self):
        """The next event and its arguments, of which the offset is noted."""
        name, *arguments = json.loads(self.hears()[2:])
        self.offset = arguments.pop()
        return [name, *arguments]

    def call(self, name, *arguments):
        self.say("421" + json.dumps([name, *arguments]))
        answer = self.hears()
        assert answer.startswith("431"), answer
        return json.loads(answer[3:])

    def cut(self):
        self.socket.shutdown()

    def back(self, **more):
        return Line(pid=self.pid, offset=self.offset, **more)


class Recovery(Case):
    def line(self, **auth):
        line = Line(**auth)
        self.addCleanup(line.socket.close)
        return line

    def back(self, line, **more):
        again = line.back(**more)
        self.addCleanup(again.socket.close)
        return again

    def away(self, line, other):
        """Cuts a line, and waits until the server has noticed."""
        line.cut()
        until(lambda: other.call("who", line.sid) == [[]], "it is still there")

    def pair(self):
        line, other = self.line(), self.line()
        line.say('42["hello"]')
        self.assertEqual(line.event(), ["welcome", line.sid])
        line.call("join", ["attic"])
        line.call("remember", "tea")
        return line, other

    def test_events_carry_an_offset_and_a_connection_a_secret(self):
        line, other = self.pair()
        self.assertNotEqual(line.pid, line.sid)
        self.assertRegex(line.pid, r"^[\w-]{20,}$")
        self.assertIsInstance(line.offset, str)
        self.assertEqual(line.call("rooms"), [["attic"]])

    def test_what_was_missed_comes_before_the_answer_and_all_is_as_it_was(self):
        line, other = self.pair()
        self.away(line, other)
        other.call("tell others", {"for": "all"})
        other.call("tell others in", ["attic"], "for the room")
        other.call("tell others in", ["cellar"], "for another room")
        other.call("tell in except", "attic", "attic", "for nobody")
        other.call("tell if free", "attic", "volatile")
        other.say('451-["tell others",{"_placeholder":true,"num":0}]')
        other.socket.send_binary(b"\x00\xff")
        other.call("echo")
        again = self.back(line)
        self.assertEqual((again.sid, again.pid), (line.sid, line.pid))
        first, second, (third, attachments) = again.missed
        self.assertEqual(json.loads(first[2:])[:2], ["news", {"for": "all"}])
        self.assertEqual(json.loads(second[2:])[:2], ["news", "for the room"])
        self.assertEqual(third[:2], ["news", {"_placeholder": True, "num": 0}])
        self.assertEqual(attachments, [b"\x00\xff"])
        self.assertEqual(again.call("rooms"), [["attic"]])
        self.assertEqual(again.call("recall"), ["tea"])
        other.call("tell others in", ["attic"], "live again")
        self.assertEqual(again.event(), ["news", "live again"])

    def test_it_comes_back_more_than_once(self):
        line, other = self.pair()
        for number in range(3):
            self.away(line, other)
            other.call("tell others in", ["attic"], number)
            again = self.back(line)
            self.assertEqual(again.sid, line.sid)
            (missed,) = again.missed
            name, value, again.offset = json.loads(missed[2:])
            self.assertEqual(value, number)
            line = again

    def test_nothing_was_missed(self):
        line, other = self.pair()
        self.away(line, other)
        again = self.back(line)
        self.assertEqual((again.sid, again.missed), (line.sid, []))

    def test_it_comes_back_by_polling(self):
        line, other = self.pair()
        self.away(line, other)
        other.call("tell others in", ["attic"], "missed")
        session = self.polling(None, namespace=False)
        session.say(b"40" + json.dumps({"pid": line.pid, "offset": line.offset}).encode())
        missed, answer = session.receive(2)
        self.assertEqual(json.loads(missed[2:])[:2], ["news", "missed"])
        self.assertEqual(json.loads(answer[2:]), {"sid": line.sid, "pid": line.pid})

    def test_the_way_back_is_good_for_one(self):
        line, other = self.pair()
        self.away(line, other)
        again, thief = self.back(line), self.back(line)
        self.assertEqual(again.sid, line.sid)
        self.assertNotEqual(thief.sid, line.sid)
        self.assertNotEqual(thief.pid, line.pid)
        self.assertEqual(thief.call("rooms"), [[]])

    def test_what_does_not_fit_begins_anew(self):
        line, other = self.pair()
        self.away(line, other)
        for wrong in [
            {"pid": "A" * 20, "offset": line.offset},
            {"pid": line.pid, "offset": "nonsense"},
            {"pid": line.pid, "offset": 1},
            {"pid": [], "offset": {}},
        ]:
            fresh = self.line(**wrong)
            self.assertNotEqual(fresh.sid, line.sid)
            self.assertEqual((fresh.missed, fresh.call("rooms")), ([], [[]]))

    def test_who_was_dismissed_or_has_left_begins_anew(self):
        for ending in ['42["dismiss me",true]', '42["dismiss me",false]', "41"]:
            line, other = self.pair()
            line.say(ending)
            until(lambda: other.call("who", line.sid) == [[]], "it is still there")
            again = self.back(line)
            self.assertNotEqual(again.sid, line.sid)
            self.assertEqual(again.call("rooms"), [[]])

    def test_a_client_of_python_lives_with_the_offsets(self):
        for transport in ["polling", "websocket", "upgrade"]:
            tab = Tab(transport).open()
            self.addCleanup(tab.close)
            tab.emit("again", 1, b"2")
            ((*values, offset),) = tab.hears("again")
            self.assertEqual(values, [1, b"2"])
            self.assertIsInstance(offset, str)
            self.assertEqual(tab.call("echo", 1), 1)


if __name__ == "__main__":
    unittest.main()
