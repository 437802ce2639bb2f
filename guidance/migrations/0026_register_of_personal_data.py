from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('guidance', '0025_words_for_all_events'),
    ]

    operations = [
        migrations.AlterField(
            model_name='page',
            name='register',
            field=models.CharField(blank=True, choices=[('access_guides', 'behörigheter'), ('actors', 'samverkansaktörer'), ('agreements', 'överenskommelser'), ('certificates', 'intyg'), ('consent_rules', 'samtyckesregler'), ('contact_functions', 'kontaktfunktioner'), ('decisions', 'beslut'), ('documents', 'dokument'), ('forums', 'forum'), ('glossary', 'ordlista'), ('key_figures', 'nyckeltal'), ('laws', 'lagar och regler'), ('personal_data', 'personuppgifter: vad, varför och hur länge'), ('process', 'processens steg och roller'), ('reviews', 'granskningsläge'), ('structure', 'organisationens nivåer'), ('timeline', 'tidslinje med datum'), ('yearly_tasks', 'årshjul')], max_length=20, verbose_name='lista som visas'),
        ),
    ]
