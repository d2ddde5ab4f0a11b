"""Finding recovery phrases written in Chinese characters.

Its list is the 2048 commonest characters: of 518,269 windows of twelve in ordinary text 6 % had a valid checksum,
as chance has it. So a phrase must also read like nothing anybody would say, which is measured by its pairs.
"""

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise
from math import log2

from triage.rules.chinese_pairs import PAIRS
from triage.rules.phrase_names import is_spoken_of
from triage.rules.span import Span
from triage.rules.word_lists import CHINESE, LENGTHS, checksum_holds, places_of

_HAN = re.compile("[\u3400-\u9fff]+")
# Both begin with what they are known by, and look behind it at what must not stand before: other places are skipped.
_NUMBERED = re.compile(
    "[第 0-9一二三四五六七八九十](?:(?<=第) ?[0-9一二三四五六七八九十]{1,3}|(?<= )[0-9一二三四五六七八九十]{1,3}"
    "|(?<=[0-9一二三四五六七八九十])[0-9一二三四五六七八九十]{0,2}) ?[个個]?[字词詞]?[:：.、)） 是]"
)
_SEPARATED = re.compile("[\u3400-\u9fff](?:[^\u3041-\u30ff\u3400-\u9fff]{1,16}[\u3400-\u9fff]){10,}")
_GROUPED = re.compile(
    "[\u3400-\u9fff](?<![\u3400-\u9fff].)[\u3400-\u9fff]{1,5}(?:[\\s\\d.,、，]{1,6}[\u3400-\u9fff]{2,6}){1,11}(?![\u3400-\u9fff])"
)
NATURAL, _NATURAL_GROUPED, _NATURAL_SEPARATED = 0.3, 0.2, 0.45  # 1 of 2,000 random phrases of 12 is above 0.3
_NATURAL_APART = 0.45  # of all between two marks: so are 1 of 100 clauses of prose, and all but 1 of 30,000 phrases
_NATURAL_PROVED = 0.65  # of separated characters whose checksum holds
_SOMEWHAT_NATURAL, _COMMON = 0.3, 7.9  # and so common: 1 of 7,500 random phrases of 12, most clauses of prose
_NOT_RARE = 7.0  # 1 of 100 random halves is below
_LABEL_BEFORE = 30
_GRAMMAR = frozenset(
    "的了是我不在有没人吗你个就都要会这那到为什么怎来去说得和也还能可以上下大小好很把被给让他她它们之与其"
    "沒嗎個會這為麼來說還們與"
)
_DICTIONARIES = ("STPhrases.txt", "TSPhrases.txt", "TWPhrases.txt")  # the last one has the words of computing
_TRADE = """钱包转账提现到账交易地址充值网络手续客服账户账号登录密码验证短信邮箱手机平台资产被盗冻结认证身份支付
    银行微信显示提交满足审批要求申请取消贷款借款时间客户服务公司价格购买出售确认等待失败成功余额错误联系解决问题
    处理帮助谢谢请问截图授权合约助记私钥恢复导入设备更新版本錢包轉帳提現到帳交易網路手續帳戶帳號登錄密碼驗證簡訊
    郵箱手機資產凍結認證顯示提交滿足審批貸款借款購買確認餘額錯誤聯繫處理幫助謝謝請問"""


def find(text: str) -> list[Span]:
    """Return where `text` holds a recovery phrase in Chinese characters."""
    if text.isascii() or not _HAN.search(text):
        return []
    bare = _NUMBERED.sub(lambda found: " " * len(found[0]), text)
    spans = [Span(m.start(), m.end()) for m in _SEPARATED.finditer(bare) if _is_separated(m[0])]
    spans += [
        Span(m.start(), m.end())
        for m in _GROUPED.finditer(text)
        if is_phrase("".join(_HAN.findall(m[0])), _NATURAL_GROUPED)
    ]
    for run in _HAN.finditer(text):
        if len(run[0]) in LENGTHS and is_phrase(run[0], _NATURAL_APART):
            spans.append(Span(run.start(), run.end()))
        elif len(run[0]) >= LENGTHS[0] and (part := _labelled(text, run)):
            spans.append(part)
    return spans


def _labelled(text: str, run: re.Match[str]) -> Span | None:
    """Return the phrase that follows or precedes a label without a gap ("助记词是…谢谢"), or None."""
    if not is_spoken_of(text[max(0, run.start() - _LABEL_BEFORE) : run.end()]):
        return None
    for length in reversed(LENGTHS):
        for start in range(run.start(), min(run.end() - length, run.start() + 40) + 1):
            if is_phrase(text[start : start + length]):
                return Span(start, start + length)
    return None


def _is_separated(run: str) -> bool:
    """Tell whether characters with something between each two are a phrase; its checksum may be wrong."""
    chars = _HAN.findall(run)
    listed = max(sum(char in places_of(language) for char in chars) for language in CHINESE)
    varied = len(set(chars)) >= 0.75 * len(chars)
    if not varied or listed < len(chars) - 1:
        return False
    natural = naturalness("".join(chars))
    return natural < _NATURAL_SEPARATED or (natural < _NATURAL_PROVED and _has_checksum(chars))


def _has_checksum(chars: Sequence[str]) -> bool:
    """Tell whether all but a few characters at the ends, of the words around it, carry a valid checksum."""
    parts = (chars[at : at + length] for length in LENGTHS for at in range(min(3, len(chars) - length + 1)))
    return any(checksum_holds(part, language) for part in parts for language in CHINESE)


def is_phrase(chars: str, limit: float = NATURAL) -> bool:
    """Tell whether `chars` carry a valid checksum and read like nothing anybody would say."""
    if not any(checksum_holds(chars, language) for language in CHINESE):
        return False
    natural = naturalness(chars)
    return natural < limit and not (natural >= _SOMEWHAT_NATURAL and _rareness(chars) < _COMMON)


def is_odd(chars: str) -> bool:
    """Tell whether listed `chars`, too few for a phrase, are nothing that anybody would say, and rare."""
    listed = any(all(char in places_of(language) for char in chars) for language in CHINESE)
    return listed and naturalness(chars) < NATURAL and _rareness(chars) >= _NOT_RARE


def _rareness(chars: str) -> float:
    """Return how far back in the list `chars` stand, which begins with the commonest: the mean of the logarithms.

    It is 9.6 for random ones and rarely below 8; prose is made of the first few hundred.
    """
    places = (min(places_of(language).get(char, 2047) for language in CHINESE) for char in chars)
    return sum(log2(place + 1) for place in places) / len(chars)


def naturalness(chars: str) -> float:
    """Return how much `chars` reads like a sentence: 0 for random characters, about 0.7 in the middle for prose.

    It is the share of neighbours that stand together in Chinese words, plus the share of grammatical characters.
    """
    pairs = sum(left + right in _pairs() for left, right in pairwise(chars))
    return pairs / max(len(chars) - 1, 1) + sum(char in _GRAMMAR for char in chars) / max(len(chars), 1)


@cache
def _pairs() -> frozenset[str]:
    """Return the pairs of characters inside OpenCC's phrases, in both ways to write, and of what customers write."""
    texts = [(files("opencc") / "dictionary" / name).read_text(encoding="utf-8") for name in _DICTIONARIES]
    phrases = [phrase for text in texts for phrase in text.split()]
    found = {left + right for phrase in phrases for left, right in pairwise(phrase)}
    return frozenset(found | PAIRS | {word[i : i + 2] for word in _TRADE.split() for i in range(len(word) - 1)})
