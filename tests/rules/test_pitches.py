"""Pitches of thieves are told from what their victims write."""

import pytest
from effort import bounded

from triage.rules.contacts import Contact, contacts
from triage.rules.pitches import find_pitch, fingerprint, solicits
from triage.rules.references import find_references

PITCHES = {
    "I lost all hope until Hacker Jim helped recover my stolen bitcoin. Contact him on WhatsApp": "recovery-expert",
    "Wizard Recovery Expert can recover your lost funds. Reach out to @wizard_recovery on Telegram": "recovery-expert",
    "专业追回被骗资金，联系微信 recover888，成功率100%": "recovery-expert",
    "Recuperamos sus fondos perdidos en criptomonedas. Escríbenos por Telegram @recupera_ya": "recovery-expert",
    "Validate your wallet within 24 hours at https://wallet-validate.example.com": "connect-wallet",
    "Airdrop live! Claim your free tokens now at claim-moon.xyz, connect wallet to claim": "connect-wallet",
    "Your account has been suspended. Log in at https://acme-help.example to restore it": "false-support",
    "尊敬的用户，您的账户存在风险将被冻结，请立即点击 https://safe.example": "false-support",
    "Ваш кошелёк был заблокирован. Перейдите https://check.example": "false-support",
    "Contact our live customer support on WhatsApp +44 7700 900123": "false-support",
}
VICTIMS = (
    "A guy on telegram @acme_help says he is your support and asks me to connect my wallet at https://x.example",
    "I clicked https://wallet-validate.example.com and entered my phrase, all my coins are gone",
    "我收到短信说我的账户将被冻结，点击 https://a.example 验证钱包，是真的吗",
    "Me escribieron de soporte oficial por Telegram @fake_acme y me pidieron conectar mi billetera",
    "My account has been locked, please contact me at ann@mail.example or +1 202 555 0100",
    "paid a recovery agent to get back my stolen coins and he wants another 3000, he is @agent_x on telegram",
    "How do I connect my wallet to uniswap.org",
    "Please verify the deposit, tx https://etherscan.io/tx/0x88df, contact me",
    "Fake support again: @acme_helpdesk2 writes 'connect your wallet at https://x.example'",
    'Di clic en "Verify wallet" dentro de un Discord con 20 mil miembros. Firmé.',
    "My withdrawal is stuck.",
)


def found(text, own=frozenset()):
    return contacts(text, find_references(text), own)


@pytest.mark.parametrize("text", PITCHES)
def test_a_pitch_is_told_with_what_it_is_after(text):
    pitch = find_pitch(text, found(text))
    assert pitch is not None
    assert pitch.code == f"pitch.{PITCHES[text]}"


@pytest.mark.parametrize("text", VICTIMS)
def test_a_victim_is_never_taken_for_a_thief(text):
    assert find_pitch(text, found(text)) is None
    assert not solicits(text, found(text))


def test_contacts_are_found_in_one_spelling_and_ours_are_left_out():
    text = (
        "@us @Acme_Help wrote: go to https://user@WWW.Evil.example:8080/login?x, t.me/evil_bot, "
        "https://etherscan.io/tx/1, mail help@evil.example or https://help.acme.example; "
        "send to TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLSE, not to support@acme.example"
    )
    assert set(found(text, frozenset({"support@acme.example"}))) == {
        Contact("link", "evil.example"),
        Contact("handle", "evil_bot"),
        Contact("email", "help@evil.example"),
        Contact("address", "TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLSE"),
    }


def test_copies_of_a_pitch_share_their_letters():
    assert fingerprint("Claim 100 now at https://a.example @one!") == fingerprint(
        "claim 200  NOW at https://b.example @two"
    )


@pytest.mark.parametrize("text", ["@" * 5000, "https://" * 3000, "a." * 4000 + "com", "recover " * 4000, "@a@b" * 1000])
def test_hostile_texts_cost_little(text):
    with bounded(seconds=0.5):
        find_pitch(text, found(text))
