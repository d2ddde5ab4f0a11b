"""What people call a private key, and what they call a transaction, in the languages of our customers."""

import re

KEY = re.compile(
    r"""priv(?:ate|ada|ée|ata|at)?[\s_-]{0,2}(?:key|kye|keys)|\bpk\b|secret[\s_-]?key|clave\s(?:privada|secreta)
    |llave\sprivada
    |chave\s(?:privada|secreta)|cl[ée]\s(?:privée|secrète)|privater?\sschlüssel|privatschlüssel|kunci\s(?:pribadi
    |privat)|chiave\sprivata
    |kh[óo]a\s(?:riêng|bí\smật)|[öo]zel\sanahtar|приватн[а-я]{2,4}\sключ|закрыт[а-я]{2,4}\sключ
    |секретн[а-я]{2,4}\sключ
    |私钥|私鑰|密钥|密鑰|秘密鍵|プライベートキー|개인\s?키|비밀\s?키|المفتاح\sالخاص""",
    re.IGNORECASE | re.VERBOSE,
)
_PARTS = """key kye pk clave llave chave privée secrète schlüssel kunci chiave riêng mật anahtar ключ 私钥 私鑰
    密钥 密鑰 秘密鍵 プライベートキー 키 المفتاح"""
HINTS_AT_KEY = tuple(_PARTS.split())
"""One of them is in every name of a private key, small (`hints.py`)."""
HASH = re.compile(
    r"""\btx|txid|\bhash|transac|transaktion|transfer|/tx/|交易|哈希|转账|轉帳|转帐|送金|トランザクション|ハッシュ
    |거래|트랜잭션|해시
    |транзак|хеш|хэш|işlem|giao\sdịch|block|checksum|sha-?256|signature|签名""",
    re.IGNORECASE | re.VERBOSE,
)
# What surrounds a transaction that nobody names: money that was to come or to go.
MOVEMENT = re.compile(
    r"""\b(?:deposit|withdr|payment|explorer|confirmation|pending|etherscan|tronscan|bscscan|mempool|digest|commit
    |dep[óo]sito|retir|saque|envi[éeo]|pago|recharge|einzahl|auszahl|dkim|certificate|fingerprint)
    |充值|提现|提現|到账|到帳|入金|出金|着金|区块|區塊|浏览器|瀏覽器|입금|출금|перев[ое]д|пополн|вывод|yatır|çekim|nạp|rút""",
    re.IGNORECASE | re.VERBOSE,
)
