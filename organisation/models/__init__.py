"""Who and where: units, roles, what a role answers for, and who holds it."""

from portal.accounts.hsa_id import normal_hsa_id

from .appointments import PURGED_NAME, Appointment, AppointmentQuerySet, Person, names_kept_since
from .intake import FileImport, Listing
from .roles import Forum, Responsibility, Role, RoleLevel
from .units import Level, Ownership, Profession, Unit, UnitKind, UnitQuerySet

__all__ = [
    "PURGED_NAME",
    "Appointment",
    "AppointmentQuerySet",
    "FileImport",
    "Forum",
    "Level",
    "Listing",
    "Ownership",
    "Person",
    "Profession",
    "Responsibility",
    "Role",
    "RoleLevel",
    "Unit",
    "UnitKind",
    "UnitQuerySet",
    "names_kept_since",
    "normal_hsa_id",
]
