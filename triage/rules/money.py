"""Coins, networks and amounts that a text names, in one spelling each."""

import re
from dataclasses import dataclass
from decimal import Decimal

_COINS = """BTC bitcoin bitcoins xbt 比特币 比特幣 ビットコイン 비트코인 биткоин биткойн
ETH ethereum ether 以太坊 以太币 以太幣 イーサリアム 이더리움 эфир
USDT tether 泰达币 泰達幣 тезер
USDC
TRX tronix 波场币 波場幣
BNB
SOL
XRP ripple 瑞波币
DOGE dogecoin 狗狗币 狗狗幣
LTC litecoin 莱特币 萊特幣
ADA cardano
MATIC
POL
TON toncoin
DOT polkadot
AVAX
SHIB shiba 柴犬币
LINK chainlink
BCH
ETC
XLM stellar
XMR monero 门罗币
DAI
BUSD
FDUSD
ATOM
NEAR
APT
SUI
ARB
OP
PEPE
FIL
UNI uniswap
AAVE
EOS
"""
_NETWORKS = """TRON trc20 trc-20 trc10 tron 波场 波場
Ethereum erc20 erc-20 ethereum 以太坊网络 以太坊 以太坊主网
BNB-Smart-Chain bep20 bep-20 bsc bep2 bep-2 币安智能链 幣安智能鏈
Polygon polygon matic
Arbitrum arbitrum
Optimism optimism
Avalanche avalanche avaxc c-chain
Solana solana spl
Bitcoin segwit taproot brc20 brc-20
Lightning lightning 闪电网络
TON toncoin
zkSync zksync
Linea linea
Aptos aptos
Sui sui
"""
_FIAT = """USD dollar dollars dólar dólares dolares usd us$ $ 美元 美金 刀 ドル 달러 долларов доллар
EUR euro euros eur €
CNY rmb cny yuan 元 块 塊 人民币 人民幣
GBP gbp £ pounds
JPY jpy yen 円
KRW krw 원 ₩
RUB rub рублей руб ₽
BRL brl r$ reais real
MXN mxn pesos
ARS ars
TRY try tl lira ₺
VND vnd đồng ₫
IDR idr rp rupiah
INR inr ₹ rupees
"""
_MULTIPLES = """1000 k mil mille tausend thousand тыс тысяч bin rb ribu nghìn ngàn 千 천
10000 万 萬 만
1000000 m mio million millions millionen millón millones milhão milhões млн juta jt triệu milyon 百万 百萬
10000000 千万 千萬
100000000 亿 億 억
1000000000 billion billions bn milliarden mrd milliard milliards млрд миллиард milyar miliar tỷ bilhão bilhões
"""
_AMBIGUOUS = frozenset(
    {"sol", "ton", "dot", "link", "near", "ada", "etc", "op", "uni", "apt", "sui", "fil", "atom", "arb"}
)
"""Coins that are words when written small and without a number before them."""


def _table(lines: str) -> dict[str, str]:
    rows = (line.split() for line in lines.splitlines())
    return {word.lower(): row[0].replace("-", " ") for row in rows for word in row}


_COIN, _NETWORK, _CURRENCY = _table(_COINS), _table(_NETWORKS), _table(_FIAT)
_NAMES = _COIN.keys() | _NETWORK.keys()
_UNIT = _CURRENCY | _COIN | {"u": "USDT"}  # "700u" is how Chinese customers write it
_OF_NAMES = bytes(c if re.match("[A-Za-z0-9-]", chr(c)) else ord(" ") for c in range(256))
_NOT_LATIN = re.compile("|".join(sorted((w for w in _COIN | _NETWORK if not w.isascii()), key=len, reverse=True)))
_TIMES = {word: int(row[0]) for row in map(str.split, _MULTIPLES.splitlines()) for word in row[1:]}
_MULTIPLE = re.compile(
    f"[ \u00a0\u3000]?({'|'.join(sorted(_TIMES, key=len, reverse=True))})(?: de(?= ))?", re.IGNORECASE
)
_BEGIN_MULTIPLES = frozenset(word[0] for word in _TIMES)
_QUANTITY = re.compile(r"\d(?<![A-Za-z0-9_.,-].)[\d.,]{0,24}")  # the digit first: letters are skipped at once
_BEHIND = re.compile(
    "[ \u00a0\u3000]?(?:[个個枚颗][ \u00a0]?)?([A-Za-z\u00c0-\u024f\u1ea0-\u1ef9]{1,8}"
    "|[$€£₩₽₺₫₹]|[\u3040-\u9fff\uac00-\ud7af]{1,4}|[а-я]{2,8})"
)
_BEFORE = re.compile("((?:US|R)?[$]|[€£₩₽₺₫₹]|USD[TC]?|BTC|ETH|TRX|BNB|SOL|XRP)[ :\u00a0]{0,2}$", re.IGNORECASE)
_ENDS_BEFORE = frozenset("$€£₩₽₺₫₹" + "DTCHXBLP" + "dtchxblp")  # with what each of these ends
_LONGEST_BEFORE = 6
_NO_UNIT = " \u00a0\u3000\t\n0123456789.,:;!?()[]/-+%*\"'"  # what no unit and no multiple begins with
_THOUSANDS = re.compile(r"[.,](?=\d{3}(?:\D|$))")


@dataclass(frozen=True, slots=True)
class Money:
    """What a text says of money, in order of appearance."""

    amounts: tuple[str, ...]
    coins: tuple[str, ...]
    networks: tuple[str, ...]


def find(text: str) -> Money:
    """Return the amounts ("700 USDT"), coins ("BTC") and networks ("TRON") that `text` names."""
    amounts = _amounts(text)
    named = _named(text)
    if not text.isascii():
        named += _NOT_LATIN.findall(text)
    coins = [_COIN[word] for word in named if word in _COIN]
    coins += [amount.split()[1] for amount in amounts if amount.split()[1].lower() in _COIN]
    networks = [_NETWORK[word] for word in named if word in _NETWORK]
    return Money(tuple(amounts), tuple(dict.fromkeys(coins)), tuple(dict.fromkeys(networks)))


def _named(text: str) -> list[str]:
    """Return the words for coins and networks in Latin letters, small."""
    words = text.encode("ascii", "replace").translate(_OF_NAMES)
    small = [word.lstrip("0123456789-") for word in words.lower().decode().split()]
    if _NAMES.isdisjoint(small):
        return []
    named = zip(words.decode().split(), small, strict=True)
    return [name for word, name in named if name in _NAMES and _is_meant(word.lstrip("0123456789-"), name)]


def _is_meant(word: str, small: str) -> bool:
    return small not in _AMBIGUOUS or word.isupper()


def _amounts(text: str) -> list[str]:
    found = []
    for quantity in _QUANTITY.finditer(text):
        times, unit = _measure(text, quantity)
        if unit:
            number = _number(quantity[0])
            found.append(f"{number if times == 1 else f'{(Decimal(number) * times).normalize():f}'} {unit}")
    return list(dict.fromkeys(found))


def _measure(text: str, quantity: re.Match[str]) -> tuple[int, str]:
    """Return by what a number is multiplied ("10k", "1.5万"), and its unit; "" for one that is no amount."""
    if not text[quantity.end() : quantity.end() + 2].strip(_NO_UNIT):
        return 1, _unit_before(text, quantity)
    behind = text[quantity.end() : quantity.end() + 2].lstrip(" \u00a0\u3000")[:1]
    multiple = _MULTIPLE.match(text, quantity.end()) if behind.lower() in _BEGIN_MULTIPLES else None
    follows = text[multiple.end() : multiple.end() + 1] if multiple else ""
    if multiple and multiple[1].lower() == "m" and follows.isalpha():
        multiple = None  # "5 mBTC" are thousandths
    times = _TIMES[multiple[1].lower()] if multiple else 1
    if multiple and (unit := _unit_at(text, multiple.end())):
        return times, unit
    if unit := _unit_at(text, quantity.end()):
        return 1, unit
    return (1 if follows.isalpha() else times), _unit_before(text, quantity)


def _unit_before(text: str, quantity: re.Match[str]) -> str:
    before = text[max(0, quantity.start() - _LONGEST_BEFORE) : quantity.start()]
    found = _BEFORE.search(before) if before.rstrip(" :\u00a0\n")[-1:] in _ENDS_BEFORE else None
    return _unit(found[1]) if found else ""


def _unit_at(text: str, start: int) -> str:
    behind = _BEHIND.match(text, start)
    return _unit(behind[1]) if behind else ""


def _unit(word: str) -> str:
    """Return the coin or currency that `word` begins with (Chinese runs on after it), or ""."""
    lowered = word.lower()
    if lowered[0] < "\u0400":  # Latin: a word of its own, for "2 opções" are no OP
        return _UNIT.get(lowered, "")
    return next((_UNIT[lowered[:n]] for n in range(len(lowered), 0, -1) if lowered[:n] in _UNIT), "")


def _number(text: str) -> str:
    """Return a number with a point for decimals and nothing for thousands ("1.000,5" and "1,000.5": "1000.5")."""
    text = text.rstrip(".,")
    if "." in text and "," in text:
        decimal = max(text.rfind("."), text.rfind(","))
        whole = text[:decimal].replace(".", "").replace(",", "")
        return f"{whole}.{text[decimal + 1 :]}"
    if text.count(",") == 1 and not _THOUSANDS.search(text):
        return text.replace(",", ".")
    if text.count(".") > 1:
        return text.replace(".", "")
    return text.replace(",", "")
