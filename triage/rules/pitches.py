"""Messages that hunt our customers, or us: false support, false recovery experts, pages that ask to connect a wallet.

Who reports such a thing quotes it. So a pitch must ask its reader to go somewhere, and nothing in it may sound like
somebody to whom it happened: a customer must never be taken for a thief.
"""

import re
from collections.abc import Mapping
from functools import lru_cache

from triage.case import Reason
from triage.rules.contacts import Contact

MANY_SENDERS = 5
"""The same pitch from so many different senders in a day is nobody's own."""

LEAST = 40
"""Characters of a text that is compared with those of others."""

_ASKS = re.compile(
    r"""\b(?:click|tap|visit|go\sto|log\s?in|sign\sin|contact|reach\s(?:out|him|her|them|me|us)|write\s(?:to|him|her|me|us)
    |message\s(?:me|us|him|her|them|@)|dm\b|text\s(?:me|us|him|her)|inbox\s(?:me|us|him|her)|hit\s(?:me|him|her)\sup|connect|validate|verify
    |claim|join|register|sign\sup|chat\swith|consult|hire|add\sme|follow\sthe\slink|use\sthe\slink|via\sthe\slink)
    |\b(?:haz\sclic|haga\sclic|pulsa|visita|visite|contacta|contacte|escribe|escr[ií]beme|escr[ií]benos|conecta|conecte|valida|verifica|verifique
    |reclama|reclame|[uú]nete|reg[ií]strate|entra\sen|ingresa|ingrese)\b
    |点击|點擊|点此|打开链接|打開連結|访问|訪問|联系|聯繫|聯絡|加我|加微信|加v|私信|扫码|掃碼|领取|領取|连接钱包|連接錢包|验证钱包|驗證錢包|注册|註冊
    |нажмите|перейдите|свяжитесь|напишите|подключите|подтвердите|пишите
    |clique|acesse|entre\sem\scontato|conecte|クリック|アクセスして|連絡して|ご連絡|接続して|클릭|접속|연락""",
    re.IGNORECASE | re.VERBOSE,
)
_KINDS: Mapping[str, re.Pattern[str]] = {
    "recovery-expert": re.compile(
        r"""(?:recover(?:y|ed|ing)?|retriev\w+|get(?:ting)?\sback|got\sback|reclaim\w*|trace\w*)\b.{0,60}\b(?:funds?|crypto\w*|bitcoins?|btc|coins?|money|
        assets?|wallets?|usdt|eth)\b
        |\b(?:funds?|crypto\w*|bitcoins?|coins?|money|assets?|wallet)\s(?:recovery|retrieval|recovered)
        |recovery\s(?:expert|agent|specialist|team|service|hacker|wizard)|ethical\shacker
        |recuper\w+.{0,60}(?:fondos|cripto\w*|bitcoins?|dinero|monedas|activos)
        |(?:追回|找回|追讨|追討|挽回|取回).{0,20}(?:资金|資金|币|幣|资产|資產|损失|損失|钱|錢|usdt|比特)|(?:верн|возвра)\w*.{0,40}(?:средств|деньг|крипт|биткоин)
        |recupera\w*.{0,60}(?:fundos|cripto|dinheiro)|(?:資金|仮想通貨|コイン).{0,12}(?:回収|取り戻)|(?:자금|코인|암호화폐).{0,12}(?:복구|되찾)""",
        re.IGNORECASE | re.VERBOSE | re.DOTALL,
    ),
    "connect-wallet": re.compile(
        r"""(?:connect|validat\w+|synchroni[sz]\w*|sync|rectify|verify|migrat\w+|restore|import|link|re-?activate|update)\s(?:your\s|ur\s|the\s)?
        (?:(?!my\b)\w+\s)?(?:wallets?|dapps?|seed|phrase|tokens?)\b
        |claim\s(?:your\s|ur\s|the\s|free\s)?(?:\S+\s){0,3}(?:airdrops?|rewards?|tokens?|bonus|usdt|btc|eth)\b|wallet\s?connect
        |(?:conecta|conecte|valida|sincroniza|verifica|verifique|restaura|migra)\w*\s(?:tu|su|la)\s(?:cartera|billetera|wallet|monedero)
        |reclam\w+\s(?:tu|su)\s(?:airdrop|recompensa|bono)
        |(?:连接|連接|验证|驗證|同步|导入|匯入|授权|授權)(?:您的|你的)?(?:钱包|錢包|助记词|助記詞)|领取.{0,8}(?:空投|奖励|獎勵)|領取.{0,8}(?:空投|獎勵)
        |(?:подключите|подтвердите|синхронизируйте)\s(?:ваш\s|свой\s)?кошел[её]к|(?:conecte|valide|verifique)\s(?:sua|a)\scarteira
        |ウォレットを(?:接続|同期|認証)|지갑을\s?(?:연결|인증|동기화)""",
        re.IGNORECASE | re.VERBOSE,
    ),
    "false-support": re.compile(
        r"""(?:your|ur)\s(?:\w+\s){0,2}(?:account|wallet|funds|assets)\s(?:\w+\s)?(?:has\sbeen|have\sbeen|will\sbe|is|are|was)\s(?:\w+\s){0,2}
        (?:suspend\w*|restrict\w*|limit\w*|lock\w*|deactivat\w*|flagged|frozen|compromised|terminated|blocked|at\srisk)
        |(?:official|live|24/7|customer|technical)\s(?:\w+\s)?(?:support|help\s?desk|help\s?line|customer\s(?:care|service))\s?(?:team|agent|line|staff)?
        .{0,60}(?:contact|dm|message|reach|chat|write|whatsapp|telegram|@)
        |(?:contact|dm|message|reach\sout\sto|chat\swith|write\sto)\s.{0,40}(?:official|live|customer|technical)\s(?:\w+\s)?(?:support|care|service|team|help\s?desk)
        |(?:tu|su)\s(?:cuenta|cartera|billetera)\s(?:ha\ssido|ser[aá]|est[aá])\s(?:suspendida|bloqueada|restringida|limitada|desactivada)
        |soporte\s(?:oficial|t[eé]cnico).{0,60}(?:contact\w+|escrib\w+|whatsapp|telegram|@)
        |(?:您的|你的|尊敬的用户|尊敬的用戶).{0,12}(?:账户|账号|帳戶|帳號|钱包|錢包)?.{0,10}(?:将被|將被|已被|存在).{0,8}(?:冻结|凍結|限制|停用|封禁|注销|註銷|异常|異常|风险|風險)
        |官方客服.{0,20}(?:联系|聯繫|加|微信|电报|電報|telegram|@)
        |ваш\s(?:аккаунт|кошел[её]к|сч[её]т)\s(?:был|будет)\s(?:заблокирован|приостановлен|ограничен)""",
        re.IGNORECASE | re.VERBOSE | re.DOTALL,
    ),
}
_SAYS = {
    "recovery-expert": "it offers to bring lost money back, and names whom to ask",
    "connect-wallet": "it asks to connect a wallet, or to claim something, at an address that is not ours",
    "false-support": "it speaks as support or threatens to lock an account, and leads to a contact that is not ours",
    "many-senders": "many different senders wrote the same, and it leads to a contact that is not ours",
}
_HAPPENED = re.compile(
    r"""\?|？|\b(?:scam\w*|fake\w*|phish\w*|fraud\w*|suspicious|impost\w+|impersonat\w*|pretend\w*|legit(?:imate)?\sor|report(?:ing|ed)?|beware|warn\w*|stolen|hacked|thief
    |how\s(?:do|can|to|long)|why\b|please\scheck
    |my\s(?:\w+\s)?(?:wallets?|accounts?|funds|coins?|deposits?|withdrawals?|transactions?|transfers?|money|crypto|balance|btc|eth|usdt|website)
    |is\s(?:this|it|that|he|she)|are\s(?:you|they|these)|did\syou|do\syou|can\syou|could\syou|please\shelp|help\sme
    |i\s(?:got|received|clicked|entered|connected|paid|sent|was|have\sbeen|am|saw|found|gave|typed|think|followed|can(?:no|')?t|tried|visited|contacted)
    |i've|i'm|they\s(?:said|told|asked|want|called|sent|claim)|he\s(?:said|told|asks|asked|wants|claims)|she\s(?:said|told|asks|asked|wants|claims)|somebody|someone|told\sme|asked\sme|sent\sme
    |contacted\sme|called\sme|messaged\sme|emailed\sme|dm'?e?d\sme|says\she|claims\sto|claiming)\b
    |\bestaf\w*|\bfals[oa]s?\b|\bfraude\w*|\brob(?:o|aron|ado)\b|\bme\s(?:lleg|escrib|dij|pid|contact|llam|envi|mand)\w*|\brecib[ií]\b|\balguien\b|\bdice\w*\sser\b|\bes\s(?:esto|cierto|verdad|real)\b|\bayud\w+\b|\b(?:firmé|di\sclic|hice|pulsé|entré|puse|envié|conecté)\b
    |诈骗|詐騙|骗子|騙子|被骗(?!资金|款)|被騙(?!資金|款)|假冒|冒充|假的|钓鱼|釣魚|举报|舉報|是真的|真的吗|是不是|吗|嗎|请问|請問|我收到|收到了|有人|被盗|被盜|帮我|幫我|我的.{0,8}(?:没|沒|被|丢|不)|自称|自稱|他们|他們|让我|讓我|叫我
    |мошенн\w*|фейк\w*|фишинг\w*|поддел\w*|мне\s(?:написал|пришл|позвонил)\w*|получил\w*|помогите|кто-то
    |golpe\w*|falso|recebi|algu[eé]m|me\s(?:mandaram|ligaram)|ajuda\w*|詐欺|偽|なりすまし|届きました|本物|ですか|でしょうか|사기|가짜|사칭|받았|인가요|인지""",
    re.IGNORECASE | re.VERBOSE,
)
# Somebody praises an expert who gave him back what was stolen: the victim's own words, in a thief's mouth.
_PRAISES = re.compile(
    r"\b(?:helped|assisted|help)\s(?:(?:me|us)\b.{0,40})?\b(?:recover|retriev|get\sback|got\sback|get\smy|trace)",
    re.IGNORECASE | re.DOTALL,
)
_SENDS = re.compile(
    r"\b(?:contact|reach|message|text|dm|inbox|write|hit|mail|email)\b.{0,15}(?:him|her|them|@|on\s(?:whats\s?app|telegram|ig\b|instagram))",
    re.IGNORECASE,
)
_DOUBTS = re.compile(
    r"\?|？|\b(?:legit\sor|fake|beware|report\w*|(?:paid|pay)\s(?:him|her|them)|(?:wants?|asked|asks)\b)", re.IGNORECASE
)
_ELSEWHERE = re.compile(
    r"\b(?:whats\s?app|telegram|instagram|\big\b|signal|discord|wechat|line\sid|link\sin\sbio|dm|inbox)\b|微信|电报|電報|飞机|\+\d[\d\s()-]{8,16}\d",
    re.IGNORECASE,
)
# One of these is in all that leads elsewhere, and found thirty times sooner.
_PLACES: tuple[str, ...] = ("whats", "telegram", "instagram", "ig", "signal", "discord", "wechat", "line", "link")
_PLACES += ("dm", "inbox", "微信", "电报", "電報", "飞机", "+")
_LONGEST = 4_000


@lru_cache(maxsize=4)  # the same text is asked about twice in a row
def solicits(text: str, contacts: tuple[Contact, ...]) -> bool:
    """Tell whether a text asks its reader to go elsewhere, and nothing in it sounds like it happened to somebody."""
    leads = len(text) <= _LONGEST and (contacts or _leads_elsewhere(text))
    return bool(leads and _ASKS.search(text) and not _HAPPENED.search(text))


def _leads_elsewhere(text: str) -> bool:
    folded = text.casefold()
    return any(place in folded for place in _PLACES) and bool(_ELSEWHERE.search(text))


def find_pitch(text: str, contacts: tuple[Contact, ...]) -> Reason | None:
    """Return what a pitch is after ("pitch.recovery-expert"), or None for everything that is not surely one."""
    if len(text) <= _LONGEST and _PRAISES.search(text) and _SENDS.search(text) and not _DOUBTS.search(text):
        return reason("recovery-expert")
    if not solicits(text, contacts):
        return None
    kind = next((kind for kind, pattern in _KINDS.items() if pattern.search(text)), None)
    return reason(kind) if kind else None


def reason(kind: str) -> Reason:
    """Return the reason of a kind: "recovery-expert", "connect-wallet", "false-support", "many-senders"."""
    return Reason(code=f"pitch.{kind}", text=_SAYS[kind])


def fingerprint(text: str) -> str:
    """Return what two copies of one pitch share: its letters, without digits, spaces, marks and handles."""
    return "".join(char for char in re.sub(r"[@＠]\S+|https?://\S+", "", text).casefold() if char.isalpha())
