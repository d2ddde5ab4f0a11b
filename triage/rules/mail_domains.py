"""The domains of mail addresses: those of one organisation can be limited as one, those of a provider cannot."""

PROVIDERS = frozenset(
    (
        *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com", "ymail.com"),
        *("icloud.com", "me.com", "mac.com", "aol.com", "proton.me", "protonmail.com", "pm.me", "gmx.com", "gmx.de"),
        *("gmx.net", "web.de", "t-online.de", "freenet.de", "mail.com", "zoho.com", "fastmail.com", "tutanota.com"),
        *("qq.com", "foxmail.com", "163.com", "126.com", "yeah.net", "sina.com", "sina.cn", "sohu.com", "aliyun.com"),
        *("139.com", "189.cn", "wo.cn", "tom.com", "21cn.com", "vip.qq.com", "vip.163.com", "naver.com", "daum.net"),
        *("hanmail.net", "kakao.com", "nate.com", "yahoo.co.jp", "docomo.ne.jp", "ezweb.ne.jp", "softbank.ne.jp"),
        *("au.com", "nifty.com", "mail.ru", "bk.ru", "inbox.ru", "list.ru", "yandex.ru", "yandex.com", "ya.ru"),
        *("rambler.ru", "ukr.net", "orange.fr", "wanadoo.fr", "free.fr", "laposte.net", "sfr.fr", "hotmail.fr"),
        *("yahoo.fr", "hotmail.es", "yahoo.es", "telefonica.net", "hotmail.com.br", "uol.com.br", "bol.com.br"),
        *("terra.com.br", "yahoo.com.br", "yahoo.com.mx", "yahoo.com.ar", "outlook.es", "live.com.mx", "yahoo.co.id"),
        *("yahoo.com.vn", "yahoo.co.uk", "hotmail.co.uk", "btinternet.com", "yahoo.co.in", "rediffmail.com"),
        *("hotmail.it", "libero.it", "virgilio.it", "yahoo.it", "mynet.com", "yahoo.com.tr", "hotmail.com.tr"),
        *("comcast.net", "verizon.net", "att.net", "sbcglobal.net", "yahoo.com.hk", "yahoo.com.tw", "pchome.com.tw"),
    )
)
"""Where millions of strangers have their mailboxes: two addresses there are two people."""


def domain_of(address_key: str) -> str:
    """Return the mail domain of an `Address.key` that can be limited as a whole; "" where there is none."""
    kind, _, value = address_key.partition(":")
    domain = value.rpartition("@")[2].lower() if kind == "email" and "@" in value else ""
    return "" if domain in PROVIDERS else domain
