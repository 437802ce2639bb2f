from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('guidance', "0018_document_files"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='documentversion',
            constraint=models.CheckConstraint(condition=models.Q(('valid_from', None), ('valid_to', None), ('valid_to__gt', models.F('valid_from')), _connector='OR'), name='guidance_documentversion_period_is_not_empty', violation_error_message='Perioden måste sluta efter att den har börjat.'),
        ),
        migrations.AddConstraint(
            model_name='documentversion',
            constraint=models.CheckConstraint(condition=models.Q(('file', ''), ('url', ''), _connector='OR'), name='document_version_is_file_or_link', violation_error_message='En version är antingen en fil eller en länk, inte båda.'),
        ),
        migrations.AddConstraint(
            model_name='documentversion',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('file', ''), ('url', ''), ('valid_from', None), ('valid_to', None)), models.Q(('valid_from__isnull', False), models.Q(('file', ''), ('url', ''), _negated=True)), _connector='OR'), name='document_version_opens_from_a_day', violation_error_message='En version med datum ska ha en fil eller en länk, och en version med fil eller länk ska ha en första dag.'),
        ),
        migrations.AddConstraint(
            model_name='documentversion',
            constraint=models.UniqueConstraint(condition=models.Q(('slug', ''), _negated=True), fields=('document', 'slug'), name='document_version_slug_is_unique', violation_error_message='Dokumentet har redan en version med det adressnamnet.'),
        ),
    ]
