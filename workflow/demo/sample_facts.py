"""What a sample application says: a valid value for each field of an award line, marked as a sample."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from workflow.policy.terms import AwardLine, FormField

MARK = "（示例）"
# The latest day that every line of the policy still accepts; registration of one scheme ended in March 2022.
_DAYS = {"S7-2": date(2021, 9, 10)}
_STANDARDS = {
    "international": "ISO {number}:{year}",
    "national": "GB/T {number}-{year}",
    "industry": "FZ/T {number}-{year}",
    "local": "DB35/T {number}-{year}",
    "association": "T/CLSAMPLE {number}-{year}",
}
_BODIES = {
    "international": "ISO/TC {number}/WG 1",
    "national": "SAC/TC {number}",
    "provincial": "闽TC {number}",
}
_ISSUERS = {
    "international": ("国家标准化管理委员会", "国标委外函"),
    "national": ("国家市场监督管理总局", "国市监标创发"),
    "provincial": ("福建省市场监督管理局", "闽市监标准"),
    "municipal": ("福州市人民政府", "榕政综"),
}
_SUBJECTS = (
    "经编间隔织物", "涤纶低弹丝", "锦纶66工业长丝", "再生聚酯短纤维", "花边织物", "针织鞋面布", "高强钢丝绳",
    "海蚌增殖放流技术", "鱼糜制品冷链物流", "冷轧带肋钢筋", "化纤智能工厂能源管理", "产业用编织带",
    "番薯种植技术", "水产饲料", "无缝内衣面料", "聚酰胺切片", "纺织品色牢度试验", "建筑用安全玻璃",
)  # fmt: skip
_PRODUCTS = ("漳港海蚌", "长乐番薯", "青山龙眼", "梅花鱼丸", "猴屿光饼", "江田白礁紫菜")
_LABORATORIES = ("纺织材料检测实验室", "金属材料检测实验室", "水产品质量检测实验室", "建筑材料检测实验室")


def sample_facts(line: AwardLine, number: int, awarded_on: date = date(2025, 6, 10)) -> dict[str, str]:
    """Values as they would be typed; `number` keeps achievements apart."""
    day = min(awarded_on, _DAYS.get(line.code, awarded_on))
    wanted = [field for field in line.fields if field.required or field.code == "document_number"]
    return {field.code: _value(line, field, number, day) for field in wanted}


def _value(line: AwardLine, field: FormField, number: int, day: date) -> str:
    match field.kind:
        case "day":
            # A standard comes into force some months after it was published.
            return (day + timedelta(122) if field.code == "implemented_on" else day).isoformat()
        case "choice":
            return _choice(line, field)
        case "integer":
            return str(line.rank_from or 1) if "rank" in field.code else str(number)
    typed = _TEXTS.get(field.code)
    return typed(line, number, day) if typed else f"{field.label.zh}{number}{MARK}"


def _choice(line: AwardLine, field: FormField) -> str:
    codes = [choice.code for choice in field.choices]
    # A line for one grade of a certificate is refused on any other.
    return line.level if line.level in codes else codes[0]


def _standard_number(line: AwardLine, number: int, day: date) -> str:
    return _STANDARDS.get(line.level, _STANDARDS["national"]).format(number=90000 + number, year=day.year)


def _standard_title(line: AwardLine, number: int, day: date) -> str:
    return f"{_SUBJECTS[number % len(_SUBJECTS)]}{MARK}"


def _document_title(line: AwardLine, number: int, day: date) -> str:
    issuer, _ = _ISSUERS.get(line.level, _ISSUERS["provincial"])
    verb = "批准" if line.role in ("undertaker", "applicant") else "公布"
    return f"{issuer}关于{verb}{day.year}年{line.name.zh}的通知{MARK}"


def _document_number(line: AwardLine, number: int, day: date) -> str:
    _, series = _ISSUERS.get(line.level, _ISSUERS["provincial"])
    return f"{series}〔{day.year}〕{900 + number}号{MARK}"


def _project_name(line: AwardLine, number: int, day: date) -> str:
    kind = "研究" if line.code.startswith("S4") else "试点"
    return f"{_SUBJECTS[number % len(_SUBJECTS)]}标准化{kind}{MARK}"


def _product_name(line: AwardLine, number: int, day: date) -> str:
    return f"{_PRODUCTS[number % len(_PRODUCTS)]}{number}号{MARK}"


_TEXTS: dict[str, Callable[[AwardLine, int, date], str]] = {
    "standard_number": _standard_number,
    "standard_title": _standard_title,
    "document_title": _document_title,
    "document_number": _document_number,
    "project_name": _project_name,
    "project_number": lambda line, number, day: f"SAMPLE-{line.code}-{day.year}-{number:03d}",
    "product_name": _product_name,
    "laboratory_name": lambda line, number, day: f"{_LABORATORIES[number % len(_LABORATORIES)]}{MARK}",
    "accreditation_number": lambda line, number, day: f"CNAS L9{number:04d}{MARK}",
    "committee_name": lambda line, number, day: f"{_SUBJECTS[number % len(_SUBJECTS)]}标准化技术委员会{MARK}",
    "committee_number": lambda line, number, day: _BODIES.get(line.level, _BODIES["national"]).format(
        number=900 + number
    ),
    "certificate_number": lambda line, number, day: f"SAMPLE-{day.year}-{number:04d}",
}
