from tortoise import migrations
from tortoise.migrations import operations as ops
from models.access.access import GrantState
from models.core.account import Audience
from models.dossiers.dossier import Relation
from models.second_factor.factor import Purpose
from models.core.mailed_link import LinkPurpose
from models.mail.outbox import OutboxState
from models.signin.sign_in import Transport
from models.staff.staff import StaffRole
from orjson import loads
from tortoise.fields.base import OnDelete
from tortoise.fields.data import JSON_DUMPS
from uuid import uuid4
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from models.db.rules import together


class Migration(migrations.Migration):
    initial = True

    operations = together(
        ops.CreateModel(
            name="Practice",
            fields=[
                ("id", fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True)),
                ("slug", fields.CharField(max_length=40)),
                ("name", fields.CharField(max_length=120)),
                ("helpdesk_email", fields.CharField(default="", max_length=254)),
                ("helpdesk_phone", fields.CharField(default="", max_length=40)),
                ("locale", fields.CharField(default="nl", max_length=5)),
                ("time_zone", fields.CharField(default="Europe/Amsterdam", max_length=50)),
                ("country", fields.CharField(default="NL", max_length=2)),
                ("email_sign_in", fields.BooleanField(default=True)),
                ("sign_up_open", fields.BooleanField(default=False)),
                ("invitation_seconds", fields.IntField(default=604800)),
                ("links", fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ("allowed_origins", fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ("policy", fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "practice",
                "app": "models",
                "constraints": [
                    UniqueConstraint(fields=("slug",), name="practice_slug_once"),
                    CheckConstraint(check="slug <> ''", name="practice_slug_given"),
                ],
                "pk_attr": "id",
                "table_description": "The organisation that all other rows belong to, ``slug`` is part of its portal URL.",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Account",
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
                    "audience",
                    fields.CharEnumField(
                        description="STAFF: STAFF\nRESPONDENT: RESPONDENT", enum_type=Audience, max_length=10
                    ),
                ),
                ("login_code", fields.CharField(max_length=8)),
                ("name", fields.CharField(default="", max_length=120)),
                ("email", fields.CharField(null=True, max_length=254)),
                ("email_key", fields.CharField(null=True, max_length=254)),
                ("email_verified_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("locale", fields.CharField(default="nl", max_length=5)),
                ("password_hash", fields.CharField(null=True, max_length=200)),
                ("password_set_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("password_expires_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("must_change_password", fields.BooleanField(default=False)),
                ("reset_requested_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("suspended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("last_sign_in_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("epoch", fields.IntField(default=0)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "account",
                "app": "models",
                "constraints": [
                    UniqueConstraint(fields=("practice", "login_code"), name="account_login_code_once"),
                    UniqueConstraint(fields=("practice", "email_key"), name="account_email_key_once"),
                    CheckConstraint(check="length(login_code) = 8", name="account_login_code_digits"),
                ],
                "pk_attr": "id",
                "table_description": "Login code, e-mail, password, factors hang off it.",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="AttemptBudget",
            fields=[
                ("subject", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=120)),
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
                ("consecutive", fields.IntField(default=0)),
                ("hour_started", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("hour_count", fields.IntField(default=0)),
                ("day_started", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("day_count", fields.IntField(default=0)),
                ("blocked_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("locked", fields.BooleanField(default=False)),
                ("version", fields.IntField(default=0)),
                ("touched_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "attempt_budget",
                "app": "models",
                "pk_attr": "subject",
                "table_description": "How many proofs of one kind failed for one subject, changed by compare-and-swap on ``version``.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="AuditEvent",
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
                ("at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("event", fields.CharField(max_length=60)),
                ("outcome", fields.CharField(max_length=20)),
                ("actor_account", fields.UUIDField(null=True)),
                ("actor_role", fields.CharField(default="", max_length=20)),
                ("session", fields.UUIDField(null=True)),
                ("request", fields.CharField(default="", max_length=36)),
                ("address", fields.CharField(default="", max_length=45)),
                ("subjects", fields.JSONField(default=list, encoder=JSON_DUMPS, decoder=loads)),
                ("details", fields.JSONField(default=dict, encoder=JSON_DUMPS, decoder=loads)),
            ],
            options={
                "table": "audit_event",
                "app": "models",
                "indexes": [Index(fields=["practice_id", "at"], name="audit_when")],
                "pk_attr": "id",
                "table_description": "One act of one request. No foreign keys beyond the practice: it outlives what it tells about.",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Dossier",
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
                ("reference", fields.CharField(max_length=60)),
                ("name", fields.CharField(max_length=120)),
                ("sort_key", fields.CharField(max_length=120)),
                ("birth_date", fields.DateField(null=True)),
                ("locale", fields.CharField(default="nl", max_length=5)),
                ("closed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("version", fields.IntField(default=0)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "dossier",
                "app": "models",
                "constraints": [UniqueConstraint(fields=("practice", "reference"), name="dossier_reference_once")],
                "indexes": [Index(fields=["practice_id", "sort_key", "id"], name="dossier_by_name")],
                "pk_attr": "id",
                "table_description": "The file about one client. ``sort_key`` orders and ``search_key`` finds it, accents and case aside.",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="FactorEnrolment",
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
                ("factor", fields.CharField(max_length=40)),
                ("role", fields.CharField(max_length=10)),
                ("slot", fields.CharField(max_length=36)),
                ("handle", fields.CharField(null=True, max_length=400)),
                ("label", fields.CharField(default="", max_length=60)),
                ("state", fields.BinaryField()),
                ("state_version", fields.IntField()),
                ("version", fields.IntField(default=0)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("confirmed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("last_used_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("user_agent", fields.CharField(default="", max_length=200)),
            ],
            options={
                "table": "factor_enrolment",
                "app": "models",
                "constraints": [
                    UniqueConstraint(fields=("account", "factor", "slot"), name="enrolment_slot_once"),
                    UniqueConstraint(fields=("practice", "factor", "handle"), name="enrolment_handle_once"),
                ],
                "pk_attr": "id",
                "table_description": "One registered factor of an account, its state is sealed and changes by compare-and-swap on ``version``.",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="LoginSession",
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
                ("token_hash", fields.CharField(max_length=64)),
                (
                    "transport",
                    fields.CharEnumField(
                        description="COOKIE: COOKIE\nBEARER: BEARER", enum_type=Transport, max_length=6
                    ),
                ),
                ("proven_by", fields.CharField(default="", max_length=40)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("last_seen_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("stepped_up_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("address", fields.CharField(default="", max_length=45)),
                ("user_agent", fields.CharField(default="", max_length=200)),
            ],
            options={
                "table": "login_session",
                "app": "models",
                "constraints": [UniqueConstraint(fields=("token_hash",), name="login_session_token_once")],
                "pk_attr": "id",
                "table_description": "Ends by its times, by ``ended_at``, or by the account's epoch moving on.",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="MailedLink",
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
                    "purpose",
                    fields.CharEnumField(
                        description="RESET_PASSWORD: RESET_PASSWORD\nVERIFY_EMAIL: VERIFY_EMAIL",
                        enum_type=LinkPurpose,
                        max_length=20,
                    ),
                ),
                ("email", fields.CharField(max_length=254)),
                ("epoch", fields.IntField()),
                ("token_hash", fields.CharField(max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("used_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("superseded_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "mailed_link",
                "app": "models",
                "constraints": [
                    UniqueConstraint(fields=("token_hash",), name="mailed_link_token_once"),
                    UniqueConstraint(
                        fields=("account", "purpose"),
                        name="mailed_link_open_once",
                        condition="used_at IS NULL AND superseded_at IS NULL",
                    ),
                ],
                "pk_attr": "id",
                "table_description": "Single-use, bound to the address it went to and to the account's epoch, a newer one kills the older.",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="OutboxMessage",
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
                ("channel", fields.CharField(default="mail", max_length=10)),
                ("template", fields.CharField(max_length=40)),
                ("payload", fields.BinaryField(null=True)),
                (
                    "state",
                    fields.CharEnumField(
                        default=OutboxState.WAITING,
                        description="WAITING: WAITING\nSENT: SENT\nDROPPED: DROPPED\nFAILED: FAILED",
                        enum_type=OutboxState,
                        max_length=8,
                    ),
                ),
                ("attempts", fields.IntField(default=0)),
                ("due_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("claimed_until", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("last_error", fields.CharField(default="", max_length=200)),
                ("about", fields.CharField(default="", max_length=60)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("done_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "outbox_message",
                "app": "models",
                "indexes": [Index(fields=["state", "due_at"], name="outbox_due")],
                "pk_attr": "id",
                "table_description": "At least once, with the stable ``id`` as Message-ID. ``payload`` is sealed and wiped when done.",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Respondent",
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
                    "dossier",
                    fields.ForeignKeyField(
                        "models.Dossier",
                        source_field="dossier_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "relation",
                    fields.CharEnumField(
                        description="SELF: SELF\nPARENT: PARENT\nPARTNER: PARTNER\nCHILD: CHILD\nSIBLING: SIBLING\nGUARDIAN: GUARDIAN\nTEACHER: TEACHER\nOTHER: OTHER",
                        enum_type=Relation,
                        max_length=10,
                    ),
                ),
                ("name", fields.CharField(max_length=120)),
                ("email", fields.CharField(null=True, max_length=254)),
                ("phone", fields.CharField(null=True, max_length=20)),
                ("version", fields.IntField(default=0)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "respondent",
                "app": "models",
                "pk_attr": "id",
                "table_description": "A person who answers for a dossier. The e-mail here is where invitations go, nothing more.",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="SignIn",
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
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("epoch", fields.IntField(default=0)),
                ("token_hash", fields.CharField(max_length=64)),
                (
                    "transport",
                    fields.CharEnumField(
                        description="COOKIE: COOKIE\nBEARER: BEARER", enum_type=Transport, max_length=6
                    ),
                ),
                ("password_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("password_again_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("proven_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("proven_by", fields.CharField(default="", max_length=40)),
                ("waived", fields.BooleanField(default=False)),
                ("declined_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("remember_seconds", fields.IntField(default=0)),
                ("address", fields.CharField(default="", max_length=45)),
                ("user_agent", fields.CharField(default="", max_length=200)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("completed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("version", fields.IntField(default=0)),
            ],
            options={
                "table": "sign_in",
                "app": "models",
                "constraints": [UniqueConstraint(fields=("token_hash",), name="sign_in_token_once")],
                "pk_attr": "id",
                "table_description": "What has been proven so far, the next step is computed from this row, never stored.",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Challenge",
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
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "sign_in",
                    fields.ForeignKeyField(
                        "models.SignIn",
                        source_field="sign_in_id",
                        null=True,
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
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "enrolment",
                    fields.ForeignKeyField(
                        "models.FactorEnrolment",
                        source_field="enrolment_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("factor", fields.CharField(max_length=40)),
                (
                    "purpose",
                    fields.CharEnumField(
                        description="SIGN_IN: SIGN_IN\nENROL: ENROL\nSTEP_UP: STEP_UP\nREMOVE: REMOVE",
                        enum_type=Purpose,
                        max_length=10,
                    ),
                ),
                ("body", fields.BinaryField()),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
                ("consumed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "challenge",
                "app": "models",
                "pk_attr": "id",
                "table_description": "Single use, expiring, bound to account, practice, factor, purpose and to one sign-in or session.",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Signal",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("topic", fields.CharField(max_length=80)),
                ("at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "signal",
                "app": "models",
                "pk_attr": "id",
                "table_description": "Something about ``topic`` changed, carries no content, readers ask the database again.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="StaffMember",
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
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("name", fields.CharField(max_length=120)),
                ("email", fields.CharField(max_length=254)),
                ("email_key", fields.CharField(max_length=254)),
                (
                    "role",
                    fields.CharEnumField(
                        description="OWNER: OWNER\nADMIN: ADMIN\nTHERAPIST: THERAPIST",
                        enum_type=StaffRole,
                        max_length=10,
                    ),
                ),
                ("suspended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "staff_member",
                "app": "models",
                "constraints": [
                    UniqueConstraint(fields=("account",), name="staff_account_once"),
                    UniqueConstraint(fields=("practice", "email_key"), name="staff_email_once"),
                ],
                "pk_attr": "id",
                "table_description": "A person who works there, without an account until the invitation is accepted.",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="AccessGrant",
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
                    "respondent",
                    fields.ForeignKeyField(
                        "models.Respondent",
                        source_field="respondent_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "state",
                    fields.CharEnumField(
                        default=GrantState.PENDING,
                        description="PENDING: PENDING\nAPPROVED: APPROVED\nDEACTIVATED: DEACTIVATED",
                        enum_type=GrantState,
                        max_length=12,
                    ),
                ),
                (
                    "approved_by",
                    fields.ForeignKeyField(
                        "models.StaffMember",
                        source_field="approved_by_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("approved_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("deactivated_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "access_grant",
                "app": "models",
                "constraints": [
                    UniqueConstraint(fields=("account", "respondent"), name="grant_once"),
                    UniqueConstraint(
                        fields=("respondent",), name="grant_live_once", condition="state <> 'DEACTIVATED'"
                    ),
                    CheckConstraint(check="state <> 'APPROVED' OR approved_at IS NOT NULL", name="grant_approved_when"),
                ],
                "pk_attr": "id",
                "table_description": "An account's access to one respondent.",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="CaseloadEntry",
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
                    "staff",
                    fields.ForeignKeyField(
                        "models.StaffMember",
                        source_field="staff_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "dossier",
                    fields.ForeignKeyField(
                        "models.Dossier",
                        source_field="dossier_id",
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
            ],
            options={
                "table": "caseload_entry",
                "app": "models",
                "constraints": [UniqueConstraint(fields=("staff", "dossier"), name="caseload_once")],
                "pk_attr": "id",
                "table_description": "This therapist treats this client.",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="Invitation",
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
                    "respondent",
                    fields.ForeignKeyField(
                        "models.Respondent",
                        source_field="respondent_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "staff",
                    fields.ForeignKeyField(
                        "models.StaffMember",
                        source_field="staff_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="invitations",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                (
                    "invited_by",
                    fields.ForeignKeyField(
                        "models.StaffMember",
                        source_field="invited_by_id",
                        null=True,
                        db_index=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="invited",
                        on_delete=OnDelete.SET_NULL,
                    ),
                ),
                ("email", fields.CharField(max_length=254)),
                ("token_hash", fields.CharField(max_length=64)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("relayed_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("opened_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("accepted_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("revoked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
                ("superseded", fields.BooleanField(default=False)),
                ("renewal_asked_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "invitation",
                "app": "models",
                "constraints": [
                    UniqueConstraint(fields=("token_hash",), name="invitation_token_once"),
                    UniqueConstraint(
                        fields=("respondent",),
                        name="invitation_open_once",
                        condition="accepted_at IS NULL AND revoked_at IS NULL",
                    ),
                    UniqueConstraint(
                        fields=("staff",),
                        name="invitation_staff_open_once",
                        condition="accepted_at IS NULL AND revoked_at IS NULL",
                    ),
                    CheckConstraint(check="(respondent_id IS NULL) <> (staff_id IS NULL)", name="invitation_for_one"),
                ],
                "pk_attr": "id",
                "table_description": "For exactly one respondent or one member of staff, to the address it was mailed to.",
            },
            bases=["Row"],
        ),
        ops.CreateModel(
            name="WindowCount",
            fields=[
                ("key", fields.CharField(primary_key=True, unique=True, db_index=True, max_length=160)),
                ("count", fields.IntField(default=0)),
                ("ends_at", fields.DatetimeField(db_index=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "window_count",
                "app": "models",
                "pk_attr": "key",
                "table_description": "Events in one fixed window, e.g. failed proofs from one address in one minute.",
            },
            bases=["Model"],
        ),
    )
