"""Every table in one namespace, so that the metadata is complete wherever this module is imported."""

from __future__ import annotations

from workflow.storage.anchors import Anchor, AnchoredHead
from workflow.storage.cases import Achievement, Application, Case, Event, Evidence, Referral, Step
from workflow.storage.money import Payment, Pool, Reservation, YearTotal
from workflow.storage.people import (
    AccountEvent,
    Membership,
    Organisation,
    OrganisationAccount,
    OrganisationTag,
    Person,
    SignInFailure,
    Unit,
)
from workflow.storage.reference import (
    Budget,
    CalendarDay,
    CalendarYear,
    Counter,
    Installation,
    PolicyVersion,
    ProcessVersion,
    RulingRow,
)
from workflow.storage.telling import Delivery, Heartbeat, Message, Outbox, Reminder
from workflow.storage.types import Base

__all__ = [
    "AccountEvent",
    "Achievement",
    "Anchor",
    "AnchoredHead",
    "Application",
    "Base",
    "Budget",
    "CalendarDay",
    "CalendarYear",
    "Case",
    "Counter",
    "Delivery",
    "Event",
    "Evidence",
    "Heartbeat",
    "Installation",
    "Membership",
    "Message",
    "Organisation",
    "OrganisationAccount",
    "OrganisationTag",
    "Outbox",
    "Payment",
    "Person",
    "PolicyVersion",
    "Pool",
    "ProcessVersion",
    "Referral",
    "Reminder",
    "Reservation",
    "RulingRow",
    "SignInFailure",
    "Step",
    "Unit",
    "YearTotal",
]
