# allauth registers pages that show secrets of second factors and addresses of readers; its
# modules are imported first, so that they can be taken away for good.
import allauth.account.admin
import allauth.mfa.admin
import allauth.usersessions.admin  # noqa: F401
from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, Permission

from portal.editing.conflict_admin import ConflictAdmin
from portal.editing.deletion import CountedDeletion

from . import rights
from .actions import remove_second_factors
from .change_message import change_in_words
from .letters import queue_invitation
from .models import ClaimedRights, ClaimRule, Invitation, User

for model in (EmailAddress, EmailConfirmation, Authenticator, UserSession):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


ACTIONS = {"add": "lägga till", "change": "ändra", "delete": "ta bort", "view": "se"}
# What Django and allauth call these fields leaves an administrator guessing.
WORDS = {
    "is_active": ("får logga in", "Ta bort krysset i stället för att ta bort kontot."),
    "is_staff": ("får arbeta i administrationen", "Behövs för att öppna /admin/."),
    "is_superuser": ("superanvändare", "Får allt, också se sanna värden och ge bort rättigheter."),
    "groups": ("grupper", "Det som personen får arbeta med. Rättigheter ges genom grupper."),
}


def permission_in_swedish(permission):
    """Django's names of permissions are English: "Can add unit"."""
    model = permission.content_type.model_class()
    action = permission.codename.partition("_")[0]
    name = model._meta.verbose_name_plural if model else permission.content_type.model
    words = {"submit": "skicka för granskning", "approve": "godkänna", "publish": "publicera"}
    words |= {"withdraw": "avpublicera", **ACTIONS}
    return f"{str(name).capitalize()}: {words.get(action, permission.name)}"


admin.site.unregister(Group)


@admin.register(Group)
class PermissionGroupAdmin(ConflictAdmin, GroupAdmin):
    filter_horizontal = []

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        kwargs["widget"] = forms.CheckboxSelectMultiple
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        field.queryset = Permission.objects.select_related("content_type")
        field.label_from_instance = permission_in_swedish
        return field


@admin.register(User)
class AccountAdmin(ConflictAdmin, CountedDeletion, UserAdmin):
    list_display = ["email", "first_name", "last_name", "last_login", "is_staff", "is_active"]
    list_filter = ["groups", "is_active", "is_staff", "is_superuser"]
    search_help_text = "Söker i namn, e-postadress och HSA-id."
    filter_horizontal = []
    search_fields = ["email", "first_name", "last_name", "hsa_id"]
    ordering = ["email"]
    actions = ["reset_second_factor"]
    fieldsets = [
        (None, {"fields": ["email", "password"]}),
        ("Person", {"fields": ["first_name", "last_name", "hsa_id"]}),
        (
            "Behörighet",
            {"fields": ["is_active", "is_staff", "groups", "from_claims", "is_superuser"]},
        ),
        ("Datum", {"fields": ["last_login", "date_joined"]}),
    ]
    add_fieldsets = [
        (
            None,
            {"classes": ["wide"], "fields": ["email", "usable_password", "password1", "password2"]},
        )
    ]
    readonly_fields = ["last_login", "date_joined", "from_claims"]

    @admin.display(description="varav genom regionens inloggning")
    def from_claims(self, account):
        """What claims gave; it comes back at the next sign-in when it is taken away here."""
        mark = ClaimedRights.objects.filter(user=account).first() if account.pk else None
        names = sorted(map(str, mark.groups.all())) if mark else []
        return ", ".join(names) or "inga"

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if db_field.name == "groups":
            kwargs["widget"] = forms.CheckboxSelectMultiple
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name in WORDS:
            field.label, field.help_text = WORDS[db_field.name]
        return field

    # Who may edit accounts must not be able to give herself more than the groups do.

    def get_readonly_fields(self, request, obj=None):
        own = [] if request.user.is_superuser else ["is_superuser", "user_permissions"]
        return [*super().get_readonly_fields(request, obj), *own]

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and _may_touch(request, obj)

    def construct_change_message(self, request, form, formsets, add=False):
        """Which groups and rights came and went, and not only that they did."""
        if not add and (message := change_in_words(form)):
            return message
        return super().construct_change_message(request, form, formsets, add)

    def get_queryset(self, request):
        """Also for what is done to many rows at once: superusers are theirs alone."""
        accounts = super().get_queryset(request)
        return accounts if request.user.is_superuser else accounts.filter(is_superuser=False)

    @admin.action(
        description="Ta bort tvåstegsverifiering och logga ut", permissions=["reset_factor"]
    )
    def reset_second_factor(self, request, queryset):
        for user in queryset:
            remove_second_factors(user)
            self.log_change(request, user, "Tvåstegsverifieringen togs bort.")
        self.message_user(
            request, f"Tvåstegsverifieringen togs bort för {queryset.count()} konton."
        )

    def has_reset_factor_permission(self, request):
        """Whoever could disarm an administrator must be one."""
        return request.user.is_superuser


def _may_touch(request, account):
    return account is None or request.user.is_superuser or not account.is_superuser


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin):
    list_display = ["email", "state", "invited_by", "created_at", "expires_at"]
    list_select_related = ["invited_by"]
    search_fields = ["email"]
    search_help_text = "Söker i e-postadress."
    actions = ["send_again"]
    fieldsets = [
        (
            None,
            {
                "fields": ["email", "groups", "is_staff"],
                "description": "När du sparar skickas ett brev till adressen, med en länk där "
                f"personen skapar sitt konto. Den gäller i {settings.INVITATION_DAYS} dagar.",
            },
        )
    ]

    @admin.display(description="läge")
    def state(self, invitation):
        return invitation.state

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        """Nobody hands out more than they have, unless accounts are theirs to change."""
        if db_field.name == "groups" and not request.user.has_perm("accounts.change_user"):
            kwargs["queryset"] = Group.objects.filter(user=request.user)
        # Boxes have labels and need no key held down.
        kwargs["widget"] = forms.CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_change_permission(self, request, obj=None):
        # What was sent is not changed; the list needs the right for its action.
        return obj is None and super().has_change_permission(request)

    def save_model(self, request, obj, form, change):
        obj.invited_by = request.user
        self._renew_and_send(request, obj)

    @admin.action(description="Skicka inbjudan igen", permissions=["add"])
    def send_again(self, request, queryset):
        for invitation in queryset.filter(accepted_at=None):
            self._renew_and_send(request, invitation)

    def _renew_and_send(self, request, invitation):
        invitation.renew()
        invitation.save()
        queue_invitation(invitation, request.build_absolute_uri("/"))
        messages.success(
            request,
            f"Inbjudan är på väg till {invitation.email}. Går brevet inte att skicka står det "
            "under Utskick.",
        )


class ClaimRuleForm(forms.ModelForm):
    class Meta:
        model = ClaimRule
        fields = ["claim", "comparison", "value", "group", "unit_right", "unit_from"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if "unit_right" in self.fields:
            choices = [("", "ingen"), *rights.choices()]
            self.fields["unit_right"] = forms.ChoiceField(
                label="Ger rätten",
                choices=choices,
                required=False,
                error_messages={"invalid_choice": "Välj en rätt i listan."},
            )

    def clean(self):
        values = super().clean()
        # The model's own rule names fields that are not in the form then, and is passed by.
        if "unit_right" not in self.fields and not values.get("group"):
            self.add_error("group", "Välj den grupp som regeln ger.")
        return values


@admin.register(ClaimRule)
class ClaimRuleAdmin(ConflictAdmin, admin.ModelAdmin):
    list_display = ["claim", "comparison", "value", "gives"]
    list_select_related = ["group"]
    list_filter = ["group", "claim"]
    search_fields = ["claim", "value", "group__name"]
    search_help_text = "Söker i uppgift, värde och grupp."
    form = ClaimRuleForm
    fieldsets = [
        ("Om inloggningen säger", {"fields": ["claim", "comparison", "value"]}),
        (
            "får personen",
            {
                "description": "Det som regler ger följer inloggningen: står värdet inte kvar "
                "nästa gång försvinner rätten. Det som någon har fått för hand påverkas inte.",
                "fields": ["group", "unit_right", "unit_from"],
            },
        ),
    ]

    @admin.display(description="ger")
    def gives(self, rule):
        return rule.group or dict(rights.choices()).get(rule.unit_right, rule.unit_right)

    def get_fieldsets(self, request, obj=None):
        """Rights for units are a choice only when a room has such rights."""
        if rights.kinds():
            return self.fieldsets
        says, gets = self.fieldsets
        return [says, (gets[0], {**gets[1], "fields": ["group"]})]

    def get_model_perms(self, request):
        """Not in the menu of a site whose region has no provider."""
        return super().get_model_perms(request) if settings.OIDC else {}

    def construct_change_message(self, request, form, formsets, add=False):
        if not add and (message := change_in_words(form)):
            return message
        return super().construct_change_message(request, form, formsets, add)
