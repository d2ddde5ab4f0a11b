"""What counts as a burst, and what stands for it."""

from builders import a_reading, a_verdict

from triage.case import References
from triage.rules.surges import Sensitivity, bursts, is_burst, signs_of, title, usual

TEN = Sensitivity()


def test_signs_are_topic_coin_network_and_words():
    reading = a_reading(references=References(coins=("USDT",), networks=("TRON",)))
    signs = signs_of(a_verdict(topic="pending"), reading)
    assert signs[:5] == ("topic:pending", "topic:pending coin:USDT", "topic:pending network:TRON", "coin:USDT",
                         "network:TRON")  # fmt: skip
    assert title(signs[2]) == "pending, TRON"


def test_texts_that_differ_in_numbers_and_a_word_share_a_sign():
    text = "Good morning, my withdrawal {} of {} USDT has been pending since this morning, please check my order"
    one, other = (signs_of(a_verdict(topic=""), a_reading(text.format(*n))) for n in ((1, 700), (78212, 51)))
    assert set(one) == set(other) != set()
    changed = signs_of(a_verdict(topic=""), a_reading(text.replace("morning, my", "day, our").format(3, 4)))
    assert set(one) & set(changed)
    assert not set(one) & set(signs_of(a_verdict(topic=""), a_reading("How do I change the language of the app?")))


def test_what_is_usual_at_this_hour_of_the_week_is_no_burst():
    assert is_burst(10, 0.0, TEN)
    assert not is_burst(9, 0.0, TEN)
    assert not is_burst(40, 30.0, TEN)
    assert is_burst(100, 30.0, TEN)
    assert not is_burst(1000, 0.0, Sensitivity(at_least=0))
    assert usual([40, 20], 12) == 30
    assert usual([], None) == 0


def test_one_cause_is_one_burst_by_its_most_telling_sign():
    broad = {n: n for n in range(24)}
    narrow = {n: n for n in range(22)}
    members = {"topic:pending": broad, "topic:pending network:TRON": narrow, "network:TRON": narrow, "text:1:a": narrow}
    [found] = bursts(members, {}, TEN)
    assert (found.sign, len(found.cases)) == ("topic:pending network:TRON", 22)


def test_two_causes_are_two_bursts():
    members = {"topic:pending": {n: n for n in range(30)}, "topic:login": {n: n for n in range(100, 115)}}
    assert [one.sign for one in bursts(members, {}, TEN)] == ["topic:pending", "topic:login"]


def test_one_person_who_writes_much_is_no_burst():
    assert bursts({"topic:pending": dict.fromkeys(range(50), 7)}, {}, TEN) == []
