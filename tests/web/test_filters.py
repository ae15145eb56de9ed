"""How numbers and times read."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask, g

from mailrith.web import filters

NOW = datetime(2026, 4, 24, 5, 54, tzinfo=UTC)


@pytest.fixture
def london() -> Flask:
    from types import SimpleNamespace

    app = Flask("mailrith")
    filters.register(app)

    @app.before_request
    def load() -> None:
        g.workspace = SimpleNamespace(time_zone="Europe/London")

    return app


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en-GB", "1,234,567.5"),
        ("de", "1.234.567,5"),
        ("de-CH", "1’234’567.5"),
        ("fr-FR,en;q=0.5", "1\u202f234\u202f567,5"),
        ("xx", "1,234,567.5"),
        ("", "1,234,567.5"),
    ],
)
def test_numbers_follow_the_language_of_the_reader(
    london: Flask, language: str, expected: str
) -> None:
    with london.test_request_context("/", headers={"Accept-Language": language}):
        assert filters.number(1234567.5, 1) == expected


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("value", "words"),
    [
        (NOW, "Today, 06:54 BST"),
        (NOW - timedelta(days=1), "Yesterday, 06:54 BST"),
        (NOW + timedelta(days=1), "Tomorrow, 06:54 BST"),
        (NOW + timedelta(days=4), "Tue 28 Apr, 06:54 BST"),
        (datetime(2025, 12, 3, 8, 0, tzinfo=UTC), "Wed 3 Dec 2025, 08:00 GMT"),
        # 23:30 UTC is already the next day in London
        (datetime(2026, 4, 23, 23, 30, tzinfo=UTC), "Today, 00:30 BST"),
    ],
)
def test_times_are_the_workspace_s_and_name_their_zone(
    london: Flask, value: datetime, words: str
) -> None:
    with london.test_request_context("/"):
        london.preprocess_request()
        text = filters.when(value)

    assert f">{words}</time>" in text


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("days", "words"), [(0, "today, 06:54 BST"), (1, "tomorrow, 06:54 BST"), (4, "Tue 28 Apr, 06")]
)
def test_within_a_sentence_a_day_begins_small_and_a_name_does_not(
    london: Flask, days: int, words: str
) -> None:
    with london.test_request_context("/"):
        london.preprocess_request()
        text = filters.when(NOW + timedelta(days=days), inline=True)

    assert f">{words}" in text


@time_machine.travel(NOW, tick=False)
def test_a_list_names_the_zone_once_and_each_time_in_its_title(london: Flask) -> None:
    with london.test_request_context("/"):
        london.preprocess_request()

        assert filters.zone_label() == "London time (BST)"
        assert 'title="24 April 2026, 06:54:00 BST">Today, 06:54<' in filters.moment(NOW)
        assert ">06:54<" in filters.clock_time(NOW)
        assert ">24 Apr 2026<" in filters.day(NOW)


def test_a_zone_without_letters_is_named_by_its_distance(london: Flask) -> None:
    with london.test_request_context("/"):
        assert filters.zone_label("America/Sao_Paulo", NOW) == "Sao Paulo time (UTC-03)"


def test_a_zone_that_is_not_known_reads_as_utc(london: Flask) -> None:
    with london.test_request_context("/"):
        assert filters.zone_label("Mars/Olympus") == "UTC"


def test_no_time_is_no_words(london: Flask) -> None:
    with london.test_request_context("/"):
        assert [
            f(None) for f in (filters.when, filters.moment, filters.clock_time, filters.ago)
        ] == [""] * 4


@time_machine.travel(NOW, tick=False)
@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (5, "just now"),
        (-5, "in a moment"),
        (60, "1 minute ago"),
        (7200, "2 hours ago"),
        (-345600, "in 4 days"),
    ],
)
def test_distances_in_time_are_one_rounded_unit(london: Flask, seconds: int, words: str) -> None:
    with london.test_request_context("/"):
        assert f">{words}<" in filters.ago(NOW - timedelta(seconds=seconds))


@time_machine.travel(NOW, tick=False)
def test_what_is_late_comes_in_a_moment(london: Flask) -> None:
    with london.test_request_context("/"):
        assert ">in a moment<" in filters.due(NOW - timedelta(minutes=3))
        assert ">in 3 minutes<" in filters.due(NOW + timedelta(minutes=3))


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (0, "0 bytes"),
        (1023, "1,023 bytes"),
        (1024, "1 KB"),
        (31_900, "31 KB"),
        (5_600_000, "5.3 MB"),
    ],
)
def test_sizes_count_as_mail_programs_do(octets: int, words: str) -> None:
    assert filters.size(octets) == words


def test_shares_of_nothing_are_nothing() -> None:
    assert filters.percent(3, 0) == "0%"
    assert filters.percent(472, 1000) == "47.2%"


def test_one_person_is_not_people() -> None:
    assert filters.plural(1, "person", "people") == "1 person"
    assert filters.plural(1200, "person", "people") == "1,200 people"
    assert filters.plural(2, "row") == "2 rows"


def test_an_id_for_an_element_never_starts_with_a_digit() -> None:
    assert filters.dom_id("8f2-ä b", "row") == "row-8f2---b"
