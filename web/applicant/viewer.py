"""The viewer of evidence: pictures of its pages made here; the original only ever as a download."""

from __future__ import annotations

from flask import render_template, request, send_file, url_for
from werkzeug.wrappers import Response

from web import edge
from web.access import SIGNED_IN, audience
from web.applicant.blueprint import blueprint
from web.applicant.evidence import size_words
from web.applicant.naming import names_of_lines
from web.language import _, locale, moment
from web.navigation import case_url
from web.numbers import whole_number
from workflow.applications.evidence import evidence_seen
from workflow.applications.files import original_of
from workflow.applications.pictures import page_count, picture_of
from workflow.errors import NotFound, Reason
from workflow.storage.cases import Application, Case, Evidence

# So many pictures stand on one page of the viewer.
PAGES_AT_ONCE = 20


@blueprint.get("/evidence/<int:evidence_id>")
@audience(SIGNED_IN)
def evidence_file(evidence_id: int) -> str:
    file = _seen(evidence_id)
    with edge.reading() as session:
        application = session.get_one(Application, file.case_id)
        number = session.get_one(Case, file.case_id).number
        names = names_of_lines(session)
    line = names.lines.get(application.line)
    asked = [each for each in line.evidence if each.code == file.requirement] if line else []
    original = original_of(edge.settings().files.folder, file.sha256)
    is_lost = not original.is_file()
    pages = 0 if is_lost else page_count(original, file.media_type)
    first = min(max(1, request.args.get("first", 1, type=whole_number)), max(1, pages))
    last = min(pages, first + PAGES_AT_ONCE - 1)
    return render_template(
        "applicant/viewer.html",
        file=file,
        requirement=asked[0].name.text(locale()) if asked else "",
        facts=_facts(file, pages, number),
        pages=[
            (page, url_for(".evidence_page", evidence_id=file.id, page=page))
            for page in range(first, last + 1)
        ],
        is_lost=is_lost,
        count=pages,
        first_url=url_for(".evidence_file", evidence_id=file.id) if first > 1 else "",
        next_url=url_for(".evidence_file", evidence_id=file.id, first=last + 1) if last < pages else "",
        original_url=url_for(".evidence_original", evidence_id=file.id),
        back_url=edge.local_path(request.args.get("back")) or case_url(file.case_id),
    )


@blueprint.get("/evidence/<int:evidence_id>/page/<int:page>.png")
@audience(SIGNED_IN)
def evidence_page(evidence_id: int, page: int) -> Response:
    file = _seen(evidence_id)
    # Drawing takes a while: no reading transaction waits for it.
    edge.close_reading()
    picture = picture_of(original_of(edge.settings().files.folder, file.sha256), file.media_type, page)
    return Response(picture, mimetype="image/png")


@blueprint.get("/evidence/<int:evidence_id>/original")
@audience(SIGNED_IN)
def evidence_original(evidence_id: int) -> Response:
    file = _seen(evidence_id)
    original = original_of(edge.settings().files.folder, file.sha256)
    if not original.is_file():
        raise NotFound(Reason("not_found"))
    return send_file(
        original, mimetype=file.media_type, as_attachment=True, download_name=file.file_name, etag=False
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
