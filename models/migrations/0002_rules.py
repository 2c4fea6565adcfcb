"""The uniqueness and state rules that the models declare in ``Meta.constraints``."""

from tortoise import migrations

from models.db.rules import Check, Unique, together

OPEN = "accepted_at IS NULL AND revoked_at IS NULL"


class Migration(migrations.Migration):
    dependencies = [("models", "0001_foundation")]

    operations = together(
        Unique("practice", "practice_slug_once", ("slug",)),
        Unique("account", "account_login_code_once", ("practice_id", "login_code")),
        Unique("account", "account_email_key_once", ("practice_id", "email_key")),
        Unique("staff_member", "staff_account_once", ("account_id",)),
        Unique("staff_member", "staff_email_once", ("practice_id", "email_key")),
        Unique("caseload_entry", "caseload_once", ("staff_id", "dossier_id")),
        Unique("dossier", "dossier_reference_once", ("practice_id", "reference")),
        Unique("access_grant", "grant_once", ("account_id", "respondent_id")),
        Unique("access_grant", "grant_live_once", ("respondent_id",), "state <> 'DEACTIVATED'"),
        Unique("invitation", "invitation_token_once", ("token_hash",)),
        Unique("invitation", "invitation_open_once", ("respondent_id",), OPEN),
        Unique("invitation", "invitation_staff_open_once", ("staff_id",), OPEN),
        Unique("mailed_link", "mailed_link_token_once", ("token_hash",)),
        Unique(
            "mailed_link",
            "mailed_link_open_once",
            ("account_id", "purpose"),
            "used_at IS NULL AND superseded_at IS NULL",
        ),
        Unique("sign_in", "sign_in_token_once", ("token_hash",)),
        Unique("login_session", "login_session_token_once", ("token_hash",)),
        Unique("factor_enrolment", "enrolment_slot_once", ("account_id", "factor", "slot")),
        Unique("factor_enrolment", "enrolment_handle_once", ("practice_id", "factor", "handle")),
        Check("practice", "practice_slug_given", "slug <> ''", ("slug",)),
        Check("account", "account_login_code_digits", "length(login_code) = 8", ("login_code",)),
        Check(
            "access_grant",
            "grant_approved_when",
            "state <> 'APPROVED' OR approved_at IS NOT NULL",
            ("state", "approved_at"),
        ),
        Check(
            "invitation",
            "invitation_for_one",
            "(respondent_id IS NULL) <> (staff_id IS NULL)",
            ("respondent_id", "staff_id"),
        ),
    )
