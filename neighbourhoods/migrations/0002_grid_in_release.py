"""The grid of ward counts moves into the row of its release, which every page of figures reads anyway."""

from collections import defaultdict

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def keep(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Carry over the grids of the releases that are loaded."""
    grids = defaultdict(list)
    cells = apps.get_model("neighbourhoods", "GridCell").objects.order_by("release", "cni_cell", "imd_cell")
    for release, *cell in cells.values_list("release", "cni_cell", "imd_cell", "wards"):
        grids[release].append(cell)
    for release, grid in grids.items():
        apps.get_model("neighbourhoods", "Release").objects.filter(pk=release).update(grid=grid)


class Migration(migrations.Migration):
    dependencies = [("neighbourhoods", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="release",
            name="grid",
            field=models.JSONField(
                default=list,
                help_text="Wards of England by cell of community need rank and deprivation rank: cell along"
                " need, cell along deprivation (0 holds the ranks of greatest need), wards.",
            ),
        ),
        migrations.RunPython(keep, migrations.RunPython.noop),
        migrations.DeleteModel(name="GridCell"),
    ]
