"""Whether a message is a command and nothing else: answered at once, no case, no place in the list.

"/help my wallet was drained" is a customer's story, and so is one behind "/start". Beside the commands of a channel
there is one that every channel has: the number of a case and nothing but words that ask how it stands.
"""

from triage.case import Reading
from triage.message import Message
from triage.rules import case_number
from triage.rules.nothing_but import NothingBut
from triage.rules.text import one_line

STATUS = "status"

_LONGEST = 200
"""Characters: whoever writes more tells something."""

# All that may stand beside the number. A word that says anything else makes it a message for an agent.
# Thanks is no question.
_WORDS = """
    hello hi hey dear please status state update news any what is the of my your for about how case ticket number nr id
    request reference
    hola buenas buenos días dias tardes por favor estado de del mi caso número numero cuál cual es el la cómo como va
    consulta
    olá ola bom dia situação situacao do meu da
    bonjour svp quel quelle est l état etat statut du mon dossier numéro
    guten tag hallo bitte wie ist der stand meines mein fall fallnummer nummer
    здравствуйте добрый день пожалуйста статус состояние моего обращения обращение номер заявки заявка
    merhaba lütfen durum durumu başvuru başvurumun numara numarası nedir
    halo mohon tolong kasus nomor saya bagaimana perkembangan perkembangannya
    xin chào vui lòng mã yêu cầu tình trạng thái của tôi
    مرحبا مرحبًا السلام عليكم من فضلك ما هي حالة حالتي الحالة رقم الطلب رقمها
"""
_PHRASES = """
    您好 你好 请问 請問 请 請 我的 查询 查詢 查一下 进度 進度 状态 狀態 情况 情況 工单号 工單號 工单 工單
    案件编号 案件編號 案件 编号 編號 号码 號碼 单号 單號 怎么样了 怎麼樣了 如何 的 是 了 吗 嗎 呢
    こんにちは お願いします お願いいたします 受付番号 番号 状況 進捗 教えてください は の です を について
    どうなっていますか
    안녕하세요 접수 번호 진행 상황 상태 알려주세요 알려 주세요 부탁드립니다 은 는 이 가 의 건 입니다 확인
"""


_QUESTION = NothingBut(_WORDS, _PHRASES)


def command_of(message: Message, reading: Reading, *, numbered: bool) -> str:
    """Return the command that is all there is to a message, without its slash, or "" for a message to be read.

    `numbered`: it quotes the number of a case with a true check code. In public what follows a command is meant for
    whoever knows it.
    """
    if message.command == STATUS or (message.command and message.public):
        return message.command
    if message.command:
        # The one word that a link puts behind "/start" is no story.
        return message.command if len(reading.text.split()) <= (message.command == "start") else ""
    asks = numbered and not message.public and not message.attachments and asks_state(message, reading)
    return STATUS if asks else ""


def asks_state(message: Message, reading: Reading) -> bool:
    """Tell whether nothing is said but the number of a case and words that ask how it stands."""
    subject = one_line(message.subject)
    # Whoever says in the text what the subject says means it; the subject alone may be the one of an earlier mail.
    twice = not message.refers_to and one_line(message.text).startswith(subject)
    said = reading.text if twice else reading.text.removeprefix(subject).strip()
    if not said and not message.refers_to:
        said = subject
    if len(said) > _LONGEST or not case_number.find(said):
        return False
    return _QUESTION.is_all_of(case_number.without(said))
