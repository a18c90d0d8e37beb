"""Invented names and sample particulars: valid in form, belonging to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from stdnum.cn import uscc

_FAMILIES = "陈林黄郑李王张吴刘蔡杨许高柯谢魏叶潘施卓董江余邱曾翁游薛方蒋池祝庄阮邹"
_WOMEN = (
    "秀英", "丽华", "美云", "晓燕", "婷婷", "静", "淑贞", "雅琴", "玉兰", "海燕", "诗涵", "雪芳", "敏",
    "碧霞", "思颖", "锦绣", "惠珍", "若溪", "梦瑶", "彩凤", "宝珠", "佳怡", "月娥", "清如", "凌薇", "燕萍",
)  # fmt: skip
_MEN = (
    "志强", "建国", "海峰", "文斌", "永明", "立新", "志远", "国安", "向东", "晓东", "明辉", "德华", "宗翰",
    "家骏", "俊杰", "少川", "庆龙", "炳坤", "伟民", "振宇", "世豪", "瑞霖", "孝武", "承恩", "振江", "鹏飞",
)  # fmt: skip
# Characters of GB 18030-2022 that older systems lose, and a name with a middle dot.
RARE = ("林㛃", "陈䶮", "黄𬎆", "古丽娜尔·艾山")
# The weights of GB 11714, by which the ninth character of an organisation's own code is checked.
_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def invented_names(chance: Random) -> Iterator[str]:
    """Names without end, the rare ones spread among the first, none twice before all were used."""
    plain = [family + given for family in _FAMILIES for given in (*_WOMEN, *_MEN)]
    chance.shuffle(plain)
    for place, name in zip((4, 11, 19, 27), RARE, strict=True):
        plain.insert(place, name)
    while True:
        yield from plain


def sample_mobile(number: int) -> str:
    """A mobile number of a range that is given to machines, not to people."""
    return f"140{number:08d}"


def sample_email(account: str) -> str:
    """An address below a name that never exists."""
    return f"{account}@lianshen.example"


def sample_credit_code(number: int, kind: str) -> str:
    """A code with right check digits for its kind of organisation; its own part begins with zeros."""
    registered_by = {"association": "51", "institution": "12", "government_body": "11", "cooperative": "93"}
    own = f"MA{number:06d}"
    total = sum(_DIGITS.index(sign) * weight for sign, weight in zip(own, _WEIGHTS, strict=True))
    body = f"{registered_by.get(kind, '91')}350112{own}{'0123456789X'[-total % 11]}"
    return body + uscc.calc_check_digit(body)


def sample_bank_number(number: int) -> str:
    """An account number no bank gives out."""
    return f"0000000000{number:06d}"
