"""What was stored in English is said in the reader's language: every sentence of the code has its words."""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from babel.messages import pofile
from fastapi._compat import ModelField
from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import get_flat_params
from fastapi.routing import APIRoute
from hypothesis import given
from hypothesis import strategies as st
from sayings import TRIAGE, sayings

from triage.case import Disposition, Reason, Role
from triage.classifier.signs import MEANINGS
from triage.classifier.situations import SITUATIONS
from triage.rules.pitches import _SAYS as PITCHES
from triage.rules.secrets import _KINDS as KINDS
from triage.rules.secrets import NEAR, UNSCANNED
from triage.store import cases
from triage.web import ROUTERS
from triage.web.pages import CATALOGUES
from triage.web.sayings import LONGEST, Sayings, sayings_of

pytestmark = pytest.mark.xdist_group("sayings")  # the code is read once

ELSEWHERE = {
    "classifier/deciding.py: words",  # the customer's own
    "cli/checks.py: why_not",  # for the command line
    "classifier/urgency.py: kind.text",  # SITUATIONS
    "rules/pitches.py: _SAYS[kind]",  # PITCHES
    "rules/automatic.py: ' and '.join((text for _, text in found[:3]))",  # `pairs`
    "identities.py: text", "rules/automatic.py: text",  # given to the function there
    "connectors/email/oauth.py: why", "connectors/x/errors.py: str(error)", "connectors/x/connector.py: str(error)",
    "daemon/actions.py: str(error)", "store/quarantine.py: why",  # a server's words, or a sentence from above
}  # fmt: skip
"""Texts that are not written where they are used."""

OTHERS = (
    "a complaint", "no address", "there is no usable sender address", "nearly the same words", "reported",
    "the domain 7 is written with other letters (7): it may imitate another one", "calls itself 7 and writes from 7",
    "SMTP: the sender 7 is refused: 7", "SMTP: our copy is refused: 7; make room for it, or set bcc_self = false",
    "the secret in 7 cannot be read: 7", "the secret in 7 is empty", "ca_file 7 cannot be used: 7",
    "not a cursor of an X channel: 7", "no answer within the deadline",
    "7 gives no token: 7 7", "Feedback-Id is set", "X-Loop is set",
)  # fmt: skip


def pairs(name: str) -> set[str]:
    """Return the sentences that stand beside a weight or a code in a table of the code."""
    tree = ast.parse((TRIAGE / name).read_text("utf-8"))
    tables = [node.elts for node in ast.walk(tree) if isinstance(node, ast.Tuple) and len(node.elts) == 2]
    return {e[1].value for e in tables if isinstance(e[1], ast.Constant) and " " in str(e[1].value)}


def acts() -> set[str]:
    """Return what the audit can say was done with a case."""
    code = "\n".join(path.read_text("utf-8") for path in TRIAGE.rglob("*.py"))
    calls = re.findall(r'(?:record|change)\([^")]*(?:\{[^}]*\}[^")]*)*"((?:case|address|reply)\.[\w-]+)"', code)
    return set(calls) | {f"case.{act}-undone" for act in ("merged", "split", "message-moved", "linked")}


def sentences() -> set[str]:
    found = {text for _, text in sayings() if text}
    found |= {f"points at a case {which} (7)" for which in ("of somebody else", "that is resolved")}
    found |= {kind.text for kind in SITUATIONS} | set(PITCHES.values()) | {f"pitch.{kind}" for kind in PITCHES}
    found |= pairs("rules/automatic.py") | pairs("rules/machine_wording.py") | set(OTHERS) | acts()
    found |= {f"reads like other high messages: speaks of {one} and {one}" for one in MEANINGS.values()}
    found |= {each.value for each in Disposition} | {kind.name for kind in KINDS} - {"IBAN"} | {NEAR, UNSCANNED}
    # What `_link` is given never stands alone; what is a name or a mark only needs no words.
    alone = {text for text in found if text.startswith("points at") and "(" not in text}
    return {text for text in found - alone if re.search(r"[a-z]{2}", text)}


def fields_of(asked: Dependant) -> Iterator[ModelField]:
    """Yield what an address or a form can hold."""
    in_the_path = {one.alias for one in asked.path_params}
    yield from (one for one in get_flat_params(asked) if one.alias not in in_the_path)
    yield from asked.body_params
    for part in asked.dependencies:
        yield from fields_of(part)


@pytest.fixture(params=sorted(CATALOGUES.glob("*.po")), ids=lambda path: path.stem)
def catalogue(request):
    with request.param.open("rb") as file:
        return pofile.read_po(file)


@cache
def in_chinese() -> Sayings:
    with Path(CATALOGUES / "zh_Hans.po").open("rb") as file:
        return sayings_of(pofile.read_po(file))


@pytest.fixture
def chinese() -> Sayings:
    return in_chinese()


def test_every_text_is_found_in_the_code():
    assert {where for where, text in sayings() if text is None} == ELSEWHERE


def test_every_sentence_has_its_words_in_every_catalogue(catalogue):
    say = sayings_of(catalogue).say
    told = {text: say(text) for text in sentences()}
    assert len(told) > 200
    english = re.compile("[a-z]+ [a-z]+ [a-z]+")
    assert {text for text, words in told.items() if words == text or english.search(words)} == set()


def test_each_field_of_a_page_has_its_name_in_every_catalogue(catalogue):
    named = {(message.context or "", message.id) for message in catalogue}
    routes = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]
    fields = {one.alias for route in routes for one in fields_of(route.dependant)}
    assert {"seen", "key", "seconds", "text"} < fields
    assert {field for field in fields if ("", field) not in named} == set()


@pytest.mark.parametrize(
    ("stored", "said"),
    [
        ("most likely account, but only 43% sure", "最可能是“账户”，但把握只有 43%"),
        (
            "reads like other high messages: speaks of money going out and lawyers, regulators or the press",
            "读起来像其他“高”级别的消息：提到了资金转出、律师、监管机构或媒体",
        ),
        (
            "answers a mail of this case; maybe a new matter: subject and text are new",
            "回复了本工单中的一封邮件；也可能是新的事项：主题和内容都是新的",
        ),
        (
            "support-mail: IMAP: the login of desk@example.org is refused: [AUTHENTICATIONFAILED] no such user",
            "support-mail：IMAP：desk@example.org 的登录被拒绝：[AUTHENTICATIONFAILED] no such user",
        ),
        ("the subject is that of a delivery report and X-Loop is set", "主题是投递报告的主题、设置了 X-Loop"),
        ("pending, TRON", "迟迟未确认、TRON"),
    ],
)
def test_what_stands_in_its_places_is_said_too(chinese, stored, said):
    assert chinese.say(stored) == said


@pytest.mark.parametrize(
    "text",
    [
        "",
        "550 5.7.1 Message rejected as spam by content filter",
        "the folder  is not there",
        "most likely , but only  sure",
        "wait and see, they said",
        "a new matter " * LONGEST,
    ],
)
def test_what_others_wrote_stays_as_it_is(chinese, text):
    assert chinese.say(text) == text


def test_a_long_text_of_marks_and_beginnings_is_looked_at_in_no_time(chinese):
    for part in ("a and ", "a: ", "a, ", "the folder ", " (", "IMAP: the folder x cannot be opened: "):
        assert chinese.say((part * LONGEST)[:LONGEST])


@given(text=st.text(max_size=200), name=st.text(min_size=1, max_size=20))
def test_no_text_breaks_it_and_no_value_is_lost(text, name):
    one = in_chinese()
    assert one.say(text) is not None
    assert one.say(f"the folder %({name})s is not there") == f"文件夹 %({name})s 不存在"


def test_the_words_that_decided_are_the_customers(room, signed_in):
    mail = "An agent of yours asked for my seed phrase. a new matter"
    room.hear(room.mail(mail))
    [case] = room.cases()
    own = replace(
        case.verdict, reasons=(Reason(code="word", text="a new matter"), Reason(code="new", text="a new case"))
    )
    with room.store.begin() as tx:
        cases.rewrite(tx, [replace(case, verdict=own)])
    page = signed_in().get(f"/cases/{case.number}", **{"Accept-Language": "zh-CN"}).text
    assert "<bdi>a new matter</bdi>" in page
    assert "<bdi>新工单</bdi>" in page


def test_the_settings_are_said_and_names_stay(signed_in):
    page = signed_in(Role.LEAD).get("/settings", **{"Accept-Language": "zh-CN"}).text
    values = re.findall("<dd>([^<]*)</dd>", page)
    assert {"Acme Wallet", "support@wallet.example", "否", "不保留", "危急 0.25、高 2、普通 24、低 48"} <= set(values)
    assert not {"no", "yes", "none", "not kept"} & set(values)


def test_the_figures_of_the_desk_are_said_and_a_channel_keeps_its_name(room, signed_in, chinese):
    room.hear(room.mail("Where is my withdrawal of 0.5 BTC? It is pending for two days."))
    room.hear(room.mail("Any news?", refers_to=("<1@example.org>",)))
    with room.store.read() as tx:
        figures = cases.totals(tx)
    page = signed_in().get("/channels", **{"Accept-Language": "zh-CN"}).text
    assert set(re.findall("<dt>([^<]*)</dt>", page)) == {chinese.say(name) for name in figures}
    others = {"csp_violations.img-src", "rated.5", "received-again", *(f"messages.{one.value}" for one in Disposition)}
    assert {name for name in {*figures, *others} if not re.match("[\u4e00-\u9fff]", chinese.say(name))} == set()
    assert chinese.say("acknowledged.email") == "自动确认 · email"
    assert chinese.say("messages.new") == "消息 · 新工单"
