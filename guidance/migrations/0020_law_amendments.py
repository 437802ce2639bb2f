from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('guidance', "0019_document_version_rules"),
    ]

    operations = [
        migrations.AddField(
            model_name='legalreference',
            name='amended_in_force_on',
            field=models.DateField(blank=True, null=True, verbose_name='ändringen gäller från'),
        ),
        migrations.AddField(
            model_name='legalreference',
            name='chapter',
            field=models.CharField(blank=True, max_length=40, verbose_name='kapitel'),
        ),
        migrations.AddField(
            model_name='legalreference',
            name='latest_amendment',
            field=models.CharField(blank=True, help_text='Ändringens nummer, till exempel 2026:123.', max_length=30, verbose_name='senast ändrad genom'),
        ),
        migrations.AlterField(
            model_name='legalreference',
            name='parts',
            field=models.CharField(blank=True, help_text='Paragrafer eller bilagor, till exempel 14 och 31 §§.', max_length=200, verbose_name='delar som används'),
        ),
    ]
