"""The address and its domain: unknown, moved, or taking no mail."""

from mailrith.smtp.diagnosis.phrases.rule import Rule

# Who is not there. Words between are few, so that two sentences are not read as one.
_WHO = (
    r"(users?|recipients?|mail ?box(es)?|accounts?|address(es|ees?)?|e-?mail( account| address)?|rcpt|alias(es)?|local[ -]?part"
    r"|user ?(name|id)|mailbox ?name|person|member|customer|receiver|destination|maildrop|id)"
)
_NOT = (
    r"(unknown|not (a )?(valid|known|found|exist\w*|recogni[sz]ed|listed|registered|defined|available here|permitted|in (the|our|my)|on (this|our)|our|local|here|assigned|have|handled)"
    r"|invalid|(does|do|did|has|have|is|was|are|were|could|can|cannot|can) ?(not|n'?t)( be| a| have| been| longer)* ?(exist\w*|found|known|valid|recogni[sz]ed|listed|registered|located|match\w*|resolve\w*|have an? (yahoo|account|mailbox)|here|any ?more|accessible|verif\w+|active)"
    r"|doesn'?t exist|don'?t exist|no longer (exist\w*|valid|in use|available|here|an? )|non-?exist\w*|undefined|unrouteable|unroutable|deleted|removed|gone|(has|have|was|been) (been )?(deleted|removed|terminated|cancel+ed)|not yet exist|unverified|lookup failed|rejected: (user|address|recipient|mailbox) )"
)

# Read before everything else: words that would be taken for a block or a broken program.
PLAIN = (
    Rule(
        "network",
        r"rejected: unverified address",
        "450 4.1.1 <a@list.example>: Recipient address rejected: unverified address: Connection timed out",
        r"4\.\d+\.\d+",
    ),
    Rule(
        "system",
        r"(user|recipient|address|mailbox) (lookup|verification)( \S+){0,3} (fail\w*|in progress|error|timed)|(lookup|verification) failed, try",
        "451 4.3.0 recipient lookup failed, try later",
        r"4\.\d+\.\d+",
    ),
    Rule(
        "syntax",
        r"\b(503|554)( 5\.5\.1)? (error: )?no valid recipients?\b",
        "554 5.5.1 Error: no valid recipients",
    ),
    Rule(
        "rate",
        r"\b(daily|hourly|sending|outgoing|outbound) (sending |sender |message )?quota",
        "550 5.4.5 Daily sending quota exceeded",
    ),
    Rule(
        "system",
        r"gr[ae]y-?list|try again (in|after) \d",
        "450 4.2.0 <a@list.example>: Recipient address rejected: Greylisted, come back in 300 seconds",
    ),
    Rule(
        "user_unknown",
        r"recipient address rejected: (access denied|undeliverable address|unverified address)|recipient address rejected\.?( \(in reply to rcpt| *$)|not listed in( \S+){0,4} (address book|directory)|said: 5\d\d 5\.4\.1 (\[?\S+\]?: )?recipient address rejected|resolver\.adr\.\S*notfound",
        "550 5.4.1 <a@list.example>: Recipient address rejected: Access denied",
    ),
    Rule(
        "user_unknown",
        r"(?<!sender )(?<!sender ip )(?<!sender email )address rejected\b(?!:)|recipient address rejected\)",
        "550 5.1.0 Address rejected a@list.example",
        r"5\.1\.(0|1|10)",
    ),
    Rule(
        "filtered",
        r"doesn'?t have an? \S+ account.{0,80}\[-?\d+\]|\b550:? : user unknown",
        "delivery error: dd This user doesn't have a mail.example account (a@mail.example) [-9]",
    ),
    Rule(
        "user_unknown",
        r"<[^\s<>@]{1,64}@(\w{1,63}\.){0,4}(ezweb\.ne\.jp|au\.com|auone-net\.jp)>: user unknown|(^|[:;] ?)542 .{0,80}rejected|no such user here .{0,400}@vtext\.com",
        "550 <a@ezweb.ne.jp>: User unknown",
        certain=True,
    ),
    Rule(
        "user_unknown",
        r"requested action not taken: mailbox unavailable.{0,60}(s201|hotmail|outlook|\(s\d)",
        "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302). [mx.protection.outlook.example]",
    ),
    Rule(
        "filtered",
        r"requested action not taken: mailbox unavailable|^\D*\d{3}[ #-]*(5\.\d\.\d )?(recipient|address|user) (is )?(rejected|refused|not accepted)\.?( |$)",
        "550 Requested action not taken: mailbox unavailable",
        at_rcpt="user_unknown",
    ),
    Rule(
        "filtered",
        r"<[^\s<>]{1,254}> not found|mailbox [^\s@]{1,64}@\S{1,254} unavailable|mailbox not present|in name directory",
        "550 mailbox a@list.example unavailable",
        at_rcpt="user_unknown",
    ),
    Rule(
        "blocked",
        r"too many (invalid|unknown|bad|non-?existent|wrong)( \S+)? ?(recipients?|users?|addresses|rcpts?)|(invalid|unknown|bad|non-?existent) (recipients?|users?|address(es)?) (rate|count|limit|threshold|attempts)|(directory|dictionary)[ -](harvest|attack)|spam ?trap",
        "421 Too many unknown users from your host, come back later",
    ),
    Rule(
        "mailer",
        r"procmail: |maildrop: |couldn'?t create \W?/|/usr/(local/)?(bin|sbin|lib)/\S+.{0,60}(fail|died|exit|error|denied|not found)|vacation: ",
        "procmail: Couldn't create /var/spool/mail/neko",
    ),
    Rule(
        "rejected",
        r"may not exist,? or you (may|might) not have permission|投稿する権限",
        "The group you tried to contact (list) may not exist, or you may not have permission to post messages to the group.",
    ),
)

ADDRESS = (
    Rule(
        "moved",
        r"(recipient|user|address|mailbox|account) (is )?no longer (on|at) (this )?(server|system|host)|(user|address|mailbox|account|recipient|person)( \S+){0,2} (has |have )?(been )?(moved|relocated|changed)( to)?\b|been replaced by|please (update your|use the new) (address|records)|forward(ing)?( address| order)( has)? expired|is now: \S+@|new (e-?mail )?address (is|:)",
        "550 5.1.6 recipient no longer on server: a@list.example",
    ),
    Rule(
        "not_accepting",
        r"null[ -]?mx|(domain|host|server|site|system)( \S+){0,4} (does|do|will|can)( ?not|n'?t) (accept|receive|process|support|take)( \S+){0,3}? (mail|e-?mails?|messages?|smtp)|does not accept mail\b|accepts no mail|no smtp service here|no mail (service|server) here|it isn'?t (listed )?.{0,30}(accept|receiv)|sorry, i (wasn'?t able|couldn'?t) to? ?.{0,20}(mx|cname).{0,40}accept|this (address|mailbox) (is not monitored|does not receive|is not able to receive)|no-?reply (address|mailbox)|smtp protocol returned a permanent error|invalid mx|all mx( \S+){0,6} invalid",
        "556 5.1.10 Recipient address has null MX: this domain does not accept mail",
    ),
    Rule(
        "user_unknown",
        rf"\b(no such|unknown|invalid|bad|non-?existent|nonexistent|inexistent|undefined|unrecogni[sz]ed|unrouteable|unroutable|illegal|incorrect|no|not an?|not our|isn'?t an?|cannot find( the| this)?|can'?t find( the| this)?|could ?n[o']t (find|be found)( the| this)?|no valid|not valid|obsolete|unlisted|undeliverable|wrong|unresolvable|non ?valid|no known|unmatched|not in our|dead|no active|mistyped|misspelled|such)( \S+)?[ :<'\"(]{{1,3}}(local |final |delivery |e-?mail |mail |recipient |internet |smtp |destination |virtual |aol |gateway |our )*{_WHO}\b(?! (is )?(over|full|exceed|rate|limit|too))(?! (password|agent|part missing))",
        "550 5.1.1 No such user here",
    ),
    Rule(
        "user_unknown",
        rf"\b{_WHO}\S{{0,3}}( \S+){{0,5}}?[ :<>(,-]{{1,3}}{_NOT}",
        "550 5.1.1 <a@list.example>: Recipient address rejected: User unknown in virtual mailbox table",
    ),
    Rule(
        "user_unknown",
        r"(is not|isn'?t|not) (a |an )?(valid|known|registered|recogni[sz]ed|active|existing|authori[sz]ed gateway|such)( \S+){0,2} (user|mailbox|account|address|recipient|member|customer|subscriber|alias|login)|not (listed|found) in( \S+){0,4} (directory|address book|name|list|table|database|ldap|passwd)|does ?n[o']t have an? (\S+ )?(account|mailbox)|no (mailbox|account|user|one)( \S+){0,2} (by|with|of|for|here|under)( that| this)? ?(name|user|address|id)?|user (not|isn'?t) (known|found|here|local|listed)|(mailbox|address|recipient|user|account) (is )?(un(known|available here)|not found)|nobody (here )?(by|with|of) (that|this) name|this user doesn'?t|don'?t know (anyone|anybody|any user|this user|that user)|who are you (trying|looking)|said: 550 (?:5\.1\.1 )?<[^>]+>: (?:recipient|user) (?:rejected|unknown)|unknown_user|user_unknown|mailbox unavailable or not local|no ?such ?user|adresse d au moins un destinataire invalide|invalid recipient|recipient (address )?rejected: (access denied|undeliverable|unverified|invalid)|address rejected:? ?(user )?(unknown|5\.1\.1)|mail_from_.{0,10}unknown",
        "550 a@list.example is not a valid mailbox of ours",
    ),
    Rule(
        "user_unknown",
        r"(宛先|ユーザ\S*|メールアドレス|アドレス|あて先|受信者)\S{0,30}(存在しま|見つか\S{0,4}ま|不明|ありませ|無効|正しく|誤り)|存在しない|リストにありませ|見つかりませ|(utilisateur|destinataire|adresse|bo[iî]te)( \S+){0,3} (inconnu|inexist|introuvable|invalide)|(usuario|destinatario|cuenta|buz[oó]n|direcci[oó]n)( \S+){0,3} (desconocid|no existe|no encontrad|inv[aá]lid|inexist)|(empf[aä]nger|benutzer|postfach|adresse)( \S+){0,4} (unbekannt|nicht gefunden|existiert nicht|ung[uü]ltig|konnte nicht gefunden|nicht vorhanden)|(usu[aá]rio|destinat[aá]rio|caixa|conta|endere[cç]o)( \S+){0,3} (desconhecid|n[aã]o existe|inexistente|inv[aá]lid)|nessun utente|(utente|casella|destinatario|indirizzo)( \S+){0,3} (sconosciut|non esiste|inesistente|non trovat)|(пользовател|адрес|ящик|получател)\S*( \S+){0,4} (не найден|не существует|неизвест|недействит)|(用户|收件人|邮箱|地址|帐号)\S{0,8}(不存在|无效|未找到)|(gebruiker|ontvanger|adres)( \S+){0,3} (onbekend|bestaat niet|niet gevonden)",
        "ユーザー Neko (a@list.example) は Domino ディレクトリには見つかりませんでした。",
    ),
    Rule(
        "user_unknown",
        r"recipient (address )?rejected",
        "550 5.1.1 <a@list.example>: Recipient address rejected: list.example",
        r"[45]\.1\.1",
    ),
)

FILTERED = (
    Rule(
        "filtered",
        r"(rejected|refused|blocked|declined|filtered|not accept\w*|discarded|denied)( \S+){0,4} (by|at)? ?(the )?(user|recipient|owner|addressee|mailbox|customer|request)|(user|recipient|mailbox|owner|addressee)( \S+){0,4} (reject|refus|block|declin|filter|not accept|denied|does not (want|accept)|doesn'?t (want|accept))|user reject|recipient'?s? (filter|setting|preference)|personal (filter|setting)|mailfilter|sieve|filter(ed|ing) (by|rule)|mailbox (currently )?unavailable|不(受|接)|受信拒否|拒否|指定受信",
        "550 5.0.0 message declined by the recipient's settings",
    ),
)
