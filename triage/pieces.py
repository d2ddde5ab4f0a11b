"""Recovery phrases that came in pieces: the message that completes one, and the stored ones before it, lose them."""

from collections.abc import Sequence
from dataclasses import replace

from triage.rules import lifecycle, split_phrases
from triage.store import Tx, earlier
from triage.studying import Prepared

KIND = "seed phrase"


def joined(tx: Tx, prepared: Sequence[Prepared]) -> tuple[list[Prepared], bool]:
    """Return a batch without pieces that are a phrase together with what their sender said before, and if there are.

    The earlier pieces are replaced in the store and in the batch. Few messages look like a piece; only these ask.
    Where there are, the store must forget how its rows were, once the transaction is written.
    """
    done, found = list(prepared), False
    for at, one in enumerate(prepared):
        if split_phrases.may_be_piece(one.message.text):
            earlier.overwriting(tx)  # be it no phrase yet: it leaves the inbox with this transaction
            found = _join(tx, done, at) or found
    return done, found


def _join(tx: Tx, batch: list[Prepared], at: int) -> bool:
    """Look whether the message at `at` completes a phrase; replace all pieces of it then, and tell."""
    message = batch[at].message
    beside = [i for i in range(at) if batch[i].message.sender.key == message.sender.key]
    stored = earlier.said(tx, message.sender.key, message.received_at - split_phrases.WINDOW, split_phrases.MOST_PIECES)
    texts = [one.text for one in stored] + [batch[i].message.text for i in beside] + [message.text]
    safe = split_phrases.without_pieces(texts)
    if safe is None:
        return False
    changed = [(one, text) for one, text in zip(stored, safe, strict=False) if text != one.text]
    earlier.replace_texts(tx, changed, KIND)
    for i, text in zip([*beside, at], safe[len(stored) :], strict=True):
        if text != batch[i].message.text:
            batch[i] = _without(batch[i], text)
    return True


def _without(one: Prepared, text: str) -> Prepared:
    """Return a message with another text, as one that held a secret."""
    waiting, was = one.waiting, one.message.text
    kinds = tuple(dict.fromkeys((*waiting.redacted, KIND)))
    said = one.reading.text.replace(was, text) if was in one.reading.text else text
    return replace(
        one,
        waiting=replace(waiting, message=replace(waiting.message, text=text), redacted=kinds),
        reading=replace(one.reading, text=said),
        verdict=lifecycle.with_secret(one.verdict),
    )
