"""What the client tests share: where the server is, logins, deadlines, and raw Engine.IO.

The server is the Passport example, at BASE_URL (http://127.0.0.1:3000 when not set).
"""

import base64
import http.client
import json
import os
import socket
import time
import unittest
import urllib.parse

import engineio.payload
import requests
import websocket

BASE_URL = os.environ.get("BASE_URL", "http://127.0.0.1:3000").rstrip("/")
HOST, PORT = (lambda url: (url.hostname, url.port or 80))(urllib.parse.urlsplit(BASE_URL))
PATH = "/socket.io/?EIO=4&transport="
SECONDS = 15
SEPARATOR = b"\x1e"

# The Python client hangs up when one poll brings more than 16 packets, unless it is told not to; the
# protocol has no such limit, and its own documentation tells to raise it.
engineio.payload.Payload.max_decode_packets = 10_000


def until(check, what, seconds=SECONDS):
    """Asks `check` until it returns something true; there is no other kind of waiting here."""
    deadline = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} (waited {seconds} s)")
        time.sleep(0.01)


class Login:
    """A browser: the cookie that the login form gave it."""

    def __init__(self):
        self.http = requests.Session()
        answer = self.http.post(
            BASE_URL + "/login",
            data={"username": "john", "password": "changeit"},
            allow_redirects=False,
            timeout=SECONDS,
        )
        assert answer.status_code == 302, answer.status_code
        assert "connect.sid" in self.http.cookies, answer.headers
        self.cookie = "connect.sid=" + self.http.cookies["connect.sid"]

    def logout(self):
        """Returns when the server says that the session and its sockets are gone."""
        answer = self.http.post(BASE_URL + "/logout", timeout=SECONDS)
        assert answer.status_code == 204, answer.status_code


class Answer:
    def __init__(self, response, has_body=True):
        self.status = response.status
        self.headers = response.headers
        self.body = response.read() if has_body else b""
        response.close()

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:200]!r}"


class Pending:
    """A request that has been sent and whose answer may take a while."""

    def __init__(self, method, path, body=None, headers=None):
        self.connection = http.client.HTTPConnection(HOST, PORT, timeout=SECONDS)
        self.connection.request(method, path, body, headers or {})

    def answer(self):
        try:
            return Answer(self.connection.getresponse())
        finally:
            self.connection.close()


def request(method, path, body=None, headers=None):
    return Pending(method, path, body, headers).answer()


class Polling:
    """A session of Engine.IO on polling, spoken by hand."""

    def __init__(self, login, namespace=True):
        self.headers = {"Cookie": login.cookie} if login else {}
        answer = request("GET", PATH + "polling", headers=self.headers)
        assert answer.status == 200, answer
        assert answer.body[:1] == b"0", answer
        self.handshake = json.loads(answer.body[1:])
        self.sid = self.handshake["sid"]
        self.path = f"{PATH}polling&sid={self.sid}"
        if namespace:
            self.say(b"40")
            opened = self.poll()
            assert opened.body.startswith(b'40{"sid":'), opened

    def post(self, *packets, headers=None, path=None):
        return request(
            "POST",
            path or self.path,
            SEPARATOR.join(packets),
            {"Content-Type": "text/plain;charset=UTF-8", **self.headers, **(headers or {})},
        )

    def say(self, *packets):
        answer = self.post(*packets)
        assert (answer.status, answer.body) == (200, b"ok"), answer

    def poll(self):
        return self.parked().answer()

    def parked(self):
        """A poll whose answer is still to come."""
        return Pending("GET", self.path, headers=self.headers)

    def settle(self):
        """Round trips, of pongs: what was sent before has been read by then."""
        for _ in range(5):
            self.say(b"3")

    def receive(self, count):
        """That many packets, over as many polls as it takes; pings are answered."""
        packets = []
        while len(packets) < count:
            answer = self.poll()
            assert answer.status == 200, answer
            for packet in answer.body.split(SEPARATOR):
                if packet == b"2":
                    self.say(b"3")
                else:
                    packets.append(packet)
        return packets

    def call(self, number, name, *arguments):
        """An event with an ack, answered."""
        payload = json.dumps([name, *arguments], separators=(",", ":"), ensure_ascii=False)
        self.say(f"42{number}{payload}".encode())
        (packet,) = self.receive(1)
        prefix = f"43{number}".encode()
        assert packet.startswith(prefix), packet
        return json.loads(packet[len(prefix) :])

    def is_known(self):
        """Whether the server still has the session; it must not have a poll open."""
        return self.post(b"3").status == 200

    def upgrade(self, headers=None):
        return open_websocket(
            f"{PATH}websocket&sid={self.sid}", {**self.headers, **(headers or {})}
        )

    def close(self):
        self.post(b"1")


def open_websocket(path, headers):
    fields = [f"{name}: {value}" for name, value in headers.items()]
    return websocket.create_connection(
        f"ws://{HOST}:{PORT}{path}", header=fields, timeout=SECONDS, suppress_origin=True
    )


def upgrade_status(path, headers=None):
    """Status and body of a WebSocket handshake, asked for with plain bytes."""
    fields = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(os.urandom(16)).decode(),
        **(headers or {}),
    }
    connection = http.client.HTTPConnection(HOST, PORT, timeout=SECONDS)
    try:
        connection.request("GET", path, headers=fields)
        response = connection.getresponse()
        return Answer(response, has_body=response.status != 101)
    finally:
        connection.close()


class Raw:
    """A socket of HTTP's own bytes."""

    def __init__(self):
        self.socket = socket.create_connection((HOST, PORT), timeout=SECONDS)

    def send(self, data):
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it has answered and left before we were done

    def everything(self):
        """All bytes until the server closes."""
        data = b""
        try:
            while chunk := self.socket.recv(65536):
                data += chunk
        except ConnectionResetError:
            pass
        self.socket.close()
        return data


def websocket_end(connection):
    """Reads to the end: the texts that came, and the close code (None for a bare end)."""
    texts = []
    try:
        while True:
            opcode, data = connection.recv_data()
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                return texts, int.from_bytes(data[:2], "big") if len(data) >= 2 else None
            texts.append(data)
    except (websocket.WebSocketConnectionClosedException, ConnectionResetError):
        return texts, None
    finally:
        connection.shutdown()


class Case(unittest.TestCase):
    """A test that closes what it opened, whatever happens."""

    maxDiff = 2000

    def login(self):
        login = Login()
        self.addCleanup(login.http.close)
        self.addCleanup(login.logout)
        return login

    def polling(self, login, namespace=True):
        session = Polling(login, namespace)
        self.addCleanup(session.close)
        return session

    def websocket(self, login, namespace=True):
        """A session of Engine.IO on WebSocket, its open packet read."""
        connection = open_websocket(PATH + "websocket", {"Cookie": login.cookie})
        self.addCleanup(connection.close)
        opened = connection.recv()
        self.assertEqual(opened[:1], "0")
        connection.handshake = json.loads(opened[1:])
        if namespace:
            connection.send("40")
            self.assertTrue(connection.recv().startswith('40{"sid":'))
        return connection
