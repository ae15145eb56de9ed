"""Posts events at a fixed rate, whatever the server does (open loop): `python -m tests.bench.events_load`, a pickled Plan on stdin.

A POST that is not answered with 2xx is repeated, as a provider does it. Time counts from the moment at which a POST was due.
Prints a line when it begins, and one JSON object at its end.
"""

import asyncio
import heapq
import json
import pickle
import sys
import time
from collections import Counter, deque
from dataclasses import dataclass

import uvloop

from mailrith.core import config
from tests.bench.events_posts import Writer


@dataclass(frozen=True)
class Plan:
    """posts: how many, `per_second`, each with `events` events, the first of which has the number `first` at its target."""

    settings: object
    port: int
    targets: tuple
    per_second: float
    posts: int
    events: int
    first: int = 0
    lines: int = 24  # kept-alive connections
    again_seconds: float = 2.0  # a provider would wait for minutes
    patience_seconds: float = 120.0  # after the last was due

    def numbers(self, post):
        """(target, numbers of the events) of one POST."""
        place = self.first + post // len(self.targets) * self.events
        return post % len(self.targets), range(place, place + self.events)


class Line(asyncio.Protocol):
    """One kept-alive connection, with at most one POST on it."""

    def __init__(self, load):
        self.load = load
        self.post = None
        self.transport = None
        self.heard = b""

    def connection_made(self, transport):
        self.transport = transport

    def send(self, post):
        self.post = post
        self.transport.write(self.load.request(post))

    def data_received(self, data):
        self.heard += data
        head, gap, body = self.heard.partition(b"\r\n\r\n")
        if not gap:
            return
        fields = dict(
            line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line
        )
        if len(body) < int(fields.get(b"content-length", 0)):
            return
        status, self.heard = int(head[9:12]), b""
        post, self.post = self.post, None
        closing = fields.get(b"connection") == b"close"
        if closing:
            self.transport.close()
        else:
            self.load.idle.append(self)
        self.load.answered(post, status)

    def connection_lost(self, error):
        post, self.post = self.post, None
        self.load.lost(self, post)


class Load:
    """The whole of it. `run` until every POST was acknowledged, or patience is over."""

    def __init__(self, plan):
        self.plan = plan
        self.writers = [Writer(target) for target in plan.targets]
        self.loop = asyncio.get_running_loop()
        self.due = 0  # POSTs that should have been sent by now
        self.waiting = deque()
        self.later = []  # (when, post) to be repeated
        self.idle = deque()
        self.lines = 0
        self.repeated = set()
        self.acknowledged = bytearray(plan.posts)
        self.count = 0  # of them
        self.statuses = Counter()
        self.delays = []  # seconds, of those that were not repeated
        self.last_acknowledged = 0.0
        self.longest_queue = 0

    def request(self, post):
        place, numbers = self.plan.numbers(post)
        return self.writers[place].request(numbers)

    async def run(self):
        self.cpu = time.process_time()
        await self.open_lines()
        print("begun", flush=True)
        self.began = self.loop.time()
        over = self.began + self.plan.posts / self.plan.per_second + self.plan.patience_seconds
        while self.loop.time() < over and not self.done():
            await self.open_lines()
            self.step()
            await asyncio.sleep(0.004)

    def done(self):
        return self.due == self.plan.posts and self.count == self.plan.posts

    def step(self):
        now = self.loop.time()
        due = min(self.plan.posts, int((now - self.began) * self.plan.per_second) + 1)
        self.waiting.extend(range(self.due, due))
        self.due = due
        while self.later and self.later[0][0] <= now:
            self.waiting.append(heapq.heappop(self.later)[1])
        self.longest_queue = max(self.longest_queue, len(self.waiting))
        self.dispatch()

    def dispatch(self):
        while self.waiting and self.idle:
            line = self.idle.popleft()
            if not line.transport.is_closing():
                line.send(self.waiting.popleft())

    async def open_lines(self):
        while self.lines < self.plan.lines:
            try:
                _, line = await self.loop.create_connection(
                    lambda: Line(self), "127.0.0.1", self.plan.port
                )
            except OSError:
                return  # the server is away; the next step tries again
            self.lines += 1
            self.idle.append(line)

    def answered(self, post, status):
        self.statuses[status] += 1
        if 200 <= status < 300:
            now = self.loop.time()
            self.count += not self.acknowledged[post]
            self.acknowledged[post] = 1
            self.last_acknowledged = now
            if post not in self.repeated:
                self.delays.append(now - self.began - post / self.plan.per_second)
        else:
            self.again(post)
        self.dispatch()

    def lost(self, line, post):
        self.lines -= 1
        if line in self.idle:
            self.idle.remove(line)
        if post is not None:
            self.statuses["cut"] += 1
            self.again(post)

    def again(self, post):
        self.repeated.add(post)
        heapq.heappush(self.later, (self.loop.time() + self.plan.again_seconds, post))

    def report(self):
        delays = sorted(self.delays)
        seconds = self.last_acknowledged - self.began
        acknowledged = self.count
        return {
            "posts": self.plan.posts,
            "acknowledged": acknowledged,
            "unacknowledged": [n for n, done in enumerate(self.acknowledged) if not done],
            "repeated": len(self.repeated),
            "statuses": {str(status): count for status, count in self.statuses.items()},
            "seconds": round(seconds, 3),
            "posts_per_second": round(acknowledged / seconds, 1) if seconds else 0.0,
            "events_per_second": round(acknowledged * self.plan.events / seconds, 1) if seconds else 0.0,
            "ack_p50_ms": quantile(delays, 0.5),
            "ack_p99_ms": quantile(delays, 0.99),
            "longest_queue": self.longest_queue,
            "cpu_seconds": round(time.process_time() - self.cpu, 2),
            "ended_at": time.time(),
        }  # fmt: skip


def quantile(ordered, part):
    """In milliseconds; None of nothing."""
    return round(ordered[int((len(ordered) - 1) * part)] * 1000, 1) if ordered else None


async def post(plan):
    load = Load(plan)
    await load.run()
    return load.report()


def main():
    plan = pickle.load(sys.stdin.buffer)
    config.install(plan.settings)
    print(json.dumps(uvloop.run(post(plan))), flush=True)


if __name__ == "__main__":
    main()
