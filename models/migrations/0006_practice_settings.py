"""Where a practice lets text messages go, and how often its settings changed."""

from tortoise import fields, migrations

from models.rules import AddColumn


class Migration(migrations.Migration):
    dependencies = [("models", "0005_scopes")]

    operations = [
        AddColumn("Practice", "sms_countries", fields.JSONField(null=True)),
        AddColumn("Practice", "settings_version", fields.IntField(null=True)),
    ]
