"""The columns of a connection that say how much it carries, and whose account at the service it is."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from mailrith.core.db import UtcDateTime

FINGERPRINT_CHARS = 32  # 128 bits in hexadecimal digits


class Limited:
    """Limits are messages; None is no limit."""

    max_sessions: Mapped[int] = mapped_column(default=2)
    per_second: Mapped[int | None] = mapped_column()
    per_minute: Mapped[int | None] = mapped_column()
    per_hour: Mapped[int | None] = mapped_column()
    per_day: Mapped[int | None] = mapped_column()
    per_month: Mapped[int | None] = mapped_column()
    messages_per_session: Mapped[int] = mapped_column(default=1000)
    # where a day begins at midnight (an IANA name); empty: a day is always the last 24 hours
    day_zone: Mapped[str] = mapped_column(String(64), default="")
    # a warm-up: so many on the first day, more each day by so many per cent, until the target; see `ramps`
    ramp_start: Mapped[int | None] = mapped_column()
    ramp_growth: Mapped[int | None] = mapped_column()
    ramp_target: Mapped[int | None] = mapped_column()
    ramp_began_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # group of receivers -> what may go to it; see `receiver_limits`
    receiver_limits: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    # keyed fingerprints of the sign-in, empty without one; see `limit_groups`
    login_mark: Mapped[str] = mapped_column(String(FINGERPRINT_CHARS), default="", index=True)
    secret_mark: Mapped[str] = mapped_column(String(FINGERPRINT_CHARS), default="")
