"""Who may: the roles, and what is not theirs."""

from tests.security.defences import Defence, Structural

_MATRIX = "tests/security/test_permissions.py::test_a_field_turns_away_whom_the_page_does_not_admit_and_nobody_else"
_SCOPES = "tests/journeys/access/test_scopes.py"

ENTRIES = (
    Defence(
        row="owner",
        file="flows/access/reach.py",
        old="    if member.role is not StaffRole.OWNER:\n        raise NotAllowed\n    return member\n",
        new="    return member\n",
        fails=(_MATRIX, "tests/journeys/audit_trail/test_audit_trail.py::test_nobody_else_reads_it"),
    ),
    Defence(
        row="admin",
        file="flows/access/office.py",
        old="    if member.role is not StaffRole.OWNER and any(one.role is StaffRole.OWNER for one in colleagues):\n",
        new="    if member is None:\n",
        fails=("tests/journeys/staff/test_staff.py::test_an_admin_manages_all_but_owners",),
    ),
    Defence(
        row="therapist-settings",
        file="flows/access/reach.py",
        old="    if not member.manages:\n        raise NotAllowed\n    return member\n",
        new="    return member\n",
        fails=(_MATRIX, "tests/journeys/policy/test_policy.py::test_others_do_not_change_or_try_it"),
    ),
    Defence(
        row="therapist-prospects",
        file="flows/access/reach.py",
        old="    if not member.manages:\n        raise NotAllowed\n    return member\n",
        new="    return member\n",
        fails=("tests/journeys/onboarding/test_prospects.py::test_a_therapist_and_another_practice_see_none",),
    ),
    Defence(
        row="therapist-dossiers",
        file="models/dossiers/dossier_page.py",
        old='        parts.append("d.id IN (SELECT c.dossier_id FROM caseload_entry c WHERE c.staff_id = ?)")\n',
        new='        parts.append("CAST(? AS TEXT) IS NOT NULL")\n',
        fails=("tests/flows/test_reading.py::test_therapist_sees_the_caseload_only",),
    ),
    Defence(
        row="respondent-approved",
        file="flows/access/scopes.py",
        old="    return frozenset(Scope) if relation in _CLOSE else frozenset({Scope.ANSWERS})\n",
        new="    return frozenset(Scope)\n",
        fails=(f"{_SCOPES}::test_what_a_relation_opens",),
    ),
    Defence(
        row="respondent-approved",
        file="flows/access/scopes.py",
        old="for grant in grants if scope in scopes_of(grant, grant.respondent.relation)]",
        new="for grant in grants]",
        fails=(f"{_SCOPES}::test_a_teacher_with_nothing_sees_nothing",),
    ),
    Defence(
        row="respondent-staffs",
        file="flows/access/reach.py",
        old="    if caller.audience is not Audience.STAFF or caller.staff_id is None:\n",
        new="    if caller.role is None and caller.access is Access.UNVERIFIED:\n",
        fails=("tests/journeys/http/test_bad_input.py::test_a_respondent_may_nothing_of_what_staff_may",),
    ),
    Defence(
        row="before-approval",
        file="flows/access/reach.py",
        old="    if caller.access is not Access.APPROVED:\n        raise not_yet(caller)\n    return caller\n",
        new="    return caller\n",
        fails=(_MATRIX,),
    ),
    Structural(
        row="own-account",
        reason="What is about the own account takes no account's id: it is that of the session.",
        shown_by=("tests/journeys/http/test_bad_input.py::test_what_is_not_ones_own_session_or_device",),
    ),
)
