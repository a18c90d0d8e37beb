"""The everyday applications of the demo: one in each state, full lists for the offices, and ended ones."""

from __future__ import annotations

from collections.abc import Iterator

from workflow.demo.course import (
    APPLICANT,
    COLLEAGUE,
    CONFIRM_ACCOUNT,
    COPY,
    HEAD,
    NEW_ACCOUNT,
    TOWNSHIP,
    Course,
)
from workflow.demo.organisations import JINFENG, SONGXIA
from workflow.demo.telling import Story, Telling


def one_of_each(telling: Telling) -> Iterator[Story]:
    """Every state that holds no money to come back: a short demo shows these first."""
    new, open_in = telling.course, telling.open
    yield Story(new().stay(0, "draft", APPLICANT), 3, SONGXIA)
    yield open_in(new().in_precheck(), "township_precheck", -6, SONGXIA)
    yield open_in(new().submitted(), "submitted", 0, SONGXIA)
    yield open_in(new().submitted(), "submitted", 4, SONGXIA)
    yield open_in(new().in_review().taken(), "bureau_review", -7)
    yield open_in(new().in_meeting().taken(), "joint_meeting_approval", 0)
    yield open_in(new().in_meeting(), "joint_meeting_approval", -3)
    yield open_in(new().in_notice(), "public_notice", 2)
    yield open_in(new().in_notice().objected(), "objection_check", 2)
    yield open_in(new().in_payment().prepared(), "payment_pending", 1)
    yield open_in(new().in_payment().taken(), "payment_pending", -8)
    yield open_in(waiting(new().submitted()), "awaiting_correction", 1, SONGXIA)
    drawn = new().in_precheck().stay(2, "comment").move(10, "draw", "efficiency_officer")
    yield open_in(drawn, "efficiency_office", 3)
    yield telling.ended(new().paid())
    yield telling.ended(new().submitted().taken().move(2, "decline"))
    yield telling.ended(new().in_review().taken().move(5, "reject"))
    yield telling.ended(new().in_precheck().move(1, "withdraw", APPLICANT))


def offices(telling: Telling) -> Iterator[Story]:
    """Full lists for bureau, joint-meeting office, finance and efficiency office."""
    new, open_in = telling.course, telling.open
    for left in (0, 2, -2, 9, 12, 1, 5, -4, 7, 3):
        yield open_in(new().in_review() if left > 10 else new().in_review().taken(), "bureau_review", left)
    for left in (18, 14, 2, 10, 6, 3, 1):
        yield open_in(new().in_meeting(), "joint_meeting_approval", left)
    yield open_in(new().in_meeting().taken().stay(8, "defer"), "joint_meeting_approval", 4)
    for left in (0, 1, 3, 3, 4):
        yield open_in(new().in_notice(), "public_notice", left)
    for left in (7, 0, -2):
        yield open_in(new().in_notice().objected(1), "objection_check", left)
    for left in (12, 9, 5, 2, -2):
        yield open_in(new().in_payment(), "payment_pending", left)
    for left in (6, 3):
        yield open_in(new().in_payment().prepared(), "payment_pending", left)
    yield open_in(new().in_payment().prepared(0.5).stay(2, "confirm"), "payment_pending", 4)
    # Back from the bank on a working day: so its days can end on any day, also today.
    yield open_in(returned(new()), "payment_pending", 0)
    yield open_in(returned(new()), "payment_pending", 11)
    yield open_in(waiting(new().in_payment()), "awaiting_correction", 6)
    yield open_in(waiting(new().in_review()), "awaiting_correction", 3)
    yield open_in(waiting(new().in_review()), "awaiting_correction", 8)
    for left in (0, -2):
        drawn = new().in_review().taken().stay(4, "comment").move(17, "draw", "efficiency_officer")
        yield open_in(drawn, "efficiency_office", left)


def townships(telling: Telling) -> Iterator[Story]:
    """Every part of a worklist in two townships, and something in the others."""
    new, open_in = telling.course, telling.open
    for township in (SONGXIA, JINFENG):
        for left in (1, -2, 3, 0):
            yield open_in(new().submitted(), "submitted", left, township)
        for left in (3, 2, 0, -1, 4):
            yield open_in(new().in_precheck(), "township_precheck", left, township)
        yield open_in(new().submitted("township"), "submitted", 2, township)
        yield open_in(waiting(new().in_precheck()), "awaiting_correction", 6, township)
        yield open_in(waiting(new().submitted()), "awaiting_correction", 4, township)
        yield open_in(new().in_precheck().corrected(), "township_precheck", 1, township)
        yield Story(new().stay(0, "draft", "township"), 2, township)
    for left in (4, 3, 2, 1, 0, 4, -1, 3, 2, 1):
        yield open_in(new().submitted(), "submitted", left)
        yield open_in(new().in_precheck(), "township_precheck", left)
    for since in (2, 9, 16):
        yield Story(new().stay(0, "draft", APPLICANT), since)


def turns(telling: Telling) -> Iterator[Story]:
    """Ended applications on which something out of the ordinary happened."""
    new, ended = telling.course, telling.ended
    corrected = new().in_precheck().corrected(2).decided("recommend", "township_precheck")
    yield ended(corrected.taken().decided("reject", "bureau_review"))
    lapsed = new().submitted().taken()
    lapsed.asked()
    yield ended(lapsed.move(11, "timer", "system"))
    yield ended(paid_on(new().in_notice().objected().dismissed().notice_over()))
    yield ended(new().in_notice().objected().decided("uphold_objection", "objection_check"))
    deferred = new().in_meeting().taken().stay(9, "defer").decided("approve", "joint_meeting_approval")
    yield ended(paid_on(deferred.notice_over()))
    back = new().in_meeting().taken().move(4, "return_to_bureau").decided("endorse", "bureau_review")
    yield ended(paid_on(back.decided("approve", "joint_meeting_approval").notice_over()))
    back = new().in_review().taken().move(3, "return_to_township").decided("recommend", "township_precheck")
    back.taken().decided("endorse", "bureau_review").taken().move(6, "approve")
    yield ended(paid_on(back.notice_over()))
    recalled = new().in_review().move(1, "recall", "last").move(1, "recommend")
    yield ended(paid_on(recalled.taken().move(7, "endorse").taken().move(8, "approve").notice_over()))
    yield ended(asked_twice(new().in_precheck()))
    handed = new().in_review().taken().stay(3, "hand_over").stay(1, "comment")
    yield ended(paid_on(handed.decided("endorse", "bureau_review").taken().move(9, "approve").notice_over()))
    disputed = new().in_payment().taken().move(3, "return_to_meeting").move(5, "approve").notice_over()
    yield ended(paid_on(disputed))
    yield ended(other_account(returned(new())))
    yield ended(afresh(new().submitted().taken().move(1, "decline")))
    yield ended(new().in_payment(late=3).prepared(0.4).stay(3, "confirm").prepared().confirmed())
    yield ended(new().in_meeting(late=5).taken().move(9, "reject"))
    yield ended(new().submitted().move(1, "withdraw", APPLICANT))
    yield ended(new().in_precheck().move(3, "reject"))


def ordinary(telling: Telling) -> Iterator[Story]:
    """What happens most: paid, now and then refused or withdrawn."""
    new, ended = telling.course, telling.ended
    for _ in range(6):
        yield ended(new().paid())
    on_paper = new().in_precheck("township").decided("recommend", "township_precheck").taken()
    on_paper.decided("endorse", "bureau_review").taken().decided("approve", "joint_meeting_approval")
    yield ended(paid_on(on_paper.notice_over()))
    yield ended(new().in_review().taken().decided("reject", "bureau_review"))
    corrected = new().submitted().taken().corrected().decided("accept", "submitted")
    corrected.decided("recommend", "township_precheck").taken().decided("endorse", "bureau_review")
    yield ended(paid_on(corrected.taken().decided("approve", "joint_meeting_approval").notice_over()))


def waiting(course: Course) -> Course:
    """The office asks for a correction, which is not answered yet."""
    course.taken().asked()
    return course


def paid_on(course: Course) -> Course:
    return course.prepared().confirmed()


def returned(course: Course) -> Course:
    """Paid, and sent back by the bank some days later."""
    return course.paid().move(4, "record_return", "finance_officer")


def other_account(course: Course) -> Course:
    """The applicant names another account, her township confirms it, and the money is paid again."""
    course.taken().asked()
    course.stay(3, NEW_ACCOUNT, APPLICANT).move(0, "resubmit", APPLICANT)
    return paid_on(course.stay(1, CONFIRM_ACCOUNT, TOWNSHIP))


def afresh(course: Course) -> Course:
    """What was refused is copied, submitted again and paid."""
    course.stay(6, COPY, APPLICANT).move(1, "submit", APPLICANT).taken().decided("accept", "submitted")
    course.decided("recommend", "township_precheck").taken().decided("endorse", "bureau_review")
    return paid_on(course.taken().decided("approve", "joint_meeting_approval").notice_over())


def asked_twice(course: Course) -> Course:
    """A second correction takes the head of the office, who has the case handed over to her."""
    course.corrected().stay(1, "hand_over", HEAD).corrected(0).decided("recommend", "township_precheck")
    return course.taken().stay(4, "comment", COLLEAGUE).decided("reject", "bureau_review")
