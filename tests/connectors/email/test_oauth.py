import pytest

from triage.connectors.email.oauth import Tokens
from triage.connectors.email.settings import OAuth
from triage.credentials import Secret
from triage.errors import ChannelDown, ChannelRefused


@pytest.fixture
def tokens(tmp_path, token_server):
    (tmp_path / "refresh").write_text("first")
    now = [1000.0]

    def make() -> Tokens:
        settings = OAuth(
            token_url=token_server.url,
            client_id="desk",
            refresh_token=Secret(file=tmp_path / "refresh"),
            state_file=tmp_path / "state.json",
        )
        return Tokens("mail", settings, clock=lambda: now[0])

    make.now = now
    return make


async def test_a_token_is_kept_until_it_ends(tokens, token_server):
    token_server.answers = [
        (200, {"access_token": "a", "expires_in": 600}),
        (200, {"access_token": "b", "expires_in": 600}),
    ]
    found = tokens()
    assert [await found.access(), await found.access()] == ["a", "a"]
    tokens.now[0] += 500
    assert await found.access() == "b"


async def test_a_replaced_refresh_token_is_kept_over_a_restart(tokens, token_server, tmp_path):
    token_server.answers = [(200, {"access_token": "a", "refresh_token": "second"}), (200, {"access_token": "b"})]
    await tokens().access()
    await tokens().access()
    assert [form["refresh_token"] for form in token_server.asked] == ["first", "second"]
    assert (tmp_path / "state.json").stat().st_mode & 0o777 == 0o600


async def test_a_newly_configured_refresh_token_counts_again(tokens, token_server, tmp_path):
    token_server.answers = [(200, {"access_token": "a", "refresh_token": "second"}), (200, {"access_token": "b"})]
    await tokens().access()
    (tmp_path / "refresh").write_text("granted anew")
    await tokens().access()
    assert token_server.asked[-1]["refresh_token"] == "granted anew"


async def test_a_refresh_token_that_cannot_be_kept_is_not_used(tokens, token_server, tmp_path):
    token_server.answers = [(200, {"access_token": "a", "refresh_token": "second"})]
    (tmp_path / "state.json").mkdir()
    with pytest.raises(ChannelRefused, match="cannot be written"):
        await tokens().access()


async def test_a_refresh_token_that_could_not_be_kept_is_kept_once_there_is_room(tokens, token_server, tmp_path):
    token_server.answers = [
        (200, {"access_token": "a", "refresh_token": "second"}),
        (200, {"access_token": "b", "refresh_token": "third"}),
    ]
    (tmp_path / "state.json").mkdir()
    found = tokens()
    with pytest.raises(ChannelRefused):
        await found.access()
    (tmp_path / "state.json").rmdir()
    assert await found.access() == "b"
    assert [form["refresh_token"] for form in token_server.asked] == ["first", "second"]


@pytest.mark.parametrize("kept", ["[]", "null", "7", '{"replaces": 1}', "{", "\udcff"])
async def test_a_file_of_kept_tokens_that_is_none_of_ours_counts_as_none(tokens, token_server, tmp_path, kept):
    (tmp_path / "state.json").write_text(kept, errors="surrogateescape")
    token_server.answers = [(200, {"access_token": "a"})]
    assert await tokens().access() == "a"
    assert token_server.asked[0]["refresh_token"] == "first"


@pytest.mark.parametrize("told", [None, "soon", [], "600"])
async def test_a_token_whose_end_is_told_oddly_is_used(tokens, token_server, told):
    token_server.answers = [(200, {"access_token": "a", "expires_in": told})]
    found = tokens()
    assert [await found.access(), await found.access()] == ["a", "a"]


@pytest.mark.parametrize(
    ("status", "answer", "kind"),
    [
        (400, {"error": "invalid_grant"}, ChannelRefused),
        (401, {"error": "invalid_client"}, ChannelRefused),
        (500, {}, ChannelDown),
        (200, {"no": "token"}, ChannelDown),
        (200, "<html>", ChannelDown),
        (429, {}, ChannelDown),
    ],
)
async def test_a_provider_that_gives_no_token_is_understood(tokens, token_server, status, answer, kind):
    token_server.answers = [(status, answer)]
    with pytest.raises(kind) as caught:
        await tokens().access()
    assert "first" not in str(caught.value)


async def test_a_provider_that_is_not_there_is_tried_again(tokens, token_server):
    token_server.close()
    with pytest.raises(ChannelDown):
        await tokens().access()
