"""The content stamp: what moves it, when, and what happens when its place does not answer."""

import itertools
import re
from pathlib import Path

import pytest
from django.apps import apps
from django.core.cache.backends.base import BaseCache
from django.db import DatabaseError, connection, transaction
from django.db.models import F, sql

from organisation.models import Person, Role
from portal.caching import stamp
from portal.web.models import ServiceMessage
from tests.factories import make_feedback, make_role, make_service_message

# What no public page shows. A model that is added moves the stamp until it is named here, too.
UNSEEN = {
    "account.EmailAddress",
    "account.EmailConfirmation",
    "accounts.ClaimedRights",
    "accounts.ClaimedRights_groups",
    "accounts.Invitation",
    "accounts.Invitation_groups",
    "accounts.User",
    "accounts.User_groups",
    "accounts.User_user_permissions",
    "admin.LogEntry",
    "audit.ChainEnd",
    "audit.Checkpoint",
    "audit.Entry",
    "audit.Link",
    "audit.Values",
    "education.CourseNews",
    "education.HistoricalTrainingRequest",
    "education.NewsDelivery",
    "education.Subscription",
    "education.TrainingRequest",
    "followup.HistoricalUnitReview",
    "followup.ImportBatch",
    "followup.ImportFile",
    "followup.UnitName",
    "followup.UnitReview",
    "guidance.Feedback",
    "guidance.PageView",
    "guidance.Passage",
    "mfa.Authenticator",
    "operation.BackupRun",
    "organisation.FileImport",
    "outbox.OutgoingMail",
    "search.MissedQuery",
    "sessions.Session",
    "usersessions.UserSession",
}


@pytest.fixture(autouse=True)
def _no_fault(monkeypatch):
    monkeypatch.setattr(stamp, "_fault", stamp._Fault())


@pytest.fixture
def watched(db, settings, tmp_path):
    """A stamp of the test's own, and the database watched as in a running portal."""
    settings.CONTENT_STAMP = str(tmp_path / "stamp")
    with connection.execute_wrapper(stamp.notice):
        yield


@pytest.fixture
def moves(watched, django_capture_on_commit_callbacks):
    """Whether something moves the stamp, once it is committed."""

    def tell(act):
        before = stamp.current()
        connection.run_on_commit.clear()
        with django_capture_on_commit_callbacks(execute=True):
            act()
        return stamp.current() != before

    return tell


def statements(model):
    """An insert, an update and a deletion of a model, as its backend words them."""
    fields = model._meta.local_concrete_fields
    insert = sql.InsertQuery(model)
    insert.insert_values(fields, [model()])
    [(inserted, _)] = insert.get_compiler("default").as_sql()
    update = model._base_manager.all().query.chain(sql.UpdateQuery)
    update.add_update_values({fields[-1].name: F(fields[-1].name)})
    delete = model._base_manager.all().query.chain(sql.DeleteQuery)
    compiled = [each.get_compiler("default").as_sql()[0] for each in (update, delete)]
    return [inserted, *compiled]


def test_every_write_to_every_model_counts_unless_it_is_named(db):
    noticed = {
        model._meta.label: {stamp.is_noticed(each) for each in statements(model)}
        for model in apps.get_models(include_auto_created=True)
    }

    assert {label for label, found in noticed.items() if found != {True}} == UNSEEN
    assert {label for label, found in noticed.items() if found == {False}} == UNSEEN
    assert len(noticed) > len(UNSEEN) + 60


@pytest.mark.parametrize(
    "ask",
    [
        lambda client: client.get("/sok/", {"q": "zxqv"}),
        lambda client: client.get("/sok/", {"q": "sjukskrivning"}),
        lambda client: client.get("/sjukskrivningsprocessen/"),
        lambda client: client.get("/sjukskrivningsprocessen/vem-gor-vad/"),
        lambda client: client.post("/konto/logga-in/", {"login": "x@example.org", "password": "x"}),
    ],
    ids=["a search without hits", "a search", "a page", "a process", "a failed sign-in"],
)
def test_no_reader_moves_it_by_looking_round(moves, client, ask):
    assert moves(lambda: ask(client)) is False


@pytest.mark.parametrize(
    "write",
    [
        lambda: make_role(),
        lambda: Role.objects.filter(code="rehabkoordinator").update(title="Ny titel"),
        lambda: Role.objects.get(code="rehabkoordinator").required_kinds.clear(),
        lambda: Person.objects.bulk_create(
            [Person(name="A", hsa_id="SE1-A"), Person(name="B", hsa_id="SE1-B")]
        ),
        lambda: make_service_message().delete(),
        lambda: ServiceMessage.objects.all()._raw_delete("default"),
    ],
    ids=["save", "update", "relation", "bulk_create", "delete", "raw_delete"],
)
def test_each_way_to_write_moves_it(moves, write):
    assert moves(write) is True


def test_what_no_page_shows_and_what_only_reads_leave_it(moves):
    page = apps.get_model("guidance", "Page").objects.first()

    assert moves(lambda: make_feedback(page=page)) is False
    assert moves(lambda: [*Role.objects.select_related(), Role.objects.count()]) is False


@pytest.mark.parametrize(
    ("statement", "counts"),
    [
        ("WITH RECURSIVE t AS (SELECT 1) SELECT * FROM t", False),
        ('WITH t AS (SELECT 1) DELETE FROM "guidance_page"', True),
        ("((SELECT 1) UNION (SELECT 2)) UNION (SELECT 3)", False),
        ('(WITH t AS (SELECT 1) DELETE FROM "guidance_page") ', True),
        ("  insert or ignore into guidance_pageview (page_id) VALUES (1)", False),
        ("TRUNCATE guidance_page, guidance_pageview", True),
        ("SAVEPOINT s1", False),
        ("DROP TABLE guidance_pageview", True),
        ("något som ingen förstår", True),
        ('UPDATE "portal_cache" SET "value" = 1', False),
    ],
)
def test_reads_statements_and_takes_what_it_does_not_understand_for_a_write(db, statement, counts):
    assert stamp.is_noticed(statement) is counts


def test_it_stands_until_the_commit(watched, django_capture_on_commit_callbacks):
    before = stamp.current()
    with django_capture_on_commit_callbacks() as waiting:
        make_role()
        make_role()

    assert stamp.current() == before
    # Saved twice with history: one move is enough. What else waits are notes of the audit log.
    assert [each for each in waiting if each == stamp.move] == [stamp.move]
    stamp.move()
    assert stamp.current() != before


def test_a_savepoint_that_is_rolled_back_does_not_take_the_move_along(moves):
    def write():
        with transaction.atomic():
            make_role()
            transaction.set_rollback(True)
        make_role()

    def only_roll_back():
        with transaction.atomic():
            make_role()
            transaction.set_rollback(True)

    assert moves(write) is True
    assert moves(only_roll_back) is False


def test_two_moves_in_one_tick_of_the_clock_differ(watched):
    seen = set()
    for _ in range(100):
        stamp.move()
        seen.add(stamp.current())

    assert len(seen) == 100


def test_several_machines_share_it_in_the_cache(db, settings, django_capture_on_commit_callbacks):
    settings.CONTENT_STAMP = "cache"
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    first = stamp.current()
    stamp.move()
    second = stamp.current()
    stamp.cache.clear()

    assert first
    assert len({first, second, stamp.current()}) == 3
    assert stamp.current() == stamp.current()


class Silent(BaseCache):
    """A cache whose server is gone while `gone` is set."""

    gone = True
    kept = {}

    def __init__(self, location, params):
        super().__init__(params)

    def get(self, key, default=None, version=None):
        self._ask()
        return self.kept.get(key, default)

    def set(self, key, value, timeout=None, version=None):
        self._ask()
        self.kept[key] = value

    def add(self, key, value, timeout=None, version=None):
        self.set(key, value)

    def _ask(self):
        if Silent.gone:
            raise DatabaseError("borta")


def test_a_move_that_failed_is_made_good_before_anything_is_kept(settings, monkeypatch):
    settings.CONTENT_STAMP = "cache"
    settings.CACHES = {"default": {"BACKEND": f"{__name__}.Silent"}}
    monkeypatch.setattr(Silent, "gone", False)
    before = stamp.current()

    monkeypatch.setattr(Silent, "gone", True)
    stamp.move()
    assert stamp.current() is None
    monkeypatch.setattr(Silent, "gone", False)
    # Readers do not wait for it while it is likely to be silent still.
    assert stamp.current() is None
    monkeypatch.setattr(stamp._fault, "ask_again_at", 0.0)

    assert stamp.current() not in {None, before}


class Crowded(Silent):
    """A cache where others move the stamp as soon as somebody has."""

    gone = False
    others = itertools.count()

    def set(self, key, value, timeout=None, version=None):
        self.kept[key] = f"{value}, moved by number {next(self.others)}"

    def _ask(self):
        pass


class Deaf(Crowded):
    """A cache that takes nothing and says nothing, as the table in a database that is full."""

    def set(self, key, value, timeout=None, version=None):
        pass


def test_one_that_others_move_in_the_same_moment_has_moved(settings, caplog):
    settings.CONTENT_STAMP = "cache"
    settings.CACHES = {"default": {"BACKEND": f"{__name__}.Crowded"}}
    before = stamp.current()
    stamp.move()

    assert stamp.current() not in {None, before}
    assert caplog.messages == []


def test_one_that_the_cache_did_not_take_has_not(settings, caplog):
    settings.CONTENT_STAMP = "cache"
    settings.CACHES = {"default": {"BACKEND": f"{__name__}.Deaf"}}
    stamp.move()

    assert stamp.current() is None
    [told] = caplog.messages
    assert told.endswith("Cachen tog inte emot innehållsstämpeln.")


def test_a_place_that_does_not_answer_is_told_of_once_in_a_while(settings, monkeypatch, caplog):
    """A first `migrate`, before there is a table for the cache, moves it hundreds of times."""
    settings.CONTENT_STAMP = "cache"
    settings.CACHES = {"default": {"BACKEND": f"{__name__}.Silent"}}
    monkeypatch.setattr(Silent, "gone", True)
    for _ in range(3):
        stamp.move()
    assert caplog.messages == ["Innehållsstämpeln kan inte nås: borta"]

    monkeypatch.setattr(stamp._fault, "tell_again_at", 0.0)
    stamp.move()
    assert len(caplog.messages) == 2


def test_nothing_is_moved_where_nothing_is_kept(settings, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings.CONTENT_STAMP = ""
    stamp.move()

    assert stamp.current() is None
    assert [*tmp_path.iterdir()] == []


def test_no_code_reads_a_cookie_that_the_page_cache_does_not_know():
    """Django's own and allauth's are the session, the token, the language and the messages."""
    root = Path(__file__).parent.parent.parent
    reads = {}
    for room in ("portal", "organisation", "guidance", "education", "followup"):
        for path in (root / room).rglob("*.py"):
            if found := re.findall(r"COOKIES\W+(?:get\()?(\w+)", path.read_text()):
                reads[str(path.relative_to(root))] = found

    assert reads == {
        "portal/web/chosen_unit.py": ["COOKIE"],
        "portal/web/context.py": ["else", "COOKIE", "APPEARANCE_COOKIE"],
    }
