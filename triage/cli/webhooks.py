"""Commands for webhooks: webhook list, test, enable, secret."""

from typing import Annotated, Any

import typer

from triage.cli.terminal import AsJson, Columns, Config, note, print_json, print_table, say, settings_from, store_of
from triage.errors import TriageError

app = typer.Typer(help="Who is told what happens, by requests that are signed.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The webhook's name in the configuration.", show_default=False)]


@app.command("list")
def listing(config: Config = None, as_json: AsJson = False) -> None:
    """List the webhooks: how each is, what waits, and what its receiver took."""
    from triage.store import webhooks

    settings = settings_from(config)
    with store_of(settings) as store, store.read() as tx:
        known = {hook.name: hook for hook in webhooks.all(tx)}
    rows = [_row(name, webhook.url, known.get(name)) for name, webhook in settings.webhooks.items()]
    if as_json:
        for row in rows:
            print_json(row)
        return
    if not rows:
        note("no webhook is configured: see [webhooks.NAME]")
        return
    right: dict[str, Any] = {"justify": "right"}
    columns: Columns = (
        *(("Webhook", {}), ("State", {}), ("Waiting", right), ("Taken", right), ("Failed", right), ("Given up", right)),
        *(("To", {"ratio": 1}), ("Why", {"ratio": 1})),
    )
    shown = ("name", "state", "waiting", "taken", "failed", "given_up", "url", "why")
    print_table(columns, ([row[key] for key in shown] for row in rows))


@app.command("test")
def send_test(name: Name, config: Config = None) -> None:
    """Send one event of the type "webhook.test" now, and say what became of it; nothing is queued."""
    import asyncio
    import secrets
    from datetime import UTC, datetime

    from triage.posting import Answer, Poster
    from triage.webhooks import payload

    settings = settings_from(config)
    endpoint = _one(settings, name).endpoint(name)
    now = datetime.now(UTC)

    async def send() -> Answer:
        poster = Poster(endpoint)
        try:
            return await poster.post(f"msg_{secrets.token_hex(16)}", payload("webhook.test", now, {}), now)
        finally:
            await poster.close()

    answer = asyncio.run(send())
    if not answer.taken:
        raise TriageError(f"{name}: {answer.why}")
    say(f"{name}: the receiver took it ({answer.status})")


@app.command()
def enable(
    name: Name,
    config: Config = None,
    skip: Annotated[bool, typer.Option("--skip", help="Do not tell what happened meanwhile.")] = False,
) -> None:
    """Switch a webhook on again that was switched off; it goes on from where it stopped."""
    from triage.store import webhooks

    settings = settings_from(config)
    _one(settings, name)
    with store_of(settings) as store, store.begin() as tx:
        webhooks.begin(tx, name)
        webhooks.switch_on(tx, name, skip=skip)
    say(f"{name}: is on; `triage run` goes on with it")


@app.command()
def secret() -> None:
    """Print a new secret, for the file that the configuration names and for the receiver."""
    import secrets

    from triage.webhooks import new_secret

    typer.echo(new_secret(secrets.token_bytes(32)))


def _one(settings: Any, name: str) -> Any:
    from triage.settings.complaints import nearest

    found = settings.webhooks.get(name)
    if found is None:
        raise TriageError(f'there is no webhook "{name}"{nearest(name, settings.webhooks)}')
    return found


def _row(name: str, url: str, hook: Any) -> dict[str, Any]:
    """Return what is told of one webhook; `hook` is None until `triage run` has seen it."""
    if hook is None:
        return {"name": name, "url": url, "state": "new", "why": "", "since": None} | dict.fromkeys(COUNTS, 0)
    state = "off" if hook.off else "failing" if hook.failing_since else "up"
    counts = {key: getattr(hook, key) for key in COUNTS}
    return {"name": name, "url": url, "state": state, "why": hook.why, "since": hook.failing_since} | counts


COUNTS = ("waiting", "taken", "failed", "given_up")
