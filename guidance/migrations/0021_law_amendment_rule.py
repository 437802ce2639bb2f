from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('guidance', "0020_law_amendments"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='legalreference',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amended_in_force_on', None), ('latest_amendment', '')), models.Q(models.Q(('latest_amendment', ''), _negated=True), ('amended_in_force_on__isnull', False)), _connector='OR'), name='amendment_has_number_and_day', violation_error_message='Skriv både ändringens nummer och dagen den gäller från.'),
        ),
    ]
