"""What the asyncio client of Python (aiohttp) sees of the Tour example, over each transport."""

import asyncio
import logging
import unittest

import socketio

from clients import BYTES, TRANSPORTS, VALUES, Wire
from support import BASE_URL, SECONDS

for name in ("asyncio", "engineio.client", "socketio.client"):
    logging.getLogger(name).setLevel(logging.CRITICAL)


class Tab:
    """One client, and what has come to it in each of its namespaces."""

    def __init__(self, transport, **options):
        options = {"reconnection": False, "request_timeout": SECONDS, **options}
        self.client = socketio.AsyncClient(**options)
        self.transport = transport
        self.events = []
        self.reasons = []
        self.refusals = []

    def listen(self, namespace):
        note = self.client.on
        note("*", lambda *event: self.events.append((namespace, *event)), namespace=namespace)
        note("disconnect", lambda why: self.reasons.append((namespace, why)), namespace=namespace)
        note("connect_error", lambda why: self.refusals.append((namespace, why)), namespace=namespace)

    async def open(self, *namespaces, url=BASE_URL, **options):
        namespaces = list(namespaces or ["/"])
        for namespace in namespaces:
            self.listen(namespace)
        await self.client.connect(
            url,
            transports=TRANSPORTS[self.transport],
            namespaces=namespaces,
            wait_timeout=SECONDS,
            **options,
        )
        return self

    @property
    def name(self):
        return self.client.get_sid()

    async def emit(self, name, *arguments, **options):
        await self.client.emit(name, arguments, **options)

    async def call(self, name, *arguments, **options):
        return await self.client.call(name, arguments, timeout=SECONDS, **options)

    def named(self, name, namespace="/"):
        heard = list(self.events)
        return [tuple(rest) for space, event, *rest in heard if (space, event) == (namespace, name)]

    async def hears(self, name, count=1, namespace="/"):
        await until(
            lambda: len(self.named(name, namespace)) >= count,
            f"{self.transport}: {name} came {len(self.named(name, namespace))} times, not {count}",
        )
        return self.named(name, namespace)


async def until(check, what, seconds=SECONDS):
    deadline = asyncio.get_running_loop().time() + seconds
    while not check():
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"{what} (waited {seconds} s)")
        await asyncio.sleep(0.01)


class AsyncClient(unittest.IsolatedAsyncioTestCase):
    def make(self, transport, **options):
        tab = Tab(transport, **options)
        self.addAsyncCleanup(tab.client.disconnect)
        return tab

    async def tab(self, transport, *namespaces, **options):
        return await self.make(transport).open(*namespaces, **options)

    async def test_it_runs_on_its_transport(self):
        for transport in TRANSPORTS:
            tab = await self.tab(transport)
            used = "polling" if transport == "polling" else "websocket"
            self.assertEqual(tab.client.transport(), used)

    async def test_every_kind_of_value_comes_back(self):
        many = {"first": b"1", "list": [b"2", {"deep": b"3"}]}
        for transport in TRANSPORTS:
            tab = await self.tab(transport)
            for value in [*VALUES, BYTES, BYTES * 1_000, many]:
                self.assertEqual(await tab.call("echo", value), value)
            self.assertEqual(await tab.call("echo", 1, b"2", None), (1, b"2", None))
            await tab.emit("again", many, "between", BYTES)
            self.assertEqual(await tab.hears("again"), [(many, "between", BYTES)])

    async def test_hundreds_of_events_keep_their_order(self):
        for transport in TRANSPORTS:
            tab = await self.tab(transport)
            for number in range(300):
                await tab.emit("again", number, {"n": number})
            expected = [(number, {"n": number}) for number in range(300)]
            self.assertEqual(await tab.hears("again", 300), expected)
            await tab.emit("count to", 500)
            await tab.hears("number", 500)
            self.assertEqual(tab.named("number"), [(number,) for number in range(1, 501)])

    async def test_calls_at_once_get_their_own_answers(self):
        for transport in TRANSPORTS:
            tab = await self.tab(transport)
            answers = await asyncio.gather(*(tab.call("echo", n) for n in range(200)))
            self.assertEqual(answers, list(range(200)))

    async def test_a_refusal_brings_its_text_and_its_data(self):
        for transport in TRANSPORTS:
            tab = self.make(transport)
            with self.assertRaises(socketio.exceptions.ConnectionError):
                await tab.open("/guarded", auth={"name": "ann", "token": "wrong"})
            why = {"message": "wrong word", "data": {"name": "ann", "triesLeft": 2}}
            self.assertEqual(tab.refusals, [("/guarded", why)])
            again = await self.tab(transport, "/guarded", auth={"name": "ann", "token": "sesame"})
            self.assertEqual(await again.hears("welcome", namespace="/guarded"), [("ann",)])

    async def test_rooms_reach_whom_they_mean(self):
        for transport in TRANSPORTS:
            a, b, c = [await self.tab(transport) for _ in range(3)]
            await b.call("join", ["x", "y"])
            await c.call("join", ["x"])
            await a.call("tell everyone in", ["x", "y"], 1)
            await a.call("tell in except", "x", "y", 2)
            await a.call("tell others", b"3")
            for tab, expected in [(a, []), (b, [(1,), (b"3",)]), (c, [(1,), (2,), (b"3",)])]:
                await tab.call("echo")
                self.assertEqual(tab.named("news"), expected)

    async def test_the_server_asks_one_and_many(self):
        for transport in TRANSPORTS:
            tabs = []
            for number in range(3):
                tab = self.make(transport)

                async def answer(value, number=number):
                    if number == 2:
                        await asyncio.sleep(1)
                    return [number, value]

                tab.client.on("question", answer)
                tabs.append(await tab.open())
                await tab.call("join", [f"asked over {transport}"])
            self.assertEqual(await tabs[0].call("ask me", b"x", 10_000), {"answer": [0, b"x"]})
            answers = await tabs[0].call("ask room", f"asked over {transport}", "q", 300)
            self.assertEqual(answers[-1], {"failure": "timeout"})
            found = sorted(answer["answer"] for answer in answers[:-1])
            self.assertEqual(found, [[0, "q"], [1, "q"]])

    async def test_namespaces_of_the_plan_and_by_a_pattern(self):
        for transport in TRANSPORTS:
            tab = await self.tab(transport, "/", "/watched", "/tenants/3")
            self.assertEqual(await tab.call("which", namespace="/tenants/3"), 3)
            await tab.call("tell everyone", 1, namespace="/tenants/3")
            await tab.call("tell everyone", 2, namespace="/watched")
            self.assertEqual(await tab.hears("news", namespace="/tenants/3"), [(1,)])
            self.assertEqual(await tab.hears("news", namespace="/watched"), [(2,)])
            self.assertEqual(tab.named("news"), [])

    async def test_the_server_dismisses_it(self):
        for transport in TRANSPORTS:
            tab = await self.tab(transport, "/", "/watched")
            await tab.emit("dismiss me", True)
            await until(lambda: len(tab.reasons) == 2, "it was not told of both")
            reason = tab.client.reason.SERVER_DISCONNECT
            self.assertEqual(sorted(tab.reasons), [("/", reason), ("/watched", reason)])
            await until(lambda: tab.client.eio.state == "disconnected", "its connection is open")

    async def test_it_comes_back_after_the_line_was_cut(self):
        for transport in TRANSPORTS:
            wire, connected = Wire(), []
            self.addCleanup(wire.close)
            tab = self.make(
                transport, reconnection=True, reconnection_delay=0.05, randomization_factor=0
            )
            tab.client.on("connect", lambda: connected.append(tab.name))
            await tab.open(url=wire.url)
            while len(connected) < 2:
                wire.cut()  # between two polls it would do no harm
                await until(lambda: len(connected) > 1 or tab.client.connected, "it is lost")
                await asyncio.sleep(0.01)
            await until(lambda: tab.client.connected, "it did not come back")
            self.assertEqual(await tab.call("echo", 1), 1)
            self.assertEqual(len(set(connected)), len(connected))

    async def test_many_clients_at_once(self):
        tabs = [self.make(transport) for transport in TRANSPORTS for _ in range(8)]
        await asyncio.gather(*(tab.open() for tab in tabs))
        await asyncio.gather(*(tab.call("join", ["many"]) for tab in tabs))
        await asyncio.gather(*(tab.call("tell others in", ["many"], tab.name) for tab in tabs))
        names = {tab.name for tab in tabs}
        for tab in tabs:
            heard = await tab.hears("news", len(tabs) - 1)
            self.assertEqual({name for (name,) in heard}, names - {tab.name})

    async def test_the_simple_client(self):
        for transport in TRANSPORTS:
            async with socketio.AsyncSimpleClient(reconnection=False) as client:
                await client.connect(
                    BASE_URL,
                    transports=TRANSPORTS[transport],
                    wait_timeout=SECONDS,
                )
                self.assertEqual(await client.call("echo", b"x", timeout=SECONDS), b"x")
                await client.emit("again", ("a", 1))
                self.assertEqual(await client.receive(timeout=SECONDS), ["again", "a", 1])


if __name__ == "__main__":
    unittest.main()
