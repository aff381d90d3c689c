"""HTTP/1.1 by its bytes: what leaves a doubt about where a message ends is 400, and the end."""

import re
import socket
import unittest

from support import HOST, PORT, SECONDS, Case, Raw, request

GOOD = f"Host: {HOST}:{PORT}\r\n".encode()
FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"


def post(fields, body=b"", host=GOOD):
    return b"POST /login HTTP/1.1\r\n" + host + FORM + fields + b"\r\n" + body


def get(fields=b"", line=b"GET /login HTTP/1.1", host=GOOD):
    return line + b"\r\n" + host + fields + b"\r\n"


MALFORMED = {
    "two ways to tell the length": post(
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"
    ),
    "no such coding": post(b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n"),
    "chunked is not last": post(b"Transfer-Encoding: chunked, identity\r\n", b"0\r\n\r\n"),
    "identity before chunked": post(b"Transfer-Encoding: identity, chunked\r\n", b"0\r\n\r\n"),
    "vertical tab in the coding": post(b"Transfer-Encoding: chunked\x0b\r\n", b"0\r\n\r\n"),
    "chunked twice in one word": post(b"Transfer-Encoding: chunkedchunked\r\n", b"0\r\n\r\n"),
    "two codings, one wrong": post(
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n", b"0\r\n\r\n"
    ),
    "a folded field": post(b"Transfer-Encoding:\r\n chunked\r\n", b"0\r\n\r\n"),
    "any folded field": get(b"X: a\r\n b\r\n"),
    "bare line feeds": f"GET /login HTTP/1.1\nHost: {HOST}:{PORT}\n\n".encode(),
    "one bare line feed": get(b"X: a\n"),
    "a bare carriage return in a value": get(b"X: a\rb\r\n"),
    "a bare carriage return after a value": get(b"X: a\r\r\n"),
    "the head ends in a letter": b"GET /login HTTP/1.1\r\n" + GOOD + b"\rX",
    "space before the colon": post(b"Content-Length : 5\r\n", b"hello"),
    "space before the first field": b"GET /login HTTP/1.1\r\n " + GOOD + b"\r\n",
    "no colon": get(b"nonsense\r\n"),
    "no name": get(b": value\r\n"),
    "NUL in a value": get(b"X: a\x00b\r\n"),
    "NUL in a name": get(b"X\x00: a\r\n"),
    "NUL in the target": get(line=b"GET /lo\x00gin HTTP/1.1"),
    "a name that only looks like ASCII": get("Trans\u212aer-Encoding: chunked\r\n".encode()),
    "lengths that differ": post(b"Content-Length: 5\r\nContent-Length: 6\r\n", b"hello!"),
    "lengths that agree": post(b"Content-Length: 5\r\nContent-Length: 5\r\n", b"hello"),
    "a list of lengths": post(b"Content-Length: 5, 5\r\n", b"hello"),
    "no host": get(host=b""),
    "two hosts": get(b"Host: other\r\n"),
    "a host with a comma": get(host=b"Host: a,b\r\n"),
    "a host with a space": get(host=b"Host: a b\r\n"),
    "a host with a user": get(host=b"Host: user@host\r\n"),
    "chunked in HTTP/1.0": post(b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n").replace(
        b"HTTP/1.1", b"HTTP/1.0"
    ),
    "an unfinished escape": get(line=b"GET /% HTTP/1.1"),
    "an escape of no digits": get(line=b"GET /%zz HTTP/1.1"),
    "an escaped NUL": get(line=b"GET /%00 HTTP/1.1"),
    "an escape of bad UTF-8": get(line=b"GET /%c0%af HTTP/1.1"),
    "an escape of other languages": get(line=b"GET /%u0041 HTTP/1.1"),
    "two spaces": get(line=b"GET  /login HTTP/1.1"),
    "a tab": get(line=b"GET\t/login HTTP/1.1"),
    "no version": get(line=b"GET /login"),
    "version 1.10": get(line=b"GET /login HTTP/1.10"),
    "a small http": get(line=b"GET /login http/1.1"),
    "an upgrade with a body": get(
        b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nContent-Length: 5\r\n",
        line=b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
    )
    + b"hello",
}
for length in [b"+5", b"-5", b"0x5", b"5 5", b"", b"5.0", b"\xd9\xa5", b"9" * 20]:
    MALFORMED[f"length {length}"] = post(b"Content-Length: " + length + b"\r\n", b"hello")
for size in [b"+a", b"-1", b"0x5", b"", b"f" * 17, b"0" * 1000 + b"5", b"5 ", b"5\n", b"5\rx", b"g"]:
    MALFORMED[f"chunk size {size[:20]}"] = post(
        b"Transfer-Encoding: chunked\r\n", size + b"\r\nhello\r\n0\r\n\r\n"
    )
for name, body in {
    "no line break after a chunk": b"5\r\nhelloXX0\r\n\r\n",
    "a line feed after a chunk": b"5\r\nhello\n0\r\n\r\n",
    "a line feed in an extension": b"5;a=\n\r\nhello\r\n0\r\n\r\n",
    "an endless extension": b"5;" + b"x" * 100_000 + b"\r\nhello\r\n0\r\n\r\n",
    "a folded trailer": b"0\r\nX: y\r\n z\r\n\r\n",
}.items():
    MALFORMED[name] = post(b"Transfer-Encoding: chunked\r\n", body)

OTHERS = {
    "a method in small letters": (get(line=b"get /login HTTP/1.1"), {400, 405, 501}),
    "a method of symbols": (get(line=b"G@T /login HTTP/1.1"), {400}),
    "a method of a megabyte": (get(line=b"G" * 1_000_000 + b" /login HTTP/1.1"), {400, 431, 501}),
    "CONNECT": (get(line=b"CONNECT example.org:80 HTTP/1.1"), {400, 405}),
    "a star": (get(line=b"GET * HTTP/1.1"), {400}),
    "version 2": (get(line=b"GET /login HTTP/2.0"), {400, 505}),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 505}),
    "a target of a megabyte": (get(line=b"GET /" + b"x" * 1_000_000 + b" HTTP/1.1"), {414}),
    "a field of a megabyte": (get(b"X: " + b"x" * 1_000_000 + b"\r\n"), {431}),
    "ten thousand fields": (get(b"X: y\r\n" * 10_000), {431}),
    "64 KB of cookies": (get(b"Cookie: " + b"a=b; " * 13_000 + b"\r\n"), {431}),
    "endless trailers": (
        post(b"Transfer-Encoding: chunked\r\n", b"0\r\n" + b"X: y\r\n" * 20_000 + b"\r\n"),
        {400, 431},
    ),
    "a length of a gigabyte": (post(b"Content-Length: 1000000000\r\n"), {413}),
    "a compressed body": (
        post(b"Content-Encoding: gzip\r\nContent-Length: 5\r\n", b"hello"),
        {415},
    ),
    "an unknown expectation": (post(b"Expect: cookies\r\nContent-Length: 5\r\n", b"hello"), {417}),
    "random bytes": (bytes(range(128, 256)) * 4 + b"\r\n\r\n", {400, None}),
    "a TLS hello": (bytes.fromhex("16030100a5010000a10303") + bytes(160), {400, None}),
}


def statuses(data):
    """The status of every answer in these bytes; the bodies say nothing that looks like one."""
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3}) ", data)]


class Framing(Case):
    def test_what_is_malformed_is_400_and_the_connection_ends(self):
        for name, data in MALFORMED.items():
            with self.subTest(name):
                raw = Raw()
                # A second request behind it, which must never be answered.
                raw.send(data + get())
                self.assertEqual(statuses(raw.everything()), [400])
        self.assertEqual(request("GET", "/login").status, 200)

    def test_what_is_refused_otherwise(self):
        for name, (data, expected) in OTHERS.items():
            with self.subTest(name):
                raw = Raw()
                raw.send(data)
                raw.socket.shutdown(socket.SHUT_WR)
                found = statuses(raw.everything()) or [None]
                self.assertEqual(len(found), 1)
                self.assertIn(found[0], expected)
        self.assertEqual(request("GET", "/login").status, 200)

    def test_requests_byte_by_byte_are_the_same(self):
        raw = Raw()
        raw.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        body = b"4\r\nuser\r\n10;x=y\r\nname=john&passwo\r\n0b\r\nrd=changeit\r\n0\r\nX: y\r\n\r\n"
        data = post(b"Transfer-Encoding: chunked\r\nConnection: close\r\n", body)
        for index in range(len(data)):
            raw.send(data[index : index + 1])
        answer = raw.everything()
        self.assertEqual(statuses(answer), [302], answer)
        self.assertIn(b"Set-Cookie: connect.sid=", answer)

    def test_pipelined_requests_are_answered_in_order(self):
        raw = Raw()
        raw.send(
            get() + get(line=b"GET /nowhere HTTP/1.1") + get(line=b"HEAD /login HTTP/1.1")
            + post(b"Content-Length: 0\r\n") + get(b"Connection: close\r\n") + get()
        )
        found = statuses(raw.everything())
        self.assertEqual(found[:3] + found[4:], [200, 404, 200, 200])

    def test_a_thousand_pipelined_requests(self):
        raw = Raw()
        raw.send(get() * 999 + get(b"Connection: close\r\n"))
        self.assertEqual(statuses(raw.everything()), [200] * 1000)

    def test_http_1_0_is_answered_and_closed(self):
        raw = Raw()
        raw.send(get(line=b"GET /login HTTP/1.0"))
        self.assertEqual(statuses(raw.everything()), [200])

    def test_absolute_targets(self):
        raw = Raw()
        line = f"GET http://{HOST}:{PORT}/login HTTP/1.1".encode()
        raw.send(get(b"Connection: close\r\n", line=line))
        self.assertEqual(len(statuses(raw.everything())), 1)

    def test_expectation_is_answered_before_the_body(self):
        raw = Raw()
        raw.send(post(b"Expect: 100-continue\r\nContent-Length: 31\r\nConnection: close\r\n"))
        raw.socket.settimeout(SECONDS)
        self.assertEqual(raw.socket.recv(1000), b"HTTP/1.1 100 Continue\r\n\r\n")
        raw.send(b"username=john&password=changeit")
        self.assertEqual(statuses(raw.everything()), [302])

    def test_a_body_that_will_not_be_taken_is_refused_before_it_is_sent(self):
        raw = Raw()
        raw.send(post(b"Expect: 100-continue\r\nContent-Length: 999999999\r\n"))
        self.assertEqual(statuses(raw.everything()), [413])

    def test_a_body_that_is_cut_is_never_handled(self):
        raw = Raw()
        raw.send(post(b"Content-Length: 100\r\n", b"username=john&password=changeit"))
        raw.socket.shutdown(socket.SHUT_WR)
        answer = raw.everything()
        self.assertNotIn(b"connect.sid=", answer)
        self.assertIn(statuses(answer), ([], [400]))

    def test_frames_written_together_with_the_upgrade_are_taken(self):
        login = self.login()
        raw = Raw()
        fields = (
            f"Cookie: {login.cookie}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        ).encode()
        line = b"GET /socket.io/?EIO=4&transport=websocket HTTP/1.1"

        def frame(text):
            return bytes([0x81, 0x80 | len(text), 0, 0, 0, 0]) + text

        raw.send(get(fields, line=line) + frame(b"40"))
        answer = b""
        for awaited, reply in [(b'40{"sid":', b'421["whoami"]'), (b'431["john"]', b"1")]:
            while awaited not in answer:
                chunk = raw.socket.recv(65536)
                self.assertTrue(chunk, answer)
                answer += chunk
            raw.send(frame(reply))
        answer += raw.everything()
        self.assertTrue(answer.startswith(b"HTTP/1.1 101 "), answer)
        self.assertIn(b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", answer)
        self.assertEqual(answer.count(b'431["john"]'), 1)


if __name__ == "__main__":
    unittest.main()
