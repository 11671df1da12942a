"""Browsing: a headless Chromium that says when what it was told stands on its page.

It is led through a pipe (`--remote-debugging-pipe`), a message of JSON with a NUL behind it each way, so that a
measurement needs Chromium and no library beside.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import msgspec

from rapport.cli.failing import CommandFailed

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ON_A_MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")
FLAGS = (
    *("--headless=new", "--remote-debugging-pipe", "--no-first-run", "--disable-extensions"),
    *("--disable-background-networking", "--disable-gpu", "--mute-audio", "--no-proxy-server"),
    *("--disable-dev-shm-usage", "--window-size=1440,900"),
)
#: Notes for each order that is named in the list or the thread when it first stood there, in Unix milliseconds.
NOTING = """
globalThis.noted = {rows: {}, thread: {}};
const look = () => {
  const now = performance.timeOrigin + performance.now();
  for (const place of ["rows", "thread"]) {
    const text = document.getElementById(place)?.textContent ?? "";
    for (const found of text.matchAll(/about order (\\d+)\\./g)) noted[place][found[1]] ??= now;
  }
};
new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true });
"""
#: Puts the pipe's ends where Chromium looks for them, wherever they were, and becomes Chromium.
LAUNCH = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(end), fcntl.F_DUPFD, 10) for end in sys.argv[1:3]]
os.dup2(ends[0], 3)
os.dup2(ends[1], 4)
os.execv(sys.argv[3], sys.argv[3:])
"""
LISTENS = "document.querySelector('live-updates')?.source?.readyState === 1"


def find_chromium() -> str:
    """The path of a Chromium of this machine; raises CommandFailed where there is none."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None and not ON_A_MAC.exists():
        raise CommandFailed("this measurement needs Chromium (Debian: apt-get install chromium)")
    return found or str(ON_A_MAC)


class Page:
    """One page of the browser, under the name that the browser gave it."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser, self._session = browser, session

    def call(self, method: str, **parameters: Any) -> Any:
        """Ask the page something of the DevTools protocol; raises CommandFailed with its complaint."""
        return self._browser.call(method, self._session, **parameters)

    def open(self, address: str, *, cookie: str) -> None:
        """Open an address as whoever this cookie is, noting from the first moment."""
        name, _, value = cookie.partition("=")
        self.call("Network.setCookie", name=name, value=value, url=address)
        self.call("Page.enable")
        self.call("Page.addScriptToEvaluateOnNewDocument", source=NOTING)
        self.call("Page.navigate", url=address)

    def value_of(self, expression: str) -> Any:
        """What the page says to an expression."""
        said = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return said["result"].get("value")

    def is_listening(self) -> bool:
        """Whether its live stream stands."""
        return bool(self.value_of(LISTENS))

    def noted(self) -> Mapping[str, Mapping[str, float]]:
        """For the list ("rows") and the open conversation ("thread"): order -> Unix milliseconds."""
        found: Mapping[str, Mapping[str, float]] = self.value_of("globalThis.noted")
        return found


class Browser:
    """A running Chromium."""

    def __init__(self, to: int, back: int) -> None:
        self._to, self._back, self._heard = to, back, b""
        self._number = 0

    def call(self, method: str, session: str = "", **parameters: Any) -> Any:
        """Ask, and wait for this answer; events between are not wanted."""
        self._number += 1
        asked: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if session:
            asked["sessionId"] = session
        os.write(self._to, msgspec.json.encode(asked) + b"\0")
        while True:
            answer = msgspec.json.decode(self._read())
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise CommandFailed(f"{method}: {answer['error']}")
                return answer["result"]

    def new_page(self) -> Page:
        """An empty page of a visitor of its own."""
        visitor = self.call("Target.createBrowserContext")["browserContextId"]
        page = self.call("Target.createTarget", url="about:blank", browserContextId=visitor)
        held = self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        return Page(self, held["sessionId"])

    def _read(self) -> bytes:
        while b"\0" not in self._heard:
            got = os.read(self._back, 1 << 20)
            if not got:
                raise CommandFailed("Chromium has ended")
            self._heard += got
        said, _, self._heard = self._heard.partition(b"\0")
        return said


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser for as long as the block takes; it knows nothing of whoever runs it."""
    theirs, to = os.pipe()
    back, from_them = os.pipe()
    with tempfile.TemporaryDirectory(prefix="rapport-browser-", ignore_cleanup_errors=True) as home:
        flags = [*FLAGS, f"--user-data-dir={home}"]
        flags += ["--no-sandbox"] if os.geteuid() == 0 else []
        process = subprocess.Popen(
            [sys.executable, "-c", LAUNCH, str(theirs), str(from_them), find_chromium(), *flags],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=(theirs, from_them),
            start_new_session=True,
        )
        os.close(theirs)
        os.close(from_them)
        browser = Browser(to, back)
        try:
            yield browser
        finally:
            with suppress(CommandFailed, OSError):
                browser.call("Browser.close")
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            os.close(to)
            os.close(back)
