"""Authorisation and tenancy."""

from tests.security.defences import Change, Defence, Structural

_MATRIX = "tests/security/test_permissions.py::test_a_field_turns_away_whom_the_page_does_not_admit_and_nobody_else"
_FOREIGN = "tests/security/test_permissions.py::test_nothing_of_another_practice_exists_for_an_owner"
_READING = "tests/flows/test_reading.py"
_STAFF = "tests/journeys/staff/test_staff.py"
_SUSPENSION = "tests/journeys/access/test_suspension.py"
_HELD = "tests/journeys/faults/test_held_rows.py"

ENTRIES = (
    Defence(
        row="declared",
        file="schema/kit/fields.py",
        old='    made.metadata = {**made.metadata, "who": who}  # type: ignore[assignment]\n',
        new="",
        fails=("tests/schema/test_schema.py::test_every_root_field_says_who_may_use_it",),
    ),
    Defence(
        row="declared",
        file="schema/kit/fields.py",
        old="        kind.__sluis_who__ = who  # type: ignore[attr-defined]\n",
        new="",
        fails=("tests/schema/test_schema.py::test_every_type_says_who_is_ever_shown_it",),
    ),
    Defence(
        row="published-as-declared",
        file="schema/audit_trail/audit_trail.py",
        old="    @query(Who.OWNER)\n",
        new="    @query(Who.MANAGER)\n",
        fails=("tests/security/test_permissions.py::test_the_page_is_what_the_fields_declare",),
    ),
    Defence(
        row="admitted",
        file="flows/access/reach.py",
        old="    if caller.audience is not Audience.STAFF or caller.staff_id is None:\n",
        new="    if caller.role is None and caller.access is Access.UNVERIFIED:\n",
        fails=(_MATRIX,),
    ),
    Defence(
        row="foreign-ids",
        file="flows/access/reach.py",
        old="await Dossier.get_or_none(id=identity, practice_id=caller.practice_id)",
        new="await Dossier.get_or_none(id=identity)",
        fails=(_FOREIGN,),
    ),
    Defence(
        row="foreign-ids",
        file="flows/access/reach.py",
        old="await Respondent.filter(id=identity, practice_id=caller.practice_id)",
        new="await Respondent.filter(id=identity)",
        fails=(_FOREIGN,),
    ),
    Defence(
        row="node",
        file="models/dossiers/dossier_page.py",
        old='    parts, params = ["d.practice_id = ?"], [query.practice_id]\n',
        new='    parts, params = ["CAST(? AS TEXT) IS NOT NULL"], [query.practice_id]\n',
        fails=(f"{_READING}::test_dossiers_of_another_practice_are_not_found",),
    ),
    Defence(
        row="lists-totals-and-cursors",
        file="models/dossiers/dossier_page.py",
        old='    parts, params = ["d.practice_id = ?"], [query.practice_id]\n',
        new='    parts, params = ["CAST(? AS TEXT) IS NOT NULL"], [query.practice_id]\n',
        fails=(
            f"{_READING}::test_dossiers_of_another_practice_are_not_found",
            f"{_STAFF}::test_another_practice_sees_nothing_of_this_one",
        ),
    ),
    Defence(
        row="lists-totals-and-cursors",
        file="models/access/respondent_page.py",
        old='parts, params = ["r.practice_id = ?", "d.closed_at IS NULL"], [query.practice_id]',
        new='parts, params = ["CAST(? AS TEXT) IS NOT NULL", "d.closed_at IS NULL"], [query.practice_id]',
        fails=("tests/flows/test_prospect_pages.py::test_page_of_respondents_takes_four_statements",),
    ),
    Structural(
        row="shared-loaders",
        reason="Nothing that was read is kept between requests: a page reads what it needs by the ids it has.",
        shown_by=(f"{_READING}::test_page_of_dossiers_takes_four_statements_for_any_size",),
    ),
    Defence(
        row="caseload",
        file="flows/access/reach.py",
        old="    return caller.manages or await in_caseload(caller.staff_id, dossier_id)\n",
        new="    return True\n",
        fails=(
            "tests/journeys/http/test_bad_input.py::test_a_therapist_reaches_the_caseload_only",
            "tests/flows/test_staff_acts.py::test_respondent_out_of_reach_is_not_found",
        ),
    ),
    Defence(
        row="caseload",
        file="models/dossiers/dossier_page.py",
        old='        parts.append("d.id IN (SELECT c.dossier_id FROM caseload_entry c WHERE c.staff_id = ?)")\n',
        new='        parts.append("CAST(? AS TEXT) IS NOT NULL")\n',
        fails=(f"{_READING}::test_therapist_sees_the_caseload_only",),
    ),
    Defence(
        row="before-approval",
        file="flows/access/reach.py",
        old="    if caller.access is not Access.APPROVED:\n        raise not_yet(caller)\n    return caller\n",
        new="    return caller\n",
        fails=(_MATRIX,),
    ),
    Defence(
        row="before-approval",
        file="models/access/access.py",
        old="account_id__in=list(account_ids), state=GrantState.APPROVED)\n",
        new="account_id__in=list(account_ids))\n",
        fails=("tests/journeys/documents/test_answers.py::test_nothing_is_seen_without_an_open_access",),
        also=(
            Change(
                "flows/access/reach.py",
                "    if caller.access is not Access.APPROVED:\n        raise not_yet(caller)\n    return caller\n",
                "    return caller\n",
            ),
        ),
    ),
    Defence(
        row="before-approval-files",
        file="models/access/access.py",
        old="account_id__in=list(account_ids), state=GrantState.APPROVED)\n",
        new="account_id__in=list(account_ids))\n",
        fails=("tests/journeys/documents/test_reports.py::test_nothing_is_seen_without_an_open_access",),
        also=(
            Change(
                "flows/access/reach.py",
                "    if caller.access is not Access.APPROVED:\n        raise not_yet(caller)\n    return caller\n",
                "    return caller\n",
            ),
        ),
    ),
    Defence(
        row="before-approval-changes",
        file="flows/account/change_requests.py",
        old="    grants = await approved_grants_of(request.account_id)\n",
        new="    grants = await live_grants_of(request.account_id)\n",
        fails=(
            "tests/journeys/account/test_change_requests.py::test_an_access_that_waits_changes_no_other_clients_record",
        ),
    ),
    Defence(
        row="before-approval-changes",
        file="models/account/change_request.py",
        old="AND g.state = 'APPROVED'",
        new="AND g.state <> 'DEACTIVATED'",
        fails=(
            "tests/journeys/account/test_change_requests.py::test_person_awaiting_approval_cannot_request_a_change",
        ),
    ),
    Defence(
        row="suspended",
        file="models/signin/login_session.py",
        old="   AND a.suspended_at IS NULL AND m.suspended_at IS NULL\n",
        new="",
        fails=(f"{_STAFF}::test_suspended_colleague_is_signed_out_at_once",),
        also=(
            Change(
                "models/signin/login_session.py",
                "    await (live.exclude(id=but) if but else live).update(ended_at=now)\n",
                "    await (live.exclude(id=but) if but else live.filter(expires_at__lt=now)).update(ended_at=now)\n",
            ),
        ),
    ),
    Defence(
        row="uninvited-staff",
        file="flows/appointments/video.py",
        old="if seat.expected else",
        new="if seat else",
        fails=("tests/journeys/appointments/test_appointment_staff.py::test_staff_who_are_not_expected_do_not_enter",),
    ),
    Defence(
        row="suspended-account",
        file="models/core/account.py",
        old='suspended_at=now, epoch=F("epoch") + 1, reset',
        new="suspended_at=now, reset",
        # What ends with a suspension raises the epoch, too.
        also=(
            Change(
                "flows/core/assurance.py",
                "Cause.SUSPENDED: _EVERYTHING,",
                "Cause.SUSPENDED: Ends(Extent.ALL, Extent.ALL, Extent.PROVEN, Extent.ALL, Extent.OTHERS),",
            ),
        ),
        fails=(f"{_SUSPENSION}::test_suspension_ends_what_is_under_way",),
    ),
    Defence(
        row="suspended-account",
        file="flows/access/suspension.py",
        old="    await assurance.end(app, account, Cause.SUSPENDED)\n",
        new="",
        fails=(f"{_SUSPENSION}::test_suspend_and_reinstate",),
    ),
    Defence(
        row="suspension-stays",
        file="flows/access/access.py",
        old="    if grant.account.suspended:\n",
        new="    if False:\n",
        fails=(f"{_SUSPENSION}::test_no_other_act_lifts_a_suspension",),
    ),
    Defence(
        row="suspension-stays",
        file="flows/onboarding/invitations.py",
        old="grant.account.suspended:",
        new="False:",
        fails=(f"{_SUSPENSION}::test_no_other_act_lifts_a_suspension",),
    ),
    Defence(
        row="suspension-stays",
        file="flows/onboarding/starter_password.py",
        old="grant.account.suspended:",
        new="False:",
        fails=(f"{_SUSPENSION}::test_no_other_act_lifts_a_suspension",),
    ),
    Defence(
        row="deactivated",
        file="models/signin/login_session.py",
        old='    return {2: "APPROVED", 1: "AWAITING_APPROVAL"}.get(row["grants"])\n',
        new='    return "APPROVED"\n',
        fails=("tests/journeys/onboarding/test_invited_respondent.py::test_an_invited_respondent_gets_all_the_way_in",),
    ),
    Structural(
        row="demoted",
        reason="A role is kept nowhere but in its row, which every request reads.",
        shown_by=(f"{_STAFF}::test_a_role_holds_from_the_next_request",),
    ),
    Defence(
        row="deactivated-by-halves",
        file="flows/access/access.py",
        old="    await hold_rows(accounts=[grant.account_id for grant in grants])\n",
        new="",
        also=(
            Change(
                "models/locks.py",
                "    account = await hold_account(grant.account_id)\n",
                "    account = await Account.get(id=grant.account_id)\n",
            ),
            Change(
                "flows/dossiers/dossiers.py",
                "    await hold_rows(accounts=[grant.account_id for grant in await _live(respondents)])\n",
                "",
            ),
        ),
        fails=(f"{_HELD}::test_two_last_accesses_that_end_at_once_end_sessions_and_devices",),
        databases=("postgresql",),
    ),
    *(
        Defence(
            row=row,
            file="flows/access/office.py",
            old="    held = await hold_rows(practice=caller.practice_id, staff=[caller.staff_id, *wanted])\n",
            new="    read = {one.id: one for one in await StaffMember.filter(id__in=[caller.staff_id, *wanted])}\n"
            "    held = await hold_rows(practice=caller.practice_id, staff=[caller.staff_id, *wanted])\n"
            "    held = type(held)(practice=held.practice, staff=read)\n",
            fails=tuple(f"{_HELD}::{test}" for test in tests),
            databases=("postgresql",),
        )
        for row, tests in (
            ("owner-meanwhile", ("test_admin_changes_nothing_of_a_colleague_just_made_owner",)),
            (
                "demoted-meanwhile",
                (
                    "test_owner_just_demoted_manages_no_staff",
                    "test_admin_just_demoted_manages_no_clients_or_settings",
                    "test_an_owner_demoted_meanwhile_does_not_move_where_secrets_go",
                ),
            ),
        )
    ),
    Defence(
        row="closed-meanwhile",
        file="models/locks.py",
        old="    return any(dossier.closed_at is None for dossier in held.values())\n",
        new="    return bool(held)\n",
        fails=(f"{_HELD}::test_nothing_is_added_to_a_dossier_that_is_closed_meanwhile[adds a respondent]",),
        databases=("postgresql",),
    ),
    Defence(
        row="archived-meanwhile",
        file="flows/documents/reports.py",
        old="(await hold_report(report.id)).archived_at is not None:",
        new="report.archived_at is not None:",
        fails=(f"{_HELD}::test_a_report_that_is_archived_meanwhile_is_released_to_nobody",),
        databases=("postgresql",),
    ),
    Defence(
        row="where-secrets-go",
        file="flows/practice/practice_settings.py",
        old="            office.check_owner()\n",
        new="            pass\n",
        fails=("tests/journeys/practice/test_practice_settings.py::test_only_an_owner_changes_where_secrets_go",),
    ),
    Defence(
        row="where-secrets-went",
        file="flows/practice/practice_settings.py",
        old="            await _tell_owners(app, member)\n",
        new="            pass\n",
        fails=(
            "tests/journeys/practice/test_practice_settings.py::test_every_owner_is_told_who_changed_where_secrets_go",
        ),
    ),
    Defence(
        row="staffs-links",
        file="models/core/practice.py",
        old="        template = None if staff else self.links.get(page)\n",
        new="        template = self.links.get(page)\n",
        fails=("tests/journeys/practice/test_practice_settings.py::test_no_link_of_staff_follows_a_template",),
    ),
)
