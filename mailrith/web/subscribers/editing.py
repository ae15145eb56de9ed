"""From a form to the actions of one subscriber."""

from typing import Any

from flask import g

from mailrith.accounts import audit as audits
from mailrith.core import addresses
from mailrith.core.errors import Invalid
from mailrith.subscribers import actions, queries, statuses, tagging
from mailrith.subscribers.consents import Proof
from mailrith.subscribers.models import Subscriber, SubscriberStatus
from mailrith.web.forms import text
from mailrith.web.subscribers.forms import AddForm, EditForm, TagsForm, choice, day
from mailrith.web.subscribers.loading import signature, start_of, user

_BY_HAND = {
    SubscriberStatus.UNSUBSCRIBED: "Unsubscribed: they asked to stop",
    SubscriberStatus.BLOCKED: "Blocked: you do not want to mail them",
}


def add(form: AddForm) -> Subscriber:
    """Raises Invalid."""
    proof = Proof(text(form.basis), text(form.source), start_of(day(form.collected_on)))
    added = actions.add(
        g.workspace,
        email=text(form.email),
        name=text(form.name),
        proof=proof,
        user_id=user().id,
        by=signature(),
    )
    _set_tags(form, added)
    return added


def save(form: EditForm, found: Subscriber) -> None:
    """Raises Invalid."""
    actions.edit(g.workspace, found, email=text(form.email), name=text(form.name), by=signature())
    _set_tags(form, found)
    wanted = text(form.status)
    if wanted in statuses.offered(SubscriberStatus(found.status)):
        words = f"Set by {signature()}"
        actions.change_status(found, SubscriberStatus(wanted), words, words)


def filled(found: Subscriber) -> EditForm:
    """The form as the person is now."""
    has = queries.tags_of(g.workspace.id, [found.id])[found.id]
    return EditForm(
        formdata=None, email=found.email, name=found.name, tags=[tag.public_id for tag in has]
    )


def status_choices(found: Subscriber) -> list[Any]:
    """As it is, or what a person of the team may set."""
    offered = statuses.offered(SubscriberStatus(found.status))
    return [
        choice("", str(found.status)),
        *(choice(str(status), _BY_HAND[status]) for status in offered),
    ]


def audit(action: str, email: str, **details: object) -> None:
    """Note what a member did; the address is masked, for the person is gone."""
    audits.record(
        account_id=g.workspace.account_id,
        workspace_id=g.workspace.id,
        user_id=user().id,
        action=action,
        subject=addresses.mask(email) if email else "",
        details=dict(details),
    )


def _set_tags(form: TagsForm, found: Subscriber) -> None:
    tags = form.chosen(queries.tags(g.workspace.id))
    if text(form.new_tag).strip():
        try:
            tags.append(tagging.get_or_create(g.workspace.id, text(form.new_tag)))
        except Invalid as error:
            raise Invalid(error.message, field="new_tag") from error
    tagging.set_tags(found, [tag.id for tag in tags])
