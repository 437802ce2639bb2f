"""News that is no page's change."""

from django.db import models
from django.utils import timezone

from portal.web.addresses import address_of

from .pages import Page


class NoticeQuerySet(models.QuerySet):
    def public(self, on=None):
        """Notices published on or before a day (default today), newest first."""
        return (
            self.filter(published_on__lte=on or timezone.localdate())
            .select_related("page__parent")
            .order_by("-published_on", "slug")
        )


class Notice(models.Model):
    slug = models.SlugField("adressnamn", unique=True)
    title = models.CharField("rubrik", max_length=120)
    text = models.TextField("text")
    published_on = models.DateField("publicerad")
    page = models.ForeignKey(Page, models.PROTECT, verbose_name="läs mer på", null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = "nyhet"
        verbose_name_plural = "aktuellt"
        ordering = ["-published_on", "slug"]

    def __str__(self):
        return self.title

    def get_absolute_url(self):
        return f"{address_of('guidance:notice_list')}#{self.slug}"
