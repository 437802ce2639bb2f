"""Whatever stands in a guide's address gets an answer, and what may be a person's number goes."""

import pytest
from hypothesis import example, given

from guidance.guide_forms import CertificateForm, TimelineForm
from tests.portal.test_odd_input import queries, quickly

pytestmark = pytest.mark.django_db

GUIDES = {
    "/sjukskrivningsprocessen/tidslinje/": [*TimelineForm.base_fields, "fel"],
    "/sjukskrivningsprocessen/tidslinje.ics": [*TimelineForm.base_fields],
    "/intyg/": [*CertificateForm.base_fields, "fel"],
    "/sekretess-och-samtycke/samtyckesguide/": ["vem", "till", "syfte"],
}


@pytest.mark.parametrize("address", GUIDES)
def test_any_query_of_a_guide_gets_an_answer(address, client):
    @quickly
    @given(queries(GUIDES[address]))
    @example("forsta_dag=9999-12-31&sysselsattning=anstalld")
    @example("forsta_dag=20260101&sysselsattning=anstalld&forsta_dag=121212-1212")
    @example("dag=9999-12-31&sysselsattning=anstalld")
    @example("dag=" + "9" * 3000)
    def check(query):
        response = client.get(f"{address}?{query}")
        assert response.status_code in {200, 302, 400}
        assert response.status_code != 400 or address.endswith(".ics")
        assert response.cookies == {}

    check()
