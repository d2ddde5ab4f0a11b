"""Who the customer of a case is, on its page and by keyboard."""

from playwright.sync_api import expect

TX = "3f9a17c2" * 8
STUCK = f"My withdrawal has been pending for two days, transaction {TX}"
NAMED = f"Where are my coins? The transaction is {TX} <img src=x onerror=alert(1)>"


def test_who_may_be_the_same_person_is_linked_by_one_key(open_desk):
    room = open_desk.room
    room.hear(room.mail(STUCK, sender="ada@example.org"))
    room.later(minutes=10)
    room.hear(room.mail(NAMED, sender="bob@example.org"))
    ada, bob = sorted(room.cases(), key=lambda case: case.id)
    page = open_desk.agent()
    page.goto(f"/cases/{ada.number}")
    person = page.locator("#person")
    expect(person).to_contain_text("names the same transaction")
    page.keyboard.press("Y")
    expect(person).to_contain_text("Other cases of this person")
    expect(person.locator(f'a[href="/cases/{bob.number}"]')).to_be_visible()
    expect(person).not_to_contain_text("names the same transaction")
    page.keyboard.press("P")
    expect(page.locator("#person input[name=address]:focus")).to_have_count(1)
    page.keyboard.type("nobody@example.net")
    page.keyboard.press("Enter")
    expect(person.locator("[role=alert]")).to_contain_text("nobody ever wrote from")


def test_why_nothing_came_of_it_stands_while_news_comes_and_goes_with_the_next_act(open_desk):
    room = open_desk.room
    room.hear(room.mail(STUCK, sender="ada@example.org"))
    [case] = room.cases()
    page = open_desk.agent()
    page.goto(f"/cases/{case.number}")
    for key, field, where, words in (
        ("P", "address", "#person", "nobody ever wrote from"),
        ("M", "other", "#refused", "there is no such case"),
    ):
        expect(page.locator(f"input[name={field}]")).to_be_visible()
        page.keyboard.press(key)
        page.keyboard.type("nobody@example.net")
        page.keyboard.press("Enter")
        told = page.get_by_role("alert")
        expect(told).to_contain_text(words)
        news = f"Still pending, asked with {key}, transaction {TX}"
        with page.expect_response(lambda answer: answer.url.endswith("/person")):
            room.hear(room.mail(news, sender="ada@example.org"))
        expect(page.locator("#case .in").last).to_contain_text(news)
        expect(page.locator("#person input[name=address]")).to_be_visible()
        expect(page.locator(f"{where} [role=alert]")).to_contain_text(words)
    page.keyboard.press("t")
    expect(page.locator("dd", has_text="mia").first).to_be_visible()
    expect(told).to_have_count(0)
