"""What a client of Python sees of each feature, over each transport.

The server is the Tour example, at BASE_URL, with short pings: when this client leaves, its goodbye may
stay unsent, and it waits until the next ping.
"""

import threading
import time
import unittest

import engineio.payload
import requests
import socketio

from clients import BYTES, TRANSPORTS, VALUES, Client, Tab, Wire
from support import BASE_URL, SECONDS, Case, until

# As the client comes: one poll may bring no more.
engineio.payload.Payload.max_decode_packets = 16


class Behaviours:
    """One transport; the classes below say which."""

    transport = None
    options = {}

    def make(self, *arguments, **options):
        tab = Tab(self.transport, *arguments, **{**self.options, **options})
        self.addCleanup(tab.close)
        return tab

    def tab(self, *namespaces, **options):
        return self.make().open(*namespaces, **options)

    def tabs(self, count):
        return [self.tab() for _ in range(count)]

    def leaves(self, tab):
        until(lambda: tab.is_closed, f"{self.transport}: its connection is still open")

    def refused(self, namespace, **options):
        """What a client reads that may not enter."""
        tab = self.make()
        with self.assertRaises(socketio.exceptions.ConnectionError):
            tab.open(namespace, **options)
        ((where, why),) = tab.refusals
        self.assertEqual(where, namespace)
        return why


class Connecting(Behaviours):
    def test_it_runs_on_its_transport(self):
        tab = self.tab("/", "/guarded", auth={"name": "ann", "token": "sesame"})
        used = "polling" if self.transport == "polling" else "websocket"
        self.assertEqual(tab.client.transport(), used)
        self.assertEqual(tab.call("handshake", namespace="/guarded")["transport"], used)

    def test_each_namespace_gives_a_public_name_of_its_own(self):
        tab = self.tab("/", "/watched")
        names = [tab.client.get_sid(), tab.client.get_sid("/watched"), tab.client.eio.sid]
        self.assertEqual(len(set(names)), 3)
        tab.emit("hello")
        self.assertEqual(tab.hears("welcome"), [(tab.name,)])

    def test_the_server_reads_auth_headers_and_query(self):
        tab = self.tab(
            "/guarded",
            url=BASE_URL + "?colour=red%20wine",
            headers={"User-Agent": "tour"},
            auth={"name": "ann", "token": "sesame"},
        )
        self.assertEqual(tab.hears("welcome", namespace="/guarded"), [("ann",)])
        facts = tab.call("handshake", namespace="/guarded")
        self.assertTrue(facts["url"].startswith("/socket.io/?"), facts)
        self.assertEqual(
            (facts["address"], facts["agent"], facts["colour"]), ("127.0.0.1", "tour", "red wine")
        )
        self.assertIs(facts["isSecure"], False)
        # The client itself adds one to a WebSocket, as browsers do.
        self.assertIs(facts["hasOrigin"], self.transport == "websocket")

    def test_auth_may_be_made_when_it_is_needed(self):
        tab = self.tab("/guarded", auth=lambda: {"name": "bob", "token": "sesame"})
        self.assertEqual(tab.hears("welcome", namespace="/guarded"), [("bob",)])

    def test_a_refusal_brings_its_text_and_its_data(self):
        self.assertEqual(
            self.refused("/guarded", auth={"name": "ann", "token": "wrong"}),
            {"message": "wrong word", "data": {"name": "ann", "triesLeft": 2}},
        )
        self.assertEqual(self.refused("/guarded"), {"message": "a name, please"})

    def test_an_unknown_namespace_is_refused_and_the_others_stay(self):
        self.assertEqual(self.refused("/nowhere"), {"message": "Invalid namespace"})
        tab = self.make()
        tab.open("/", "/nowhere", wait=False)
        until(lambda: tab.refusals and "/" in tab.client.namespaces, "it was not answered")
        self.assertEqual(tab.refusals, [("/nowhere", {"message": "Invalid namespace"})])
        tab.client.connected = True  # it says so itself only when all were joined
        self.assertEqual(tab.call("echo", 1), 1)

    def test_a_refused_client_may_try_again(self):
        tab = self.make()
        with self.assertRaises(socketio.exceptions.ConnectionError):
            tab.open("/guarded", auth={"name": "ann", "token": "wrong"})
        self.leaves(tab)
        tab.open("/guarded", auth={"name": "ann", "token": "sesame"})
        self.assertEqual(tab.hears("welcome", namespace="/guarded"), [("ann",)])


class Messages(Behaviours):
    def test_every_kind_of_value_comes_back_in_an_answer(self):
        tab = self.tab()
        for value in VALUES:
            self.assertEqual(tab.call("echo", value), value)
        self.assertEqual(tab.call("echo", *VALUES), tuple(VALUES))
        self.assertIsNone(tab.call("echo"))

    def test_every_kind_of_value_comes_back_in_an_event(self):
        tab = self.tab()
        for value in VALUES:
            tab.emit("again", value)
        tab.emit("again", *VALUES)
        tab.emit("again")
        expected = [(value,) for value in VALUES] + [tuple(VALUES), ()]
        self.assertEqual(tab.hears("again", len(expected)), expected)

    def test_bytes_come_back_wherever_they_stand(self):
        tab = self.tab()
        many = {"first": b"1", "list": [b"2", {"deep": b"3"}, "text"], "last": b"\xff\x00"}
        for value in [BYTES, b"", BYTES * 2_000, many]:
            self.assertEqual(tab.call("echo", value), value)
            tab.emit("again", value)
        several = (b"1", "between", b"2", [b"3", b"4"], None, b"5")
        self.assertEqual(tab.call("echo", *several), several)
        tab.emit("again", *several)
        expected = [(BYTES,), (b"",), (BYTES * 2_000,), (many,), several]
        self.assertEqual(tab.hears("again", 5), expected)

    def test_bytes_fit_into_types(self):
        stored = self.tab().call("upload", {"name": "song", "parts": [b"\x00\x01", b"", BYTES]})
        self.assertEqual(stored, {"name": "song", "size": 258, "whole": b"\x00\x01" + BYTES})

    def test_typed_events_and_calls(self):
        tab = self.tab()
        tab.emit("move", 3, -4)
        self.assertEqual(tab.hears("moved"), [(3, -4)])
        receipt = tab.call("order", {"item": "tea", "count": 3})
        self.assertEqual(receipt, {"item": "tea", "cents": 750})
        self.assertEqual(tab.call("greet", "Ann"), "Hello, Ann")
        self.assertEqual(tab.call("greet", "Ann", "Dr."), "Hello, Dr. Ann")

    def test_a_failure_is_an_answer_that_tells_only_what_is_meant_for_clients(self):
        tab = self.tab()
        told = {"error": {"message": "order 1 to 100 of it"}}
        self.assertEqual(tab.call("order", {"item": "tea", "count": 0}), told)
        self.assertEqual(
            tab.call("order", {"item": "tea", "count": "many"}),
            {"error": {"message": "invalid payload"}},
        )
        self.assertEqual(tab.call("fail", "hush"), {"error": {"message": "internal error"}})
        self.assertTrue(tab.client.connected)

    def test_an_event_that_nobody_handles_is_no_harm(self):
        tab = self.tab()
        tab.emit("unheard of", 1, b"2")
        self.assertEqual(tab.call("echo", 1), 1)

    def test_a_call_that_nobody_answers_times_out(self):
        tab = self.tab()
        with self.assertRaises(socketio.exceptions.TimeoutError):
            tab.client.call("unheard of", timeout=0.2)
        self.assertEqual(tab.call("echo", 1), 1)

    def test_an_event_without_an_answer_of_its_own_is_acknowledged(self):
        self.assertIsNone(self.tab().call("move", 1, 2))

    def test_message_is_an_event_like_any_other(self):
        tab = self.tab()
        tab.client.send({"a": b"b"})
        self.assertEqual(tab.hears("message"), [({"a": b"b"},)])

    def test_names_may_be_of_any_text(self):
        tab = self.tab("/watched")
        for name in ["ü 世界 🚀", 'a "quoted" \\ name', "", "0", "__proto__"]:
            tab.emit(name, namespace="/watched")
        tab.call("diary", namespace="/watched")

    def test_several_handlers_run_in_order(self):
        tab = self.tab()
        tab.emit("twice")
        tab.hears("second")
        self.assertEqual([name for _, name, *_ in tab.events], ["first", "second"])

    def test_a_socket_remembers(self):
        first, second = self.tabs(2)
        first.call("remember", "tea")
        self.assertEqual(first.call("recall"), "tea")
        self.assertIsNone(second.call("recall"))

    def test_a_thousand_events_keep_their_order_both_ways(self):
        tab = self.tab()
        for number in range(1_000):
            tab.emit("again", number)
        self.assertEqual(tab.hears("again", 1_000), [(number,) for number in range(1_000)])

    def test_more_than_sixteen_packets_at_once_arrive_in_order(self):
        tab = self.tab()
        tab.emit("count to", 900)
        self.assertEqual(tab.hears("number", 900), [(number,) for number in range(1, 901)])
        self.assertEqual(tab.call("echo", 1), 1)

    def test_text_and_bytes_keep_their_order(self):
        tab = self.tab()
        values = [b"%d" % number if number % 3 else str(number) for number in range(300)]
        for value in values:
            tab.emit("again", value)
        self.assertEqual(tab.hears("again", 300), [(value,) for value in values])

    def test_answers_find_their_calls(self):
        tab, answers = self.tab(), {}
        for number in range(200):
            note = lambda value, number=number: answers.__setitem__(number, value)
            tab.emit("echo", number, callback=note)
        until(lambda: len(answers) == 200, "not all answers came")
        self.assertEqual(answers, {number: number for number in range(200)})

    def test_big_payloads(self):
        tab = self.tab()
        for value in ["é" * 160_000, BYTES * 2_800]:
            self.assertEqual(tab.call("echo", value), value)
        wide = list(range(50_000))
        self.assertEqual(tab.call("echo", wide), wide)

    def test_too_big_a_payload_ends_the_connection(self):
        tab = self.tab()
        tab.emit("again", "x" * 1_100_000)
        self.leaves(tab)
        self.assertEqual(tab.named("again"), [])

    def test_volatile_events_come_when_nothing_is_in_their_way(self):
        tab = self.tab()
        tab.call("echo", 1)
        for count in range(1, 4):
            tab.emit("blink", 1)
            tab.hears("blinked", count)
        self.assertLessEqual(len(tab.named("blink")), 3)
        self.assertTrue(all(event == (1,) for event in tab.named("blink")))

    def test_the_client_sees_every_event_with_a_catch_all(self):
        tab = self.make()
        seen = []
        for namespace in ["/", "/watched"]:
            tab.listen(namespace)
        tab.client.handlers.clear()
        tab.client.on("*", lambda *event: seen.append(event), namespace="*")
        tab.client.connect(
            BASE_URL,
            transports=TRANSPORTS[self.transport],
            namespaces=["/", "/watched"],
            wait_timeout=SECONDS,
        )
        tab.emit("again", 1, b"2")
        tab.emit("tell everyone", "x", namespace="/watched")
        until(lambda: len(seen) == 2, "not all was seen")
        self.assertEqual(sorted(seen), [("again", "/", 1, b"2"), ("news", "/watched", "x")])


class Rooms(Behaviours):
    def settled(self, *tabs):
        """What was sent before has arrived."""
        for tab in tabs:
            tab.call("echo")

    def news(self, *tabs):
        """What each has heard since the last time."""
        self.settled(*tabs)
        heard = [[value for (value,) in tab.named("news")] for tab in tabs]
        for tab in tabs:
            tab.events.clear()
        return heard

    def test_joining_and_leaving(self):
        tab = self.tab()
        self.assertEqual(tab.call("rooms"), [])
        self.assertEqual(tab.call("join", ["b", "a", "ü", "b"]), ["a", "b", "ü"])
        self.assertEqual(tab.call("leave", ["b", "never"]), ["a", "ü"])
        self.assertEqual(tab.call("count", "a"), 1)
        tab.call("leave", ["a", "ü"])
        self.assertEqual(tab.call("rooms"), [])

    def test_everyone_and_all_others(self):
        a, b, c = self.tabs(3)
        a.call("tell everyone", 1)
        a.call("tell others", {"two": b"2"})
        b.call("tell others", 3)
        two = {"two": b"2"}
        self.assertEqual(self.news(a, b, c), [[1, 3], [1, two], [1, two, 3]])

    def test_rooms_are_told_once_each(self):
        a, b, c, d = tabs = self.tabs(4)
        for tab, rooms in zip(tabs, [["x", "y"], ["x", "y"], ["y"], []]):
            tab.call("join", rooms)
        a.call("tell everyone in", ["x"], 1)
        a.call("tell everyone in", ["x", "y"], 2)
        a.call("tell others in", ["x", "y"], 3)
        d.call("tell others in", ["y", "nobody"], 4)
        a.call("tell everyone in", ["nobody"], 5)
        self.assertEqual(self.news(*tabs), [[1, 2, 4], [1, 2, 3, 4], [2, 3, 4], []])

    def test_except_leaves_out_whoever_is_in_that_room(self):
        a, b, c = tabs = self.tabs(3)
        for tab, rooms in zip(tabs, [["x"], ["x", "quiet"], ["x"]]):
            tab.call("join", rooms)
        a.call("tell in except", "x", "quiet", 1)
        a.call("tell in except", "x", c.name, 2)
        self.assertEqual(self.news(*tabs), [[1, 2], [2], [1]])

    def test_one_client_by_its_name(self):
        a, b, c = self.tabs(3)
        a.call("tell one", b.name, "for b")
        a.call("tell one", a.name, "for myself, which is nobody")
        a.call("tell one", "nobody", "for nobody")
        self.assertEqual(self.news(a, b, c), [[], ["for b"], []])

    def test_who_has_left_a_room_hears_nothing_of_it(self):
        a, b = self.tabs(2)
        b.call("join", ["x"])
        a.call("tell everyone in", ["x"], 1)
        b.call("leave", ["x"])
        a.call("tell everyone in", ["x"], 2)
        self.assertEqual(self.news(a, b), [[], [1]])

    def test_volatile_news_reach_who_is_free(self):
        a, b = self.tabs(2)
        b.call("join", ["x"])
        if self.transport == "polling":
            return self.assertIsNone(a.call("tell if free", "x", 1))
        a.call("tell if free", "x", 1)
        self.assertEqual(self.news(a, b), [[], [1]])

    def test_a_room_is_counted_and_fetched(self):
        a, b, c = tabs = self.tabs(3)
        for tab, rooms in zip(tabs, [["crowd"], ["crowd", "other"], []]):
            tab.call("join", rooms)
        b.call("remember", "tea")
        self.assertEqual(a.call("count", "crowd"), 2)
        people = {person["id"]: person for person in c.call("who", "crowd")}
        self.assertEqual(set(people), {a.name, b.name})
        self.assertEqual(people[b.name]["rooms"], ["crowd", "other"])
        self.assertEqual(people[b.name]["address"], "127.0.0.1")
        self.assertEqual(people[b.name]["memory"], "tea")
        self.assertEqual(c.call("who", c.name)[0]["rooms"], [])
        self.assertEqual(c.call("who", "nobody"), [])

    def test_a_whole_room_is_led_elsewhere_and_out(self):
        a, b, c = tabs = self.tabs(3)
        a.call("join", ["from"])
        b.call("join", ["from"])
        c.call("lead", "from", "led")
        self.assertEqual([tab.call("rooms") for tab in tabs], [["from", "led"]] * 2 + [[]])
        c.call("lead out", "led", "from")
        self.assertEqual([tab.call("rooms") for tab in tabs], [["led"], ["led"], []])

    def test_a_whole_room_is_disconnected(self):
        for connections in (False, True):
            a, b, c = self.tabs(3)
            a.call("join", ["doomed"])
            b.call("join", ["doomed"])
            self.assertEqual(c.call("close room", "doomed", connections), 2)
            for tab in (a, b):
                self.leaves(tab)
                until(lambda: tab.reasons, "it was not told")
                self.assertEqual(tab.reasons, [("/", tab.client.reason.SERVER_DISCONNECT)])
            self.assertEqual(c.call("count", "doomed"), 0)
            self.assertTrue(c.client.connected)

    def test_rooms_of_a_namespace_are_its_own(self):
        tab = self.tab("/", "/watched")
        tab.call("join", ["same"])
        tab.call("join", "same", namespace="/watched")
        tab.call("tell everyone in", ["same"], 1)
        tab.call("tell everyone", 2, namespace="/watched")
        self.assertEqual(self.news(tab), [[1]])

    def test_http_reaches_the_sockets(self):
        tabs = self.tabs(2)
        answer = requests.post(BASE_URL + "/news", json={"rain": "ü"}, timeout=SECONDS)
        self.assertEqual(answer.status_code, 204)
        self.assertEqual(self.news(*tabs), [[{"rain": "ü"}]] * 2)

    def test_clients_are_counted(self):
        def counts():
            return requests.get(BASE_URL + "/counts", timeout=SECONDS).json()

        until(lambda: counts()["clients"] == 0, "those of the test before are still here")
        tab, other = self.tab("/", "/watched"), self.tab("/watched")
        found = counts()
        self.assertEqual((found["clients"], found["sockets"]), (2, 1))
        tab.close()
        other.close()
        until(lambda: counts()["clients"] == 0, "they did not leave")


class Questions(Behaviours):
    def asked(self, answer, client=Client):
        tab = self.make(client)
        tab.client.on("question", answer)
        return tab.open()

    def test_a_client_is_asked(self):
        tab = self.asked(lambda value: value)
        for value in [*VALUES[:-1], BYTES, {"a": [b"1", {"b": b"2"}]}]:
            self.assertEqual(tab.call("ask me", value, 10_000), {"answer": value})

    def test_a_typed_question(self):
        tab = self.make()
        tab.client.on("favourite", lambda what: f"{what}: green")
        tab.open()
        self.assertEqual(tab.call("ask my favourite", "colour"), "colour: green")

    def test_of_several_answers_the_first_counts(self):
        tab = self.asked(lambda value: ("first", "second"))
        self.assertEqual(tab.call("ask me", 0, 10_000), {"answer": "first"})

    def test_an_empty_answer_is_null(self):
        tab = self.asked(lambda value: None)
        self.assertEqual(tab.call("ask me", 0, 10_000), {"answer": None})

    def test_a_silent_client_is_not_waited_for_and_may_answer_too_late(self):
        gate = threading.Event()
        self.addCleanup(gate.set)
        # Each event has a thread of its own in this client, so the answer comes past the question.
        tab = self.asked(lambda value: gate.wait(SECONDS), socketio.Client)
        self.assertEqual(tab.call("ask me", 0, 50), {"failure": "timeout"})
        gate.set()
        self.assertEqual(tab.call("echo", 1), 1)

    def test_another_client_is_asked_by_its_name(self):
        tab, other = self.tab(), self.asked(lambda value: {"other": value})
        self.assertEqual(tab.call("ask one", other.name, b"x"), {"answer": {"other": b"x"}})
        self.assertEqual(tab.call("ask one", "nobody", 1), {"error": {"message": "nobody"}})

    def room(self, *answers):
        tabs = [self.asked(answer) for answer in answers]
        for tab in tabs:
            tab.call("join", ["asked"])
        return tabs

    def test_a_room_is_asked(self):
        self.room(*[lambda value, number=number: [number, value] for number in range(3)])
        answers = self.tab().call("ask room", "asked", b"q", 10_000)
        found = sorted(answer["answer"] for answer in answers)
        self.assertEqual(found, [[0, b"q"], [1, b"q"], [2, b"q"]])
        self.assertEqual(self.tab().call("ask room", "nobody", 1, 10_000), [])

    def test_answers_of_a_room_are_there_though_one_is_silent(self):
        gate = threading.Event()
        self.addCleanup(gate.set)
        self.room(lambda value: 1, lambda value: gate.wait(SECONDS), lambda value: 2)
        answers = self.tab().call("ask room", "asked", 0, 300)
        self.assertEqual(len(answers), 3)
        for expected in [{"answer": 1}, {"answer": 2}, {"failure": "timeout"}]:
            self.assertIn(expected, answers)
        self.assertEqual(answers[-1], {"failure": "timeout"})

    def test_answers_of_a_room_are_there_though_one_leaves(self):
        tabs = self.room(lambda value: 1, lambda value: tabs[1].leave())
        answers = self.tab().call("ask room", "asked", 0, 10_000)
        self.assertEqual(len(answers), 2)
        for expected in [{"answer": 1}, {"failure": "disconnected"}]:
            self.assertIn(expected, answers)


class Partings(Behaviours):
    def watch(self, leaver):
        """Somebody in a room with the leaver."""
        watcher = self.tab()
        for tab in (watcher, leaver):
            tab.call("join", ["room " + leaver.name])
        return watcher

    def reason(self, watcher, name):
        (event,) = watcher.hears("gone")
        self.assertEqual(event[0], name)
        return event[1]

    def test_a_client_leaves(self):
        tab = self.tab()
        watcher, name = self.watch(tab), tab.name
        tab.leave()
        self.assertEqual(self.reason(watcher, name), "client namespace disconnect")
        tab.client.disconnect()
        until(lambda: tab.reasons, "it did not notice")
        self.assertEqual(tab.reasons, [("/", tab.client.reason.CLIENT_DISCONNECT)])

    def test_a_client_closes_its_connection_without_a_word(self):
        tab = self.tab()
        watcher, name = self.watch(tab), tab.name
        tab.close()
        self.assertEqual(self.reason(watcher, name), "transport close")

    def test_the_line_is_cut(self):
        wire = Wire()
        self.addCleanup(wire.close)
        tab = self.tab(url=wire.url)
        watcher, name = self.watch(tab), tab.name
        wire.close()
        self.leaves(tab)
        until(lambda: tab.reasons, "it did not notice")
        reasons = ["transport close", "transport error"]
        # Cut between two polls, there is nothing by which the server could know at once.
        reasons += ["ping timeout"] if self.transport == "polling" else []
        self.assertIn(self.reason(watcher, name), reasons)

    def test_the_server_dismisses_a_socket_and_its_other_namespaces_stay(self):
        tab = self.tab("/", "/watched")
        tab.emit("dismiss me", False)
        until(lambda: tab.reasons, "it was not told")
        self.assertEqual(tab.reasons, [("/", tab.client.reason.SERVER_DISCONNECT)])
        self.assertEqual(tab.call("checked", "sesame", namespace="/watched"), "passed with sesame")

    def test_the_server_closes_a_connection_with_all_its_namespaces(self):
        tab = self.tab("/", "/watched")
        tab.emit("dismiss me", True)
        self.leaves(tab)
        until(lambda: len(tab.reasons) == 2, "it was not told of both")
        reason = tab.client.reason.SERVER_DISCONNECT
        self.assertEqual(sorted(tab.reasons), [("/", reason), ("/watched", reason)])

    def test_somebody_else_is_dismissed(self):
        for connection in (False, True):
            tab, other = self.tab(), self.tab()
            watcher, name = self.watch(other), other.name
            self.assertEqual(tab.call("dismiss", name, connection), 1)
            self.leaves(other)
            self.assertEqual(self.reason(watcher, name), "server namespace disconnect")
            self.assertEqual(tab.call("dismiss", name, connection), 0)

    def test_nothing_reaches_who_was_dismissed(self):
        tab, other = self.tab("/", "/watched"), self.tab()
        other.call("dismiss", tab.name, False)
        other.call("tell everyone", 1)
        tab.call("checked", "sesame", namespace="/watched")
        self.assertEqual(tab.named("news"), [])

    def test_a_client_comes_back_after_the_line_was_cut(self):
        wire = Wire()
        self.addCleanup(wire.close)
        connected = []
        tab = self.make(
            # Not in order: the client decides whether to come back as it handles the end.
            socketio.Client,
            reconnection=True,
            reconnection_delay=0.05,
            randomization_factor=0,
        )
        tab.client.on("connect", lambda: connected.append(tab.name))
        tab.open("/", "/watched", url=wire.url)
        self.addCleanup(tab.client.shutdown)
        for count in (1, 2, 3):
            until(lambda: len(connected) == count and tab.client.connected, "it did not come back")
            self.assertEqual(tab.call("echo", count), count)
            self.assertEqual(tab.call("checked", "sesame", namespace="/watched")[:6], "passed")
            self.assertEqual(len(set(connected)), count)
            while count < 3 and tab.client.connected:
                wire.cut()  # between two polls it would do no harm
                time.sleep(0.01)

    def test_who_was_dismissed_does_not_come_back_by_itself(self):
        tab = self.make(socketio.Client, reconnection=True, reconnection_delay=0.05).open()
        tab.emit("dismiss me", True)
        self.leaves(tab)
        until(lambda: tab.reasons, "it was not told")
        self.assertIsNone(tab.client._reconnect_task)
        tab.open()
        self.assertEqual(tab.call("echo", 1), 1)


class Namespaces(Behaviours):
    def test_events_of_a_namespace_stay_in_it(self):
        tab, other = self.tab("/", "/watched"), self.tab("/")
        tab.call("tell everyone", "root")
        tab.call("tell everyone", "watched", namespace="/watched")
        self.assertEqual(tab.hears("news"), [("root",)])
        self.assertEqual(tab.hears("news", namespace="/watched"), [("watched",)])
        other.call("echo")
        self.assertEqual(other.named("news"), [("root",)])

    def test_answers_of_two_namespaces_do_not_get_mixed_up(self):
        tab = self.tab("/", "/tenants/7")
        answers = []
        for number in range(50):
            tab.emit("echo", number, callback=answers.append)
            tab.emit("which", namespace="/tenants/7", callback=answers.append)
        until(lambda: len(answers) == 100, "not all answers came")
        self.assertEqual(answers, [value for number in range(50) for value in (number, 7)])

    def test_namespaces_by_a_pattern(self):
        tab, other = self.tab("/tenants/1", "/tenants/2"), self.tab("/tenants/2")
        self.assertEqual(tab.call("which", namespace="/tenants/1"), 1)
        self.assertEqual(tab.call("which", namespace="/tenants/2"), 2)
        self.assertEqual(other.call("count", namespace="/tenants/2"), 2)
        other.call("tell everyone", "two", namespace="/tenants/2")
        self.assertEqual(tab.hears("news", namespace="/tenants/2"), [("two",)])
        tab.call("count", namespace="/tenants/1")
        self.assertEqual(tab.named("news", "/tenants/1"), [])

    def test_a_name_that_does_not_fit_the_pattern_is_unknown(self):
        for name in ["/tenants", "/tenants/", "/tenants/1/2", "/tenants/x", "/Tenants/1"]:
            self.assertEqual(self.refused(name), {"message": "Invalid namespace"})
        self.assertEqual(self.refused("/tenants/-1"), {"message": "no such tenant"})

    def test_all_namespaces_of_a_pattern_are_told(self):
        tab = self.tab("/", "/tenants/1", "/tenants/2")
        requests.post(BASE_URL + "/tenants/news", json="rain", timeout=SECONDS)
        for number in (1, 2):
            self.assertEqual(tab.hears("news", namespace=f"/tenants/{number}"), [("rain",)])
        tab.call("echo")
        self.assertEqual(tab.named("news"), [])
        found = requests.get(BASE_URL + "/counts", timeout=SECONDS).json()["namespaces"]
        self.assertLessEqual({"/", "/guarded", "/watched", "/tenants/1", "/tenants/2"}, set(found))

    def test_namespaces_by_a_predicate(self):
        tab = self.tab("/games/chess", auth={"name": "ann", "token": "sesame"})
        self.assertEqual(tab.call("which", namespace="/games/chess"), "/games/chess")
        self.assertEqual(self.refused("/game/go"), {"message": "Invalid namespace"})
        # Each client is asked, also where the game has begun.
        wrong = {"name": "x", "token": "y"}
        for name in ["/games/go", "/games/chess"]:
            self.assertEqual(self.refused(name, auth=wrong), {"message": "not in this game"})
            self.assertIsNotNone(self.refused(name))
        self.assertEqual(tab.call("which", namespace="/games/chess"), "/games/chess")

    def test_a_class_of_its_own_for_a_namespace(self):
        heard = []

        class Watched(socketio.ClientNamespace):
            def on_news(self, value):
                heard.append(value)

        tab = self.make()
        tab.client.register_namespace(Watched("/watched"))
        tab.client.connect(BASE_URL, wait_timeout=SECONDS)
        tab.call("tell everyone", "x", namespace="/watched")
        until(lambda: heard, "the class heard nothing")
        self.assertEqual(heard, ["x"])


class Watched(Behaviours):
    """Catch-all handlers and middleware for events, by what they do to a client."""

    def call(self, name, *arguments):
        return self.watched.call(name, *arguments, namespace="/watched")

    def setUp(self):
        self.watched = self.tab("/watched")
        self.call("diary")

    def test_middleware_keeps_an_event_from_its_handler_and_tells_nobody(self):
        answers = []
        self.watched.emit("forbidden", namespace="/watched", callback=answers.append)
        self.watched.emit("checked", "wrong", namespace="/watched", callback=answers.append)
        self.assertEqual(self.call("checked", "sesame"), "passed with sesame")
        self.assertEqual(answers, [])
        diary = self.call("diary")
        self.assertEqual(
            diary,
            ["in forbidden 0 true", "failed forbidden", "in checked 1 true", "failed checked"]
            + ["in checked 1 true", "in diary 0 true"],
        )

    def test_an_event_does_not_overtake_one_that_middleware_waits_for(self):
        answers = []
        for number in range(20):
            note = lambda _, number=number: answers.append(number)
            name = "unchecked" if number % 2 else "checked"
            self.watched.emit(name, "sesame", namespace="/watched", callback=note)
        until(lambda: len(answers) == 20, "not all answers came")
        self.assertEqual(answers, list(range(20)))

    def test_a_catch_all_sees_what_comes_and_what_goes(self):
        self.watched.emit("unheard of", 1, b"2", namespace="/watched")
        self.call("tell everyone", 1)
        self.assertEqual(
            self.call("diary"),
            ["in unheard of 2 false", "in tell everyone 1 true", "out news", "in diary 0 true"],
        )

    def test_rooms_come_and_go(self):
        other = self.tab("/watched")
        self.call("diary")
        self.call("join", "attic")
        other.call("join", "attic", namespace="/watched")
        self.call("leave", "attic")
        other.client.disconnect()
        lines = []
        until(lambda: lines.extend(self.call("diary")) or "deleted attic" in lines, "nobody left")
        rooms = [line for line in lines if line.endswith("attic")]
        self.assertEqual(
            rooms,
            ["created attic", "joined attic", "joined attic", "left attic", "left attic"]
            + ["deleted attic"],
        )


class Crowds(Behaviours):
    def test_many_clients_at_once(self):
        tabs, failures = [self.make() for _ in range(12)], []

        def run(tab, number):
            try:
                tab.open()
                tab.call("join", ["many"])
                for value in range(20):
                    assert tab.call("echo", [number, value]) == [number, value]
            except Exception as error:
                failures.append(error)

        threads = [threading.Thread(target=run, args=pair) for pair in zip(tabs, range(12))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.assertEqual(failures, [])
        self.assertEqual(tabs[0].call("count", "many"), 12)
        for number in range(20):
            tabs[number % 12].call("tell everyone in", ["many"], number)
        for tab in tabs:
            self.assertEqual(tab.hears("news", 20), [(number,) for number in range(20)])

    def test_the_simple_client(self):
        with socketio.SimpleClient(reconnection=False) as client:
            client.connect(
                BASE_URL,
                transports=TRANSPORTS[self.transport],
                wait_timeout=SECONDS,
            )
            self.assertEqual(client.call("echo", b"x", timeout=SECONDS), b"x")
            client.emit("again", ("a", 1))
            self.assertEqual(client.receive(timeout=SECONDS), ["again", "a", 1])


def spread(module, chapters, **differences):
    """Gives a module a test case for each chapter on each transport."""
    for chapter in chapters:
        for transport in TRANSPORTS:
            name = f"{chapter.__name__}_{transport}"
            module[name] = type(name, (chapter, Case), {"transport": transport, **differences})


if __name__ == "__main__":
    spread(
        globals(),
        [Connecting, Messages, Rooms, Questions, Partings, Namespaces, Watched, Crowds],
    )
    unittest.main()
