"""The people of the tests and their story, and short ways to bring an application somewhere."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache, partial, wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session
from stdnum.cn import uscc

from tests.homes import Home
from workflow.applications.drafts import save_draft, start_draft
from workflow.clock.days import shanghai_day
from workflow.district import install_district, load_district
from workflow.people.actors import SYSTEM, Actor, actor_of
from workflow.people.memberships import add_membership
from workflow.people.organisations import (
    OrganisationParticulars,
    add_account,
    confirm_account,
    register_organisation,
)
from workflow.people.persons import PersonParticulars, add_person
from workflow.people.trail import Signature
from workflow.process.perform import Outcome, perform
from workflow.referrals.drafting import draft_referral
from workflow.storage.store import Store
from workflow.storage.tables import (
    Application,
    Case,
    Evidence,
    Organisation,
    OrganisationAccount,
    Person,
    Unit,
)

MONDAY = datetime(2026, 11, 2, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai")).astimezone(UTC)
CHANGLE = Path(__file__).parents[1] / "workflow" / "districts" / "changle"
SINCE = date(2020, 1, 1)

# account, name, unit code, role, head
OFFICERS = (
    ("lin", "林秀英", "350112104", "township_officer", False),
    ("chen", "陈志强", "350112104", "township_officer", False),
    ("huang", "黄丽华", "350112104", "township_officer", True),
    ("guo", "郭建国", "350112111", "township_officer", False),
    ("keyun", "柯美云", "350112111", "township_officer", True),
    ("wang", "王海峰", "350112-SCJG", "bureau_reviewer", False),
    ("wuyan", "吴晓燕", "350112-SCJG", "bureau_reviewer", True),
    ("zhao", "赵文斌", "350112-LXHY", "joint_meeting_officer", False),
    ("qian", "钱永明", "350112-LXHY", "joint_meeting_officer", True),
    ("xie", "谢婷婷", "350112-LXHY", "joint_meeting_officer", False),
    ("sun", "孙立新", "350112-CZJ", "finance_officer", False),
    ("zhou", "周静", "350112-CZJ", "finance_officer", False),
    ("zheng_head", "郑国安", "350112-CZJ", "finance_officer", True),
    ("xuyuan", "许志远", "350112-XNB", "efficiency_officer", False),
    ("hemin", "何敏", "350112-XNB", "efficiency_officer", True),
    ("zheng", "郑国栋", "350112-DCS", "supervisor", False),
    ("leader", "叶向东", "350112-DCS", "leader", False),
    ("admin", "方明", "350112-XTGL", "administrator", False),
)
# account, person, credit code base, organisation, kind, township
ORGANISATIONS = (
    ("donglong", "董晓东", "91350112MA000000", "福建东龙针纺有限公司", "enterprise", "350112104"),
    ("jinlun", "金伦", "91350112MA000001", "福建示例锦纶有限公司", "enterprise", "350112111"),
    ("jiance", "简测", "91350112MA000002", "福州长乐示例检测有限公司", "laboratory", "350112104"),
)

# What a fifth city quality award and a led national standard look like on the form.
CITY_AWARD = {"line": "Q1-5"}
STANDARD = {"line": "S2-2"}


def people_the_district(session: Session) -> None:
    """Install the district and put everybody in her place."""
    install_district(session, load_district(CHANGLE), MONDAY)
    units = {unit.code: unit.id for unit in session.scalars(select(Unit))}
    for account, name, unit_code, role, is_head in OFFICERS:
        person = add_person(
            session, PersonParticulars(account, name, email=f"{account}@example.org"), is_sample=True
        )
        add_membership(session, person.id, role, SINCE, unit_id=units[unit_code], is_head=is_head)
    for index, (account, name, code, organisation, kind, township) in enumerate(ORGANISATIONS):
        registered = register_organisation(
            session,
            OrganisationParticulars(
                credit_code=credit_code(code, index),
                name=organisation,
                kind=kind,
                township_id=units[township],
                address="福州市长乐区示例路 1 号",
                contact_name=name,
                contact_phone="13900000000",
            ),
            SINCE,
            is_sample=True,
        )
        person = add_person(session, PersonParticulars(account, name), is_sample=True)
        add_membership(session, person.id, "applicant", SINCE, organisation_id=registered.id)
        add_account(
            session,
            registered.id,
            holder=organisation,
            bank="中国示例银行长乐支行",
            number=f"6222000000000{index:03d}",
            by=Signature(Actor(person.id, name), MONDAY),
        )
    session.flush()


def credit_code(base: str, index: int) -> str:
    """A sample code, valid in form."""
    body = f"{base}{index}"[:17].ljust(17, "0")
    return body + uscc.calc_check_digit(body)


Told = ParamSpec("Told")
Answer = TypeVar("Answer")


def place(way: Callable[Told, Answer]) -> Callable[Told, Answer]:
    """A way on which many tests begin: gone by the first, the others stand at once where it led.

    What it is told and what it answers must be plain values, for all share them.
    """

    @wraps(way)
    def begin(*told: Told.args, **more: Told.kwargs) -> Answer:
        world, *rest = told
        return world.begin((way.__qualname__, *rest, *sorted(more.items())), partial(way, *told, **more))

    return begin


@dataclass
class World:
    """One database with its people and a clock that tests move by hand."""

    store: Store
    evidence_folder: Path
    now: datetime = MONDAY
    number_of_standards: int = 0
    home: Home | None = None
    _actors: dict[tuple[str, date], Actor] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return shanghai_day(self.now)

    def begin(self, way: Hashable, go: Callable[[], Answer]) -> Answer:
        return self.home.begin(self, way, go) if self.home else go()

    def later(self, **by: float) -> datetime:
        """Move the clock and say the time."""
        self.now += timedelta(**by)
        return self.now

    def working_days_later(self, days: int) -> datetime:
        from workflow.reference import reference_of

        with self.store.reading() as session:
            calendar = reference_of(session).calendar
        target = calendar.add_working_days(self.today, days)
        return self.later(days=(target - self.today).days)

    def actor(self, account: str) -> Actor:
        if account == "system":
            return SYSTEM
        key = (account, self.today)
        if key not in self._actors:
            with self.store.reading() as session:
                person_id = session.scalars(select(Person.id).where(Person.account == account)).one()
                found = actor_of(session, person_id, self.today)
            assert found is not None
            self._actors[key] = found
        return self._actors[key]

    def person_id(self, account: str) -> int:
        person_id = self.actor(account).person_id
        assert person_id is not None
        return person_id

    def case(self, case_id: int) -> Case:
        with self.store.reading() as session:
            case = session.get_one(Case, case_id)
            session.expunge(case)
            return case

    def application(self, case_id: int) -> Application:
        with self.store.reading() as session:
            application = session.get_one(Application, case_id)
            session.expunge(application)
            return application

    def do(self, account: str, action: str, case_id: int, **inputs: Any) -> Outcome:
        """One action in a transaction of its own, a minute after the last."""
        self.later(minutes=1)
        if action == "resubmit":
            # Without a change of the application its note has to say why.
            inputs.setdefault("note", "已按要求核对")
        with self.store.writing() as session:
            version = session.get_one(Case, case_id).version
            outcome = perform(
                session,
                case_id,
                action,
                self.actor(account),
                now=self.now,
                seen_version=None if account == "system" else version,
                **inputs,
            )
            session.commit()
        return outcome

    @place
    def draft(self, applicant: str = "donglong", line: str = "Q1-5", **facts: str) -> int:
        """A complete draft with its evidence; `facts` override what is typed."""
        actor = self.actor(applicant)
        organisation_id = next(iter(actor.organisation_ids))
        typed = {**typed_facts(line, self._next_standard()), **facts}
        with self.store.writing() as session:
            case = start_draft(session, actor, organisation_id, line, now=self.now)
            account = session.scalars(
                select(OrganisationAccount).where(OrganisationAccount.organisation_id == organisation_id)
            ).first()
            assert account is not None
            fields = {
                **typed,
                "contact_name": actor.name,
                "contact_phone": "13900000000",
                "account": str(account.id),
                "promise": "yes",
            }
            save_draft(session, case.id, actor, fields, now=self.now, seen_version=case.version)
            for requirement in required_evidence(line):
                session.add(
                    Evidence(
                        case_id=case.id,
                        requirement=requirement,
                        file_name=f"{requirement}.pdf",
                        media_type="application/pdf",
                        size=1000,
                        sha256="0" * 64,
                        uploaded_by_id=actor.person_id,
                        uploaded_at=self.now,
                    )
                )
            session.commit()
            return case.id

    @place
    def submitted(self, applicant: str = "donglong", line: str = "Q1-5", **facts: str) -> int:
        case_id = self.draft(applicant, line, **facts)
        self.do(applicant, "submit", case_id)
        return case_id

    def confirm_accounts(self, officer: str = "lin") -> None:
        """The first-time check that the accounts of her township's organisations are theirs."""
        actor = self.actor(officer)
        with self.store.writing() as session:
            unconfirmed = session.scalars(
                select(OrganisationAccount)
                .join(Organisation)
                .where(
                    OrganisationAccount.confirmed_at.is_(None),
                    Organisation.township_id.in_(actor.unit_ids),
                )
            ).all()
            for account in unconfirmed:
                confirm_account(session, account.id, actor, self.now)
            session.commit()

    @place
    def in_precheck(self, applicant: str = "donglong", line: str = "Q1-5", **facts: str) -> int:
        case_id = self.submitted(applicant, line, **facts)
        officer = self._officer(case_id)
        self.confirm_accounts(officer)
        self.do(officer, "accept", case_id)
        return case_id

    @place
    def in_review(self, applicant: str = "donglong", line: str = "Q1-5", **facts: str) -> int:
        case_id = self.in_precheck(applicant, line, **facts)
        self.do(self._officer(case_id), "recommend", case_id)
        return case_id

    @place
    def in_meeting(self, applicant: str = "donglong", line: str = "Q1-5", **facts: str) -> int:
        case_id = self.in_review(applicant, line, **facts)
        self.do("wang", "endorse", case_id)
        return case_id

    @place
    def in_notice(self, applicant: str = "donglong", line: str = "Q1-5", **facts: str) -> int:
        case_id = self.in_meeting(applicant, line, **facts)
        self.do("zhao", "approve", case_id)
        return case_id

    def end_notice(self, case_id: int) -> None:
        """Let the days of the notice pass and its timer act at the legal moment."""
        timer_at = self.case(case_id).timer_at
        assert timer_at is not None
        self.now = max(self.now, timer_at)
        self.do("system", "notice_over", case_id)

    @place
    def awaiting_payment(self, applicant: str = "donglong", line: str = "Q1-5", **facts: str) -> int:
        case_id = self.in_notice(applicant, line, **facts)
        self.end_notice(case_id)
        return case_id

    def pay(self, case_id: int, voucher: str | None = None) -> None:
        self.do("sun", "prepare", case_id)
        self.do("zhou", "confirm", case_id, voucher=voucher or f"V-{case_id}-{self.case(case_id).version}")

    @place
    def paid(self, applicant: str = "donglong", line: str = "Q1-5", **facts: str) -> int:
        case_id = self.awaiting_payment(applicant, line, **facts)
        self.pay(case_id)
        return case_id

    def referral(self, about: int | None, *, clue: str = "", unit_of: str | None = None) -> int:
        """A draft by the joint-meeting office: on an application, against an office, or on a clue."""
        self.later(minutes=1)
        with self.store.writing() as session:
            case = draft_referral(
                session,
                self.actor("zhao"),
                now=self.now,
                application_id=about,
                about_unit_id=next(iter(self.actor(unit_of).unit_ids)) if unit_of else None,
                about_person_id=None,
                typed={"problem": "slowness", "account_of_facts": "逾期未办", "clue": clue},
            )
            session.commit()
            return case.id

    def referred(self, about: int | None, *, clue: str = "", unit_of: str | None = None) -> int:
        """A referral signed by the head and received by the efficiency office."""
        case_id = self.referral(about, clue=clue, unit_of=unit_of)
        self.do("qian", "sign", case_id)
        self.do("xuyuan", "receive", case_id)
        return case_id

    def _officer(self, case_id: int) -> str:
        with self.store.reading() as session:
            code = session.scalars(
                select(Unit.code).join(Case, Case.unit_id == Unit.id).where(Case.id == case_id)
            ).one()
        return {"350112104": "lin", "350112111": "guo"}[code]

    def _next_standard(self) -> int:
        self.number_of_standards += 1
        return self.number_of_standards


@cache
def _policy() -> Any:
    return load_district(CHANGLE).policies()[0]


def required_evidence(line: str) -> list[str]:
    return [each.code for each in _policy().line(line).evidence if each.required]


def typed_facts(line: str, number: int) -> dict[str, str]:
    """A valid value for each field of the award line's form."""
    from workflow.demo.sample_facts import sample_facts

    return sample_facts(_policy().line(line), number)
