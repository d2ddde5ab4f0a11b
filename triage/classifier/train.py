"""What a model is, from labelled rows: weights that were learned, and what makes their probabilities true."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from triage.classifier import calibrate
from triage.classifier.dataset import Row
from triage.classifier.examples import Examples
from triage.classifier.features import Ints
from triage.classifier.fitting import fit
from triage.classifier.scoring import Scorer, Scores, softmax, weighed
from triage.classifier.semantic import Encoder, Remembering
from triage.classifier.weights import Arrays

_FOLDS = 5
_MOST_IN_FOLDS, _ASKED = 20_000, 5_000
STEPS = _FOLDS + 1
"""How often `learn` says that a part of it is done, at most."""

# A request that is taken for spam is never seen by anybody: only the sure ones are kept out of the list. Of 1,124
# requests that were held out two are lost at this bar, and none of 3,679 messages from outside.
_NATURE_FROM = 0.7

# A fold's model has learned a fifth less than the one that will judge, which is right more often: 76.9 % of what was
# held out, where the folds' temperature let it say 74.6. The figures with it are in docs/performance.md.
_FOLDS_TOO_WARM = 0.85

Parts = tuple[Arrays, dict[str, Any]]
"""The arrays and the settings of a model."""


def learn(
    rows: Sequence[Row], *, seed: int, encoder: Encoder | None = None, done: Callable[[], object] = lambda: None
) -> Parts:
    """Return the arrays and the whole settings of a model; the same rows and seed give the same ones.

    With an `encoder` both profiles can judge with it, without one only the default profile.
    `done` hears of each of at most `STEPS` parts. Raises `ConfigError` when there is nothing to tell apart.
    """
    encoder = encoder and Remembering(encoder)
    # The solver's vectors are short: threads wait for each other longer than they count, five times as long on a busy
    # machine, and add in an order that differs with the number of cores.
    with threadpool_limits(1, user_api="blas"):
        examples = Examples.of(rows)
        settings = _calibrated(examples, seed, encoder, done)
        arrays, labels = fit(examples, seed=seed, encoder=encoder)
    done()
    return arrays, labels | settings


def _split(rows: Sequence[Row], seed: int) -> Iterator[tuple[Ints, Ints]]:
    """Yield the places of what teaches and of what is asked, five times; of very many rows some are asked, once.

    Temperatures need a few thousand answers, not a hundred thousand.
    """
    order = np.argsort(
        [hashlib.sha256(f"{seed}{row.text}".encode("utf-8", "surrogatepass")).hexdigest() for row in rows]
    )
    every, times = (_FOLDS, _FOLDS) if len(rows) <= _MOST_IN_FOLDS else (len(rows) // _ASKED, 1)
    for fold in range(times):
        asked = np.arange(len(rows)) % every == fold
        yield order[~asked], order[asked]


def _calibrated(examples: Examples, seed: int, encoder: Encoder | None, done: Callable[[], object]) -> dict[str, Any]:
    """Return temperatures and thresholds, from predictions for folds that each prediction's model did not see."""
    folds = []
    for inside, outside in _split(examples.rows, seed):
        folds.append((fit(examples.only(inside), seed=seed, encoder=encoder), examples.only(outside).rows))
        done()
    # A fold may lack a rare topic, so each has its own columns: temperatures are found fold by fold.
    parts = [_predicted(model, outside) for model, outside in folds]
    warmth = [float(np.median([calibrate.temperature(*part[head]) for part in parts])) for head in range(3)]
    temperature = dict(zip(("nature", "category", "topic"), warmth, strict=True))
    sure = [softmax(np.log(np.clip(part[1][0], 1e-12, 1)) / warmth[1]) for part in parts]
    right = np.concatenate([each.argmax(axis=1) == part[1][1] for each, part in zip(sure, parts, strict=True)])
    confidence = np.concatenate([each.max(axis=1) for each in sure])
    # Signs of urgency are weighed as they will be seen: with the temperatures that were just found.
    signs = np.concatenate(
        [_signs(Scorer(arrays, labels | {"temperature": temperature}), out) for (arrays, labels), out in folds]
    )
    asked = [row for _, outside in folds for row in outside]
    level = np.array([int(row.urgency) for row in asked])
    mix = calibrate.urgency_mix(signs, level)
    wanted = np.array([row.nature == "request" for row in asked])
    probable = weighed(signs[wanted], np.array(mix))
    sentences = calibrate.semantic(folds, encoder, temperature) if encoder else {}
    return {
        "temperature": temperature | {"category": _FOLDS_TOO_WARM * temperature["category"]},
        **({"semantic": sentences | {"temperature": _FOLDS_TOO_WARM * sentences["temperature"]}} if sentences else {}),
        "urgency_mix": mix,
        "thresholds": {
            "unsorted": calibrate.unsorted_below(confidence, right),
            "nature": _NATURE_FROM,
            "urgency": calibrate.urgency_from(probable, level[wanted]),
        },
    }


def _predicted(model: tuple[Arrays, dict[str, Any]], rows: Sequence[Row]) -> list[tuple[Any, ...]]:
    """Return for nature, category and topic the probabilities and the true labels of `rows`."""
    scorer = Scorer(*model)
    scores: Scores = scorer.score([row.text for row in rows])
    asked = [i for i, row in enumerate(rows) if row.nature == "request" and row.category in scorer.categories]
    category = np.array([scorer.categories.index(rows[i].category) for i in asked])
    told = [i for i in asked if (rows[i].category, rows[i].topic) in scorer.topics]
    topic = np.array([scorer.topics.index((rows[i].category, rows[i].topic)) for i in told])
    known = [i for i, row in enumerate(rows) if row.nature in scorer.natures]
    nature = np.array([scorer.natures.index(rows[i].nature) for i in known])
    return [
        (scores.nature[known], nature),
        (scores.category[asked], category),
        (scores.topic[told], topic),
    ]


def _signs(scorer: Scorer, rows: Sequence[Row]) -> NDArray[np.float64]:
    """Return the signs of urgency of each row."""
    return scorer.score([row.text for row in rows], [row.lang for row in rows]).signs
