"""Stories: what customers do, and what becomes of it, in words that a support lead can read and write.

    Story: A reply to our acknowledgement continues the case
    Source: https://...
    Ada mails: My withdrawal is stuck.
    2 hours later
    Ada mails, answering our reply: Now it says failed.
    = case 1: 2 messages, 1 follow-up, open
    = Ada got: acknowledgement

Who acts is a name; her addresses are made of it. An action is `NAME mails`, `chats` (Telegram), `posts` (X, in public)
or `writes on X` (a direct message), what is special about it, and after the colon what she says; `{1}` stands for the
number of case 1, cases being counted as they open, and `\\n` for a new line. Agents do things to cases and messages by
their places in the story. A line that begins with `=` is what must be true then.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from builders import an_address
from rooms import Room
from sqlalchemy import select

from triage import agents, regrouping, undoing
from triage.case import Case, Entry
from triage.message import Attachment, Message, Reply
from triage.store import cases
from triage.store.rows import case_of, entry_of
from triage.store.tables import cases as case_rows
from triage.store.tables import messages

CHANNELS = ("support-mail", "bot", "x")
VOUCHED = ("Authentication-Results", "mx.wallet.example; dmarc=pass")
WRITTEN: dict[str, Callable[[str], str]] = {
    "": str,
    " in lower case": str.lower,
    " in full width": lambda number: "".join(chr(ord(c) + 0xFEE0) for c in number),
    " in arabic digits": lambda number: number.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")),
    " in look-alikes": lambda number: number.translate(str.maketrans("ABCEHKMTX", "АВСЕНКМТХ")),
    " with hidden letters": lambda number: f"\u2066{number[:5]}\u200b{number[5:]}\u2069",
    " without dash": lambda number: number.replace("-", ""),
}
"""How people write the number of a case: `{1 in lower case}`."""

FORGED = ("Authentication-Results", "mx.wallet.example; dmarc=fail")


@dataclass(frozen=True, kw_only=True)
class Story:
    """One story: its title, where it was heard, and its lines with their numbers in the file."""

    title: str
    source: str
    lines: tuple[tuple[int, str], ...]
    file: str


def stories(folder: Path) -> Iterator[Story]:
    """Yield the stories of a folder's text files."""
    for path in sorted(folder.glob("*.txt")):
        _, *parts = re.split(r"^Story: ", path.read_text(), flags=re.MULTILINE)
        at = path.read_text().partition("Story: ")[0].count("\n") + 1
        for part in parts:
            numbered = [(at + n, line.strip()) for n, line in enumerate(part.splitlines())]
            told = [(n, line) for n, line in numbered[1:] if line and not line.startswith("#")]
            source = " ".join(line.removeprefix("Source: ") for _, line in told if line.startswith("Source: "))
            told = [(n, line) for n, line in told if not line.startswith("Source: ")]
            yield Story(title=numbered[0][1], source=source, lines=tuple(told), file=path.stem)
            at += part.count("\n")


@dataclass
class Telling:
    """A story on its way.

    Attributes:
        said: Every message, in the order of the story.
        got: Who got which replies.
        waiting: Messages that come together with the next one.
    """

    room: Room
    said: list[Message] = field(default_factory=list)
    got: list[Reply] = field(default_factory=list)
    waiting: list[Message] = field(default_factory=list)

    def tell(self, line: str) -> None:
        """Let happen, or check, what one line says."""
        for pattern, act in STEPS:
            if found := pattern.fullmatch(line):
                act(self, *found.groups())
                return
        raise AssertionError(f"nobody understands this line: {line}")

    # -- what happens ---------------------------------------------------------------------------------

    def pass_time(self, number: str, unit: str) -> None:
        self.room.later(**{f"{unit.removesuffix('s')}s": float(number)})

    def turn_clock_back(self, number: str, unit: str) -> None:
        self.room.later(**{f"{unit.removesuffix('s')}s": -float(number)})

    def speak(self, name: str, way: str, special: str | None, text: str) -> None:
        said = self._filled(text).replace("\\n", "\n")
        message = self._message(name, way, _listed(self._filled(special or "")), said)
        self.said.append(message)
        self.waiting.append(message)
        if "together with the next" not in (special or ""):
            self._hear()

    def deliver_again(self, place: str, special: str | None) -> None:
        """The same message once more, as it was, or as a mailbox that was numbered anew brings it."""
        message = self.said[int(place) - 1]
        if special:
            message = replace(message, external_id=f"anew/{message.external_id}")
        self.room.hear(message)
        self._collect()

    def agent(self, name: str, does: str, what: str, rest: str | None) -> None:
        getattr(self, f"_{does.replace(' ', '_')}")(name.lower(), int(what), rest)
        self._collect()

    def _hear(self) -> None:
        self.room.hear(*self.waiting)
        self.waiting.clear()
        self._collect()

    def _collect(self) -> None:
        for channel in CHANNELS:
            self.got += self.room.queued(channel)

    def _message(self, name: str, way: str, special: list[str], text: str) -> Message:
        make = {"mails": self._mail, "chats": self._chat, "posts": self._post, "writes on X": self._direct}[way]
        message = make(name, text)
        for one in special:
            message = self._specially(message, one)
        return message

    def _mail(self, name: str, text: str) -> Message:
        address = an_address(f"{name.lower()}@example.org", name=name)
        return self.room.mail(text, sender=address, headers=(VOUCHED,), reply_to={"to": address.value})

    def _chat(self, name: str, text: str) -> Message:
        return self.room.chat(text, user=_number(name))

    def _post(self, name: str, text: str) -> Message:
        return self.room.post(text, user=_number(name))

    def _direct(self, name: str, text: str) -> Message:
        post = self.room.post(text, user=_number(name))
        return replace(post, public=False, conversation=f"x:dm:{_number(name)}", reply_to={"dm": _number(name)})

    def _specially(self, message: Message, how: str) -> Message:
        what, _, value = how.partition(" ")
        changes: dict[str, Any] = {
            "from": lambda: {"sender": an_address(value)},
            "under": lambda: {"subject": value.strip('"')},
            "header": lambda: {"headers": (*message.headers, tuple(value.strip('"').split(": ", 1)))},
            "file": lambda: {"attachments": (*message.attachments, Attachment(name=value, content_type="image/png"))},
            "forged": lambda: {"headers": (FORGED,)},
            "unvouched": lambda: {"headers": ()},
            "edited": lambda: {"edited": True, "known_as": self.said[-1].known_as},
            "command": lambda: {"command": value},
            "unaddressed": lambda: {"addressed": False},
            "bot": lambda: {"sender": replace(message.sender, is_bot=True)},
            "together": dict,
            "answering": lambda: self._answering(message, value),
            "received": lambda: {"channel": value.removeprefix("at ")},
            "arrived": lambda: {"arrived_at": message.received_at - _hours(value)},
        }[what]()
        return replace(message, **changes)

    def _answering(self, message: Message, what: str) -> dict[str, Any]:
        if what == "our reply":
            sent = next((reply for reply in reversed(self.got) if _is_hers(reply, message)), self.got[-1])
            subject = message.subject or f"Re: {sent.subject}"
            return {"refers_to": (f"<sent-{sent.id}@wallet.example>",), "subject": subject}
        place = int(what.removeprefix("message "))
        other = self.said[place - 1]
        where = other.conversation if message.kind == "x" and message.public else message.conversation
        return {"refers_to": (*other.known_as, *other.refers_to), "conversation": where}

    def _filled(self, text: str) -> str:
        """Return a text with the numbers of cases in it."""
        if "{" not in text:
            return text
        for n, case in enumerate(self.all_cases(), 1):
            for how, write in WRITTEN.items():
                text = text.replace(f"{{{n}{how}}}", write(case.number))
        return text.replace("{wrong}", self._mistyped())

    def _mistyped(self) -> str:
        found = self.all_cases()
        number = found[0].number if found else ""
        return number[:-1] + ("2" if number[-1:] != "2" else "3")

    # -- what agents do -------------------------------------------------------------------------------

    def _do(self, who: str, what: Any, *ids: int) -> Any:
        by = regrouping.Agent(desk=self.room.desk, who=who, now=self.room.now)
        return self.room.store.run(lambda tx: what(tx, by, *ids))

    def _answers(self, who: str, case: int, rest: str | None) -> None:
        wanted = agents.Answer(text=(rest or "We are on it.").lstrip(": "), key=f"key-{len(self.got)}-{self.room.now}")
        self.room.store.run(
            lambda tx: agents.answer(tx, self.room.desk, self.case(case).id, who, wanted, self.room.now)
        )

    def _resolves(self, who: str, case: int, _: str | None) -> None:
        self.room.store.run(lambda tx: agents.resolve(tx, self.room.desk, self.case(case).id, who, self.room.now))

    def _reopens(self, who: str, case: int, _: str | None) -> None:
        self.room.store.run(lambda tx: cases.reopen(tx, self.case(case).id, who, self.room.now))

    def _merges(self, who: str, case: int, rest: str | None) -> None:
        self._do(who, regrouping.merge, self.case(case).id, self.case(_place(rest)).id)

    def _links(self, who: str, case: int, rest: str | None) -> None:
        self._do(who, regrouping.link, self.case(case).id, self.case(_place(rest)).id)

    def _splits(self, who: str, place: int, _: str | None) -> None:
        entry = self.entry(place)
        self._do(who, regrouping.split, entry.case_id, entry.id)

    def _moves(self, who: str, place: int, rest: str | None) -> None:
        self._do(who, regrouping.move, self.entry(place).id, self.case(_place(rest)).id)

    def _undoes(self, who: str, case: int, _: str | None) -> None:
        self._do(who, undoing.undo, self.case(case).id)

    # -- what must be true ----------------------------------------------------------------------------

    def check_count(self, number: str) -> None:
        found = [case for case in self.all_cases() if not case.merged_into]
        assert len(found) == int(number), f"there are {len(found)}: {[(c.summary, c.status.value) for c in found]}"

    def check_case(self, place: str, facts: str) -> None:
        case = self.case(int(place))
        for fact in facts.split(", "):
            self._check_fact(case, fact)

    def _check_fact(self, case: Case, fact: str) -> None:
        number, _, what = fact.partition(" ")
        if number.isdigit():
            entries = self.entries(case)
            counts = {"message": len(entries), "follow-up": case.follow_ups, "repeat": case.repeats}
            said = [(entry.new_text, entry.why.code) for entry in entries]
            assert counts[what.removesuffix("s")] == int(number), f"{counts}: {said}"
        elif fact == "linked to nothing":
            assert case.linked_to == 0
        elif fact.startswith("linked to "):
            assert case.linked_to == self.case(int(fact[10:])).id
        elif fact.startswith("part of "):
            assert case.merged_into == self.case(int(fact[8:])).id
        elif fact.startswith("of "):
            wanted = {_name_of_customer(name) for name in fact[3:].split(" and ")}
            assert {_name_of(entry.sender) for entry in self.entries(case)} == wanted
        elif fact.startswith("waiting since message "):
            assert case.first_unanswered_at == self.said[int(fact[22:]) - 1].since
        else:
            facts = {case.status.value, case.verdict.category, case.verdict.topic, case.verdict.urgency.label}
            facts |= {"escalated"} if any(p.name == "escalated" for p in case.place.parts) else set()
            assert fact in facts, f"it is {facts}"

    def check_order(self, places: str) -> None:
        open_ = [case.id for case in self.room.cases()]
        assert open_ == [self.case(int(place)).id for place in places.split(", ")]

    def check_message(self, place: str, facts: str) -> None:
        entry = self.entry(int(place))
        for fact in facts.split(", "):
            if fact.startswith("in case "):
                assert entry.case_id == self.case(int(fact[8:])).id, f"{entry.why} {entry.case_id}"
            else:
                told = {entry.disposition.value, entry.why.code, "in no case" if not entry.case_id else "in a case"}
                told |= {"maybe a new matter"} if entry.maybe_new else set()
                assert fact in told, f"it is {told}"

    def check_got(self, name: str, kinds: str) -> None:
        hers = [reply.kind for reply in self.replies_to(name)]
        wanted = [] if kinds == "nothing" else kinds.split(", ")
        assert hers == wanted, f"{name} got {hers}; {[self._why(m) for m in self.said]}"

    def check_language(self, name: str, language: str) -> None:
        assert {reply.language for reply in self.replies_to(name)} == {language}

    def check_unread(self, name: str, place: str) -> None:
        """Nothing that went to somebody names a case, nor what was said in it."""
        case = self.case(int(place))
        for reply in self.replies_to(name):
            for secret in (case.number, case.summary[:40], *(e.sender.partition(":")[2] for e in self.entries(case))):
                hers = {_number(name), f"{name.lower()}@example.org"}
                assert secret in hers or secret not in reply.text + reply.subject, f"{name} reads {secret}"

    def check_state(self, name: str, what: str) -> None:
        assert what in self.replies_to(name)[-1].text

    def check_unsaid(self, words: str) -> None:
        assert [reply.kind for reply in self.got if words in reply.text + reply.subject] == []

    # -- looking --------------------------------------------------------------------------------------

    def all_cases(self) -> list[Case]:
        """Return every case, as they opened."""
        with self.room.store.read() as tx:
            rows = tx.execute(select(case_rows).order_by(case_rows.c.id)).all()
        return [case_of(row) for row in rows]

    def case(self, place: int) -> Case:
        return self.all_cases()[place - 1]

    def entries(self, case: Case) -> list[Entry]:
        return self.room.entries(case)

    def entry(self, place: int) -> Entry:
        """Return a message of the story as it is stored now."""
        wanted = self.said[place - 1]
        return next(e for e in self._everything() if (e.channel, e.external_id) == (wanted.channel, wanted.external_id))

    def _everything(self) -> list[Entry]:
        with self.room.store.read() as tx:
            return [entry_of(row) for row in tx.execute(select(messages).order_by(messages.c.id))]

    def replies_to(self, name: str) -> list[Reply]:
        return [reply for reply in self.got if _name_of(reply.to.key) == _name_of_customer(name)]

    def _why(self, message: Message) -> str:
        return next(
            (f"{e.why.code}; {e.acknowledged}" for e in self._everything() if e.external_id == message.external_id), "?"
        )


def _listed(special: str | None) -> list[str]:
    return [one.strip() for one in re.findall(r'(?:"[^"]*"|[^;"])+', special or "")]


def _hours(value: str) -> timedelta:
    """Return how long "5 hours before we were there" is."""
    return timedelta(hours=float(value.partition(" ")[0]))


def _place(rest: str | None) -> int:
    return int((rest or "").rpartition(" ")[2])


def _number(name: str) -> str:
    """Return the user number of somebody on Telegram and X."""
    return str(int.from_bytes(name.lower().encode()[:6], "big"))


def _name_of(key: str) -> str:
    """Return whose an address is: the part before "@" of a mail address, or the user number's name."""
    kind, _, value = key.partition(":")
    if kind == "email":
        return value.partition("@")[0]
    size = (int(value).bit_length() + 7) // 8
    return int(value).to_bytes(size, "big").decode()


def _name_of_customer(name: str) -> str:
    return name.lower()[:6] if len(name) > 6 else name.lower()


def _is_hers(reply: Reply, message: Message) -> bool:
    return reply.to.key == message.sender.key or _name_of(reply.to.key) == _name_of(message.sender.key)


_WAYS = "mails|chats|posts|writes on X"
_UNITS = "seconds?|minutes?|hours?|days?"
STEPS = [
    (re.compile(rf"(?:then )?([\d.]+) ({_UNITS}) later"), Telling.pass_time),
    (re.compile(rf"the clock is turned back by ([\d.]+) ({_UNITS})"), Telling.turn_clock_back),
    (re.compile(r"message (\d+) comes again(, numbered anew)?"), Telling.deliver_again),
    (re.compile(rf"(\w+) ({_WAYS})(?:, ((?:\"[^\"]*\"|[^:\"])+))?: ?(.*)"), Telling.speak),
    (re.compile(r"(\w+) (answers|resolves|reopens|undoes) case (\d+)(: .+)?"), Telling.agent),
    (re.compile(r"(\w+) (merges|links) case (\d+)( (?:in)?to case \d+)"), Telling.agent),
    (re.compile(r"(\w+) (splits|moves) message (\d+)( off| to case \d+)?"), Telling.agent),
    (re.compile(r"= (\d+) cases?"), Telling.check_count),
    (re.compile(r"= case (\d+): (.+)"), Telling.check_case),
    (re.compile(r"= order: (.+)"), Telling.check_order),
    (re.compile(r"= message (\d+): (.+)"), Telling.check_message),
    (re.compile(r"= (\w+) got:? (.+)"), Telling.check_got),
    (re.compile(r"= (\w+) is answered in (\S+)"), Telling.check_language),
    (re.compile(r"= (\w+) learns nothing of case (\d+)"), Telling.check_unread),
    (re.compile(r"= (\w+) reads: (.+)"), Telling.check_state),
    (re.compile(r"= no reply says: (.+)"), Telling.check_unsaid),
]  # fmt: skip
