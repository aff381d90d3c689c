"""The everyday client of Python, over each transport."""

import threading
import unittest

import requests
import socketio

from clients import BYTES, TRANSPORTS, VALUES, Client
from support import BASE_URL, SECONDS, Case, until


class Tab:
    """One client, and what has come to it."""

    def __init__(self, login, transport, http=None):
        http = http or (login.http if login else None)
        # A session of requests of its own, as each client closes the one it was given.
        self.http = requests.Session()
        if http:
            self.http.cookies.update(http.cookies)
        self.client = Client(
            http_session=self.http, reconnection=False, request_timeout=SECONDS
        )
        self.transport = transport
        self.events = []
        self.reason = None
        self.client.on("*", lambda name, *arguments: self.events.append((name, arguments)))
        self.client.on("disconnect", self.left)

    def left(self, reason):
        self.reason = reason

    def open(self, **options):
        self.client.connect(
            BASE_URL, transports=TRANSPORTS[self.transport], wait_timeout=SECONDS, **options
        )
        return self

    def call(self, name, *arguments, **options):
        return self.client.call(name, arguments, timeout=SECONDS, **options)

    def named(self, name):
        return [arguments for event, arguments in self.events if event == name]

    def close(self):
        self.client.disconnect()
        self.http.close()


class LoginPage(Case):
    def test_a_wrong_password_is_told_on_the_page_once(self):
        words = "Wrong user name or password."
        with requests.Session() as http:
            form = {"username": "john", "password": "wrong"}
            for _ in range(2):
                page = http.post(BASE_URL + "/login", data=form, timeout=SECONDS)
                self.assertEqual((page.status_code, page.url), (200, BASE_URL + "/login"))
                self.assertIn(f'<p role="alert">{words}</p>', page.text)
                again = http.get(BASE_URL + "/login", timeout=SECONDS)
                self.assertNotIn(words, again.text)
                self.assertNotIn("alert", again.text)


class SyncClient(Case):
    def tab(self, login, transport, **options):
        tab = Tab(login, transport)
        self.addCleanup(tab.close)
        return tab.open(**options)

    def test_login_opens_every_transport(self):
        login = self.login()
        for transport in TRANSPORTS:
            tab = self.tab(login, transport)
            used = "polling" if transport == "polling" else "websocket"
            self.assertEqual(tab.client.transport(), used)
            self.assertEqual(tab.call("whoami"), "john")

    def test_without_cookie_no_transport_opens(self):
        for transport in TRANSPORTS:
            tab = Tab(None, transport)
            self.addCleanup(tab.close)
            with self.assertRaises(socketio.exceptions.ConnectionError):
                tab.open()
            self.assertFalse(tab.client.connected)

    def test_polling_alone_needs_the_cookie_in_the_http_session(self):
        """The headers of `connect` go with the first request only; the rest would be a stranger's."""
        login = self.login()
        headers = {"Cookie": login.cookie}
        for transport in TRANSPORTS:
            client = Client(reconnection=False, request_timeout=SECONDS)
            self.addCleanup(client.disconnect)
            options = {"headers": headers, "transports": TRANSPORTS[transport]}
            if transport == "polling":
                with self.assertRaises(socketio.exceptions.ConnectionError):
                    client.connect(BASE_URL, wait_timeout=2, **options)
            else:
                client.connect(BASE_URL, wait_timeout=SECONDS, **options)
                self.assertEqual(client.call("whoami", timeout=SECONDS), "john")

    def test_echo_gives_back_what_it_got(self):
        login = self.login()
        for transport in TRANSPORTS:
            tab = self.tab(login, transport)
            for value in VALUES:
                self.assertEqual(tab.call("echo", value), value)
            self.assertEqual(tab.call("echo", *VALUES), tuple(VALUES))
            self.assertIsNone(tab.call("echo"))

    def test_echo_gives_back_binary(self):
        login = self.login()
        for transport in TRANSPORTS:
            tab = self.tab(login, transport)
            self.assertEqual(tab.call("echo", BYTES), BYTES)
            self.assertEqual(tab.call("echo", b""), b"")
            self.assertEqual(tab.call("echo", BYTES * 2_000), BYTES * 2_000)
            many = {"first": b"1", "list": [b"2", {"deep": b"3"}, "text"], "last": b"\xff\x00"}
            self.assertEqual(tab.call("echo", many), many)
            arguments = [b"1", "between", b"2", [b"3", b"4"], b"5"]
            self.assertEqual(tab.call("echo", *arguments), tuple(arguments))

    def test_binary_event_comes_back_with_its_attachments(self):
        login = self.login()
        for transport in TRANSPORTS:
            tab = self.tab(login, transport)
            tab.client.emit("echo-event", (b"one", {"two": [b"two"]}, "three"))
            tab.client.emit("echo-event", "after")
            until(lambda: len(tab.events) == 2, "the events did not come back")
            self.assertEqual(
                tab.named("echo-event"), [(b"one", {"two": [b"two"]}, "three"), ("after",)]
            )

    def test_thousand_events_keep_their_order(self):
        login = self.login()
        for transport in TRANSPORTS:
            tab = self.tab(login, transport)
            for number in range(1000):
                tab.client.emit("echo-event", number)
            until(lambda: len(tab.events) >= 1000, "not all events came back", 60)
            self.assertEqual(tab.named("echo-event"), [(number,) for number in range(1000)])
            self.assertEqual(tab.call("whoami"), "john")

    def test_the_server_asks_and_gets_an_answer(self):
        login = self.login()
        for transport in TRANSPORTS:
            tab = Tab(login, transport)
            self.addCleanup(tab.close)
            tab.client.on("ask-back", lambda value: {"answer": value})
            tab.open()
            for value in ["text", {"a": [1, 2]}, b"\x00\x01", None]:
                self.assertEqual(tab.call("ask-back", value), {"answer": value})

    def test_acks_do_not_get_mixed_up(self):
        login = self.login()
        for transport in TRANSPORTS:
            tab = self.tab(login, transport)
            answers = {}
            for number in range(200):
                tab.client.emit(
                    "echo",
                    number,
                    callback=lambda value, number=number: answers.__setitem__(number, value),
                )
            until(lambda: len(answers) == 200, "not all acks came")
            self.assertEqual(answers, {number: number for number in range(200)})

    def test_notify_user_reaches_every_tab(self):
        first, second = self.login(), self.login()
        tabs = [self.tab(first, transport) for transport in TRANSPORTS]
        tabs += [self.tab(second, transport) for transport in TRANSPORTS]
        for index, sender in enumerate(tabs):
            sender.client.emit("notify-user", {"from": index, "bytes": b"\x01\x02"})
            for tab in tabs:
                until(lambda: len(tab.named("foo")) > index, f"{tab.transport} heard nothing")
        for tab in tabs:
            heard = [value["from"] for (value,) in tab.named("foo")]
            self.assertEqual(heard, list(range(len(tabs))))
            self.assertEqual(tab.named("foo")[0], ({"from": 0, "bytes": b"\x01\x02"},))

    def test_user_connected_counts_tabs(self):
        login, other = self.login(), self.login()
        tabs = []
        for transport in TRANSPORTS:
            for session in (login, other):
                tabs.append(self.tab(session, transport))
                self.counts(tabs[0], len(tabs))
        while len(tabs) > 1:
            tabs.pop().client.disconnect()
            self.counts(tabs[0], len(tabs))

    def counts(self, tab, expected):
        """Those of the test before may need a moment to be gone."""
        until(
            lambda: tab.call("user-connected") == expected,
            f"{tab.call('user-connected')} sockets are counted, not {expected}",
        )
        self.assertEqual(tab.call("user-connected"), expected)

    def test_logout_closes_every_socket_of_the_session_and_no_other(self):
        login, other = self.login(), self.login()
        tabs = [self.tab(login, transport) for transport in TRANSPORTS]
        others = [self.tab(other, transport) for transport in TRANSPORTS]
        self.counts(others[0], len(tabs) + len(others))
        login.logout()
        # The answer to the logout comes when they are closed, not a moment before.
        self.assertEqual(others[0].call("user-connected"), len(others))
        for tab in tabs:
            until(lambda: not tab.client.connected, f"{tab.transport} is still connected")
            until(lambda: tab.client.eio.state == "disconnected", "its connection is still open")
            self.assertEqual(tab.reason, tab.client.reason.SERVER_DISCONNECT)
        for tab in others:
            self.assertEqual(tab.call("whoami"), "john")
            self.assertTrue(tab.client.connected)

    def test_after_logout_the_old_cookie_opens_nothing(self):
        login = self.login()
        for transport in TRANSPORTS:
            self.tab(login, transport)
        kept = requests.Session()
        kept.cookies.update(login.http.cookies)
        login.logout()
        for transport in TRANSPORTS:
            tab = Tab(None, transport, http=kept)
            self.addCleanup(tab.close)
            with self.assertRaises(socketio.exceptions.ConnectionError):
                tab.open()
            self.assertFalse(tab.client.connected)

    def test_many_tabs_at_once(self):
        login = self.login()
        tabs = [Tab(login, transport) for transport in TRANSPORTS for _ in range(10)]
        failures = []

        def run(tab):
            try:
                tab.open()
                for number in range(20):
                    assert tab.call("echo", number) == number
            except Exception as error:
                failures.append(error)

        threads = [threading.Thread(target=run, args=[tab]) for tab in tabs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        for tab in tabs:
            self.addCleanup(tab.close)
        self.assertEqual(failures, [])
        login.logout()
        for tab in tabs:
            until(lambda: not tab.client.connected, f"{tab.transport} is still connected")

    def test_unknown_namespace_is_refused_and_the_other_stays(self):
        login = self.login()
        for transport in TRANSPORTS:
            refusals = []
            tab = Tab(login, transport)
            self.addCleanup(tab.close)
            tab.client.on("connect_error", refusals.append, namespace="/nowhere")
            tab.open(namespaces=["/", "/nowhere"], wait=False)
            until(lambda: refusals, "the namespace was not refused")
            self.assertEqual(refusals, [{"message": "Invalid namespace"}])
            until(lambda: "/" in tab.client.namespaces, "/ was not joined")
            tab.client.connected = True  # it says so itself only when all were joined
            self.assertEqual(tab.call("whoami"), "john")

    def test_a_client_may_come_back(self):
        login = self.login()
        for transport in TRANSPORTS:
            tab = self.tab(login, transport)
            first = tab.client.get_sid()
            tab.client.disconnect()
            until(lambda: tab.client.eio.state == "disconnected", "it did not leave")
            again = self.tab(login, transport)
            self.assertNotEqual(again.client.get_sid(), first)
            self.assertEqual(again.call("whoami"), "john")


if __name__ == "__main__":
    unittest.main()
