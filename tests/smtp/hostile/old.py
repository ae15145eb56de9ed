"""A server that sends OpenSSL's alert when it cannot agree on a version, as real ones do and asyncio's do not."""

import contextlib
import socket
import ssl
import threading
from dataclasses import dataclass, field


@dataclass
class Old:
    """Answers one client after another. `heard` is what was said before TLS, or would have been after it."""

    context: ssl.SSLContext
    starttls: bool
    host: str = "127.0.0.1"
    port: int = 0
    heard: bytearray = field(default_factory=bytearray)

    def start(self):
        self._listener = socket.create_server((self.host, 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def stop(self):
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept
        self._thread.join(5)
        self._listener.close()

    def _serve(self):
        with contextlib.suppress(OSError):  # the listener is closed
            while True:
                line, _ = self._listener.accept()
                with line, contextlib.suppress(OSError):
                    line.settimeout(5)
                    self._talk(line)

    def _talk(self, line):
        if self.starttls:
            line.sendall(b"220 localhost ESMTP\r\n")
            self.heard += line.recv(1000)
            line.sendall(b"250-localhost\r\n250-AUTH PLAIN\r\n250 STARTTLS\r\n")
            self.heard += line.recv(1000)
            line.sendall(b"220 Go ahead\r\n")
        with self.context.wrap_socket(line, server_side=True) as safe:
            self.heard += safe.recv(1000)
