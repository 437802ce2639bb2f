"""Why a sign-in through the region's provider did not come about."""


class Refused(Exception):
    """kind    which page is shown (account/oidc_refused.html)
    detail  a word for whoever helps; never anything about the person
    """

    STATUSES = {
        "cancelled": 403,
        "stale": 400,
        "answer": 403,
        "assurance": 403,
        "identity": 403,
        "no_right": 403,
        "inactive": 403,
        "address": 403,
        # Not 503: what stands in front would take the site for broken and show its own page.
        "down": 424,
    }

    def __init__(self, kind: str, detail: str = "", hsa_id: str = ""):
        super().__init__(f"{kind}: {detail}" if detail else kind)
        self.kind, self.detail, self.hsa_id = kind, detail, hsa_id

    @property
    def status(self) -> int:
        return self.STATUSES[self.kind]
