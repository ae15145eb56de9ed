"""Mailboxes that anybody can have, and the servers that may send for them.

Their owners publish that mail in their name comes from their own servers only (DMARC), so every big receiver throws away or
marks what comes from elsewhere. `*` stands for one country's ending, such as `yahoo.*` for yahoo.com and yahoo.co.uk.
"""

import re
from dataclasses import dataclass

# name: domains of addresses: domains of servers
_TABLE = """
Google: gmail.com googlemail.com: gmail.com googlemail.com google.com
Microsoft: outlook.* hotmail.* live.com live.co.uk live.de live.fr live.nl msn.com passport.com: outlook.com office365.com hotmail.com live.com
Yahoo: yahoo.* ymail.com rocketmail.com myyahoo.com: yahoo.* yahoodns.net
AOL: aol.com aim.com aol.de aol.fr aol.co.uk: aol.com yahoo.com
Apple: icloud.com me.com mac.com: me.com icloud.com apple.com
Proton: proton.me protonmail.com protonmail.ch pm.me: proton.me protonmail.ch protonmail.com
GMX: gmx.*: gmx.*
WEB.DE: web.de: web.de
mail.com: mail.com email.com post.com usa.com: mail.com
Mail.ru: mail.ru inbox.ru list.ru bk.ru internet.ru: mail.ru
Yandex: yandex.ru yandex.com ya.ru yandex.by yandex.kz narod.ru: yandex.ru yandex.com yandex.net
QQ: qq.com foxmail.com vip.qq.com: qq.com
NetEase: 163.com 126.com yeah.net: 163.com 126.com yeah.net netease.com
Sina: sina.com sina.cn: sina.com sina.cn
Naver: naver.com: naver.com
Daum: hanmail.net daum.net: daum.net hanmail.net
Fastmail: fastmail.com fastmail.fm: fastmail.com messagingengine.com
Tuta: tuta.com tutanota.com tutanota.de tutamail.com tuta.io: tuta.com tutanota.de
Zoho: zohomail.com zohomail.eu: zoho.com zoho.eu zohomail.com
HEY: hey.com: hey.com
T-Online: t-online.de magenta.de: t-online.de
freenet: freenet.de: freenet.de
Orange: orange.fr wanadoo.fr: orange.fr
Free: free.fr: free.fr
La Poste: laposte.net: laposte.net
SFR: sfr.fr neuf.fr: sfr.fr
Libero: libero.it virgilio.it: libero.it
Seznam: seznam.cz email.cz: seznam.cz
Onet: onet.pl op.pl poczta.onet.pl: onet.pl
WP: wp.pl o2.pl: wp.pl o2.pl
Interia: interia.pl: interia.pl
Comcast: comcast.net: comcast.net
AT&T: att.net sbcglobal.net bellsouth.net: att.net yahoo.com
Verizon: verizon.net: verizon.net aol.com
Cox: cox.net: cox.net
BT: btinternet.com: btinternet.com
Sky: sky.com: sky.com yahoo.com
UOL: uol.com.br bol.com.br: uol.com.br
Terra: terra.com.br: terra.com.br
Rediff: rediffmail.com: rediffmail.com
"""

_COUNTRY = r"(?:com?\.)?[a-z]{2,3}"


@dataclass(frozen=True)
class FreeMail:
    """One provider of mailboxes. `addresses` and `servers` match whole host names in lower case."""

    name: str
    addresses: re.Pattern[str]
    servers: re.Pattern[str]


def provider_of(domain: str) -> FreeMail | None:
    """Who hands out mailboxes of this domain to anybody, or None."""
    return next((one for one in _PROVIDERS if one.addresses.fullmatch(domain)), None)


def may_send(provider: FreeMail, host: str) -> bool:
    """Whether the mail server belongs to the provider itself, by its name."""
    return provider.servers.fullmatch(host) is not None


def _pattern(domains: str, before: str = "") -> re.Pattern[str]:
    names = (re.escape(name).replace(r"\*", _COUNTRY) for name in domains.split())
    return re.compile(f"{before}(?:{'|'.join(names)})")


def _read(line: str) -> FreeMail:
    name, addresses, servers = line.split(":")
    return FreeMail(name, _pattern(addresses), _pattern(servers, r"(?:.+\.)?"))


_PROVIDERS = tuple(_read(line) for line in _TABLE.strip().splitlines())
