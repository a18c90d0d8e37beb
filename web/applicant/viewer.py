"""The viewer of evidence: pictures of its pages made here; the original only ever as a download."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from flask import render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from web import edge
from web.access import SIGNED_IN, audience
from web.applicant.blueprint import blueprint
from web.applicant.evidence import size_words
from web.language import _, locale, moment, say
from web.navigation import case_url
from web.numbers import whole_number
from workflow.applications.evidence import evidence_of, evidence_seen
from workflow.applications.files import original_of
from workflow.applications.pictures import has_picture, page_count, picture_of
from workflow.applications.policies import policy_of
from workflow.errors import NotFound, Reason
from workflow.storage.cases import Application, Case, Evidence

# So many pictures stand on one page of the viewer.
PAGES_AT_ONCE = 20
UNOPENED = "application/octet-stream"


@blueprint.get("/evidence/<int:evidence_id>")
@audience(SIGNED_IN)
def evidence_file(evidence_id: int) -> str:
    file = _seen(evidence_id)
    with edge.reading() as session:
        application = session.get_one(Application, file.case_id)
        number = session.get_one(Case, file.case_id).number
        line = policy_of(session, application.policy_id).line(application.line)
        others = evidence_of(session, file.case_id)
    # Opening a file takes a while: no reading transaction waits for it.
    edge.close_reading()
    names = {each.code: each.name.text(locale()) for each in line.evidence}
    original = _original(file)
    pages = page_count(original, file.media_type) if original.is_file() else 0
    first = min(max(1, request.args.get("first", 1, type=whole_number)), max(1, pages))
    last = min(pages, first + PAGES_AT_ONCE - 1)
    return render_template(
        "applicant/viewer.html",
        file=file,
        requirement=names.get(file.requirement, ""),
        facts=_facts(file, pages, number),
        pages=[
            (page, url_for(".evidence_page", evidence_id=file.id, page=page))
            for page in range(first, last + 1)
        ],
        missing=_why_no_picture(file, original),
        is_lost=not original.is_file(),
        count=pages,
        first_url=url_for(".evidence_file", evidence_id=file.id) if first > 1 else "",
        next_url=url_for(".evidence_file", evidence_id=file.id, first=last + 1) if last < pages else "",
        original_url=url_for(".evidence_original", evidence_id=file.id),
        back_url=edge.local_path(request.args.get("back")) or case_url(file.case_id),
        others=[_other(each, names, file.id) for each in others],
    )


@blueprint.get("/evidence/<int:evidence_id>/page/<int:page>.png")
@audience(SIGNED_IN)
def evidence_page(evidence_id: int, page: int) -> Response:
    file = _seen(evidence_id)
    # Drawing takes a while: no reading transaction waits for it.
    edge.close_reading()
    picture = picture_of(_original(file), file.media_type, page)
    return Response(picture, mimetype="image/png")


@blueprint.get("/evidence/<int:evidence_id>/original")
@audience(SIGNED_IN)
def evidence_original(evidence_id: int) -> Response:
    file = _seen(evidence_id)
    original = _original(file)
    if not original.is_file():
        raise NotFound(Reason("not_found"))
    # Never opened by the browser itself: whatever is in it stays on her disk until she opens it.
    return send_file(
        original, mimetype=UNOPENED, as_attachment=True, download_name=file.file_name, etag=False
    )


def _seen(evidence_id: int) -> Evidence:
    """The file, if its case exists for this person."""
    with edge.reading() as session:
        found = session.get(Evidence, evidence_id)
        if found is None:
            raise NotFound(Reason("not_found"))
        seen = evidence_seen(session, found.case_id, evidence_id, edge.actor(), edge.now())
        session.expunge(seen)
    return seen


def _original(file: Evidence) -> Path:
    return original_of(edge.settings().files.folder.absolute(), file.sha256)


def _why_no_picture(file: Evidence, original: Path) -> str:
    if not original.is_file():
        return _("服务器上找不到这个文件，请告知系统管理员。")
    return say(Reason("evidence.picture_failed" if has_picture(file.media_type) else "evidence.no_picture"))


def _other(file: Evidence, names: Mapping[str, str], shown: int) -> dict[str, str]:
    return {
        "label": names.get(file.requirement, file.requirement),
        "name": file.file_name,
        "href": "" if file.id == shown else url_for(".evidence_file", evidence_id=file.id),
        "note": _("正在查看") if file.id == shown else size_words(file.size),
    }


def _facts(file: Evidence, pages: int, number: str | None) -> list[tuple[str, str]]:
    facts = [
        (_("申请编号"), number or _("草稿，尚未编号")),
        (_("文件大小"), size_words(file.size)),
        (_("上传时间"), moment(file.uploaded_at)),
        (_("摘要 SHA-256"), file.sha256),
    ]
    if pages:
        facts.insert(2, (_("页数"), str(pages)))
    if file.removed_at is not None:
        facts.append((_("已移除"), moment(file.removed_at)))
    return facts
