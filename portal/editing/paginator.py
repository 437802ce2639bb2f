"""Pages of a long list in the admin."""

from django.core.paginator import Paginator


class LongListPaginator(Paginator):
    """A page costs what its place in the nearer half of the list costs.

    The rows' numbers are found first, without the tables that are joined to show them, and
    a page in the last half is read from the end: the last of 10,000 pages costs as the first.
    """

    def page(self, number):
        number = self.validate_number(number)
        start = (number - 1) * self.per_page
        end = min(start + self.per_page, self.count)
        if end == 0:
            return self._get_page(self.object_list[:0], number, self)
        if end + self.orphans >= self.count:
            end = self.count
        ids = self.ids_between(start, end)
        rows = {row.pk: row for row in self.object_list.filter(pk__in=ids)}
        return self._get_page([rows[pk] for pk in ids if pk in rows], number, self)

    def ids_between(self, start, end):
        ids = self.object_list.select_related(None).values_list("pk", flat=True)
        if start + end <= self.count:
            return list(ids[start:end])
        return list(ids.reverse()[self.count - end : self.count - start])[::-1]
