"""A real SMTP server on loopback that follows a script and remembers what it was told.

    def test_x(smtpd):
        smtpd.answer("RCPT", "550 5.1.1 No such user")
        smtpd.answer("RCPT", "450 4.2.2 Full", argument="bob@", times=1)
        smtpd.drop("dot")                # closes instead of replying to the final dot; the message was taken
        ...
        assert smtpd.messages[0].rcpt_to == "ada@example.com"

Fixtures: `smtpd` (plain, 127.0.0.1, pipelining) and `start_smtpd(**options)` for every other kind.
"""

import asyncio
import base64
import contextlib
import hmac
import threading
import time
from dataclasses import dataclass, field

import pytest

from tests.support.serving import Serving

HELLO = ("PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES", "SIZE 10000000")


@dataclass(frozen=True)
class Received:
    """One message that got its final dot. `content` is unstuffed; `when` is monotonic; `session` counts connections."""

    mail_from: str
    rcpt_to: str
    content: bytes
    when: float
    session: int


@dataclass
class _Line:
    """What the script says about one command: reply (None for silence or drop)."""

    verb: str
    reply: bytes | None
    argument: str = ""
    times: int = -1
    drop: bool = False


@dataclass
class Smtpd(Serving):
    """The server. Verbs of the script: greeting, EHLO, HELO, STARTTLS, AUTH, MAIL, RCPT, DATA, dot (of BDAT too), RSET, NOOP, QUIT.

    `extensions` are the EHLO lines; `tls` a server context for implicit TLS, `starttls` one for STARTTLS;
    `users` maps usernames to passwords and adds AUTH (`mechanisms`: PLAIN, LOGIN, CRAM-MD5, whose challenges the script calls "AUTH LOGIN"
    and "AUTH CRAM-MD5"); `tokens` does so for XOAUTH2.
    """

    extensions: tuple[str, ...] = HELLO
    tls: object = None
    starttls: object = None
    users: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    mechanisms: str = "PLAIN LOGIN"
    asks_for_name: bool = False  # LOGIN takes no notice of a name that came with the command
    hide_starttls: bool = (
        False  # accept STARTTLS without offering it, as a stripping proxy leaves it
    )
    host: str = "127.0.0.1"
    port: int = 0
    messages: list[Received] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)  # every line, in order
    logins: list[tuple[str, str]] = field(default_factory=list)
    connections: int = 0
    _script: list[_Line] = field(default_factory=list)
    _heard: threading.Condition = field(default_factory=threading.Condition)

    def answer(self, verb, reply, *, argument="", times=-1):
        """Say `reply` (text or bytes, CRLF is added) to `verb`; `argument` must be part of the line; `times` -1 is always."""
        raw = reply if isinstance(reply, bytes) else reply.replace("\n", "\r\n").encode() + b"\r\n"
        self._script.append(_Line(verb, raw, argument, times))

    def drop(self, verb, *, argument="", times=-1):
        """Close the connection instead of replying to `verb`."""
        self._script.append(_Line(verb, None, argument, times, drop=True))

    def hang(self, verb, *, argument="", times=-1):
        """Never reply to `verb`."""
        self._script.append(_Line(verb, None, argument, times))

    def clear(self):
        """Forget script and memory."""
        self._script.clear()
        self.messages.clear()
        self.commands.clear()

    def wait_for(self, text, seconds=5):
        """Wait until a line that begins with `text` has arrived. Raises TimeoutError."""
        with self._heard:
            arrived = self._heard.wait_for(
                lambda: any(line.startswith(text) for line in self.commands), seconds
            )
        if not arrived:
            raise TimeoutError(f"no {text} in {self.commands}")

    @property
    def recipients(self):
        """Who got a message, in order."""
        return [message.rcpt_to for message in self.messages]

    def _options(self):
        return {"ssl": self.tls, "limit": 2**24}

    async def _accept(self, reader, writer):
        self.connections += 1
        with contextlib.suppress(asyncio.IncompleteReadError, _Closed, OSError):
            await _Talk(self, reader, writer, self.connections).run()

    def _scripted(self, verb, line):
        for entry in self._script:
            if entry.verb.upper() == verb.upper() and entry.times and entry.argument in line:
                entry.times -= 1
                return entry
        return None


class _Closed(Exception):
    """The script closes the connection."""


class _Talk:
    """One conversation."""

    def __init__(self, server, reader, writer, number):
        self.server, self.reader, self.writer, self.number = server, reader, writer, number
        self.sender, self.recipient = None, None
        self.encrypted = server.tls is not None

    async def run(self):
        await self.say("greeting", "220 localhost ESMTP test")
        while True:
            line = (await self.line()).decode("utf-8", "replace")
            verb, _, rest = line.partition(" ")
            answer = getattr(self, f"on_{verb.lower()}", None)
            if answer is None:
                await self.say(verb, "500 5.5.2 What?")
            else:
                await answer(rest)

    async def line(self):
        raw = await self.reader.readuntil(b"\n")
        with self.server._heard:
            self.server.commands.append(raw.decode("utf-8", "replace").strip())
            self.server._heard.notify_all()
        return raw.strip()

    async def say(self, verb, default, line=""):
        """Reply by the script, or `default`. Gives whether the default was said."""
        return await self.obey(self.server._scripted(verb, line), default)

    async def obey(self, scripted, default):
        if scripted is None:
            self.writer.write(default.encode() + b"\r\n")
        elif scripted.drop:
            raise _Closed
        elif scripted.reply is None:
            await asyncio.Event().wait()
        else:
            self.writer.write(scripted.reply)
            if scripted.reply.startswith(b"421"):
                await self.writer.drain()
                raise _Closed
        await self.writer.drain()
        return scripted is None

    async def on_ehlo(self, name):
        server = self.server
        lines = ["localhost", *server.extensions]
        if server.starttls and not self.encrypted and not server.hide_starttls:
            lines.append("STARTTLS")
        if (server.users or server.tokens) and (self.encrypted or not server.starttls):
            lines.append(f"AUTH {server.mechanisms}")
        text = "".join(f"250-{line}\r\n" for line in lines[:-1]) + f"250 {lines[-1]}"
        await self.say("EHLO", text, name)

    async def on_helo(self, name):
        await self.say("HELO", "250 localhost", name)

    async def on_starttls(self, rest):
        if await self.say("STARTTLS", "220 2.0.0 Go ahead"):
            await self.writer.start_tls(self.server.starttls)
            self.encrypted = True

    async def on_auth(self, rest):
        mechanism, _, initial = rest.partition(" ")
        if mechanism == "PLAIN":
            _, user, password = base64.b64decode(initial).decode().split("\0")
        elif mechanism == "LOGIN":
            if self.server.asks_for_name:
                self.writer.write(b"334 VXNlcm5hbWU6\r\n")
                initial = await self.line()
            user = base64.b64decode(initial).decode()
            if not await self.say("AUTH LOGIN", "334 UGFzc3dvcmQ6"):
                return
            password = base64.b64decode(await self.line()).decode()
        elif mechanism == "CRAM-MD5":
            user, password = await self.cram_md5()
        elif mechanism == "XOAUTH2":
            await self.on_xoauth2(initial)
            return
        else:
            await self.say("AUTH", "504 5.5.4 Unknown mechanism")
            return
        self.server.logins.append((user, password))
        right = self.server.users.get(user) == password
        await self.say("AUTH", "235 2.7.0 Welcome" if right else "535 5.7.8 Wrong password", rest)

    async def cram_md5(self):
        """The name, and its password if the answer proves it (RFC 2195)."""
        challenge = b"<1896.697170952@localhost>"
        await self.say("AUTH CRAM-MD5", f"334 {base64.b64encode(challenge).decode()}")
        user, _, proof = base64.b64decode(await self.line()).decode().rpartition(" ")
        password = self.server.users.get(user, "")
        right = hmac.new(password.encode(), challenge, "md5").hexdigest()
        return user, password if proof == right else ""

    async def on_xoauth2(self, initial):
        """The token's own dialogue: why not comes first, as JSON, and the refusal after an empty line."""
        parts = base64.b64decode(initial).decode().split("\x01")
        user, token = parts[0].removeprefix("user="), parts[1].removeprefix("auth=Bearer ")
        self.server.logins.append((user, token))
        if self.server.tokens.get(user) == token:
            await self.say("AUTH", "235 2.7.0 Welcome")
            return
        self.writer.write(
            b"334 " + base64.b64encode(b'{"status":"401","schemes":"bearer"}') + b"\r\n"
        )
        await self.line()
        await self.say("AUTH", "535 5.7.8 Invalid token")

    async def on_mail(self, rest):
        if self.sender is not None:
            await self.say("nested", "503 5.5.1 Nested MAIL")
        elif await self.say("MAIL", "250 2.1.0 Ok", rest):
            self.sender = rest.partition("<")[2].partition(">")[0]

    async def on_rcpt(self, rest):
        if self.sender is None:
            await self.say("early", "503 5.5.1 MAIL first")
        elif await self.say("RCPT", "250 2.1.5 Ok", rest):
            self.recipient = rest.partition("<")[2].partition(">")[0]

    async def on_data(self, rest):
        scripted = self.server._scripted("DATA354", rest)  # 354 although nobody was accepted
        if self.recipient is None and scripted is None:
            await self.say("early", "503 5.5.1 RCPT first")
            return
        if not await self.say("DATA", "354 Go on", self.recipient or ""):
            return
        content = await self.content()
        if self.recipient is None:
            self.writer.write(b"554 5.5.1 No valid recipients\r\n")
        else:
            await self.take(content)
        self.sender = self.recipient = None

    async def on_bdat(self, rest):
        """One chunk (RFC 3030). It is taken off the line whatever becomes of it, unless the script says otherwise."""
        size, _, last = rest.partition(" ")
        if self.server._scripted("BDAT-keep", rest) is not None:
            self.writer.write(b"503 5.5.1 RCPT first\r\n")  # and reads the content as commands
            return
        content = await self.reader.readexactly(int(size))
        if self.recipient is None:
            await self.say("early", "503 5.5.1 RCPT first")
            return
        if last != "LAST":
            await self.say("BDAT", "250 2.0.0 Ok")
            return
        await self.take(content)

    async def take(self, content):
        """Judge a whole message, and keep it unless it is refused."""
        scripted = self.server._scripted("dot", self.recipient)
        if scripted is None or scripted.reply is None or scripted.reply.startswith(b"2"):
            taken = (self.sender, self.recipient, content, time.monotonic(), self.number)
            self.server.messages.append(Received(*taken))
        await self.obey(scripted, f"250 2.0.0 Ok: queued as {len(self.server.messages)}")
        self.sender = self.recipient = None

    async def content(self):
        lines = []
        while (raw := await self.reader.readuntil(b"\n")) != b".\r\n":
            lines.append(raw[1:] if raw.startswith(b".") else raw)
        return b"".join(lines)

    async def on_rset(self, rest):
        self.sender = self.recipient = None
        await self.say("RSET", "250 2.0.0 Ok")

    async def on_noop(self, rest):
        await self.say("NOOP", "250 2.0.0 Ok")

    async def on_quit(self, rest):
        await self.say("QUIT", "221 2.0.0 Bye")
        raise _Closed


@pytest.fixture
def start_smtpd():
    """Start servers of any kind: `start_smtpd(starttls=server_context(), users={"ada": "secret"})`."""
    started = []

    def start(**options):
        started.append(Smtpd(**options).start())
        return started[-1]

    yield start
    for server in started:
        server.stop()


@pytest.fixture
def smtpd(start_smtpd):
    """A server that accepts everything until it is told otherwise."""
    return start_smtpd()
