"""What people call a recovery phrase, in the languages of our customers."""

import re

from triage.rules.hints import holds_any

NAME = re.compile(
    r"""seed|mnemonic|recovery|phrase|secret\swords|(?:12|15|18|21|24|twelve|twenty[-\s]four)[-\s](?:secret\s)?words
    |frase|semilla|palabras|recuperaci|phrase\sde|mots|wiederherstellung|wörter|parola|parole|palavras
    |сид|фраз|мнемон|ニーモニック|シード|フレーズ|復元|시드|복구|니모닉
    |助记|助記|种子|種子|密语|密語|恢复|恢復|短语|短語""",
    re.IGNORECASE | re.VERBOSE,
)
_PARTS = """seed mnemonic recovery phrase words frase semilla palabras recuperaci mots wiederherstellung wörter
    parola parole palavras сид фраз мнемон ニーモニック シード フレーズ 復元 시드 복구 니모닉 助记 助記 种子
    種子 密语 密語 恢复 恢復 短语 短語"""
HINTS = tuple(_PARTS.split())
"""One of them is in every such name, small (`hints.py`)."""


def is_spoken_of(text: str) -> bool:
    """Tell whether `text` speaks of a recovery phrase."""
    return holds_any(text, HINTS) and NAME.search(text) is not None
