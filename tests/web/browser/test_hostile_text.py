"""What customers write is never more than text in the agent's browser."""

import re

from playwright.sync_api import expect

from triage.store import lists

PAYLOADS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg/onload=alert`1`>",
    "<svg><script>alert(1)</script></svg>",
    "<body onload=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)>",
    "<embed src=//evil.example/x.swf>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>@import '//evil.example/x.css'</style>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=//evil.example/'>",
    "<form action=//evil.example/><button autofocus>x",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)>",
    "<marquee onstart=alert(1)>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<a href=javascript:alert(1)>click</a>",
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    '" autofocus onfocus="alert(1)',
    "</textarea><script>alert(1)</script>",
    "</pre></bdi><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "{{7*7}}{{constructor.constructor('alert(1)')()}}",
    "{% include 'x' %}${alert(1)}#{alert(1)}",
    "<!--><script>alert(1)</script-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<div hx-get=//evil.example/ hx-trigger=load>",
    "<div hx-on:load='alert(1)' data-hx-on-load='alert(1)'>",
    "<div data-refresh=//evil.example/ data-looking=//evil.example/>",
    "\u2028<script>alert(1)</script>\u2029",
    "\x00<scr\x00ipt>alert(1)</scr\x00ipt>",
    "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "\u202egnp.txe\u202c <b>bold</b>",
    "%3Cscript%3Ealert(1)%3C/script%3E",
)


def test_no_text_of_a_customer_does_anything_in_the_browser(open_desk):
    room = open_desk.room
    assert len(PAYLOADS) >= 30
    for n, payload in enumerate(PAYLOADS):
        room.hear(
            room.mail(
                f"My withdrawal {n} has been stuck for two days. {payload}",
                subject=f"{payload} withdrawal {n}",
                sender=f"c{n}@example.org",
            )
        )
    room.queued()
    page = open_desk.agent()
    assert page.locator("#rows tr[id]").count() == len(room.cases()) >= 30
    for case in room.cases():
        page.goto(f"/cases/{case.number}", wait_until="domcontentloaded")
        assert page.locator(".in :is(script, img, svg, iframe, object, form, input, style)").count() == 0
        links = page.locator(".in a").evaluate_all("all => all.map(one => [one.pathname, one.textContent])")
        whole = re.compile(f"/cases/{case.number}/messages/[0-9]+[.]txt")
        assert all(whole.fullmatch(path) and said == "whole message" for path, said in links), links
    page.goto("/?text=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")
    expect(page.locator("#text")).to_have_value('"><script>alert(1)</script>')
    page.goto("/?channel=%22%3E%3Cimg%20src=x%20onerror=alert(1)%3E&language='onfocus=alert(1)%20")
    assert open_desk.dialogs == []
    assert open_desk.foreign == []
    assert open_desk.errors == []


def test_what_the_policy_forbids_is_reported_and_counted(open_desk):
    """A hole in a page, made by hand: the browser runs nothing of it, and we are told."""
    room = open_desk.room
    page = open_desk.agent()
    with page.expect_request(lambda request: request.url.endswith("/csp-report")) as reported:
        page.evaluate(
            "document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=alert(1)>"
            "<img src=https://evil.example/pixel.png>')"
        )
    assert reported.value.response().status == 204

    def told():
        with room.store.read() as tx:
            return {name for name in lists.totals(tx) if name.startswith("csp_violations.")}

    for _ in range(100):
        if len(told()) == 2:
            break
        page.wait_for_timeout(50)
    assert told() == {"csp_violations.script-src-attr", "csp_violations.img-src"}
    assert open_desk.dialogs == []
    assert any("CSP: " in error for error in open_desk.errors)
