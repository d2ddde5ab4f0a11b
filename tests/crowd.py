"""A crowd of customers who write by mail and on Telegram, and who count what comes back to them.

Each has one matter, so the truth is known: whatever she sends, it is one case, and one acknowledgement.
"""

import random
from collections import Counter
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import format_datetime, formatdate
from typing import Any

from triage.demo.mail import MailServers
from triage.demo.telegram_api import TelegramApi

MATTERS = (
    "Hello, my withdrawal of 0.25 BTC has been pending for two days, nothing arrives. Order {order}, please check.",
    "I cannot log in any more since the last update, the code by SMS never comes. My reference is {order}.",
    "My deposit of 300 USDT was sent yesterday and is still not in my balance. Order {order}. Where is it?",
    "你好，我昨天提现500 USDT一直没有到账，订单号 {order}，请帮我查一下。",
    "我的账户登录不了，收不到验证码，订单号 {order}，请尽快处理。",
    "Hola, hice un retiro de 200 USDT hace dos días y no ha llegado. Mi pedido es {order}. ¿Me pueden ayudar?",
    "No puedo entrar en mi cuenta, no me llega el código por SMS. Mi referencia es {order}.",
)
MORE = (
    "Anything new about this? One thing I forgot: it says FAILED in the app now, entry {order}.",
    "还没有解决吗？补充一下，现在应用里显示失败，编号 {order}。",
    "¿Hay alguna novedad? Ahora en la aplicación aparece como fallido, registro {order}.",
)


@dataclass(slots=True)
class Customer:
    """One customer and what she said.

    Attributes:
        key: Her address as the store writes it, "email:c7@mail.example" or "telegram:1007".
        said: What she sent, each with a number that stands in no other message.
        first: Her first mail, or her first message on Telegram.
    """

    key: str
    said: list[str] = field(default_factory=list)
    first: Any = None


@dataclass
class Crowd:
    """Everybody who writes to the desk."""

    mail: MailServers
    telegram: TelegramApi
    chance: random.Random
    customers: list[Customer] = field(default_factory=list)
    mails: list[bytes] = field(default_factory=list)
    again: int = 0
    _orders: int = 8_000_000

    @property
    def said(self) -> list[str]:
        """Return the numbers of all messages."""
        return [order for customer in self.customers for order in customer.said]

    async def write(self, times: int = 1) -> None:
        """Let somebody write: mostly somebody new, now and then more to a matter, or the same mail once more."""
        for _ in range(times):
            way = self.chance.random()
            if way < 0.15 and self.customers:
                await self._add(self.chance.choice(self.customers))
            elif way < 0.25 and self.mails:
                await self._deliver_again(self.chance.choice(self.mails))
            elif way < 0.65:
                await self._mail_first()
            else:
                self._chat_first()

    def acknowledged(self) -> Counter[str]:
        """Return how many acknowledgements each customer really got, by her key."""
        mails = Counter(f"email:{to}" for to, _ in self.mail.received if to != self.mail.address)
        return mails + Counter(f"telegram:{m['chat']['id']}" for m in self.telegram.sent)

    async def _mail_first(self) -> None:
        number = len(self.customers)
        customer = Customer(f"email:c{number}@mail.example")
        self.customers.append(customer)
        customer.first = mail = self._mail(customer, self.chance.choice(MATTERS))
        await self._post(mail)

    def _chat_first(self) -> None:
        user = 100_000 + len(self.customers)
        customer = Customer(f"telegram:{user}")
        self.customers.append(customer)
        customer.first = self.telegram.post(self._order(customer, self.chance.choice(MATTERS)), user=user)
        self.telegram.push(message=customer.first)

    async def _add(self, customer: Customer) -> None:
        """Write more to a matter, as an answer to her own first message."""
        text = self.chance.choice(MORE)
        if isinstance(customer.first, EmailMessage):
            mail = self._mail(customer, text)
            mail["In-Reply-To"] = mail["References"] = customer.first["Message-ID"]
            await self._post(mail)
        else:
            first = {name: customer.first[name] for name in ("message_id", "date", "chat", "from", "text")}
            user = customer.first["from"]["id"]
            self.telegram.write(self._order(customer, text), user=user, reply_to_message=first)

    async def _deliver_again(self, raw: bytes) -> None:
        """Let a relay deliver a mail twice: the same mail, with another line of the way it took."""
        self.again += 1
        stamp = f"Received: from relay{self.again}.example by mx; {formatdate()}\r\n"
        await self.mail.deliver(stamp.encode() + raw)

    def _mail(self, customer: Customer, text: str) -> EmailMessage:
        mail = EmailMessage()
        mail["From"] = customer.key.removeprefix("email:")
        mail["To"] = self.mail.address
        body = self._order(customer, text)
        mail["Subject"] = f"Request {customer.said[0]}"
        mail["Date"] = format_datetime(self.mail_time())
        mail["Message-ID"] = f"<{customer.said[-1]}@mail.example>"
        mail.set_content(body)
        return mail

    @staticmethod
    def mail_time() -> Any:
        from datetime import UTC, datetime

        return datetime.now(UTC)

    async def _post(self, mail: EmailMessage) -> None:
        raw = mail.as_bytes().replace(b"\n", b"\r\n")
        self.mails.append(raw)
        await self.mail.deliver(raw)

    def _order(self, customer: Customer, text: str) -> str:
        self._orders += 1
        customer.said.append(str(self._orders))
        return text.format(order=self._orders)
