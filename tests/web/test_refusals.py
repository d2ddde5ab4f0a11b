"""What is refused is told in the reader's language: every refusal the pages can meet has its words."""

import ast
import html
import re

import pytest
from babel.messages import pofile
from fastapi.testclient import TestClient

from triage import errors
from triage.case import Role
from triage.web import Front, create_app, refusals
from triage.web.pages import CATALOGUES, WEB

TRIAGE = WEB.parent
ELSEWHERE = ("cli", "connectors", "classifier", "daemon", "demo", "settings", "web/api")
"""Where nothing is raised that a page tells."""

FOR_OPERATORS = {
    "ConfigError", "InUse", "LeaseLost", "StoreOutdated", "StoreDown", "ChannelError", "ChannelDown", "ChannelRefused",
    "SendRefused", "SendUnknown", "ModelUnusable", "Conflict", "NotNoted", "NotTrusted", "IssuerDown", "NotLetIn",
    "NotOpened", "TooMuch", "SignInNeeded",
}  # fmt: skip
"""Their lines are for logs; a page says something of its own, or never meets them."""

ROLES_EN = "this needs the role admin; yours is agent"
UNSEEN = {"text": "x", "key": "k", "seen": "y"}
LONG = "x" * 30_001
ZH = {"Accept-Language": "zh-CN"}


def files():
    for path in sorted(TRIAGE.rglob("*.py")):
        if not str(path.relative_to(TRIAGE)).startswith(ELSEWHERE):
            yield path, ast.parse(path.read_text("utf-8"))


def kinds():
    """Every class of refusal, by the classes it is made of."""
    found = {"TriageError"}
    classes = [node for _, tree in files() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    for _ in range(4):
        found |= {one.name for one in classes if {getattr(base, "id", "") for base in one.bases} & found}
    return found - FOR_OPERATORS


def refusals_in_the_code():
    """Each text that is refused with; None for one that is put together, and so can be in no catalogue."""
    known = kinds()
    for path, tree in files():
        constants = {
            node.targets[0].id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.targets[0], ast.Name)
        }
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            told = node.args[:1] if name in known else node.args[1:2] if name == "HTTPException" else []
            for one in told:
                for part in [one.body, one.orelse] if isinstance(one, ast.IfExp) else [one]:
                    text = constants.get(part.id) if isinstance(part, ast.Name) else getattr(part, "value", None)
                    yield f"{path.relative_to(TRIAGE)}:{node.lineno}", text if isinstance(text, str) else None


BY_VALUE = {"web/refusals.py"}
"""Takes its texts from tables, which are looked at on their own."""


def texts():
    found = dict(refusals_in_the_code())
    put_together = {
        where for where, text in refusals_in_the_code() if text is None and where.split(":")[0] not in BY_VALUE
    }
    tables = {*refusals.UNFIT.values(), refusals.UNREADABLE}
    return put_together, {text for text in found.values() if text} | tables


@pytest.mark.parametrize("catalogue", sorted(CATALOGUES.glob("*.po")), ids=lambda path: path.stem)
def test_every_refusal_has_its_words_in_every_catalogue(catalogue):
    with catalogue.open("rb") as file:
        known = {message.id: message.string for message in pofile.read_po(file) if message.id}
    put_together, said = texts()
    assert len(said) > 60
    assert put_together == set()
    assert {text for text in said if not known.get(text)} == set()
    places = re.compile(r"%\(\w+\)s")
    assert {text for text in said if sorted(places.findall(text)) != sorted(places.findall(known[text]))} == set()


@pytest.fixture
def case(room):
    room.hear(room.mail("My withdrawal of 0.5 BTC has been pending for two days and support does not answer."))
    room.queued()
    return room.cases()[0]


def said(answer):
    """What the reader is told: the title of a problem, or the alert on a page."""
    if "json" in answer.headers["content-type"]:
        return answer.json()["title"]
    return html.unescape(re.search(r'role="alert">([^<]+)<', answer.text)[1])


def refused(browser, path, language, **form):
    browser.client.headers["Accept-Language"] = language
    return browser.post(path, **form)


@pytest.mark.parametrize(
    ("path", "form", "status", "english", "chinese"),
    [
        ("/cases/{n}/reply", {"text": " ", "key": "k", "seen": 0}, 409, "an answer needs a text", "回复需要内容"),
        ("/cases/{n}/reply", UNSEEN, 422, "seen cannot be understood", "“已看消息”无法识别"),
        ("/cases/{n}/reply", {"text": "x", "seen": 0}, 422, "key is missing", "缺少“提交标识”"),
        ("/cases/{n}/snooze", {"seconds": 0}, 422, "seconds must be 1 at least", "“时长”至少为 1"),
        ("/cases/{n}/snooze", {"seconds": 10**9}, 422, "seconds may be 31536000 at most", "“时长”最多为 31536000"),
        ("/cases/{n}/preview", {"text": LONG}, 422, "text may have 30000 characters", "“内容”最多 30000 个字符"),
        ("/cases/{n}/note", {"text": " "}, 409, "a note needs a text", "备注需要内容"),
        ("/cases/{n}/dance", {}, 404, "there is no such action", "没有这种操作"),
        ("/cases/{n}/merge", {"other": "{n}"}, 409, "{n} is one case already", "{n} 已经是同一个工单"),
        ("/cases/018-AAAAAAAA/take", {}, 404, "there is no such case", "没有这个工单"),
        ("/users/add", {"name": "x"}, 403, ROLES_EN, "此操作需要“管理员”角色；您的角色是“客服”"),
        ("/nowhere", {}, 404, "there is no such page", "没有这个页面"),
        ("/audit", {}, 405, "this cannot be done here", "此处无法执行该操作"),
    ],
)  # fmt: skip
def test_a_refusal_is_told_in_the_readers_language(case, signed_in, path, form, status, english, chinese):
    agent = signed_in()
    form = {key: str(value).format(n=case.number) for key, value in form.items()}
    for language, line in (("en", english), ("zh-CN", chinese)):
        answer = refused(agent, path.format(n=case.number), language, **form)
        assert (answer.status_code, said(answer)) == (status, line.format(n=case.number))


def test_a_stale_answer_is_refused_in_chinese_too(room, case, signed_in):
    agent = signed_in()
    room.hear(room.mail("Wait, the address was wrong!", refers_to=("<1@example.org>",)))
    stale = refused(agent, f"/cases/{case.number}/reply", "zh-CN", text="Sent.", key="k", seen=case.id)
    assert (stale.status_code, said(stale)) == (409, "在您查看之后客户又发来了消息：请先阅读，再回复")


def test_an_old_form_is_refused_in_chinese_too(case, signed_in):
    agent = signed_in()
    agent.csrf = "old"
    answer = refused(agent, f"/cases/{case.number}/take", "zh-CN")
    assert (answer.status_code, said(answer)) == (403, "此表单已过期：请重新加载页面")


def test_a_channel_that_cannot_send_is_told_in_chinese_too(room, signed_in):
    room.hear(room.mail("My withdrawal has been pending for days.", channel="only-reads"))
    [case] = room.cases()
    answer = refused(signed_in(), f"/cases/{case.number}/reply", "zh-CN", text="Sent.", key="k", seen=0)
    assert (answer.status_code, said(answer)) == (409, "渠道“only-reads”无法发送")


def test_too_many_attempts_are_told_in_chinese_too(stranger):
    for _ in range(11):
        answer = stranger.client.post("/sign-in", data={"name": "mia", "password": "x"}, headers=ZH)
    assert (answer.status_code, said(answer)) == (429, "尝试次数过多，请 15 分钟后再试。")


def test_a_browser_that_goes_to_what_is_not_there_gets_a_page_and_the_way_back(signed_in):
    for role, path, status, line in (
        (Role.AGENT, "/cases/018-AAAAAAAA", 404, "没有这个工单"),
        (Role.READ_ONLY, "/users", 403, "此操作需要“管理员”角色；您的角色是“只读”"),
    ):
        answer = signed_in(role, role.label).get(path, **ZH)
        assert (answer.status_code, said(answer)) == (status, line)
        assert '<html lang="zh-Hans">' in answer.text
        assert '<a href="/">' in answer.text


def test_a_store_that_is_down_is_told_without_its_own_words(room):
    app = create_app(Front(store=room.store, desk=room.desk, clock=lambda: room.now))

    @app.get("/broken")
    def broken():
        raise errors.StoreDown("psycopg: secret details")

    answer = TestClient(app, base_url="https://desk.example").get("/broken", headers=ZH)
    assert (answer.status_code, said(answer)) == (503, "存储没有响应：请一分钟后再试")
