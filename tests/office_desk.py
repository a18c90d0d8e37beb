"""What officers do on the pages of an application: they take its actions and read its cards and files."""

from __future__ import annotations

import re

from sqlalchemy import select
from werkzeug.test import TestResponse

from tests.pages import Browser
from tests.world import World
from workflow.demo.sample_files import sample_files
from workflow.storage.tables import Evidence

NATIONAL_STANDARD = "S2-2"


def act(browser: Browser, world: World, case_id: int, action: str, **fields: object) -> TestResponse:
    typed = {"seen_version": world.case(case_id).version, **fields}
    return browser.post(f"/applications/{case_id}/act/{action}", typed)


def card(page: TestResponse, action: str) -> str:
    """The card of one action that can be taken."""
    found = re.search(rf'<(details|form)[^>]* id="act-{action}".*?</\1>', page.text, re.DOTALL)
    assert found is not None, f"no card for {action}"
    return found[0]


def give_files(world: World, case_id: int) -> None:
    """Lay real files behind the evidence of a case."""
    files = sample_files(world.evidence_folder)
    with world.store.writing() as session:
        for given in session.scalars(select(Evidence).where(Evidence.case_id == case_id)):
            stored = files[".pdf"]
            given.sha256, given.size, given.media_type = stored.sha256, stored.size, stored.media_type
        session.commit()
