"""The way there: names, routes, time-outs, broken servers."""

from mailrith.smtp.diagnosis.phrases.rule import Rule

# Looked at before the address: the name of its domain.
NAMES = (
    Rule(
        "network",
        r"host not found, try again|name (service|server) (error|timeout).{0,60}try again|temporary (name|dns|lookup)",
        "Name service error for domain gone.example: Host not found, try again",
    ),
    Rule(
        "host_unknown",
        r"\b(host|domain|domain name|mail server|mx|site|mail exchanger|exchanger)(s)?\b( (?!said|from|\S*[\[:])\S+){0,4}? (unknown|not (found|known|exist|valid|registered|recogni[sz]ed|resolv\w*)|does( not|n'?t) (exist|resolve|have an? (mx|mail))|could( not|n'?t) be (found|resolved)|no longer (exists?|valid|in use)|unresolvable|lookup (failed|error)|unrouteable|cannot be (resolved|found)|invalid)|\b(unknown|no such|invalid|bad|unresolvable|nonexistent|non-existent|cannot find|could ?n[o']t (find|resolve)|cannot resolve|can'?t find( any| a)?|couldn'?t find( any| a)?( host)?|unrouteable|unroutable|unrecogni[sz]ed|illegal)( the| any| a)?( mail| recipient| destination| remote)? (host|domain|mx|mail exchanger|site|mail domain)\b|nxdomain|domain not found|no (mx|a or mx|mail exchanger)( or a)?( record)?s? (found|for|exist)|no mx found|host or domain name not found|all relevant mx records point to non-?existent|name resolution failed|name server: \S+: host not found|unrouteable mail domain|(^| )[\w-]+(\.[\w-]+)*\.\w{2,10} does not exist( |$)",
        "550 5.1.2 Host unknown (Name server: mail.gone.example: host not found)",
    ),
)

ROAD = (
    Rule(
        "expired",
        r"(retry|delivery|queue|transmission|message|maximum|lifetime)( \S+){0,6} (time-?out|timeout|timed? out|time limit|expired|exceeded|lifetime|time)|could not be delivered (for|within|after) |(was |been |is )?not (yet )?been delivered|(for|over|more than|after|within|in the last) (more than |over )?\d+ ?(day|hour|minute|week|second|時間|日)s?|expired|giving up|given up|too (old|long in)|been failing for a long time|unable to deliver (this )?message after|delivery time|stuck|still (trying|undelivered)|retry timeout|undelivered for|queued for too long",
        "retry timeout exceeded",
    ),
    Rule(
        "network",
        r"(connection|connect|connecting|connected)( \S+){0,6} (refused|timed? ?out|reset|lost|dropped|closed|fail|error|unsuccessful|could not|broken|abort|interrupt|denied by peer)|(could ?n[o']t|cannot|can'?t|unable to|not able to|failed to|failure|fail\w*|error|not)( \S+){0,4} (connect|contact|reach|establish|open( \S+)? (connection|channel))|(network|host|server|route)( \S+){0,3} (is )?(unreachable|not reachable|down|unavailable|not respond\w*|down or|no response)|no (route|response|answer|connection)|unreachable|(mail )?loop(s|ing|ed)?\b|too many (hops|received|loops)|hop count|bad route|routing (loop|error|problem)|dns (error|fail|time|server|problem|lookup)|timed? ?out|conversation|lost connection|i wasn'?t able to establish|lowest numbered mx|points back|loops back|partial mx|socket|temporary (lookup|name|dns)|deferred: (connection|operation)|all hosts( \S+){0,6} fail",
        "connect to mail.gone.example[192.0.2.1]:25: Connection refused",
    ),
    Rule(
        "mailer",
        r"(pipe|procmail|maildrop|mailer|command|process|program|script|child process|local delivery|prog|exec)( \S+){0,6}? (died|fail|error|exit|return|terminat|signal|crash|denied|not executable|status|code|output|abort|problem)|command (failed|output|died)|exit (status|code)|\bexited\b|x-unix|can'?t (open|create|write)( \S+){0,3} (file|mailbox|output)|permission denied|unable to (run|open|append|write)",
        "local delivery failed: /usr/bin/procmail died with signal 9",
    ),
    Rule(
        "syntax",
        r"(command|syntax|protocol|sequence|parameter|argument)s?( \S+){0,3} (error|not (recogni[sz]ed|implemented|understood|allowed|supported)|unrecogni[sz]ed|unknown|invalid|reject|out of|problem|violat)|(bad|invalid|unrecogni[sz]ed|unknown|improper|unsupported|unexpected|out of)( \S+){0,2} (command|syntax|sequence|parameter|argument|protocol)|pipelining|need (mail|rcpt|helo)|5\.5\.[0-4]\b",
        "500 5.5.1 Command unrecognized",
    ),
    Rule(
        "content",
        r"(8-?bit|mime|character set|charset|encoding|conversion|smtputf8|utf-?8|eai|bare (lf|cr)|line (too long|length)|nul|header)( \S+){0,5} (not|error|invalid|illegal|required|problem|too|unsupported|allow|prohib|reject|fail|found|detected|malformed)|malformed (mime|header|message)|(invalid|illegal|improper|bad|broken|unsupported)( \S+){0,2} (header|mime|format|character|content|encoding)|message (filtered|content|format|header|is not)|improper use of 8-?bit",
        "554 5.6.1 Eight bit data not allowed: improper use of 8-bit data in message header",
    ),
    Rule(
        "system",
        r"(system|server|internal|local|temporary|configuration|software|database|ldap|resource|service|queue|i/o|disk|dns|unexpected|fatal|processing|delivery system|host)( \S+){0,4}? (error|fail|problem|trouble|overload|unavailable|not available|down|busy|exception|misconfigur|shortage|maintenance|malfunction)|misconfigur|out of memory|try again later|temporarily (unavailable|unable|deferred|rejected|out)|cannot (process|store|save|write)|can'?t (create|write|open)|lookup failure|too busy|not (currently )?(available|accepting)|aborted|bug|mail system|service (not )?(available|unavailable)|unavailable|exception",
        "451 4.3.0 Temporary system failure",
    ),
)
