
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('guidance', "0023_page_views"),
        ('organisation', '0004_fill_history_of_lists'),
    ]

    operations = [
        migrations.CreateModel(
            name='ExternalLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', models.CharField(max_length=2000, unique=True, verbose_name='adress')),
                ('checked_at', models.DateTimeField(blank=True, null=True, verbose_name='kontrollerad')),
                ('status', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='svarskod')),
                ('fault', models.CharField(blank=True, max_length=200, verbose_name='fel')),
                ('note', models.CharField(blank=True, max_length=200, verbose_name='anmärkning')),
                ('leads_to', models.CharField(blank=True, max_length=2000, verbose_name='leder vidare till')),
                ('first_failed_on', models.DateField(blank=True, null=True, verbose_name='har inte svarat sedan')),
                ('last_failed_on', models.DateField(blank=True, null=True, verbose_name='svarade inte senast')),
                ('failed_days', models.PositiveSmallIntegerField(default=0, verbose_name='dagar utan svar')),
            ],
            options={
                'verbose_name': 'länk ut',
                'verbose_name_plural': 'länkar ut',
                'ordering': ['-failed_days', 'url'],
            },
        ),
        migrations.CreateModel(
            name='ExternalLinkPlace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.CharField(max_length=300, verbose_name='finns på')),
                ('place_url', models.CharField(max_length=300, verbose_name='adress på webbplatsen')),
                ('link', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='places', to='guidance.externallink')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='organisation.role', verbose_name='ägare')),
            ],
            options={
                'verbose_name': 'plats',
                'verbose_name_plural': 'platser',
                'ordering': ['place', 'pk'],
            },
        ),
    ]
