from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from triage.case import Urgency
from triage.connectors import module_of
from triage.errors import ConfigError
from triage.rules.language import LANGUAGES
from triage.rules.targets import Matter
from triage.settings import find, load, shipped
from triage.settings.complaints import KINDS

DESK = '[desk]\nkey = { file = "key" }\n'
FOLDER = '[channels.drop]\nkind = "folder"\npath = "in"\n'


@pytest.fixture
def written(tmp_path):
    def write(text: str) -> Path:
        path = tmp_path / "triage.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def complaint(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        load(path)
    text = str(caught.value)
    assert "\n" not in text
    assert text.startswith(f"{path}: ")
    return text.removeprefix(f"{path}: ")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("", "[desk] is missing"),
        ("[desk]\n", "[desk] key: is missing"),
        ("[desk\n", "is not valid TOML: Expected ']' at the end of a table declaration (at line 1, column 6)"),
        (DESK + 'nme = "Acme"\n', '[desk] nme: unknown key; did you mean "name"?'),
        (DESK + "[limits]\nper_day = 'abc'\n", "[limits] per_day: must be a whole number (got 'abc')"),
        (DESK + "[limits]\nper_day = -1\n", "[limits] per_day: must be at least 0 (got -1)"),
        (DESK + "[targets]\nhigh = 'soon'\n", "[targets] high: must be a number (got 'soon')"),
        (DESK + "languages = 'en'\n", "[desk] languages: must be a list, such as [ ... ] (got 'en')"),
        (
            DESK + "[replies]\nfaq.fees = 'help.example'\n",
            '[replies] faq: fees: must be an address that begins with "https://" (got "help.example")',
        ),
        (
            DESK + "[replies]\nfaq.fees = { english = 'https://help.example' }\n",
            f'[replies] faq: fees: there is no language "english"; there are {", ".join(LANGUAGES)}',
        ),
        (DESK + "[replies]\nsilent = ['y']\n" + FOLDER, '[replies] silent: there is no channel "y"'),
        (
            DESK + "[replies]\ntime_zone = 'Mars/Base'\n",
            '[replies] time_zone: there is no time zone "Mars/Base"; a name such as "Europe/Madrid" is meant',
        ),
        (DESK + "[chanels.x]\n", 'chanels: unknown key; did you mean "channels"?'),
        (DESK + '[store]\nurl = "mysql://x"\n', '[store] url: must begin with "sqlite:///" or "postgresql+psycopg://"'),
        (DESK + "[channels.a]\n", "[channels.a] kind: is missing; one of email, folder, telegram, x"),
        (
            DESK + '[channels.a]\nkind = "emial"\n',
            (
                '[channels.a] kind: there is no channel kind "emial"; did you mean "email"?; '
                "there are email, folder, telegram, x"
            ),
        ),
        (
            DESK + '[channels.a]\nkind = "os.path"\n',
            '[channels.a] kind: "os.path" is no channel kind: it has no Settings and connect()',
        ),
        (
            DESK + FOLDER + "[targets.channels.dorp]\nhigh = 1\n",
            '[targets.channels.dorp] there is no channel "dorp"; did you mean "drop"?',
        ),
        (
            DESK + "[guard]\npatterns = { 'backup code' = 'a(?=b)' }\n",
            '[guard] patterns: "backup code" cannot be used: invalid perl operator: (?=',
        ),
        (
            DESK + "[guard]\npatterns = { Code = 'a' }\n",
            '[guard] patterns: "Code" cannot be used: a name is of 4 to 40 small letters, blanks and dashes',
        ),
        ('[desk]\nname = 3\nkey = { file = "a", env = "B" }\n', None),
    ],
)
def test_what_is_wrong_is_said_in_one_line(written, table, said):
    found = complaint(written(table))
    assert said is None or found == said


def test_a_secret_written_into_the_file_is_refused_and_not_repeated(written):
    said = complaint(written('[desk]\nkey = "correct horse"\n'))
    assert said.startswith("[desk] key: must be a table")
    assert "correct horse" not in said


def test_further_mistakes_are_counted(written):
    assert complaint(written(DESK + "a = 1\nb = 2\nc = 3\n")).endswith("(and 2 more)")


def test_a_missing_file_says_how_to_get_one(tmp_path):
    assert "triage init" in complaint(tmp_path / "none.toml")


def test_a_file_in_another_encoding_is_named(tmp_path):
    path = tmp_path / "triage.toml"
    path.write_bytes(b'[desk]\nname = "Caf\xe9"\n')
    assert complaint(path) == "is not UTF-8 text"


def test_relative_paths_start_at_the_configuration_file(written, tmp_path):
    text = DESK + '[store]\nurl = "sqlite:///data/triage.db"\n[models]\nfolder = "m"\n[replies]\nfolder = "/r"\n'
    settings = load(written(text))
    assert settings.desk.key.file == tmp_path / "key"
    assert settings.store.url == f"sqlite:///{tmp_path}/data/triage.db"
    assert settings.models.folder == tmp_path / "m"
    assert settings.replies.folder == Path("/r")


def test_an_absolute_store_stays_where_it_is(written):
    store = load(written(DESK + '[store]\nurl = "sqlite:////var/t.db"\npause_below_mb = 0\n')).store
    assert (store.url, store.pause_below_mb) == ("sqlite:////var/t.db", 0)
    url = "postgresql+psycopg://triage@db/triage"
    assert load(written(DESK + f'[store]\nurl = "{url}"\n')).store.url == url


def test_what_is_not_named_comes_with_triage(written):
    settings = load(written(DESK))
    assert settings.models.folder == shipped("models")
    assert settings.replies.folder == shipped("config") / "replies"
    assert shipped("config").is_dir()


def test_a_channel_may_have_its_own_targets(written):
    settings = load(written(DESK + FOLDER + "[targets.channels.drop]\nhigh = 1\n"))
    targets = settings.targets.targets(settings.calendars)
    assert targets.seconds(Matter(urgency=Urgency.HIGH, channel="drop")) == 3600
    assert targets.seconds(Matter(urgency=Urgency.NORMAL, channel="drop")) == 24 * 3600
    assert targets.seconds(Matter(urgency=Urgency.HIGH, channel="other")) == 2 * 3600


def test_replies_can_go_only_through_a_channel_that_exists(written):
    said = complaint(written(DESK + FOLDER + "answers_through = 'dorp'\n"))
    assert said == '[channels.drop] answers_through: there is no channel "dorp"; did you mean "drop"?'


def test_the_named_configuration_outranks_the_environment_and_the_usual_places(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("TRIAGE_CONFIG", raising=False)
    Path("triage.toml").touch()
    assert find() == Path("triage.toml")
    monkeypatch.setenv("TRIAGE_CONFIG", "/etc/other.toml")
    assert find() == Path("/etc/other.toml")
    assert find(Path("mine.toml")) == Path("mine.toml")


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_brings_its_settings(kind):
    module = module_of(kind)
    assert module.Settings.model_config["extra"] == "forbid"
    assert callable(module.connect)


def test_who_answers_is_said_or_follows_from_the_kind(written):
    bot = '[channels.bot]\nkind = "telegram"\ntoken = { env = "T" }\n'
    settings = load(written(DESK + FOLDER + bot))
    assert settings.answers_through("bot") == "bot"
    assert settings.answers_through("drop") == ""
    through = load(written(DESK + FOLDER + "answers_through = 'bot'\n" + bot))
    assert through.answers_through("drop") == "bot"


def test_a_new_sqlite_store_is_made_at_once(written, tmp_path):
    store = load(written(DESK)).open_store()
    store.close()
    assert (tmp_path / "triage.db").stat().st_mode & 0o077 == 0


OFFICE = """
[calendars.office]
time_zone = "Europe/Madrid"
hours = { mon-fri = "09:00-13:00, 14:00-18:00" }
holidays = "ES"
"""


def test_a_calendar_counts_its_own_hours_in_its_own_zone(written):
    targets = load(written(DESK + OFFICE + '[targets]\ncalendar = "office"\n'))
    targets = targets.targets.targets(targets.calendars)
    friday = datetime(2026, 11, 27, 17, 30, tzinfo=ZoneInfo("Europe/Madrid"))
    high = Matter(urgency=Urgency.HIGH, channel="drop")
    assert targets.due(high, friday, 3600) == datetime(2026, 11, 30, 9, 30, tzinfo=ZoneInfo("Europe/Madrid"))
    assert targets.due(Matter(urgency=Urgency.CRITICAL, channel="drop"), friday, 3600) == friday + timedelta(hours=1)


def test_a_channel_may_have_no_calendar_or_another(written):
    channel = '[targets]\ncalendar = "office"\n[targets.channels.drop]\ncalendar = ""\n'
    targets = load(written(DESK + FOLDER + OFFICE + channel))
    targets = targets.targets.targets(targets.calendars)
    assert targets.calendar_of(Matter(urgency=Urgency.NORMAL, channel="drop")) is None
    assert targets.calendar_of(Matter(urgency=Urgency.NORMAL, channel="other")) is not None


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (
            '[targets]\ncalendar = "ofice"\n',
            '[targets] calendar: there is no [calendars.ofice]; did you mean "office"?',
        ),
        (
            '[calendars.a]\nholidays = "ATLANTIS"\n',
            'holidays: nothing is known of the holidays of "ATLANTIS"',
        ),
        ('[calendars.a]\nhours = { moon = "09:00-10:00" }\n', '[calendars.a] hours: "moon" is no day'),
        ('[calendars.a]\nhours = { mon = "9-17" }\n', '[calendars.a] hours: "9-17" is no span of hours'),
        ('[calendars.a]\nhours = { mon = "18:00-09:00" }\n', "each span must end after it begins"),
        ('[calendars.a]\nhours = { mon-wed = "09:00-10:00", tue = "09:00-10:00" }\n', "tue is there twice"),
        ('[calendars.a]\nhours = { mon = "" }\n', "never opens"),
        ('[calendars.a]\ntime_zone = "Europe/Atlantis"\n', 'there is no time zone "Europe/Atlantis"'),
    ],
)
def test_a_calendar_that_cannot_be_meant_is_told_in_one_line(written, table, said):
    assert said in complaint(written(DESK + FOLDER + OFFICE + table))


def test_a_mail_address_that_no_server_could_write_is_refused(written):
    imap = 'imap = { host = "mail.example" }\npassword = { env = "MAIL" }\n'
    said = complaint(written(DESK + f'[channels.mail]\nkind = "email"\naddress = "desk@-例.example"\n{imap}'))
    assert said.startswith("[channels.mail] address: ")


@pytest.mark.parametrize("kind", ["acme.broken", "..acme"])
def test_a_channel_kind_that_cannot_be_loaded_is_told_in_one_line(written, tmp_path, monkeypatch, kind):
    (tmp_path / "acme").mkdir()
    (tmp_path / "acme" / "broken.py").write_text("raise RuntimeError('no licence')")
    monkeypatch.syspath_prepend(tmp_path)
    said = complaint(written(DESK + f'[channels.x]\nkind = "{kind}"\n'))
    assert said.startswith(f'[channels.x] kind: the channel kind "{kind}" cannot be loaded: ')


def test_a_secret_that_is_not_there_is_told_before_a_channel_begins(written):
    path = written(DESK + '[channels.bot]\nkind = "telegram"\ntoken = { file = "no-such-token" }\n')
    with pytest.raises(ConfigError, match=r"\[channels.bot\] the secret in .*no-such-token cannot be read"):
        load(path).connectors()
