"""A headless Chromium, driven over its own debugging protocol: no driver to install."""

import base64
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

import websocket

from support.clients import direct

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-default-browser-check",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-extensions",
    "--disable-sync",
    "--window-size=1366,900",
    "--remote-debugging-port=0",
    "--remote-allow-origins=*",
)
NAMES = ("chromium", "google-chrome", "google-chrome-stable", "chrome")


class Browser:
    """One window. What goes wrong in the page is gathered in `errors`."""

    def __init__(self, url):
        self.url = url
        self.errors = []
        self._number = 0
        self._answers = {}
        program = next(filter(None, map(shutil.which, NAMES)), None)
        assert program, "the tests need chromium: apt-get install chromium"
        self._profile = tempfile.mkdtemp(prefix="odoo-browser-")
        self._process = subprocess.Popen(
            [program, *FLAGS, f"--user-data-dir={self._profile}", "about:blank"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            self._connect()
        except BaseException:
            self.close()
            raise

    def close(self):
        self._process.terminate()
        try:
            self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self._profile, ignore_errors=True)

    # -- what a person does --------------------------------------------------------

    def open(self, path, ready="body"):
        """Go to a page of the server and wait until `ready` matches an element."""
        address = path if "://" in path else f"{self.url}{path}"
        self.send("Page.navigate", url=address)
        self.wait_until("document.readyState === 'complete'")
        self.wait_for(ready)

    def login(self, login, password):
        self.open("/web/login", ready="input[name=login]")
        self.type("input[name=login]", login)
        self.type("input[name=password]", password)
        self.click(".oe_login_form button[type=submit]")
        self.wait_for(".o_web_client .o_navbar, .o_web_client .o_main_navbar", 90)

    def click(self, selector, timeout=30):
        """A real mouse click in the middle of an element, scrolled into view."""
        self.wait_for(selector, timeout)
        x, y = self.evaluate(
            f"""(() => {{
                const element = document.querySelector({json.dumps(selector)});
                element.scrollIntoView({{block: "center", inline: "center"}});
                const box = element.getBoundingClientRect();
                return [box.x + box.width / 2, box.y + box.height / 2];
            }})()"""
        )
        for kind in ("mouseMoved", "mousePressed", "mouseReleased"):
            self.send(
                "Input.dispatchMouseEvent",
                **{"type": kind, "x": x, "y": y, "button": "left", "clickCount": 1},
            )

    def type(self, selector, text):
        """Put the text in place of what the field holds."""
        self.wait_for(selector)
        self.evaluate(
            f"""(() => {{
                const field = document.querySelector({json.dumps(selector)});
                field.focus();
                field.select();
            }})()"""
        )
        self.send("Input.insertText", text=text)

    def press(self, key):
        """A key by name: Enter, Tab, Escape, ArrowDown."""
        codes = {"Enter": 13, "Tab": 9, "Escape": 27, "ArrowDown": 40, "ArrowUp": 38}
        code = {"windowsVirtualKeyCode": codes[key], "key": key, "code": key}
        if key == "Enter":
            code["text"] = "\r"
        for kind in ("keyDown", "keyUp"):
            self.send("Input.dispatchKeyEvent", type=kind, **code)

    # -- what a person sees --------------------------------------------------------

    def text(self, selector):
        """The visible text of the first matching element."""
        self.wait_for(selector)
        return self.evaluate(
            f"document.querySelector({json.dumps(selector)}).innerText"
        )

    def count(self, selector):
        return self.evaluate(
            f"document.querySelectorAll({json.dumps(selector)}).length"
        )

    def screenshot(self, path):
        data = self.send("Page.captureScreenshot", format="png")["data"]
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        Path(path).write_bytes(base64.b64decode(data))

    def wait_for(self, selector, timeout=30):
        """Wait until an element matches and is visible."""
        self.wait_until(
            f"""[...document.querySelectorAll({json.dumps(selector)})].some(
                (element) => element.getClientRects().length
            )""",
            timeout,
            what=selector,
        )

    def wait_until(self, expression, timeout=30, what=None):
        """Wait until a JavaScript expression is true."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            try:
                if self.evaluate(expression):
                    return
            except PageError:
                pass  # the page is just being replaced by the next one
            time.sleep(0.05)
        address = self.evaluate("location.href")
        raise AssertionError(
            f"{what or expression} did not come within {timeout} s at {address}; "
            f"errors in the page: {self.errors}"
        )

    def evaluate(self, expression):
        """The value of a JavaScript expression; a promise is waited for."""
        answer = self.send(
            "Runtime.evaluate",
            expression=expression,
            awaitPromise=True,
            returnByValue=True,
        )
        if "exceptionDetails" in answer:
            raise PageError(_said(answer["exceptionDetails"]))
        return answer["result"].get("value")

    # -- the protocol --------------------------------------------------------------

    def _connect(self):
        port_file = Path(self._profile) / "DevToolsActivePort"
        deadline = time.monotonic() + 30
        while not port_file.exists() or not port_file.read_text().strip():
            assert self._process.poll() is None, "Chromium ended at once"
            assert time.monotonic() < deadline, "Chromium did not start in 30 s"
            time.sleep(0.05)
        port = port_file.read_text().split()[0]
        with direct.open(f"http://127.0.0.1:{port}/json/list", timeout=10) as answer:
            pages = [page for page in json.load(answer) if page["type"] == "page"]
        self._socket = websocket.create_connection(
            pages[0]["webSocketDebuggerUrl"],
            timeout=120,
            suppress_origin=True,
            http_no_proxy=["127.0.0.1"],
        )
        for domain in ("Page", "Runtime", "Network"):
            self.send(f"{domain}.enable")

    def send(self, method, **parameters):
        """One command of the protocol and its answer."""
        self._number += 1
        number = self._number
        request = {"id": number, "method": method, "params": parameters}
        self._socket.send(json.dumps(request))
        while number not in self._answers:
            self._receive()
        answer = self._answers.pop(number)
        if "error" in answer:
            raise PageError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def _receive(self):
        message = json.loads(self._socket.recv())
        if "id" in message:
            self._answers[message["id"]] = message
        elif message["method"] == "Runtime.exceptionThrown":
            self.errors.append(_said(message["params"]["exceptionDetails"]))
        elif message["method"] == "Runtime.consoleAPICalled":
            said = message["params"]
            if said["type"] == "error":
                words = [
                    arg.get("value") or arg.get("description") for arg in said["args"]
                ]
                self.errors.append(" ".join(map(str, words)))
        elif message["method"] == "Page.javascriptDialogOpening":
            # Odoo asks before an edited form is left; nobody is here to answer.
            self._number += 1
            command = {"id": self._number, "method": "Page.handleJavaScriptDialog"}
            self._socket.send(json.dumps(command | {"params": {"accept": True}}))


class PageError(Exception):
    """JavaScript in the page raised, or the page went away meanwhile."""


def _said(details):
    exception = details.get("exception", {})
    return exception.get("description") or details.get("text", "")
