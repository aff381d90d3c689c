#!/usr/bin/env python3
"""The demo's story, told to a real browser.

    swift run ActorIODemo                                   # in one terminal
    python3 .ci/browser/story.py http://127.0.0.1:3000 screenshots

Browser A has two tabs of john, browser B one of jane, a phone a second session of john.
Ends with status 0 when everything happened as told, with 1 and a sentence when not.
"""

import argparse
import json
import os
import sys
import time

from chrome import Chrome, Failure

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)
DESKTOP_SIZE = (1280, 800, 1, False)
PHONE_SIZE = (390, 844, 2, True)

# A person's line in the list of people, as [tabs, devices].
PEOPLE = """[...document.querySelectorAll('#people .person')]
  .filter((row) => row.dataset.name === %s)
  .map((row) => [Number(row.dataset.sockets), Number(row.dataset.devices)])[0]"""
BUBBLES = "[...document.querySelectorAll('#log .bubble')].map((bubble) => bubble.textContent)"


class Story:
    def __init__(self, chrome, base, folder):
        self.chrome = chrome
        self.base = base.rstrip("/")
        self.folder = folder
        self.tabs = []
        # Marks this run's lines: the demo may have been talked to before.
        self.mark = f"#{time.time_ns() // 1_000_000 % 46_656:03x}"

    def step(self, text):
        self.current = text
        print(f"· {text}", flush=True)

    def tab(self, name, profile, agent=None):
        tab = self.chrome.tab(name, profile, agent)
        self.tabs.append(tab)
        return tab

    # ---- what people do

    def log_in(self, tab, user, password="changeit"):
        tab.open(self.base + "/login")
        tab.wait("document.activeElement.id === 'username'", "the name field has no focus")
        tab.write(user)
        tab.tabulator()
        tab.wait("document.activeElement.id === 'password'", "Tab does not lead to the password")
        tab.write(password)
        tab.enter()

    def say(self, tab, text):
        tab.click("#text")
        tab.write(text)
        tab.enter()

    # ---- what they see

    def sees_chat(self, tab, user):
        tab.wait_for_path("/", f"{user} does not get in")
        tab.wait("document.getElementById('link').dataset.state === 'live'", "never gets live")
        tab.wait(
            f"document.getElementById('me-name').textContent === {json.dumps(user)}",
            f"does not know that it is {user}'s",
        )
        tab.wait(
            "document.getElementById('transport').dataset.name === 'websocket'",
            "stays on polling",
        )

    def hears(self, tab, text, seconds=15):
        tab.wait(f"{BUBBLES}.includes({json.dumps(text)})", f"does not show “{text}”", seconds)

    def sees_person(self, tab, name, tabs, devices):
        shown = PEOPLE % json.dumps(name)
        want = json.dumps([tabs, devices])
        try:
            tab.wait(f"JSON.stringify({shown}) === '{json.dumps([tabs, devices]).replace(' ', '')}'", "")
        except Failure:
            raise Failure(
                f"{tab.name}: shows {name} with [tabs, devices] {tab.ask(shown)} instead of {want}"
            ) from None

    def sees_devices(self, tab, count):
        tab.wait(
            f"document.querySelectorAll('#devices .device').length === {count}",
            f"does not list {count} device(s)",
        )
        tab.wait(
            "document.querySelectorAll('#devices [data-current=true]').length === 1",
            "does not mark this device",
        )

    def sees_login(self, tab, notice, seconds=15):
        tab.wait_for_path("/login", "does not leave to the login page", seconds)
        tab.wait(
            f"document.getElementById({json.dumps(notice)}).checkVisibility()",
            f"does not show the message “{notice}”",
        )

    # ---- screenshots

    def portrait(self, tab, name, views=("",)):
        """Light and dark, desktop and phone width."""
        for theme in ("light", "dark"):
            tab.theme(theme)
            tab.size(*DESKTOP_SIZE)
            self.shoot(tab, f"{name}-desktop-{theme}")
            tab.size(*PHONE_SIZE)
            for view in views:
                if view:
                    tab.click(f".views [data-view={view}]")
                self.shoot(tab, "-".join(filter(None, [name, view, "phone", theme])))
            if views != ("",):
                tab.click(".views [data-view=chat]")
        tab.theme("light")
        tab.size(*DESKTOP_SIZE)

    def shoot(self, tab, name):
        tab.send("Page.bringToFront")
        # Two frames: what was just laid out has been painted then.
        tab.ask("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        wide = tab.ask("document.documentElement.scrollWidth") - tab.width
        if wide > 0:
            raise Failure(f"{tab.name}: the page is {wide} pixels too wide in {name}")
        tab.screenshot(os.path.join(self.folder, f"{name}.png"))

    # ---- the story

    def tell(self):
        chrome = self.chrome
        a, b, c = chrome.profile(), chrome.profile(), chrome.profile()
        a1 = self.tab("john's first tab", a)
        a2 = self.tab("john's second tab", a)
        b1 = self.tab("jane's tab", b)
        phone = self.tab("john's phone", c, PHONE)

        self.step("without a login the index page leads to the login page")
        a1.open(self.base + "/")
        a1.wait_for_path("/login", "is not sent to the login page")
        self.portrait(a1, "login")

        self.step("a wrong password is refused readably")
        self.log_in(a1, "john", "wrong")
        self.sees_login(a1, "failed")
        self.portrait(a1, "login-failed")

        self.step("the right one opens the chat, on polling first and then on WebSocket")
        self.log_in(a1, "john")
        self.sees_chat(a1, "john")
        self.sees_person(a1, "john", 1, 1)
        self.sees_person(a1, "jane", 0, 0)
        a1.wait("!!document.querySelector('#devices .device')", "lists no device")
        if a1.ask("document.getElementById('others').checkVisibility()"):
            a1.click("#others")  # left over from an earlier run against the same demo
        self.sees_devices(a1, 1)
        if a1.ask("document.getElementById('log').children.length === 0"):
            self.portrait(a1, "empty")

        self.step("a second tab and a second browser join; everyone counts them alike")
        a2.open(self.base + "/")
        self.sees_chat(a2, "john")
        self.log_in(b1, "jane")
        self.sees_chat(b1, "jane")
        for tab in (a1, a2, b1):
            self.sees_person(tab, "john", 2, 1)
            self.sees_person(tab, "jane", 1, 1)

        self.step("what is said in one tab is heard in all, markup stays text")
        lines = [
            (a1, f"Morning! There are two tabs of me in here. {self.mark}"),
            (b1, f"I see both of them. And one of me. {self.mark}"),
            (a2, f"This one is from my second tab. {self.mark}"),
            (b1, f"<img src=x onerror=alert(1)> <b>not bold</b> {self.mark}"),
        ]
        for speaker, text in lines:
            self.say(speaker, text)
            for tab in (a1, a2, b1):
                self.hears(tab, text)
        for tab in (a1, a2, b1):
            if tab.ask("document.querySelectorAll('#log img, #log .bubble b').length") != 0:
                raise Failure(f"{tab.name}: what was typed became markup")
        mine = "[...document.querySelectorAll('#log .mine .bubble')].map((b) => b.textContent)"
        for tab in (a1, a2):
            own = tab.ask(mine)
            if lines[0][1] not in own or lines[2][1] not in own or lines[1][1] in own:
                raise Failure(f"{tab.name}: does not tell own lines from others'")
        if a1.ask("document.querySelectorAll('#log .pending').length") != 0:
            raise Failure("john's first tab: a line that was delivered still looks pending")

        self.step("who types is seen by the others")
        b1.click("#text")
        b1.write("Tell me when you ")
        for tab in (a1, a2):
            tab.wait(
                "document.querySelector('#typing.on')?.textContent.includes('jane')",
                "does not show that jane is typing",
            )
        self.portrait(a1, "chat", ("chat", "people", "you"))

        self.step("a reload brings the history back, in order")
        a2.open(self.base + "/")
        self.sees_chat(a2, "john")
        self.hears(a2, lines[-1][1])
        if a2.ask(BUBBLES)[-4:] != [text for _, text in lines]:
            raise Failure("john's second tab: the history is not what was said")
        self.sees_person(b1, "john", 2, 1)

        self.step("an engine that the page closes comes back, a socket that it closes does not")
        expected = [
            ["connect"],
            ["disconnect", "forced close", False],
            ["close", "forced close"],
            ["connect"],
            ["close", "forced close"],
            ["disconnect", "io client disconnect", False],
            ["connect"],
            ["disconnect", "forced close", False],
            ["close", "forced close"],
        ]
        heard = a1.ask(
            """new Promise((done) => {
              const heard = [], socket = io("/", { forceNew: true, reconnectionDelay: 50 });
              const ends = [
                () => socket.io.engine.close(),
                () => { socket.disconnect(); setTimeout(() => socket.connect(), 500); },
                () => { socket.io.disconnect(); setTimeout(() => done(heard), 500); },
              ];
              socket.on("connect", () => { heard.push(["connect"]); (ends.shift() || done)(heard); });
              socket.on("disconnect", (why) => heard.push(["disconnect", why, socket.connected]));
              socket.io.on("close", (why) => heard.push(["close", why]));
              setTimeout(done, 10000, heard);
            })"""
        )
        if heard != expected:
            raise Failure(f"john's first tab: heard {heard} instead of {expected}")
        self.sees_person(b1, "john", 2, 1)

        self.step("without a network jane sees it, writes on, and is heard when it is back")
        b1.ask("document.getElementById('text').value = ''")
        b1.network(False)
        b1.wait("document.getElementById('banner').checkVisibility()", "shows no banner")
        self.sees_person(a1, "jane", 0, 0)
        tunnel = f"Written in a tunnel. {self.mark}"
        self.say(b1, tunnel)
        self.portrait(b1, "offline")
        b1.network(True)
        self.hears(a1, tunnel)
        b1.wait("!document.getElementById('banner').checkVisibility()", "keeps the banner")
        self.sees_chat(b1, "jane")
        if b1.ask(BUBBLES).count(tunnel) != 1:
            raise Failure("jane's tab: the line from the tunnel is not there exactly once")
        self.sees_person(a1, "jane", 1, 1)

        self.step("a phone logs in as john: both sides list two devices")
        self.log_in(phone, "john")
        self.sees_chat(phone, "john")
        for tab in (a1, a2, phone):
            self.sees_devices(tab, 2)
            self.sees_person(tab, "john", 3, 2)
        a1.wait(
            "document.getElementById('devices').textContent.includes('Safari on iPhone')",
            "does not name the phone",
        )
        self.portrait(a1, "devices", ("you",))

        self.step("signing the phone out ends the phone and nothing else")
        self.sign_out(a1, "#devices [data-current=false] button", phone, (a1, a2, b1))

        self.step("so does “sign out all others”")
        self.log_in(phone, "john")
        self.sees_chat(phone, "john")
        self.sees_devices(a1, 2)
        self.sign_out(a1, "#others", phone, (a1, a2, b1))

        self.step("logging out in one tab takes every tab of that session, and only those")
        a1.click("#logout")
        started = time.monotonic()
        self.sees_login(a1, "signed-out", 5)
        self.sees_login(a2, "ended", 5)
        print(f"  both tabs of john had left after {time.monotonic() - started:.2f} s", flush=True)
        self.shoot(a2, "ended-desktop-light")
        self.sees_person(b1, "john", 0, 0)
        if not b1.ask("location.pathname === '/' && document.getElementById('link').dataset.state === 'live'"):
            raise Failure("jane's tab: did not stay")
        self.portrait(b1, "john-left")

        self.step("the dead session opens nothing, a new login does")
        a2.open(self.base + "/")
        a2.wait_for_path("/login", "still gets in")
        self.log_in(a2, "john")
        self.sees_chat(a2, "john")
        self.sees_person(b1, "john", 1, 1)

        for tab in self.tabs:
            if tab.errors:
                raise Failure(f"{tab.name}: uncaught error: {tab.errors[0]}")

    def sign_out(self, tab, button, victim, staying):
        tab.click(button)
        self.sees_login(victim, "ended", 5)
        self.sees_devices(tab, 1)
        for other in staying:
            self.sees_person(other, "john", 2, 1)
            if other.ask("location.pathname") != "/":
                raise Failure(f"{other.name}: was thrown out too")


def main():
    parser = argparse.ArgumentParser(description="Plays the demo's story in a real browser.")
    parser.add_argument("base", help="where the demo runs, as http://127.0.0.1:3000")
    parser.add_argument("folder", help="where the screenshots go")
    parser.add_argument("--chromium", help="path of the browser")
    options = parser.parse_args()
    os.makedirs(options.folder, exist_ok=True)

    chrome = Chrome(options.chromium)
    story = Story(chrome, options.base, options.folder)
    try:
        story.tell()
        print("The story is true.")
        return 0
    except Failure as failure:
        print(f"FAILED at “{story.current}”: {failure}", file=sys.stderr)
        for index, tab in enumerate(story.tabs):
            print(f"  {tab.name}: {tab.ask('location.href')} {tab.errors}", file=sys.stderr)
            try:
                tab.screenshot(os.path.join(options.folder, f"failed-{index}.png"))
            except Failure as second:
                print(f"  no screenshot: {second}", file=sys.stderr)
        return 1
    finally:
        chrome.close()


if __name__ == "__main__":
    sys.exit(main())
