"""Whether a draft can become a message. Every objection names the field as the caller wrote it, and how to mend it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from mailrith.content import header_names, headers
from mailrith.content.characters import one_value
from mailrith.content.limits import MOST_EXTRA_HEADERS
from mailrith.core import addresses
from mailrith.core.errors import Invalid
from mailrith.messages.drafts import Draft, Mailbox

MOST_MESSAGES = 100  # in one call
MOST_RECIPIENTS = 50  # of one message; more is a broadcast
MOST_REPLY_TO = 5
LONGEST_HTML = 300_000  # characters of which a text is made; letters have a tenth of it

# Narrower than RFC 2392 lets it be: nothing that has to be quoted in a header, an address or HTML.
_CONTENT_ID = re.compile(r"[A-Za-z0-9._+-]{1,100}(@[A-Za-z0-9.-]{1,100})?")

# What `priority` sets, and nobody else.
_PRIORITY_NAMES = frozenset({"x-priority", "x-msmail-priority", "importance", "priority"})


@contextmanager
def field_named(path: str) -> Iterator[None]:
    """Objections raised inside are about the field at `path`."""
    try:
        yield
    except Invalid as error:
        raise Invalid(error.message, field=path) from None


def check(draft: Draft, at: str) -> None:
    """Raises Invalid. `at` is where the draft stands, for example "messages[2]."; empty for a single one."""
    _check_recipients(draft, at)
    with field_named(f"{at}subject"):
        headers.check_subject(headers.check_text(draft.subject, "subject"))
    if not draft.text.strip() and not draft.html.strip():
        raise Invalid("A message needs a text, or html, or both.", field=f"{at}text")
    if not draft.text.strip() and len(draft.html) > LONGEST_HTML:
        raise Invalid(
            f"No text is made of HTML with more than {LONGEST_HTML:,} characters. Give one yourself.",
            field=f"{at}text",
        )
    _check_headers(draft, at)
    _check_content_ids(draft, at)


def check_name(name: str, path: str) -> None:
    """A name shown with an address. Raises Invalid."""
    with field_named(path):
        headers.check_text(name, path)
    if len(name) > headers.LONGEST_VALUE:
        raise Invalid(
            f"The name has {len(name):,} characters. {headers.LONGEST_VALUE} are the most.",
            field=path,
        )


def check_email(email: str, path: str) -> addresses.Address:
    """A usable address. Raises Invalid."""
    found = addresses.parse_address(email)
    if isinstance(found, addresses.Problem):
        raise Invalid(found.sentence, field=path)
    return found


def _check_recipients(draft: Draft, at: str) -> None:
    if not draft.to:
        raise Invalid("A message needs at least one recipient in to.", field=f"{at}to")
    everybody = draft.recipients()
    if len(everybody) > MOST_RECIPIENTS:
        raise Invalid(
            f"There are {len(everybody)} recipients in to, cc and bcc. {MOST_RECIPIENTS} are the most. "
            "Write a broadcast to reach more people, or send a message to each.",
            field=f"{at}to",
        )
    seen: dict[str, str] = {}
    for role, place, one in everybody:
        path = f"{at}{role}[{place}]"
        key = _check_mailbox(one, path).key
        if key in seen:
            raise Invalid(
                f"This address stands in {seen[key]} already. Name each recipient once.",
                field=path,
            )
        seen[key] = path
    if len(draft.reply_to) > MOST_REPLY_TO:
        raise Invalid(f"At most {MOST_REPLY_TO} addresses for replies.", field=f"{at}reply_to")
    for place, one in enumerate(draft.reply_to):
        _check_mailbox(one, f"{at}reply_to[{place}]")


def _check_mailbox(one: Mailbox, path: str) -> addresses.Address:
    check_name(one.name, f"{path}.name")
    return check_email(one.email, f"{path}.email")


def _check_content_ids(draft: Draft, at: str) -> None:
    seen: set[str] = set()
    for place, one in enumerate(draft.attachments):
        path = f"{at}attachments[{place}].content_id"
        if not one.content_id:
            continue
        if not _CONTENT_ID.fullmatch(one.content_id):
            raise Invalid(
                "Use letters, digits and . _ + - for it, as in logo or logo@example.com.",
                field=path,
            )
        if not draft.html.strip():
            raise Invalid("Only HTML can show it. Leave the content_id out.", field=path)
        if one.content_id in seen:
            raise Invalid("Another attachment has this content_id.", field=path)
        seen.add(one.content_id)


def _check_headers(draft: Draft, at: str) -> None:
    path = f"{at}headers"
    if len(draft.headers) > MOST_EXTRA_HEADERS:
        raise Invalid(
            f"There are {len(draft.headers)} headers. {MOST_EXTRA_HEADERS} are the most.",
            field=path,
        )
    seen: set[str] = set()
    for name, value in draft.headers:
        with field_named(f"{path}.{one_value(name)[:60]}"):
            if header_names.refuse_reserved(name).lower() in _PRIORITY_NAMES:
                raise Invalid("Set priority to high or low instead of this header.")
            if name.lower() in seen:
                raise Invalid("Name each header once; case is no difference.")
            if not one_value(headers.check_text(value, path)):
                raise Invalid("This header has no value.")
            if len(value) > headers.LONGEST_SUBJECT:
                raise Invalid(f"At most {headers.LONGEST_SUBJECT} characters in a header, please.")
        seen.add(name.lower())
