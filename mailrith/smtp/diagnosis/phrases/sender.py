"""The sender: authentication, reputation, rate, policy, content. Never about the person."""

from mailrith.smtp.diagnosis.phrases.rule import Rule

SENDER = (
    Rule(
        "virus",
        r"\bvirus(es)?\b|malware|infected|trojan|worm found|\bphish|malicious (file|attachment|content)|(banned|forbidden|dangerous|prohibited|blocked) (file|attachment)",
        "554 5.7.1 The message was rejected because it contains prohibited virus or spam content",
    ),
    Rule(
        "auth_failure",
        r"\bmi:spf|\b(spf|dkim|dmarc|arc)\b.{0,60}(fail|not |reject|polic|neutral|permerror|temperror|check|mismatch|missing|invalid|unauth|align|hard)|(fail|not |reject|violat|due to|because|polic|per|neither|no|missing|invalid)\S*.{0,60}\b(spf|dkim|dmarc)\b|sender policy framework|domainkeys|unauthenticated (e-?mail|mail|sender|message)|(not|un)[ -]?authenticated|email .{0,20}authentication (check|fail)|mail from .{0,30}not authorized|is not (authorized|allowed|permitted) to (send|use)( \S+){0,3} (from|mail|on behalf|domain)|not designated|openspf|fails? authentication|authentication (checks?|results?|requirements?|information)( \S+)? fail|does not (pass|have) authentication",
        "550 5.7.26 This mail is unauthenticated, which poses a security risk; SPF and DKIM did not pass",
    ),
    Rule(
        "require_ptr",
        r"\bptr\b|reverse[ -]?(dns|mapping|lookup|hostname|name|resolution|record|zone)|\brdns\b|cannot (resolve|find) (your|client|the) (hostname|host name|address|ip|reverse)|(cannot|can't|unable to) (find|resolve)( \S+){0,3} hostname|hostname( \S+){0,2} (not found|mismatch|does not (resolve|match))|(ip|client|host)( \S+){0,3} (has no|without|lacks?|missing|no valid) (a )?(valid )?(host ?name|dns|name)|no (host ?name|dns name)|fcrdns|helo (does not|doesn'?t) match|unresolvable (host|ip)|does not resolve to a|address is not (resolv|regist)|domain name ptr|fix (your )?reverse|not (properly )?configured dns|forward.?confirm",
        "550 5.7.25 The IP address sending this message does not have a PTR record setup",
    ),
    Rule(
        "too_many_connections",
        r"too many (concurrent |simultaneous |open |smtp |client )*(connections|sessions)|(maximum|max|concurrent|simultaneous|connection)( \S+){0,4} (connections?|sessions?|concurrency|rate)( \S+){0,3} (limit|reached|exceed)|connection (rate|frequency|limit)|connections? (from|by)( \S+){0,4} (limit|exceeded|refused due to)|all (available )?(sockets|smtp ports?) (are )?(in )?(use|busy)|connections from the ip address exceed|toomanyconn",
        "421 4.7.0 Too many concurrent connections from this host",
    ),
    Rule(
        "rate",
        r"(too (many|much|fast)|excessive|unusual(ly)?|high|exceed\w*|over|maximum|limit\S*|abnormal)( \S+){0,6}? (rates?|messages?|mails?|e-?mails?|recipients?|sending|traffic|volume|requests?|transactions|deliveries|rcpts?)\b.{0,40}(per|limit|in (a|the)|from|hour|minute|day|rate|time|quota|exceed|reached|allowed)?|rate[ -]?(limit|control|exceed|throttl)|throttl|sending (limit|rate|quota)|(hourly|daily|monthly)( \S+){0,3} (limit|quota)|slow down|try again (later|in) .{0,30}rate|deferred due to (user complaints|unexpected volume)|speeding|suspicious(ly)? (rate|traffic)|resources (are )?temporarily unavailable|frequency limit",
        "450 4.7.1 Error: too much mail from 192.0.2.1",
        r"[45]\.7\.\d+|4\.\d+\.\d+|[45]\.4\.5|[45]\.5\.3|5\.1\.90|5\.2\.1|",
    ),
    Rule(
        "reputation",
        r"reputation|senderscore|sender score|poor (sender|sending)|(low|bad) (trust|credit|score)|very low|senderbase|\bsbrs\b|talosintelligence|is suspicious due to|likely (suspicious|unsolicited)|history of (abuse|sending)",
        "550 5.7.1 Our system has detected that this message is likely suspicious due to the very low reputation of the sending domain",
    ),
    Rule(
        "relaying",
        r"\brelay(ing|ed|s)?\b(?!=| recipient).{0,50}(den|not|prohib|reject|refus|disallow|forbid|without|restrict|unauth|only|access|fail|disable)|(not|unable|den|prohib|reject|refus|disallow|no|cannot|can't|won't|wont|forbid|unauthori[sz]ed|un|don'?t)\S*( \S+){0,8}? relay(?!=| recipient| domains? (map|table))|not (a |an |in )?(local|gateway|my|our)( \S+){0,3} (domain|host|rcpthosts|list of|host)|rcpthosts|not (handled|hosted|served|accept\w+|deliver\w*)( \S+)? (here|by this|on this|locally)|that domain isn'?t|we (don'?t|do not) (handle|serve|accept|host)|mail (to|for) this domain (is )?not|validrcptto|must (check|use)( \S+){0,3} (pop|smtp) (mail )?(first|before)",
        "550 5.7.1 <nobody@elsewhere.example>: Relay access denied",
    ),
    Rule(
        "blocked",
        r"\b(black|block|deny)[ -]?list|\b(rbl|dnsbl|dnsrbl|dul|uce-?protect|spamhaus|spamcop|sorbs|barracudacentral|mailspike|abuseat|invaluement|surriel|psbl|manitu|njabl|cbl|zen|pbl|sbl|xbl|s5h|spfbl|abusix|hostkarma|trendmicro|cloudmark|symanteccloud|proofpoint\.com)\b.{0,10}(block|list|lookup|org|net|com|de|for|\.|/)|listed (in|at|on|by)|is listed|blocked (using|by|due|for|because|until|-|see|as|;|$)|(ip|host|server|client|address|sender|network|domain|mail|message|connection|access|you|machine|mta|range|country)( \S+){0,6}? (is|are|was|were|has been|have been|been|temporarily|currently|permanently)( (currently|temporarily|permanently|being|on our|in our|now))* ?(blocked|banned|denied|black|rejected by|refused by|prohibited|restricted|not welcome|barred|block list|blocklisted)|(?<!relay )access (denied|refused)|(service|client|host|transaction|session)( \S+){0,3} (denied|refused|rejected|blocked|dropped|not accepted)|connection (denied|rejected|blocked|dropped|refused by (policy|your|our|the))|client (host|address|ip)( \S+)? (rejected|blocked)|(refus|reject|block|deny|deni|drop)\w*( \S+){0,4}? (connection|ip|host|network|server|traffic|access|client)|(no|not) (access|permission|allowed)( to)? (connect|from (this|your)|(from )?(your|this) (ip|host|server|network))|dynamic (ip|address|pool|host)|dynamically|residential|go away|(bad|invalid) (helo|ehlo|host|ip)\b(?! or)|(helo|ehlo)( \S+){0,3} (invalid|unknown|not )|intrusion|banned (ip|host|sending|by|for)|your (ip|server|host|network|mail server|isp|access|email server|domain|address)( \S+){0,6} (blocked|banned|blacklist|rejected|refused|denied|listed|restricted|prohibited)|email rejected by|refused by( \S+){0,2} (block|policy|rule|firewall|spam)|temporarily deferred|mail server( \S+){0,3} (blocked|rejected)|due to (ip|abuse|block)|unsolicited|open ?(relay|proxy)|trustworth|rejecting (banned|open)|my name was rejected|no access from|invalid ip for sending|helo (command )?rejected|\bts-?0[13]\b|frequency limited|blocked senders?\b|your access to( \S+){0,8} rejected|:blocked\)|permanent failure .{0,80}blocked|esender|firewall|ip[ -](address )?(blocked|banned|rejected)",
        "550 5.7.1 Service unavailable; client host [192.0.2.1] blocked using zen.spamhaus.org",
    ),
    Rule(
        "spam",
        r"\bdt:spm|\bmi:spb|\[cs\]|\bspam(my|miness|assassin|ming|mer)?s?\b|\bjunk\b|\buce\b|\bube\b|bulk mail|anti-?spam|bayes|content (filter|scan|reject|block|is not|not accept|denied|restrict)|(message|mail|e-?mail|content)( \S+){0,5}? (looks like|identified as|considered|classified as|detected as|scored|appears to be|resembl|flagged)|high[ -](probability|scor)|(blocked|denied|prohibited|objectionable|suspicious|inappropriate|banned|forbidden|disallowed|unwanted) (content|url|link|word|message|phrase|text|domain)|message (content )?(was |is |has been )?(rejected|blocked|refused|filtered)( due to| for| by| because| as)? (content|spam|filter|it |our)|\burl\b.{0,20}(block|list|black)|rejected( \S+){0,3} (content|spam|filter|bulk)|mail content denied|sare|surbl|uribl|ivmuri",
        "554 5.7.1 The message has been rejected because spam score is too high",
    ),
    Rule(
        "rejected",
        r"\byour (sending |mail |sender |e-?mail )?(domain|host|server|address)( \S+){0,3}? (does ?n[o']t|has no|is not|not found|unknown|invalid|could not)|(sender|from|return[ -]path|originat\w+|envelope|mail from|senders?'?s?|sending|reverse[ -]path)( \S+){0,8}? (rejected|refused|denied|not (valid|found|exist|accept|verif|allow|permitted|resolv|authori)|invalid|unknown|does not (exist|resolve|have)|doesn'?t (exist|resolve)|unverified|unresolvable|cannot be (verified|resolved)|is not|must (exist|be|have|resolve)|verify failed|verification fail|callout|callback|forbidden|blocked|prohibited|undeliverable|misformatted|unroutable|not local|bad|has no)|(invalid|unknown|bad|refused|rejected|unresolvable|unroutable|denied|non-?existent|rejecting|forged|fake|spoofed|incorrect|unverified|prohibited|unacceptable|unauthori[sz]ed|illegal)( \S+){0,3}? (sender|from address|return path|mail from|from (field|header)|originator|envelope)|(could not|cannot|can't|unable to|failed to|not) (verify|verified|resolve|validate|find)( \S+){0,3} (sender|return path|from)|you are not allowed to (send|post|use)|not allowed to post|(sender|from) (address )?(is )?(not )?(on|in) (your|our|the) (list|white|safe)|backscatter|(null|empty|<>) (sender|reverse|return)|(domain|host)( \S+){0,3} (of|in) (sender|from|return)( \S+)? |closed mailing list|only (members|subscribers|authori[sz]ed|selected) |not (a )?(member|subscribed|subscriber)|restricted to (members|authenticated|internal)|sender not|from: domain is|provide a valid from|members[ -]only|authorized senders|no permission to (post|send)|\bbatv\b|\bprvs\b|friend|whitelist|white list|spoof|permission(s)? to (deliver|send|post)|address not listed",
        "553 5.1.8 Domain of sender address bounce@mail.example does not exist",
    ),
    Rule(
        "security",
        r"(must|need\w*|require\w*|has to|have to|please)( \S+){0,4} (starttls|tls|ssl|encrypt|authenticat|sign ?in|log ?in|smtp[ -]auth|pop)|(starttls|tls|encryption|secure (connection|transport|channel))( \S+){0,4} (required|needed|negotiation|handshake|failed|not|unavailable)|authentication (is )?(required|needed|failed|unsuccessful|credential|turned|mechanism|rejected|error)|(incorrect|invalid|bad|wrong) (auth|login|username|password|credential)|certificate (verif|trust|chain|name|is|has|expired|error)|dane\b|mta-sts|insecure|sasl",
        "530 5.7.0 Must issue a STARTTLS command first",
    ),
    Rule(
        "policy",
        r"polic(y|ies)|local(ly)? (rule|restrict|configur)|administrat(ive|or|ively)\S*( \S+){0,4} (prohib|reject|den|block|refus|restrict|disallow|disable)|(prohibit|reject|block|refus|restrict|denied|disallow)\w*( \S+){0,5} (administrator|admin|rule|restriction|compliance)|violat(es|ed|ion)|not rfc ?\d*|rfc ?-?(2822|5322|822|2821|5321)(?!;)|(from|date|message-id|subject|header)( \S+){0,3} (header )?(missing|required|malformed|not compliant|multiple|duplicate)|(missing|multiple|duplicate|invalid|no) (from|date|message-id|subject|to|header)( \S+)? (header|field|line)?|you'?re (using|not)|mail server ip|complian(t|ce)|dlp|prohibited by|security (reason|polic|restriction)|geographic|country|language|by (our )?(filter|rule)|delivery (to|from)( \S+){0,4} (is )?(restricted|not allowed|prohibited)|access control|transport ?rules|\baup\b|terms of|bounce (address|mail)s? (is |are )?not|not (comply|conform)|message (was )?(blocked|rejected) by|restricted",
        "550 5.7.1 Message rejected due to local policy",
    ),
)
