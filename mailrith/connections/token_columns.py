"""The columns of a row that signs in with tokens (XOAUTH2): a connection, or a bounce mailbox."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from mailrith.core.db import UtcDateTime


class TokenColumns:
    """For a model. Those that are sealed are sealed for their row; `connections.oauth` opens them."""

    if TYPE_CHECKING:  # columns of every such model
        __tablename__: str
        id: Mapped[int]
        updated_at: Mapped[datetime]

    oauth_client_id: Mapped[str] = mapped_column(String(255), default="")
    # It goes through the guard like any host.
    oauth_token_url: Mapped[str] = mapped_column(String(500), default="")
    oauth_scope: Mapped[str] = mapped_column(String(500), default="")
    sealed_oauth_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_oauth_refresh: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_oauth_access: Mapped[bytes | None] = mapped_column(LargeBinary)
    oauth_access_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ca_certificate: Mapped[str] = mapped_column(Text, default="")  # PEM, beside the usual ones
    # Random, another one after each change of the sign-in: what was opened or asked for before it is not used again.
    credential_fingerprint: Mapped[str] = mapped_column(String(32), default="")
