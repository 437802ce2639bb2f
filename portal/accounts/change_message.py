"""What a form changed, in words for Django's own log of the admin."""

from django.utils.text import capfirst


def change_in_words(form) -> str:
    """ "Grupper: lade till redaktör. E-postadress: a@example.org → b@example.org."

    Empty when nothing was changed. A password is only said to have been changed.
    """
    names = [name for name in form.changed_data if name in form.fields]
    return " ".join(_sentence(form, name) for name in names)


def _sentence(form, name):
    field, old, new = form.fields[name], form.initial.get(name), form.cleaned_data.get(name)
    label = capfirst(str(field.label or name))
    if hasattr(field, "queryset") and isinstance(old, list):
        return f"{label}: {_came_and_went(set(old), set(new))}."
    if "password" in name:
        return f"{label} ändrades."
    return f"{label}: {_word(old)} → {_word(new)}."


def _came_and_went(old, new):
    parts = []
    for verb, rows in (("lade till", new - old), ("tog bort", old - new)):
        if rows:
            parts.append(f"{verb} {', '.join(sorted(map(str, rows)))}")
    return "; ".join(parts)


def _word(value):
    if value is None or value == "":
        return "tomt"
    if isinstance(value, bool):
        return "ja" if value else "nej"
    return str(value)
