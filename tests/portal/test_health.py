"""What machines ask: whether the site is alive and ready."""

from django.db.migrations.recorder import MigrationRecorder


def test_alive_and_ready(db, client):
    for address in ("/halsa/", "/halsa/redo/"):
        response = client.get(address)
        assert (response.status_code, response.json()) == (200, {"status": "ok"})
        assert "no-store" in response.headers["Cache-Control"]


def test_without_database_alive_but_not_ready(broken_database, client):
    alive, ready = client.get("/halsa/"), client.get("/halsa/redo/")

    assert (alive.status_code, alive.json()) == (200, {"status": "ok"})
    assert (ready.status_code, ready.json()) == (503, {"status": "databasen svarar inte"})


def test_not_ready_before_its_migrations(db, client):
    MigrationRecorder.Migration.objects.filter(app="followup").delete()
    response = client.get("/halsa/redo/")

    assert (response.status_code, response.json()) == (503, {"status": "migreringar väntar"})
