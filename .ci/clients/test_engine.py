"""Engine.IO 4 by hand: every refusal with its code, and the rules of both transports."""

import json
import unittest

import websocket

from support import (
    HOST,
    PATH,
    PORT,
    SEPARATOR,
    Case,
    Pending,
    Polling,
    Raw,
    open_websocket,
    request,
    until,
    upgrade_status,
    websocket_end,
)

MESSAGES = {
    0: "Transport unknown",
    1: "Session ID unknown",
    2: "Bad handshake method",
    3: "Bad request",
    5: "Unsupported protocol version",
}
OWN = f"http://{HOST}:{PORT}"
FOREIGN = ["http://evil.example", "null", OWN + ".evil.example", f"http://{HOST}:{PORT}0"]


class Refusals(Case):
    """What is answered before there is a session; the status is real HTTP on both transports."""

    def refused(self, answer, status, code, message=None):
        self.assertEqual(answer.status, status, answer)
        self.assertEqual(answer.headers["Content-Type"], "application/json")
        self.assertEqual(answer.json["code"], code, answer)
        self.assertEqual(set(answer.json), {"code", "message"})
        if message or code in MESSAGES:
            self.assertEqual(answer.json["message"], message or MESSAGES[code])

    def setUp(self):
        self.session = self.login()
        self.cookie = {"Cookie": self.session.cookie}

    def get(self, query, **headers):
        return request("GET", "/socket.io/" + query, headers={**self.cookie, **headers})

    def test_transport_missing_or_unknown_is_code_0(self):
        for query in [
            "?EIO=4",
            "?EIO=4&transport=",
            "?EIO=4&transport=carrier-pigeon",
            "?EIO=4&transport=webtransport",
            "?EIO=4&transport=__proto__",
            "?EIO=4&transport=Polling",
            "?EIO=4&transport=polling%20",
            "",
        ]:
            self.refused(self.get(query), 400, 0)

    def test_unknown_sid_is_code_1_on_every_method_and_transport(self):
        for sid in ["nope", "__proto__", "toString", "a" * 20, "A" * 4000, "%F0%9F%9A%80", "%2e%2e"]:
            path = f"{PATH}polling&sid={sid}"
            self.refused(request("GET", path, headers=self.cookie), 400, 1)
            self.refused(request("POST", path, b"40", self.cookie), 400, 1)
            self.refused(upgrade_status(f"{PATH}websocket&sid={sid}", self.cookie), 400, 1)
        # What is not even text is refused by HTTP itself.
        for sid in ["%00", "%zz", "%c0%af"]:
            self.assertEqual(self.get(f"?EIO=4&transport=polling&sid={sid}").status, 400)

    def test_empty_sid_is_no_handshake(self):
        for login in [self.cookie, {}]:
            for sid in ["sid=", "sid", "sid=&sid=", "sid=&sid=x"]:
                answer = request("GET", f"{PATH}polling&{sid}", headers=login)
                self.assertEqual(answer.status, 400, answer)
                self.assertIn(answer.json["code"], (1, 3))
                self.assertEqual(upgrade_status(f"{PATH}websocket&{sid}", login).status, 400)

    def test_handshake_with_another_method_is_code_2(self):
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"]:
            self.refused(request(method, PATH + "polling", headers=self.cookie), 400, 2)
        self.assertEqual(request("HEAD", PATH + "polling", headers=self.cookie).status, 400)

    def test_bad_origin_is_code_3(self):
        answer = self.get("?EIO=4&transport=polling", Origin="http://\xe9.example")
        self.refused(answer, 400, 3)

    def test_control_characters_in_the_origin_are_refused(self):
        for byte in ["\x01", "\x0b", "\x7f"]:
            answer = self.get("?EIO=4&transport=polling", Origin=f"http://a{byte}b")
            self.assertEqual(answer.status, 400)

    def test_websocket_without_upgrade_is_code_3(self):
        self.refused(self.get("?EIO=4&transport=websocket"), 400, 3)

    def test_polling_with_upgrade_is_refused(self):
        self.refused(upgrade_status(PATH + "polling", self.cookie), 400, 3)

    def test_other_protocol_versions_are_code_5_before_the_101(self):
        for version in ["", "&EIO=3", "&EIO=5", "&EIO=04", "&EIO=4%20", "&EIO=", "&EIO=" + "4" * 20]:
            query = f"?transport=polling{version}"
            self.refused(self.get(query), 400, 5)
            answer = upgrade_status(f"/socket.io/?transport=websocket{version}", self.cookie)
            self.refused(answer, 400, 5)

    def test_without_cookie_both_transports_are_401_with_json(self):
        self.refused(request("GET", PATH + "polling"), 401, 4, "Unauthorized")
        self.refused(upgrade_status(PATH + "websocket"), 401, 4, "Unauthorized")

    def test_forged_cookies_are_401(self):
        sid, mac = self.session.cookie.removeprefix("connect.sid=s%3A").split(".")
        for value in [
            "s%3A" + sid,
            "s%3A" + sid + ".",
            "s%3A" + sid + "." + "A" * 43,
            "s%3A" + "A" * len(sid) + "." + mac,
            sid + "." + mac,
            "",
            "s%3A" + sid + "." + mac + "A",
        ]:
            headers = {"Cookie": "connect.sid=" + value}
            self.refused(request("GET", PATH + "polling", headers=headers), 401, 4)
            self.refused(upgrade_status(PATH + "websocket", headers), 401, 4)

    def test_a_page_of_another_origin_is_403_code_4(self):
        for origin in FOREIGN:
            headers = {**self.cookie, "Origin": origin}
            answer = request("GET", PATH + "polling", headers=headers)
            self.refused(answer, 403, 4, "foreign origin")
            self.refused(upgrade_status(PATH + "websocket", headers), 403, 4)

    def test_a_foreign_page_can_not_use_a_session_either(self):
        session = self.polling(self.session)
        for origin in FOREIGN:
            answer = session.post(b'42["echo-event",1]', headers={"Origin": origin})
            self.refused(answer, 403, 4)
            upgrade = f"{PATH}websocket&sid={session.sid}"
            headers = {**self.cookie, "Origin": origin}
            self.refused(upgrade_status(upgrade, headers), 403, 4)
        self.assertEqual(session.call(0, "whoami"), ["john"])

    def test_the_own_origin_may(self):
        headers = {**self.cookie, "Origin": OWN}
        answer = request("GET", PATH + "polling", headers=headers)
        self.assertEqual(answer.status, 200)
        self.assertIsNone(answer.headers["Access-Control-Allow-Origin"])
        self.assertEqual(upgrade_status(PATH + "websocket", headers).status, 101)

    def test_paths_are_compared_exactly(self):
        for path in ["/socket.ioX/", "/socket.io/foo/", "/socket.io//", "/Socket.IO/"]:
            query = "?EIO=4&transport=polling"
            self.assertEqual(request("GET", path + query, headers=self.cookie).status, 404, path)

    def test_malformed_websocket_handshakes(self):
        path = PATH + "websocket"
        for change, statuses in [
            ({"Sec-WebSocket-Key": ""}, {400}),
            ({"Sec-WebSocket-Key": "short"}, {400}),
            ({"Sec-WebSocket-Version": "8"}, {400, 426}),
            ({"Sec-WebSocket-Version": "13, 8"}, {400, 426}),
            ({"Connection": "Upgradex"}, {400, 426}),
            ({"Upgrade": "websockets"}, {400, 426}),
        ]:
            answer = upgrade_status(path, {**self.cookie, **change})
            self.assertIn(answer.status, statuses, change)
        answer = upgrade_status(path, {**self.cookie, "Sec-WebSocket-Version": "8"})
        self.assertEqual(answer.headers["Sec-WebSocket-Version"], "13")
        mixed = {**self.cookie, "Connection": "keep-alive, UPGRADE", "Upgrade": "WebSocket"}
        self.assertEqual(upgrade_status(path, mixed).status, 101)


class Handshakes(Case):
    def test_polling_handshake_has_five_members(self):
        session = self.polling(self.login(), namespace=False)
        shaken = session.handshake
        self.assertEqual(
            list(shaken), ["sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"]
        )
        self.assertEqual(shaken["upgrades"], ["websocket"])
        self.assertEqual(shaken["pingInterval"], 25_000)
        self.assertEqual(shaken["pingTimeout"], 20_000)
        self.assertEqual(shaken["maxPayload"], 1_000_000)
        self.assertEqual(len(shaken["sid"]), 20)

    def test_websocket_handshake_offers_no_upgrade(self):
        connection = self.websocket(self.login(), namespace=False)
        self.assertEqual(connection.handshake["upgrades"], [])
        self.assertEqual(len(connection.handshake), 5)

    def test_headers_of_polls_and_posts(self):
        login = self.login()
        answer = request("GET", PATH + "polling", headers={"Cookie": login.cookie})
        self.assertEqual(answer.headers["Content-Type"], "text/plain; charset=UTF-8")
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertEqual(int(answer.headers["Content-Length"]), len(answer.body))
        session = self.polling(login)
        answer = session.post(b"3")
        self.assertEqual((answer.status, answer.body), (200, b"ok"))
        self.assertEqual(answer.headers["Content-Type"], "text/html")
        self.assertEqual(answer.headers["Cache-Control"], "no-store")

    def test_sids_have_no_pattern(self):
        login = self.login()
        sids = {self.polling(login, namespace=False).sid for _ in range(50)}
        self.assertEqual(len(sids), 50)
        for index in range(20):
            self.assertGreater(len({sid[index] for sid in sids}), 10)

    def test_without_a_slash_at_its_end_the_path_is_the_same(self):
        login = self.login()
        answer = request(
            "GET", "/socket.io?EIO=4&transport=polling", headers={"Cookie": login.cookie}
        )
        self.assertEqual((answer.status, answer.body[:1]), (200, b"0"))


class PollingRules(Case):
    def setUp(self):
        self.session = self.polling(self.login())

    def gone(self, session=None):
        session = session or self.session
        answer = session.poll()
        self.assertEqual(answer.status, 400, answer)
        self.assertEqual(answer.json, {"code": 1, "message": MESSAGES[1]})

    def test_echo_of_text(self):
        for number, value in enumerate(["text", "Grüße 🚀", [1, {"a": None}], {"b": [1.5, True]}]):
            self.assertEqual(self.session.call(number, "echo", value), [value])

    def test_an_answer_is_byte_for_byte_what_was_sent(self):
        payload = '[1,"2",{"3":[false],"/":"\u2028","b":1.50}]'.encode()
        self.session.say(b'42456["echo",' + payload[1:])
        self.assertEqual(self.session.receive(1), [b"43456" + payload])

    def test_several_packets_in_one_post(self):
        self.session.say(*[f'42["echo-event",{n}]'.encode() for n in range(100)])
        expected = [f'42["echo-event",{n}]'.encode() for n in range(100)]
        self.assertEqual(self.session.receive(100), expected)

    def test_binary_packets(self):
        self.session.say(
            b'452-7["echo",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]',
            b"bAQIDBA==",
            b"b",
        )
        self.assertEqual(
            self.session.receive(3),
            [
                b'462-7[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]',
                b"bAQIDBA==",
                b"b",
            ],
        )

    def test_a_binary_event_spread_over_posts(self):
        self.session.say(b'451-["echo-event",{"_placeholder":true,"num":0}]')
        self.session.say(b"b/+8=")
        self.assertEqual(
            self.session.receive(2),
            [b'451-["echo-event",{"_placeholder":true,"num":0}]', b"b/+8="],
        )

    def test_a_parked_poll_is_answered_when_there_is_something(self):
        parked = self.session.parked()
        self.session.settle()
        self.session.say(b'42["echo-event","late"]')
        answer = parked.answer()
        self.assertEqual((answer.status, answer.body), (200, b'42["echo-event","late"]'))

    def test_the_first_of_two_polls_is_answered_by_the_close(self):
        first = self.session.parked()
        self.session.settle()
        second = self.session.poll()
        self.assertEqual((second.status, second.body), (400, b""))
        answer = first.answer()
        self.assertEqual((answer.status, answer.body), (200, b"1"))
        self.gone()

    def test_the_second_of_two_posts_ends_the_session(self):
        first = Raw()
        head = (
            f"POST {self.session.path} HTTP/1.1\r\nHost: {HOST}:{PORT}\r\n"
            f"Cookie: {self.session.headers['Cookie']}\r\nContent-Length: 100\r\n\r\n4"
        )
        first.send(head.encode())
        # The first is being read as soon as a second is refused; until then they are the first.
        until(lambda: self.session.post(b"3").status == 400, "the second POST was let in")
        self.gone()
        answer = first.everything()
        self.assertFalse(answer.startswith(b"HTTP/1.1 200"), answer)

    def test_octet_stream_ends_the_session(self):
        answer = self.session.post(b"4", headers={"Content-Type": "application/octet-stream"})
        self.assertEqual((answer.status, answer.body), (400, b""))
        self.gone()

    def test_a_body_over_the_limit_is_413(self):
        answer = self.session.post(b"4" + b"x" * 1_000_000)
        self.assertEqual(answer.status, 413)

    def test_a_chunked_body_over_the_limit_is_413(self):
        def chunks():
            for _ in range(11):
                yield b"4" * 100_000

        try:
            answer = request("POST", self.session.path, chunks(), self.session.headers)
        except BrokenPipeError:
            return  # refused while we were still writing
        self.assertEqual(answer.status, 413)

    def test_a_body_of_exactly_the_limit_is_taken(self):
        text = b'42["echo-event","' + b"x" * (1_000_000 - 19) + b'"]'
        self.assertEqual(len(text), 1_000_000)
        self.session.say(text)
        self.assertEqual(self.session.receive(1), [text])

    def test_a_chunked_body_is_taken(self):
        answer = request(
            "POST", self.session.path, iter([b'42["echo-', b'event",', b"1]"]), self.session.headers
        )
        self.assertEqual((answer.status, answer.body), (200, b"ok"))
        self.assertEqual(self.session.receive(1), [b'42["echo-event",1]'])

    def test_garbage_is_400_and_ends_the_session(self):
        for body in [b"abc", b"", b"7", b"3\x1e", b"\x1e", b"b!!!", "é".encode(), b"\xff\xfe"]:
            session = self.polling(self.session_login)
            self.assertEqual(session.post(body).status, 400, body)
            self.gone(session)

    @property
    def session_login(self):
        class Shown:
            cookie = self.session.headers["Cookie"]

        return Shown

    def test_packets_before_the_bad_one_are_handled(self):
        parked = self.session.parked()
        self.session.settle()
        self.assertEqual(self.session.post(b'42["echo-event","before"]', b"zzz").status, 400)
        answer = parked.answer()
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.body.split(SEPARATOR)[0], b'42["echo-event","before"]')
        self.gone()

    def test_a_ping_from_the_client_ends_the_session(self):
        for ping in [b"2", b"2probe"]:
            session = self.polling(self.session_login)
            parked = session.parked()
            session.settle()
            session.post(ping)
            answer = parked.answer()
            self.assertEqual((answer.status, answer.body), (200, b"1"))
            self.gone(session)

    def test_packets_out_of_place_are_ignored(self):
        self.session.say(b"0", b"5", b"6", b"0{}")
        self.assertEqual(self.session.call(1, "whoami"), ["john"])

    def test_a_close_packet_ends_the_parked_poll_with_a_noop(self):
        parked = self.session.parked()
        self.session.settle()
        self.session.say(b"1")
        answer = parked.answer()
        self.assertEqual((answer.status, answer.body), (200, b"6"))
        self.gone()

    def test_packets_after_a_close_are_dropped(self):
        parked = self.session.parked()
        self.session.settle()
        self.session.say(b"1", b'42["echo-event","too late"]')
        self.assertEqual(parked.answer().body, b"6")
        self.gone()

    def test_other_methods_are_refused_and_do_no_harm(self):
        for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"]:
            answer = request(method, self.session.path, headers=self.session.headers)
            self.assertIn(answer.status, (405, 500), method)
            self.assertEqual(answer.body, b"")
        self.assertEqual(self.session.call(1, "whoami"), ["john"])

    def test_a_poll_that_is_cut_ends_the_session(self):
        parked = self.session.parked()
        self.session.settle()
        parked.connection.sock.close()
        until(lambda: not self.session.is_known(), "the session stayed")

    def test_a_post_that_is_cut_ends_the_session(self):
        raw = Raw()
        head = (
            f"POST {self.session.path} HTTP/1.1\r\nHost: {HOST}:{PORT}\r\n"
            f"Cookie: {self.session.headers['Cookie']}\r\nContent-Length: 100\r\n\r\n4"
        )
        raw.send(head.encode())
        raw.socket.close()
        until(lambda: not self.session.is_known(), "the session stayed")

    def test_jsonp_and_base64_flags_are_ignored(self):
        answer = request("GET", self.session.path + "&b64=1&t=" + "x" * 1000, headers={})
        self.assertEqual(answer.status, 403)  # no cookie, whatever else is said
        self.session.path += "&b64=1&t=abc"
        self.assertEqual(self.session.call(1, "whoami"), ["john"])

    def test_later_requests_may_omit_the_version(self):
        self.session.path = f"/socket.io/?transport=polling&sid={self.session.sid}"
        self.assertEqual(self.session.call(1, "whoami"), ["john"])


class Belonging(Case):
    """A session of Engine.IO belongs to the login that opened it."""

    def test_another_login_can_not_use_a_sid(self):
        victim, thief = self.login(), self.login()
        session = self.polling(victim)
        shown = {"thief": {"Cookie": thief.cookie}, "nobody": {}}
        shown["forged"] = {"Cookie": victim.cookie[:-1]}
        for name, headers in shown.items():
            answers = [
                request("GET", session.path, headers=headers),
                request("POST", session.path, b'42["notify-user","stolen"]', headers),
                upgrade_status(f"{PATH}websocket&sid={session.sid}", headers),
            ]
            for answer in answers:
                self.assertEqual(answer.status, 403, name)
                self.assertEqual(answer.json["code"], 4)
        self.assertEqual(session.call(1, "whoami"), ["john"])

    def test_after_logout_nothing_of_the_session_is_left(self):
        login = self.login()
        parked_session, idle, upgraded = (self.polling(login) for _ in range(3))
        connection = upgraded.upgrade()
        self.addCleanup(connection.close)
        connection.send("2probe")
        self.assertEqual(connection.recv(), "3probe")
        connection.send("5")
        born = self.websocket(login)
        parked = parked_session.parked()
        parked_session.settle()
        login.logout()
        answer = parked.answer()
        self.assertEqual((answer.status, answer.body), (200, b"41" + SEPARATOR + b"1"))
        self.assertEqual(websocket_end(born)[0], [b"41"])
        self.assertEqual(websocket_end(connection)[0], [b"41"])
        for session in (parked_session, upgraded):
            self.assertEqual(session.poll().status, 400)
            self.assertEqual(session.post(b"40").status, 400)
        # Without a poll at hand the farewell waits for the next one; the session is over all the same.
        self.assertEqual(idle.post(b'42["notify-user","dead"]').body, b"ok")
        farewell = idle.poll()
        self.assertEqual((farewell.status, farewell.body), (200, b"41" + SEPARATOR + b"1"))
        self.assertEqual(idle.poll().status, 400)
        headers = {"Cookie": login.cookie}
        self.assertEqual(request("GET", PATH + "polling", headers=headers).status, 401)
        self.assertEqual(upgrade_status(PATH + "websocket", headers).status, 401)

    def test_logout_between_handshake_and_connect_leaves_nobody(self):
        login, other = self.login(), self.login()
        session = self.polling(login, namespace=False)
        connection = self.websocket(login, namespace=False)
        watcher = self.polling(other)
        login.logout()
        session.post(b"40")
        try:
            connection.send("40")
        except (websocket.WebSocketException, OSError):
            pass
        self.assertEqual(websocket_end(connection)[0], [])
        answer = session.poll()
        self.assertNotIn(b"40{", answer.body)
        until(lambda: watcher.call(1, "user-connected") == [1], "somebody got in")

    def test_logout_while_an_upgrade_is_half_done(self):
        login = self.login()
        session = self.polling(login)
        connection = session.upgrade()
        self.addCleanup(connection.close)
        connection.send("2probe")
        self.assertEqual(connection.recv(), "3probe")
        login.logout()
        self.assertEqual(websocket_end(connection)[0], [])
        self.assertEqual(session.poll().body, b"41" + SEPARATOR + b"1")
        self.assertEqual(session.poll().status, 400)


class Upgrading(Case):
    def setUp(self):
        self.session = self.polling(self.login())
        self.cookie = self.session.headers

    def probed(self):
        connection = self.session.upgrade()
        self.addCleanup(connection.close)
        connection.send("2probe")
        self.assertEqual(connection.recv(), "3probe")
        return connection

    def upgraded(self):
        connection = self.probed()
        connection.send("5")
        self.assertEqual(self.call(connection, 0, "whoami"), ["john"])
        return connection

    def call(self, connection, number, name, *arguments):
        connection.send(f"42{number}" + json.dumps([name, *arguments]))
        answer = connection.recv()
        prefix = f"43{number}"
        self.assertTrue(answer.startswith(prefix), answer)
        return json.loads(answer[len(prefix) :])

    def test_a_parked_poll_ends_with_a_noop(self):
        parked = self.session.parked()
        self.session.settle()
        connection = self.probed()
        answer = parked.answer()
        self.assertEqual((answer.status, answer.body), (200, b"6"))
        connection.send("5")
        connection.send('42["echo-event",1]')
        self.assertEqual(connection.recv(), '42["echo-event",1]')

    def test_a_poll_after_the_probe_ends_with_a_noop_too(self):
        self.probed()
        answer = self.session.poll()
        self.assertEqual((answer.status, answer.body), (200, b"6"))

    def test_polling_works_until_the_upgrade(self):
        self.probed()
        self.session.say(b'42["echo-event","between"]')
        answer = self.session.poll()
        self.assertEqual(answer.body, b'42["echo-event","between"]')

    def test_what_waits_is_sent_over_the_websocket(self):
        connection = self.probed()
        self.session.say(b'42["echo-event",1]', b'42["echo-event",2]')
        connection.send("5")
        connection.send('42["echo-event",3]')
        heard = [connection.recv() for _ in range(3)]
        self.assertEqual(heard, [f'42["echo-event",{n}]' for n in (1, 2, 3)])

    def test_polls_and_posts_after_the_upgrade_are_code_3(self):
        connection = self.upgraded()
        for answer in [self.session.poll(), self.session.post(b'42["echo-event",1]')]:
            self.assertEqual(answer.status, 400)
            self.assertEqual(answer.json, {"code": 3, "message": MESSAGES[3]})
        self.assertEqual(self.call(connection, 1, "whoami"), ["john"])

    def test_a_second_websocket_is_turned_away_and_does_no_harm(self):
        connection = self.upgraded()
        self.turned_away()
        self.assertEqual(self.call(connection, 1, "whoami"), ["john"])

    def test_a_second_probe_is_turned_away_and_does_no_harm(self):
        connection = self.probed()
        self.turned_away()
        connection.send("5")
        self.assertEqual(self.call(connection, 1, "whoami"), ["john"])

    def turned_away(self):
        """Refused, or closed at once as the reference does."""
        try:
            second = self.session.upgrade()
        except websocket.WebSocketBadStatusException as error:
            self.assertEqual(error.status_code, 400)
        else:
            self.assertEqual(websocket_end(second)[0], [])

    def test_a_websocket_that_says_something_else_is_dropped_and_polling_goes_on(self):
        for words in ["4hello", "5", "3probe", "x", "2"]:
            connection = self.session.upgrade()
            connection.send(words)
            self.assertEqual(websocket_end(connection)[0], [], words)
            self.assertEqual(self.session.call(1, "whoami"), ["john"])
        self.upgraded()

    def test_a_websocket_that_leaves_in_the_middle_does_no_harm(self):
        connection = self.session.upgrade()
        connection.send("2probe")
        connection.sock.close()
        # Until its end is noticed a poll is ended by the probe; from then on polling is as before.
        self.session.say(b'421["whoami"]')
        packets = [packet for packet in self.session.receive(1) if packet != b"6"]
        while not packets:
            packets = [packet for packet in self.session.receive(1) if packet != b"6"]
        self.assertEqual(packets, [b'431["john"]'])

    def test_a_websocket_born_session_can_not_be_upgraded(self):
        connection = self.websocket(self.login())
        sid = connection.handshake["sid"]
        headers = {"Cookie": self.cookie["Cookie"]}
        try:
            second = open_websocket(f"{PATH}websocket&sid={sid}", headers)
        except websocket.WebSocketBadStatusException as error:
            self.assertIn(error.status_code, (400, 403))
        else:
            self.assertEqual(websocket_end(second)[0], [])
        connection.send('421["whoami"]')
        self.assertEqual(connection.recv(), '431["john"]')


class WebSocketRules(Case):
    def setUp(self):
        self.connection = self.websocket(self.login())

    def ends(self, *codes):
        texts, code = websocket_end(self.connection)
        self.assertEqual(texts, [])
        if codes:
            self.assertIn(code, codes)

    def test_echo(self):
        self.connection.send('42["echo-event","a",1,{"b":[null]}]')
        self.assertEqual(self.connection.recv(), '42["echo-event","a",1,{"b":[null]}]')

    def test_binary_frames(self):
        header = '452-["echo-event",{"_placeholder":true,"num":1},{"_placeholder":true,"num":0}]'
        self.connection.send(header)
        self.connection.send_binary(b"\x00\xff")
        self.connection.send_binary(b"")
        self.assertEqual(self.connection.recv(), header)
        self.assertEqual(self.connection.recv(), b"\x00\xff")
        self.assertEqual(self.connection.recv(), b"")

    def test_a_close_packet_ends_it(self):
        self.connection.send("1")
        self.ends()

    def test_a_ping_packet_ends_it(self):
        self.connection.send("2")
        self.ends()

    def test_garbage_ends_it(self):
        for words in ["x", "", "7", "é"]:
            self.connection = self.websocket(self.login())
            self.connection.send(words)
            self.ends()

    def test_packets_out_of_place_are_ignored(self):
        for words in ["0", "5", "6", "3", "0{}"]:
            self.connection.send(words)
        self.connection.send('421["whoami"]')
        self.assertEqual(self.connection.recv(), '431["john"]')

    def test_binary_nobody_waits_for_ends_it(self):
        self.connection.send_binary(b"surprise")
        self.ends()

    def test_text_between_attachments_ends_it(self):
        self.connection.send('451-["echo",{"_placeholder":true,"num":0}]')
        self.connection.send('42["echo-event",1]')
        self.ends()

    def test_a_message_over_the_limit_is_1009(self):
        self.connection.send("4" + "x" * 1_000_000)
        self.ends(1009, None)

    def test_protocol_pings_are_answered(self):
        self.connection.ping("are you there")
        opcode, frame = self.connection.recv_data_frame(control_frame=True)
        self.assertEqual(opcode, websocket.ABNF.OPCODE_PONG)
        self.assertEqual(frame.data, b"are you there")

    def test_a_protocol_close_is_answered(self):
        self.connection.send_close(1000, b"bye")
        _, code = websocket_end(self.connection)
        self.assertEqual(code, 1000)

    def test_a_close_does_not_disturb_others(self):
        other = self.websocket(self.login())
        self.connection.send("x")
        self.ends()
        other.send('421["whoami"]')
        self.assertEqual(other.recv(), '431["john"]')


class Packets(Case):
    """Socket.IO 5 over a WebSocket."""

    def setUp(self):
        self.session = self.login()

    def test_connect_gives_a_sid_of_its_own(self):
        connection = self.websocket(self.session, namespace=False)
        connection.send("40")
        answer = connection.recv()
        self.assertEqual(list(json.loads(answer[2:])), ["sid"])
        self.assertNotEqual(json.loads(answer[2:])["sid"], connection.handshake["sid"])

    def test_connect_with_auth(self):
        connection = self.websocket(self.session, namespace=False)
        connection.send('40{"token":"123","deep":{"a":[1]}}')
        self.assertTrue(connection.recv().startswith('40{"sid":"'))

    def test_unknown_namespace_is_refused_with_and_without_comma(self):
        connection = self.websocket(self.session)
        for name in ["/nowhere,", "/nowhere", "/nowhere?x=1,", '/nowhere,{"a":1}']:
            connection.send("40" + name)
            expected = "/nowhere?x=1," if "?" in name else "/nowhere,"
            self.assertEqual(
                connection.recv(), f'44{expected}{{"message":"Invalid namespace"}}'
            )
        connection.send('421["whoami"]')
        self.assertEqual(connection.recv(), '431["john"]')

    def test_malformed_packets_end_the_connection(self):
        for packet in [
            "4",
            "47",
            "42",
            "42{}",
            '42"x"',
            "42[]",
            "42[null]",
            "42abc[1]",
            '42["a"',
            '42["a"]x',
            "43[]",
            '44{"message":"from a client"}',
            "40[]",
            '40"x"',
            "41[]",
            '45["a"]',
            '4599-["a"]',
            '451000000-["a"]',
            '42["connect"]',
            '42["disconnect"]',
            '421e3["a"]',
            "4" * 3,
        ]:
            connection = self.websocket(self.session)
            connection.send(packet)
            self.assertEqual(websocket_end(connection)[0], [], packet)

    def test_packets_before_connect_end_the_connection(self):
        for packet in ['42["echo-event",1]', "431[]"]:
            connection = self.websocket(self.session, namespace=False)
            connection.send(packet)
            self.assertEqual(websocket_end(connection)[0], [], packet)

    def test_a_second_connect_ends_the_connection(self):
        connection = self.websocket(self.session)
        connection.send("40")
        self.assertEqual(websocket_end(connection)[0], [])

    def test_leaving_a_namespace_keeps_the_connection(self):
        connection = self.websocket(self.session)
        connection.send("41")
        connection.send('42["echo-event","late"]')  # was on its way: no offence, no answer
        connection.send("40")
        self.assertTrue(connection.recv().startswith('40{"sid":"'))
        connection.send('42["echo-event","again"]')
        self.assertEqual(connection.recv(), '42["echo-event","again"]')

    def test_acks_nobody_waits_for_are_ignored(self):
        connection = self.websocket(self.session)
        for packet in ["4399[]", '430["x"]', '4399999["x",1]']:
            connection.send(packet)
        connection.send('421["whoami"]')
        self.assertEqual(connection.recv(), '431["john"]')

    def test_the_server_asks_and_an_answer_counts_once(self):
        connection = self.websocket(self.session)
        connection.send('427["ask-back",{"a":1}]')
        question = connection.recv()
        number = question[2 : question.index("[")]
        self.assertEqual(question, f'42{number}["ask-back",{{"a":1}}]')
        connection.send(f'43{number}["answer"]')
        self.assertEqual(connection.recv(), '437["answer"]')
        connection.send(f'43{number}["once more"]')
        connection.send('428["whoami"]')
        self.assertEqual(connection.recv(), '438["john"]')

    def test_events_without_a_handler_are_ignored(self):
        connection = self.websocket(self.session)
        for name in ["nobody", "__proto__", "", "constructor", "message", "error"]:
            connection.send("42" + json.dumps([name, 1]))
        connection.send('421["whoami"]')
        self.assertEqual(connection.recv(), '431["john"]')

    def test_deep_nesting_ends_the_connection_and_no_other(self):
        other = self.websocket(self.session)
        for depth in [100, 10_000, 300_000]:
            connection = self.websocket(self.session)
            connection.send('42["echo-event",' + "[" * depth + "]" * depth + "]")
            self.assertEqual(websocket_end(connection)[0], [])
        other.send('421["whoami"]')
        self.assertEqual(other.recv(), '431["john"]')

    def test_bad_placeholders_end_the_connection(self):
        for number in ["-1", "1", "1.5", '"splice"', "1e300", "null"]:
            connection = self.websocket(self.session)
            connection.send(f'451-["echo",{{"_placeholder":true,"num":{number}}}]')
            connection.send_binary(b"x")
            self.assertEqual(websocket_end(connection)[0], [], number)


if __name__ == "__main__":
    unittest.main()
