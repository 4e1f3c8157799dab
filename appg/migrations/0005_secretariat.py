from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

GROUP = "Secretariat"

EDITED = (
    "publication",
    "session",
    "newsitem",
    "chapter",
    "person",
    "page",
    "question",
    "glossaryterm",
    "coverage",
    "timelineevent",
)
MAY = {
    "appg": {
        # The admin refuses to delete what the public has seen; this is for drafts.
        **dict.fromkeys(EDITED, ("view", "add", "change", "delete")),
        "term": ("view", "add", "change", "delete"),
        "correction": ("view", "add"),
        "upload": ("view", "add", "change"),
        "redirect": ("view", "add", "change"),
        "sitesettings": ("view", "change"),
    },
    "neighbourhoods": dict.fromkeys(
        ("region", "localauthority", "constituency", "neighbourhood", "release", "releasefile", "figure"),
        ("view",),
    ),
}


def make_group(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """Make the group of editors and say what its members may do.

    Permissions are otherwise made after the last migration, so on a fresh database they are not there yet.
    """
    alias = editor.connection.alias
    for label in MAY:
        config = apps.get_app_config(label)
        module, config.models_module = getattr(config, "models_module", None), True
        create_permissions(config, apps=apps, verbosity=0, using=alias)
        config.models_module = module
    group, _ = apps.get_model("auth", "Group").objects.using(alias).get_or_create(name=GROUP)
    permissions = apps.get_model("auth", "Permission").objects.using(alias)
    for label, models in MAY.items():
        for model, verbs in models.items():
            for verb in verbs:
                group.permissions.add(
                    permissions.get(content_type__app_label=label, codename=f"{verb}_{model}")
                )


def remove_group(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("auth", "Group").objects.using(editor.connection.alias).filter(name=GROUP).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("appg", "0004_editing_desk"),
        ("neighbourhoods", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(make_group, remove_group)]
