"""The fields of a catalogue entry as questions: one page each, whatever their kind, and the answers in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from kiosk.contract.acts import FieldAnswer
from kiosk.dates import day_in_words, months_later
from kiosk.desk import Desk
from kiosk.identity import grouped_phone
from kiosk.items import Field
from kiosk.journeys.places import choose_place
from kiosk.journeys.telephone import a_telephone
from kiosk.pages import Choose, ChooseDay, Digits, Option, Row, Words
from kiosk.regions import place_name
from kiosk.texts import _


@dataclass(frozen=True, kw_only=True)
class Answered:
    """A field, what is recorded of the answer, and how it is read to the person."""

    field: Field
    value: str
    words: str

    @property
    def row(self) -> Row:
        return Row(label=_(self.field.label), value=self.words)

    @property
    def recorded(self) -> FieldAnswer:
        return FieldAnswer(field=self.field.code, field_kind=self.field.kind, value=self.value)


async def ask_fields(
    desk: Desk,
    fields: tuple[Field, ...],
    places: tuple[str, ...],
    *,
    before: Sequence[Answered] = (),
    at: str | None = None,
) -> list[Answered]:
    """One after the other, those that the answers so far call for: ``before``, and these. Raises Left.

    ``places``: the centre's commonest, by six-digit codes. ``at``: the insured place whose choices are offered.
    """
    answered = list(before)
    for field in fields:
        if field.when is None or field.when.holds(values(answered)):
            answered.append(await _ask(desk, field, places, at))
    return answered[len(before) :]


def values(answered: Sequence[Answered]) -> dict[str, str]:
    """Field → what is recorded of the answer."""
    return {answer.field.code: answer.value for answer in answered}


async def _ask(desk: Desk, field: Field, places: tuple[str, ...], at: str | None) -> Answered:
    name, question, hint = f"field-{field.code}", _(field.ask), _(field.help)

    def answered(value: str, words: str) -> Answered:
        return Answered(field=field, value=value, words=words)

    match field.kind:
        case "date":
            today = desk.now.date()
            likely = tuple(
                Option(value=today + timedelta(days=days), label=label)
                for days, label in ((0, _("今天")), (1, _("明天")))
            )
            last = today + timedelta(days=field.within_days or 0)
            day = await desk.ask(
                ChooseDay(name=name, question=question, hint=hint, first=today, last=last, likely=likely)
            )
            return answered(day.isoformat(), day_in_words(day))
        case "month-range":
            options = tuple(
                Option(value=f"{months_later(desk.now.date(), 1 - count):%Y-%m}/{desk.now:%Y-%m}", label=label)
                for count, label in ((count, _("最近 {months} 个月").format(months=count)) for count in field.months)
            )
            value = await desk.ask(Choose(name=name, question=question, hint=hint, options=options))
            begin, _slash, end = value.partition("/")
            return answered(value, _("{begin} 到 {end}").format(begin=begin, end=end))
        case "region":
            place = await desk.ask(choose_place(name, question, hint, places))
            return answered(place, place_name(place))
        case "phone":
            number = await a_telephone(desk, name=name, question=question, hint=hint)
            return answered(number, grouped_phone(number))
        case "choice":
            offered = field.offered(at)
            choices = tuple(
                Option(value=choice.code, label=_(choice.label), note=_(choice.note), icon=choice.icon)
                for choice in offered
            )
            value = await desk.ask(Choose(name=name, question=question, hint=hint, options=choices))
            return answered(value, next(_(choice.label) for choice in offered if choice.code == value))
        case "yes-no":
            labels = {"yes": _("是"), "no": _("不是")}
            value = await desk.ask(_one_of(name, question, hint, labels))
            return answered(value, labels[value])
        case "money":
            yuan = await _money(desk, field.most or 0, name, question, hint)
            return answered(str(yuan), _("{yuan} 元").format(yuan=f"{yuan:,}"))
        case "text":
            page = Words(name=name, question=question, hint=hint, longest=field.longest or 1, action=_("确定"))
            text = await desk.ask(replace(page, example=_(field.example)))
            return answered(text, text)


def _one_of(name: str, question: str, hint: str, labels: dict[str, str]) -> Choose[str]:
    options = tuple(Option(value=value, label=label) for value, label in labels.items())
    return Choose(name=name, question=question, hint=hint, options=options)


async def _money(desk: Desk, most: int, name: str, question: str, hint: str) -> int:
    """Whole yuan from 1 to ``most``."""
    page = Digits(name=name, question=question, hint=hint, length=len(str(most)), shortest=1, action=_("确定"))
    typed = await desk.ask(page)
    while not 0 < int(typed) <= most:
        problem = _("请输入 1 到 {most} 之间的数。").format(most=f"{most:,}")
        typed = await desk.ask(replace(page, problem=problem))
    return int(typed)
