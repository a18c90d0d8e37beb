"""What a worklist says: the line that tells why one is here, the tiles, and what it means to be empty."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import url_for

from web import edge
from web.language import _, _n, label, unit_name
from web.office.wanted import Wanted
from workflow.clock.alerts import Bucket
from workflow.clock.days import SHANGHAI
from workflow.clock.due import days_late
from workflow.lists.paging import spoken_count
from workflow.lists.worklist import BucketCounts, Hands

LEVELS: Mapping[Bucket, str] = {
    Bucket.OVERDUE: "red",
    Bucket.DUE_TODAY: "yellow",
    Bucket.NEAR: "blue",
    Bucket.LATER: "",
    Bucket.WITHOUT_LIMIT: "",
    Bucket.WAITING: "",
}


def greeting() -> str:
    hour = edge.now().astimezone(SHANGHAI).hour
    if hour < 11:
        return _("早上好")
    if hour < 13:
        return _("中午好")
    return _("下午好") if hour < 18 else _("晚上好")


def reason_to_be_here(counts: BucketCounts) -> str:
    number = {bucket: spoken_count(count) for bucket, count in counts.by_bucket.items()}
    if counts.by_bucket[Bucket.OVERDUE]:
        return _late(number[Bucket.OVERDUE], counts.overdue_mine)
    if counts.by_bucket[Bucket.DUE_TODAY]:
        return _("没有超期，今天有 %(count)s 件到期", count=number[Bucket.DUE_TODAY])
    if counts.by_bucket[Bucket.NEAR]:
        return _("没有超期，%(count)s 件将在 2 个工作日内到期", count=number[Bucket.NEAR])
    if counts.by_bucket[Bucket.LATER]:
        return _("没有超期，%(count)s 件都在时限内", count=number[Bucket.LATER])
    if counts.by_bucket[Bucket.WITHOUT_LIMIT]:
        return _("没有超期，%(count)s 件没有时限", count=number[Bucket.WITHOUT_LIMIT])
    return _("目前没有要办的件")


def _late(count: str, mine: int) -> str:
    unit = _own_unit()
    if not mine:
        return _("%(unit)s有 %(count)s 件已超期，都不在您手上", unit=unit, count=count)
    if spoken_count(mine) == count:
        return _("%(unit)s有 %(count)s 件已超期，都在您手上", unit=unit, count=count)
    return _(
        "%(unit)s有 %(count)s 件已超期，其中 %(mine)s 件在您手上",
        unit=unit, count=count, mine=spoken_count(mine),
    )  # fmt: skip


def _own_unit() -> str:
    """本镇, 本街道, 本局 …: how officers call their unit; by its whole name for who serves in several."""
    names = {unit_name(unit_id) for unit_id in edge.actor().unit_ids}
    name = next(iter(names)) if len(names) == 1 else ""
    called = ("街道", "镇", "乡", "局", "办公室", "办")
    ending = next((word for word in called if name.endswith(word)), None)
    return f"本{ending}" if ending else _("贵单位")


def tiles(counts: BucketCounts) -> list[dict[str, Any]]:
    return [
        _tile(bucket, level, counts)
        for bucket, level in LEVELS.items()
        # Only a draft has no limit, and few offices ever enter one.
        if bucket is not Bucket.WITHOUT_LIMIT or counts.by_bucket[bucket]
    ]


def _tile(bucket: Bucket, level: str, counts: BucketCounts) -> dict[str, Any]:
    count = counts.by_bucket[bucket]
    return {
        "label": bucket_label(bucket),
        "number": spoken_count(count),
        "note": _tile_note(bucket, counts) if count else "",
        "level": level if count else "",
        "href": Wanted(bucket=bucket).url(),
    }


def bucket_label(bucket: Bucket) -> str:
    return {
        Bucket.OVERDUE: _("已超期"),
        Bucket.DUE_TODAY: _("今天到期"),
        Bucket.NEAR: _("2 个工作日内"),
        Bucket.LATER: _("时限内"),
        Bucket.WITHOUT_LIMIT: _("无时限"),
        Bucket.WAITING: _("等待申报单位补正"),
    }[bucket]


def _tile_note(bucket: Bucket, counts: BucketCounts) -> str:
    match bucket:
        case Bucket.OVERDUE if counts.oldest_due_on is not None:
            late = days_late(counts.oldest_due_on, edge.today(), edge.reference().calendar)
            return _n("最长 %(num)d 个工作日", late) if late else ""
        case Bucket.DUE_TODAY:
            return _("下班前办结")
        case Bucket.WAITING:
            return _("时限已中止")
    return ""


def emptiness(wanted: Wanted, counts: BucketCounts) -> dict[str, str]:
    """What it means that nothing is listed, and where to look instead."""
    what, then = _meaning(wanted, counts)
    if wanted == Wanted():
        elsewhere = {"href": url_for("office.applications"), "label": _("查看全部申请件")}
    else:
        elsewhere = {"href": Wanted().url(), "label": _("查看全部待办")}
    return {"what": what, "then": then, **elsewhere}


def _meaning(wanted: Wanted, counts: BucketCounts) -> tuple[str, str]:
    if wanted.after is not None:
        return _("后面没有了。"), _("这一页的件可能刚刚办结。")
    if wanted.section is not None:
        return _("“%(part)s”目前没有申请件。", part=label("section", wanted.section)), ""
    if wanted.hands is Hands.MINE:
        return _("您手上没有这样的件。"), _("未认领的件可以随时认领。")
    if wanted.hands is Hands.UNTAKEN:
        return _("没有未认领的件。"), _("新到的件会出现在这里，并通知本机构全体经办人。")
    match wanted.bucket:
        case Bucket.OVERDUE:
            return _("没有超期的申请件。"), _("到期前 2 个工作日会出现蓝色提醒。")
        case Bucket.DUE_TODAY:
            return _("今天没有到期的申请件。"), ""
        case Bucket.NEAR:
            return _("2 个工作日内没有到期的申请件。"), ""
        case Bucket.WAITING:
            return _("没有等待申报单位补正的申请件。"), _("要求补正后，件列在这里，直到补齐或逾期。")
    waiting = spoken_count(counts.by_bucket[Bucket.WAITING])
    return _("没有要办的件。"), _("另有 %(count)s 件等待申报单位补正。新到的件会发消息通知。", count=waiting)
