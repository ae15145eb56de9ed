"""A file that is far too large gets an answer over a real connection, not a reset."""

import socket
import threading
from dataclasses import replace

import pytest
from werkzeug.serving import make_server

from mailrith.core import config

MEGABYTES = 12  # more than the buffers of both ends hold


@pytest.fixture
def port(app):
    config.install(replace(config.current(), upload_megabytes=1))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()
    thread.join()


def test_file_far_over_the_limit_is_read_to_its_end_and_answered(port):
    head = (
        "POST /w/any/subscribers/imports HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Content-Type: multipart/form-data; boundary=cut\r\nContent-Length: {MEGABYTES << 20}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(head.encode())
        for _ in range(MEGABYTES):
            connection.sendall(bytes(1 << 20))
        answer = connection.makefile("rb").read()

    assert answer.startswith(b"HTTP/1.1 303")
    assert b"/subscribers/imports/new?too_big=1" in answer
