from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "portal.search"
    label = "search"
    verbose_name = "Sök"
    admin_position = 5
    admin_intro = (
        "Vad som ska komma först i sökningen, och vad läsarna sökte utan att finna. "
        "Synonymer finns under Vägledning."
    )
    admin_models = ["bestbet", "missedquery"]

    def ready(self):
        from portal.caching import stamp

        # Readers write it: each search without hits would make all pages anew.
        stamp.unseen("search.MissedQuery")
