"""Who receives for a domain: the large mailbox providers by their domains, and by the mail servers (MX) of those they host.

A provider counts a sender's mail over all its domains, so they share one group. Any other domain is a group of its own.
Sources: the providers' own postmaster pages, and their MX records.
"""

from collections.abc import Iterable

_DOMAINS = {
    "google": "gmail.com googlemail.com",
    "microsoft": (
        "outlook.com hotmail.com live.com msn.com passport.com outlook.de outlook.fr outlook.es outlook.it "
        "outlook.jp outlook.com.br hotmail.co.uk hotmail.de hotmail.fr hotmail.it hotmail.es hotmail.be "
        "hotmail.nl hotmail.se live.co.uk live.de live.fr live.it live.nl live.be live.se live.ca live.com.au"
    ),
    "yahoo": (
        "yahoo.com ymail.com rocketmail.com myyahoo.com aol.com aim.com verizon.net yahoo.co.uk yahoo.de yahoo.fr "
        "yahoo.es yahoo.it yahoo.ca yahoo.in yahoo.co.in yahoo.com.br yahoo.com.au yahoo.com.mx yahoo.com.ar aol.de "
        "aol.co.uk aol.fr att.net sbcglobal.net bellsouth.net"
    ),
    "apple": "icloud.com me.com mac.com",
    "united-internet": "gmx.de gmx.net gmx.at gmx.ch gmx.com gmx.co.uk gmx.fr web.de mail.com email.de",
    "telekom": "t-online.de magenta.de",
    "freenet": "freenet.de",
    "proton": "proton.me protonmail.com protonmail.ch pm.me",
    "fastmail": "fastmail.com fastmail.fm messagingengine.com",
    "zoho": "zoho.com zohomail.com zoho.eu zohomail.eu",
    "orange": "orange.fr wanadoo.fr",
    "free": "free.fr",
    "sfr": "sfr.fr neuf.fr",
    "laposte": "laposte.net",
    "italiaonline": "libero.it virgilio.it iol.it inwind.it",
    "tiscali": "tiscali.it",
    "comcast": "comcast.net xfinity.com",
    "charter": "charter.net spectrum.net rr.com",
    "bt": "btinternet.com btopenworld.com",
    "virgin": "virginmedia.com ntlworld.com blueyonder.co.uk",
    "ziggo": "ziggo.nl home.nl upcmail.nl",
    "kpn": "kpnmail.nl planet.nl hetnet.nl",
    "telenet": "telenet.be",
    "bluewin": "bluewin.ch",
    "seznam": "seznam.cz email.cz post.cz",
    "onet": "onet.pl op.pl onet.eu vp.pl poczta.onet.pl",
    "wp": "wp.pl o2.pl tlen.pl",
    "interia": "interia.pl interia.eu poczta.fm",
    "mail-ru": "mail.ru bk.ru inbox.ru list.ru internet.ru",
    "yandex": "yandex.ru yandex.com ya.ru yandex.by yandex.kz",
    "tencent": "qq.com foxmail.com vip.qq.com",
    "netease": "163.com 126.com yeah.net",
    "naver": "naver.com",
    "daum": "daum.net hanmail.net",
    "docomo": "docomo.ne.jp",
    "rediff": "rediffmail.com",
    "uol": "uol.com.br bol.com.br",
    "terra": "terra.com.br",
}

# The ends of the names of mail servers.
_EXCHANGES = {
    "google": "google.com googlemail.com",
    "microsoft": "outlook.com outlook.de protection.office365.us mx.microsoft",
    "yahoo": "yahoodns.net",
    "apple": "icloud.com",
    "united-internet": "gmx.net web.de kundenserver.de perfora.net ionos.com ionos.de mail.com",
    "telekom": "t-online.de",
    "proton": "protonmail.ch",
    "fastmail": "messagingengine.com",
    "zoho": "zoho.com zoho.eu zoho.in",
    "mail-ru": "mail.ru",
    "yandex": "yandex.net yandex.ru",
    "tencent": "qq.com",
    "netease": "netease.com",
    "seznam": "seznam.cz",
    "proofpoint": "pphosted.com ppe-hosted.com",
    "mimecast": "mimecast.com",
    "barracuda": "barracudanetworks.com ess.barracuda.com",
    "cisco": "iphmx.com",
    "messagelabs": "messagelabs.com",
    "hornetsecurity": "hornetsecurity.com antispameurope.com",
    "rackspace": "emailsrvr.com",
    "godaddy": "secureserver.net",
    "ovh": "ovh.net",
    "gandi": "gandi.net",
    "infomaniak": "infomaniak.ch infomaniak.com",
    "strato": "rzone.de",
    "namecheap": "privateemail.com registrar-servers.com",
    "hostinger": "hostinger.com",
    "one-com": "one.com",
    "transip": "transip.email transip.nl",
    "aruba": "aruba.it",
    "mailgun": "mailgun.org",
    "amazon": "amazonaws.com awsapps.com",
}


def _by_name(table: dict[str, str]) -> dict[str, str]:
    return {name: group for group, names in table.items() for name in names.split()}


_GROUPS = _by_name(_DOMAINS)
_HOSTS = _by_name(_EXCHANGES)


def known_group(domain: str) -> str | None:
    """The group of a large provider's own domain, in lower case; None for everybody else's."""
    return _GROUPS.get(domain)


def domains_of(group: str) -> tuple[str, ...]:
    """The own domains of a large provider's group, the best known first; of any other group the domain that it is."""
    return tuple(_DOMAINS[group].split()) if group in _DOMAINS else (group,)


def group_of_hosts(hosts: Iterable[str]) -> str | None:
    """The group to which these mail servers belong; None when no large provider is among them."""
    for host in hosts:
        labels = host.rstrip(".").lower().split(".")
        for start in range(len(labels) - 1):
            group = _HOSTS.get(".".join(labels[start:]))
            if group is not None:
                return group
    return None
