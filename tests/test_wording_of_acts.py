"""What pages say of acts: who has to sign, what a number is the number of, and nothing twice."""

from __future__ import annotations

from random import Random

import pytest

from tests.pages import signed_in, words
from tests.world import World
from workflow.catalogue import label
from workflow.demo.remarks import remark
from workflow.errors import Refused


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("zh", "须由联席会议办公室分管领导审签。"),
        ("en", "Sign: only the head of the joint-meeting office may do this."),
    ],
)
def test_who_may_not_sign_a_referral_is_told_whose_signature_it_needs(
    sqlite_world: World, drafted: int, locale: str, said: str
) -> None:
    with pytest.raises(Refused) as error:
        sqlite_world.do("zhao", "sign", drafted)

    assert [reason.sentence(locale) for reason in error.value.reasons] == [said]


def test_the_number_asked_for_at_the_approval_is_that_of_the_approval_document(sqlite_world: World) -> None:
    case_id = sqlite_world.in_meeting()

    page = words(signed_in(sqlite_world, "zhao").get(f"/applications/{case_id}"))

    assert "审批文件文号" in page


def test_the_history_calls_the_number_of_an_approval_what_the_form_called_it(sqlite_world: World) -> None:
    case_id = sqlite_world.in_meeting()
    sqlite_world.do("zhao", "approve", case_id, document_number="长联审〔2026〕7号")

    page = words(signed_in(sqlite_world, "zhao").get(f"/applications/{case_id}"))

    assert "审批文件文号 长联审〔2026〕7号" in page


@pytest.mark.parametrize("action", ["decline", "reject"])
def test_the_reason_of_a_sample_refusal_does_not_say_the_refusal_again(action: str) -> None:
    said = {str(remark(action, "reason", Random(seed))) for seed in range(30)}

    assert len(said) > 1
    assert not any(label("action", action) in reason for reason in said), said
