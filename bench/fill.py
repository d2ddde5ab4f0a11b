"""A store filled to a size with copies of what is in it: other people, other cases, the same distribution."""

from collections.abc import Mapping

from sqlalchemy import func, select, text

from triage.store import Store, Tx
from triage.store.tables import addresses, cases, messages, participants, persons, threads

RANDOM = {"sqlite": "randomblob(32)", "postgresql": "decode(md5(random()::text) || md5(random()::text), 'hex')"}


def fill(store: Store, wanted: int) -> None:
    """Copy everything until the store holds `wanted` messages; the last copies are of a part only."""
    with store.read() as tx:
        held = tx.execute(select(func.count()).select_from(messages)).scalar_one()
        last = {t.name: tx.execute(select(func.max(t.c.id))).scalar_one() for t in (persons, cases, messages)}
    round_ = 0
    while wanted > held:
        round_ += 1
        share = min(1.0, (wanted - held) / last["messages"])
        held += store.run(lambda tx, r=round_, s=share: _copy(tx, store.dialect, last, r, s))
    with store.begin() as tx:
        tx.execute(text("ANALYZE"))
        if store.dialect == "postgresql":
            tx.execute(text("SELECT setval('messages_id_seq', (SELECT max(id) FROM messages))"))
        for name in ("persons", "cases"):
            tx.execute(
                text("UPDATE counters SET value = :value WHERE name = :name"),
                {"value": last[name] * (round_ + 1), "name": f"ids:{name}"},
            )


def _copy(tx: Tx, dialect: str, last: Mapping[str, int], round_: int, share: float) -> int:
    person, case, message = (last[name] * round_ for name in ("persons", "cases", "messages"))
    shifted = {
        persons: {"id": f"id + {person}"},
        addresses: {"hash": RANDOM[dialect], "person_id": f"person_id + {person}", "key": f"key || '.{round_}'"},
        cases: {"id": f"id + {case}", "person_id": f"person_id + {person}"},
        messages: {"id": f"id + {message}", "case_id": f"case_id + {case}", "sender": f"sender || '.{round_}'"},
        threads: {"hash": RANDOM[dialect], "case_id": f"case_id + {case}"},
        participants: {"hash": RANDOM[dialect], "case_id": f"case_id + {case}"},
    }
    owners = {
        persons: "id",
        addresses: "person_id",
        cases: "id",
        messages: "case_id",
        threads: "case_id",
        participants: "case_id",
    }
    grown = 0
    for table, changed in shifted.items():
        names = [column.name for column in table.columns]
        values = [changed.get(name, name) for name in names]
        name = "persons" if owners[table] == "person_id" or table is persons else "cases"
        quoted = ", ".join(f'"{n}"' for n in names)
        where = f"{owners[table]} <= {last[name]}"
        if share < 1 and table is messages:
            where += f" AND id <= {int(share * last['messages'])}"
        done = tx.execute(
            text(f"INSERT INTO {table.name} ({quoted}) SELECT {', '.join(values)} FROM {table.name} WHERE {where}")
        )
        grown = done.rowcount if table is messages else grown
    return int(grown)
