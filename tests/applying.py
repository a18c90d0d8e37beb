"""Short ways of an applicant through the pages: begun, filled in, with evidence, submitted."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

from PIL import Image
from sqlalchemy import func, select

from tests.pages import Browser
from tests.world import World, credit_code, required_evidence
from workflow.storage.tables import Unit

REGISTRATION = {
    "credit_code": credit_code("91350112MA000008", 8),
    "name": "福州长乐新材料有限公司",
    "kind": "enterprise",
    "address": "松下镇示例路 2 号",
    "contact_name": "陈新",
    "contact_phone": "0591-28920000",
    "account": "xincai",
    "password": "Chang-le-2026",
    "password_again": "Chang-le-2026",
}
FIFTH = {
    "edition": "5",
    "document_title": "关于公布第五届福州市政府质量奖获奖名单的通知",
    "document_number": "榕政综〔2021〕12号",
    "document_on": "2021-02-08",
}


def township(world: World, code: str) -> int:
    with world.store.reading() as session:
        return session.scalars(select(Unit.id).where(Unit.code == code)).one()


def count(world: World, table: type) -> int:
    with world.store.reading() as session:
        return session.scalar(select(func.count()).select_from(table))


def organisation_id(world: World, account: str) -> int:
    return next(iter(world.actor(account).organisation_ids))


def begun(browser: Browser, world: World, line: str = "Q1-5", account: str = "donglong", **more: str) -> int:
    """A draft begun on the line's page."""
    fields = {"organisation": organisation_id(world, account), **more}
    answer = browser.post(f"/awards/{line}/start", fields)
    assert answer.status_code == 303
    return int(re.search(r"applications/(\d+)/facts", answer.location)[1])


def saved(browser: Browser, world: World, case_id: int, page: str, **typed: str) -> Any:
    """A page of the form saved on the version the case has now."""
    fields = {"seen_version": world.case(case_id).version, "go": "next", **typed}
    return browser.post(f"/my/applications/{case_id}/{page}", fields)


def pdf() -> bytes:
    written = BytesIO()
    page = Image.new("RGB", (60, 40), "white")
    page.save(written, "PDF", save_all=True, append_images=[page])
    return written.getvalue()


def uploaded(browser: Browser, case_id: int, requirement: str, *files: tuple[bytes, str], go: str = "stay"):
    parts = {requirement: [(BytesIO(content), name) for content, name in files], "go": go}
    return browser.post(f"/my/applications/{case_id}/evidence", parts, content_type="multipart/form-data")


def with_all_evidence(browser: Browser, case_id: int, line: str = "Q1-5") -> None:
    for requirement in required_evidence(line):
        assert uploaded(browser, case_id, requirement, (pdf(), f"{requirement}.pdf")).status_code == 303


def submit(browser: Browser, world: World, case_id: int, **fields: str):
    seen = {"seen_version": world.case(case_id).version, "promise": "yes"}
    return browser.post(f"/my/applications/{case_id}/submit", {**seen, **fields})


def complete_draft(browser: Browser, world: World) -> int:
    case_id = begun(browser, world)
    saved(browser, world, case_id, "facts", **FIFTH)
    with_all_evidence(browser, case_id)
    return case_id
