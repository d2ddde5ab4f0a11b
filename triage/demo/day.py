"""The script of a support day at a wallet: who says what, when, over which channel, and what it should become.

Everybody and everything in it is invented. The secrets are from the public test vectors of their standards.
"""

from dataclasses import dataclass

from triage.case import Disposition

NEW, FOLLOW_UP, REPEAT = Disposition.NEW, Disposition.FOLLOW_UP, Disposition.REPEAT
ROBOT, SPAM, COMMAND = Disposition.ROBOT, Disposition.SPAM, Disposition.COMMAND


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One thing somebody sends.

    Attributes:
        at: Minutes after the day began.
        by: A short name; the same name is the same person on every channel.
        over: "mail", "telegram", "x" (a public mention) or "dm" (a direct message on X).
        becomes: What a support lead would make of it.
        answers: It is sent as a reply to our acknowledgement (mail, Telegram).
        quotes_number: The text ends with the case number that the person got before.
        headers: Header lines of a machine's mail.
    """

    at: float
    by: str
    over: str
    text: str
    becomes: Disposition = NEW
    subject: str = ""
    answers: bool = False
    quotes_number: bool = False
    headers: tuple[tuple[str, str], ...] = ()


def _surge() -> list[Said]:
    """The market falls by a fifth within an hour, and everybody wants out at once."""
    lines = (
        ("s01", "telegram", "提现一直显示处理中，已经二十分钟了，行情在跌啊！！"),
        ("s02", "mail", "Withdrawal of 0.8 BTC has been 'processing' for half an hour. Market is crashing. Please release it."),
        ("s03", "telegram", "withdraw stuck!! usdt trc20 2400, why now of all times"),
        ("s04", "mail", "Llevo 40 minutos con el retiro de 1500 USDT en pendiente y el mercado se hunde. ¿Qué pasa?"),
        ("s05", "telegram", "提币卡住了，网络选的TRC20，3000个U一直不出"),
        ("s06", "telegram", "cannot withdraw, it says try again later"),
        ("s07", "mail", "出金申請が30分以上「処理中」のままです。相場が動いているので至急確認をお願いします。"),
        ("s08", "telegram", "вывод завис, 900 USDT, уже 25 минут в обработке"),
        ("s09", "x", "@walletdesk withdrawals frozen again while the market dumps?? unbelievable"),
        ("s10", "telegram", "saque travado faz 30 min, 4.200 USDT, alguém resolve?"),
        ("s11", "mail", "My ETH withdrawal failed twice in the last hour but the balance is already deducted."),
        ("s12", "telegram", "돈이 묶였어요 출금이 계속 대기중입니다"),
        ("s13", "dm", "hey my withdrawal of 600 usdc is pending since 14:05, is the network down?"),
        ("s14", "telegram", "转账失败三次，手续费扣了币没出去"),
        ("s15", "mail", "Auszahlung hängt seit 45 Minuten auf 'ausstehend', 0,35 BTC. Bitte prüfen Sie das."),
        ("s16", "telegram", "rút tiền bị treo 30 phút rồi, 1200 usdt mạng BEP20"),
    )  # fmt: skip
    return [
        Said(
            at=300 + i * 1.5, by=by, over=over, text=text,
            subject=text.split("，")[0].split(".")[0][:60] if over == "mail" else "",
        )
        for i, (by, over, text) in enumerate(lines)
    ]  # fmt: skip


MORNING = [
    Said(
        at=0, by="maria", over="mail", subject="No me llega el código",
        text="Buenos días, desde ayer intento entrar y no me llega el código por SMS. Ya reinicié el teléfono y miré "
        "en spam.\nMi correo de registro es este mismo. ¿Me pueden ayudar?\n\nSaludos,\nMaría Fuentes",
    ),
    Said(
        at=4, by="chen", over="telegram",
        text="你好 我昨天晚上从币安提了500 USDT到你们钱包，TRC20，区块链上显示成功了，钱包里一直没有",
    ),
    Said(at=5, by="chen", over="telegram", text="等了十二个小时了", becomes=FOLLOW_UP),
    Said(
        at=9, by="oliver", over="mail", subject="Withdrawal pending for two days",
        text="Hi,\n\nmy withdrawal of 0.25 BTC has been pending since Saturday. Order 88213507. Nobody answers in the app "
        "chat.\nCould you tell me what is going on?\n\nThanks\nOliver Grant",
    ),
    Said(at=14, by="priya", over="telegram", text="How do I turn on the fingerprint login on Android? can't find it in settings"),
    Said(
        at=18, by="lin", over="mail", subject="無法通過身分驗證",
        text="您好，我上傳了三次身分證，每次都顯示「審核未通過」，但沒有說明原因。請問是照片的問題嗎？\n\n林怡君",
    ),
    Said(
        at=22, by="bounce", over="mail", becomes=ROBOT, subject="Undelivered Mail Returned to Sender",
        text="This is the mail system at host mail.example.net.\n\nI'm sorry to have to inform you that your message could not "
        "be delivered to one or more recipients.",
        headers=(("From", "MAILER-DAEMON@mail.example.net"), ("Auto-Submitted", "auto-replied"),
                 ("Content-Type", 'multipart/report; report-type=delivery-status; boundary="b1"')),
    ),
    Said(
        at=25, by="away", over="mail", becomes=ROBOT, subject="Automatic reply: Out of office",
        text="I am out of the office until Monday and will answer your message then.",
        headers=(("Auto-Submitted", "auto-replied"), ("X-Auto-Response-Suppress", "All")),
    ),
    Said(
        at=31, by="dave", over="telegram",
        text="guys my wallet was emptied last night. 3.2 ETH gone to an address i dont know, i did not sign anything. please stop it",
    ),
    Said(
        at=38, by="sofia", over="mail", subject="ayuda con mi billetera",
        text="Hola, un chico de soporte me escribió por Instagram y me pidió las palabras para verificar mi cuenta. Se las di. "
        "Son estas: legal winner thank year wave sausage worth useful legal winner thank yellow\n¿Está bien así?\n\nSofía",
    ),
    Said(at=45, by="kenji", over="x", text="@walletdesk the new chart screen is really nice, thank you! would love a dark mode next"),
    Said(at=52, by="tom", over="x", text="@walletdesk still no answer about my missing deposit, 3 days now. is anybody there?"),
    Said(
        at=58, by="seo", over="mail", becomes=SPAM, subject="Rank your website #1 on Google",
        text="Dear Sir/Madam, we are a leading SEO agency and can bring your website to the first page of Google in 30 days. "
        "Get a free quote today! 50% discount on backlinks packages. Reply to this email to unsubscribe.",
    ),
]  # fmt: skip

MIDDAY = [
    Said(
        at=75, by="oliver", over="mail", becomes=REPEAT, subject="Withdrawal pending for two days",
        text="Hi,\n\nmy withdrawal of 0.25 BTC has been pending since Saturday. Order 88213507. Nobody answers in the app "
        "chat.\nCould you tell me what is going on?\n\nThanks\nOliver Grant",
    ),
    Said(
        at=92, by="maria", over="mail", becomes=FOLLOW_UP, answers=True, subject="No me llega el código",
        text="Sigo sin poder entrar. Añado que cambié de operadora la semana pasada, de Movistar a Orange, quizá tenga que ver.",
    ),
    Said(
        at=110, by="oliver", over="telegram", becomes=FOLLOW_UP, quotes_number=True,
        text="hello i wrote you a mail about my BTC withdrawal, now the app shows FAILED and the coins are not back. my case is",
    ),
    Said(at=118, by="nour", over="telegram", text="السلام عليكم، أرسلت USDT إلى عنوان خاطئ بالخطأ، هل يمكن استرجاعه؟"),
    Said(
        at=125, by="jean", over="mail", subject="Connexion depuis un pays inconnu",
        text="Bonjour,\nj'ai reçu une alerte de connexion depuis le Vietnam à 3h du matin. Ce n'était pas moi. J'ai changé mon "
        "mot de passe mais je ne sais pas si quelqu'un a encore accès. Que dois-je faire ?\nCordialement\nJean Morel",
    ),
    Said(at=133, by="ayse", over="telegram", text="komisyon neden bu kadar yüksek? 50 usdt göndermek için 6 usdt kesiyor"),
    Said(at=140, by="budi", over="dm", text="halo admin, saya lupa kata sandi dan email lama sudah tidak aktif, bagaimana cara masuk?"),
    Said(at=152, by="priya", over="telegram", becomes=COMMAND, text="/start"),
    Said(
        at=160, by="kate", over="mail", subject="Formal complaint",
        text="I have written to you four times since the 3rd and received nothing but automatic messages. If my 12,400 USDT is not "
        "released by Friday I will file a complaint with the financial ombudsman and hand everything to my lawyer.\n\nKate Holloway",
    ),
    Said(
        at=170, by="recover", over="telegram", becomes=SPAM,
        text="Lost funds? Certified blockchain recovery expert here, 100% guaranteed recovery of stolen crypto. Contact @fastrecover on "
        "WhatsApp now, thousands of happy clients!!",
    ),
    Said(at=184, by="wei", over="telegram", text="建议增加一个地址簿功能，每次转账都要重新复制地址太麻烦了"),
    Said(
        at=200, by="hanna", over="mail", subject="Is this mail from you?",
        text="Hello, I got a mail from support@wallet-verify.example saying my account will be closed unless I 'validate my wallet' on "
        "a link. It looks like yours. Is it safe?\n\nHanna",
    ),
    Said(
        at=215, by="maria", over="telegram", becomes=FOLLOW_UP, quotes_number=True,
        text="Hola, les escribí por correo porque no me llega el código. Ahora la cuenta aparece bloqueada. Mi caso:",
    ),
    Said(at=240, by="chen", over="telegram", becomes=FOLLOW_UP, answers=True, text="到现在还没有到账，你们能不能查一下，交易哈希我可以发"),
    Said(at=255, by="ivan", over="telegram", text="восстановил кошелёк по фразе, а баланс ноль. раньше было 1100 USDT в сети TRON"),
]  # fmt: skip

EVENING = [
    Said(at=345, by="dave", over="telegram", becomes=FOLLOW_UP, answers=True, text="now the rest is going too, another 900 USDT just left!!"),
    Said(at=352, by="s02", over="mail", becomes=FOLLOW_UP, answers=True, subject="Withdrawal of 0",
         text="It now says 'failed' but my balance shows zero. Where are the coins?"),
    Said(at=360, by="li", over="mail", subject="助记词泄露了怎么办",
         text="客服你好，我刚才在一个假网站输入了助记词，现在该怎么办？钱包里还有大概两万U，求尽快回复！"),
    Said(at=372, by="hugo", over="telegram", text="Quiero cerrar mi cuenta y que borren mis datos, ¿cómo se hace?"),
    Said(at=380, by="tom", over="x", becomes=FOLLOW_UP, text="@walletdesk day 4 about the missing deposit. my patience is over", answers=True),
    Said(at=395, by="emma", over="mail", subject="Thank you",
         text="I just wanted to say that the support last week was excellent, Julia solved everything in ten minutes. Five stars."),
]  # fmt: skip

DAY: tuple[Said, ...] = tuple(sorted((*MORNING, *MIDDAY, *_surge(), *EVENING), key=lambda said: said.at))
"""The whole day, in order."""
