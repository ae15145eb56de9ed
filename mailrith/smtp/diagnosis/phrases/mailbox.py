"""The mailbox as it is now: full, switched off, or the message too large for it."""

from mailrith.smtp.diagnosis.phrases.rule import Rule

MAILBOX = (
    Rule(
        "mailbox_full",
        r"over[ -]?quota|\b(mail ?box|disk|storage) space (is )?not enough|(exceed\w*|over|beyond|above|out of|reached|not enough|insufficient|no)( \S+){0,4}? (mailbox|mail box|disk|storage|message[ -]store)?( \S+)? ?quota(?! .{0,20}(rate|daily|sending))",
        "552 5.2.2 This user is over quota",
    ),
    Rule(
        "mailbox_full",
        r"(mail ?box|mail ?folder|inbox|maildir|mail ?drop|account|mail ?file|message ?store|user'?s? (mail)?box)\S?( \S+){0,6}? (is |are |was )?(full|out of space)\b|full mailbox|mbox is full|(mailbox|inbox|account|storage) \S{0,4}full",
        "452 4.2.2 The email account that you tried to reach is over its storage; mailbox is full",
    ),
    Rule(
        "mailbox_full",
        r"quota[ _-]?(exceed|full|violat|error|limit|overflow|is full|has been)|exceeds? (allowed |its |the |his |her )?(mailbox |storage |disk )?(space|quota|capacity)|exceed\w* (its |the |his |her |their )?(mailbox|storage|disk)( \S+)? (limit|space|allocation|size)|(mailbox|account|storage) (size |space )?(limit|quota|capacity|allocation)( \S+)? (exceeded|reached|is full|violat)|(not|no|lacks?|insufficient|out of|low on)( \S+){0,2} (disk|storage|mailbox|drive|free)( (space|capacity|system storage))|insufficient (system )?storage|delivery failed: over quota|too much mail data|disk (space )?(is )?full|no space left|user has exhausted|would exceed",
        "552 requested mail action aborted: exceeded storage allocation",
    ),
    Rule(
        "mailbox_full",
        r"(maximum|too many|number of) messages? (in (\S+ )?(mailbox|inbox)|stored)|メールボックス.{0,12}(いっぱい|容量|超え)|容量.{0,8}超|boîte (aux lettres |de réception )?(est )?pleine|buz[oó]n (est[aá] )?llen|caixa (postal|de entrada) (est[aá] )?cheia|postfach (ist )?(voll|überf)|переполнен|邮箱.{0,6}满|casella.{0,10}piena",
        "The number of messages in recipient's mailbox exceeded the local limit.",
    ),
    Rule(
        "too_large",
        r"(message|mail|e-?mail|attachment|content|header|body|data)s?'?( \S+){0,3}? (is |are |was )?(too (large|big|long)|larger than|bigger than)|(message|mail|e-?mail|content|data|file)( \S+)? (size|length) (exceed|limit|violat|is too|too|over|greater|larger|restrict)|exceed\w*( \S+){0,5}? (message|mail|e-?mail|content|data)( \S+)? size|size( \S+){0,3}? exceed|exceed\w* (the |your |its |our )?(maximum|size|fixed|allowable|allowed)( \S+){0,4}? (size|length)|too (large|big) (message|e-?mail|mail|a message)|(max|maximum) (message|mail|e-?mail) size|size limit|サイズ.{0,10}(超|大き)",
        "552 5.3.4 Message size exceeds fixed limit",
    ),
    Rule(
        "rate",
        r"receiving mail at a rate|(user|account|recipient|mailbox)( \S+){0,4} receiving( \S+){0,3} (too (quickly|many|much)|at a rate)",
        "550-5.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages",
    ),
    Rule(
        "mailbox_disabled",
        r"(account|mail ?box|user|recipient|e-?mail|e-?mail address|address|login|customer|owner|domain)( \S+){0,6}? (is|has|have|was|are|been|being|got|temporarily|currently|now|:|-)( (been|now|currently|temporarily|permanently|either|not))*( \S+)? ?(suspended|disabled|deactivated|de-activated|inactive|frozen|locked|discontinued|blocked by (the )?admin|not active|unactive|dormant|expired|closed for|on hold|inactivated|terminated)",
        "554 delivery error: dd This account has been disabled or discontinued [#102]",
    ),
    Rule(
        "mailbox_disabled",
        r"(suspended|disabled|deactivated|inactive|dormant|frozen|locked|discontinued|expired|disused|unavailable due to inactivity|non[ -]active)[ -](\S+ ){0,2}?(account|mail ?box|user|recipient|address|e-?mail)|mail ?box (is )?(disabled|inactive|frozen|suspended|locked)|\(#?5\.2\.1\) ?(mailbox )?(disabled|inactive)|not an active (address|account|user|mailbox)|is not active|account (is )?(inactive|disabled|suspended)|user (is )?(inactive|suspended)|vdelivermail: account is locked|deactivated due to|mailbox not available at the moment|couldn'?t .{0,20}because .{0,30}suspended|account that you tried to reach is (inactive|disabled)",
        "550 Mailbox is frozen. See the help pages",
    ),
)
