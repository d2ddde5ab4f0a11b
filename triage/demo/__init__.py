"""The demonstration day: real servers, stand-ins and a script, all on loopback."""


def play(*, once: bool, as_json: bool) -> int:
    """Play the day; see `triage.demo.play`. What it needs is imported only now."""
    from triage.demo.play import play as play_day

    return play_day(once=once, as_json=as_json)
