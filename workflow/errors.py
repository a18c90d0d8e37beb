"""Every refusal the engine can utter: codes with parameters, turned into sentences by the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason against: `code` names a sentence of the catalogue, `params` fill it.

    A parameter whose name ends in `_label` holds a catalogue code and is translated too;
    `field` names the input the reason belongs to, where it belongs to one.
    """

    code: str
    params: Mapping[str, object] = field(default_factory=dict)
    field: str | None = None

    def sentence(self, locale: str = "zh") -> str:
        from workflow.catalogue import sentence

        return sentence(self.code, locale, **self.params)


class WorkflowError(Exception):
    """A refusal with one or more reasons; its message is a sentence for the user."""

    def __init__(self, *reasons: Reason) -> None:
        super().__init__(*reasons)
        self.reasons: tuple[Reason, ...] = reasons

    def sentences(self, locale: str = "zh") -> list[str]:
        return [reason.sentence(locale) for reason in self.reasons]

    def __str__(self) -> str:
        return "；".join(self.sentences())


class Refused(WorkflowError):
    """The action is not available to the actor; carries every reason, not the first."""


class InvalidInput(WorkflowError):
    """What was typed or uploaded cannot be accepted; each reason names its field."""


class NotFound(WorkflowError):
    """No such thing, or none in the asker's scope: the two are answered alike."""


class Overtaken(WorkflowError):
    """The case has moved since it was seen; says who acted and when.

    `by_oneself`: it was the reader, in another window; she is not told of herself by name.
    """

    def __init__(
        self, *, actor_name: str, action: str, acted_at: datetime, when_label: str, by_oneself: bool = False
    ) -> None:
        said: dict[str, object] = {"action_label": f"action.{action}", "when": when_label}
        super().__init__(
            Reason("overtaken_by_oneself", said)
            if by_oneself
            else Reason("overtaken", {"actor": actor_name, **said})
        )
        self.by_oneself = by_oneself
        self.actor_name = actor_name
        self.action = action
        self.acted_at = acted_at


class ConfigurationError(WorkflowError):
    """A file of the installation or the district is wrong; names file, line and what to change."""

    def __init__(self, file: str, line: int | None, reason: Reason) -> None:
        super().__init__(reason)
        self.file = file
        self.line = line
        self.reason = reason

    def sentences(self, locale: str = "zh") -> list[str]:
        place = f"{self.file}:{self.line}" if self.line else self.file
        what = {"place": place, "what": self.reason.sentence(locale)}
        return [Reason("configuration.at", what).sentence(locale)]


def refuse_if(reasons: Sequence[Reason]) -> None:
    """Raise Refused when there is any reason against."""
    if reasons:
        raise Refused(*reasons)
