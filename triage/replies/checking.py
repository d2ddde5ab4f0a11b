"""What a canned text may use, and where in its file it uses something else."""

import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from triage.errors import ConfigError
from triage.rules.missing import ASKED

Fact = str | bool | tuple[str, ...]

FACTS: Mapping[str, Any] = {
    "desk": "Desk",
    "number": "00A5-4Q2M9XRC",
    "wait": "2 hours",
    "by": "November 26, 6:05 PM",
    "missing": ASKED,
    "faq": "https://help.example/page",
    "stolen": True,
    "state": "open",
    "taps": "/rate_1",
    "news": "Withdrawals on TRON are delayed.",
}
"""Everything a text can be filled with, each with an example; its type says what an absent one looks like."""

STATES = ("open", "late", "answered", "resolved")

_ENVIRONMENT = ImmutableSandboxedEnvironment(undefined=jinja2.StrictUndefined, autoescape=False)


Filled = Callable[[Mapping[str, Any]], str]
"""A text: facts in, words out."""


def template(path: Path, source: str, known: set[str], line: int = 0) -> Filled:
    """Return a text from its source; raises `ConfigError` with file and line if it is none or uses another name.

    Every branch is looked at, whether or not it is ever taken. `line` is where a piece of one line stands.
    """
    if "{" not in source:
        return lambda _: source
    try:
        tree = _ENVIRONMENT.parse(source)
    except jinja2.TemplateSyntaxError as error:
        raise ConfigError(f"{path}, line {line or error.lineno}: {error.message}") from None
    _refuse_what_is_not_ours(path, tree, known, line)
    # Compiled from the tree: to parse all texts twice takes a tenth of a second of every command.
    compiled = _ENVIRONMENT.compile(tree, filename="<template>")
    return jinja2.Template.from_code(_ENVIRONMENT, compiled, {}).render


def _refuse_what_is_not_ours(path: Path, tree: nodes.Template, known: set[str], line: int) -> None:
    own = {name.name for name in tree.find_all(nodes.Name) if name.ctx != "load"}
    for name in tree.find_all(nodes.Name):
        if name.ctx == "load" and name.name not in known | own | {"loop"}:
            names = ", ".join(sorted(known))
            raise ConfigError(f'{path}, line {line or name.lineno}: there is no "{name.name}"; there are {names}')
    for part in tree.find_all((nodes.Getattr, nodes.Getitem, nodes.Call, nodes.Include, nodes.Import, nodes.Extends)):
        if not (isinstance(part, nodes.Getattr) and isinstance(part.node, nodes.Name) and part.node.name == "loop"):
            raise ConfigError(
                f"{path}, line {line or part.lineno}: a text is only filled in, it cannot look into things"
            )


def variants() -> Iterator[dict[str, Fact]]:
    """Yield facts for the ways a text can be asked for: each state, with nothing else there and with everything."""
    always = {name: FACTS[name] for name in ("desk", "number", "wait")}
    for state in STATES:
        yield always | {"state": state}
        yield {**FACTS, "state": state}


def told(facts: Mapping[str, Fact]) -> str:
    """Return in words which facts a text was filled with."""
    return "state is {state} and there is {there}".format(
        state=facts["state"], there=", ".join(name for name in facts if name != "state")
    )


def line_of(error: BaseException) -> int:
    """Return the line of the template that an error of rendering arose in, 0 if it is not known."""
    frames = traceback.extract_tb(error.__traceback__)
    return next((frame.lineno or 0 for frame in reversed(frames) if frame.filename in {"<template>", "<unknown>"}), 0)
