
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('guidance', "0022_feedback"),
    ]

    operations = [
        migrations.CreateModel(
            name='PageView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('week', models.DateField(verbose_name='vecka som börjar')),
                ('count', models.PositiveIntegerField(default=0, verbose_name='visningar')),
                ('page', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='views', to='guidance.page', verbose_name='sida')),
            ],
            options={
                'verbose_name': 'sidvisningar',
                'verbose_name_plural': 'sidvisningar',
                'ordering': ['-week', 'page'],
                'indexes': [models.Index(fields=['week'], name='page_view_week')],
                'constraints': [models.UniqueConstraint(fields=('page', 'week'), name='page_view_is_one_row_a_week')],
            },
        ),
    ]
