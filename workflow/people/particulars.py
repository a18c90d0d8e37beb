"""What people type about themselves beside names: account names, phones, credit codes, bank accounts.

Each `normalised_…` gives the one spelling that is stored, each `…_reasons` says what is wrong with it.
"""

from __future__ import annotations

import re
import unicodedata

from stdnum.cn import uscc

from workflow.errors import Reason
from workflow.people.names import character_reasons

ACCOUNT = re.compile(r"[a-z0-9][a-z0-9._@-]{2,39}")
MOBILE = re.compile(r"1[3-9][0-9]{9}")
LANDLINE = re.compile(r"0[1-9][0-9]{1,2}-[2-9][0-9]{6,7}(-[0-9]{1,6})?")
SERVICE_NUMBER = re.compile(r"[48]00-?[0-9]{3}-?[0-9]{4}")
LOCAL_NUMBER = re.compile(r"[2-9][0-9]{6,7}")
EMAIL = re.compile(r"[^\s@]+@[^\s@.]+(\.[^\s@.]+)+")
BANK_NUMBER = re.compile(r"[0-9]{8,30}")

CREDIT_CODE_LENGTH = 18
# GB 32100-2015: the first place names the registering authority, the code has none of I O S V Z.
_AUTHORITIES = "123456789ANY"
_CREDIT_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def normalised_account(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().casefold()


def account_reasons(account: str, field: str = "account") -> list[Reason]:
    if not account:
        return [Reason("account.missing", {}, field)]
    return [] if ACCOUNT.fullmatch(account) else [Reason("account.malformed", {"account": account}, field)]


def normalised_phone(text: str) -> str:
    """Without spaces and country code; a landline with one hyphen after its area code."""
    phone = re.sub(r"[\s()]", "", unicodedata.normalize("NFKC", text)).replace("—", "-").replace("–", "-")
    phone = re.sub(r"^(\+|00)86-?", "", phone)
    if MOBILE.fullmatch(phone.replace("-", "")):
        return phone.replace("-", "")
    # Beijing and the numbers 02x have three digits of area code, all others four.
    return re.sub(r"^(010|02[0-9]|0[3-9][0-9]{2})-?(?=[2-9])", r"\1-", phone)


def phone_reasons(phone: str, field: str = "phone") -> list[Reason]:
    if not phone:
        return [Reason("phone.missing", {}, field)]
    if any(pattern.fullmatch(phone) for pattern in (MOBILE, LANDLINE, SERVICE_NUMBER)):
        return []
    code = "phone.no_area_code" if LOCAL_NUMBER.fullmatch(phone) else "phone.malformed"
    return [Reason(code, {"phone": phone}, field)]


def email_reasons(email: str, field: str = "email") -> list[Reason]:
    return [] if EMAIL.fullmatch(email) else [Reason("email.malformed", {"email": email}, field)]


def normalised_credit_code(text: str) -> str:
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text)).upper()


def credit_code_reasons(code: str, field: str = "credit_code") -> list[Reason]:
    """Length, then characters, then check digit: each fault in a sentence of its own."""
    if not code:
        return [Reason("credit_code.missing", {}, field)]
    if len(code) != CREDIT_CODE_LENGTH:
        return [Reason("credit_code.length", {"found": len(code)}, field)]
    for position, character in enumerate(code, start=1):
        if character not in _allowed_at(position):
            return [Reason("credit_code.character", {"position": position, "character": character}, field)]
    if code[-1] != uscc.calc_check_digit(code):
        return [Reason("credit_code.check_digit", {"found": code}, field)]
    return []


def normalised_bank_number(text: str) -> str:
    return re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text))


def bank_number_reasons(number: str, field: str = "number") -> list[Reason]:
    if not number:
        return [Reason("bank_account.number_missing", {}, field)]
    return [] if BANK_NUMBER.fullmatch(number) else [Reason("bank_account.number_malformed", {}, field)]


def text_reasons(text: str, code: str, field: str, most: int = 200) -> list[Reason]:
    """`code` is said when nothing was typed."""
    if not text:
        return [Reason(code, {}, field)]
    too_long = [Reason("name.too_long", {"most": most}, field)] if len(text) > most else []
    return [*too_long, *character_reasons(text, field)]


def _allowed_at(position: int) -> str:
    if position == 1:
        return _AUTHORITIES
    return "0123456789" if position <= 8 else _CREDIT_CHARACTERS
