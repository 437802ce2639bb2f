import json

from django.core.management.base import BaseCommand, CommandError

from guidance import external_links


class Command(BaseCommand):
    help = (
        "Kontrollerar länkarna till andra webbplatser, för en maskin som når internet. En länk "
        "räknas som död när den inte har svarat på flera olika dagar. Slutkod 1 när någon är det."
    )

    def add_arguments(self, parser):
        parser.add_argument("--json", action="store_true", help="Skriv resultatet som JSON.")
        parser.add_argument(
            "--limit", type=number, metavar="ANTAL", help="Kontrollera högst så många."
        )
        parser.add_argument(
            "--timeout", type=seconds, default=10, metavar="SEKUNDER", help="Vänta högst så länge."
        )
        parser.add_argument(
            "--delay",
            type=seconds,
            default=1,
            metavar="SEKUNDER",
            help="Vänta så länge mellan frågor till samma webbplats.",
        )

    def handle(self, *args, json, limit, timeout, delay, **options):
        total = external_links.store_links()
        checked = []
        for link in external_links.check_links(limit=limit, timeout=timeout, delay=delay):
            checked.append(link)
            if link.fault and not json:
                self.stdout.write(f"{link.url}: {link.fault}")
        dead = external_links.dead_by_owner()
        if json:
            self.print_json(total, checked, dead)
        else:
            self.print_dead(total, checked, dead)
        if dead:
            count = len({link.pk for links in dead.values() for link in links})
            raise CommandError(f"{count} döda länkar.", returncode=1)

    def print_json(self, total, checked, dead):
        rows = [
            {"url": link.url, "status": link.status, "fault": link.fault, "note": link.note}
            for link in checked
        ]
        by_owner = {owner: [link.url for link in links] for owner, links in dead.items()}
        result = {"links": total, "checked": rows, "dead": by_owner}
        self.stdout.write(json.dumps(result, ensure_ascii=False, indent=2))

    def print_dead(self, total, checked, dead):
        for owner, links in dead.items():
            self.stdout.write(f"\n{owner or 'Utan ägare'}")
            for link in links:
                self.stdout.write(f"  {link.url}: {link.fault}, sedan {link.first_failed_on}")
                for place in link.places.all():
                    self.stdout.write(f"    {place.place} ({place.place_url})")
        self.stdout.write(f"{len(checked)} av {total} länkar kontrollerade.")


def number(text):
    value = int(text)
    if value < 1:
        raise ValueError
    return value


def seconds(text):
    value = float(text)
    if not 0 <= value <= 300:
        raise ValueError
    return value
