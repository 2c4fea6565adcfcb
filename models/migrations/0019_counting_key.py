"""The key under which a practice counts logins that nobody has, so that counts outlive the installation's keys."""

from tortoise import fields, migrations

from models.db.rules import AddColumn, together


class Migration(migrations.Migration):
    dependencies = [("models", "0018_assurance")]

    operations = together(AddColumn("Practice", "counting_key", fields.BinaryField(null=True)))
