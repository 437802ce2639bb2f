import logging

from django.db import DatabaseError
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from .models import rehearsal_is_too_old

logger = logging.getLogger(__name__)


@never_cache
@require_safe
def upkeep(request):
    """What somebody must see to though the portal works. Not a part of /halsa/redo/, by which a
    load balancer takes machines out: readers can do without a rehearsal."""
    try:
        too_old = rehearsal_is_too_old()
    except DatabaseError:
        logger.exception("Databasen svarar inte.")
        return JsonResponse({"status": "databasen svarar inte"}, status=503)
    if too_old:
        return JsonResponse(
            {"status": "ingen säkerhetskopia har provats på för länge"},
            status=503,
            json_dumps_params={"ensure_ascii": False},
        )
    return JsonResponse({"status": "ok"})
