from django.urls import register_converter

from portal.accounts.hsa_id import normal_hsa_id


class HsaIdConverter:
    """An HSA-id in an address, in any case; compared upper-case."""

    regex = "[A-Za-z0-9][A-Za-z0-9-]{0,30}"

    def to_python(self, value):
        return normal_hsa_id(value)

    def to_url(self, value):
        return value


register_converter(HsaIdConverter, "hsa_id")
