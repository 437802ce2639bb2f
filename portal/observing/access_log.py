"""gunicorn's log in the portal's form; of requests only what tells of nobody.

Instead of the path stands the pattern that answered (`organisation/enheter/<hsa_id>/`): paths
hold keys of letters and invitations. No query, network address, referrer or browser.
"""

import logging

from gunicorn.glogging import Logger

from portal import settings

from .logs import JSONLines, PlainLines
from .requests import ROUTE

BEFORE_DJANGO = "(före Django)"


class PortalLogger(Logger):
    def setup(self, cfg):
        super().setup(cfg)
        form = JSONLines() if settings.LOG_FORMAT == "json" else PlainLines()
        for log in (self.error_log, self.access_log):
            for handler in log.handlers:
                handler.setFormatter(form)

    def access(self, resp, req, environ, request_time):
        if not self.access_log.handlers:
            return
        headers = {name.lower(): value for name, value in resp.headers}
        told = {
            "method": req.method if req.method.isalpha() else "?",
            "route": environ.get(ROUTE, BEFORE_DJANGO),
            "status": int(str(resp.status).split()[0]),
            "bytes": getattr(resp, "sent", 0),
            "ms": round(request_time.total_seconds() * 1000, 1),
            "request_id": headers.get("x-request-id"),
        }
        message = "{method} {route} {status} {bytes} {ms}".format(**told)
        record = logging.LogRecord(
            "gunicorn.access", logging.INFO, __file__, 0, message, None, None
        )
        record.told = told
        self.access_log.handle(record)
