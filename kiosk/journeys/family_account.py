"""家庭共济: somebody of the family may use the money in one's personal account, or not any more. Live only.

The owner is checked (level 2); the member is named by their card where it is here, else by number, so that nobody has
to come along. Who may give and who may receive is said as the place's rules have it, and decided by the authority.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kiosk import receipts
from kiosk.contract.beforehand import Family, FamilyMember, FamilyOf
from kiosk.contract.identity import PersonReference
from kiosk.contract.live import FamilyAccount, FamilyRelation
from kiosk.dates import day_in_words
from kiosk.desk import Desk, Left
from kiosk.family_account import FamilyRules
from kiosk.identity import Person, grouped, masked_name, tail
from kiosk.items import Item
from kiosk.journeys.child import LONGEST_NAME, NUMBER_LENGTH, can_be
from kiosk.journeys.live import at_once, holder, in_lines, ways_out
from kiosk.pages import Choose, Digits, Done, Notice, Option, Result, Row, Section, Words
from kiosk.texts import _

ADD, REMOVE = "add", "remove"
CARD, NUMBER = "card", "number"


async def family_account(desk: Desk, item: Item, rules: FamilyRules) -> None:
    """At most six answers after the card. Raises Left when they only look."""
    person = await desk.identify(level=2, at_once=True)
    family = await desk.query(FamilyOf(person=person.reference, witness=person.witness))
    if family.by == "app":
        await desk.ask(by_app(item, rules))
        raise Left("cancelled")
    if family.why_not is not None:
        await desk.ask(cannot(family.why_not, item))
        raise Left("cancelled")
    wish = await desk.ask(who_shares(family, rules))
    if wish == ADD:
        deed = await _adding(desk, item, rules, person)
    elif wish == REMOVE:
        entry = await desk.ask(choose_member(family, rules))
        member = next(member for member in family.members if member.entry == entry)
        deed = FamilyDeed(item=item, rules=rules, person=person, removed=member, day=f"{desk.now:%Y-%m-%d}")
    else:
        raise Left("cancelled")
    await at_once(desk, deed)


async def _adding(desk: Desk, item: Item, rules: FamilyRules, person: Person) -> FamilyDeed:
    relation = await desk.ask(choose_relation(rules))
    if await desk.ask(choose_way()) == CARD:
        member = (await desk.identify(whom="relative")).reference
    else:
        member = await _typed(desk, person)
    return FamilyDeed(
        item=item, rules=rules, person=person, member=member, relation=relation, day=f"{desk.now:%Y-%m-%d}"
    )


async def _typed(desk: Desk, person: Person) -> PersonReference:
    page = ask_number()
    number = await desk.ask(page)
    while (problem := _amiss(number, person)) is not None:
        number = await desk.ask(replace(page, problem=problem))
    return PersonReference(number=number, name=await desk.ask(ask_name()))


def _amiss(number: str, person: Person) -> str | None:
    if not can_be(number):
        return _("这个号码不对，请对着证件看一下，再输一次。")
    if number == person.number:
        return _("这是您自己的号码，请输家里人的。")
    return None


@dataclass(frozen=True, kw_only=True)
class FamilyDeed:
    """Adds ``member``, or takes ``removed`` away."""

    item: Item
    rules: FamilyRules
    person: Person
    day: str
    member: PersonReference | None = None
    relation: FamilyRelation | None = None
    removed: FamilyMember | None = None

    @property
    def act(self) -> FamilyAccount:
        return FamilyAccount(
            person=self.person.reference,
            wish="add" if self.member is not None else "remove",
            member=self.member,
            relation=self.relation,
            entry=None if self.removed is None else self.removed.entry,
            shown=self.person.shown,
            check=self.person.proven,
            witness=self.person.witness,
            agent=self.person.agent,
            intent=f"{self.day} {self.item.code}"[:64],
        )

    def question(self) -> str:
        if self.removed is not None:
            return _("以后不让这位家人用了吗？")
        return _("让这位家人用您医保账户里的钱吗？")

    def action(self) -> str:
        return _("不让用了") if self.removed is not None else _("没错，让家人用")

    def rows(self) -> tuple[Row, ...]:
        added = "" if self.member is None else f"{masked_name(self.member.name)}  {tail(self.member.number)}"
        return (holder(_("谁的钱"), self.person), *self._of_the_member(added))

    def to_check(self) -> tuple[Row, ...]:
        if self.member is None:
            return self.rows()
        whole = (Row(label=_("身份证号"), value=grouped(self.member.number)),)
        return (holder(_("谁的钱"), self.person), *self._of_the_member(self.member.name), *whole)

    def notes(self) -> tuple[str, ...]:
        if self.removed is not None:
            return (_("取消以后，随时可以再加。"),)
        return (_("钱可以共济，卡不能共用。"), _(self.rules.receives))

    def once_done(self) -> tuple[str, ...]:
        if self.removed is not None:
            return ()
        return (_("家人看病用他自己的卡或医保码，钱从您的账户里出。"), _("钱可以共济，卡不能共用。"))

    def telephones(self) -> tuple[str, ...]:
        return ways_out(self.item)

    def _of_the_member(self, name: str) -> tuple[Row, ...]:
        relation = self.relation if self.removed is None else self.removed.relation
        kin = (Row(label=_("和您的关系"), value=_(self.rules.label(relation))),) if relation is not None else ()
        return (Row(label=_("谁来用"), value=name if self.removed is None else shown(self.removed)), *kin)


def shown(member: FamilyMember) -> str:
    """As central masks them."""
    return f"{member.name}  {tail(member.ends)}"


# -- the pages -----------------------------------------------------------------------------------------------------


def who_shares(family: Family, rules: FamilyRules) -> Result:
    """Who uses it already, and what may be done."""
    here = tuple(
        Row(
            label=_(rules.label(member.relation)),
            value=_("{name}，{day}起").format(name=shown(member), day=day_in_words(member.since)),
        )
        for member in family.members
    )
    balance = (
        (Section(title=_("您的个人账户"), rows=(Row(label=_("余额"), value=_yuan(family), private=True),)),)
        if family.balance is not None
        else ()
    )
    remove = Option(value=REMOVE, label=_("停掉一位家人"), icon="account-minus")
    return Result(
        name="family",
        question=_("谁可以用您医保账户里的钱？"),
        hint=_("钱可以共济，卡不能共用。"),
        sections=(
            *balance,
            Section(
                title=_("正在用的家人"),
                rows=here,
                meaning="" if here else _("还没有加家人。"),
            ),
        ),
        notes=(_(rules.gives), _(rules.receives)),
        actions=(
            Option(value=ADD, label=_("加一位家人"), icon="account-plus", primary=True),
            *((remove,) if here else ()),
            Option(value="finish", label=_("看好了"), icon="check"),
        ),
    )


def _yuan(family: Family) -> str:
    return _("{yuan} 元").format(yuan=f"{family.balance:,.2f}")


def choose_member(family: Family, rules: FamilyRules) -> Choose[str]:
    return Choose(
        name="member",
        question=_("要停掉哪一位？"),
        options=tuple(
            Option(value=member.entry, label=shown(member), note=_(rules.label(member.relation)), icon="account")
            for member in family.members
        ),
        personal=True,
    )


def choose_relation(rules: FamilyRules) -> Choose[FamilyRelation]:
    return Choose(
        name="relation",
        question=_("这位家人是您的什么人？"),
        options=tuple(Option(value=kin.code, label=_(kin.label), icon=kin.icon) for kin in rules.relation),
    )


def choose_way() -> Choose[str]:
    return Choose(
        name="member-by",
        question=_("家里人的证件带来了吗？"),
        hint=_("身份证、社保卡、医保码都可以。"),
        options=(
            Option(value=CARD, label=_("带来了，放一下就好"), icon="card-account-details-outline", primary=True),
            Option(value=NUMBER, label=_("没带，我来输号码"), icon="keyboard-outline"),
        ),
    )


def ask_number() -> Digits:
    return Digits(
        name="member-number",
        question=_("请输入家里人的身份证号"),
        hint=_("照他证件上的号码输，最后一位可能是 X。"),
        length=NUMBER_LENGTH,
        groups=(4, 4, 4, 6),
        action=_("确定"),
        may_end_in_x=True,
    )


def ask_name() -> Words:
    return Words(
        name="member-name",
        question=_("家里人叫什么名字？"),
        hint=_("跟证件上写的一样。写不出来的字，用拼音也行。"),
        longest=LONGEST_NAME,
        action=_("确定"),
    )


def cannot(why: str, item: Item) -> Notice:
    """The authority's reason, in its words."""
    return Notice(
        name="cannot-share",
        icon="account-alert",
        question=_("现在还不能给家人用"),
        hint=receipts.in_their_words(why),
        lines=ways_out(item),
        actions=(Option(value="leave", label=_("知道了"), icon="home", primary=True),),
        personal=True,
    )


def by_app(item: Item, rules: FamilyRules) -> Done:
    return Done(
        name="by-app",
        question=_("您参保的地方，要用手机办"),
        mood="wait",
        lines=(_("这台机器还连不到那边，用手机几分钟就好。"),),
        next_steps=(*in_lines(rules.app.steps), *ways_out(item)),
        paper_is_there=False,
        qr=rules.app.address,
        qr_caption=_("用手机扫一扫，打开国家医保服务平台"),
        actions=(Option(value="finish", label=_("看好了"), icon="check", primary=True),),
    )
