"""The second half of `make bench`: what a feed of a thousand occasions costs.

A database of its own is filled with a thousand occasions to come, and .ics and .json are asked for
in turn with the bare view, as in tests/bench.py. Each request has an address of its own (`page`
means nothing to a feed), so that nobody has kept the answer.
"""

import statistics
import sys
import tempfile
import time
from itertools import count

if __package__ in {None, ""}:
    # Run as a file, as make does.
    sys.path.insert(0, sys.path[0] + "/..")

from tests.bench import Server, environment, manage

ROUNDS, REQUESTS, BARE_REQUESTS = 5, 6, 600
LIMIT_MS = 300
BARE = "bar vy"
FEEDS = {"1 000 i .ics": "/kompetens/kalender.ics", "1 000 i .json": "/kompetens/kalender.json"}
FILL = """
from datetime import timedelta
from django.utils import timezone
from education.models import Course, Occasion, Session
Session.objects.all().delete()
Occasion.objects.all().delete()
courses = [*Course.objects.public()]
rows = [
    Occasion(uid=f"tillfalle-{n}", course=courses[n % len(courses)], place=f"Sal {n}",
             town="Provstad", format="onsite", seats_total=20, seats_left=n % 20)
    for n in range(1000)
]
Occasion.objects.bulk_create(rows)
start = timezone.now() + timedelta(days=1)
Session.objects.bulk_create(
    Session(occasion=row, starts=start + timedelta(hours=7 * n),
            ends=start + timedelta(hours=7 * n + 2))
    for n, row in enumerate(rows)
)
"""


def measured(server, addresses):
    """(median milliseconds, processor milliseconds a request, bytes) of some addresses."""
    connection = server.connect()
    before, taken, size = server.cpu_seconds(), [], 0
    for address in addresses:
        started = time.perf_counter()
        connection.request("GET", address, headers={"Accept-Encoding": "br"})
        response = connection.getresponse()
        size = len(response.read())
        if response.status != 200:
            raise SystemExit(f"{address} svarade {response.status}.")
        taken.append((time.perf_counter() - started) * 1000)
    cpu = (server.cpu_seconds() - before) * 1000 / len(addresses)
    return statistics.median(taken), cpu, size


def main():
    with tempfile.TemporaryDirectory() as folder:
        env = environment(folder)
        print("\nFörbereder tusen tillfällen …", flush=True)
        manage(env, "migrate", "--verbosity", "0")
        manage(env, "load_content", "content/exempelland")
        manage(env, "collectstatic", "--noinput", "--verbosity", "0")
        manage(env, "shell", "--no-imports", "-c", FILL)
        bare, portal = Server("tests.bare:application", env), Server("portal.wsgi", env)
        numbers = count(1)
        rounds = {name: [] for name in [BARE, *FEEDS]}
        try:
            for number in range(ROUNDS + 1):
                found = {BARE: measured(bare, ["/"] * BARE_REQUESTS)}
                for name, url in FEEDS.items():
                    addresses = [f"{url}?page={next(numbers)}" for _ in range(REQUESTS)]
                    found[name] = measured(portal, addresses)
                # The first round only warms.
                for name in rounds if number else ():
                    rounds[name].append(found[name])
        finally:
            bare.stop()
            portal.stop()
    report(rounds)


def report(rounds):
    def median(name, index):
        return statistics.median(each[index] for each in rounds[name])

    print(f"\n{'flöde':<18}{'ms':>8}{'CPU ms':>8}{'× bar vy':>10}{'byte (br)':>11}")
    for name in rounds:
        ratio = median(name, 1) / median(BARE, 1)
        print(
            f"{name:<18}{median(name, 0):>8.2f}{median(name, 1):>8.2f}"
            f"{ratio:>10.1f}{median(name, 2):>11.0f}"
        )
    slow = [name for name in FEEDS if median(name, 1) >= LIMIT_MS]
    print(f"Under {LIMIT_MS} ms servertid: {'nej, ' + ', '.join(slow) if slow else 'ja'}")


if __name__ == "__main__":
    main()
