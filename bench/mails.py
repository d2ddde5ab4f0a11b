"""Support mails with their truth, for the benchmarks: written to a folder, the same for the same seed.

Of a thousand mails 700 open a case, 100 are replies by header, 100 tell the same story again from the same
person without a header, and 100 are the very same mail delivered twice. Three in five are multipart with an
HTML part, one in eight carries a picture, the languages are English, Chinese and Spanish.
"""

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime, formataddr
from pathlib import Path

DESK = "support@wallet.example"
BEGIN = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)
SHARES = {"new": 0.7, "reply": 0.1, "repeat": 0.1, "redelivered": 0.1}

WORDS = {
    "en": {
        "names": ("Oliver Grant", "Priya Nair", "Tom Becker", "Aisha Khan", "Sarah O'Neill", "Mike Torres"),
        "subjects": (
            "Withdrawal {n} is still pending", "Deposit of {a} USDT has not arrived", "Cannot log in since the update",
            "Order {n} was charged twice", "No code on my phone", "Wrong network, {a} USDC", "Fee of {a} on order {n}",
            "Identity check refused again", "The app closes when I open wallet {n}", "Login from another country",
        ),
        "lines": (
            "I made this transfer on {d} and the app has been showing the same screen ever since.",
            "The order number is {n} and the amount was {a} USDT.",
            "On the block explorer it has more than {k} confirmations.",
            "I have restarted the phone, cleared the cache and installed the app again.",
            "A friend of mine had the same trouble in {y} and you solved it for him.",
            "Please tell me what you need from me, I can send screenshots.",
            "I already tried the chat in the app, but nobody answered for {k} hours.",
            "The error on the screen says code {n}, then it goes back to the start page.",
            "My balance shows {a} although I never spent anything this month.",
            "I use the version from the store, on a phone that is two years old.",
            "It worked without any problem until the maintenance on {d}.",
            "Could somebody look at this today? I need the money for my rent.",
        ),
        "hello": ("Hello,", "Hi there,", "Good morning,", "Dear support,"), "bye": ("Thanks", "Kind regards", "Best wishes"),
    },
    "zh": {
        "names": ("王磊", "李婷", "张浩然", "陈思远", "刘洋"),
        "subjects": ("提现订单 {n} 一直处理中", "充值 {a} USDT 没有到账", "更新之后登录不了", "订单 {n} 扣了两次款", "手机收不到验证码",
                     "转错网络 {a} USDC", "身份认证又被拒绝", "打开钱包 {n} 就闪退"),
        "lines": ("这笔转账是{d}做的，之后页面一直是同一个状态。", "订单号是 {n}，金额是 {a} USDT。", "区块浏览器上已经有 {k} 个确认了。",
                  "手机重启过，缓存也清过，重新安装还是一样。", "需要我提供什么资料请直接说，我可以发截图。", "在应用里找过客服，等了 {k} 个小时没有人回复。",
                  "页面提示错误代码 {n}，然后就跳回首页。", "余额显示 {a}，可是我这个月根本没有用过。", "{d}维护之前都是正常的。",
                  "我从{y}年就开始用你们的钱包，第一次遇到这种情况。", "麻烦今天帮我看一下，这笔钱要交房租。"),
        "hello": ("你好，", "客服您好：", "您好！"), "bye": ("谢谢", "麻烦了", "祝好"),
    },
    "es": {
        "names": ("María Fuentes", "Javier Ortega", "Lucía Campos", "Diego Ramírez"),
        "subjects": ("El retiro {n} sigue pendiente", "No llegó mi depósito de {a} USDT", "No puedo entrar desde la actualización",
                     "Me cobraron dos veces la orden {n}", "No me llega el código al celular", "Red equivocada, {a} USDC",
                     "Rechazaron otra vez mi verificación"),
        "lines": ("Hice esta transferencia el {d} y desde entonces la app muestra la misma pantalla.", "El número de orden es {n} y el monto {a} USDT.",
                  "En el explorador ya tiene más de {k} confirmaciones.", "Ya reinicié el teléfono, borré la caché y volví a instalar la app.",
                  "Díganme qué necesitan de mí, puedo mandar capturas.", "Escribí por el chat de la app y nadie contestó en {k} horas.",
                  "La pantalla dice error {n} y vuelve al inicio.", "Mi saldo muestra {a} aunque no gasté nada este mes.",
                  "Funcionaba bien hasta el mantenimiento del {d}.", "Soy cliente desde {y} y nunca me había pasado.",
                  "¿Alguien puede verlo hoy? Necesito el dinero para el alquiler."),
        "hello": ("Hola,", "Buenos días:", "Estimado soporte:"), "bye": ("Gracias", "Un saludo", "Atentamente"),
    },
}  # fmt: skip


class Writer:
    """Writes the mails of one seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.cases: list[dict[str, str]] = []

    def fill(self, text: str) -> str:
        r = self.random
        day = BEGIN - timedelta(days=r.randint(1, 20))
        return text.format(
            n=r.randint(10_000_000, 99_999_999), a=f"{r.randint(5, 9000)}.{r.randint(0, 99):02d}", k=r.randint(3, 90),
            y=r.randint(2014, 2025), d=f"{day:%d.%m.}",
        )  # fmt: skip

    def body(self, language: str) -> str:
        words = WORDS[language]
        lines = [self.fill(line) for line in self.random.sample(words["lines"], self.random.randint(4, 8))]
        return f"{self.random.choice(words['hello'])}\n\n" + "\n".join(lines) + "\n"

    def new(self, number: int) -> bytes:
        r = self.random
        language = r.choices(("en", "zh", "es"), (0.5, 0.3, 0.2))[0]
        case = {
            "language": language,
            "name": r.choice(WORDS[language]["names"]),
            "address": f"customer{len(self.cases):06d}@mail{r.randint(0, 40)}.example.org",
            "subject": self.fill(r.choice(WORDS[language]["subjects"])),
            "body": self.body(language),
            "id": f"<{number:06d}.{r.getrandbits(64):016x}@mail.example.org>",
        }
        raw = self.mail(number, case, case["subject"], case["body"], case["id"])
        self.cases.append(case | {"raw": raw.decode("latin-1")})
        return raw

    def other(self, kind: str, number: int) -> tuple[bytes, int]:
        which = self.random.randrange(len(self.cases))
        case = self.cases[which]
        fresh = f"<{number:06d}.{self.random.getrandbits(64):016x}@mail.example.org>"
        if kind == "redelivered":
            trace = f"Received: from relay.example.net by mx.wallet.example; {format_datetime(self.sent(number))}\r\n"
            return trace.encode() + case["raw"].encode("latin-1"), which
        if kind == "reply":
            said = "\n".join(f"> {line}" for line in case["body"].splitlines())
            more = self.body(case["language"]).partition("\n\n")[2]
            text = f"{more}\nOn Mon, 2 Nov 2026, {case['name']} <{case['address']}> wrote:\n{said}\n"
            return self.mail(number, case, f"Re: {case['subject']}", text, fresh, answers=case["id"]), which
        again = case["body"] + self.fill(self.random.choice(WORDS[case["language"]]["lines"][-3:])) + "\n"
        return self.mail(number, case, case["subject"], again, fresh), which

    def sent(self, number: int) -> datetime:
        return BEGIN + timedelta(seconds=31 * number)

    def mail(self, number: int, case: dict[str, str], subject: str, body: str, own_id: str, answers: str = "") -> bytes:
        r = self.random
        mail = EmailMessage()
        mail["Return-Path"] = f"<{case['address']}>"
        mail["Received"] = (
            f"from mx{number % 17}.example.net by mx.wallet.example with ESMTPS id {number:08X}; "
            + format_datetime(self.sent(number))
        )
        mail["From"] = formataddr((case["name"], case["address"]))
        mail["To"] = f"Wallet support <{DESK}>"
        mail["Subject"] = subject
        mail["Date"] = format_datetime(self.sent(number) - timedelta(seconds=4))
        mail["Message-ID"] = own_id
        if answers:
            mail["In-Reply-To"] = answers
            mail["References"] = answers
        text = f"{body}\n{r.choice(WORDS[case['language']]['bye'])}\n{case['name']}\n"
        mail.set_content(text, cte="base64" if case["language"] == "zh" else "quoted-printable")
        if r.random() < 0.6:
            paragraphs = "".join(f"<p>{line}</p>" for line in text.splitlines())
            page = f"<html><head><style>p{{font-family:Arial}}</style></head><body>{paragraphs}</body></html>"
            mail.add_alternative(page, subtype="html", cte="quoted-printable")
        if r.random() < 0.125:
            mail.add_attachment(
                b"\x89PNG\r\n\x1a\n" + r.randbytes(r.randint(6_000, 40_000)),
                maintype="image", subtype="png", filename="截图.png" if case["language"] == "zh" else "screenshot.png",
            )  # fmt: skip
        return mail.as_bytes()


def mails(count: int, seed: int = 7) -> Iterator[tuple[bytes, str, int]]:
    """Yield (mail, kind, true case) for `count` mails; the first twentieth open cases."""
    writer = Writer(seed)
    kinds = [kind for kind, share in SHARES.items() for _ in range(round(count * share))]
    kinds += ["new"] * (count - len(kinds))
    early = count // 20
    later = kinds[early:count]
    writer.random.shuffle(later)
    for number, kind in enumerate((*["new"] * early, *later), 1):
        if kind == "new":
            yield writer.new(number), kind, len(writer.cases) - 1
        else:
            raw, case = writer.other(kind, number)
            yield raw, kind, case


def write(folder: Path, count: int, seed: int = 7) -> dict[str, int]:
    """Write the mails as `000001.eml`, ...; return how many there are of each kind, and the number of cases."""
    folder.mkdir(parents=True, exist_ok=True)
    tally = dict.fromkeys(SHARES, 0)
    for number, (raw, kind, _) in enumerate(mails(count, seed), 1):
        (folder / f"{number:06d}.eml").write_bytes(raw)
        tally[kind] += 1
    return tally | {"cases": tally["new"]}


if __name__ == "__main__":
    import sys

    print(json.dumps(write(Path(sys.argv[1]), int(sys.argv[2]))))
