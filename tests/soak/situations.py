"""Where cases stand when two people are about to act on them at once; each is built through the engine.

A situation is a function that leaves rows behind and names the cases in which acts may compete.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tests.movements import CITY, PROVINCE, revoke
from tests.world import World

Situation = Callable[[World], tuple[int, ...]]

DEFECTS = ["证书不清"]


def draft(world: World) -> tuple[int, ...]:
    return (world.draft(),)


def submitted(world: World) -> tuple[int, ...]:
    world.confirm_accounts()
    return _with_referral(world, world.submitted())


def prechecked(world: World) -> tuple[int, ...]:
    return _with_referral(world, world.in_precheck())


def sent_back_to_township(world: World) -> tuple[int, ...]:
    case_id = world.in_review()
    world.do("wang", "return_to_township", case_id, reason="请核实")
    return _with_referral(world, case_id)


def corrected_for_township(world: World) -> tuple[int, ...]:
    case_id = world.in_precheck()
    world.do("lin", "request_correction", case_id, defects=DEFECTS)
    return (case_id,)


def corrected_for_finance(world: World) -> tuple[int, ...]:
    case_id = world.awaiting_payment()
    world.do("sun", "request_correction", case_id, defects=DEFECTS)
    return (case_id,)


def reviewed(world: World) -> tuple[int, ...]:
    return _with_referral(world, world.in_review())


def sent_back_to_bureau(world: World) -> tuple[int, ...]:
    case_id = world.in_meeting()
    world.do("zhao", "return_to_bureau", case_id, reason="请核实")
    return _with_referral(world, case_id)


def in_the_meeting(world: World) -> tuple[int, ...]:
    return _with_referral(world, world.in_meeting())


def under_notice(world: World) -> tuple[int, ...]:
    return (world.in_notice(),)


def objected_to(world: World) -> tuple[int, ...]:
    case_id = world.in_notice()
    world.do("xie", "object", case_id, objector="某某", reason="有异议")
    return _with_referral(world, case_id)


def awaiting_payment(world: World) -> tuple[int, ...]:
    return _with_referral(world, world.awaiting_payment())


def payment_prepared(world: World) -> tuple[int, ...]:
    case_id = world.awaiting_payment()
    world.do("sun", "prepare", case_id)
    return _with_referral(world, case_id)


def nothing_left_to_pay(world: World) -> tuple[int, ...]:
    """What was promised to the second is spent: a higher one was paid, and fell, and its money stays."""
    first, second = world.in_meeting(line=CITY), world.in_meeting(line=CITY)
    for case_id in (second, first):
        world.do("zhao", "approve", case_id)
    world.end_notice(second)
    higher = world.paid(line=PROVINCE)
    revoke(world, higher)
    return _with_referral(world, second)


def with_the_efficiency_office(world: World) -> tuple[int, ...]:
    case_id = world.in_review()
    world.do("xuyuan", "draw", case_id, reason="督办未果")
    return (case_id,)


def revocation_opened(world: World) -> tuple[int, ...]:
    case_id = world.paid()
    world.do("wuyan", "open_revocation", case_id, reason="弄虚作假")
    return _with_referral(world, case_id)


def recovering(world: World) -> tuple[int, ...]:
    (case_id, _) = revocation_opened(world)
    world.do("wuyan", "revoke", case_id, reason="查实", document_number="长市监撤〔2026〕2号")
    return _with_referral(world, case_id)


def paid(world: World) -> tuple[int, ...]:
    return (world.paid(),)


def recognised(world: World) -> tuple[int, ...]:
    world.paid(line=PROVINCE)
    return (_recognised(world),)


def paid_and_owed_more(world: World) -> tuple[int, ...]:
    """The higher one was paid the difference; it is owed the whole since the lower one has fallen."""
    lower, higher = world.awaiting_payment(line=CITY), world.paid(line=PROVINCE)
    world.do("sun", "cancel_award", lower, reason="不符合条件")
    return (higher,)


def recognised_and_owed(world: World) -> tuple[int, ...]:
    higher, lower = world.awaiting_payment(line=PROVINCE), _recognised(world)
    world.do("sun", "cancel_award", higher, reason="不符合条件")
    return (lower,)


def referral_drafted(world: World) -> tuple[int, ...]:
    return (world.referral(None, clue="群众来信", unit_of="lin"),)


def referral_sent(world: World) -> tuple[int, ...]:
    (case_id,) = referral_drafted(world)
    world.do("qian", "sign", case_id)
    return (case_id,)


def referral_investigated(world: World) -> tuple[int, ...]:
    (case_id,) = referral_sent(world)
    world.do("xuyuan", "receive", case_id)
    return (case_id,)


def referral_awaiting_detail(world: World) -> tuple[int, ...]:
    (case_id,) = referral_investigated(world)
    world.do("xuyuan", "ask_detail", case_id, reason="请补充")
    return (case_id,)


def referral_concluded(world: World) -> tuple[int, ...]:
    (case_id,) = referral_investigated(world)
    world.do("xuyuan", "conclude", case_id, finding="true", reason="属实")
    return (case_id,)


def referral_rectified(world: World) -> tuple[int, ...]:
    (case_id,) = referral_concluded(world)
    world.do("xuyuan", "decide", case_id, decision="责令整改")
    return (case_id,)


def referral_verified(world: World) -> tuple[int, ...]:
    (case_id,) = referral_rectified(world)
    world.do("lin", "report_rectified", case_id, reason="已整改")
    return (case_id,)


def referral_under_appeal(world: World) -> tuple[int, ...]:
    (case_id,) = referral_rectified(world)
    world.do("lin", "appeal", case_id, reason="不服")
    return (case_id,)


CASES: Mapping[str, Situation] = {
    situation.__name__: situation
    for situation in (
        draft, submitted, prechecked, sent_back_to_township, corrected_for_township, corrected_for_finance,
        reviewed, sent_back_to_bureau, in_the_meeting, under_notice, objected_to, awaiting_payment,
        payment_prepared, nothing_left_to_pay, with_the_efficiency_office, revocation_opened, recovering,
        paid, recognised, paid_and_owed_more, recognised_and_owed, referral_drafted, referral_sent,
        referral_investigated, referral_awaiting_detail, referral_concluded, referral_rectified,
        referral_verified, referral_under_appeal,
    )
}  # fmt: skip


def approvals(world: World) -> tuple[int, ...]:
    """Three claims of one pool wait for the meeting, or for the end of their notice."""
    return world.in_meeting(line=CITY), world.in_meeting(line=PROVINCE), world.in_notice(line=CITY)


def payments(world: World) -> tuple[int, ...]:
    """The lower one was approved first and is owed its sum, the higher one the difference; both prepared."""
    lower, higher = world.awaiting_payment(line=CITY), world.awaiting_payment(line=PROVINCE)
    for case_id in (lower, higher):
        world.do("sun", "prepare", case_id)
    return lower, higher, world.in_meeting(line=PROVINCE)


def revocations(world: World) -> tuple[int, ...]:
    """Everything paid, both under suspicion, while a third is objected to and a fourth waits."""
    lower, higher = world.paid(line=CITY), world.paid(line=PROVINCE)
    objected = world.in_notice(line=CITY)
    world.do("xie", "object", objected, objector="某某", reason="有异议")
    for case_id in (lower, higher):
        world.do("wuyan", "open_revocation", case_id, reason="弄虚作假")
    return lower, higher, objected, world.in_meeting(line=PROVINCE)


def money_coming_back(world: World) -> tuple[int, ...]:
    """The highest has fallen and is recovered down to what the lower one is worth, which may fall too."""
    higher, lower = world.paid(line=PROVINCE), _recognised(world)
    for case_id in (higher, lower):
        world.do("wuyan", "open_revocation", case_id, reason="弄虚作假")
    world.do("wuyan", "revoke", higher, reason="查实", document_number="长市监撤〔2026〕1号")
    return higher, lower, world.in_meeting(line=PROVINCE)


def returned_transfers(world: World) -> tuple[int, ...]:
    """Both were paid, so both may come back from the bank, while one more is to be approved."""
    return world.paid(line=CITY), world.paid(line=PROVINCE), world.in_meeting(line=PROVINCE)


def payment_beside_a_revocation(world: World) -> tuple[int, ...]:
    """The lower one was paid and is under suspicion, the difference of the higher one is prepared."""
    lower, higher = world.paid(line=CITY), world.awaiting_payment(line=PROVINCE)
    world.do("sun", "prepare", higher)
    world.do("wuyan", "open_revocation", lower, reason="弄虚作假")
    return lower, higher, _recognised(world)


def the_higher_may_still_fall(world: World) -> tuple[int, ...]:
    """While the lower one stands the higher is owed only the difference, and the rest when it falls."""
    lower, higher = world.awaiting_payment(line=CITY), world.paid(line=PROVINCE)
    return lower, higher, _recognised(world)


def owed_to_several(world: World) -> tuple[int, ...]:
    """The highest has fallen: two recognised ones below are equal, and another one waits for approval."""
    higher, one, other = world.awaiting_payment(line=PROVINCE), _recognised(world), _recognised(world)
    world.do("sun", "cancel_award", higher, reason="不符合条件")
    return one, other, world.in_meeting(line=PROVINCE), world.in_notice(line=CITY)


def topped_up_or_not(world: World) -> tuple[int, ...]:
    (higher,) = paid_and_owed_more(world)
    return higher, world.in_meeting(line=PROVINCE), world.in_notice(line=CITY)


POOLS: Mapping[str, Situation] = {
    situation.__name__: situation
    for situation in (
        approvals, payments, revocations, money_coming_back, returned_transfers,
        payment_beside_a_revocation, the_higher_may_still_fall, owed_to_several, topped_up_or_not,
    )
}  # fmt: skip


def _with_referral(world: World, case_id: int) -> tuple[int, ...]:
    """The case and a referral about it that is ready to be signed."""
    return case_id, world.referral(case_id, clue="群众来信")


def _recognised(world: World) -> int:
    """A lower one that gets nothing beside the higher."""
    case_id = world.in_notice(line=CITY)
    world.end_notice(case_id)
    return case_id
