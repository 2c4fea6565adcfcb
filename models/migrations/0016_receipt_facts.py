"""What insurers ask of a receipt: registrations of practice and therapist, the client's birth date, and the payment."""

from tortoise import fields, migrations

from models.db.rules import AddColumn, together


class Migration(migrations.Migration):
    dependencies = [("models", "0015_appointment_staff")]

    operations = together(
        AddColumn("Practice", "agb_code", fields.CharField(null=True, max_length=8)),
        AddColumn("Practice", "kvk_number", fields.CharField(null=True, max_length=8)),
        AddColumn("Practice", "vat_number", fields.CharField(null=True, max_length=14)),
        AddColumn("StaffMember", "agb_code", fields.CharField(null=True, max_length=8)),
        AddColumn("StaffMember", "big_number", fields.CharField(null=True, max_length=11)),
        AddColumn("Receipt", "practice_agb", fields.CharField(null=True, max_length=8)),
        AddColumn("Receipt", "practice_kvk", fields.CharField(null=True, max_length=8)),
        AddColumn("Receipt", "practice_vat", fields.CharField(null=True, max_length=14)),
        AddColumn("Receipt", "therapist", fields.CharField(null=True, max_length=120)),
        AddColumn("Receipt", "therapist_agb", fields.CharField(null=True, max_length=8)),
        AddColumn("Receipt", "therapist_big", fields.CharField(null=True, max_length=11)),
        AddColumn("Receipt", "client_birth_date", fields.DateField(null=True)),
        AddColumn("Receipt", "paid_on", fields.DateField(null=True)),
        AddColumn("Receipt", "paid_by", fields.CharField(null=True, max_length=12)),
    )
