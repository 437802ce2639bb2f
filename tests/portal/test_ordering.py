from organisation.models import Unit
from portal.web.ordering import swedish, swedish_key
from tests.factories import make_unit

NAMES = ["Ängelholm", "Zeta", "Åmål", "Östersund", "alfa", "Beta"]
IN_ORDER = ["alfa", "Beta", "Zeta", "Åmål", "Ängelholm", "Östersund"]


def test_python_sorts_as_swedes_do():
    assert sorted(NAMES, key=swedish_key) == IN_ORDER


def test_database_sorts_as_swedes_do(db):
    units = [make_unit(name=name).pk for name in NAMES]
    in_order = Unit.objects.filter(pk__in=units).order_by(swedish("name"))

    assert [unit.name for unit in in_order] == IN_ORDER
