"""How the figures of a model are shown in the terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.text import Text

from triage.classifier.card import SUMS
from triage.classifier.retrain import Outcome
from triage.classifier.shelf import Shelved
from triage.cli.replaying import called
from triage.cli.terminal import Columns, note, print_table, say
from triage.cli.what_if import Move

_NUMBER: Mapping[str, Any] = {"justify": "right"}


def print_figures(figures: Mapping[str, Any]) -> None:
    """Print the figures of `triage evaluate` as tables."""
    say(f"model {figures['model']}, {figures['n']} messages, figures in percent", "bold")
    print_table((("", {}), ("%", _NUMBER)), ((name_of(key), figures[key]) for key in SUMS if key in figures))
    for key, title in (("per_category", "Category"), ("per_urgency", "Urgency")):
        names = ("n", "recall", "precision", "f1")
        columns: Columns = ((title, {}), *((name, _NUMBER) for name in names))
        if key in figures:
            print_table(columns, ((name, *(row[n] for n in names)) for name, row in figures[key].items()))
    urgent = "high_or_critical_recall"
    columns = (("Language", {}), ("n", _NUMBER), ("right category", _NUMBER), ("urgent ones seen", _NUMBER))
    rows = figures["per_language"].items()
    print_table(columns, ((lang, row["n"], row["accuracy"], row.get(urgent, "-")) for lang, row in rows))
    guesses = sorted({guess for row in figures["confusion"].values() for guess in row})
    columns = (("Taken for", {}), *((guess, _NUMBER) for guess in guesses))
    print_table(columns, ((name, *(row.get(g, "") for g in guesses)) for name, row in figures["confusion"].items()))


def name_of(key: str) -> str:
    """Return the name of a figure for people."""
    return {"ece": "calibration error", "coverage_80_accuracy": "accuracy of the surest 80 %"}.get(
        key, key.replace("_", " ")
    )


def print_outcome(outcome: Outcome) -> None:
    """Print what became of a retraining: its gates, its figures beside the ones before, and whether it judges."""
    card = outcome.card
    print_table(
        (("", {}), ("Gate", {}), ("Found", {"ratio": 1})),
        ((Text("ok", "green") if g.passed else Text("FAIL", "bold red"), g.name, g.told) for g in outcome.gates),
    )
    held, against = card["held_out"], card["against"]
    changed = against if isinstance(against, Mapping) else {}
    rows = ((name_of(key), held[key], f"{changed[key]:+}" if key in changed else "") for key in SUMS if key in held)
    print_table(((f"On {held['n']} messages", {}), ("%", _NUMBER), ("change", _NUMBER)), rows)
    if isinstance(against, str):
        say(f"not compared: {against}", "dim")
    learned = f"{card['data']['rows']} messages, {card['data']['corrections']} of them corrected by agents"
    say(f"{outcome.folder}: learned from {learned}; MODEL_CARD.md tells the rest")
    if card["forced"]:
        say(f"{outcome.version} judges by --force, though {len(outcome.failed)} gates fail; its card says so", "yellow")
    elif outcome.current:
        say(f"{outcome.version} judges from now on; running daemons take it within half a minute", "green")


def print_shelf(found: Sequence[Shelved]) -> None:
    """Print the list of models."""
    if not found:
        say("there is no model; `triage retrain` makes one", "yellow")
        return
    columns: Columns = (
        ("", {}), ("Model", {"style": "cyan"}), ("Learned from", _NUMBER), ("Right category", _NUMBER),
        ("Surest 80 %", _NUMBER), ("Critical seen", _NUMBER), ("ECE", _NUMBER), ("MB", _NUMBER), ("Gates", {}),
    )  # fmt: skip
    names = ("category_accuracy", "coverage_80_accuracy", "critical_recall", "ece")
    rows = []
    for one in found:
        figures = [one.figures.get(name, "-") for name in names]
        learned = f"{one.rows} + {one.corrections}" if one.corrections else one.rows
        rows.append((
            Text("judges", "bold green") if one.current else "", one.version, learned, *figures,
            f"{one.size / 1e6:.1f}", _state(one),
        ))  # fmt: skip
    print_table(columns, rows)


def _state(one: Shelved) -> Text:
    """Return what the gates said of a model."""
    if not one.usable:
        return Text(f"unusable: {one.why_not}", "bold red")
    words = {True: ("hold", "green"), False: ("refused it", "red"), None: ("none", "dim")}
    return Text("refused it, forced", "yellow") if one.forced else Text(*words[one.passed])


def print_diff(one: str, other: str, found: Mapping[str, Any]) -> None:
    """Print what changes from one model to another."""
    say(f"from {one} to {other}, in percentage points", "bold")
    print_table((("", {}), ("change", _NUMBER)), ((name_of(k), f"{found[k]:+}") for k in SUMS if k in found))
    for title, key in (("Category", "per_category"), ("Urgency", "per_urgency"), ("Language", "per_language")):
        if found.get(key):
            print_table(((title, {}), ("change", _NUMBER)), ((n, f"{v:+}") for n, v in found[key].items()))
    say(f"{found['rows']:+} messages learned, {found['corrections']:+} of them corrections")
    if not found["same_messages"]:
        note("they were measured on different messages: small differences mean nothing; see `triage evaluate --model`")


def print_moves(moves: Sequence[Move]) -> None:
    """Print which cases would be called otherwise, those that would move furthest up first."""
    if not moves:
        return
    columns: Columns = (
        ("Case", {"style": "cyan"}), ("Place", _NUMBER), ("Would stand", _NUMBER),
        ("Is", {}), ("Would be", {}), ("What", {"ratio": 2}),
    )  # fmt: skip
    ordered = sorted(moves, key=lambda move: move.would_stand - move.place)
    rows = (
        (m.case.number, m.place or "-", m.would_stand or "-", called(m.case.verdict), called(m.verdict), m.case.summary)
        for m in ordered
    )
    print_table(columns, rows)
