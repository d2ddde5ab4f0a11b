"""The two cards of a model: one for programs, one for people."""

import platform
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import sklearn

from triage.classifier import dataset
from triage.classifier.dataset import Row
from triage.classifier.gates import Gate

SUMS = (
    "category_accuracy",
    "category_macro_f1",
    "coverage_80_accuracy",
    "unsorted",
    "ece",
    "urgency_accuracy",
    "urgency_within_one",
    "critical_recall",
    "critical_precision",
    "high_or_critical_recall",
)
"""The figures that sum a model up, in percent, in the order in which they are told."""

CONFUSION, CALIBRATION = "confusion.svg", "calibration.svg"
_TABLES = (("category", "per_category"), ("urgency", "per_urgency"), ("language", "per_language"))

_READS_SENTENCES = (
    "in the semantic profile three small networks read the sentence's vector where the words leave it unsure;",
)


def card(
    rows: Sequence[Row], taught: int, frozen: Sequence[Row], seed: int, settings: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what must be known about where a model comes from; of `rows` the last `taught` are corrections."""
    return {
        "data": {
            "sha256": dataset.fingerprint(rows),
            "rows": len(rows),
            "corrections": taught,
            "languages": _counted(row.lang for row in rows),
            "categories": _counted(row.category or row.nature for row in rows),
            "urgencies": _counted(row.urgency.label for row in rows),
        },
        "frozen": {"percent": dataset.FROZEN, "rows": len(frozen), "sha256": dataset.fingerprint(frozen)},
        "seed": seed,
        "made_with": {
            "python": platform.python_version(),
            "scikit-learn": sklearn.__version__,
            "numpy": np.__version__,
        },
        "thresholds": settings["thresholds"],
        "temperature": settings["temperature"],
    }


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))


def decided(found: Sequence[Gate], *, force: bool) -> dict[str, Any]:
    """Return what the gates say, and whether somebody overruled them."""
    passed = all(gate.passed for gate in found)
    listed = [{"name": gate.name, "passed": gate.passed, "told": gate.told} for gate in found]
    return {"gates": listed, "passed": passed, "forced": force and not passed}


def against(version: str, before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Return what changed against the current model on the same messages: new figure less old one."""
    sums = {key: round(now[key] - before[key], 1) for key in SUMS if key in now and key in before}
    tables = {
        table: {
            name: round(row["accuracy"] - before[table][name]["accuracy"], 1)
            for name, row in now[table].items()
            if name in before[table]
        }
        for _, table in _TABLES
        if table in now and table in before
    }
    return {"version": version, **sums, **tables}


def readable(version: str, card: Mapping[str, Any]) -> str:
    """Return the card for people, as Markdown."""
    return "\n".join([*_origin(version, card), *_gates(card), *_figures(card), *_changes(card), ""])


def _origin(version: str, card: Mapping[str, Any]) -> list[str]:
    data = card["data"]
    learned = f"{data['rows'] - data['corrections']} labelled messages and {data['corrections']} corrections of agents"
    words = card.get("words", {})
    of_words = f"What judges by words is that of {words['version']}; the semantic head alone is new." if words else ""
    return [
        f"# Model {version}",
        "",
        f"Learned from {learned} (SHA-256 {data['sha256'][:16]}…, seed {card['seed']}).",
        "TF-IDF of words, word pairs and character n-grams; logistic regression and complement naive Bayes, added up;",
        *(_READS_SENTENCES if "held_out_semantic" in card else ()),
        "probabilities calibrated, and the signs of urgency weighed, on rows the predicting model had not seen.",
        *([of_words] if words else []),
        "No code in the files; every file's checksum is in card.json.",
        f"Below {card['thresholds']['unsorted']:.2f} a message is left unsorted, for review.",
        "",
        "| what | messages |",
        "|---|---|",
        *(f"| {name} | {n} |" for key in ("categories", "languages", "urgencies") for name, n in data[key].items()),
    ]


def _gates(card: Mapping[str, Any]) -> list[str]:
    words = "All gates hold." if card["passed"] else "**Some gates do not hold.**"
    if card["forced"]:
        words += " **It was made the current model by --force all the same.**"
    lines = ["", "## Gates", words, "", "| gate | | what was found |", "|---|---|---|"]
    return lines + [
        f"| {_cell(gate['name'])} | {'holds' if gate['passed'] else '**FAILS**'} | {_cell(gate['told'])} |"
        for gate in card["gates"]
    ]


def _figures(card: Mapping[str, Any]) -> list[str]:
    held = card["held_out"]
    lines = [
        "",
        f"## On {held['n']} messages that never teach",
        "One in ten, chosen by its text alone, for ever: every model is measured on the same ones.",
        "",
        *_sums(card),
    ]
    for title, key in _TABLES:
        if key in held:
            lines += _table(title, held[key])
    return [
        *lines,
        "",
        f"![How often each category was taken for which]({CONFUSION})",
        "",
        f"![How often it is right where it says how sure it is]({CALIBRATION})",
    ]


def _sums(card: Mapping[str, Any]) -> list[str]:
    """Return the figures that sum a model up, those of the semantic profile beside them where it was trained."""
    held = {"default profile, %": card["held_out"]}
    if "held_out_semantic" in card:
        held["semantic profile, %"] = card["held_out_semantic"]
    head = ["what", *held]
    known = [key for key in SUMS if key in card["held_out"]]
    lines = [[key.replace("_", " "), *(str(figures[key]) for figures in held.values())] for key in known]
    return [f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *lines)]


def _table(title: str, rows: Mapping[str, Mapping[str, float]]) -> list[str]:
    names = list(dict.fromkeys(name for row in rows.values() for name in row if name != "recall"))
    head = [title, *(name.replace("_", " ") for name in names)]
    cells = [[_cell(name), *(str(row.get(n, "-")) for n in names)] for name, row in rows.items()]
    return ["", *(f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *cells))]


def _changes(card: Mapping[str, Any]) -> list[str]:
    changed = card["against"]
    lines = ["", "## Against the model before"]
    if isinstance(changed, str):
        return [*lines, f"Not compared: {changed}."]
    lines += [f"{changed['version']} on the same messages; percentage points.", "", "| what | change |", "|---|---|"]
    lines += [f"| {key.replace('_', ' ')} | {changed[key]:+} |" for key in SUMS if key in changed]
    for title, key in _TABLES:
        lines += [f"| {title} {_cell(name)} | {value:+} |" for name, value in changed.get(key, {}).items()]
    return lines


def _cell(words: str) -> str:
    return " ".join(words.split()).replace("|", "\\|")
