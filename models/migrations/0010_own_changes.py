"""Changes of one's own address, number, name and birth date, and the end of an account."""

from uuid import uuid4

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import UniqueConstraint

from models.account.change_request import ChangeField, ChangeState
from models.core.mailed_link import LinkPurpose
from models.db.rules import AddColumn, MoreValues, Unique, together


class Migration(migrations.Migration):
    dependencies = [("models", "0009_account")]

    operations = together(
        AddColumn("Account", "phone", fields.CharField(null=True, max_length=20)),
        AddColumn("Account", "closed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
        MoreValues(
            "MailedLink",
            "purpose",
            fields.CharEnumField(
                description="RESET_PASSWORD: RESET_PASSWORD\nVERIFY_EMAIL: VERIFY_EMAIL\nCHANGE_EMAIL: CHANGE_EMAIL",
                enum_type=LinkPurpose,
                max_length=20,
            ),
        ),
        AddColumn("MailedLink", "session", fields.UUIDField(null=True)),
        ops.CreateModel(
            name="PhoneChange",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "practice",
                    fields.ForeignKeyField(
                        "models.Practice",
                        source_field="practice_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "session",
                    fields.ForeignKeyField(
                        "models.LoginSession",
                        source_field="session_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("number", fields.CharField(max_length=20)),
                ("code_mac", fields.CharField(max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("used_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("superseded_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "phone_change",
                "app": "models",
                "constraints": [
                    UniqueConstraint(
                        fields=("account",),
                        name="phone_change_open_once",
                        condition="used_at IS NULL AND superseded_at IS NULL",
                    )
                ],
                "pk_attr": "id",
                "table_description": "Single use, expiring, bound to account and session, a newer one kills the older.",
            },
            bases=["Row"],
        ),
        Unique("phone_change", "phone_change_open_once", ("account_id",), "used_at IS NULL AND superseded_at IS NULL"),
        ops.CreateModel(
            name="ChangeRequest",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                (
                    "practice",
                    fields.ForeignKeyField(
                        "models.Practice",
                        source_field="practice_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                (
                    "account",
                    fields.ForeignKeyField(
                        "models.Account",
                        source_field="account_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "field",
                    fields.CharEnumField(
                        description="NAME: NAME\nBIRTH_DATE: BIRTH_DATE", enum_type=ChangeField, max_length=10
                    ),
                ),
                ("value", fields.CharField(max_length=120)),
                (
                    "state",
                    fields.CharEnumField(
                        default=ChangeState.OPEN,
                        description="OPEN: OPEN\nACCEPTED: ACCEPTED\nREJECTED: REJECTED\nWITHDRAWN: WITHDRAWN",
                        enum_type=ChangeState,
                        max_length=9,
                    ),
                ),
                ("reason", fields.CharField(default="", max_length=200)),
                (
                    "decided_by",
                    fields.ForeignKeyField(
                        "models.StaffMember",
                        source_field="decided_by_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("decided_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "change_request",
                "app": "models",
                "constraints": [
                    UniqueConstraint(
                        fields=("account", "field"), name="change_request_open_once", condition="state = 'OPEN'"
                    )
                ],
                "pk_attr": "id",
                "table_description": "Kept when it is decided. ``value`` is a name, or a birth date as ISO 8601 writes it.",
            },
            bases=["Row"],
        ),
        Unique("change_request", "change_request_open_once", ("account_id", "field"), "state = 'OPEN'"),
    )
