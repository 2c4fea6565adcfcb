"""Where a practice lets text messages go, how often its settings changed, and passwords that cannot stand alone."""

from tortoise import fields, migrations

from models.db.rules import AddColumn, together


class Migration(migrations.Migration):
    dependencies = [("models", "0005_scopes")]

    operations = together(
        AddColumn("Practice", "sms_countries", fields.JSONField(null=True)),
        AddColumn("Practice", "settings_version", fields.IntField(null=True)),
        AddColumn("Account", "password_short", fields.BooleanField(null=True)),
    )
