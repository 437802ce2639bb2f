"""What a search costs in the database that the settings name: the search itself and the page.

    DJANGO_SETTINGS_MODULE=portal.settings python -m tests.bench_search

Processor time of this process in milliseconds, median and worst of the rounds, beside one plain
query through the ORM, which tells how busy the machine is. On PostgreSQL the database's own time
is not in it. Fill the database before (`load_content`, `fill_demo --pages N`).
"""

import statistics
import time

import django

QUERIES = [
    "sjukskrivning", "patienten", "intyg", "läkare", "arbetsgivare", "rehabkoordinator",
    "samtycke", "samtycke arbetsgivare", "läkarintyg dag 8", "fma", "fk 7804", "f43.2", "sgi",
    "avstämningsmöte", "sekertess", "rehabiliterigskedjan", "sjukpenning dag 90",
    "tidigare lag om sekretess", "plan för återgång", "sjuk",
]  # fmt: skip
ROUNDS = 10


def measured(act):
    taken = []
    for number in range(ROUNDS + 1):
        started = time.process_time()
        act()
        if number:  # the first one warms up
            taken.append((time.process_time() - started) * 1000)
    return statistics.median(taken), max(taken)


def main():
    django.setup()
    from django.db import connection
    from django.test import Client, RequestFactory, override_settings

    from portal.caching.parts import while_reading
    from portal.search.models import SearchEntry
    from portal.search.query import search

    request, client = RequestFactory().get("/sok/"), Client()

    def find(text):
        with while_reading(request):  # as in a request: what is kept is found
            search(text)

    with override_settings(ALLOWED_HOSTS=["testserver"]):
        plain, _ = measured(lambda: SearchEntry.objects.filter(pk=1).first())
        print(f"{SearchEntry.objects.count()} poster, {connection.vendor}, en fråga {plain:.2f} ms")
        print(f"{'':<28}{'sökning':>9}{'värst':>9}{'sida':>9}{'värst':>9}")
        rows = []
        for text in QUERIES:
            found = measured(lambda: find(text))  # noqa: B023  (called at once)
            page = measured(lambda: client.get("/sok/", {"q": text}))  # noqa: B023
            rows.append((*found, *page))
            print(f"{text:<28}" + "".join(f"{each:9.1f}" for each in rows[-1]))
        columns = list(zip(*rows, strict=True))
        medians = (statistics.median(columns[0]), max(columns[1]), statistics.median(columns[2]))
        print(f"{'median, värst':<28}" + "".join(f"{x:9.1f}" for x in (*medians, max(columns[3]))))


if __name__ == "__main__":
    main()
