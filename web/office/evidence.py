"""The evidence viewer: pages drawn on the server as pictures; the original is only ever a download."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from flask import render_template, send_file, url_for
from werkzeug.wrappers import Response

from web import edge
from web.access import audience
from web.language import _, locale, moment, say
from web.office.blueprint import READERS, blueprint
from web.office.dossier import size_words
from workflow.applications.evidence import evidence_of, evidence_seen
from workflow.applications.files import original_of
from workflow.applications.pictures import has_picture, page_count, picture_of
from workflow.applications.policies import policy_of
from workflow.errors import NotFound, Reason
from workflow.storage.cases import Application, Evidence

# In the address of a file, so that its parts read like the page they belong to.
ADDRESS = "/applications/<int:case_id>/evidence/<int:evidence_id>"


@blueprint.get(ADDRESS)
@audience(*READERS)
def evidence(case_id: int, evidence_id: int) -> str:
    file, path = _file(case_id, evidence_id)
    with edge.reading() as session:
        others = evidence_of(session, case_id)
        application = session.get_one(Application, case_id)
        line = policy_of(session, application.policy_id).line(application.line)
    names = {each.code: each.name.text(locale()) for each in line.evidence}
    pages = page_count(path, file.media_type) if path.is_file() else 0
    return render_template(
        "office/evidence.html",
        case_id=case_id,
        title=names.get(file.requirement, file.requirement),
        file=file,
        facts=_facts(file, pages),
        missing=_why_no_picture(file, path, pages),
        pages=[
            url_for("office.evidence_page", case_id=case_id, evidence_id=evidence_id, number=number)
            for number in range(1, pages + 1)
        ],
        others=[_other(each, names, evidence_id) for each in others],
    )


@blueprint.get(f"{ADDRESS}/pages/<int:number>.png")
@audience(*READERS)
def evidence_page(case_id: int, evidence_id: int, number: int) -> Response:
    file, path = _file(case_id, evidence_id)
    return send_file(BytesIO(picture_of(path, file.media_type, number)), mimetype="image/png")


@blueprint.get(f"{ADDRESS}/original")
@audience(*READERS)
def evidence_original(case_id: int, evidence_id: int) -> Response:
    file, path = _file(case_id, evidence_id)
    if not path.is_file():
        raise NotFound(Reason("not_found"))
    # Never opened by the browser itself: whatever is in it stays on the officer's disk until she opens it.
    return send_file(
        path, mimetype="application/octet-stream", as_attachment=True, download_name=file.file_name
    )


def _file(case_id: int, evidence_id: int) -> tuple[Evidence, Path]:
    """The file, when the case exists for her, and where its bytes lie."""
    with edge.reading() as session:
        found = evidence_seen(session, case_id, evidence_id, edge.actor(), edge.now())
    return found, original_of(edge.settings().files.folder.absolute(), found.sha256)


def _facts(file: Evidence, pages: int) -> str:
    parts = [file.file_name, size_words(file.size)]
    if pages > 1:
        parts.append(_("%(count)s 页", count=pages))
    parts.append(_("%(at)s上传", at=moment(file.uploaded_at)))
    if file.removed_at is not None:
        parts.append(_("%(at)s撤下", at=moment(file.removed_at)))
    return " · ".join(parts)


def _why_no_picture(file: Evidence, path: Path, pages: int) -> str:
    if not path.is_file():
        return _("服务器上找不到这个文件，请告知系统管理员。")
    if not has_picture(file.media_type):
        return say(Reason("evidence.no_picture"))
    return "" if pages else say(Reason("evidence.picture_failed"))


def _other(file: Evidence, names: dict[str, str], shown: int) -> dict[str, Any]:
    return {
        "label": names.get(file.requirement, file.requirement),
        "name": file.file_name,
        "href": ""
        if file.id == shown
        else url_for("office.evidence", case_id=file.case_id, evidence_id=file.id),
        "note": _("正在查看") if file.id == shown else size_words(file.size),
    }
