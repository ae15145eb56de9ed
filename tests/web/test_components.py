"""Every component once, as a page that a strict reader of HTML finds nothing wrong with."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, render_template, render_template_string
from markupsafe import Markup
from wtforms import (
    BooleanField,
    EmailField,
    Form,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    validators,
)
from wtforms.fields.choices import SelectChoice

from mailrith.web import filters
from tests.support.html import faults

GALLERY = Path(__file__).parent / "gallery" / "gallery.html"
ROOT = Path(__file__).parents[2]


class SampleForm(Form):
    token = HiddenField(default="secret")
    name = StringField("Workspace name", [validators.InputRequired("Write a name.")])
    email = EmailField("Email")
    password = PasswordField("Password")
    zone = SelectField("Time zone", choices=["Europe/London", "UTC"])
    note = TextAreaField("Note")
    agreed = BooleanField("They agreed")
    enabled = BooleanField("Enabled")
    basis = RadioField(
        "On what basis",
        choices=[SelectChoice("asked", "They asked"), SelectChoice("other", "Other")],
    )


def chrome(**changes: Any) -> SimpleNamespace:
    workspace = SimpleNamespace(name="The Allotment Post", slug="post", time_zone="Europe/London")
    other = SimpleNamespace(
        name="Seeds & <b>more</b>", slug="seeds", current=False, url="/w/seeds/"
    )
    values: dict[str, Any] = {
        "workspace": workspace,
        "workspaces": [other],
        "user": SimpleNamespace(
            display_name="Hannah Okafor", email="h@example.org", initials="HO", role="Owner"
        ),
        "counts": SimpleNamespace(subscribers=13241),
        "sending": True,
        "undo": None,
        "banner": None,
    }
    return SimpleNamespace(**values | changes)


def gallery(shown: str = "", form: Form | None = None, **changes: Any) -> str:
    return render_template_string(
        GALLERY.read_text(encoding="utf-8"),
        form=form or SampleForm(),
        page=SimpleNamespace(before=None, after="abc"),
        make_url=lambda **keys: "?" + "&".join(f"{k}={v}" for k, v in keys.items()),
        chrome=chrome(**changes),
        shown=shown,
    )


@pytest.fixture
def bare() -> Flask:
    app = Flask(
        "mailrith", template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static")
    )
    app.config["SECRET_KEY"] = "for tests"
    filters.register(app)
    for name in ("subscribers.index", "tags.index", "broadcasts.index", "palette.search"):
        app.add_url_rule(f"/x/{name}", endpoint=name, view_func=lambda: "")
    return app


@pytest.mark.parametrize("shown", ["", "drawer", "confirm", "send"])
def test_every_component_is_sound_html(bare: Flask, shown: str) -> None:
    with bare.test_request_context("/"):
        page = gallery(shown)

    assert faults(page) == []


def test_a_field_in_error_says_so_to_a_screen_reader(bare: Flask) -> None:
    form = SampleForm()
    form.validate()

    with bare.test_request_context("/"):
        page = gallery(form=form)

    assert faults(page) == []
    assert 'aria-describedby="name-hint name-error"' in page
    assert 'id="name-error">Write a name.' in page
    assert '<a href="#name">Workspace name</a>: Write a name.' in page


def test_names_that_people_chose_are_escaped(bare: Flask) -> None:
    with bare.test_request_context("/"):
        page = gallery()

    assert "<b>more</b>" not in page
    assert "Seeds &amp; &lt;b&gt;more" in page


def test_parts_that_do_not_exist_have_no_place_in_the_navigation(bare: Flask) -> None:
    with bare.test_request_context("/"):
        page = gallery()

    assert 'title="Subscribers"' in page
    assert "Delivery Connections" not in page


def test_the_undo_bar_shows_on_every_page_while_it_counts(bare: Flask) -> None:
    undo = SimpleNamespace(subject="The hungry gap", count=12480, seconds_left=24, url="/undo")

    with bare.test_request_context("/"):
        page = gallery(undo=undo)

    assert faults(page) == []
    assert "Sending to 12,480 people" in page
    assert 'method="post" action="/undo"' in page


def test_a_banner_names_the_trouble_and_the_way_out(bare: Flask) -> None:
    link = SimpleNamespace(label="How to start one", url="/help")
    banner = SimpleNamespace(
        tone="bad", title="No worker is running.", text="Nothing leaves.", link=link
    )

    with bare.test_request_context("/"):
        page = gallery(banner=banner)

    assert faults(page) == []
    assert 'data-tone="bad"' in page
    assert '<a class="btn btn-sm" href="/help">How to start one</a>' in page


@pytest.mark.parametrize("name", ["403", "404", "409", "429", "500", "offline"])
@pytest.mark.parametrize("inside", [True, False])
def test_every_error_page_is_sound_html(bare: Flask, name: str, inside: bool) -> None:
    with bare.test_request_context("/"):
        page = render_template(
            f"errors/{name}.html", message="Why.", chrome=chrome() if inside else None
        )

    assert faults(page) == []


def test_an_error_page_needs_no_workspace_and_no_context(bare: Flask) -> None:
    with bare.test_request_context("/"):
        page = render_template("errors/500.html", report="7Q4-KZ2")

    assert "Report 7Q4-KZ2" in page


def test_the_signed_out_dialog_keeps_the_letter_in_sight(bare: Flask) -> None:
    with bare.test_request_context("/w/post/broadcasts/1"):
        part = render_template(
            "errors/_signed_out.html",
            url="/sign-in",
            next="/w/post/broadcasts/1",
            subject="The hungry gap",
        )

    assert "The hungry gap" in part
    assert 'name="next" value="/w/post/broadcasts/1"' in part


def test_recipients_see_the_newsletter_and_nothing_of_mailrith(bare: Flask) -> None:
    publisher = SimpleNamespace(
        name="The Allotment Post", tagline=None, postal_address="PO Box 418\nLondon E8 3QT"
    )

    with bare.test_request_context("/u/x"):
        page = render_template_string(
            '{% extends "shell/public.html" %}{% block title %}Bye{% endblock %}'
            "{% block content %}<h1>You are unsubscribed</h1>{% endblock %}",
            publisher=publisher,
        )

    assert faults(page) == []
    assert "PO Box 418, London E8 3QT" in page
    assert "Mailrith" not in page
    assert "<script" not in page


def test_every_icon_that_a_template_names_is_in_the_sprite(bare: Flask) -> None:
    import re

    sprite = (ROOT / "static" / "icons.svg").read_text(encoding="utf-8")
    have = set(re.findall(r'<symbol id="([a-z0-9-]+)"', sprite))
    named = {
        name
        for file in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r'icon\("([a-z0-9-]+)"', file.read_text(encoding="utf-8"))
    }

    assert named - have == set()


def test_templates_carry_no_style_and_no_script_of_their_own() -> None:
    import re

    loud = re.compile(r"""\sstyle=|\son[a-z]+=["']|<script(?![^>]*\ssrc=)|<style|javascript:""")
    guilty = [
        str(file.relative_to(ROOT))
        for file in (ROOT / "templates").rglob("*.html")
        if file.parent.name != "mail"  # mail programs want it inline
        and loud.search(file.read_text(encoding="utf-8"))
    ]

    assert guilty == []


def test_markup_of_a_label_is_not_doubled(bare: Flask) -> None:
    with bare.test_request_context("/"):
        text = render_template_string(
            '{% from "components/status.html" import status %}{{ status(label, "check") }}',
            label=Markup("<b>Sent</b>"),
        )

    assert "<b>Sent</b>" in text
