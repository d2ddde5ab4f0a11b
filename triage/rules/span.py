"""Where something stands in a text: what every finder of secrets gives."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a text, from `start` to before `end`; `sure` unless it only resembles a secret."""

    start: int
    end: int
    sure: bool = True
