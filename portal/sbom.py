"""What the portal is made of, as CycloneDX 1.5: `python -m portal.sbom > sbom.json`.

Every package installed because of requirements.txt, with version, licence and what needs it;
and the fonts, icons and scripts of static/vendored.json. Ruled out: a tool for it (a tree of
packages of its own, for sixty lines).
"""

import json
import re
import sys
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
NAME = re.compile(r"[-_.]+")


def named(name):
    return NAME.sub("-", name).lower()


def required(path):
    for line in path.read_text(encoding="utf-8").splitlines():
        if text := line.partition("#")[0].strip():
            yield Requirement(text)


def packages(wanted):
    """{name: (distribution, names that it needs)} of requirements and all that they need."""
    found, queue = {}, [*wanted]
    while queue:
        one = queue.pop()
        name = named(one.name)
        try:
            held = distribution(name)
        except PackageNotFoundError:
            raise SystemExit(
                f"{one.name} is not installed; install requirements.txt first"
            ) from None
        extras = {"", *one.extras}
        needs = [Requirement(text) for text in held.requires or ()]
        needs = [
            each
            for each in needs
            if each.marker is None or any(each.marker.evaluate({"extra": e}) for e in extras)
        ]
        known = found.get(name, (held, set()))[1]
        new = {named(each.name) for each in needs} - known
        found[name] = held, known | new
        queue += [each for each in needs if named(each.name) in new]
    return found


def component(name, held):
    told = held.metadata
    licence = told.get("License-Expression") or (told.get("License") or "").partition("\n")[0]
    classified = [
        c.rpartition(" :: ")[2] for c in told.get_all("Classifier") or () if "License" in c
    ]
    licence = licence or ", ".join(classified)
    return {
        "type": "library",
        "bom-ref": f"pkg:pypi/{name}@{held.version}",
        "name": name,
        "version": held.version,
        "purl": f"pkg:pypi/{name}@{held.version}",
        **({"licenses": [{"license": {"name": licence}}]} if licence else {}),
    }


def vendored():
    """Fonts, icons and scripts that lie in the repository."""
    told = json.loads((ROOT / "static" / "vendored.json").read_text(encoding="utf-8"))
    return [
        {
            "type": "library",
            "name": each["name"],
            "version": each["version"],
            "licenses": [{"license": {"name": each["licence"]}}],
        }
        for each in told["vendored"]
    ]


def bill():
    found = packages(required(ROOT / "requirements.txt"))
    refs = {name: f"pkg:pypi/{name}@{held.version}" for name, (held, _) in found.items()}
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": {"type": "application", "bom-ref": "portal", "name": "portal"}},
        "components": [component(name, held) for name, (held, _) in sorted(found.items())]
        + vendored(),
        "dependencies": [
            {"ref": refs[name], "dependsOn": sorted(refs[each] for each in needs)}
            for name, (_, needs) in sorted(found.items())
        ],
    }


if __name__ == "__main__":
    json.dump(bill(), sys.stdout, ensure_ascii=False, indent=2)
    print()
