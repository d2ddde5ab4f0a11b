"""How machines word their mail: delivery failures, absence notices, other desks' acknowledgements."""

import re

from triage.message import Message

_BODY = 1_500  # characters in which a machine says what it is; a customer's pasted report comes later

# At the beginning of a subject; a person's answer to such a mail begins with "Re:".
_AUTOMATIC_SUBJECT = re.compile(
    r"""\W{0,3}(?:auto(?:matic|mated)?[\s-]?(?:reply|response|answer|acknowledge?ment)\b|auto\s?:
    |out\sof\s(?:the\s)?office\b
    |away\suntil\b|away\sfrom\s(?:my\s)?(?:mail|office|desk)|vacation\s(?:reply|notice|response)|on\svacation\b
    |自动(?:回复|答复|回覆)|自動(?:回覆|回復|答覆|返信|応答)|自動転送|不在通知|不在のお知らせ|休假自动|外出回复
    |respuesta\sautom[áa]tica|fuera\sde\s(?:la\s)?oficina|resposta\sautom[áa]tica|fora\sd[oe]\sescrit[óo]rio
    |r[ée]ponse\sautomatique|absence\sdu\sbureau|automatische\santwort|abwesenheits?(?:notiz|assistent|nachricht)
    |risposta\sautomatica|fuori\ssede|automatisch\santwoord|automatisch\s?svar|autosvar|automaattinen\svastaus
    |automatyczna\sodpowied|автоответ|автоматический\sответ|자동\s?(?:회신|응답)|부재\s?중|otomatik\syanıt
    |trả\slời\stự\sđộng|balasan\sotomatis|رد\sتلقائي|الرد\sالتلقائي)
    # A machine's label ends there; a person goes on: "On vacation and lost my phone".
    (?=\s*(?:$|[:：\-–—(（\[【!.,，。|/\d<"']|re\b|fwd?\b|until|till|from|for\b|auto|回复|回覆|您好|你好))""",
    re.IGNORECASE | re.VERBOSE,
)
_NOTES_SUBJECT = re.compile(r"auto:\s.{1,80}\sis\sout\sof\s(?:the\s)?office\b", re.IGNORECASE)  # Lotus and HCL Notes
# Word for word what one program writes, so that it convinces alone.
_CERTAIN_SUBJECT = re.compile(
    r"""(?:undelivered\smail\sreturned\sto\ssender|delivery\sstatus\snotification\s\(
    |returned\smail:\s(?:see\stranscript|user\sunknown)
    |mail\sdelivery\sfailed:\sreturning\smessage|complaint\sabout\smessage\sfrom\s\d|failure\snotice$
    |undeliverable:\s|postmaster\snotify:\s|email\sfeedback\sreport\sfor\sip|系统退信/)""",
    re.IGNORECASE | re.VERBOSE,
)
_FAILURE_SUBJECT = re.compile(
    r"""\W{0,3}(?:notice:\smail\sdelivery|(?:sorry,\s)?your\smessage\scould\snot|delayed\smail|delivery\s(?:status
    |report)$|postmaster\snotify|email\sfeedback\sreport
    |failure\sdelivery|mail\sfailed|there\swas\san\serror\ssending|message\syou\ssent\sblocked
    |(?:re:\s?)?(?:undeliver(?:able|ed)\b|un-?deliverable\smail|delivery\s(?:status\snotification
    |failure|failed|
    has\sfailed|report|notification|problem|unsuccessful|delayed)|mail\s(?:delivery\s(?:fail|problem|error|system)
    |system\serror|failure|status\sreport
    |could\snot\sbe\sdelivered)|message\s(?:delivery\s(?:failure|delayed)|status|you\ssent\sblocked|undeliverable)
    |returned\smail|failure\snotice|non[-\s]?delivery|nondeliverable|rejected\smail|warning:\s(?:could\snot\ssend
    |message\s.{1,40}delayed)
    |failed\s(?:mail|message)|email\sdelivery\s(?:fail|error)|permanent\serror|bounced\smail|your\s(?:mail
    |message)\s.{0,40}(?:undeliver|rejected)
    |not\sread\s?:|read\s?:\s|unread\s?:|complaint\sabout\smessage\sfrom\s\d|abuse\sreport\b
    |系统退信|退信通知|退信|退件|邮件投递失败|無法(?:傳送|遞送|傳遞)|无法(?:传递|投递|送达)|未送达|未传递|投递失败
    |遞送失敗
    |no\sse\s(?:puede|pudo)\sentregar|no\sentregado|correo\sno\sentregado|devuelto|no\sentregable
    |falha\sna\sentrega|não\sentregue
    |non\sremis|[ée]chec\sde\s(?:la\s)?(?:remise|distribution)|remise\simpossible|unzustellbar|nicht\szustellbar
    |zustell(?:ung|fehler)
    |recapito\snon|mancato\srecapito|не\s?доставлен|недоставлен|配信不能|配信エラー|配送できません|送信エラー
    |메일\s?(?:전송|반송)|전송\s?실패|배달\s?실패
    |iletilemedi|không\sgửi\sđược|gagal\s(?:dikirim|terkirim)|تعذر\sالتسليم|فشل\sالتسليم))""",
    re.IGNORECASE | re.VERBOSE,
)
_DESK_SUBJECT = re.compile(
    r"""\W{0,3}(?:(?:your\s)?(?:support\s)?(?:ticket|case|request|enquiry|inquiry)\s(?:has\sbeen\s
    |was\s)?(?:received|created|opened|registered|logged)
    |(?:ticket|case|request)\s?(?:\#|no\.?|id)?\s?\d{3,}\s(?:received|created|opened)|we(?:['’]ve
    |\shave)?\sreceived\syour\s(?:request|message|ticket|email)
    |thank\syou\sfor\s(?:contacting|your\s(?:email|message|enquiry))|(?:我们)?已收到您的|工单.{0,12}(?:已创建
    |已受理|创建成功)
    |hemos\srecibido\s(?:su|tu)|solicitud\srecibida)""",
    re.IGNORECASE | re.VERBOSE,
)
_NUMBERED = re.compile(r"[\[(#]\s?#?\s?\d{4,}|\s-\s\d{4,}")
_FAILURE_BODY = re.compile(
    r"""(?:transcript\sof\s(?:the\s)?(?:session|attempts)|this\sis\sa\s(?:warning\smessage|delivery\sstatus)
    |mail\sserver\son\s|could\snot\sbe\ssent
    |trouble\sdelivering|was\sblocked\sby\sour|original\smessage\swas\sreceived\sat|unable\sto\sdeliver
    |no\svalid\srecipients
    |отправлено\sпочтовым\sсервером|создано\sавтоматически\sсервером|this\sis\sthe\s(?:mail|postfix
    |mail\sdelivery)\s(?:system|agent|program|program\sat)
    |this\smessage\swas\screated\sautomatically
    |(?:could\snot|couldn['’]t|cannot|unable\sto|was\snot|not\sbe|failed\sto|wasn['’]t|can't)\s(?:be\s
    |able\sto\s)?deliver
    |(?:had|following)\s(?:permanent\sfatal|delivery)\serrors?|error\sdelivering\syour\smail|undeliverable\smessage
    |did\snot\sreach\sthe\sfollowing|your\smessage\s(?:to\s.{1,80}\s)?(?:could\snot|was\snot|has\sbeen\srejected
    |cannot)
    |(?:delivery\shas\sfailed|delivery\sto\sthe\sfollowing|recipients?\sfailed|returned\sto\s(?:the\s)?sender)
    |this\sis\san?\s(?:automat|auto-)|do\snot\s(?:reply|respond)\sto\sthis|qmail-send|reporting-mta\s?:
    |final-recipient\s?:
    |diagnostic-code\s?:|smtp;\s?\d{3}|<[^<>@\s]{1,64}@[^<>\s]{1,120}>:\s*(?:host|user|unknown|\d{3})|(?:^
    |\s)5\d\d[\s-]5\.\d\.\d
    |该邮件无法投递|无法投递|退信原因|无法送达|無法送達|投遞失敗|no\sse\sha\spodido\sentregar|no\sse\spudo\sentregar
    |n['’]a\spas\spu\s(?:être\s)?(?:remis|délivr)|konnte\snicht\szugestellt|não\spôde\sser\sentregue|не\s(?:было
    |может)\sдоставлен
    |feedback-type\s?:|abuse\sreport\sfor|disposition\s?:)""",
    re.IGNORECASE | re.VERBOSE,
)
_AUTOMATIC_BODY = re.compile(
    r"""(?:this\sis\san\sauto(?:mated|matic|-?generated|-?response|-?reply)|i\s(?:am|will\sbe
    |'m)\s(?:currently\s)?(?:out\sof\s(?:the\s)?office|away\sfrom|on\s(?:annual\s)?leave|on\svacation)
    |currently\sout\sof\s(?:the\s)?office|automatically\sgenerated|(?:do|please)\snot\sreply
    |this\smailbox\sis\snot\smonitored
    |we\shave\sreceived\syour\s(?:request|message|email|enquiry|inquiry|ticket)|your\s(?:ticket|request
    |case)\s(?:number|id)\sis
    |本邮件由系统自动|系统自动(?:发送|回复|发出)|自动回复|請勿(?:直接)?回覆|请勿(?:直接)?回复|我(?:目前|现在
    |正在)(?:休假|外出|出差)|不在办公室
    |mensaje\s(?:generado\s)?autom[áa]tic|no\sresponda\sa\seste|estoy\sfuera\sde\sla\soficina
    |hemos\srecibido\ssu\s(?:mensaje|solicitud|consulta)
    |message\sautomatique|je\ssuis\sabsent|automatisch\s(?:generiert|erstellt)|ich\sbin\s(?:derzeit|zurzeit
    |momentan)?\s?(?:nicht\sim\sbüro|abwesend)
    |mensagem\sautom[áa]tica|自動送信|自動返信|このメールは自動|자동으로\s?(?:발송|생성)|автоматическ)""",
    re.IGNORECASE | re.VERBOSE,
)


def suspicions(message: Message) -> list[tuple[int, str]]:
    """Return what in the wording of `message` suggests a machine: (weight, reason); a sum of 2 convinces."""
    found = []
    subject, body = message.subject[:300], message.text[:_BODY]
    if _AUTOMATIC_SUBJECT.match(subject) or _NOTES_SUBJECT.match(subject):
        found.append((2, "the subject is that of an automatic reply"))
    if _FAILURE_SUBJECT.match(subject):
        found.append((2 if _CERTAIN_SUBJECT.match(subject) else 1, "the subject is that of a delivery report"))
    if _DESK_SUBJECT.match(subject):
        found.append((2 if _NUMBERED.search(subject) else 1, "the subject is another desk's acknowledgement"))
    if found and _FAILURE_BODY.search(body):
        found.append((1, "the text is that of a delivery report"))
    elif found and _AUTOMATIC_BODY.search(body):
        found.append((1, "the text is that of an automatic reply"))
    return found
