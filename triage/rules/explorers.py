"""Where a transaction or an address can be looked up: links that an agent may follow, and that nobody fetches."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from triage.case import References

SITES = {
    "Bitcoin": ("https://mempool.space/tx/{}", "https://mempool.space/address/{}"),
    "Ethereum": ("https://etherscan.io/tx/0x{}", "https://etherscan.io/address/{}"),
    "TRON": ("https://tronscan.org/#/transaction/{}", "https://tronscan.org/#/address/{}"),
    "BNB Smart Chain": ("https://bscscan.com/tx/0x{}", "https://bscscan.com/address/{}"),
    "Polygon": ("https://polygonscan.com/tx/0x{}", "https://polygonscan.com/address/{}"),
    "Arbitrum": ("https://arbiscan.io/tx/0x{}", "https://arbiscan.io/address/{}"),
    "Optimism": ("https://optimistic.etherscan.io/tx/0x{}", "https://optimistic.etherscan.io/address/{}"),
    "Avalanche": ("https://snowtrace.io/tx/0x{}", "https://snowtrace.io/address/{}"),
    "Linea": ("https://lineascan.build/tx/0x{}", "https://lineascan.build/address/{}"),
    "Solana": ("https://solscan.io/tx/{}", "https://solscan.io/account/{}"),
    "TON": ("https://tonviewer.com/transaction/{}", "https://tonviewer.com/{}"),
    "Litecoin": ("https://litecoinspace.org/tx/{}", "https://litecoinspace.org/address/{}"),
    "Dogecoin": ("https://dogechain.info/tx/{}", "https://dogechain.info/address/{}"),
    "XRP Ledger": ("https://xrpscan.com/tx/{}", "https://xrpscan.com/account/{}"),
}
"""Chain to the addresses of its explorer: of a transaction, of a wallet."""

MOST = 3
"""Chains that are offered for one transaction id: 64 digits look the same on all of them."""

_LIKELIEST = ("Ethereum", "TRON", "Bitcoin")
_OF_COIN = {
    "BTC": "Bitcoin", "ETH": "Ethereum", "TRX": "TRON", "BNB": "BNB Smart Chain", "MATIC": "Polygon", "POL": "Polygon",
    "AVAX": "Avalanche", "LTC": "Litecoin", "DOGE": "Dogecoin", "XRP": "XRP Ledger", "TON": "TON",
}  # fmt: skip
_EVM = frozenset({"Ethereum", "BNB Smart Chain", "Polygon", "Arbitrum", "Optimism", "Avalanche", "Linea"})
_FORMS = (
    (re.compile(r"T[1-9A-Za-z]{33}"), "TRON"),
    (re.compile(r"bc1\w+|[13][1-9A-Za-z]{24,34}"), "Bitcoin"),
    (re.compile(r"ltc1\w+|[LM][1-9A-Za-z]{25,34}"), "Litecoin"),
    (re.compile(r"D[1-9A-Za-z]{33}"), "Dogecoin"),
    (re.compile(r"r[1-9A-Za-z]{24,34}"), "XRP Ledger"),
    (re.compile(r"[EU]Q[\w-]{46}"), "TON"),
    (re.compile(r"[1-9A-Za-z]{32,44}"), "Solana"),
)
"""What an address looks like, and its chain; the first that fits. They were checked when they were found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Where one thing that a customer named can be looked up.

    Attributes:
        value: The transaction id or address.
        chain: Whose explorer it is ("TRON").
        url: Its page there.
    """

    value: str
    chain: str
    url: str


def links(found: References) -> tuple[Link, ...]:
    """Return a link for each address, and up to `MOST` for each transaction: of the chains that the text names."""
    named = _named(found)
    made = [
        Link(value=value, chain=chain, url=SITES[chain][0].format(value))
        for value in found.transactions
        for chain in _chains_of_transaction(value, named)
    ]
    for value in found.addresses:
        chain = _chain_of_address(value, named)
        if chain:
            made.append(Link(value=value, chain=chain, url=SITES[chain][1].format(value)))
    return tuple(made)


def _named(found: References) -> tuple[str, ...]:
    """Return the chains that a text speaks of, surest first: networks, then the own chains of coins."""
    coins = (_OF_COIN.get(coin, "") for coin in found.coins)
    return tuple(dict.fromkeys(chain for chain in (*found.networks, *coins) if chain in SITES))


def _chains_of_transaction(value: str, named: Iterable[str]) -> tuple[str, ...]:
    if len(value) != 64:
        return ("Solana",)  # 64 bytes in base58: nobody else writes them so
    return tuple(chain for chain in named if chain != "Solana")[:MOST] or _LIKELIEST


def _chain_of_address(value: str, named: Iterable[str]) -> str:
    if value[:2].lower() == "0x":
        return next((chain for chain in named if chain in _EVM), "Ethereum")
    return next((chain for form, chain in _FORMS if form.fullmatch(value)), "")
