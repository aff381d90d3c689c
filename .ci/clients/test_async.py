"""The asyncio client of Python (aiohttp), over each transport."""

import asyncio
import logging
import unittest

import aiohttp
import socketio

from support import BASE_URL, SECONDS, Login

# Test cases run in asyncio's debug mode, which comments on every step of the client that is slow.
logging.getLogger("asyncio").setLevel(logging.ERROR)

TRANSPORTS = {
    "polling": ["polling"],
    "websocket": ["websocket"],
    "upgrade": ["polling", "websocket"],
}


class Tab:
    """One client, what has come to it, and its cookies."""

    def __init__(self, cookies, transport):
        self.http = aiohttp.ClientSession(cookies=cookies)
        self.client = socketio.AsyncClient(
            http_session=self.http, reconnection=False, request_timeout=SECONDS
        )
        self.transport = transport
        self.events = []
        self.reason = None
        self.gone = asyncio.Event()
        self.client.on("*", self.heard)
        self.client.on("disconnect", self.left)

    async def heard(self, name, *arguments):
        self.events.append((name, arguments))

    async def left(self, reason):
        self.reason = reason
        self.gone.set()

    async def open(self, **options):
        await self.client.connect(
            BASE_URL, transports=TRANSPORTS[self.transport], wait_timeout=SECONDS, **options
        )
        return self

    async def call(self, name, *arguments):
        return await self.client.call(name, arguments, timeout=SECONDS)

    def named(self, name):
        return [arguments for event, arguments in self.events if event == name]

    async def close(self):
        await self.client.disconnect()
        await self.http.close()


async def until(check, what, seconds=SECONDS):
    deadline = asyncio.get_running_loop().time() + seconds
    while not check():
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"{what} (waited {seconds} s)")
        await asyncio.sleep(0.01)


class AsyncClient(unittest.IsolatedAsyncioTestCase):
    async def login(self):
        login = await asyncio.to_thread(Login)
        self.addCleanup(login.http.close)
        self.addCleanup(login.logout)
        login.cookies = dict(login.http.cookies)
        return login

    def make(self, cookies, transport):
        tab = Tab(cookies, transport)
        self.addAsyncCleanup(tab.close)
        return tab

    async def tab(self, login, transport, **options):
        return await self.make(login.cookies, transport).open(**options)

    async def test_login_opens_every_transport(self):
        login = await self.login()
        for transport in TRANSPORTS:
            tab = await self.tab(login, transport)
            used = "polling" if transport == "polling" else "websocket"
            self.assertEqual(tab.client.transport(), used)
            self.assertEqual(await tab.call("whoami"), "john")

    async def test_login_with_the_clients_own_cookie_jar(self):
        """The cookie as the login form set it, never touched by us."""
        jar = aiohttp.CookieJar(unsafe=True)  # a jar for names only would refuse an address
        async with aiohttp.ClientSession(cookie_jar=jar) as http:
            form = {"username": "john", "password": "changeit"}
            async with http.post(BASE_URL + "/login", data=form) as answer:
                self.assertEqual(answer.status, 200)
                self.assertEqual(answer.url.path, "/")
            for transport in TRANSPORTS.values():
                client = socketio.AsyncClient(http_session=http, reconnection=False)
                await client.connect(BASE_URL, transports=transport, wait_timeout=SECONDS)
                self.assertEqual(await client.call("whoami", timeout=SECONDS), "john")
                await client.disconnect()
            async with http.post(BASE_URL + "/logout") as answer:
                self.assertEqual(answer.status, 204)

    async def test_without_cookie_no_transport_opens(self):
        for transport in TRANSPORTS:
            tab = self.make({}, transport)
            with self.assertRaises(socketio.exceptions.ConnectionError):
                await tab.open()
            self.assertFalse(tab.client.connected)

    async def test_echo_of_text_and_binary(self):
        login = await self.login()
        values = [
            "text",
            "Grüße, 世界, 🚀",
            {"a": [1, {"b": [None, False]}], "ü": 1.5},
            bytes(range(256)),
            b"x" * 300_000,
            {"first": b"1", "list": [b"2", {"deep": b"3"}]},
        ]
        for transport in TRANSPORTS:
            tab = await self.tab(login, transport)
            for value in values:
                self.assertEqual(await tab.call("echo", value), value)
            self.assertEqual(await tab.call("echo", *values), tuple(values))

    async def test_thousand_events_keep_their_order(self):
        login = await self.login()
        for transport in TRANSPORTS:
            tab = await self.tab(login, transport)
            for number in range(1000):
                await tab.client.emit("echo-event", (number, {"n": number}))
            await until(lambda: len(tab.events) >= 1000, "not all events came back", 60)
            expected = [(number, {"n": number}) for number in range(1000)]
            self.assertEqual(tab.named("echo-event"), expected)

    async def test_calls_at_once_get_their_own_answers(self):
        login = await self.login()
        for transport in TRANSPORTS:
            tab = await self.tab(login, transport)
            answers = await asyncio.gather(*(tab.call("echo", n) for n in range(200)))
            self.assertEqual(answers, list(range(200)))

    async def test_the_server_asks_and_gets_an_answer(self):
        login = await self.login()
        for transport in TRANSPORTS:
            tab = self.make(login.cookies, transport)

            async def answer(value):
                return {"answer": value}

            tab.client.on("ask-back", answer)
            await tab.open()
            for value in ["text", b"\x00\x01", [1, [2]]]:
                self.assertEqual(await tab.call("ask-back", value), {"answer": value})

    async def test_notify_user_reaches_every_tab(self):
        login = await self.login()
        tabs = [await self.tab(login, transport) for transport in TRANSPORTS for _ in range(2)]
        for number, sender in enumerate(tabs):
            await sender.client.emit("notify-user", f"from {number}")
            for tab in tabs:
                await until(lambda: len(tab.named("foo")) > number, f"{tab.transport} is deaf")
        for tab in tabs:
            expected = [(f"from {number}",) for number in range(len(tabs))]
            self.assertEqual(tab.named("foo"), expected)

    async def test_logout_closes_every_socket_of_the_session_and_no_other(self):
        login, other = await self.login(), await self.login()
        tabs = [await self.tab(login, transport) for transport in TRANSPORTS for _ in range(5)]
        stays = [await self.tab(other, transport) for transport in TRANSPORTS]
        await asyncio.to_thread(login.logout)
        for tab in tabs:
            async with asyncio.timeout(SECONDS):
                await tab.gone.wait()
            self.assertEqual(tab.reason, tab.client.reason.SERVER_DISCONNECT)
            await until(lambda: tab.client.eio.state == "disconnected", "a connection is open")
        for tab in stays:
            self.assertEqual(await tab.call("whoami"), "john")
        for transport in TRANSPORTS:
            tab = self.make(login.cookies, transport)
            with self.assertRaises(socketio.exceptions.ConnectionError):
                await tab.open()

    async def test_a_client_that_wants_to_come_back_is_refused_after_logout(self):
        """Reconnection is on: every attempt is answered 401, and none gets in."""
        login = await self.login()
        for transport in ("polling", "websocket"):
            http = aiohttp.ClientSession(cookies=login.cookies)
            client = socketio.AsyncClient(
                http_session=http,
                reconnection_attempts=2,
                reconnection_delay=0.05,
                randomization_factor=0,
            )
            self.addAsyncCleanup(http.close)
            self.addAsyncCleanup(client.disconnect)
            refusals = []
            client.on("connect_error", lambda data: refusals.append(data))
            await client.connect(BASE_URL, transports=[transport], wait_timeout=SECONDS)
            await asyncio.to_thread(login.logout)
            await until(lambda: client.eio.state == "disconnected", "it is still connected")
            with self.assertRaises(socketio.exceptions.ConnectionError):
                await client.connect(BASE_URL, transports=[transport], wait_timeout=SECONDS)
            self.assertEqual(len(refusals), 1)
            login = await self.login()

    async def test_unknown_namespace_is_refused(self):
        login = await self.login()
        for transport in TRANSPORTS:
            tab = self.make(login.cookies, transport)
            refusals = []
            tab.client.on("connect_error", refusals.append, namespace="/nowhere")
            with self.assertRaises(socketio.exceptions.ConnectionError):
                await tab.open(namespaces=["/nowhere"])
            self.assertEqual(refusals, [{"message": "Invalid namespace"}])


if __name__ == "__main__":
    unittest.main()
