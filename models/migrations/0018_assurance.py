"""Which enrolment opened a session, so that it can end with it; since when an access waits after a mailed reset."""

from tortoise import fields, migrations

from models.db.rules import AddColumn, together


class Migration(migrations.Migration):
    dependencies = [("models", "0017_message_fate")]

    operations = together(
        AddColumn("SignIn", "proven_with", fields.UUIDField(null=True)),
        AddColumn("LoginSession", "proven_with", fields.UUIDField(null=True)),
        AddColumn("AccessGrant", "taken_back_at", fields.DatetimeField(null=True)),
    )
