"""Words of somebody who wrote before: a bare nudge ("any news?"), and a text that speaks of an earlier message.

Neither says what the matter is. They tie a message to a case only together with who wrote it.
"""

import re

from triage.rules.nothing_but import NothingBut

_LONGEST_NUDGE = 120
"""Characters: whoever writes more tells something."""

_LOOKED_AT = 1000
"""Characters at the beginning of a text in which an earlier message is spoken of."""

# All that may stand in a nudge. A word that says anything else makes it a message of its own.
_WORDS = """
    any news update updates answer answers reply replies response respond hello hi hey dear is are there anybody
    anyone
    somebody someone still waiting wait for on to this that about me my case ticket request message so far yet
    no nothing
    what happens happened happening going with the it i am m im you your from please pls plz how long when will
    get ping
    bump urgent asap again support team hear
    alguna alguno algún novedad novedades noticia noticias hola buenas hay alguien ahí por favor responda
    respondan
    respóndanme respuesta contesten contéstenme sigo esperando espero todavía todavia aún aun sin nada qué que
    pasó pasa
    con mi caso solicitud cuándo cuando me van a responder contestar una su de lo el
    alguma novidade novidades olá ola oi tem alguém aí ai por favor respondam resposta ainda estou esperando
    aguardando
    aguardo retorno até agora e o meu da
    des nouvelles bonjour il y a quelqu un svp s vous plaît plait répondez repondez moi réponse toujours j
    attends pas
    de encore rien
    gibt es neuigkeiten etwas schon was neues hallo jemand da bitte antworten sie antwort ich warte noch immer
    auf keine
    melden sich
    есть ли новости новость здравствуйте привет кто нибудь тут здесь там ответьте ответа ответ пожалуйста жду
    всё все еще
    ещё до сих пор нет ау алло ну что когда будет
    haber var mı mi bir gelişme merhaba kimse yok mu cevap lütfen verin verir misiniz hala hâlâ bekliyorum yanıt
    ne oldu
    ada kabar halo apakah tolong mohon balas jawab dibalas masih menunggu orang kapan perkembangan min kak
    có tin gì chưa chào ai đó không xin vui lòng trả lời vẫn đang chờ mới hồi âm tôi rồi
    هل من جديد مرحبا السلام عليكم أحد هنا الرجاء الرد أرجو لا زلت ما أنتظر في انتظار ردكم يوجد رد
"""
_PHRASES = """
    有没有 有沒有 有 没有 沒有 消息 新消息 进展 進展 在吗 在嗎 在不在 请 請 回复 回覆 回答 答复 答覆 还没 還沒
    处理 處理 好了吗 好了嗎
    好吗 好嗎 好了 催一下 催 一下 怎么样了 怎麼樣了 怎么样 人 呢 吗 嗎 了 您好 你好 急 很急 尽快 盡快 我 还在
    還在 等 回 一直 快点 快點 麻烦
    麻煩 什么时候 什麼時候 有人 没人 沒人 理
    その後 いかがでしょうか いかがですか 進展 状況 ありましたか ありますか まだですか まだ 返信 返事 返答 回答
    お願いします
    お願いいたします 待っています もしもし ください こんにちは すみません は を が の お ご
    혹시 소식 있나요 있을까요 새로운 답변 답장 회신 부탁드립니다 부탁드려요 주세요 아직 기다리고 있습니다 있어요
    안녕하세요 언제
    여보세요 인가요 이 가 을 를 은 는
"""
_BACK = r"""
    \balready\ (?:wrote|written|contacted|reported|told|asked|explained|emailed|messaged|sent\ (?:you|a|an|two|my))
    |\b(?:wrote|written|emailed|messaged)\ (?:to\ )?you\b|\bcontacted\ (?:you|support)\b
    |\bas\ i\ (?:\w+\ )?(?:said|told|wrote|mentioned|explained)
    |\b(?:second|third|fourth|2nd|3rd|4th)\ (?:message|request|ticket)
    |\b(?:second|third|2nd|3rd)\ time\ (?:that\ )?i(?:'m|\ am)?\ (?:writ|contact|ask)
    |\bstill\ (?:no|without|have\ no)\ (?:answer|reply|response|news|word)|\bi(?:'m|\ am)\ still\ waiting
    |\bstill\ (?:haven't|have\ not)\ heard
    |\bno\ (?:answer|reply|response)\ (?:from|yet|so\ far|since)
    |\b(?:nobody|no\ one|noone)\ (?:answers|answered|replies|replied|responds|responded)
    |\bmy\ (?:previous|last|earlier|first|other)\ (?:message|mail|e-?mail|request|ticket)
    |\bwriting\ (?:to\ you\ )?again|\bfollow(?:ing)?[\ -]up\b
    |\bya\ (?:(?:les?|os|te|me)\ )?(?:he\ )?(?:escrib|escrit|contact|avis|dij|report|comuni)
    |\b(?:segund|tercer|cuart)[oa]?\ (?:mensaje|vez\ que\ (?:les?\ )?escrib)
    |\bsigo\ (?:sin\ (?:respuesta|noticias)|esperando)|\bsin\ (?:ninguna\ )?respuesta
    |\bnadie\ (?:me\ )?(?:responde|contesta|ha\ respondido|ha\ contestado)
    |\bmi\ (?:mensaje|correo|solicitud)\ anterior|\bcomo\ (?:ya\ )?(?:les?\ )?(?:dije|escrib|coment)
    |\bvuelvo\ a\ escribir
    |\bjá\ (?:escrevi|entrei\ em\ contato|avisei|falei|relatei|mandei\ (?:mensagem|e-?mail))
    |\b(?:segunda|terceira)\ (?:mensagem|vez\ que\ (?:escrevo|entro))
    |\b(?:ainda|continuo)\ (?:sem\ resposta|aguardando|esperando|estou\ (?:esperando|aguardando))|\bsem\ resposta
    |\bninguém\ (?:me\ )?respond|\bmensagem\ anterior
    |\bdéjà\ (?:écrit|contacté|signalé|dit)|\b(?:deuxième|troisième|second)\ (?:message|courriel)
    |\btoujours\ (?:pas\ de|aucune)\ (?:réponse|nouvelle)
    |\bsans\ réponse|\bj'attends\ toujours|\bpersonne\ ne\ (?:me\ )?répond
    |\bmon\ (?:précédent|dernier)\ (?:message|mail|e-?mail)
    |\b(?:schon|bereits)\ (?:\w+\ ){0,2}(?:geschrieben|gemeldet|kontaktiert|gesagt)
    |\b(?:zweite|dritte)[rs]?\ (?:nachricht|e-?mail|anfrage)
    |\bnoch\ keine\ (?:antwort|rückmeldung)|\bwarte\ (?:immer\ )?noch|\bniemand\ (?:antwortet|meldet)
    |\bmeine\ (?:letzte|vorige|vorherige)\ (?:nachricht|e-?mail|anfrage)
    |(?:уже|ранее)\ (?:\w+\ )?(?:писал|обращал|сообщал|говорил)
    |(?:второе|третье|повторное)\ (?:сообщение|письмо|обращение)
    |(?:до\ сих\ пор|вс[её]\ ещ?[её])\ (?:нет\ ответа|жду|без\ ответа)|никто\ не\ (?:отвечает|ответил)
    |пишу\ (?:повторно|снова|ещ[её]\ раз)|предыдуще\w+\ (?:сообщени|письм|обращени)
    |\b(?:daha\ önce|zaten)\ (?:\w+\ )?(?:yaz|ilet|bildir)|\b(?:ikinci|üçüncü)\ (?:mesaj|kez\ yaz)
    |\bh[aâ]l[aâ]\ (?:cevap|yanıt|bekliyorum)|\bkimse\ (?:cevap|yanıt)|\bönceki\ mesaj
    |\bsudah\ (?:pernah\ )?(?:menulis|menghubungi|lapor|melapor|kirim\ pesan)
    |\bpesan\ (?:kedua|ketiga|sebelumnya)|\bmasih\ (?:belum\ (?:ada\ )?(?:jawaban|balasan)|menunggu)
    |\bbelum\ (?:ada\ )?(?:balasan|jawaban)|\btidak\ ada\ yang\ (?:jawab|balas|menjawab|membalas)
    |đã\ (?:viết|nhắn|liên\ hệ)|(?:tin\ nhắn|thư)\ (?:thứ|lần)\ (?:hai|ba|2|3)
    |vẫn\ (?:chưa\ (?:có\ |ai\ |được\ |nhận\ được\ )*(?:trả\ lời|phản\ hồi)|đang\ chờ)|không\ ai\ trả\ lời
    |tin\ nhắn\ trước
    |(?:سبق|لقد)\ (?:أن\ )?(?:راسلت|كتبت|تواصلت)|رسالتي\ (?:الثانية|الثالثة|السابقة)
    |(?:ما\ ?زلت|لا\ ?زلت)\ (?:أنتظر|بدون|في\ انتظار)|لم\ (?:يرد|أتلق|يصلني\ رد)|لا\ أحد\ يرد|(?:دون|بدون)\ رد
    |(?:之前|已经|已經|上次|昨天|前天|前几天|前幾天|早就)(?:就|已经|已經)*(?:给|給|跟|向)?(?:你们|你們|客服|您)?(?:写|寫|联系|聯繫|聯絡|反馈|反映|回報|说|說|提交|问|問)(?:过|過|了)
    |第[二三四2-4](?:次(?:联系|聯繫|聯絡|来信|反映|反馈|问你|問你|找你)|封|条消息|條訊息)
    |(?:没|沒|没有|沒有|无|無)人(?:回|答|理)
    |(?:(?:还|還)在|一直在?)等(?:着|著)?(?:你们|你們|您|客服)?的?(?:回(?!款)|答|消息|$|[。!！])
    |再次(?:联系|聯繫|聯絡|写信|询问|詢問)
    |(?:没|沒)(?:有)?(?:收到)?(?:任何)?(?:回复|回覆|答复|答覆)
    |(?:以前|先日|前回|昨日|すでに|既に)(?:も|に)?(?:ご?連絡|メール|お?問い合わせ|お伝え)
    |[二三2-3](?:度|回|通)目の(?:ご?連絡|メール|お?問い合わせ)
    |返信(?:が|も)?(?:まだ)?(?:ありません|ない|来ない|来ません)
    |まだ(?:返事|返信|回答|待って)|お返事(?:が|を)?(?:まだ|ない|ありません|待)|再度(?:ご?連絡|お問い合わせ)
    |(?:이미|전에|어제|지난번에|앞서)\ (?:문의|연락|메일|말씀)|(?:두|세|2|3)\ ?번째\ (?:문의|메시지|메일)
    |아직\ (?:답변|답장|회신)|답변(?:이|을)?\ (?:없|못)|(?:여전히|계속)\ 기다|다시\ 문의
"""


_NUDGE = NothingBut(_WORDS, _PHRASES)
_SPEAKS_OF_BEFORE = re.compile(_BACK, re.VERBOSE)


def is_nudge(text: str) -> bool:
    """Tell whether nothing is said but that an answer is waited for."""
    if len(text) > _LONGEST_NUDGE or not any(letter.isalpha() for letter in text):
        return False
    return _NUDGE.is_all_of(text)


def speaks_of_before(text: str) -> bool:
    """Tell whether a text says that its writer wrote before, or that nobody answered."""
    return bool(_SPEAKS_OF_BEFORE.search(" ".join(text[:_LOOKED_AT].casefold().replace("’", "'").split())))
