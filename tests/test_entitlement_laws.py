"""Highest only, not twice: laws that hold for any claims."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.claiming import CHANGLE
from tests.granting import JUNE, capped, payable, ruled
from workflow.policy.entitlement import Claim, entitlement, excess, pool_key_of
from workflow.policy.terms import READINGS, Policy

CLAIMS = st.lists(
    st.builds(
        Claim,
        line=st.sampled_from([line.code for line in CHANGLE.lines]),
        organisation=st.sampled_from("甲乙"),
        awarded_on=st.sampled_from([date(2023, 12, 31), date(2024, 1, 1), JUNE]),
        achievement=st.sampled_from("ABC"),
    ),
    max_size=8,
)
YUAN = st.integers(0, 30).map(lambda units: units * 50_000)
POLICIES = st.sampled_from(
    [CHANGLE, capped(700_000), capped(1_000), ruled("A13", "s37_per_item"), ruled("A14", "outside")]
)


@st.composite
def numbered(draw: st.DrawFn, *, with_money: bool) -> list[Claim]:
    """Claims as they stand in the books: each with a number of its own, some paid, some revoked."""
    claims = [replace(claim, number=f"{place:04}") for place, claim in enumerate(draw(CLAIMS))]
    if not with_money:
        return claims
    return [replace(each, paid_yuan=draw(YUAN), stands=draw(st.booleans())) for each in claims]


@settings(deadline=None, max_examples=150)
@given(data=st.data(), policy=POLICIES, reading=st.sampled_from(READINGS), with_money=st.booleans())
def test_totals_do_not_depend_on_order(
    data: st.DataObject, policy: Policy, reading: str, with_money: bool
) -> None:
    claims = data.draw(numbered(with_money=with_money))
    if with_money:
        claims = [replace(each, promised_yuan=data.draw(YUAN)) for each in claims]
    shuffled = data.draw(st.permutations(claims))

    results = {each.claim.number: each for each in entitlement(claims, policy, reading)}

    assert {each.claim.number: each for each in entitlement(shuffled, policy, reading)} == results


@settings(deadline=None, max_examples=150)
@given(claims=CLAIMS, policy=POLICIES, reading=st.sampled_from(READINGS), data=st.data())
def test_totals_without_numbers_do_not_depend_on_order_either(
    claims: list[Claim], policy: Policy, reading: str, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(claims))

    assert sum(payable(shuffled, policy, reading)) == sum(payable(claims, policy, reading))


@settings(deadline=None, max_examples=150)
@given(claims=CLAIMS, further=CLAIMS, policy=POLICIES, reading=st.sampled_from(READINGS))
def test_adding_a_claim_never_lowers_a_total(
    claims: list[Claim], further: list[Claim], policy: Policy, reading: str
) -> None:
    total = sum(payable(claims, policy, reading))

    for claim in further:
        assert sum(payable([*claims, claim], policy, reading)) >= total


@settings(deadline=None, max_examples=150)
@given(claims=numbered(with_money=True), policy=POLICIES, reading=st.sampled_from(READINGS))
def test_no_reading_pays_more_than_the_plain_sum(claims: list[Claim], policy: Policy, reading: str) -> None:
    plain = sum(policy.line(each.line).amount_yuan for each in claims if each.stands)

    assert sum(payable(claims, policy, reading)) <= plain


@settings(deadline=None, max_examples=200)
@given(claims=numbered(with_money=True), policy=POLICIES, reading=st.sampled_from(READINGS))
def test_paying_what_is_payable_meets_the_entitlement_and_never_passes_it(
    claims: list[Claim], policy: Policy, reading: str
) -> None:
    found = entitlement(claims, policy, reading)
    too_much = excess(claims, policy, reading)
    paid = [replace(each.claim, paid_yuan=each.claim.paid_yuan + each.payable_yuan) for each in found]

    assert not any(payable(paid, policy, reading))
    assert excess(paid, policy, reading) == too_much
    if policy.cap is None:
        for key, over in too_much.items():
            entitled = sum(each.entitled_yuan for each in found if each.pool_key == key)
            net = sum(each.paid_yuan for each in paid if pool_key_of(each, policy, reading) == key)
            assert net == entitled + over


@settings(deadline=None, max_examples=100)
@given(claims=numbered(with_money=False), reading=st.sampled_from(READINGS), cap=YUAN)
def test_nobody_is_paid_past_the_cap(claims: list[Claim], reading: str, cap: int) -> None:
    found = entitlement(claims, capped(cap), reading)

    for organisation in "甲乙":
        for year in (2023, 2024):
            paid = [
                each.payable_yuan
                for each in found
                if each.claim.organisation == organisation and each.claim.awarded_on.year == year
            ]
            assert sum(paid) <= cap


@settings(deadline=None, max_examples=100)
@given(data=st.data(), reading=st.sampled_from(READINGS))
def test_paying_claim_by_claim_in_any_order_comes_to_the_same(data: st.DataObject, reading: str) -> None:
    claims = data.draw(numbered(with_money=False))
    at_once = sum(payable(claims, reading=reading))

    filed: list[Claim] = []
    for claim in data.draw(st.permutations(claims)):
        found = entitlement([*filed, claim], CHANGLE, reading)
        filed = [replace(each.claim, paid_yuan=each.claim.paid_yuan + each.payable_yuan) for each in found]

    assert sum(each.paid_yuan for each in filed) == at_once
