"""What of a dossier a grant opens."""

from tortoise import fields, migrations

from models.db.rules import AddColumn, together


class Migration(migrations.Migration):
    dependencies = [("models", "0004_policy")]

    operations = together(AddColumn("AccessGrant", "scopes", fields.JSONField(null=True)))
