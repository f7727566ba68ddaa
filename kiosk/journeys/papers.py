"""Papers for a matter: photographed with the person's own telephone, or brought to the desk.

The page of the code changes while somebody stands before it; how it looks at each moment is ``sending``, which the
counter asks again with each news (``kiosk.sending``).
"""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from kiosk.contract.uploads import OpenUpload, UploadOpened, UploadState, UploadStep, WantedPaper
from kiosk.desk import Desk
from kiosk.pages import Arriving, Mood, Notice, Option, SendPapers
from kiosk.texts import _

FINISH, DESK, ANOTHER, AGAIN = "finish", "desk", "another", "again"


async def papers_by_telephone(desk: Desk, wanted: tuple[WantedPaper, ...]) -> tuple[UUID, ...]:
    """The pictures that came; none: the papers are brought to the desk. Raises Left."""
    while True:
        opened = await desk.find(OpenUpload(wanted=wanted))
        if opened is None:
            if await desk.ask(no_telephone()) == AGAIN:
                continue
            return ()
        answer = await desk.ask(sending(opened, wanted))
        upload = opened.upload.id
        if answer == FINISH:
            while (closed := await desk.find(UploadStep(upload=upload, step="close"))) is None:
                if await desk.ask(not_counted()) != AGAIN:
                    return ()
            if closed.arrived:
                return tuple(picture.id for picture in closed.arrived)
            if await desk.ask(no_telephone()) == AGAIN:
                continue
            return ()
        await desk.find(UploadStep(upload=upload, step="drop"))
        if answer != ANOTHER:
            return ()


def not_counted() -> Notice:
    """Central is away: what was sent is there, and cannot be counted at the moment."""
    return Notice(
        name="not-counted",
        icon="wifi-off",
        question=_("照片还没有收进来"),
        hint=_("网络断了一下，传过的照片都还在。请再试一次，也可以把材料交到服务台。"),
        actions=(
            Option(value=DESK, label=_("交到服务台"), icon="file-document-outline"),
            Option(value=AGAIN, label=_("再试一次"), icon="refresh", primary=True),
        ),
    )


def no_telephone() -> Notice:
    """Central is away: nothing can be sent."""
    return Notice(
        name="no-upload",
        icon="wifi-off",
        question=_("现在手机传不了"),
        hint=_("材料可以交到服务台，工作人员帮您传。"),
        actions=(
            Option(value=AGAIN, label=_("再试一次"), icon="refresh"),
            Option(value=DESK, label=_("交到服务台"), icon="file-document-outline", primary=True),
        ),
    )


def sending(opened: UploadOpened, wanted: tuple[WantedPaper, ...]) -> SendPapers:
    """The page of the code, before anything has come."""
    page = SendPapers(
        name="send-papers",
        question=_("用手机扫这个码，拍照上传"),
        hint=_("微信扫一扫就行，不用装软件。"),
        upload=opened.upload.id,
        qr=opened.url,
        papers=tuple(Arriving(code=paper.code, label=paper.label) for paper in wanted),
        seconds=opened.upload.seconds,
        actions=(),
    )
    return as_it_is(page, opened.upload)


def as_it_is(page: SendPapers, state: UploadState | None) -> SendPapers:
    """The same page as the upload is; None: central does not say at the moment. When the time is over, no code stands
    there (``screens.send_papers``)."""
    if state is None:
        return replace(page, news=_("网络断了一下，正在重新连接。传过的照片都还在。"), mood="wait")
    counts = [sum(picture.paper == paper.code for picture in state.arrived) for paper in page.papers]
    papers = tuple(replace(paper, count=count) for paper, count in zip(page.papers, counts, strict=True))
    came = sum(counts)
    over = state.seconds == 0
    mood: Mood = "plain"
    news = ""
    if over:
        page = replace(page, question=_("上传时间到了"), hint="")
        news, mood = _("还要接着传，请按“再等十分钟”。"), "wait"
    elif came:
        news, mood = _("收到 {n} 张了，还可以接着传。").format(n=came), "done"
    elif state.telephone:
        news, mood = _("手机已经打开了，请在手机上拍照。"), "done"
    desk = Option(value=DESK, label=_("不用手机，交到服务台"), icon="file-document-outline")
    another = Option(value=ANOTHER, label=_("换一部手机"), icon="cellphone")
    again = Option(value=AGAIN, label=_("再等十分钟"), icon="refresh", primary=not came)
    finish = Option(value=FINISH, label=_("传好了，接着办"), icon="check", primary=True, enabled=came > 0)
    ways = (again,) if over else (another,) if state.telephone and not came else ()
    actions = (desk, *ways) if over and not came else (desk, *ways, finish)
    return replace(page, papers=papers, news=news, mood=mood, seconds=state.seconds, actions=actions)
