"""Giving verdicts with a trained model: load it, judge a batch, say which words decided."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage.case import Reading, Reason, Urgency, Verdict
from triage.classifier import Judge, Profile, artefact, semantic
from triage.classifier.adverts import count_adverts
from triage.classifier.deciding import deciding_words
from triage.classifier.folding import LONGEST_TEXT, fold_text
from triage.classifier.heaps import Joins, has_alarms, without_heaps
from triage.classifier.scoring import Scorer, Scores
from triage.classifier.stretches import SURELY_ASKED, SURELY_SORTED, loudest
from triage.classifier.urgency import Situation, find_situations
from triage.errors import ModelUnusable

UNSORTED = "unsorted"
# Thanks and greetings are short; who writes more than this wants something too.
_LONGEST_NOTHING = 100
_LONGEST_ADVERT = 2000
# Below this probability of being a request at all, what reads like advertising or like mail for somebody else is no
# request: it keeps a case, but stands last. A customer who is lost here would wait longest, so it is low.
_REQUEST_FROM = 0.4
# How much likelier advertising is with none, one, two, three or more of its words in the text; from the corpus, and
# shrunk, because the words were chosen by people who had read it.
_ADVERT_ODDS = (0.5, 4.0, 20.0, 60.0)
_THREAT, _OPINION = "legal-threat", "feedback"
_FOREIGN = ("other", "spam")
# Topics that a verdict tells, and the probability below which none is worth telling.
_MOST_LIKELY, _LIKELY_FROM = 5, 0.02
# How much likelier a category is once a phrase of one of its situations stands in the text; from the corpus.
_SITUATION_ODDS = 6.0

Row = NDArray[np.float64]


def load(folder: Path, profile: Profile = "default") -> Judge:
    """Return the model in `folder` (models/VERSION), judging as `profile` says.

    Raises `ModelUnusable` for anything missing or damaged, and when the semantic profile is asked for where its
    package is not installed.
    """
    encoder = semantic.encoder() if profile == "semantic" else None
    stored = artefact.read(folder, profile)
    return Model(stored.version, Scorer(stored.arrays, stored.settings, encoder), stored.settings)


def current(models: Path, profile: Profile = "default") -> Judge:
    """Return the model that `models/current` names. Raises `ModelUnusable` when that cannot be used."""
    return load(models / artefact.current_version(models), profile)


def best(models: Path, profile: Profile) -> tuple[Judge, str]:
    """Return the current model as `profile` says, else as default, and why it is not as said (empty when it is).

    Raises `ModelUnusable` when it cannot be used at all.
    """
    try:
        return current(models, profile), ""
    except ModelUnusable as error:
        if profile == "default":
            raise
        # The same model without its encoder is better than last week's, and far better than the rules alone.
        return current(models), f"{error}; the default profile judges"


class Model:
    """A trained model as a `Judge`."""

    def __init__(self, version: str, scorer: Scorer, settings: Mapping[str, Any]) -> None:
        """Take the scores' source, and from `settings` the thresholds that turn them into decisions."""
        self.version = version
        self.scorer = scorer
        self.categories = scorer.categories
        self.topics = scorer.topics
        try:
            thresholds = settings["thresholds"]
            self._sorted_from = float(thresholds["unsorted"])
            self._nature_from = float(thresholds["nature"])
            self._urgency_from = np.array([float(x) for x in thresholds["urgency"]])
        except (KeyError, TypeError, ValueError) as error:
            raise ModelUnusable(f"the model's thresholds are incomplete ({error})") from error
        if self._urgency_from.shape != (3,):
            raise ModelUnusable("the model needs three thresholds for urgency")

    def judge(self, readings: Sequence[Reading]) -> list[Verdict]:
        """Return one verdict for each reading, in order; never raises for any text."""
        if not readings:
            return []
        readings, folded = _calmed(readings, self.scorer.joins)
        languages = [reading.language for reading in readings]
        scores = self.scorer.score([reading.text for reading in readings], languages, folded)
        loud = loudest(self.scorer, folded, languages, scores, self._urgency_from)
        weights, chosen = self.scorer.weights["category"], scores.category.argmax(axis=1)
        words = deciding_words(readings, scores.found, scores.index, weights, chosen)
        return [
            self._verdict(scores, row, reading, folded[row], words[row], loud[row])
            for row, reading in enumerate(readings)
        ]

    def _verdict(
        self, scores: Scores, row: int, reading: Reading, folded: str, words: tuple[Reason, ...], loud: Urgency
    ) -> Verdict:
        """Return the verdict on one message from its row of the scores and the situations its text tells of."""
        situations = find_situations(reading.text, reading.language, folded=folded)
        natures = self._natures(scores.nature[row], folded, reading.language)
        nature = self._nature(natures, reading.text, alarming=bool(situations) or loud >= Urgency.HIGH)
        if nature != "request":
            return self._nothing(nature, float(natures.max()))
        likely = self._categories(scores.category[row], situations)
        order = np.argsort(-likely, kind="stable")
        first, second = int(order[0]), int(order[1])
        sure = float(likely[first])
        asked = float(natures[self.scorer.natures.index("request")])
        # A category is the category of a request: a message that may be none is sorted only if the rest is sure.
        sorted_sure = sure * self._tells(natures, self.categories[first])
        sorted_out = sorted_sure >= self._sorted_from
        category = self.categories[first] if sorted_out else UNSORTED
        topic = self._topic(scores, row, first) if sorted_out else ""
        learned = min(self._learned_level(scores.urgency[row]), _highest(self.categories[first], topic, asked, sure))
        learned = max(learned, loud)
        urgency, why = _raised(learned, float(scores.urgency[row, max(learned, 1) - 1]), situations, scores.told(row))
        return Verdict(
            nature="request",
            category=category,
            topic=topic,
            urgency=urgency,
            confidence=round(sure if sorted_out else sorted_sure, 4),
            second=(self.categories[second], round(float(likely[second]), 4)),
            model=self.version,
            reasons=(*why, *words, *(() if sorted_out else (_unsure(self.categories[first], sorted_sure),))),
            likely=self._likely(scores.topic[row]),
        )

    def _tells(self, natures: Row, category: str) -> float:
        """Return how probable it is that a message of this category tells anything.

        Thanks with an opinion in them are praise, whichever of the two they are taken for.
        """
        telling = ("request", "thanks") if category == _OPINION else ("request",)
        return float(sum(natures[self.scorer.natures.index(name)] for name in telling if name in self.scorer.natures))

    def _nothing(self, nature: str, sure: float) -> Verdict:
        """Return the verdict on what asks for nothing."""
        reads = "is not for this desk" if nature == "other" else f"reads like {nature}"
        return Verdict(
            nature=nature,
            category=UNSORTED,
            topic="",
            urgency=Urgency.LOW,
            confidence=sure,
            model=self.version,
            reasons=(Reason(code="model.nature", text=reads, weight=sure),),
        )

    def _natures(self, learned: Row, folded: str, language: str) -> Row:
        """Return the probability of each nature, given also how many words of advertising stand in the text."""
        if "spam" not in self.scorer.natures:
            return learned
        odds = learned.copy()
        found = count_adverts(folded[:_LONGEST_ADVERT], language)
        odds[self.scorer.natures.index("spam")] *= _ADVERT_ODDS[min(found, len(_ADVERT_ODDS) - 1)]
        return np.asarray(odds / odds.sum())

    def _nature(self, natures: Row, text: str, *, alarming: bool) -> str:
        """Return what kind of message it is: a request unless we are sure, or very sure when it tells of an alarm."""
        if not any(char.isalnum() for char in text):
            return "empty"
        likely = int(natures.argmax())
        name = self.scorer.natures[likely]
        # Fraudsters who offer to "recover stolen coins" use a victim's words: only the very sure ones are held back.
        enough = (1 + self._nature_from) / 2 if alarming else self._nature_from
        long = len(text) > _LONGEST_NOTHING and name not in _FOREIGN
        if not long and natures[likely] >= enough:
            return name
        return "other" if self._foreign(natures, alarming=alarming) else "request"

    def _foreign(self, probable: Row, *, alarming: bool) -> bool:
        """Return whether a message is not for this desk: advertising that is not sure enough is that too."""
        natures = dict(zip(self.scorer.natures, probable.tolist(), strict=True))
        bar = 1 - self._nature_from if alarming else _REQUEST_FROM
        likely = sum(natures.get(name, 0.0) for name in _FOREIGN)
        return bool(natures["request"] < bar and likely > natures["request"])

    def _categories(self, learned: Row, situations: Sequence[Situation]) -> Row:
        """Return the probability of each category, given also what situations the text tells of."""
        odds = learned.copy()
        for category in {situation.category for situation in situations[:1]}:
            if category in self.categories:
                odds[self.categories.index(category)] *= _SITUATION_ODDS
        return np.asarray(odds / odds.sum())

    def _topic(self, scores: Scores, row: int, category: int) -> str:
        """Return the likeliest topic of the category that was chosen."""
        own = [i for i, (owner, _) in enumerate(self.scorer.topics) if owner == self.categories[category]]
        return self.scorer.topics[max(own, key=lambda i: scores.topic[row, i])][1]

    def _likely(self, probable: Row) -> tuple[tuple[str, float], ...]:
        """Return the likeliest topics, whatever the category, with their probabilities."""
        best = np.argsort(-probable, kind="stable")[:_MOST_LIKELY]
        names = (("/".join(self.scorer.topics[i]), round(float(probable[i]), 2)) for i in best)
        return tuple((name, share) for name, share in names if share >= _LIKELY_FROM)

    def _learned_level(self, probable: Row) -> Urgency:
        """Return the highest level that is probable enough."""
        reached = np.flatnonzero(probable >= self._urgency_from)
        return Urgency(int(reached[-1]) + 1) if len(reached) else Urgency.LOW


def _calmed(readings: Sequence[Reading], joins: Joins) -> tuple[list[Reading], list[str]]:
    """Return the readings without heaps of alarming words, and the folded text of each."""
    calm, texts = [], []
    for reading in readings:
        folded = fold_text(reading.text[:LONGEST_TEXT])
        alarms = has_alarms(folded, reading.language)
        rest = without_heaps(reading.text, reading.language, joins) if alarms else reading.text
        same = rest is reading.text
        calm.append(reading if same else replace(reading, text=rest))
        texts.append(folded if same else fold_text(rest[:LONGEST_TEXT]))
    return calm, texts


def _highest(category: str, topic: str, asked: float, sure: float) -> Urgency:
    """Return the highest urgency that likeness alone gives: an opinion, or what may be no request, needs a situation.

    `asked` is the probability that it is a request at all, `sure` that of its category.
    """
    opinion = category == _OPINION and topic != _THREAT and sure >= SURELY_SORTED
    return Urgency.NORMAL if opinion or asked < SURELY_ASKED else Urgency.CRITICAL


def _raised(
    learned: Urgency, probability: float, situations: Sequence[Situation], told: str
) -> tuple[Urgency, tuple[Reason, ...]]:
    """Return the urgency and what raised it; `told` is what its signs speak of."""
    reasons = tuple(situation.reason for situation in situations)
    if learned >= Urgency.HIGH:
        like = f"reads like other {learned.label} messages"
        text = f"{like}: speaks of {told}" if told else like
        reasons += (Reason(code="model.urgency", text=text, weight=round(probability, 4)),)
    return max([learned, *(situation.urgency for situation in situations)]), reasons


def _unsure(category: str, sure: float) -> Reason:
    """Return why a message was left unsorted."""
    return Reason(code="model.unsure", text=f"most likely {category}, but only {sure:.0%} sure", weight=round(sure, 4))
