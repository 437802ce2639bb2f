"""Who and where: units, roles, what a role answers for, and who holds it."""

from portal.accounts.hsa_id import normal_hsa_id

from .appointments import PURGED_NAME, Appointment, AppointmentQuerySet, Person, names_kept_since
from .intake import FileImport, Listing
from .managers import Attestation, UnitManager, next_check
from .roles import Forum, Responsibility, Role, RoleLevel
from .units import Level, Ownership, Profession, Unit, UnitKind, UnitQuerySet

__all__ = [
    "PURGED_NAME",
    "Appointment",
    "AppointmentQuerySet",
    "Attestation",
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
    "UnitManager",
    "UnitQuerySet",
    "names_kept_since",
    "next_check",
    "normal_hsa_id",
]
