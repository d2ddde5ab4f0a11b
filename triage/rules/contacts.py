"""Where a text wants its reader to go: handles, links, mail addresses, wallet addresses."""

import re
from dataclasses import dataclass

from triage.case import References

_LINK = re.compile(r"(?:\bhttps?://|\bhxxps?://|\bwww\.)([^\s<>\"'，。、）)]{3,200})", re.IGNORECASE)
_CHAT = re.compile(
    r"(?:\b(?:t\.me|telegram\.me|wa\.me|discord\.gg)/|\btg://resolve\?domain=)\+?([\w-]{3,40})", re.IGNORECASE
)
_HANDLE = re.compile(r"(?<![\w@./])[@＠]([A-Za-z][\w.]{3,31})(?![\w@])")
_LEADING = re.compile(r"^(?:\s*[@＠]\w{1,40})+")
_ENDINGS = r"\.(?:com|net|org|io|co|app|xyz|site|online|live|info|cc|top|vip|pro|finance|link|click)(?![\w@-])"
_ENDING = re.compile(_ENDINGS, re.IGNORECASE)  # found ten times sooner than what stands before it
_BARE = re.compile(rf"(?<![\w@./-])((?:[a-z0-9-]{{2,40}}\.){{0,2}}[a-z0-9-]{{2,40}}{_ENDINGS})", re.IGNORECASE)
# Chats, whose names are handles, and places that everybody links to: nobody is an impostor for being there.
_EVERYBODYS = frozenset(
    {"t.me", "telegram.me", "wa.me", "discord.gg", "t.co", "x.com", "twitter.com", "youtube.com", "youtu.be"}
    | {"github.com", "etherscan.io", "tronscan.org", "bscscan.com", "polygonscan.com", "arbiscan.io", "solscan.io"}
    | {"explorer.solana.com", "blockchain.com", "blockchair.com", "mempool.space", "blockstream.info"}
    | {"coinmarketcap.com", "coingecko.com", "google.com"}
)
MOST = 20


@dataclass(frozen=True, slots=True)
class Contact:
    """One of them.

    Attributes:
        kind: "handle", "link" (the host), "email" or "address" (of a wallet).
        value: In its one spelling: lower case without "@" or "www.", but for wallet addresses.
    """

    kind: str
    value: str


def contacts(text: str, references: References, own: frozenset[str] = frozenset()) -> tuple[Contact, ...]:
    """Return the contacts in a text, in no order, no doubles, at most `MOST`; `own` are our mail addresses.

    What is ours is none: our addresses, and hosts under their domains. Handles that a post begins with are whom it
    answers.
    """
    domains = {address.rpartition("@")[2] for address in own}
    said = _LEADING.sub("", text)
    links = _LINK.findall(said) if "/" in said or "." in said else []
    bare = _BARE.findall(said) if _ENDING.search(said) else []
    hosts = [_host(found) for found in links] + [name.lower() for name in bare if name.lower() not in _EVERYBODYS]
    chats = _CHAT.findall(said) if "/" in said else []
    handles = _HANDLE.findall(said) if "@" in said or "＠" in said else []
    found = [Contact("handle", name.lower().rstrip(".")) for name in (*chats, *handles)]
    found += [Contact("link", host) for host in hosts if host and not _is_ours(host, domains)]
    linked = " ".join(links).lower()  # "user@host" in a link is no mail address
    found += [Contact("email", mail) for mail in references.emails if mail not in own and mail not in linked]
    found += [Contact("address", address) for address in references.addresses]
    return tuple(dict.fromkeys(found))[:MOST]


def _host(rest: str) -> str:
    """Return the host that a link leads to: what stands before an "@" in it is no part of it."""
    host = re.split(r"[/?#\\;,]", rest, maxsplit=1)[0].rpartition("@")[2].partition(":")[0]
    host = host.lower().strip(".").removeprefix("www.").replace("[.]", ".")
    return host if "." in host and host not in _EVERYBODYS else ""


def _is_ours(host: str, domains: set[str]) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)
