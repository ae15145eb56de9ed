"""A local catcher: no username, no password, no certificate, and only where the operator allows this machine."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from mailrith.connections.models import Connection, Provider
from mailrith.core import config
from mailrith.core.db import db


@pytest.fixture
def catcher(filled, home):
    """The address of its form, and the form as it is first shown but for the port."""
    return f"{home}/new/local-catcher", filled(username="", password="", secure_mode="none")


def made():
    return db.session.scalars(select(Connection)).one_or_none()


def test_a_catcher_needs_no_sign_in_and_catches(signed_in, catcher, home, smtpd, run_jobs):
    address, form = catcher
    proposed = signed_in.get(address).text
    saved = signed_in.post(address, data=form)
    here = f"{home}/{made().public_id}"
    signed_in.post(f"{here}/verification")
    run_jobs()
    verified = signed_in.get(f"{here}/verification").text
    tried = signed_in.post(f"{here}/test", data={"recipient": "ada@readers.example"}).text

    assert 'value="1025"' in proposed
    assert "has to allow this machine" in proposed
    assert (saved.status_code, made().provider) == (303, Provider.LOCAL_CATCHER)
    assert "Everything passed" in verified
    assert "accepted it" in tried
    assert smtpd.recipients == ["ada@readers.example"]
    assert not any(command.startswith("AUTH") for command in smtpd.commands)


def test_without_the_operators_word_this_machine_is_closed(
    signed_in, catcher, home, smtpd, run_jobs
):
    address, form = catcher
    signed_in.post(address, data=form)
    here = f"{home}/{made().public_id}"
    config.install(replace(config.current(), allowed_networks=()))

    again = signed_in.post(address, data=form | {"name": "Another"})
    tried = signed_in.post(f"{here}/test", data={"recipient": "ada@readers.example"}).text
    signed_in.post(f"{here}/verification")
    run_jobs()
    verified = signed_in.get(f"{here}/verification").text

    assert again.status_code == 422
    assert "has to be allowed first by the person who runs Mailrith" in again.text
    assert made() is not None, "and no second one"
    assert "accepted it" not in tried
    assert "Server not found" in tried
    assert "Server not found" in verified
    assert smtpd.connections == 0
