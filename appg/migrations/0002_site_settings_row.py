from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def make_row(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Give the site the one row of settings that editors then change."""
    apps.get_model("appg", "SiteSettings").objects.get_or_create(pk=1)


class Migration(migrations.Migration):
    dependencies = [("appg", "0001_initial")]
    operations = [migrations.RunPython(make_row, migrations.RunPython.noop)]
