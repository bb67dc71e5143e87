"""What a browser asks for: the page, a place, and the line between its terminal and a playground."""

from __future__ import annotations

import asyncio
import errno
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from html import escape
from pathlib import Path

from aiohttp import WSCloseCode, WSMsgType, web
from aiohttp.http_exceptions import BadHttpMessage

from initplay.engine.patience import within
from initplay.serving import front
from initplay.serving.doorkeeper import Doorkeeper
from initplay.serving.house import House, Who
from initplay.serving.places import LONGEST_LINE
from initplay.serving.visit import Visit

VISITOR, PASS = "initplay_visitor", "initplay_pass"
"""Cookies."""
_YEAR = 365 * 24 * 3600
_PAGES = Path(__file__).parent / "pages"
_TAB = re.compile(r"[0-9a-f]{32}")
_LARGEST = 2**20
"""Bytes of a message from a browser: a paste."""
_LONGEST_REASON = 123
"""Bytes with which a line can be closed, by its protocol."""
_HEARTBEAT = 15.0
"""Seconds between two questions whether the browser is still there."""
_LEAVES = 3.0
"""Seconds that a playground whose terminal has ended may take to be gone, before it is said to be."""
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self' ws: wss:; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # by "no-referrer" a form would come with the Origin "null"
}
_KEPT = "Your work is kept."
TAKEN_OVER = "This playground is open in another tab."

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Site:
    """The web application over a house, with a doorkeeper."""

    def __init__(self, house: House, doorkeeper: Doorkeeper) -> None:
        """Raises NotInstalled."""
        self._house = house
        self._doorkeeper = doorkeeper
        self._lines: dict[Who, web.WebSocketResponse] = {}
        self._words: set[asyncio.Task[None]] = set()
        house.on_word = self._pass_on
        self.app = web.Application(middlewares=[self._guard], client_max_size=_LARGEST)
        self.app.add_routes(
            [
                web.get("/", self._page),
                web.post("/enter", self._enter),
                web.get("/place/{tab}", self._place),
                web.get("/ws/{tab}", self._line),
                web.static("/pages", _PAGES),
                web.static("/static", front.files()),
            ]
        )

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Nobody is served who asks by a foreign name, or from a page of another site."""
        origin = request.headers.get("Origin")
        if not self._doorkeeper.may_ask(request.host):
            raise web.HTTPForbidden(text="This playground is for this machine alone: ask for localhost.")
        if origin is not None and not self._doorkeeper.is_from_here(origin, request.host):
            raise web.HTTPForbidden(text="This was asked from another site.")
        try:
            response = await handler(request)
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:
                raise
            raise web.HTTPNotFound from error
        if not response.prepared:
            response.headers.update(_HEADERS)
            if not request.path.startswith(("/static/", "/pages/")):
                response.headers["Cache-Control"] = "no-store"
        return response

    async def _page(self, request: web.Request) -> web.StreamResponse:
        token = request.query.get("token")
        if token is not None:
            return self._welcome(request, token)
        if not self._may_come_in(request):
            return _ask_for_token("This playground asks for a token.", status=403)
        response = web.FileResponse(_PAGES / "play.html")
        if self._visitor(request) is None:
            self._hand_out(request, response, VISITOR, self._doorkeeper.new_visitor())
        return response

    async def _enter(self, request: web.Request) -> web.StreamResponse:
        try:
            typed = str((await request.post()).get("token", ""))
        except (ValueError, LookupError, BadHttpMessage) as error:  # no form, or one in no charset there is
            raise web.HTTPBadRequest(text="This is not what the page for the token sends.") from error
        return self._welcome(request, typed)

    def _welcome(self, request: web.Request, token: str) -> web.StreamResponse:
        if self._doorkeeper.asks_for_token and not self._doorkeeper.knows(token):
            return _ask_for_token("That is not the token of this playground.", status=403)
        # Without the token, which would stay in the browser's history.
        response = web.Response(status=303, headers={"Location": "/"})
        self._hand_out(request, response, PASS, self._doorkeeper.pass_for_token())
        return response

    async def _place(self, request: web.Request) -> web.StreamResponse:
        who = self._who(request)
        now = self._house.clock()
        waiting = self._house.places.ask(who, now)
        if not waiting:
            says = ""
        elif self._house.places.has_enough(who, now):
            says = self._of_tabs()
        else:
            says = self._of_the_line(waiting)
        return web.json_response({"waiting": waiting, "says": says})

    def _of_tabs(self) -> str:
        tabs = self._house.rules.tabs
        return (
            f"{tabs} playgrounds of yours are open, and no more may be. "
            "This page lets you in by itself, half a minute after you close one."
        )

    def _of_the_line(self, waiting: int) -> str:
        most = self._house.rules.most
        taken = "The one place is taken" if most == 1 else f"All {most} places are taken"
        if waiting > LONGEST_LINE:
            return f"{taken}, and so many wait that the line is closed. This page asks again by itself."
        before = "you are the next" if waiting == 1 else f"{waiting - 1} wait before you"
        return f"{taken}: {before}. This page lets you in by itself."

    async def _line(self, request: web.Request) -> web.StreamResponse:
        """Between a browser's terminal and the playground of its tab."""
        who = self._who(request)
        if "Origin" not in request.headers:  # which every browser sends
            raise web.HTTPForbidden(text="This is for browsers.")
        line = web.WebSocketResponse(heartbeat=_HEARTBEAT, max_msg_size=_LARGEST, compress=False)
        await line.prepare(request)
        try:
            visit = await self._house.visit(
                who, (_number(request, "width", 80), _number(request, "height", 24))
            )
        except OSError as error:
            await _close(line, f"No playground can be opened: {error.strerror}.")
            return line
        if visit is None:
            await _close(line, "All places are taken. Ask again.")
            return line
        self._lines[who] = line
        try:
            await _between(line, visit)
        finally:
            if self._lines.get(who) is line:
                del self._lines[who]
        return line

    def _pass_on(self, who: Who, sentence: str) -> None:
        if (line := self._lines.get(who)) is not None:
            task = asyncio.create_task(_send(line, front.word(sentence)))
            self._words.add(task)
            task.add_done_callback(self._words.discard)

    def _may_come_in(self, request: web.Request) -> bool:
        return self._doorkeeper.lets_in(request.cookies.get(PASS, ""))

    def _visitor(self, request: web.Request) -> str | None:
        return self._doorkeeper.visitor(request.cookies.get(VISITOR, ""))

    def _who(self, request: web.Request) -> Who:
        """Whose tab it is. Raises HTTPForbidden for who may not come in, or was not at the page before."""
        visitor, tab = self._visitor(request), request.match_info["tab"]
        if visitor is None or not self._may_come_in(request) or not _TAB.fullmatch(tab):
            raise web.HTTPForbidden(text="Come in by the front page.")
        return Who(visitor, tab)

    @staticmethod
    def _hand_out(request: web.Request, response: web.StreamResponse, cookie: str, value: str) -> None:
        # Behind a proxy with TLS the line to us has none.
        secure = request.secure or request.headers.get("X-Forwarded-Proto") == "https"
        response.set_cookie(cookie, value, max_age=_YEAR, httponly=True, samesite="Lax", secure=secure)


async def _between(line: web.WebSocketResponse, visit: Visit) -> None:
    """Pass on what is drawn and what is typed, until one of the two is over."""
    drawing = asyncio.create_task(visit.look(line.send_bytes))
    listening = asyncio.create_task(_listen(line, visit))
    try:
        await asyncio.wait({drawing, listening}, return_when=asyncio.FIRST_COMPLETED)
        if drawing.cancelled():
            await _close(line, TAKEN_OVER)
        elif drawing.done() and drawing.exception() is None:
            with suppress(asyncio.TimeoutError):
                await within(_LEAVES, visit.ended())
            await _close(line, f"{visit.why_over or 'You left.'} {_KEPT}")
    finally:
        for task in (drawing, listening):
            task.cancel()
        # The line may have broken in either: there is nobody left to tell.
        for error in await asyncio.gather(drawing, listening, return_exceptions=True):
            if isinstance(error, Exception) and not isinstance(error, ConnectionError):
                raise error


async def _listen(line: web.WebSocketResponse, visit: Visit) -> None:
    async for came in line:
        if came.type is not WSMsgType.TEXT:
            continue
        said = front.message(came.data)
        if isinstance(said, front.Typed):
            await visit.type(said.text)
        elif isinstance(said, front.Resized):
            visit.resize(said.width, said.height)
        elif isinstance(said, front.Pinged):
            await line.send_str(front.pong(said.what))


async def _send(line: web.WebSocketResponse, text: str) -> None:
    with suppress(ConnectionError):
        await line.send_str(text)


async def _close(line: web.WebSocketResponse, why: str) -> None:
    message = why.encode()[:_LONGEST_REASON].decode(errors="ignore")  # no character is cut in two
    await line.close(code=WSCloseCode.OK, message=message.encode())


def _ask_for_token(says: str, status: int) -> web.Response:
    page = (_PAGES / "enter.html").read_text(encoding="utf-8").replace("{says}", escape(says))
    return web.Response(text=page, status=status, content_type="text/html")


def _number(request: web.Request, name: str, otherwise: int) -> int:
    with suppress(ValueError):
        return int(request.query.get(name, otherwise))
    return otherwise
