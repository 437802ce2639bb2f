import django.core.validators
import guidance.models.documents
import guidance.storage
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('guidance', "0017_faults"),
    ]

    operations = [
        migrations.AddField(
            model_name='documentversion',
            name='accessible',
            field=models.BooleanField(blank=True, help_text='Okänt visas som att det inte är kontrollerat.', null=True, verbose_name='tillgänglig för skärmläsare'),
        ),
        migrations.AddField(
            model_name='documentversion',
            name='checksum',
            field=models.CharField(blank=True, editable=False, max_length=64, verbose_name='SHA-256'),
        ),
        migrations.AddField(
            model_name='documentversion',
            name='file',
            field=guidance.models.documents.VersionFileField(blank=True, max_length=120, storage=guidance.storage.document_storage, upload_to='', verbose_name='fil'),
        ),
        migrations.AddField(
            model_name='documentversion',
            name='file_kind',
            field=models.CharField(blank=True, choices=[('pdf', 'PDF'), ('docx', 'DOCX'), ('xlsx', 'XLSX'), ('odt', 'ODT')], editable=False, max_length=4, verbose_name='filtyp'),
        ),
        migrations.AddField(
            model_name='documentversion',
            name='file_name',
            field=models.CharField(blank=True, editable=False, max_length=120, verbose_name='filens namn'),
        ),
        migrations.AddField(
            model_name='documentversion',
            name='file_pages',
            field=models.PositiveIntegerField(editable=False, null=True, verbose_name='sidor'),
        ),
        migrations.AddField(
            model_name='documentversion',
            name='file_size',
            field=models.PositiveIntegerField(editable=False, null=True, verbose_name='storlek i byte'),
        ),
        migrations.AddField(
            model_name='documentversion',
            name='language',
            field=models.CharField(choices=[('sv', 'svenska'), ('sv-x-lattlast', 'lätt svenska'), ('en', 'engelska'), ('fi', 'finska'), ('ar', 'arabiska'), ('und', 'annat språk')], default='sv', max_length=20, verbose_name='språk'),
        ),
        migrations.AddField(
            model_name='documentversion',
            name='slug',
            field=models.SlugField(blank=True, help_text='Sista delen av versionens adress. Tomt blir versionens namn.', verbose_name='versionens adressnamn'),
        ),
        migrations.AddField(
            model_name='documentversion',
            name='url',
            field=models.URLField(blank=True, validators=[django.core.validators.URLValidator(schemes=['http', 'https'])], verbose_name='länk'),
        ),
        migrations.AddField(
            model_name='documentversion',
            name='valid_from',
            field=models.DateField(blank=True, null=True, verbose_name='gäller från och med'),
        ),
        migrations.AddField(
            model_name='documentversion',
            name='valid_to',
            field=models.DateField(blank=True, help_text='Första dagen som uppgiften inte längre gäller.', null=True, verbose_name='upphör'),
        ),
    ]
