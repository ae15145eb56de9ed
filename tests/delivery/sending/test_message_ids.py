"""Message-IDs lead back to one delivery, and only ours do."""

from uuid import UUID

import pytest

from mailrith.content.headers import mark_of
from mailrith.core import config
from mailrith.delivery.sending import message_ids

RUN = UUID("0198c0de-0000-7000-8000-00000badf00d")


@pytest.fixture(autouse=True)
def _settings(make_settings):
    config.install(make_settings(database_url="sqlite://"))


def test_an_id_leads_back_to_its_delivery():
    made = message_ids.make(RUN, 1_234_567, "allotmentpost.example")

    assert message_ids.read(made) == 1_234_567
    assert message_ids.read(f"<{made}>") == 1_234_567
    assert message_ids.read(made.upper()) == 1_234_567
    assert made.endswith("@allotmentpost.example")


def test_a_mark_in_a_services_event_leads_back_to_its_delivery():
    made = message_ids.make(RUN, 1_234_567, "allotmentpost.example")

    stood_for = message_ids.from_mark(f" {mark_of(made)} ")

    assert message_ids.read(stood_for) == 1_234_567
    assert message_ids.is_of(stood_for, RUN)


@pytest.mark.parametrize(
    "mark", ["", "0badf00d-1-k1-0", "a" * 5000, "0badf00d-12d687-k1-00000000000000000000", "é"]
)
def test_a_made_up_mark_leads_nowhere(mark):
    assert message_ids.read(message_ids.from_mark(mark)) is None


def test_the_id_is_the_same_for_every_attempt():
    assert message_ids.make(RUN, 5, "a.example") == message_ids.make(RUN, 5, "a.example")


@pytest.mark.parametrize("position", [0, 9, 15, 25, 35])
def test_a_changed_id_leads_nowhere(position):
    made = message_ids.make(RUN, 1_234_567, "a.example")
    other = "0" if made[position] != "0" else "1"

    assert message_ids.read(made[:position] + other + made[position + 1 :]) is None


@pytest.mark.parametrize("foreign", ["", "x@y", "<>", "a" * 5000, "0badf00d.1.k1.@a", "é@b"])
def test_foreign_ids_lead_nowhere(foreign):
    assert message_ids.read(foreign) is None


def test_an_old_key_still_reads(make_settings):
    made = message_ids.make(RUN, 42, "a.example")
    newer = config.Key("K2", bytes(32))
    config.install(make_settings(database_url="sqlite://", keys=(newer, *config.current().keys)))

    assert message_ids.read(made) == 42
    assert message_ids.read(message_ids.make(RUN, 43, "a.example")) == 43
