"""What `make corpus-check` asks about the corpus. Each finding says what to do about it."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from triage.classifier import dataset
from triage.classifier.dataset import CATEGORIES, NATURES, TOPICS, Row
from triage.classifier.folding import fold_text
from triage.classifier.likeness import NEAR, Pair, near_any, near_pairs
from triage.errors import ConfigError
from triage.rules.language import LANGUAGES

BIG = ("zh-Hans", "en", "es")
ROWS, ROWS_BIG, ROWS_SMALL = 6000, 1200, 150
"""How many messages there must be: in all, in each big language, in each of the others."""

PER_TOPIC = 8
"""Messages of each topic in each big language."""

MOST_NEAR = 0.01
"""Share of messages that may be nearly another one."""

MOST_UNEVEN = 4
"""How many times as large as its smallest category a language's largest may be."""

# Two people say "delete my account" in the same words: texts this short must be equal to count.
_SHORT, _EQUAL = 20, 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One question about the corpus, answered.

    Attributes:
        what: The question ("near-duplicates").
        figure: What was found, in a few words.
        faults: What is wrong, each with what to do; empty when nothing is.
    """

    what: str
    figure: str
    faults: tuple[str, ...] = ()


def examine(paths: Sequence[Path], measured: Sequence[Path] = ()) -> tuple[list[Row], list[Finding]]:
    """Return the rows of the files and one finding for each question; `measured` are folders of evaluation sets."""
    placed, findings = _schema(paths)
    rows = list(placed.values())
    findings += [_counts(rows), _balance(rows), _topics(rows), _natures(rows), _doubles(placed), _alike(placed)]
    findings.append(_evaluation(placed, measured))
    return rows, findings


def _schema(paths: Iterable[Path]) -> tuple[dict[str, Row], list[Finding]]:
    """Return each good row by where it stands, and the finding about the others."""
    placed: dict[str, Row] = {}
    faults = []
    for path in paths:
        for where, found in dataset.lines(path):
            if isinstance(found, ConfigError):
                faults.append(str(found))
            elif found.lang != path.stem:
                faults.append(f"{where}: lang {found.lang!r} does not belong into {path.name}")
            else:
                placed[where] = found
    return placed, [Finding(what="schema", figure=f"{len(placed)} rows read", faults=tuple(faults))]


def _counts(rows: Sequence[Row]) -> Finding:
    """Return whether there are enough messages in all and in each language."""
    counted = Counter(row.lang for row in rows)
    faults = [f"{len(rows)} messages: write {ROWS - len(rows)} more"] if len(rows) < ROWS else []
    for language in LANGUAGES:
        needed = ROWS_BIG if language in BIG else ROWS_SMALL
        if counted[language] < needed:
            faults.append(f"{language} has {counted[language]} of {needed}: write {needed - counted[language]} more")
    return Finding(what="enough messages", figure=f"{len(rows)} of {ROWS}", faults=tuple(faults))


def _balance(rows: Sequence[Row]) -> Finding:
    """Return whether no category of a language is drowned by another one of it."""
    cells = Counter((row.lang, row.category) for row in rows if row.nature == "request")
    faults, worst = [], 1.0
    for language in sorted({row.lang for row in rows}):
        counts = {category: cells[language, category] for category in CATEGORIES}
        least, most = min(counts, key=counts.__getitem__), max(counts, key=counts.__getitem__)
        uneven = counts[most] / max(counts[least], 1)
        worst = max(worst, uneven)
        if uneven > MOST_UNEVEN:
            faults.append(f"{language}: {counts[least]} of {least}, {counts[most]} of {most}; write more of {least}")
    return Finding(what="balance", figure=f"largest : smallest category at most {worst:.1f}", faults=tuple(faults))


def _topics(rows: Sequence[Row]) -> Finding:
    """Return whether every topic is taught in every big language."""
    taught = Counter((row.lang, row.category, row.topic) for row in rows)
    few = {
        (language, f"{category}/{topic}"): taught[language, category, topic]
        for language in BIG
        for category, topics in TOPICS.items()
        for topic in topics
    }
    faults = tuple(
        f"{language} {topic}: {n} of {PER_TOPIC}; write {PER_TOPIC - n} more"
        for (language, topic), n in few.items()
        if n < PER_TOPIC
    )
    figure = f"{len(few) - len(faults)} of {len(few)} cells with {PER_TOPIC} or more"
    return Finding(what="topics in zh-Hans, en, es", figure=figure, faults=faults)


def _natures(rows: Sequence[Row]) -> Finding:
    """Return whether every language also shows what asks for nothing."""
    there = Counter((row.lang, row.nature) for row in rows)
    faults = tuple(
        f"{language} has no {nature}: write some" for language in LANGUAGES for nature in NATURES
        if not there[language, nature]
    )  # fmt: skip
    return Finding(what="what asks for nothing", figure=f"{len(there)} kinds by language", faults=faults)


def _doubles(placed: dict[str, Row]) -> Finding:
    """Return whether a text stands twice in a language; "ok" is said in several."""
    first: dict[tuple[str, str], str] = {}
    faults = []
    for where, row in placed.items():
        text = fold_text(row.text) or row.text
        if (other := first.setdefault((row.lang, text), where)) == where:
            continue
        same = _labels(placed[other]) == _labels(row)
        faults.append(f"{where} repeats {other}{'' if same else ' with other labels'}: take one out")
    return Finding(what="no text twice", figure=f"{len(faults)} doubles", faults=tuple(faults))


def _labels(row: Row) -> tuple[object, ...]:
    return row.nature, row.category, row.topic, row.urgency


def _alike(placed: dict[str, Row]) -> Finding:
    """Return whether few enough messages are nearly another one."""
    names = [where for where, row in placed.items() if len(row.text) > _SHORT]
    pairs = near_pairs([placed[where].text for where in names])
    share = len({pair.other for pair in pairs}) / max(len(placed), 1)
    faults = () if share <= MOST_NEAR else tuple(_told(pair, names, names, placed) for pair in pairs)
    figure = f"{100 * share:.2f} % share {NEAR:.0%} of their pieces with another (at most {MOST_NEAR:.0%})"
    return Finding(what="near-duplicates", figure=figure, faults=faults)


def _told(pair: Pair, names: Sequence[str], others: Sequence[str], placed: dict[str, Row]) -> str:
    text = placed[names[pair.one]].text[:60]
    return f"{names[pair.one]} is {pair.share:.0%} {others[pair.other]}: say it otherwise ({text})"


def _evaluation(placed: dict[str, Row], measured: Sequence[Path]) -> Finding:
    """Return whether no message is one that is only for measuring."""
    sets = {text: where for folder in measured for text, where in _measured(folder)}
    if not sets:
        return Finding(what="nearness to evaluation sets", figure="not checked: the sets are not here")
    names, texts = [*placed], [*sets]
    pairs = near_any([placed[where].text for where in names], texts)
    hits = [pair for pair in pairs if pair.share >= _EQUAL or len(placed[names[pair.one]].text) > _SHORT]
    faults = tuple(_told(pair, names, [sets[text] for text in texts], placed) for pair in hits)
    return Finding(what="nearness to evaluation sets", figure=f"{len(hits)} hits in {len(texts)} texts", faults=faults)


def _measured(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield each text of the evaluation sets, and where it stands."""
    for path in sorted(folder.rglob("*.jsonl")):
        for number, line in enumerate(path.read_text("utf-8").split("\n"), 1):
            row = json.loads(line) if line.strip() else {}
            for key in ("text", "text2"):
                if isinstance(row.get(key), str):
                    yield row[key], f"{path.name}:{number}"
