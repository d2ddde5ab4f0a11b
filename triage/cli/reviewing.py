"""What `triage review` does with the cases it found: ask a person, or speak with a program."""

import json
import os
import sys
import termios
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from triage.case import Case, Urgency
from triage.classifier import Judge
from triage.cli.review import Review, as_object, print_queue
from triage.cli.terminal import case_id_of, note, print_json, say, standard_input
from triage.desk import Desk
from triage.errors import TriageError
from triage.labelling import Label, give, queue
from triage.store import Store

_FIELDS = {"number", "category", "topic", "urgency"}


def review(store: Store, desk: Desk, judge: Judge, who: str, since: datetime, limit: int, *, as_json: bool) -> None:
    """Ask a person at a terminal about the cases that teach most; print them for everybody else."""
    with store.read() as tx:
        asked = queue(tx, who, since, limit)
    if as_json:
        for one in asked:
            print_json(as_object(one))
    elif not asked:
        say("nothing to review: every case of that time was looked at", "green")
    elif not sys.stdin.isatty():
        print_queue(asked)
    else:
        with single_keys() as key:
            given = Review(store, desk, judge, who, asked, key).run()
        say(f"{given} of {len(asked)} labelled; `triage retrain` learns from them", "green")


@contextmanager
def single_keys() -> Iterator[Callable[[], str]]:
    """Hear single keys for as long as the block runs; what is typed ahead is not lost between two of them."""
    keyboard = sys.stdin.fileno()
    before = termios.tcgetattr(keyboard)
    tty.setcbreak(keyboard)
    try:
        yield lambda: os.read(keyboard, 1).decode("latin-1")
    finally:
        termios.tcsetattr(keyboard, termios.TCSADRAIN, before)


def take_labels(store: Store, desk: Desk, judge: Judge, who: str, path: Path, *, as_json: bool) -> None:
    """Write the labels of JSON lines, each in a transaction of its own; at the end raise `TriageError` for bad ones."""
    wrong: list[str] = []
    for number, line in _lines(path):
        try:
            case = _take(store, desk, judge, who, line)
        except TriageError as error:
            wrong.append(f"{path.name}:{number}: {error}")
            note(wrong[-1])
            continue
        verdict = case.verdict
        if as_json:
            print_json({"number": case.number, "category": verdict.category, "urgency": verdict.urgency})
    if wrong:
        raise TriageError(f"{len(wrong)} labels were not taken; the first: {wrong[0]}")


def _take(store: Store, desk: Desk, judge: Judge, who: str, line: str) -> Case:
    case_id, label = _label(line, desk)
    return store.run(lambda tx: give(tx, desk, judge, case_id, who, label, datetime.now(UTC)))


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        text = standard_input() if str(path) == "-" else path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TriageError(f"{path} cannot be read ({error})") from None
    yield from ((number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip())


def _label(line: str, desk: Desk) -> tuple[int, Label]:
    """Return which case a line is about and what it says."""
    try:
        raw: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise TriageError(f"not JSON ({error})") from None
    good = isinstance(raw, dict) and raw.keys() <= _FIELDS and all(isinstance(value, str) for value in raw.values())
    if not good or "number" not in raw or len(raw) < 2:
        raise TriageError("needs number and one of category, topic, urgency, each as text")
    words = [urgency.label for urgency in Urgency]
    if raw.get("urgency", "low") not in words:
        raise TriageError(f'there is no urgency "{raw["urgency"]}"; there are {", ".join(words)}')
    urgency = Urgency[raw["urgency"].upper()] if "urgency" in raw else None
    label = Label(category=raw.get("category"), topic=raw.get("topic"), urgency=urgency)
    return case_id_of(raw["number"], desk), label
