"""Sources of received test mails, as people copy them out of their mail programs."""

SENDER = "hannah@allotmentpost.org"
ID = "<17.42@allotmentpost.org>"

SIGNATURE = """\
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={domain};
 s={selector}; t=1763730000; h={headers};
 bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=;
 b=kBx1tVg4N0a8yz+qPp4eVw
  9Hq2s=="""

GMAIL = """\
Authentication-Results: mx.google.com;
       dkim=pass header.i=@allotmentpost.org header.s=mail header.b=kBx1tVg4;
       spf=pass (google.com: domain of hannah@allotmentpost.org designates
        192.0.2.7 as permitted sender) smtp.mailfrom=hannah@allotmentpost.org;
       dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=allotmentpost.org"""

MICROSOFT = """\
Authentication-Results: spf=pass (sender IP is 192.0.2.7)
 smtp.mailfrom=allotmentpost.org; dkim=pass (signature was verified)
 header.d=allotmentpost.org;dmarc=pass action=none
 header.from=allotmentpost.org;compauth=pass reason=100"""

ICLOUD = """\
Authentication-Results: bimi.icloud.com; bimi=skipped reason="insufficient dmarc"
Authentication-Results: dmarc.icloud.com; dmarc=pass header.from=allotmentpost.org
Authentication-Results: dkim-verifier.icloud.com;
	dkim=pass (2048-bit key) header.d=allotmentpost.org header.i=@allotmentpost.org header.b=kBx1tVg4
Authentication-Results: spf.icloud.com; spf=pass (spf.icloud.com: domain of
	hannah@allotmentpost.org designates 192.0.2.7 as permitted sender)
	smtp.mailfrom=hannah@allotmentpost.org"""

ALL_HEADERS = "from:to:subject:message-id:list-unsubscribe:list-unsubscribe-post"


def signature(domain="allotmentpost.org", selector="mail", headers=ALL_HEADERS):
    return SIGNATURE.format(domain=domain, selector=selector, headers=headers)


def source(
    results=GMAIL,
    signatures=None,
    message_id=ID,
    sender=f"Hannah <{SENDER}>",
    trial=ID,
    one_click=True,
):
    lines = [
        "Delivered-To: ada@gmail.com",
        "Received: by 2002:a05:6000 with SMTP id x1; Sat, 21 Nov 2026 06:31:00 -0800 (PST)",
        results,
        *([signature()] if signatures is None else signatures),
        "Authentication-Results: relay.evil.test; spf=fail smtp.mailfrom=evil.test",
        f"From: {sender}",
        "To: <ada@gmail.com>",
        "Subject: It works: a test mail from Mailrith",
        f"Message-ID: {message_id}",
        f"X-Mailrith-Trial: {trial}" if trial else "",
        "List-Unsubscribe: <https://news.allotmentpost.org/u/test>" if one_click else "",
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click" if one_click else "",
    ]
    head = "\r\n".join("\r\n".join(line.split("\n")) for line in lines if line)
    return f"{head}\r\n\r\nIf you can read it, it works.\r\n"
