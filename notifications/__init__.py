"""Telling people: the scheduler, the way from outbox to inbox, the channels to the outside. No rules here."""
