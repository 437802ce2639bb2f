from . import page_admin  # noqa: F401  (registers the pages)
