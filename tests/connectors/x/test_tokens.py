"""OAuth 2: each refresh token is good once, and kept before it is used."""

from datetime import timedelta
from typing import Any

import pytest

from triage.credentials import Secret
from triage.errors import ChannelDown, ChannelRefused


@pytest.mark.parametrize("far", ["public, oauth2"], indirect=True)
class TestTokens:
    async def test_a_new_refresh_token_is_on_the_disk_before_it_is_used(self, far, api):
        connector = far.connector(**away(far, "not there yet"))
        with pytest.raises(ChannelDown, match="cannot be used"):
            await connector.check()
        assert api.calls == ["token"]
        (far.folder / "not there yet").mkdir()
        await connector.check()
        assert api.login.renewals == 1
        assert api.login.refresh_token in (far.folder / "not there yet" / "x.json").read_text()

    async def test_a_restart_goes_on_with_the_stored_tokens(self, far, api):
        await far.connector().check()
        await far.connector().check()
        assert api.login.renewals == 1
        assert far.state.stat().st_mode & 0o777 == 0o600

    async def test_an_old_access_token_is_renewed_in_time(self, far, api):
        connector = far.connector()
        await connector.check()
        far.skipped = timedelta(hours=2)
        await connector.check()
        assert api.login.renewals == 2

    async def test_an_access_token_taken_back_before_its_time_is_renewed(self, far, api):
        connector = far.connector()
        await connector.check()
        api.login.bearer = "taken-back"
        await connector.check()
        assert api.login.renewals == 2

    async def test_tokens_that_another_process_renewed_are_taken_over(self, far, api):
        reader, sender = far.connector(), far.connector()
        await reader.check()
        await sender.check()
        far.skipped = timedelta(hours=3)
        await sender.check()
        await reader.check()
        assert api.login.renewals == 2

    async def test_a_person_who_authorises_again_makes_the_stored_tokens_void(self, far, api):
        await far.connector().check()
        api.login.refresh_token = "fresh-from-the-console"
        await far.connector("fresh-from-the-console").check()
        assert api.login.renewals == 2

    async def test_a_void_refresh_token_needs_a_person(self, far, api):
        await far.connector().check()
        far.state.unlink()
        with pytest.raises(ChannelRefused, match="authorise"):
            await far.connector().check()

    async def test_a_damaged_state_file_is_no_crash(self, far, api):
        far.state.write_text("{")
        await far.connector().check()
        assert api.login.renewals == 1

    async def test_no_token_is_logged(self, far, api, caplog):
        caplog.set_level("DEBUG")
        await far.connector().check()
        assert api.login.bearer not in caplog.text
        assert api.login.refresh_token not in caplog.text


def away(far: Any, folder: str) -> dict[str, Any]:
    """The way in, with the state in a folder of its own."""
    oauth2 = far.way_in()["oauth2"]
    return {"oauth2": oauth2.model_copy(update={"state": far.folder / folder / "x.json"})}


async def test_a_confidential_client_proves_itself(far, api, tmp_path):
    file = tmp_path / "client"
    file.write_text("s3cret")
    far.oauth2 = True
    oauth2 = far.way_in()["oauth2"].model_copy(update={"client_secret": Secret(file=file)})
    assert await far.connector(oauth1=None, oauth2=oauth2).check()
