from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('guidance', '0007_milestones'),
    ]

    operations = [
        migrations.AddField(
            model_name='consentrule',
            name='any_purpose',
            field=models.BooleanField(default=False, help_text='Svarar för de ändamål som saknar en egen regel för mottagaren.', verbose_name='gäller alla ändamål'),
        ),
    ]
