"""The page of the form for evidence: files handed in for each requirement, and taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO, cast

from flask import render_template, request, url_for
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from web import edge
from web.access import audience
from web.applicant.blueprint import FILLERS, blueprint
from web.applicant.defects import linked_defects
from web.applicant.filled import (
    CHECK,
    CONTACT,
    EVIDENCE,
    Filled,
    faults_of,
    filled,
    frame,
    page_url,
)
from web.language import _, locale, summary
from web.numbers import whole_number
from workflow.applications.evidence import add_evidence, remove_evidence
from workflow.applications.files import StoredFile, prepare_file
from workflow.applications.formats import FORMATS
from workflow.errors import InvalidInput, Reason
from workflow.policy.terms import EvidenceRequirement
from workflow.storage.cases import Evidence

Answer = tuple[str, int]

MEGABYTE = 1024 * 1024


@blueprint.get("/my/applications/<int:case_id>/evidence")
@audience(*FILLERS)
def evidence(case_id: int) -> str:
    return _page(case_id)


@blueprint.post("/my/applications/<int:case_id>/evidence")
@audience(*FILLERS)
def hand_in(case_id: int) -> Answer | Response:
    """Store the files of the form, each on its own: what is wrong with one does not lose the others."""
    with edge.reading() as session:
        asked = [each.requirement.code for each in filled(session, case_id).award.evidence]
    prepared, mistakes = _prepared(asked)
    stored = 0
    # Checked, hashed and on the disk: only now the database is asked to remember them.
    with edge.writing() as session:
        for requirement, file in prepared:
            try:
                add_evidence(session, case_id, edge.actor(), requirement, file, now=edge.now())
                stored += 1
            except InvalidInput as error:
                mistakes += error.reasons
        session.commit()
    if mistakes:
        return _page(case_id, mistakes, stored), 422
    return _onward(case_id, stored)


@blueprint.post("/my/applications/<int:case_id>/evidence/remove")
@audience(*FILLERS)
def take_back(case_id: int) -> Response:
    with edge.writing() as session:
        removed = remove_evidence(
            session, case_id, edge.actor(), request.form.get("evidence", 0, type=whole_number), now=edge.now()
        )
        name = removed.file_name
        session.commit()
    edge.tell(_("已移除文件 %(name)s。", name=name))
    return edge.see_other(url_for("applicant.evidence", case_id=case_id))


def size_words(size: int) -> str:
    if size < MEGABYTE:
        return f"{max(1, round(size / 1024))} KB"
    return f"{size / MEGABYTE:.1f} MB"


def _prepared(asked: Sequence[str]) -> tuple[list[tuple[str, StoredFile]], list[Reason]]:
    files = edge.settings().files
    prepared: list[tuple[str, StoredFile]] = []
    mistakes: list[Reason] = []
    for requirement in asked:
        for upload in _uploads(requirement):
            try:
                stored = prepare_file(
                    cast(BinaryIO, upload.stream),
                    upload.filename or "",
                    files.folder,
                    files.max_megabytes * MEGABYTE,
                    field=requirement,
                )
                prepared.append((requirement, stored))
            except InvalidInput as error:
                mistakes += error.reasons
    return prepared, mistakes


def _uploads(requirement: str) -> list[FileStorage]:
    # A browser sends an empty part for an input in which nothing was chosen.
    return [upload for upload in request.files.getlist(requirement) if upload.filename]


def _onward(case_id: int, stored: int) -> Response:
    with edge.reading() as session:
        form = filled(session, case_id)
    if stored:
        edge.tell(_("已上传 %(count)s 个文件。", count=stored))
    if request.form.get("go") != "next":
        return edge.see_other(page_url(form, EVIDENCE))
    if form.problems_on(EVIDENCE):
        return edge.see_other(page_url(form, EVIDENCE, checked=1))
    return edge.see_other(page_url(form, CHECK))


def _page(case_id: int, mistakes: Sequence[Reason] = (), stored: int = 0) -> str:
    with edge.reading() as session:
        form = filled(session, case_id)
    reasons = mistakes or (form.problems_on(EVIDENCE) if request.args.get("checked") else [])
    files = edge.settings().files
    return render_template(
        "applicant/evidence.html",
        rows=[_row(each.requirement, form, faults_of(reasons)) for each in form.award.evidence],
        accept=",".join(suffix for each in FORMATS for suffix in each.suffixes),
        formats=_("、").join(each.name for each in FORMATS),
        most=files.max_megabytes,
        summary=summary(InvalidInput(*reasons)),
        refused=bool(mistakes),
        stored=stored,
        back_url=page_url(form, CONTACT),
        defects=linked_defects(form),
        **frame(form, EVIDENCE),
    )


def _row(requirement: EvidenceRequirement, form: Filled, faults: Mapping[str, str]) -> dict[str, Any]:
    return {
        "code": requirement.code,
        "name": requirement.name.text(locale()),
        "required": requirement.required,
        "error": faults.get(requirement.code, ""),
        "files": [_file(file) for file in form.evidence if file.requirement == requirement.code],
    }


def _file(file: Evidence) -> dict[str, Any]:
    return {
        "id": file.id,
        "name": file.file_name,
        "size": size_words(file.size),
        "url": url_for("applicant.evidence_file", evidence_id=file.id),
    }
