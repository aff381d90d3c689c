"""What the official Admin UI says and hears, by the client of Python.

The server is the Tour example with `--admin`, at BASE_URL.
"""

import unittest

import socketio

from clients import TRANSPORTS, Tab
from support import Case, until

LOGIN = {"username": "admin", "password": "changeit"}


class Admin(Case):
    def tab(self, *namespaces, transport="websocket", **options):
        tab = Tab(transport)
        self.addCleanup(tab.close)
        return tab.open(*namespaces, **options)

    def admin(self, transport="websocket", **auth):
        admin = self.tab("/admin", transport=transport, auth=auth or LOGIN)
        admin.hears("all_sockets", namespace="/admin")
        return admin

    def told(self, admin, name, about):
        """The first event of the name that has the text in it."""
        def find():
            return [told for told in admin.named(name, "/admin") if about in str(told)]

        until(find, f"no {name} about {about}")
        return find()[0]

    def test_a_wrong_password_is_refused(self):
        for auth in [{**LOGIN, "password": "wrong"}, {**LOGIN, "username": "john"}, {}]:
            tab = Tab("websocket")
            self.addCleanup(tab.close)
            with self.assertRaises(socketio.exceptions.ConnectionError):
                tab.open("/admin", auth=auth)
            self.assertEqual(tab.refusals, [("/admin", {"message": "invalid credentials"})])

    def test_the_greeting_comes_over_each_transport(self):
        for transport in TRANSPORTS:
            admin = self.admin(transport)
            greeting = ["session", "config", "server_stats", "all_sockets"]
            # What happens to others meanwhile is told in between.
            names = [name for _, name, *_ in list(admin.events) if name in greeting]
            self.assertEqual(names[:4], greeting)
            ((config,),) = admin.named("config", "/admin")
            features = set(config["supportedFeatures"])
            self.assertLessEqual({"EMIT", "JOIN", "LEAVE", "DISCONNECT"}, features)

    def test_a_session_replaces_the_password(self):
        admin = self.admin()
        ((session,),) = admin.named("session", "/admin")
        admin.close()
        again = self.admin(sessionId=session)
        self.assertEqual(again.named("session", "/admin"), [])

    def test_figures_come_again_and_again(self):
        admin = self.admin()
        stats = admin.hears("server_stats", 2, "/admin")[-1][0]
        self.assertGreaterEqual(stats["clientsCount"], 1)

    def test_sockets_rooms_and_events_are_seen(self):
        admin, tab = self.admin(), self.tab()
        name = tab.name
        self.assertEqual(self.told(admin, "socket_connected", name)[0]["nsp"], "/")
        tab.call("join", ["attic"])
        self.assertEqual(self.told(admin, "room_joined", "attic")[:3], ("/", "attic", name))
        tab.emit("again", "seen")
        self.assertEqual(self.told(admin, "event_received", "seen")[1], name)
        self.assertEqual(self.told(admin, "event_sent", "seen")[1], name)
        tab.call("leave", ["attic"])
        self.assertEqual(self.told(admin, "room_left", "attic")[:3], ("/", "attic", name))
        tab.leave()
        gone = self.told(admin, "socket_disconnected", name)
        self.assertEqual(gone[:3], ("/", name, "client namespace disconnect"))

    def test_an_admin_acts_on_sockets(self):
        admin, tab, other = self.admin(), self.tab(), self.tab()
        admin.emit("emit", "/", tab.name, "notice", 1, b"2", namespace="/admin")
        self.assertEqual(tab.hears("notice"), [(1, b"2")])
        admin.emit("join", "/", "put here", tab.name, namespace="/admin")
        until(lambda: tab.call("rooms") == ["put here"], "it was not put there")
        admin.emit("leave", "/", "put here", tab.name, namespace="/admin")
        until(lambda: tab.call("rooms") == [], "it was not taken away")
        admin.emit("_disconnect", "/", True, tab.name, namespace="/admin")
        until(lambda: tab.is_closed, "it was not closed")
        self.assertEqual(tab.reasons, [("/", tab.client.reason.SERVER_DISCONNECT)])
        self.assertEqual(other.call("echo", 1), 1)
        self.assertEqual(other.named("notice"), [])


if __name__ == "__main__":
    unittest.main()
