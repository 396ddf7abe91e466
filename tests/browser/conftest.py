"""A real Chromium against a live server.

Any error in the console, any uncaught exception and any request to another host fails the test.
"""

import os
import time
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)

from gpmb.accounts.models import User

# Playwright's synchronous interface runs an event loop in this thread; the tests ask the ORM here.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

CHROMIUM = os.environ.get("GPMB_CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # WebGL in software, so that the map draws on a machine without a graphics card.
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
]
# A busy machine draws slowly; a test that passes doesn't wait.
SLOW_MS = int(os.environ.get("GPMB_BROWSER_MS", "60000"))
expect.set_options(timeout=SLOW_MS)
LAPTOP = {"width": 1366, "height": 768}
PHONE = {"width": 375, "height": 740}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.nodeid:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


class Watch:
    """What went wrong in the pages of a test."""

    def __init__(self, home: str) -> None:
        self.home = home
        self.faults: list[str] = []
        self.asked: set[Request] = set()

    def follow(self, page: Page) -> None:
        page.on("console", self.console)
        page.on("pageerror", lambda error: self.faults.append(f"exception: {error}"))
        page.on("request", self.request)
        page.on("requestfinished", self.answered)
        page.on("requestfailed", self.answered)

    def answered(self, request: Request) -> None:
        self.asked.discard(request)

    def settle(self, pages: list[Page]) -> None:
        """Wait until the server has answered: emptying its tables under a request deadlocks."""
        limit = time.monotonic() + 15
        while self.asked and time.monotonic() < limit:
            for page in pages:
                if not page.is_closed():
                    page.wait_for_timeout(50)
                    break
            else:
                return

    def console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.faults.append(f"console: {message.text} ({message.location.get('url')})")

    def request(self, request: Request) -> None:
        self.asked.add(request)
        if not request.url.startswith((self.home, "data:", "blob:")):
            self.faults.append(f"request to another host: {request.url}")


@pytest.fixture
def watch(live_server) -> Iterator[Watch]:
    watch = Watch(live_server.url)
    yield watch
    assert not watch.faults, "\n".join(watch.faults)


@pytest.fixture
def new_page(browser: Browser, live_server, watch: Watch) -> Iterator[Callable[..., Page]]:
    """Open a page of one's own: `new_page(user)` is signed in, `new_page()` is a stranger."""
    contexts: list[BrowserContext] = []

    def open_page(user: User | None = None, viewport: dict[str, int] = LAPTOP) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
            viewport=viewport,
        )
        contexts.append(context)
        context.set_default_timeout(SLOW_MS)
        if user is not None:
            client = Client()
            client.force_login(user)
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies(
                [
                    {
                        "name": settings.SESSION_COOKIE_NAME,
                        "value": session,
                        "url": live_server.url,
                    }
                ]
            )
        page = context.new_page()
        watch.follow(page)
        return page

    yield open_page
    watch.settle([page for context in contexts for page in context.pages])
    for context in contexts:
        context.close()
