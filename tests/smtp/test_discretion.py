"""What a server says of itself is kept without its name."""

import pytest

from mailrith.smtp.discretion import discreet, without_host
from mailrith.smtp.replies import Reply
from mailrith.smtp.server import Server

HOST = "smtp.northpost.example"


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        (f"220 {HOST} ESMTP", "220 [host] ESMTP"),
        ("250 queued by SMTP.Northpost.Example.", "250 queued by [host]."),
        (f"554 <{HOST}[192.0.2.1]>: denied", "554 <[host][192.0.2.1]>: denied"),
        (f"see https://{HOST}/help", "see https://[host]/help"),
        (f"names: mx.{HOST}, {HOST}", f"names: mx.{HOST}, [host]"),
        (f"not-{HOST}", f"not-{HOST}"),
        ("550 no such user", "550 no such user"),
    ],
)
def test_the_host_is_left_out_where_it_stands_alone(words, kept):
    assert without_host(words, HOST) == kept


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", ""])
def test_this_machine_has_no_name_to_hide(host):
    assert without_host(f"220 {host} ESMTP", host) == f"220 {host} ESMTP"


def test_a_refusal_names_neither_host_nor_username():
    reply = Reply(550, f"{HOST}: not owned by ada")

    kept = discreet(reply, Server(HOST, 587, username="ada", password="x"))
    assert kept.text == "[host]: not owned by ..."
