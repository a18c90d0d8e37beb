"""Organisations, their names and codes, and the confirming of their bank accounts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.postgres import Cluster
from workflow.errors import InvalidInput, NotFound, Refused
from workflow.people.actors import Actor, Post, actor_of
from workflow.people.names import (
    character_reasons,
    normalised_organisation_name,
    normalised_person_name,
    person_name_reasons,
)
from workflow.people.organisations import (
    OrganisationParticulars,
    add_account,
    confirm_account,
    organisation_by_code,
    organisations_matching,
    register_applicant,
    register_organisation,
)
from workflow.people.particulars import (
    bank_number_reasons,
    credit_code_reasons,
    normalised_bank_number,
    normalised_credit_code,
    normalised_phone,
    phone_reasons,
)
from workflow.people.persons import PersonParticulars, add_person
from workflow.people.trail import Signature, trail_of
from workflow.storage.store import Store
from workflow.storage.tables import Base, Organisation, OrganisationAccount, Unit

MONDAY = date(2026, 11, 2)
NOW = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
CODE = "91350182MA0000DL1Y"
OTHER_CODE = "91110000600037341L"
DONGLONGS = Signature(Actor(1, "董晓东"), NOW)


@pytest.fixture(scope="module")
def postgresql_url(postgres: Cluster) -> str:
    return postgres.create_database()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def session(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Session]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'lianshen.db'}"
    else:
        url = request.getfixturevalue("postgresql_url")
    store = Store(url)
    Base.metadata.create_all(store.writer)
    with store.writing() as session:
        yield session
    Base.metadata.drop_all(store.writer)
    store.dispose()


@pytest.fixture
def songxia(session: Session) -> Unit:
    return township(session, "松下镇")


@pytest.fixture
def dongling(songxia: Unit) -> OrganisationParticulars:
    return OrganisationParticulars(
        credit_code=CODE,
        name="福建东龙针纺有限公司",
        kind="enterprise",
        township_id=songxia.id,
        address="长乐区松下镇示例路 1 号",
        contact_name="陈㛃",
        contact_phone="0591-28920000",
    )


@pytest.fixture
def organisation(session: Session, dongling: OrganisationParticulars) -> Organisation:
    return register_organisation(session, dongling, MONDAY)


def township(session: Session, name: str, **columns: object) -> Unit:
    unit = Unit(code=name, kind="township", name=name, name_en=name, **columns)
    session.add(unit)
    session.flush()
    return unit


def officer_of(unit: Unit, role: str = "township_officer", *more: Post) -> Actor:
    person = unit.id  # no row needed for what is refused
    return Actor(person, "林梅", (Post(role, unit_id=unit.id, unit_kind=unit.kind), *more))


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("福建某某(集团) 有限公司 ", "福建某某（集团）有限公司"),
        ("福建某某（集团）有限公司", "福建某某（集团）有限公司"),
        ("\u3000福建 东龙\u00a0针纺\u200b有限公司", "福建东龙针纺有限公司"),
        ("ＡＢＣ　Ｔｅｃｈ 长乐 有限公司", "ABC Tech长乐有限公司"),
        ("隆\uf9dc", "隆隆"),
    ],
)
def test_a_name_of_an_organisation_has_one_spelling(typed: str, stored: str) -> None:
    assert normalised_organisation_name(typed) == stored


@pytest.mark.parametrize("name", ["陈㛃", "䶮", "李𬎆", "𡌴", "阿依古丽·买买提", "\U000323af"])
def test_rare_characters_and_the_middle_dot_are_kept(name: str) -> None:
    assert normalised_person_name(name) == name
    assert person_name_reasons(name) == []


def test_every_middle_dot_becomes_the_same(session: Session) -> None:
    assert {normalised_person_name(f"阿依古丽{dot}买买提") for dot in "·•‧・"} == {"阿依古丽·买买提"}


def test_a_character_of_the_private_use_area_is_refused_by_position_and_code() -> None:
    sentences = [reason.sentence() for reason in person_name_reasons("陈\ue863")]

    assert len(sentences) == 1
    assert sentences[0].startswith("“陈\ue863”的第 2 个字使用了自造字编码（U+E863）")


def test_control_characters_and_endless_names_are_refused() -> None:
    assert [reason.code for reason in character_reasons("陈\x00", "name")] == ["name.control"]
    assert [reason.code for reason in person_name_reasons("𡌴" * 50)] == []
    assert [reason.code for reason in person_name_reasons("𡌴" * 51)] == ["name.too_long"]


@pytest.mark.parametrize("turning", [*"\u202a\u202b\u202c\u202d\u202e", *"\u2066\u2067\u2068\u2069"])
def test_a_name_that_turns_the_reading_direction_is_refused(turning: str) -> None:
    (reason,) = person_name_reasons(normalised_person_name(f"林{turning}某"))

    assert (reason.code, reason.params["position"]) == ("name.control", 2)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("138 0000 0000", "13800000000"),
        ("+86 138-0000-0000", "13800000000"),
        ("059128920000", "0591-28920000"),
        ("(0591) 28920000", "0591-28920000"),
        ("０５９１－２８９２００００", "0591-28920000"),
        ("010-62000000-123", "010-62000000-123"),
        ("400-123-4567", "400-123-4567"),
    ],
)
def test_mobiles_and_landlines_have_one_spelling(typed: str, stored: str) -> None:
    assert normalised_phone(typed) == stored
    assert phone_reasons(stored) == []


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "phone.missing"),
        ("28920000", "phone.no_area_code"),
        ("12800000000", "phone.malformed"),
        ("1380000000", "phone.malformed"),
        ("138000000000", "phone.malformed"),
        ("0591-123", "phone.malformed"),
        ("电话", "phone.malformed"),
    ],
)
def test_other_telephone_numbers_are_refused(typed: str, code: str) -> None:
    assert [reason.code for reason in phone_reasons(normalised_phone(typed))] == [code]


@pytest.mark.parametrize(
    ("number", "accepted"),
    [("1234567", False), ("12345678", True), ("1" * 30, True), ("1" * 31, False), ("6222 0000-1234", True)],
)
def test_a_bank_account_number_has_8_to_30_digits(number: str, accepted: bool) -> None:
    assert (bank_number_reasons(normalised_bank_number(number)) == []) is accepted


def test_a_bank_account_number_of_letters_is_refused() -> None:
    assert [reason.code for reason in bank_number_reasons("62220000ABCD")] == [
        "bank_account.number_malformed"
    ]
    assert [reason.code for reason in bank_number_reasons("")] == ["bank_account.number_missing"]


@pytest.mark.parametrize(
    "code", [OTHER_CODE, " 9111 0000-600037341l", "９１１１００００６０００３７３４１Ｌ"]
)
def test_a_credit_code_is_read_however_it_is_typed(code: str) -> None:
    assert normalised_credit_code(code) == OTHER_CODE
    assert credit_code_reasons(OTHER_CODE) == []


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("", "请填写统一社会信用代码。"),
        ("9135018", "统一社会信用代码应为 18 位，您填写了 7 位。"),
        ("9111000060003734IL", "统一社会信用代码第 17 位不能是“I”："),
        ("911100O0600037341L", "统一社会信用代码第 7 位不能是“O”："),
        ("B1110000600037341L", "统一社会信用代码第 1 位不能是“B”："),
        ("91110000600037341M", "统一社会信用代码“91110000600037341M”的末位校验码不符"),
    ],
)
def test_a_wrong_credit_code_is_told_what_is_wrong_with_it(code: str, sentence: str) -> None:
    assert credit_code_reasons(code)[0].sentence().startswith(sentence)


def test_an_organisation_is_registered_in_one_spelling(
    session: Session, dongling: OrganisationParticulars
) -> None:
    typed = replace(
        dongling, credit_code=CODE.lower(), name="福建 东龙针纺有限公司", contact_phone="059128920000"
    )

    registered = register_organisation(session, typed, MONDAY)

    assert (registered.credit_code, registered.name) == (CODE, "福建东龙针纺有限公司")
    assert registered.contact_phone == "0591-28920000"
    assert organisation_by_code(session, CODE.lower()) is registered


def test_a_registered_code_is_refused_without_telling_whose_it_is(
    session: Session, dongling: OrganisationParticulars, organisation: Organisation
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        register_organisation(session, replace(dongling, name="另一家公司"), MONDAY)

    assert [reason.field for reason in refusal.value.reasons] == ["credit_code"]
    assert "东龙" not in str(refusal.value)
    assert "松下" not in str(refusal.value)


def test_an_organisation_is_told_everything_that_is_wrong_at_once(session: Session) -> None:
    empty = OrganisationParticulars("", "", "", None, "", "", "")

    with pytest.raises(InvalidInput) as refusal:
        register_organisation(session, empty, MONDAY)

    assert [reason.field for reason in refusal.value.reasons] == [
        "credit_code", "name", "kind", "township", "address", "contact_name", "contact_phone",
    ]  # fmt: skip
    assert len(refusal.value.sentences("en")) == 7


def test_a_former_township_names_its_successor(session: Session, dongling: OrganisationParticulars) -> None:
    street = township(session, "文武砂街道", valid_from=date(2021, 6, 6))
    town = township(session, "文武砂镇", valid_to=date(2021, 6, 5), successor_id=street.id)

    with pytest.raises(InvalidInput, match="“文武砂镇”已改为“文武砂街道”，请选择“文武砂街道”"):
        register_organisation(session, replace(dongling, township_id=town.id), MONDAY)
    assert register_organisation(session, replace(dongling, township_id=town.id), date(2021, 6, 5))


def test_a_dissolved_township_and_an_office_are_refused(
    session: Session, dongling: OrganisationParticulars
) -> None:
    gone = township(session, "无镇", valid_to=date(2020, 1, 1))
    bureau = Unit(code="bureau", kind="bureau", name="局", name_en="Bureau")
    session.add(bureau)
    session.flush()

    with pytest.raises(InvalidInput, match="“无镇”已撤销"):
        register_organisation(session, replace(dongling, township_id=gone.id), MONDAY)
    with pytest.raises(InvalidInput, match="请选择所在乡镇"):
        register_organisation(session, replace(dongling, township_id=bureau.id), MONDAY)


def test_an_organisation_registers_together_with_the_person_who_acts_for_it(
    session: Session, dongling: OrganisationParticulars
) -> None:
    person = PersonParticulars("dongling", "陈㛃", "13800000000", "", "Zhenfang-2026").hashed()

    registered, applicant = register_applicant(session, dongling, person, MONDAY)

    actor = actor_of(session, applicant.id, MONDAY)
    assert actor is not None
    assert actor.roles == {"applicant"}
    assert actor.organisation_ids == {registered.id}


def test_the_faults_of_both_come_at_once(session: Session, dongling: OrganisationParticulars) -> None:
    person = PersonParticulars("", "陈㛃", "13800000000", "", "short")

    with pytest.raises(InvalidInput) as refusal:
        register_applicant(session, replace(dongling, address=""), person, MONDAY)

    assert {reason.field for reason in refusal.value.reasons} == {"address", "account", "password"}


def test_organisations_are_found_by_code_and_by_name_within_the_scope(
    session: Session, dongling: OrganisationParticulars, organisation: Organisation, songxia: Unit
) -> None:
    meihua = township(session, "梅花镇")
    other = replace(dongling, credit_code=OTHER_CODE, name="福建百分%（福州）公司", township_id=meihua.id)
    second = register_organisation(session, other, MONDAY)

    assert organisations_matching(session, "91350182m") == [organisation]
    assert organisations_matching(session, "东龙") == [organisation]
    assert organisations_matching(session, "(福州)") == [second]
    assert organisations_matching(session, "%") == [second]
    assert organisations_matching(session, " ") == []
    assert set(organisations_matching(session, "福建")) == {organisation, second}
    assert organisations_matching(session, "福建", township_ids={songxia.id}) == [organisation]
    assert organisations_matching(session, "福建", township_ids=()) == []


def test_a_bank_account_is_told_everything_that_is_wrong_at_once(
    session: Session, organisation: Organisation
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        add_account(session, organisation.id, holder="", bank="", number="12", by=DONGLONGS)

    assert [reason.field for reason in refusal.value.reasons] == ["holder", "bank", "number"]


def account_of(
    session: Session, organisation: Organisation, adder: Actor | None = None, holder: str = ""
) -> OrganisationAccount:
    """A bank account, brought in by the organisation's own person unless somebody else is given."""
    if adder is None:
        person = add_person(session, PersonParticulars(f"own{organisation.id}", "董晓东"))
        adder = Actor(person.id, person.name)
    return add_account(
        session,
        organisation.id,
        holder=holder or organisation.name,
        bank="示例银行",
        number="6222 0000 1234",
        by=Signature(adder, NOW),
    )


@pytest.mark.parametrize("holder", ["福建东龙 针纺有限公司", "福建东龙针纺有限公司\u200b"])
def test_an_account_is_held_in_the_organisations_own_name_however_it_is_typed(
    session: Session, organisation: Organisation, holder: str
) -> None:
    assert account_of(session, organisation, holder=holder).holder == organisation.name


@pytest.mark.parametrize("holder", ["东龙", "林秀英", "福建东龙针纺有限公司长乐分公司"])
def test_an_account_in_another_name_is_refused_at_its_field(
    session: Session, organisation: Organisation, holder: str
) -> None:
    with pytest.raises(InvalidInput, match="须与单位名称“福建东龙针纺有限公司”一致") as refusal:
        account_of(session, organisation, holder=holder)

    assert [(reason.code, reason.field) for reason in refusal.value.reasons] == [
        ("bank_account.holder_differs", "holder")
    ]


def test_whoever_brought_an_account_in_does_not_confirm_it(
    session: Session, organisation: Organisation, songxia: Unit
) -> None:
    lin, chen = (
        Actor(add_person(session, PersonParticulars(account, name)).id, name, officer_of(songxia).posts)
        for account, name in (("lin", "林秀英"), ("chen", "陈志强"))
    )
    account = account_of(session, organisation, lin)

    with pytest.raises(Refused, match="由您添加，须由另一名工作人员核对确认"):
        confirm_account(session, account.id, lin, NOW)

    assert (account.confirmed_at, account.confirmed_by_id) == (None, None)
    assert confirm_account(session, account.id, chen, NOW).confirmed_by_id == chen.person_id


def test_the_trail_shows_who_brought_an_account_in_and_who_confirmed_it(
    session: Session, organisation: Organisation, songxia: Unit
) -> None:
    account = account_of(session, organisation)
    person = add_person(session, PersonParticulars("lin", "林秀英"))
    confirm_account(session, account.id, Actor(person.id, "林秀英", officer_of(songxia).posts), NOW)

    lines = [(line.action, line.actor) for line in trail_of(session, account.added_by_id)]

    assert lines == [("bank_account_confirmed", "林秀英"), ("bank_account_added", "董晓东")]
    shown = next(iter(trail_of(session, account.added_by_id))).details
    assert shown == {"bank_account": account.id, "account": "福建东龙针纺有限公司 **** 1234"}


def test_a_bank_account_is_entered_once(session: Session, organisation: Organisation) -> None:
    account_of(session, organisation)

    with pytest.raises(InvalidInput, match="已经填写过"):
        account_of(session, organisation, Actor(1, "董晓东"))


def test_an_officer_of_the_township_confirms_an_account_once(
    session: Session, organisation: Organisation, songxia: Unit
) -> None:
    account = account_of(session, organisation)
    _, person = register_second_person(session, songxia)
    officer = Actor(person, "林梅", (Post("township_officer", unit_id=songxia.id),))

    confirm_account(session, account.id, officer, NOW)

    assert (account.confirmed_by_id, account.confirmed_at) == (person, NOW)
    with pytest.raises(Refused, match="已经确认过"):
        confirm_account(session, account.id, officer, NOW)


def register_second_person(session: Session, unit: Unit) -> tuple[int, int]:
    organisation, person = register_applicant(
        session,
        OrganisationParticulars(
            OTHER_CODE, "另一家公司", "enterprise", unit.id, "某路", "某人", "13800000000"
        ),
        PersonParticulars("someone", "某人", "", "", "Zhenfang-2026").hashed(),
        MONDAY,
    )
    return organisation.id, person.id


def test_the_township_that_succeeded_confirms_the_accounts_of_the_former(
    session: Session, dongling: OrganisationParticulars
) -> None:
    street = township(session, "文武砂街道", valid_from=date(2021, 6, 6))
    town = township(session, "文武砂镇", valid_to=date(2021, 6, 5), successor_id=street.id)
    old = register_organisation(session, replace(dongling, township_id=town.id), date(2021, 6, 1))
    account = account_of(session, old)
    _, person = register_second_person(session, street)
    officer = Actor(person, "林梅", (Post("township_officer", unit_id=street.id),))

    assert confirm_account(session, account.id, officer, NOW).confirmed_at == NOW


def test_an_account_of_another_township_is_not_found(
    session: Session, organisation: Organisation, songxia: Unit
) -> None:
    account = account_of(session, organisation)
    meihua = township(session, "梅花镇")

    for stranger in (officer_of(meihua), officer_of(songxia, "supervisor"), Actor(9, "无职")):
        with pytest.raises(NotFound):
            confirm_account(session, account.id, stranger, NOW)
    with pytest.raises(NotFound):
        confirm_account(session, 999, officer_of(songxia), NOW)


def test_nobody_confirms_an_account_of_an_organisation_of_their_own(
    session: Session, organisation: Organisation, songxia: Unit
) -> None:
    account = account_of(session, organisation)
    own = officer_of(songxia, "township_officer", Post("applicant", organisation_id=organisation.id))

    with pytest.raises(Refused, match="不能确认本单位的账户"):
        confirm_account(session, account.id, own, NOW)
