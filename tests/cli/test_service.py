import asyncio
import json
import subprocess
import sys

import pytest


def test_a_new_desk_is_two_commands_away(triage, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert triage("init").code == 0
    found = triage("check", "--json")
    assert found.code == 0
    assert [f["what"] for f in found.objects] == ["key", "replies", "model", "store", "channels"]
    assert (tmp_path / "triage.key").stat().st_mode & 0o777 == 0o600
    assert len((tmp_path / "triage.key").read_text().strip()) == 64


def test_init_never_writes_over_anything(triage, home):
    before = (home / "triage.toml").read_text()
    found = triage("init")
    assert found.code == 78
    assert found.err == "triage: triage.toml is there already, and stays as it is\n"
    assert (home / "triage.toml").read_text() == before
    assert not (home / "triage.key").exists()


def test_check_says_of_each_part_how_it_is(triage, home):
    found = triage("check")
    assert found.code == 0
    assert [line.split()[0] for line in found.out.splitlines()] == ["ok"] * 5
    assert "channel drop" in found.out


def test_check_ends_with_1_when_an_account_fails_and_says_what_is_wrong(triage, home):
    (home / "drop").rmdir()
    found = triage("check")
    assert found.code == 1
    [line] = [line for line in found.out.splitlines() if line.startswith("FAIL")]
    assert "channel drop" in line


def test_check_ends_with_78_when_a_secret_cannot_be_read(triage, home):
    (home / "key").unlink()
    found = triage("check")
    assert found.code == 78
    assert any(line.startswith("FAIL  key") for line in found.out.splitlines())


class Silent:
    """A connector whose account is well, and whose far side never says goodbye."""

    async def check(self):
        return "as it should be"

    async def close(self):
        await asyncio.Event().wait()


def test_check_says_what_it_found_when_the_far_side_never_says_goodbye(triage, home, monkeypatch):
    monkeypatch.setattr("triage.cli.checks.LONGEST_LEAVE", 0.01)
    monkeypatch.setattr("triage.settings.Settings.connector", lambda *_: Silent())
    found = triage("check")
    assert found.code == 0
    assert "as it should be" in found.out


@pytest.mark.parametrize(
    "words", [("--config", "x.toml", "check"), ("check", "--config", "x.toml"), ("check", "-c", "x.toml")]
)
def test_the_configuration_can_be_named_before_or_after_the_command(triage, home, words):
    found = triage(*words)
    assert found.code == 78
    assert found.err.startswith("triage: x.toml: cannot be read")


def test_without_any_configuration_it_says_what_to_do(triage, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("triage.settings.DEFAULT_PLACES", (tmp_path / "none.toml",))
    found = triage("cases")
    assert found.code == 78
    assert "triage init" in found.err
    assert len(found.err.splitlines()) == 1


def test_a_role_that_does_not_exist_is_named(triage, home):
    found = triage("run", "--only", "connectors,sender")
    assert found.code == 78
    assert found.err == 'triage: --only: there is no role "sender"; there are connectors, triage, senders, web\n'


def test_a_store_in_a_folder_that_is_not_there_is_one_line(triage, home):
    path = home / "triage.toml"
    path.write_text(path.read_text().replace("sqlite:///triage.db", "sqlite:///none/triage.db"))
    found = triage("cases")
    assert found.code in (74, 78)
    assert len(found.err.splitlines()) == 1


def test_a_backup_is_a_store_of_its_own(triage, home, a_file):
    triage("ingest", a_file("My withdrawal is stuck since yesterday"))
    assert triage("backup", "copy.db").code == 0
    assert triage("backup", "copy.db").code == 78
    path = home / "triage.toml"
    path.write_text(path.read_text().replace("triage.db", "copy.db"))
    assert len(triage("cases", "--json").objects) == 1


def test_an_upgrade_of_what_is_up_to_date_changes_nothing(triage, home):
    assert triage("upgrade").code == 0
    assert triage("upgrade").code == 0


def test_the_version_is_shown(triage):
    assert triage("--version").out.startswith("triage 0.")


def test_help_imports_nothing_heavy():
    code = (
        "import sys\nsys.argv = ['triage', '--help']\nfrom triage.cli.main import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "import json\nprint(json.dumps(sorted(m.split('.')[0] for m in sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    loaded = set(json.loads(done.stdout.splitlines()[-1]))
    heavy = {"sklearn", "numpy", "scipy", "sqlalchemy", "telegram", "tweepy", "aioimaplib", "aiosmtplib", "structlog"}
    assert loaded & heavy == set()


def test_an_unexpected_fault_is_a_log_line_without_a_customers_words(triage, home, a_file, monkeypatch):
    def broken(*_):
        raise ZeroDivisionError("what a customer wrote")

    monkeypatch.setattr("triage.explaining.explain", broken)
    found = triage("explain", a_file("hello"))
    assert found.code == 70
    assert "ZeroDivisionError" in found.err
    assert "ZeroDivisionError: what a customer wrote" not in found.err
