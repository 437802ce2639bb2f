import django.db.models.deletion
from django.db import migrations, models

import guidance.models.guides


class Migration(migrations.Migration):

    dependencies = [
        ('guidance', '0005_words_for_moves'),
    ]

    operations = [
        migrations.CreateModel(
            name='CertificateRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=6, unique=True, verbose_name='regel')),
                ('recipient', models.CharField(choices=[('fk', 'Försäkringskassan'), ('arbetsgivare', 'arbetsgivaren'), ('af', 'Arbetsförmedlingen')], max_length=12, verbose_name='mottagare')),
                ('occupations', guidance.models.guides.OccupationsField(default=list, verbose_name='gäller den som är')),
                ('from_day', models.PositiveSmallIntegerField(default=1, verbose_name='från och med dag')),
                ('to_day', models.PositiveSmallIntegerField(blank=True, help_text='Tomt betyder utan slut.', null=True, verbose_name='till och med dag')),
                ('need', models.CharField(choices=[('needed', 'behövs'), ('on_request', 'bara på begäran'), ('not_yet', 'behövs normalt inte än'), ('ask', 'inget granskat svar')], max_length=12, verbose_name='intyg')),
                ('answer', models.TextField(verbose_name='svar')),
                ('next_step', models.TextField(verbose_name='gör så här')),
                ('law_text', models.CharField(blank=True, max_length=160, verbose_name='lagstöd')),
                ('anchor', models.SlugField(blank=True, help_text='Rubrikens id på den sidan.', verbose_name='avsnitt')),
                ('position', models.PositiveSmallIntegerField(default=0, verbose_name='ordning')),
                ('review_note', models.CharField(blank=True, help_text='Vad en sakkunnig ska kontrollera. Visas för läsaren.', max_length=400, verbose_name='återstår att granska')),
                ('certificates', models.ManyToManyField(blank=True, related_name='rules', to='guidance.certificate', verbose_name='vilka intyg')),
                ('law', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='guidance.legalreference', verbose_name='lag')),
                ('page', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='guidance.page', verbose_name='läs mer på')),
            ],
            options={
                'verbose_name': 'intygsregel',
                'verbose_name_plural': 'intygsregler',
                'ordering': ['position', 'code'],
                'constraints': [models.CheckConstraint(condition=models.Q(('from_day__gte', 1)), name='certificate_rule_begins_on_a_day', violation_error_message='Första dagen är dag 1.'), models.CheckConstraint(condition=models.Q(('to_day', None), ('to_day__gte', models.F('from_day')), _connector='OR'), name='certificate_rule_ends_after_it_begins', violation_error_message='Sista dagen kan inte ligga före den första.')],
            },
        ),
    ]
