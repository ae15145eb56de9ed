"""What receivers say, in their words or close to them: who is given up for it, and who is not."""

import pytest

from mailrith.smtp.diagnosis import diagnose

GONE = """
550 5.1.1 <a@b.example>: Email address could not be found, or was misspelled (G8)
550 5.1.1 <a@b.example> User doesn't exist: a@b.example
550 5.1.1 No such user - psmtp
550 5.1.1 User unknown; rejecting
550 5.1.1 The recipient address does not exist here
550 5.1.1 mailbox unavailable or does not exist
550 a@b.example No such user here
550 invalid recipient: a@b.example
550 a is not a valid mailbox
550 Not a valid recipient
550 relay unknown recipient a@b.example
550 That email address is not recognized
550 Recipient not found. <https://b.example/help>
550 5.1.1 Unknown email address
550 We don't know anyone by that name
554 5.1.1 <a@b.example>: user account not found
553 unknown user a@b.example
553 5.1.2 The recipient's domain does not exist
550-Callback setup failed while verifying <a@b.example> 550 unknown user
501 5.1.3 Bad recipient address syntax
501 5.1.3 Invalid address
553 5.1.3 <a@b>... Domain part missing: invalid address
550 5.1.1 address not in directory
user a@b.example is not in the directory
554 5.1.1 invalid mailbox a
550 no mailbox by that name is currently available
550 5.1.1 Account does not exist
550 5.1.1 <a@b.example>... Not our Customer
550 #5.1.0 User account is unavailable, unknown user
Recipient unknown: a@b.example
The following destination addresses were unknown (please check the addresses and re-mail the message): SMTP <a@b.example>
User a (a@b.example) not listed in Domino Directory
550 Unknown local part a in <a@b.example>
No such person at this address.
a@b.example... Host unknown
550 host unknown
5.1.2 The host part of the recipient address is invalid, unknown domain
554 5.4.4 unable to look up host b.example: Name or service not known
550 5.1.1 RESOLVER.ADR.RecipNotFound; not found
550 5.1.1 RESOLVER.ADR.ExRecipNotFound; not found ##rfc822;a@b.example
550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient a@b.example not found by SMTP address lookup
550 5.4.1 [a@b.example]: Recipient address rejected: Access denied [DB5EUR01FT019.eop-EUR01.prod.protection.outlook.com]
550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302). [DB5EUR03FT030.eop-EUR03.prod.protection.outlook.com]
550 Requested action not taken: mailbox unavailable [COL004-MC4F38.hotmail.com]
550 5.1.351 Remote server returned unknown recipient or mailbox unavailable -> 550 5.1.1 User unknown
550 5.4.310 DNS domain b.example does not exist [Message=InfoDomainNonexistent]
550 5.1.2 Host unknown (Name server: b.example: host not found)
554 delivery error: dd Not a valid recipient - atlas123.free.mail.ne1.yahoo.com
552 1 Requested mail action aborted, mailbox not found
550 5.1.1 <a@icloud.com>: user does not exist (in reply to RCPT TO command)
550 5.1.6 recipient no longer on server: a@icloud.com (in reply to RCPT TO)
550 5.1.1 unknown recipient or no valid mailbox <a@t-online.de>
550 5.1.1 Adresse d au moins un destinataire invalide. Invalid recipient. OFR204_418 [418]
550 5.1.1 Adresse d au moins un destinataire invalide. Invalid recipient. LPN416
550 Message was not accepted -- invalid mailbox. Local mailbox a@mail.ru is unavailable: user not found
550 5.1.1 <a@yandex.ru>: Recipient address rejected: User not found
550 User not found: a@163.com
550 Invalid User 163 gzga-mx-mtada-g0-1
550 5.1.1 User Unknown (proofpoint pphosted)
550 Invalid Recipient - https://community.mimecast.com/docs/DOC-1369#550 [x.uk22]
550 permanent failure for one or more recipients (a@b.example:550 5.1.1 <a@b.example>: Recipient address rejected)
550 #5.1.0 Address rejected.
550 5.1.0 Address rejected a@b.example
550 #5.1.1 bad address a@b.example
550 5.1.1 <a@b.example>: Recipient address rejected: User unknown in local recipient table
550 5.1.1 <a@b.example>: Recipient address rejected: User unknown in virtual alias table
550 5.1.1 <a@b.example>: Recipient address rejected: undeliverable address: host mx.b.example[192.0.2.1] said: 550 5.1.1 unknown user
5.4.4 Host or domain name not found. Name service error for name=b.example type=AAAA: Host not found
550 Unrouteable address
550 No such recipient here
550 No Such User Here
550 unknown user
550 Unknown recipient <a@b.example>
all relevant MX records point to non-existent hosts
Sorry, no mailbox here by that name. (#5.1.1)
553 5.3.0 <a@b.example>... Addressee unknown, relay=[192.0.2.1]
550 5.1.1 <a@b.example>... User unknown
550 5.1.1 sid=x Address rejected a@b.example [R0107008]
550 5.1.1 Recipient unknown
550 5.1.1 Account not found
551 5.1.1 User not local; please try <a@c.example>
550 Mailbox not found
550 5.1.1 This address no longer accepts mail.
550 5.1.1 mail receiving disabled
556 5.1.10 Recipient address has null MX
550 5.1.10 <a@b.example>: Domain b.example does not accept mail (nullMX)
550 5.1.2 Domain not found
550 Domain does not exist
550 5.1.2 [internal] no MX or A for domain
511 5.1.1 unknown address or alias: a
550 5.1.1 unknown or illegal alias: a@b.example
550 5.1.1 recipient does not exist in the directory
550 cuda_nsu 5.1.1 <a@b.example>: Recipient address rejected: No such user (a@b.example)
550 5.1.1 Der Empfänger existiert nicht
550 Benutzer unbekannt
550 5.1.1 Usuario desconocido
550 5.1.1 Utente sconosciuto
550 nessun utente simile in questo indirizzo
550 5.1.1 Utilisateur inconnu !
550 5.1.1 Destinatário inexistente
Die E-Mail wurde nicht zugestellt, weil die Adresse nicht gefunden wurde oder keine E-Mails empfangen kann
"""
THERE = """
550 Mailbox unavailable or access denied [IP: 192.0.2.1]
550 5.1.1 RCP-P2 The recipient's preferences do not allow this message
550 'a@b.example' is not a registered gateway user
550 5.7.1 Unknown sender
550 Sender address does not exist
550 5.1.7 Invalid sender address
553 5.1.8 Sender domain not found
550 5.1.0 <a@c.example>: sender rejected, domain does not exist
501 5.5.4 Invalid HELO name, host unknown
550 5.7.1 Recipient not authorized, your IP has been found on a block list
550 5.7.1 DKIM key for domain not found
550 From address not valid
550 Message contains an invalid address in the From header
User mailbox exceeds allowed size: a@b.example
552 mailbox a@b.example exceeds storage limit, no such space
Unknown error
550 mailbox not accessible
550 5.7.1 You are not authorized to send to this recipient
550 5.7.1 This user only accepts mail from known senders
451 4.3.0 user lookup failed, try later
451 4.2.0 could not verify recipient, server not responding
450 4.1.1 recipient verification in progress
450 4.2.1 mailbox busy
450 Requested mail action not taken: mailbox unavailable
554 5.4.6 Unable to route: routing loop detected
5.4.0 Error: too many hops
554 5.7.1 Recipient address rejected: Blocked by SPF
550 5.7.1 <a@b.example>: Recipient address rejected: Message rejected due to SPF fail - not authorized
554 5.7.1 <a@b.example>: Recipient address rejected: Policy rejection not logged in
554 5.7.1 <a@b.example>: Recipient address rejected: your IP is blacklisted
550 5.2.2 <a@b.example>: Recipient address rejected: Mailbox is full
550 <a@b.example>: Recipient address rejected: Mailbox disabled
550 5.2.1 <a@b.example>: Recipient address rejected: this mailbox is inactive and has been disabled
550 5.7.1 <a@b.example>: Recipient address rejected: SPF-Result=not authorized
unable to connect successfully to the destination mail server
451 4.4.0 DNS resolving error
554 5.3.0 DNS failure: temporary lookup error for b.example
4.4.4 unable to route the mail message
host b.example[192.0.2.1] said: 421 4.4.2 timeout exceeded
lost connection with b.example while receiving the initial server greeting
delivery temporarily suspended: connect to b.example[192.0.2.1]:25: No route to host
454 4.7.0 TLS not available due to local problem
530 5.7.0 Authentication required
535 5.7.8 Error: authentication failed: unknown user or password
554 5.7.0 Your message could not be sent. The limit on the number of allowed outgoing messages was exceeded. Try again later.
550 5.4.5 Daily sending quota exceeded
452 4.5.3 Too many recipients
550 5.6.0 Lone CR or LF in body
554 5.6.1 Body type not supported by remote host
553 5.6.7 SMTPUTF8 required but not supported
500 5.5.2 Syntax error, command unrecognized
503 5.5.1 No valid recipients
554 5.5.1 Error: no valid recipients
421 4.3.2 Service shutting down
550 5.3.2 system not accepting network messages
552 5.3.1 mail system storage full
554 5.3.0 command died with status 1: "/usr/bin/procmail"
5.2.0 cannot create output file /var/mail/a: Permission denied
550 Message contained unsafe content (Virus)
554 5.7.1 infected by Win.Trojan
552 5.7.0 attachment type not allowed: .exe
550 5.7.1 message looks like spam
550 This message was classified as SPAM and may not be delivered
550 rejected because 192.0.2.1 is in a black list at bl.spamcop.net
554 5.7.1 Rejected by RBL
550 blocked by our policy: country not allowed
550 List administrator only: you are not allowed to post to this mailing list
550 5.7.1 Only members may post; user unknown to the list
550 sender not on the whitelist
550 5.7.1 Recipient refuses mail from you
550 user refuses to receive this mail
550 5.2.0 recipient rejected your message, see their sieve script
550 Reverse DNS lookup failed for 192.0.2.1: host not found
450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.1]
554 5.7.1 Client host rejected: unknown host
550 Your domain does not exist or has no MX
550 5.7.1 The domain c.example of the sender has no A, AAAA or MX record
550 5.1.8 Sender domain must exist
550 5.7.1 bad sender MX: domain not found
550 Delivery failed after 4 days of trying
Message could not be delivered for 5 days. Message will be deleted from queue
Your message was not delivered within 1 days and 1 hours. Host b.example is not responding.
Delivery time expired; host unknown earlier
5.1.1 mailbox full, user unknown until it is emptied
550 Mailbox temporarily disabled - user does not exist at the moment
452-4.2.2 The email account that you tried to reach is over quota. Please direct the recipient to https://support.google.com/mail/?p=OverQuotaTemp
552 5.2.2 The email account that you tried to reach is over quota and inactive.
550-5.2.1 The email account that you tried to reach is inactive. Learn more at https://support.google.com/mail/?p=DisabledUser
550 5.2.1 The email account that you tried to reach is disabled. Learn more
421-4.7.0 This message is suspicious due to the very low reputation of the sending IP address
550-5.7.1 The user or domain that you are sending to (or from) has a policy that prohibited the mail that you sent.
552-5.7.0 This message was blocked because its content presents a potential security issue.
550 5.7.1 Message rejected. See https://support.google.com/mail/answer/69585 for more information
550-5.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages from being delivered.
450-4.2.1 The user you are trying to contact is receiving mail too quickly. Please resend your message at a later time.
550 5.2.2 <a@b.example>... Mailbox full
432 4.3.2 STOREDRV.Deliver; recipient thread limit exceeded
550 5.7.1 RESOLVER.RST.NotAuthorized; not authorized
550 5.7.1 RESOLVER.RST.AuthRequired; authentication required
550 5.7.124 RESOLVER.RST.SenderNotInAllowedSendersList; not in allowed-senders list
550 5.7.1 TRANSPORT.RULES.RejectMessage; the message was rejected by organization policy
550 5.7.606 Access denied, banned sending IP [192.0.2.1]. To request removal from this list please visit https://sender.office.com/
550 5.7.511 Access denied, banned sender[192.0.2.3]. To request removal from this list please forward this message to delist@messaging.microsoft.com
451 4.7.650 The mail server [192.0.2.5] has been temporarily rate limited due to IP reputation. (S775)
554 5.4.14 Hop count exceeded - possible mail loop ATTR34
550 5.7.64 TenantAttribution; Relay Access Denied
450 4.4.312 DNS query failed; Domain has no mail exchangers or DNS server failure
550 4.4.7 QUEUE.Expired; message expired
550 5.4.300 Message expired -> 451 4.4.1 Connection timed out
550 5.2.3 RESOLVER.RST.RecipSizeLimit; message too large for this recipient
550 5.6.11 SMTPSEND.BareLinefeedsAreIllegal; message contains bare linefeeds, which cannot be sent via DATA and receiving system does not support BDAT
554 5.7.9 Message not accepted for policy reasons. See https://postmaster.yahooinc.com/error-codes
451 4.3.2 Internal error reading data
554 30 Sorry, your message to a@yahoo.com cannot be delivered. This mailbox is disabled (554.30).
550 5.7.1 [CS01] Message rejected due to local policy. Please visit https://support.apple.com/en-us/HT204137
552 5.2.2 <a@icloud.com>: user is over quota (in reply to RCPT TO command)
554-gmx.net (mxgmx101) Nemesis ESMTP Service not available 554-No SMTP service 554-Bad DNS PTR resource record.
552-Requested mail action aborted: exceeded storage allocation 552-Quota exceeded. The recipients mailbox is over its limit.
550 Requested action not taken: message rejected due to local policy (SPF)
554 IP=192.0.2.1 - A problem occurred. (Ask your postmaster for help or to contact tosa@rx.t-online.de to clarify.)
554 IP=192.0.2.1 - None/bad reputation. Ask your postmaster for help or to contact tobr@rx.t-online.de for reset. (NOWL)
552 5.1.1 Boite du destinataire pleine. Recipient overquota. OFR_417 [417]
550 5.7.1 Service refuse. Veuillez essayer plus tard. Service refused, please try later. OFR004_104 [104]
421 mwinf5c04 ME Trop de connexions, veuillez verifier votre configuration. Too many connections, slow down. OFR004_104
550 spam detected (free.fr)
550 Message was not accepted -- invalid mailbox. Local mailbox a@mail.ru is unavailable: account is disabled
550 spam message rejected. Please visit http://help.mail.ru/notspam-support/id?c=x or report details to abuse@corp.mail.ru.
554 5.7.1 Mailbox is full. Please try again later. 1234-yandex
554 5.7.1 [2] Message rejected under suspicion of SPAM; https://ya.cc/1IrBc 1588
552 5.2.2 Mailbox size limit exceeded 1234-yandex
550 Mailbox is full or the daily message limit has been exceeded qq.com
550 Mail content denied. http://service.mail.qq.com/cgi-bin/help?subtype=1&&id=20022&&no=1000726
550 IP frequency limited [x IP: 192.0.2.1]. http://service.mail.qq.com
550 Domain frequency limited
550 User suspended: a@163.com
554 DT:SPM 163 mx35, http://mail.163.com/help/help_spam_16.htm?ip=192.0.2.1
550 MI:SPF mx14, http://mail.163.com/help/help_spam_16.htm
451 MI:SFQ 163 mx40
452 DM:QUOTA mailbox is full
554 5.7.1 Blocked - see https://ipcheck.proofpoint.com/?ip=192.0.2.1
554 Denied [CS] [x] (proofpoint)
550 Rejected by header based manually Blocked Senders: a@b.example - https://community.mimecast.com/docs/DOC-1369#550
554 Email rejected due to security policies - https://community.mimecast.com/docs/DOC-1369#554
451 Internal resources are temporarily unavailable - https://community.mimecast.com/docs/DOC-1369#451
550 Administrative prohibition - envelope blocked - https://community.mimecast.com/docs/DOC-1369#550
550 Local CT Signature: spam
554 Service unavailable; Client host [x] blocked using Barracuda Reputation; http://www.barracudanetworks.com/reputation/?r=1&ip=192.0.2.1
550 permanent failure for one or more recipients (a@b.example:blocked)
550 #5.7.1 Your access to submit messages to this e-mail system has been rejected.
450 4.1.1 <a@b.example>: Recipient address rejected: unverified address: connect to mx.b.example: Connection timed out
554 5.7.1 <a@b.example>: Relay access denied
554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org; https://www.spamhaus.org/query/ip/192.0.2.1
450 4.2.0 <a@b.example>: Recipient address rejected: Greylisted, see http://postgrey.schweikert.ch/help/b.example.html
451 4.7.1 Greylisting in action, please come back in 00:05:00
550 5.7.1 <a@c.example>: Sender address rejected: not logged in
553 5.7.1 <a@c.example>: Sender address rejected: Domain not found
504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname
552 5.3.4 Message size exceeds fixed limit
4.4.1 connect to mx.b.example[192.0.2.1]:25: Connection timed out
4.4.3 Host or domain name not found. Name service error for name=b.example type=MX: Host not found, try again
5.4.6 mail for b.example loops back to myself
5.2.2 The user a@b.example is over quota
4.3.0 temporary failure. Command output: maildrop: signal 0x06
550-Verification failed for <a@c.example> 550-No Such User Here 550 Sender verify failed
550 Sender verify failed
550 Previous (cached) callout verification failure
451 Temporary local problem - please try later
550-Please turn on SMTP Authentication in your mail client. x is not permitted to relay through this server without authentication.
retry timeout exceeded
mailbox is full: retry timeout exceeded
The user does not have enough quota: Mailbox over quota (#5.1.1)
vdelivermail: mailbox over quota / user is over quota
553 5.1.8 <a@c.example>... Domain of sender address a@c.example does not exist
452 4.4.5 Insufficient disk space; try again later
421 4.3.2 Connection rate limit exceeded.
550 5.7.1 Rejected: 192.0.2.1 listed at b.barracudacentral.org
571 5.7.1 Message refused, no valid reverse DNS
554 5.7.1 - Connection refused. IP name lookup failed for 192.0.2.1
550 5.7.1 Connection refused - a@c.example. IB504 email policy [IB103]
452 4.2.2 Mailbox full
550 5.2.1 This mailbox has been blocked due to inactivity
550 5.2.1 Mailbox disabled for this recipient
550 5.2.1 <a@b.example>... user is suspended
454 4.4.4 [internal] no MX or A for domain
550 5.0.0 User temporarily unavailable
550 Recipient is temporarily unavailable
550 account temporarily disabled
550 5.1.1 Recipient temporarily unavailable, user unknown for now
550 5.7.1 user unknown or blocked by policy
550 Blocked by content filter: user unknown spamtrap
550 5.7.1 Your message was rejected: spam trap user unknown
550 5.7.1 Content-Policy reject msg: The capital Triple X in subject is way too spammy
550 High probability of spam
550 Your IP address has been blacklisted: user unknown rate too high
550 Too many invalid recipients
421 Too many unknown users from your host, come back later
550 Too many invalid recipients from your IP; blocked
550 mailbox temporarily locked
550 5.7.1 Access denied
541 The recipient address rejected your message: local policy
550 Postfach ist voll
552 5.2.2 El buzón está lleno
Message blocked. Your message to a@b.example has been blocked. See technical details below for more information.
Delivery is delayed to these recipients or groups: #400 4.4.7 Message delayed ##
"""


def lines(text):
    return text.strip().splitlines()


@pytest.mark.parametrize("words", lines(GONE))
def test_an_address_that_is_gone_is_given_up(words):
    assert diagnose(words).kind == "hard"


@pytest.mark.parametrize("words", lines(THERE))
def test_nobody_is_given_up_for_what_passes_or_is_about_the_sender(words):
    assert diagnose(words).kind in {"soft", "block"}


@pytest.mark.parametrize(
    "words",
    [
        "550 Requested action not taken: mailbox unavailable",
        "550 5.0.1 Recipient rejected",
    ],
)
def test_vague_words_are_about_the_address_only_where_nothing_else_was_known(words):
    assert diagnose(words).kind == "soft"
    assert diagnose(words, stage="data").kind == "soft"
    assert diagnose(f"{words} (in reply to RCPT TO command)").kind == "hard"
