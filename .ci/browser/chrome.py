"""A small driver for Debian's headless Chromium over its DevTools protocol.

Needs Python 3.11 and `websocket-client` (PyPI) or `python3-websocket` (Debian).
"""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time

import websocket


class Failure(Exception):
    """Something was not as the story tells it."""


def until(check, what, seconds=15):
    """Asks `check` until it returns something true; there is no other kind of waiting here."""
    deadline = time.monotonic() + seconds
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failure(f"{what} (waited {seconds} s)")
        time.sleep(0.03)


class Chrome:
    def __init__(self, binary=None):
        binary = binary or os.environ.get("CHROMIUM") or shutil.which("chromium")
        if not binary:
            raise Failure("no chromium: apt-get install chromium, or set CHROMIUM")
        self.folder = tempfile.mkdtemp(prefix="story-")
        self.process = subprocess.Popen(
            [
                binary,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--no-proxy-server",
                "--hide-scrollbars",
                # Tabs in the background must be as quick as the one in front.
                "--disable-background-timer-throttling",
                "--disable-backgrounding-occluded-windows",
                "--disable-renderer-backgrounding",
                "--remote-debugging-port=0",
                f"--user-data-dir={self.folder}",
                "about:blank",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            port, path = until(self._address, "chromium did not start", 60)
            self.socket = websocket.create_connection(
                f"ws://127.0.0.1:{port}{path}", suppress_origin=True, timeout=30
            )
        except BaseException:
            self.close()
            raise
        self.last_id = 0
        self.tabs = {}

    def _address(self):
        if self.process.poll() is not None:
            raise Failure(f"chromium ended with {self.process.returncode}")
        try:
            with open(os.path.join(self.folder, "DevToolsActivePort")) as file:
                lines = file.read().splitlines()
        except OSError:
            return None
        return lines[:2] if len(lines) >= 2 else None

    def send(self, method, session=None, **parameters):
        self.last_id += 1
        message = {"id": self.last_id, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        self.socket.send(json.dumps(message))
        while True:
            try:
                answer = json.loads(self.socket.recv())
            except websocket.WebSocketTimeoutException:
                raise Failure(f"{method}: chromium does not answer") from None
            if answer.get("id") == message["id"]:
                if "error" in answer:
                    raise Failure(f"{method}: {answer['error'].get('message')}")
                return answer["result"]
            self._note(answer)

    def _note(self, event):
        tab = self.tabs.get(event.get("sessionId"))
        if tab and event["method"] == "Runtime.exceptionThrown":
            details = event["params"]["exceptionDetails"]
            text = details.get("exception", {}).get("description") or details.get("text")
            tab.errors.append(text)

    def profile(self):
        """A browser of its own: other cookies, other storage."""
        return self.send("Target.createBrowserContext")["browserContextId"]

    def tab(self, name, profile, agent=None):
        tab = Tab(self, name, profile, agent)
        self.tabs[tab.session] = tab
        return tab

    def close(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


class Tab:
    def __init__(self, chrome, name, profile, agent=None):
        self.chrome = chrome
        self.name = name
        self.errors = []
        target = chrome.send("Target.createTarget", url="about:blank", browserContextId=profile)
        attached = chrome.send(
            "Target.attachToTarget", targetId=target["targetId"], flatten=True
        )
        self.session = attached["sessionId"]
        self.send("Page.enable")
        self.send("Runtime.enable")
        self.send("Network.enable")
        self.send("Emulation.setFocusEmulationEnabled", enabled=True)
        if agent:
            self.send("Network.setUserAgentOverride", userAgent=agent)
        self.size(1280, 800)

    def send(self, method, **parameters):
        return self.chrome.send(method, self.session, **parameters)

    def open(self, url):
        result = self.send("Page.navigate", url=url)
        if result.get("errorText"):
            raise Failure(f"{self.name}: {url}: {result['errorText']}")
        self.wait("document.readyState === 'complete'", f"{url} did not load")

    def ask(self, expression):
        """The value of a JavaScript expression, None while the page is being changed."""
        try:
            result = self.send(
                "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True
            )
        except Failure:
            return None
        if "exceptionDetails" in result:
            return None
        return result["result"].get("value")

    def wait(self, expression, what, seconds=15):
        return until(lambda: self.ask(expression), f"{self.name}: {what}", seconds)

    def wait_for_path(self, path, what, seconds=15):
        self.wait(
            f"location.pathname === {json.dumps(path)} && document.readyState === 'complete'",
            what,
            seconds,
        )

    def click(self, selector):
        """Clicks where a user would: on the middle of the element, if it can be seen."""
        spot = self.wait(
            f"""(() => {{
              const element = document.querySelector({json.dumps(selector)});
              if (!element || element.disabled) return null;
              element.scrollIntoView({{ block: "nearest" }});
              const box = element.getBoundingClientRect();
              const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
              const top = document.elementFromPoint(x, y);
              return top && element.contains(top) ? {{ x, y }} : null;
            }})()""",
            f"{selector} can not be clicked",
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.send(
                "Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **spot
            )

    def write(self, text):
        self.send("Input.insertText", text=text)

    def press(self, key, code=None, number=0, text=None):
        extra = {"text": text} if text else {}
        for kind in ("keyDown", "keyUp"):
            self.send(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=code or key,
                windowsVirtualKeyCode=number,
                **(extra if kind == "keyDown" else {}),
            )

    def enter(self):
        self.press("Enter", number=13, text="\r")

    def tabulator(self):
        self.press("Tab", number=9)

    def size(self, width, height, scale=1, mobile=False):
        self.width = width
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=mobile,
        )

    def theme(self, name):
        features = [
            {"name": "prefers-color-scheme", "value": name},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self.send("Emulation.setEmulatedMedia", features=features)

    def network(self, online):
        self.send(
            "Network.emulateNetworkConditions",
            offline=not online,
            latency=0,
            downloadThroughput=-1,
            uploadThroughput=-1,
        )

    def screenshot(self, path):
        self.send("Page.bringToFront")  # a hidden tab is never painted
        data = self.send("Page.captureScreenshot", format="png")["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))
