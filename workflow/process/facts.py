"""What the rules look at: one case, its open step, its application, the actor; read in one statement."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, case, select
from sqlalchemy.orm import Session

from workflow.clock.days import shanghai_day
from workflow.clock.due import is_late
from workflow.errors import NotFound, Reason
from workflow.people.actors import Actor
from workflow.process.definition import Action, Process, State
from workflow.process.definitions import process_of
from workflow.reference import REVISION, Reference, reference_of
from workflow.storage.prepared import Prepared, PreparedRow, one_trip
from workflow.storage.tables import (
    Application,
    Case,
    Event,
    Installation,
    Organisation,
    OrganisationAccount,
    Person,
    Referral,
    Step,
)


class CaseFacts(NamedTuple):
    """The case row, its open step, its application and organisation; None where there is none."""

    id: int
    process: str
    process_version: int
    number: str | None
    state: str
    origin_state: str | None
    version: int
    organisation_id: int | None
    township_id: int | None
    unit_id: int | None
    handler_id: int | None
    waiting: bool
    step_number: int
    event_number: int
    chain_head: str
    was_late: bool
    duties: dict[str, list[int]]
    due_on: date | None
    due_version: int
    timer_at: datetime | None
    closed_at: datetime | None
    entered_at: datetime
    limit_days: int | None
    used_before: int
    handler_name: str | None
    line: str | None
    policy_id: int | None
    achievement_id: int | None
    awarded_on: date | None
    award_year: int | None
    amount_yuan: int | None
    claim_key: str | None
    account_id: int | None
    entered_by_id: int | None
    approved_at: datetime | None
    approved_yuan: int | None
    paid_yuan: int | None
    recover_yuan: int | None
    # The unit a referral is about, once it was decided on.
    decided_about_id: int | None
    account_confirmed_at: datetime | None
    account_confirmed_by_id: int | None
    organisation_name: str | None
    moved_out_on: date | None
    last_acted_at: datetime
    revision: str | None


_revision = (
    select(Installation.value).where(Installation.name == REVISION).scalar_subquery().label("revision")
)
_decided_about = case((Referral.decision.is_not(None), Referral.about_unit_id)).label("decided_about_id")
_select = (
    select(
        Case.id, Case.process, Case.process_version, Case.number, Case.state, Case.origin_state, Case.version,
        Case.organisation_id, Case.township_id, Case.unit_id, Case.handler_id, Case.waiting, Case.step_number,
        Case.event_number, Case.chain_head, Case.was_late, Case.duties, Case.due_on, Case.due_version,
        Case.timer_at, Case.closed_at, Step.entered_at, Step.limit_days, Step.used_before,
        Person.name.label("handler_name"), Application.line, Application.policy_id,
        Application.achievement_id, Application.awarded_on, Application.award_year, Application.amount_yuan,
        Application.claim_key, Application.account_id, Application.entered_by_id, Application.approved_at,
        Application.approved_yuan, Application.paid_yuan, Application.recover_yuan, _decided_about,
        OrganisationAccount.confirmed_at.label("account_confirmed_at"),
        OrganisationAccount.confirmed_by_id.label("account_confirmed_by_id"),
        Organisation.name.label("organisation_name"), Organisation.moved_out_on,
        Event.at.label("last_acted_at"), _revision,
    )
    .join(Step, (Step.case_id == Case.id) & (Step.number == Case.step_number))
    .join(Event, (Event.case_id == Case.id) & (Event.number == Case.event_number))
    .outerjoin(Person, Person.id == Case.handler_id)
    .outerjoin(Application, Application.case_id == Case.id)
    .outerjoin(Referral, Referral.case_id == Case.id)
    .outerjoin(OrganisationAccount, OrganisationAccount.id == Application.account_id)
    .outerjoin(Organisation, Organisation.id == Case.organisation_id)
    .where(Case.id == bindparam("case_id"))
)  # fmt: skip
_FACTS = PreparedRow(_select, CaseFacts)
# A statement of its own: one that waits for the lock and joins would join the new case to the old rows.
_LOCK = Prepared(select(Case.id).where(Case.id == bindparam("case_id")).with_for_update())


@dataclass(slots=True)
class Facts:
    """Everything a rule may look at. `loaded` holds what single rules asked for beyond the case itself."""

    case: CaseFacts
    process: Process
    actor: Actor
    now: datetime
    reference: Reference
    # Whether the case row is locked: a writer's facts are, a page's are not.
    locked: bool = False
    inputs: Mapping[str, Any] = field(default_factory=dict)
    loaded: dict[str, Any] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return shanghai_day(self.now)

    @property
    def state(self) -> State:
        return self.process.states[self.case.state]

    @property
    def is_late(self) -> bool:
        """Whether the open step is past due; only an office that has to act can be late."""
        return is_late(self.case, self.today)

    def those_of_duty(self, duty: str) -> frozenset[int]:
        return frozenset(self.case.duties.get(duty, ()))


Loader = Callable[[Session, Facts], Any]
LOADERS: dict[str, Loader] = {}
NEEDS: dict[str, tuple[str, ...]] = {}


def loader(function: Loader) -> Loader:
    """Register how a further fact is read; rules name it with `needs`."""
    LOADERS[function.__name__] = function
    return function


def needs(*names: str) -> Callable[[Callable[..., Any]], Any]:
    """Say which further facts a guard, effect or chooser looks at; they are read before it runs."""

    def declare(function: Callable[..., Any]) -> Any:
        NEEDS[function.__name__] = names
        return function

    return declare


def read_facts(session: Session, case_id: int, actor: Actor, now: datetime, *, locked: bool) -> Facts:
    """The facts of a case; `locked` takes the row lock (writers). Raises NotFound."""
    connection = session.connection()
    with one_trip(connection):
        if locked and connection.dialect.name != "sqlite":
            _LOCK.run(connection, case_id=case_id)
        case = _FACTS.first(connection, case_id=case_id)
    if case is None:
        raise NotFound(Reason("not_found"))
    reference = reference_of(session, int(case.revision or 0))
    process = process_of(session, case.process, case.process_version)
    return Facts(case, process, actor, now, reference, locked)


def load_needs(session: Session, facts: Facts, actions: Iterable[Action]) -> None:
    """Read what the rules of these actions look at beyond the case, each once."""
    for action in actions:
        load(session, facts, *_needed(facts.process, action))


def load(session: Session, facts: Facts, *names: str) -> None:
    """Read these further facts, each unless it was read before."""
    for name in names:
        if name not in facts.loaded:
            facts.loaded[name] = LOADERS[name](session, facts)


def _needed(process: Process, action: Action) -> Iterable[str]:
    for rule in (*action.guards, *action.effects, *filter(None, [action.choose])):
        yield from NEEDS.get(rule, ())
    if any(process.states[name].holder == "unit" for name in action.destinations if name in process.states):
        yield "about_unit"
