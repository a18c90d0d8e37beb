"""就高不重复: what each claim is entitled to and what can be paid. Eligibility is decided elsewhere."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from workflow.errors import InvalidInput, Reason
from workflow.policy.terms import READINGS, AwardLine, CapPerOrganisationYear, Policy


@dataclass(frozen=True, slots=True)
class Claim:
    """One eligible application as the pools see it; every amount is whole yuan.

    `promised_yuan` is approved and unpaid, `paid_yuan` is net of recoveries. A claim that no longer
    `stands` (revoked, cancelled) competes no more, but its net paid money still occupies its pool.
    `amount_yuan` overrides the line's amount where a ruling sets another.
    """

    line: str
    organisation: str
    awarded_on: date
    achievement: str
    number: str = ""
    paid_yuan: int = 0
    promised_yuan: int = 0
    stands: bool = True
    amount_yuan: int | None = None

    @property
    def committed_yuan(self) -> int:
        return self.paid_yuan + (self.promised_yuan if self.stands else 0)

    @property
    def spoken_name(self) -> str:
        """How a reason names the claim: its number, or line and achievement while it has none."""
        return self.number or f"{self.line} ({self.achievement})"


@dataclass(frozen=True, slots=True)
class Entitled:
    """What the pool grants this claim, what can be paid on it now, and why."""

    claim: Claim
    entitled_yuan: int
    payable_yuan: int
    reason: Reason
    pool_key: str


@dataclass(slots=True, eq=False)
class _Standing:
    """A claim among its rivals while the sums are made."""

    claim: Claim
    line: AwardLine
    amount_yuan: int
    priority: tuple[int, int, date, str, int]
    pool: _Pool
    entitled_yuan: int = 0
    payable_yuan: int = 0
    cap_is_used: bool = False

    @property
    def wins(self) -> bool:
        return self.pool.winner is self


@dataclass(slots=True, eq=False)
class _Pool:
    key: str
    competitive: bool
    members: list[_Standing]
    winner: _Standing | None = None


def entitlement(claims: Sequence[Claim], policy: Policy, reading: str | None = None) -> tuple[Entitled, ...]:
    """The entitlement of each claim, in their order, under a reading (by default the policy's own)."""
    standings = _settled(claims, policy, reading)
    return tuple(
        Entitled(each.claim, each.entitled_yuan, each.payable_yuan, _reason(each, policy), each.pool.key)
        for each in standings
    )


def owed(claims: Sequence[Claim], policy: Policy, reading: str | None = None) -> Mapping[str, int]:
    """补差: by pool, the yuan by which the entitlement exceeds what is committed; the winner is owed them."""
    owing: dict[str, int] = defaultdict(int)
    for pool in _pools_of(_settled(claims, policy, reading)):
        if pool.winner:
            owing[pool.key] += max(0, pool.winner.payable_yuan - pool.winner.claim.promised_yuan)
        else:
            owing[pool.key] += 0
    return dict(owing)


def excess(claims: Sequence[Claim], policy: Policy, reading: str | None = None) -> Mapping[str, int]:
    """By pool, the yuan paid (net) over the entitlement, which are to be recovered."""
    over: dict[str, int] = defaultdict(int)
    for pool in _pools_of(_settled(claims, policy, reading)):
        paid = sum(member.claim.paid_yuan for member in pool.members)
        over[pool.key] += max(0, paid - (pool.winner.entitled_yuan if pool.winner else 0))
    return dict(over)


def pool_key_of(claim: Claim, policy: Policy, reading: str | None = None) -> str:
    """The pool a claim belongs to: organisation, award year, reading, and what that reading groups by."""
    reading = _known(reading or policy.reading)
    group = _group(claim, policy.line(claim.line), policy, reading)
    return f"{claim.organisation}/{claim.awarded_on.year}/{reading}/{group}"


def _known(reading: str) -> str:
    if reading not in READINGS:
        raise InvalidInput(Reason("policy.unknown_reading", {"reading": reading, "readings": list(READINGS)}))
    return reading


def _competes(line: AwardLine, policy: Policy) -> bool:
    """Whether the highest-only rule covers the line: items 1 and 3, less the subsidies where so ruled."""
    return line.highest_only and policy.chosen("subsidies", line) != "outside"


def _group(claim: Claim, line: AwardLine, policy: Policy, reading: str) -> str:
    if not _competes(line, policy):
        return f"alone:{line.code}:{claim.achievement}"
    if reading == "per_achievement":
        return f"achievement:{claim.achievement}"
    if policy.chosen("counted_each", line) == "s37_per_item":
        return f"each:{claim.achievement}"
    if reading == "pooled":
        return "all"
    return f"clause:{line.sub_clause}" if reading == "per_subclause" else f"item:{line.item}"


def _settled(claims: Sequence[Claim], policy: Policy, reading: str | None) -> list[_Standing]:
    standings = _standings(claims, policy, reading)
    pools = _pools_of(standings)
    for pool in pools:
        _name_winner(pool)
    if policy.cap:
        _cut_to_cap(standings, policy.cap)
    for pool in pools:
        _make_payable(pool)
    if policy.cap:
        _keep_payable_within_cap(standings, policy.cap)
    return standings


def _standings(claims: Sequence[Claim], policy: Policy, reading: str | None) -> list[_Standing]:
    pools: dict[object, _Pool] = {}
    standings = []
    for index, claim in enumerate(claims):
        line = policy.line(claim.line)
        key = pool_key_of(claim, policy, reading)
        competitive = _competes(line, policy)
        # Items 2 and 4 always add up: even two claims of one key never share a pool.
        pool = pools.setdefault(key if competitive else index, _Pool(key, competitive, []))
        amount = line.amount_yuan if claim.amount_yuan is None else claim.amount_yuan
        priority = (-amount, line.level_rank, claim.awarded_on, claim.number, index)
        standing = _Standing(claim, line, amount, priority, pool)
        pool.members.append(standing)
        standings.append(standing)
    return standings


def _pools_of(standings: Sequence[_Standing]) -> list[_Pool]:
    return list({id(each.pool): each.pool for each in standings}.values())


def _name_winner(pool: _Pool) -> None:
    rivals = [member for member in pool.members if member.claim.stands]
    if rivals:
        pool.winner = min(rivals, key=lambda member: member.priority)
        pool.winner.entitled_yuan = pool.winner.amount_yuan


def _make_payable(pool: _Pool) -> None:
    winner = pool.winner
    if winner is None:
        return
    elsewhere = sum(member.claim.committed_yuan for member in pool.members if member is not winner)
    winner.payable_yuan = max(0, winner.entitled_yuan - elsewhere - winner.claim.paid_yuan)


def _capped_together(standings: Sequence[_Standing], cap: CapPerOrganisationYear) -> list[list[_Standing]]:
    """The claims under the cap, by organisation and award year, each list in order of priority."""
    together: dict[tuple[str, int], list[_Standing]] = defaultdict(list)
    for each in standings:
        if each.line.item in cap.items:
            together[each.claim.organisation, each.claim.awarded_on.year].append(each)
    return [sorted(group, key=lambda each: each.priority) for group in together.values()]


def _cut_to_cap(standings: Sequence[_Standing], cap: CapPerOrganisationYear) -> None:
    """Cut the entitlements of an organisation's year to the cap, from the lowest priority upward."""
    for group in _capped_together(standings, cap):
        room = cap.cap_yuan
        for each in group:
            each.entitled_yuan = min(each.entitled_yuan, room)
            room -= each.entitled_yuan


def _keep_payable_within_cap(standings: Sequence[_Standing], cap: CapPerOrganisationYear) -> None:
    """Money committed on a lower claim is still there when a higher one comes: both stay under the cap."""
    for group in _capped_together(standings, cap):
        committed = sum(each.claim.committed_yuan for each in group)
        for each in group:
            room = cap.cap_yuan - (committed - each.claim.committed_yuan) - each.claim.paid_yuan
            each.cap_is_used = each.payable_yuan > max(0, room)
            each.payable_yuan = min(each.payable_yuan, max(0, room))
            committed += max(0, each.claim.paid_yuan + each.payable_yuan - each.claim.committed_yuan)


def _reason(each: _Standing, policy: Policy) -> Reason:
    if not each.claim.stands:
        return Reason("policy.entitled.revoked")
    if not each.wins:
        assert each.pool.winner is not None
        return Reason("policy.entitled.lower", {"winner": each.pool.winner.claim.spoken_name})
    cut = each.entitled_yuan < each.amount_yuan
    if policy.cap and (cut or each.cap_is_used):
        params = {"cap": policy.cap.cap_yuan, "amount": each.amount_yuan, **_sums(each)}
        return Reason("policy.entitled.capped" if cut else "policy.entitled.cap_is_used", params)
    return _winner_reason(each)


def _winner_reason(each: _Standing) -> Reason:
    params = _sums(each)
    if each.payable_yuan < each.entitled_yuan:
        if each.payable_yuan > 0:
            return Reason("policy.entitled.difference", params)
        if each.claim.paid_yuan > 0:
            return Reason("policy.entitled.paid", {**params, "paid": each.claim.paid_yuan})
        return Reason("policy.entitled.settled", params)
    if not each.pool.competitive:
        return Reason("policy.entitled.adds", params)
    rivals = [member for member in each.pool.members if member.claim.stands]
    return Reason("policy.entitled.highest" if len(rivals) > 1 else "policy.entitled.only", params)


def _sums(each: _Standing) -> dict[str, object]:
    spent = each.entitled_yuan - each.payable_yuan
    return {"entitled": each.entitled_yuan, "spent": spent, "payable": each.payable_yuan}
