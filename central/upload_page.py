"""The page on which a person's telephone sends papers: a form for each paper, what has come, and 传好了.

Written for any telephone, script or not. The address is opened by whoever scans the code first and then says so with a
press: what merely looks at addresses (a messenger's preview) takes nothing away. The telephone's cookie is a private
key, which central does not keep (``uploads``).
"""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as BadBase64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from sqlalchemy import Connection
from starlette.requests import ClientDisconnect

from central import uploads
from central.house import House
from central.local_time import SHANGHAI
from central.parts import BadForm, Part, TooSlow, files
from central.phone_page import HEADERS, NO_SUCH_PAGE, Told, Trouble, page
from central.pictures import OCTETS, Refused, made_anew
from central.upload_forms import Forms
from central.uploads import Closed, Full, Upload
from kiosk.contract.papers import MOST_PICTURES
from kiosk.contract.sealing import NEWEST, suite
from kiosk.contract.uploads import WantedPaper

COOKIE: Final = "papers"
TAKES_IN: Final = re.compile(r"/u/[^/]+/papers/[^/]+")
AT_ONCE: Final = 2
"""Pictures that are made anew at a time in one process of central's."""
A_FORM_WITHIN: Final = 600.0
"""Seconds for all pictures of one form."""

SAID: Final[Mapping[str, str]] = MappingProxyType(
    {
        "no-picture": "刚才选的不是照片，没有传上来。请拍照，或者换一张照片。",
        "heic": "这张照片的格式（HEIC）这里打不开。请按上面的按钮直接拍照，或者把照片截个屏，传截屏。",
        "pdf": "PDF 文件这里打不开。请把纸铺平拍照，或者打开文件截个屏，传截屏。",
        "too-large": "刚才的照片太大了，没有传上来。请用手机直接拍一张再传。",
        "broken": "刚才的照片打不开，没有传上来。请重新拍一张再传。",
        "nothing": "还没有选照片。请先按上面的按钮拍照或选照片。",
        "slow": "网络太慢，没有传完。请换个信号好的地方，再传一次。",
        "too-often": "传的次数太多了，后面的没有收。请到服务台，工作人员会帮您。",
        "full": f"最多传 {MOST_PICTURES} 张，后面的没有传上来。",
    }
)
"""What the page says of what was sent last."""

TIME_OVER: Final = Trouble(
    410,
    "时间到了，这里不能再传了",
    ("传过的照片都还在。", "还要接着传，请在自助机上按“再等十分钟”，然后刷新这个页面。"),
)
ANOTHERS: Final = Trouble(
    409,
    "已经有一部手机打开了",
    ("一个二维码只能用一部手机传。", "不是您的手机？请在自助机上按“换一部手机”，扫新的二维码。"),
)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A picture on the page: ``image`` is a data URL, for what is sealed has no address."""

    id: UUID
    count: int
    image: str


@dataclass(frozen=True, kw_only=True)
class ShownPaper:
    """A wanted paper and what has come of it."""

    paper: WantedPaper
    pictures: tuple[Shown, ...]


def routes(house: House) -> APIRouter:
    """``/u/{token}``. Raises Told."""
    router = APIRouter(prefix="/u/{token}", tags=["public"])
    database = house.database
    turns = asyncio.Semaphore(AT_ONCE)
    forms = Forms()

    def here(connection: Connection, token: str, request: Request, *, lock: bool = False) -> tuple[Upload, bytes]:
        """The upload, for the telephone that it is bound to, with that one's key."""
        upload = reached(connection, token, house.now(), lock=lock)
        private = key_of(request)
        if upload.phone is None or private is None or suite(NEWEST).public(private) != upload.phone:
            raise Told(ANOTHERS if upload.phone is not None else NO_SUCH_PAGE)
        return upload, private

    @router.get("")
    def form(token: str, request: Request, said: str = "") -> Response:
        """What is wanted and what has come; before that, who asks and what for."""
        with database.reading() as connection:
            upload = reached(connection, token, house.now())
            if upload.phone is None:
                return page("upload_begin.html", token=token, wanted=upload.wanted, until=clock(upload.until))
            upload, private = here(connection, token, request)
            shown = shown_papers(connection, upload, private)
        count = sum(len(entry.pictures) for entry in shown)
        if upload.closed or upload.finished:
            return page("upload_done.html", token=token, count=count, closed=upload.closed)
        until, words = clock(upload.until), SAID.get(said, "")
        return page("upload.html", headers=WITH_IMAGES, token=token, papers=shown, count=count, until=until, said=words)

    @router.post("/begin")
    def begin(token: str, request: Request) -> Response:
        """Binds the telephone."""
        private, public = suite(NEWEST).generate()
        with database.writing() as connection:
            upload = reached(connection, token, house.now(), lock=True)
            if upload.phone is not None:
                here(connection, token, request)
                return back(token)
            uploads.bind(connection, upload, public)
        answer = back(token)
        answer.set_cookie(
            COOKIE,
            urlsafe_b64encode(private).decode(),
            max_age=int(uploads.UNCLAIMED_KEPT.total_seconds()),
            path=f"/u/{token}",
            secure=house.public_url.startswith("https:"),
            httponly=True,
            samesite="lax",
        )
        return answer

    @router.post("/papers/{paper}")
    async def take(token: str, paper: str, request: Request) -> Response:
        """Takes pictures of one paper, one after the other, each kept as soon as it is there."""

        def demanded() -> Upload:
            with database.reading() as connection:
                upload, _private = here(connection, token, request)
            if paper not in {wanted.code for wanted in upload.wanted}:
                raise Told(NO_SUCH_PAGE)
            return upload

        upload = await run_in_threadpool(demanded)
        async with forms.turn(upload.id):
            said = "nothing"
            try:
                async with asyncio.timeout(A_FORM_WITHIN):
                    async for part in files(request.headers.get("Content-Type", ""), request.stream(), limit=OCTETS):
                        if part.name == "picture" and part.content:
                            refused = await taken(token, paper, part) if forms.tries(upload.id) else "too-often"
                            said = refused or ("" if said == "nothing" else said)
            except (TooSlow, TimeoutError, ClientDisconnect):
                said = "slow"
            except BadForm:
                raise Told(NO_SUCH_PAGE) from None
        return back(token, said)

    async def taken(token: str, paper: str, part: Part) -> str:
        async with turns:
            return await run_in_threadpool(kept, token, paper, part)

    def kept(token: str, paper: str, part: Part) -> str:
        """Keeps a picture; what is to be said of it. What comes behind one that is refused is read all the same: a
        telephone that is cut off while it sends shows no page."""
        if not part.whole:
            return "too-large"
        file = bytes(part.content)
        try:
            uploads.keep(database, token, paper, file, made_anew(file), house.now())
        except Refused as refusal:
            return refusal.reason
        except Full:
            return "full"
        except Closed:
            pass
        return ""

    @router.post("/pictures/{picture}/remove")
    def remove(token: str, picture: UUID, request: Request) -> Response:
        """Deletes one picture."""
        with database.writing() as connection:
            upload, _private = here(connection, token, request, lock=True)
            if not upload.closed:
                uploads.remove(connection, upload, picture)
        return back(token)

    @router.post("/done")
    def done(token: str, request: Request) -> Response:
        """The person says that this is all."""
        return finish(token, request, finished=True)

    @router.post("/more")
    def more(token: str, request: Request) -> Response:
        """It was not."""
        return finish(token, request, finished=False)

    def finish(token: str, request: Request, *, finished: bool) -> Response:
        with database.writing() as connection:
            upload, _private = here(connection, token, request, lock=True)
            if not upload.closed:
                uploads.finish(connection, upload, finished=finished)
        return back(token)

    return router


WITH_IMAGES: Final = {
    "Content-Security-Policy": HEADERS["Content-Security-Policy"].replace("img-src 'self'", "img-src data:")
}


def takes_in(path: str) -> bool:
    """Whether a route here reads the body as it comes: the pictures of one paper."""
    return TAKES_IN.fullmatch(path) is not None


def reached(connection: Connection, token: str, now: datetime, *, lock: bool = False) -> Upload:
    """The upload of an address. Raises Told: there is none, not any more, or its time is over."""
    upload = uploads.found(connection, token, lock=lock)
    if upload is None or upload.until < now - uploads.UNCLAIMED_KEPT:
        raise Told(NO_SUCH_PAGE)
    if upload.until <= now and not upload.closed:
        raise Told(TIME_OVER)
    return upload


def key_of(request: Request) -> bytes | None:
    """The telephone's private key."""
    try:
        private = urlsafe_b64decode(request.cookies.get(COOKIE, ""))
    except (BadBase64, ValueError):
        return None
    return private if len(private) == 32 else None


def shown_papers(connection: Connection, upload: Upload, private: bytes) -> list[ShownPaper]:
    """Each wanted paper with its pictures."""
    pictures = uploads.pictures_of(connection, upload.id)
    shown: list[ShownPaper] = []
    for wanted in upload.wanted:
        its = [picture.id for picture in pictures if picture.paper == wanted.code]
        numbered = (
            Shown(id=id_, count=at, image=image_of(uploads.thumbnail_of(connection, upload, id_, private)))
            for at, id_ in enumerate(its, start=1)
        )
        shown.append(ShownPaper(paper=wanted, pictures=tuple(numbered)))
    return shown


def image_of(thumbnail: bytes | None) -> str:
    """A data URL; empty where the picture cannot be looked at."""
    return "" if thumbnail is None else f"data:image/jpeg;base64,{b64encode(thumbnail).decode()}"


def back(token: str, said: str = "") -> RedirectResponse:
    """To the page itself, so that loading it anew sends nothing twice."""
    return RedirectResponse(f"/u/{token}" + (f"?said={said}" if said else ""), status_code=303)


def clock(at: datetime) -> str:
    """What the wall clock shows."""
    return f"{at.astimezone(SHANGHAI):%H:%M}"
