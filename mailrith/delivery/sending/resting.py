"""Sessions that stay open between slices: counted as long as they are open, and closed as soon as another worker lacks them."""

import asyncio

import redis

from mailrith.core import queue
from mailrith.delivery.pacing.sessions import Sessions
from mailrith.delivery.sending.lines import IDLE_SECONDS, Lines

BEAT_SECONDS = 0.2  # between two looks at what others lack, while anything is warm


class Resting:
    """Lives on the loop beside the slices. `me` names the worker."""

    def __init__(self, lines: Lines, me: str) -> None:
        self._lines = lines
        self._client = queue.connect()
        self._sessions = Sessions(self._client, me)
        self._told: set[str] = set()  # names under which some are counted
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Look after what is warm, from now until nothing is."""
        self._told |= self._lines.names
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        """Say good-bye to every server, and to the other workers."""
        if self._task is not None:
            self._task.cancel()
        self._told |= self._lines.names
        await self._lines.close()
        await self._tell()
        self._client.close()

    async def _run(self) -> None:
        while self._told or self._lines.open_count:
            await self._lines.close(older_than=IDLE_SECONDS)
            await self._tell()
            await asyncio.sleep(BEAT_SECONDS)

    async def _tell(self) -> None:
        """Say of each name how many are warm, and close those that others lack."""
        for name in self._told | self._lines.names:
            lacking = await self._rest(name)
            if lacking:
                await self._lines.spare(name, lacking)
                await self._rest(name)
        self._told = self._lines.names

    async def _rest(self, name: str) -> int:
        warm = self._lines.warm(name)
        try:
            return await asyncio.to_thread(self._sessions.rest, name, warm)
        except redis.RedisError:
            return 0  # it forgets by itself, or hears of it in a moment
