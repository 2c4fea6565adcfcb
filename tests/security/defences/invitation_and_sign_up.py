"""Invitation and sign-up."""

from tests.security.defences import Change, Defence, Structural

_LINKS = "tests/journeys/signin/test_bad_credentials.py"
_SECOND = "tests/journeys/onboarding/test_second_invitation.py"
_SIGN_UP = "tests/journeys/onboarding/test_sign_up.py"
_ADDRESSES = "tests/normalise/test_addresses.py"
_TOKENS = "tests/security/test_tokens.py"
_REASONS = '"ACCEPTED": "USED", "REVOKED": "REVOKED", "SUPERSEDED": "SUPERSEDED", "EXPIRED": "EXPIRED"'
_OPEN = "Invitation.filter(id=invitation_id, accepted_at=None, revoked_at=None, expires_at__gt=now).update("


def _without(reason: str) -> str:
    return ", ".join(each for each in _REASONS.split(", ") if not each.startswith(f'"{reason}"'))


_MAILED = "tests/flows/test_mailed_windows.py"
_HURRY = "tests/journeys/http/test_limits.py"
_HELD = "tests/journeys/faults/test_held_rows.py"
#: What `invite` reads when it holds nothing.
_INVITES = "            current, grant = await hold_login(respondent)\n"
_READS = (
    "            from models.access.access import latest_grant_of\n"
    "            current, grant = respondent, await latest_grant_of(respondent.id)\n"
)
_ASKS = "        invitation = await _held(invitation)\n"

ENTRIES = (
    Defence(
        row="reused",
        file="flows/onboarding/acceptance.py",
        old=_REASONS,
        new=_without("ACCEPTED"),
        also=(Change("models/onboarding/invitation.py", _OPEN, _OPEN.replace("accepted_at=None, ", "")),),
        fails=(f"{_LINKS}::test_a_link_that_was_used",),
    ),
    Structural(
        row="in-parallel",
        reason="Besides `accept_once`, the database holds one account per address and one open grant per respondent.",
        shown_by=("tests/journeys/faults/test_races.py::test_one_invitation_makes_one_account",),
    ),
    Defence(
        row="revoked",
        file="flows/onboarding/acceptance.py",
        old=_REASONS,
        new=_without("REVOKED"),
        also=(Change("models/onboarding/invitation.py", _OPEN, _OPEN.replace("revoked_at=None, ", "")),),
        fails=(f"{_LINKS}::test_a_link_that_staff_withdrew",),
    ),
    Defence(
        row="superseded",
        file="flows/onboarding/acceptance.py",
        old=_REASONS,
        new=_without("SUPERSEDED"),
        also=(Change("models/onboarding/invitation.py", _OPEN, _OPEN.replace("revoked_at=None, ", "")),),
        fails=(f"{_LINKS}::test_a_link_that_a_newer_one_replaced",),
    ),
    Defence(
        row="expired",
        file="flows/onboarding/acceptance.py",
        old=_REASONS,
        new=_without("EXPIRED"),
        also=(Change("models/onboarding/invitation.py", _OPEN, _OPEN.replace(", expires_at__gt=now", "")),),
        fails=(f"{_LINKS}::test_an_expired_link_brings_a_new_one_to_the_same_address",),
    ),
    Defence(
        row="empty-token",
        file="security/tokens.py",
        old="    if not token or len(token) > _LONGEST_TOKEN or not token.isascii():\n        return NO_TOKEN\n",
        new='    token = (token or "").encode("ascii", "ignore").decode()[:_LONGEST_TOKEN]\n',
        fails=(f"{_TOKENS}::test_what_is_no_token_has_a_hash_that_matches_nothing",),
    ),
    Defence(
        row="corrected-address",
        file="flows/dossiers/dossiers.py",
        old="        await close_open(app.now, superseded=False, respondent_id=respondent.id)\n",
        new="        pass\n",
        fails=(f"{_LINKS}::test_a_link_whose_address_was_corrected",),
    ),
    Defence(
        row="of-another-practice",
        file="flows/onboarding/acceptance.py",
        old='    if str(invitation.practice_id) != caller.practice_id:\n        return LinkRefused("UNKNOWN")\n',
        new="",
        fails=(f"{_SECOND}::test_staff_do_not_link_what_is_meant_for_a_respondent",),
    ),
    Defence(
        row="meant-for-another",
        file="flows/onboarding/acceptance.py",
        old="    if invitation.respondent_id is None or account.audience is not Audience.RESPONDENT:\n",
        new="    if False:\n",
        fails=(f"{_SECOND}::test_staff_do_not_link_what_is_meant_for_a_respondent",),
    ),
    Defence(
        row="password-of-an-account-that-exists",
        file="flows/onboarding/acceptance.py",
        old="    if taken and invitation.respondent_id is not None and not another_person:\n",
        new="    if taken and not key:\n",
        fails=(f"{_SECOND}::test_existing_account_signs_in_and_links",),
    ),
    Defence(
        row="what-became-of-the-account",
        file="flows/onboarding/acceptance.py",
        old="opens_nothing=not found.closed(app.now)",
        new="opens_nothing=False",
        fails=(f"{_SECOND}::test_a_link_does_not_tell_what_became_of_the_account",),
    ),
    Defence(
        row="opened-again-without-notice",
        file="flows/onboarding/acceptance.py",
        old='            await tell(app, account, "notice_reopened")\n',
        new="",
        fails=(f"{_SECOND}::test_invitation_with_all_accesses_closed_takes_the_old_password",),
    ),
    Defence(
        row="opened-again-without-notice",
        file="flows/signin/password_check.py",
        old='                await _note(app, holder, "BLOCKED")\n',
        new="                pass\n",
        fails=(f"{_SECOND}::test_a_reopening_that_is_refused_is_told_to_the_audit",),
    ),
    Defence(
        row="known-address",
        file="flows/onboarding/sign_up.py",
        old="    encoded = await app.passwords.hash(entered.password)\n",
        new="    if await email_taken(practice.id, key):\n        return Conflict()\n"
        "    encoded = await app.passwords.hash(entered.password)\n",
        also=(
            Change(
                "flows/onboarding/sign_up.py",
                "from flows.core.audit import Actor\n",
                "from flows.core.accounts import email_taken\nfrom flows.core.audit import Actor\n",
            ),
        ),
        fails=(f"{_SIGN_UP}::test_every_address_gets_the_same_answer_for_the_same_work",),
    ),
    Defence(
        row="owner-is-told",
        file="flows/onboarding/sign_up.py",
        old='        return _sign_up_mail("account_exists", known, {"name": known.name})\n',
        new="        return None\n",
        fails=(f"{_SIGN_UP}::test_every_address_gets_the_same_answer_for_the_same_work",),
    ),
    Defence(
        row="invited-address",
        file="flows/onboarding/sign_up.py",
        old="    if invited := await invited_address(practice.id, wanted.address, app.now):\n",
        new="    if (invited := await invited_address(practice.id, wanted.address, app.now)) and not known:\n"
        "        invited = None\n    if invited:\n",
        fails=(f"{_SIGN_UP}::test_an_address_that_was_invited_is_not_to_be_claimed",),
    ),
    Defence(
        row="typed-by-a-stranger",
        file="flows/signin/passwords.py",
        old="    if not await is_unproven(account.id):\n",
        new="    if account.id:\n",
        fails=(f"{_SIGN_UP}::test_unverified_sign_up_loses_its_address_to_a_mailed_reset",),
    ),
    Defence(
        row="typed-by-a-stranger",
        file="flows/onboarding/acceptance.py",
        old="    squatter = await squatter_of(invitation.practice_id, key)\n",
        new="    squatter = None\n",
        fails=(f"{_SIGN_UP}::test_unverified_sign_up_gives_its_address_to_an_invited_respondent",),
    ),
    Defence(
        row="pressed-by-a-stranger",
        file="flows/onboarding/verification.py",
        old="    if password is None:\n        return PasswordNeeded()\n",
        new="    if password is None:\n        return None\n",
        fails=(f"{_SIGN_UP}::test_a_click_verifies_nobody_elses_account",),
    ),
    Defence(
        row="sign-ups-have-an-end",
        file="flows/onboarding/sign_up.py",
        old="origin.address, key, most=most):\n",
        new="origin.address, key, most=most + 99):\n",
        fails=(f"{_SIGN_UP}::test_five_an_hour_from_an_address_and_to_one",),
    ),
    Defence(
        row="mail-per-practice",
        file="flows/core/limits.py",
        old='(f"practice:{practice_id}", rules.mails_per_practice)',
        new='(f"practice:{practice_id}", 10**6)',
        fails=(
            f"{_MAILED}::test_mails_beyond_the_limit_of_practice_or_installation_are_refused",
            f"{_MAILED}::test_sixteen_concurrent_requests_for_the_last_place_let_one_through",
            f"{_HURRY}::test_a_practices_mail_has_an_end_that_tells_nothing",
        ),
        databases=("sqlite", "postgresql"),
    ),
    Defence(
        row="mail-per-practice",
        file="flows/staff/staff.py",
        old='            if not await mail_allowed(app, "invitation", office.practice.id):\n'
        "                return hour_is_full(app)\n",
        new="",
        fails=(
            f"{_MAILED}::test_mails_beyond_the_limit_of_practice_or_installation_are_refused[few-is_hired]",
            f"{_HURRY}::test_a_practices_mail_has_an_end_that_tells_nothing",
        ),
    ),
    Defence(
        row="mail-per-installation",
        file="flows/core/limits.py",
        old='("practices", rules.mails_per_installation)',
        new='("practices", 10**6)',
        fails=(
            f"{_MAILED}::test_mails_beyond_the_limit_of_practice_or_installation_are_refused",
            f"{_MAILED}::test_sixteen_concurrent_requests_for_the_last_place_let_one_through",
        ),
    ),
    Defence(
        row="mail-narrow-first",
        file="models/core/attempts.py",
        old="        await refund_windows(beyond, now)\n",
        new="        pass\n",
        fails=(
            f"{_MAILED}::test_mails_beyond_the_limit_of_practice_or_installation_are_refused",
            f"{_MAILED}::test_request_beyond_a_narrow_limit_does_not_count_in_a_wide_one",
        ),
        databases=("sqlite", "postgresql"),
    ),
    Defence(
        row="case-of-an-address",
        file="normalise/addresses.py",
        old='f"{_folded(valid.local_part)}@{valid.ascii_domain}"',
        new='f"{valid.local_part}@{valid.ascii_domain}"',
        fails=(f"{_ADDRESSES}::test_case_and_outer_spaces_do_not_make_another_address",),
    ),
    Defence(
        row="international-domain",
        file="normalise/addresses.py",
        old='f"{_folded(valid.local_part)}@{valid.ascii_domain}"',
        new='f"{_folded(valid.local_part)}@{valid.domain}"',
        fails=(f"{_ADDRESSES}::test_accepted",),
    ),
    Defence(
        row="homographs",
        file="normalise/addresses.py",
        old='    if not _is_honest(valid.local_part) or not all(map(_is_honest, valid.domain.split("."))):\n'
        "        raise BadAddress\n",
        new="",
        fails=(f"{_ADDRESSES}::test_homographs",),
    ),
    Defence(
        row="mail-to-the-stored-address",
        file="delivery/resolve.py",
        old='        return _letter("password_reset", account, values)\n',
        new='        return Letter("password_reset", login, account.locale, values)\n',
        fails=("tests/delivery/test_resolve.py::test_a_reset_makes_one_link_bound_to_address_and_epoch",),
    ),
    Structural(
        row="sent-by-a-client",
        reason="No input has a field for role, practice, approval or verification, and GraphQL refuses others.",
        shown_by=(f"{_SIGN_UP}::test_nothing_that_is_sent_says_what_one_may",),
    ),
    Defence(
        row="corrected-meanwhile",
        file="flows/onboarding/invitations.py",
        old=_INVITES,
        new=_READS,
        fails=(f"{_HELD}::test_no_invitation_goes_to_an_address_that_is_corrected_meanwhile[invites]",),
        databases=("postgresql",),
    ),
    Defence(
        row="corrected-meanwhile",
        file="flows/onboarding/acceptance.py",
        old=_ASKS,
        new="",
        fails=(
            f"{_HELD}::test_no_invitation_goes_to_an_address_that_is_corrected_meanwhile[is asked by the old link]",
        ),
        databases=("postgresql",),
    ),
    Defence(
        row="corrected-meanwhile",
        file="flows/dossiers/dossiers.py",
        old="        current = await hold_respondent(respondent)\n",
        new="        current = respondent\n",
        also=(Change("flows/onboarding/invitations.py", _INVITES, _READS),),
        fails=(f"{_HELD}::test_an_address_that_is_corrected_meanwhile_withdraws_the_invitation_that_was_just_sent",),
        databases=("postgresql",),
    ),
    Defence(
        row="login-made-meanwhile",
        file="flows/onboarding/invitations.py",
        old=_INVITES,
        new=_READS,
        fails=(f"{_HELD}::test_nobody_is_invited_beside_a_login_that_was_just_made[invites]",),
        databases=("postgresql",),
    ),
    Defence(
        row="login-made-meanwhile",
        file="flows/onboarding/acceptance.py",
        old=_ASKS,
        new="",
        fails=(f"{_HELD}::test_nobody_is_invited_beside_a_login_that_was_just_made[is asked by the old link]",),
        databases=("postgresql",),
    ),
    Defence(
        row="closed-while-linking",
        file="flows/onboarding/acceptance.py",
        old="            # A concurrently closed account would wait for an approval that nobody can give.\n"
        "            await hold(holder)\n",
        new="",
        fails=(f"{_HELD}::test_an_account_that_is_closed_meanwhile_links_nothing",),
        databases=("postgresql",),
    ),
    Defence(
        row="closed-while-linking",
        file="flows/access/access.py",
        old="GrantState.DEACTIVATED and grant.account.closed_at is None\n",
        new="GrantState.DEACTIVATED\n",
        fails=(f"{_HELD}::test_a_grant_that_waits_for_a_closed_account_keeps_nobody_out",),
    ),
    Defence(
        row="keeps-a-strangers-address",
        file="flows/onboarding/acceptance.py",
        old="    if caller.access is Access.UNVERIFIED and address_key(account.email or",
        new="    if False and address_key(account.email or",
        fails=(f"{_SIGN_UP}::test_sign_up_with_an_address_nobody_verified_links_no_invitation_to_another",),
    ),
)
