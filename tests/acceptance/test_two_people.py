"""Two people at one machine, and one with a worker: real readers, real central, a receipt that names both."""

from __future__ import annotations

from pathlib import Path

from kiosk.companions import DEMONSTRATION_PIN
from kiosk.pages import ChooseDay, Done, PlaceCard
from screens.dock.telephone import Telephone
from tests.acceptance.whole import Surroundings, Whole, whole_machine
from tests.central.kiosks import LIN

BY_LIN_FANG = (("worker", "w01"), ("worker-pin", DEMONSTRATION_PIN))


def told(whole: Whole, words: str) -> bool:
    """Whether a message with these words went to one of the demonstration's telephones."""
    telephone = Telephone(whole.around.central)
    try:
        return any(words in message.text for message in telephone.received(0))
    finally:
        telephone.close()


async def test_a_son_files_for_his_mother(around: Surroundings, tmp_path: Path) -> None:
    """Both cards, her code, her promise by a worker's word; the change of what she has goes to the authority."""
    async with whole_machine(around, tmp_path) as whole:
        glass = whole.glass
        await glass.walk(("home", "medical-insurance"), ("items", "remote-care-filing"), ("for-whom", "other"))
        await glass.see("card")
        whole.control.present("chen-jianguo")
        await glass.answer("relation", "child")
        await glass.see("card", lambda page: isinstance(page, PlaceCard) and "家里人" in page.question)
        whole.control.lift()
        whole.control.present("lin-xiuying")
        await glass.see("code")
        assert glass.head is not None
        assert glass.head.title.startswith("替林＊＊办")
        assert told(whole, "有人在自助终端上替您办事")
        await glass.answer("code", await whole.code())
        await glass.walk(("filed-already", "change"), ("kind", "long-stay"), ("place", "310000"))
        begin = await glass.see("begin")
        assert isinstance(begin, ChooseDay)
        await glass.walk(("begin", begin.first), ("proof", "promise"), *BY_LIN_FANG)
        await glass.walk(("witness-reason", "promised-by-telephone"), ("confirm-telephone", "keep"), ("confirm", None))
        paper = await whole.printed()
        done = await glass.answer("done", "finish")
        assert isinstance(done, Done)
        assert done.question == "已提交，等审核"
        for words in ("申请人", "林＊＊", "代办人", "陈＊＊", "代替原来的"):
            assert words in paper.text
        assert "林秀英" not in paper.text
        (row,) = await whole.rows("medical.remote-care-filing")
        assert (row["person"], row["matter"]) == (f"林＊＊ 尾号 {LIN.number[-4:]}", "sent")
        assert told(whole, "由家人代办，由工作人员作证")


async def test_whose_message_does_not_come_goes_on_by_a_worker_s_word(around: Surroundings, tmp_path: Path) -> None:
    async with whole_machine(around, tmp_path) as whole:
        glass = whole.glass
        await glass.walk(("home", "my-matters"), ("way", "due"), ("consent", "look"))
        await glass.see("card")
        whole.control.present("lin-xiuying")
        await glass.walk(("code", "no-code"), ("no-code-came", "witness"), *BY_LIN_FANG)
        await glass.answer("witness-reason", "no-message")
        page = await glass.see("due")
        assert page.question == "今天该办的事"
        await glass.answer("due", "finish")
        await glass.see("home")


async def test_whose_card_is_lost_files_by_a_worker_s_word(around: Surroundings, tmp_path: Path) -> None:
    """Nothing lies on a reader: the worker types who it is."""
    async with whole_machine(around, tmp_path) as whole:
        glass = whole.glass
        await glass.walk(("home", "medical-insurance"), ("items", "remote-care-filing"), ("for-whom", "self"))
        readers = whole.machine.equipment.readers.values()
        await glass.until(lambda: all(reader.state == "ready" for reader in readers), "the readers")
        await glass.see("card", lambda page: isinstance(page, PlaceCard) and len(page.others) == len(readers))
        await glass.walk(("card", "worker"), *BY_LIN_FANG, ("number", LIN.number), ("name", LIN.name))
        await glass.answer("witness-reason", "card-lost")
        await glass.walk(("filed-already", "go-on"), ("kind", "temporary"), ("place", "330300"))
        begin = await glass.see("begin")
        assert isinstance(begin, ChooseDay)
        await glass.answer("begin", begin.first)
        end = await glass.see("end")
        await glass.walk(("end", end.options[0].value), ("confirm-telephone", "keep"), ("confirm", None))  # type: ignore[attr-defined]
        await whole.printed()
        await glass.answer("done", "finish")
        (row,) = await whole.rows("medical.remote-care-filing")
        assert (row["person"], row["matter"]) == (f"林＊＊ 尾号 {LIN.number[-4:]}", "sent")
