import django.db.models.deletion
from django.db import migrations, models

import guidance.models.guides


class Migration(migrations.Migration):

    dependencies = [
        ('guidance', '0006_certificate_rules'),
    ]

    operations = [
        migrations.AlterField(
            model_name='page',
            name='register',
            field=models.CharField(blank=True, choices=[('access_guides', 'behörigheter'), ('actors', 'samverkansaktörer'), ('agreements', 'överenskommelser'), ('certificates', 'intyg'), ('consent_rules', 'samtyckesregler'), ('contact_functions', 'kontaktfunktioner'), ('decisions', 'beslut'), ('documents', 'dokument'), ('forums', 'forum'), ('glossary', 'ordlista'), ('key_figures', 'nyckeltal'), ('laws', 'lagar och regler'), ('reviews', 'granskningsläge'), ('structure', 'organisationens nivåer'), ('timeline', 'tidslinje med datum'), ('yearly_tasks', 'årshjul')], max_length=20, verbose_name='lista som visas'),
        ),
        migrations.CreateModel(
            name='Milestone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(unique=True, verbose_name='kod')),
                ('day', models.PositiveSmallIntegerField(verbose_name='dag i sjukfallet')),
                ('occupations', guidance.models.guides.OccupationsField(default=list, verbose_name='gäller den som är')),
                ('adds_periods', models.BooleanField(default=False, help_text='Ja för rehabiliteringskedjans dagar (27 kap. 51 § socialförsäkringsbalken).', verbose_name='räknar in tidigare perioder')),
                ('title', models.CharField(max_length=120, verbose_name='det här händer')),
                ('who', models.CharField(max_length=120, verbose_name='vem')),
                ('text', models.TextField(verbose_name='vad som ska göras')),
                ('law_text', models.CharField(blank=True, max_length=160, verbose_name='lagstöd')),
                ('anchor', models.SlugField(blank=True, help_text='Rubrikens id på den sidan.', verbose_name='avsnitt')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='ordning')),
                ('review_note', models.CharField(blank=True, help_text='Vad en sakkunnig ska kontrollera. Visas för läsaren.', max_length=400, verbose_name='återstår att granska')),
                ('law', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='guidance.legalreference', verbose_name='lag')),
                ('page', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='guidance.page', verbose_name='läs mer på')),
            ],
            options={
                'verbose_name': 'hållpunkt',
                'verbose_name_plural': 'hållpunkter i tidslinjen',
                'ordering': ['day', 'position', 'code'],
                'constraints': [models.CheckConstraint(condition=models.Q(('day__gte', 1), ('day__lte', 3650)), name='milestone_day_is_in_a_sick_case', violation_error_message='Skriv en dag från 1 till 3650.')],
            },
        ),
    ]
