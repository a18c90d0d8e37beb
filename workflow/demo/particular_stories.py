"""Applications of the demo that were referred, share a pool with another, or whose award was revoked."""

from __future__ import annotations

from collections.abc import Iterator

from workflow.demo.course import DRAFT_REFERRAL, HEAD, Course
from workflow.demo.everyday_stories import paid_on
from workflow.demo.remarks import CLUE
from workflow.demo.telling import Story, Telling

JOINT_OFFICER = "joint_meeting_officer"
REVIEWER = "bureau_reviewer"
# Of one organisation and year only the higher of the two is paid: a lead national and a local standard.
HIGH, LOW = "S2-2", "S2-4"


def revocations(telling: Telling) -> Iterator[Story]:
    """Awards under review, revoked, recovered, written off, or found right after all."""
    new = telling.course
    yield Story(new().paid().move(30, "open_revocation", REVIEWER), 6)
    running = revoked(telling, new().paid()).taken().stay(5, "record_recovery", share=0.4)
    yield telling.open(running, "recovering", 12)
    recovered = revoked(telling, new().paid()).taken().stay(8, "record_recovery", share=0.5)
    yield telling.ended(recovered.move(9, "record_recovery"))
    yield telling.ended(new().paid().move(12, "open_revocation", REVIEWER).taken().move(6, "dismiss"))
    given_up = revoked(telling, new().paid()).move(20, "write_off", HEAD, document_number="长财核〔示例〕2号")
    yield telling.ended(given_up)


def highest_only(telling: Telling) -> Iterator[Story]:
    """The higher award first: the lower one is recognised with nothing; one such is revoked later."""
    recognised, later_revoked = telling.course().in_payment(), telling.course().in_payment()
    for lower, since in ((recognised, 8), (revoked(telling, later_revoked), 12)):
        pool = telling.new_pool()
        yield Story(telling.course().paid(), lower.total + since + 1, None, HIGH, pool)
        yield Story(lower, since, None, LOW, pool)


def differences(telling: Telling) -> Iterator[Story]:
    """The lower award first: the higher one is paid the difference (补差); and a lower one lives again."""
    yield from highest_only(telling)
    pool, higher = telling.new_pool(), telling.course().paid()
    yield Story(telling.course().paid(), higher.total + 20, None, LOW, pool)
    yield Story(higher, 14, None, HIGH, pool)
    yield from _revived(telling)
    yield from _topped_up(telling)


def _revived(telling: Telling) -> Iterator[Story]:
    """The higher award is cancelled before it was paid; the lower one, recognised with nothing, is paid."""
    pool = telling.new_pool()
    lower = telling.course().in_payment().move(4, "revive", JOINT_OFFICER)
    lower.stay(2, "prepare").move(1, "confirm")
    higher = telling.course().in_payment().taken(0).move(5, "cancel_award")
    # Approved three days before the lower one, cancelled two days after the lower one's notice was over.
    yield Story(higher, 30 + 5, None, HIGH, pool)
    yield Story(lower, 30, None, LOW, pool)


def _topped_up(telling: Telling) -> Iterator[Story]:
    """The higher award was paid the difference; the lower one falls away, so the higher is owed the rest."""
    pool, higher = telling.new_pool(), telling.course().paid()
    until_paid = higher.total
    higher.move(8, "top_up", JOINT_OFFICER).stay(2, "prepare").move(1, "confirm")
    lower = telling.course().paid().move(until_paid + 4, "record_return", "finance_officer")
    lower.taken(0).move(3, "cancel_award")
    yield Story(higher, 9, None, HIGH, pool)
    yield Story(lower, 9 + 4, None, LOW, pool)


def revoked(telling: Telling, course: Course) -> Course:
    course.move(20, "open_revocation", REVIEWER).taken()
    number = f"长市监撤〔示例〕{telling.chance.randint(1, 30)}号"
    return course.decided("revoke", "revocation_review", document_number=number)


def referrals(telling: Telling) -> Iterator[Story]:
    """Referrals in every state, most with an application that went along, some with one that came back."""
    sent, _ = red(telling)
    yield telling.open(sent.referred(20), "efficiency_office", 4)
    yield telling.ended(back_and_paid(telling))
    yield Story(in_hand(telling)[0], 2)
    yield Story(in_hand(telling)[0].of_referral(2, "ask_detail"), 1)
    yield Story(concluded(telling), 2)
    yield Story(decided(telling), 6)
    yield Story(decided(telling).of_referral(9, "report_rectified"), 2)
    yield Story(decided(telling).of_referral(5, "appeal"), 3)
    drafted, _ = red(telling)
    yield Story(drafted.of_referral(20, DRAFT_REFERRAL, JOINT_OFFICER), 1)
    yield telling.ended(closed_on_a_clue(telling))


def red(telling: Telling) -> tuple[Course, str]:
    """An application that will be left to lie, in a township or in the bureau, and the act that is due."""
    if telling.chance.random() < 0.5:
        return telling.course().in_precheck().stay(2, "comment"), "recommend"
    return telling.course().in_review().taken().stay(3, "comment"), "endorse"


def in_hand(telling: Telling) -> tuple[Course, str]:
    """Referred and received, and the application ordered to be handled by somebody else."""
    course, due_act = red(telling)
    return course.referred(20).of_referral(1, "receive").ordered(), due_act


def concluded(telling: Telling) -> Course:
    course, due_act = in_hand(telling)
    return course.move(1, due_act).of_referral(7, "conclude", finding="true")


def decided(telling: Telling) -> Course:
    number = f"长效能〔示例〕{telling.chance.randint(1, 12)}号"
    return concluded(telling).of_referral(1, "decide", document_number=number)


def back_and_paid(telling: Telling) -> Course:
    """From a red step through the efficiency office to the money, while the referral runs to its end."""
    course = telling.course().in_precheck().stay(2, "comment").referred(12).of_referral(1, "receive")
    course.ordered().move(1, "recommend").taken().decided("endorse", "bureau_review", late=0)
    course.of_referral(1, "conclude", finding="true").of_referral(2, "decide")
    course.of_referral(8, "report_rectified").of_referral(3, "close")
    return paid_on(course.taken().move(2, "approve").notice_over())


def closed_on_a_clue(telling: Telling) -> Course:
    """A referral on a written clue, asked for detail, closed without action; the award is refused."""
    course = telling.course().in_precheck().of_referral(2, DRAFT_REFERRAL, JOINT_OFFICER, clue=CLUE)
    course.of_referral(1, "sign", HEAD).of_referral(1, "receive").ordered().move(1, "reject")
    course.of_referral(3, "ask_detail").of_referral(2, "give_detail")
    return course.of_referral(6, "close_without_action")
