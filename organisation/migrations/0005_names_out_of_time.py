import portal.accounts.hsa_id
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('organisation', '0004_fill_history_of_lists'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='appointment',
            name='appointment_person_fits_state',
        ),
        migrations.AddField(
            model_name='appointment',
            name='name_purged_on',
            field=models.DateField(editable=False, null=True, verbose_name='namnet gallrat'),
        ),
        migrations.AddField(
            model_name='historicalappointment',
            name='name_purged_on',
            field=models.DateField(editable=False, null=True, verbose_name='namnet gallrat'),
        ),
        migrations.AddField(
            model_name='historicalperson',
            name='protected',
            field=models.BooleanField(default=False, verbose_name='skyddade personuppgifter'),
        ),
        migrations.AddField(
            model_name='person',
            name='protected',
            field=models.BooleanField(default=False, verbose_name='skyddade personuppgifter'),
        ),
        migrations.AlterField(
            model_name='historicalperson',
            name='hsa_id',
            field=portal.accounts.hsa_id.HsaIdField(db_index=True, error_messages={'unique': 'Personen finns redan. En person med flera uppdrag är en enda rad: sök på HSA-id och ge den personen uppdraget.'}, max_length=31, verbose_name='HSA-id'),
        ),
        migrations.AlterField(
            model_name='person',
            name='hsa_id',
            field=portal.accounts.hsa_id.HsaIdField(error_messages={'unique': 'Personen finns redan. En person med flera uppdrag är en enda rad: sök på HSA-id och ge den personen uppdraget.'}, max_length=31, unique=True, verbose_name='HSA-id'),
        ),
        migrations.AddConstraint(
            model_name='appointment',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('name_purged_on', None), ('person__isnull', False), ('state', 'held')), models.Q(('name_purged_on__isnull', False), ('person', None), ('state', 'held')), models.Q(models.Q(('state', 'held'), _negated=True), ('name_purged_on', None), ('person', None)), _connector='OR'), name='appointment_person_fits_state', violation_error_message='Ange person när rollen har en innehavare, annars ingen.'),
        ),
    ]
