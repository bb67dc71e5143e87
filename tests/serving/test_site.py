"""What a browser is given, and what is refused, over plain HTTP: no playground is opened here."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

pytest.importorskip("textual_serve", reason="nothing is served without textual-serve")
from aiohttp import ClientSession, CookieJar, WSServerHandshakeError
from aiohttp.test_utils import TestClient, TestServer

from initplay.serving import front
from initplay.serving.doorkeeper import Doorkeeper
from initplay.serving.house import House, Rules
from initplay.serving.site import PASS, VISITOR, Site

TOKEN = "a-token-of-real-length"
TAB = "0" * 32


@asynccontextmanager
async def served(folder: Path, token: str = "", most: int = 1) -> AsyncIterator[TestClient]:
    """A browser without cookies, before a site."""
    house = House(folder, Rules(most), cache=folder)
    server = TestServer(Site(house, Doorkeeper(b"secret", token)).app, host="localhost")
    async with TestClient(server, cookie_jar=CookieJar(unsafe=True)) as browser:
        yield browser


async def test_who_comes_is_given_the_page_and_a_name(tmp_path):
    async with served(tmp_path) as browser:
        async with browser.get("/") as page:
            assert page.status == 200 and "terminal" in await page.text()
            cookie = page.cookies[VISITOR]
            assert cookie["httponly"] and cookie["samesite"] == "Lax" and not cookie["secure"]
            assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
        async with browser.get("/") as page:
            assert VISITOR not in page.cookies  # it is known


async def test_behind_a_proxy_with_tls_a_cookie_is_for_tls_alone(tmp_path):
    async with served(tmp_path) as browser, browser.get("/", headers={"X-Forwarded-Proto": "https"}) as page:
        assert page.cookies[VISITOR]["secure"]


async def test_everything_the_page_asks_for_is_there(tmp_path):
    async with served(tmp_path) as browser:
        for path in ("pages/play.css", "pages/play.js", "static/css/xterm.css", f"static/{front.SCRIPT}"):
            async with browser.get(f"/{path}") as file:
                assert file.status == 200, path


@pytest.mark.parametrize(
    "path", ["/static/../server.py", "/static/%2e%2e/server.py", "/pages/../site.py", "/static/", "/pages/"]
)
async def test_nothing_else_is(tmp_path, path):
    async with served(tmp_path) as browser, browser.get(path) as answer:
        assert answer.status in (403, 404)


async def test_without_the_token_there_is_a_form_and_nothing_else(tmp_path):
    async with served(tmp_path, TOKEN) as browser:
        async with browser.get("/") as page:
            assert page.status == 403 and "<form" in await page.text() and not page.cookies
        async with browser.get(f"/place/{TAB}") as answer:
            assert answer.status == 403
        with pytest.raises(WSServerHandshakeError, match="403"):
            await browser.ws_connect(f"/ws/{TAB}", origin=str(browser.make_url("/")).rstrip("/"))


@pytest.mark.parametrize(
    ("way", "sent", "status"),
    [
        ("GET", {"path": "/", "headers": {"Origin": "http://[::1"}}, 403),
        ("GET", {"path": "/", "headers": {"Cookie": f"{VISITOR}=\udcff.\udcff; {PASS}=\udcff"}}, 403),
        ("GET", {"path": "/pages/" + 3000 * "a"}, 404),
        ("POST", {"headers": {"Content-Type": "multipart/form-data; boundary=x"}, "data": b"no form"}, 400),
        ("POST", {"headers": {"Content-Type": "multipart/form-data"}, "data": b"no form"}, 400),
        (
            "POST",
            {"headers": {"Content-Type": "application/x-www-form-urlencoded; charset=nope"}, "data": b"a=b"},
            400,
        ),
        (
            "POST",
            {"headers": {"Content-Type": "application/x-www-form-urlencoded"}, "data": b"token=\xff"},
            400,
        ),
    ],
    ids=["origin", "cookies", "a long name", "no parts", "no boundary", "no such charset", "no text"],
)
async def test_what_cannot_be_read_is_refused(tmp_path, way, sent, status):
    sent = {"path": "/enter"} | sent
    async with served(tmp_path, TOKEN) as browser, browser.request(way, sent.pop("path"), **sent) as answer:
        assert answer.status == status


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], TOKEN + " "])
async def test_a_wrong_token_is_refused(tmp_path, token):
    async with served(tmp_path, TOKEN) as browser:
        async with browser.get("/", params={"token": token}) as page:
            assert page.status == 403 and not page.cookies and "not the token" in await page.text()
        async with browser.post("/enter", data={"token": token}) as page:
            assert page.status == 403 and not page.cookies


@pytest.mark.parametrize("way", ["link", "form"])
async def test_the_token_is_asked_for_once_and_leaves_the_address(tmp_path, way):
    async with served(tmp_path, TOKEN) as browser:
        asked = (
            browser.get("/", params={"token": TOKEN})
            if way == "link"
            else browser.post("/enter", data={"token": TOKEN})
        )
        async with asked as page:
            assert page.status == 200 and page.url.path_qs == "/"
            (redirect,) = page.history
            assert redirect.cookies[PASS]["httponly"] and TOKEN not in redirect.cookies[PASS].value
        async with browser.get("/") as page:
            assert page.status == 200
        async with browser.get(f"/place/{TAB}") as answer:
            assert (await answer.json())["waiting"] == 0


async def test_a_pass_for_another_token_is_none(tmp_path):
    other = Doorkeeper(b"secret", "another-token-of-length").pass_for_token()
    async with served(tmp_path, TOKEN) as browser, browser.get("/", cookies={PASS: other}) as page:
        assert page.status == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "http://localhost:1", "null", None])
async def test_a_page_of_another_site_opens_no_line(tmp_path, origin):
    async with served(tmp_path) as browser:
        await browser.get("/")
        with pytest.raises(WSServerHandshakeError, match="403"):
            await browser.ws_connect(f"/ws/{TAB}", origin=origin)
        assert not (tmp_path / "visitors").exists()


async def test_a_foreign_name_for_this_machine_is_refused(tmp_path):
    """As where the owner of a site lets its name point here, so that its page and ours are one site."""
    async with served(tmp_path) as browser:
        headers = {"Host": "evil.example:8000", "Origin": "http://evil.example:8000"}
        async with browser.get("/", headers=headers) as page:
            assert page.status == 403 and not page.cookies


@pytest.mark.parametrize("tab", ["x", "..%2f..", "0" * 31, "0" * 33, "G" * 32])
async def test_a_tab_has_a_name_of_ours(tmp_path, tab):
    async with served(tmp_path) as browser:
        await browser.get("/")
        async with browser.get(f"/place/{tab}") as answer:
            assert answer.status in (403, 404)


async def test_who_has_no_cookie_has_no_place(tmp_path):
    async with served(tmp_path) as browser, browser.get(f"/place/{TAB}") as answer:
        assert answer.status == 403


async def test_who_waits_is_told_how_many_come_first(tmp_path):
    async with served(tmp_path) as browser:
        await browser.get("/")
        said = []
        for digit in "123":
            async with browser.get(f"/place/{digit * 32}") as answer:
                said.append(await answer.json())
    assert [answer["waiting"] for answer in said] == [0, 1, 2]
    assert said[0]["says"] == "", "there is nothing to wait for"
    assert "you are the next" in said[1]["says"] and "1 wait before you" in said[2]["says"]


async def test_one_visitor_has_so_many_tabs_and_is_told(tmp_path):
    async with served(tmp_path, most=8) as browser:
        await browser.get("/")
        said = []
        for digit in "12345":
            async with browser.get(f"/place/{digit * 32}") as answer:
                said.append(await answer.json())
    assert [answer["waiting"] > 0 for answer in said] == [False] * 4 + [True]
    assert "4 playgrounds of yours are open" in said[4]["says"]


async def test_two_sessions_are_two_visitors(tmp_path):
    async with (
        served(tmp_path) as browser,
        ClientSession() as other,
        browser.get("/") as ours,
        other.get(browser.make_url("/")) as theirs,
    ):
        assert ours.cookies[VISITOR].value != theirs.cookies[VISITOR].value


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "null", "7", '["stdin"]', '["resize", {}]', '["resize", {"width": "x", "height": 1}]',
     '["resize", {"width": 1e999, "height": 1}]', '["ping"]', '["other", 1]', '"stdin"', "[" * 5000],
)  # fmt: skip
def test_nonsense_from_a_browser_is_passed_over(text):
    assert front.message(text) is None


def test_what_a_terminal_says_is_understood():
    assert front.message('["stdin", "x"]') == front.Typed("x")
    assert front.message('["resize", {"width": 80, "height": 24}]') == front.Resized(80, 24)
    assert front.message('["ping", "1"]') == front.Pinged("1")
    assert json.loads(front.pong("1")) == ["pong", "1"]
