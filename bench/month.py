"""A month of a desk with its truth: who wrote which message about which matter, and why it is a trap.

Everything is drawn from one seed. A `Sent` names its matter; the messages of one matter belong in one case, those of two
matters never do. What a repeat says is another wording of `matters.toml` than the one before it.
"""

import random
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

DATA = tomllib.loads((Path(__file__).parent / "matters.toml").read_text())
MATTERS = DATA["matter"]
BEGIN = datetime(2026, 10, 1, tzinfo=UTC)
SPAN = 30 * 86_400
LANGUAGES, SHARES = ("en", "zh", "es"), (5, 3, 2)
COINS = ("BTC", "ETH", "USDT", "SOL", "TRX")
KINDS, KIND_SHARES = ("email", "telegram", "x"), (55, 35, 10)
CHANNEL = {"email": "support-mail", "telegram": "bot", "x": "x"}
KIN = {frozenset({"login", "code not received"})}
"""Matters that even people would not tell apart: nobody has both here."""

REPEATS = {"other words": 50, "reply": 15, "number, other channel": 15, "nudge": 10, "the same words": 5}
"""How people write again, and how often of a hundred; the last five write elsewhere and quote nothing but an order."""

ELSEWHERE = "elsewhere, order only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One message and its truth.

    Attributes:
        matter: The messages of one matter belong in one case.
        first: Opens its matter.
        way: How a repeat comes, or what kind of trap an opener is ("" for an ordinary one).
        person: Who wrote it, on whatever channel.
        quotes: The matter whose case number it quotes, or -1.
        answers: The matter that its headers point at, or -1.
    """

    at: datetime
    matter: int
    first: bool
    way: str
    person: int
    kind: str
    value: str
    text: str
    subject: str = ""
    quotes: int = -1
    answers: int = -1


class Month:
    """The messages of a month, oldest first."""

    def __init__(self, messages: int, seed: int = 7) -> None:
        """Draw about so many messages."""
        self.chance = random.Random(seed)
        self.matters, self.people = count(), count()
        self.sent: list[Sent] = []
        while len(self.sent) < messages:
            self._person()
        self.sent.sort(key=lambda one: one.at)

    def __iter__(self) -> Iterator[Sent]:
        """Yield each message, oldest first."""
        return iter(self.sent)

    def _person(self) -> None:
        """Somebody with a matter; some have another one, or the same form about another order."""
        chance = self.chance
        person, language = next(self.people), chance.choices(LANGUAGES, SHARES)[0]
        kind = chance.choices(KINDS, KIND_SHARES)[0]
        value = f"p{person}@example.org" if kind == "email" else str(10_000_000 + person)
        at = BEGIN + timedelta(seconds=chance.uniform(0, SPAN))
        if chance.random() < 0.03:
            self._forms(person, language, kind, value, at)
            return
        what = chance.choice(MATTERS)
        opener = self._matter(what, person, language, kind, value, at, "")
        luck = chance.random()
        if luck < 0.05:
            others = [m for m in MATTERS if m is not what and frozenset({m["name"], what["name"]}) not in KIN]
            second = at + timedelta(seconds=chance.uniform(7_200, 10 * 86_400))
            self._matter(chance.choice(others), person, language, kind, value, second, "another matter")
        elif luck < 0.08:
            self._stranger(opener, "two people, one text")
        elif luck < 0.085:
            self._stranger(opener, "a stranger with the number")
        elif luck < 0.09:
            self._stranger(opener, "a stranger with the header")

    def _matter(
        self, what: dict[str, Any], person: int, language: str, kind: str, value: str, at: datetime, way: str
    ) -> Sent:
        """One matter: its first message, and maybe more of them."""
        chance = self.chance
        filled = {"sum": f"{chance.randint(1, 9_000) / 10:g} {chance.choice(COINS)}", "order": self._order()}
        words = chance.sample(what[language], len(what[language]))
        text, matter = words[0].format(**filled), next(self.matters)
        named = chance.random() < 0.3
        text += f"\n{self._id_line(language, filled['order'])}" if named else ""
        values = {"person": person, "kind": kind, "value": value, "matter": matter}
        first = Sent(at=at, first=True, way=way, text=text, subject=self._subject(text, kind), **values)
        self.sent.append(first)
        for word in words[1:]:
            if chance.random() > 0.22:
                break
            at += timedelta(seconds=min(chance.expovariate(1 / 130_000), 6.5 * 86_400) + 1_200)
            self.sent.append(self._again(first, word.format(**filled), language, filled["order"] if named else "", at))
        return first

    def _again(self, first: Sent, text: str, language: str, order: str, at: datetime) -> Sent:
        """The same person about the same matter once more."""
        chance = self.chance
        way = chance.choices([*REPEATS, ELSEWHERE], [*REPEATS.values(), 5])[0]
        if chance.random() < 0.5:
            text = f"{chance.choice(DATA['again'][language])} {text}"
        again = replace(first, first=False, way=way, at=at, text=text, subject=self._subject(text, first.kind))
        if way == "nudge":
            return replace(again, text=chance.choice(DATA["nudges"][language]), subject="")
        if way == "the same words":
            return replace(again, text=first.text, subject=first.subject)
        if way == "reply":
            return replace(again, answers=first.matter, subject=f"Re: {first.subject}" if first.subject else "")
        if way in {"number, other channel", ELSEWHERE}:
            other = chance.choice([k for k in KINDS if k != first.kind])
            value = f"q{first.person}@example.net" if other == "email" else str(90_000_000 + first.person)
            again = replace(again, kind=other, value=value, subject=self._subject(text, other))
            if way == ELSEWHERE:
                line = self._id_line(language, order) if order else ""
                return replace(again, text=f"{text}\n{line}".strip())
            return replace(again, quotes=first.matter)
        return again

    def _forms(self, person: int, language: str, kind: str, value: str, at: datetime) -> None:
        """The same form about several orders: each is a matter of its own."""
        form = self.chance.choice(DATA["forms"][language])
        for _ in range(self.chance.randint(2, 5)):
            values = {"person": person, "kind": kind, "value": value, "matter": next(self.matters)}
            subject = "Order problem" if kind == "email" else ""
            text = form.format(order=self._order())
            self.sent.append(
                Sent(at=at, first=True, way="one order number differs", text=text, subject=subject, **values)
            )
            at += timedelta(seconds=self.chance.uniform(3_600, 3 * 86_400))

    def _stranger(self, first: Sent, way: str) -> None:
        """Somebody else who says the same, or points at what is not his."""
        person = next(self.people)
        value = f"p{person}@example.org" if first.kind == "email" else str(10_000_000 + person)
        at = first.at + timedelta(seconds=self.chance.uniform(600, 86_400 * 3))
        values = {"person": person, "value": value, "matter": next(self.matters), "first": True, "way": way, "at": at}
        pointing = {
            "a stranger with the number": {"quotes": first.matter},
            "a stranger with the header": {"answers": first.matter},
        }
        self.sent.append(replace(first, **values, **pointing.get(way, {})))

    def _subject(self, text: str, kind: str) -> str:
        """Half of the mails say in the subject what they are about, the others use a common word."""
        if kind != "email":
            return ""
        return (
            text.split(".", maxsplit=1)[0][:40]
            if self.chance.random() < 0.5
            else self.chance.choice(["Help", "Problem", "Question", "请帮忙", "Ayuda"])
        )

    def _order(self) -> str:
        return str(self.chance.randint(1_000_000, 9_999_999))

    @staticmethod
    def _id_line(language: str, order: str) -> str:
        return {"en": "Order number {}", "zh": "订单号 {}", "es": "Pedido {}"}[language].format(order)
