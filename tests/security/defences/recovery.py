"""Recovery."""

from tests.security.defences import Change, Defence, Structural

_CODES = "tests/factors/test_recovery_codes.py"
_RACES = "tests/journeys/faults/test_races.py"
_PASSWORDS = "tests/journeys/signin/test_passwords.py"
_STARTER = "tests/journeys/onboarding/test_starter_password.py"
_RECOVERY = "tests/journeys/signin/test_recovery.py"
_GRANTS = (
    "    async with transaction():\n        _, grant = await hold_login(respondent)\n        if grant is None:\n"
    "            return NoLogin()\n        grants = await AccessGrant"
)
_HELD = "        if not await hold_epoch(account.id, link.epoch) or not await use_link(link.id, link.epoch, app.now):\n"

ENTRIES = (
    Defence(
        row="one-code-in-parallel",
        file="models/second_factor/factor.py",
        old="FactorEnrolment.filter(id=enrolment.id, version=enrolment.version)",
        new="FactorEnrolment.filter(id=enrolment.id)",
        fails=(f"{_RACES}::test_one_recovery_code_signs_in_once[one process]",),
        databases=("sqlite", "postgresql"),
    ),
    Defence(
        row="one-code-again",
        file="factors/recovery_codes.py",
        old="        if state.used[spent]:\n            return Refused(Reason.REPLAYED)\n",
        new="",
        fails=(f"{_CODES}::test_each_code_works_once_in_any_order",),
    ),
    Defence(
        row="codes-at-rest",
        file="factors/recovery_codes.py",
        old="digests = await asyncio.gather(*(desk.derive(code, salt) for code in codes))",
        new="digests = [code.encode() for code in codes]",
        fails=(f"{_CODES}::test_the_state_holds_no_code_and_survives_its_storage",),
    ),
    Structural(
        row="codes-shown-once",
        reason="They are in the answer that made them and stored as hashes, so there is nothing to show again.",
        shown_by=("tests/security/test_canary.py::test_no_secret_is_left_anywhere",),
    ),
    Defence(
        row="older-codes-confirmed",
        file="flows/factor_setup/fallbacks.py",
        old="            if str(shown.enrolment_id) != issue_id:\n",
        new="            if False:\n",
        fails=(f"{_RECOVERY}::test_of_two_tabs_only_the_codes_that_were_shown_last_are_confirmed",),
    ),
    Defence(
        row="asking-tells-nothing",
        file="flows/signin/passwords.py",
        old="    typed = next(iter(payload.values()))[:254]\n",
        new="    typed = next(iter(payload.values()))[:254]\n"
        "    if await account_by_login(practice.id, None, login_key(typed)) is None:\n        return NotFound()\n",
        also=(
            Change(
                "flows/signin/passwords.py",
                "import account_with_practice\n",
                "import account_by_login, account_with_practice\n",
            ),
        ),
        fails=(
            "tests/journeys/http/test_limits.py::test_forgotten_password_gets_one_answer_for_known_and_unknown_logins",
        ),
    ),
    Defence(
        row="asking-changes-nothing",
        file="models/account/mailed_requests.py",
        old="open_to_mail.update(reset_requested_at=now)",
        new="open_to_mail.update(reset_requested_at=now, password_hash=None)",
        fails=(f"{_PASSWORDS}::test_asking_changes_nothing",),
    ),
    Defence(
        row="asking-has-an-end",
        file="flows/signin/passwords.py",
        old="        if not await request_allowed(app, template, practice.id, origin.address, login_key(typed)):\n"
        "            return hour_is_full(app)\n",
        new="",
        fails=(f"{_PASSWORDS}::test_asking_too_often_is_refused_known_or_not",),
    ),
    Structural(
        row="a-reset-signs-nobody-in",
        reason="Its answer has no token and no cookie, and it opens no session.",
        shown_by=(f"{_PASSWORDS}::test_a_forgotten_password",),
    ),
    Defence(
        row="a-reset-leaves-the-factor",
        file="flows/signin/passwords.py",
        old="    if not await is_unproven(account.id):\n",
        new="    if not account.id:\n",
        fails=(f"{_PASSWORDS}::test_a_forgotten_password",),
    ),
    Defence(
        row="a-reset-of-a-typed-address",
        file="flows/signin/passwords.py",
        old="        closed = await _ask_approval_again(app, actor, account)\n",
        new="        closed = False\n",
        fails=(f"{_STARTER}::test_a_forgotten_password_without_a_factor_asks_staff_again_and_says_so",),
    ),
    Defence(
        row="a-reset-takes-no-access",
        file="flows/signin/passwords.py",
        old=" or has_factor(await enrolments_of(account.id)):\n        return False",
        new=":\n        return False",
        fails=(f"{_STARTER}::test_a_forgotten_password_leaves_the_access_where_a_factor_is_proven",),
    ),
    Defence(
        row="a-reset-ends-sessions",
        file="flows/signin/passwords.py",
        old="    await assurance.end(app, account.id, cause, Acting(session=session))\n",
        new="",
        fails=(f"{_PASSWORDS}::test_changing_it_asks_who_is_there",),
    ),
    Defence(
        row="a-link-twice",
        file="flows/signin/passwords.py",
        old=_HELD + '            return LinkRefused("USED")\n',
        new="",
        fails=(f"{_RACES}::test_one_reset_link_sets_one_password[one process]",),
        databases=("sqlite", "postgresql"),
    ),
    Defence(
        row="a-link-twice",
        file="flows/signin/passwords.py",
        old='    if link.used_at is not None:\n        return LinkRefused("USED")\n',
        new="",
        fails=(f"{_PASSWORDS}::test_a_forgotten_password",),
    ),
    Defence(
        row="an-older-link",
        file="flows/signin/passwords.py",
        old="    if link.superseded_at is not None or link.epoch != link.account.epoch:\n",
        new="    if link.epoch != link.account.epoch:\n",
        also=(
            Change("models/core/mailed_link.py", 'used_at IS NULL AND superseded_at IS NULL"\n', 'used_at IS NULL"\n'),
        ),
        fails=(f"{_PASSWORDS}::test_a_newer_link_kills_the_older",),
    ),
    Defence(
        row="a-late-link",
        file="flows/signin/passwords.py",
        old='    if link.expires_at <= app.now:\n        return LinkRefused("EXPIRED")\n',
        new="",
        fails=(f"{_PASSWORDS}::test_a_link_lives_half_an_hour",),
    ),
    Defence(
        row="a-link-of-before",
        file="flows/signin/passwords.py",
        old="    if link.superseded_at is not None or link.epoch != link.account.epoch:\n",
        new="    if link.superseded_at is not None:\n",
        also=(
            Change(
                "flows/signin/passwords.py", _HELD, "        if not await use_link(link.id, link.epoch, app.now):\n"
            ),
            Change("models/core/mailed_link.py", "AND a.epoch = ?)", "AND a.epoch >= ?)"),
        ),
        fails=(f"{_PASSWORDS}::test_a_link_dies_with_the_password_it_was_for",),
    ),
    Defence(
        row="a-link-of-the-old-address",
        file="flows/account/email_change.py",
        old="        for purpose in LinkPurpose:\n            await supersede_links(account.id, purpose, app.now)\n",
        new="",
        also=(
            Change(
                "flows/core/assurance.py",
                "Ends(Extent.OTHERS, Extent.OTHERS, Extent.ALL, Extent.NONE, Extent.ALL)",
                "Ends(Extent.OTHERS, Extent.OTHERS, Extent.NONE, Extent.NONE, Extent.NONE)",
            ),
        ),
        fails=("tests/journeys/account/test_email_change.py::test_the_old_address_stays_until_the_new_one_is_proven",),
    ),
    Structural(
        row="staff-choose-no-password",
        reason="No field takes a password for somebody else, but the starter password's.",
        shown_by=("tests/security/test_permissions.py::test_the_page_is_what_the_fields_declare",),
    ),
    Defence(
        row="staff-reset-asks-who-they-are",
        file="flows/access/access.py",
        old="    if not fresh_for_staff(app, member):\n        return StepUpRequired()\n" + _GRANTS,
        new=_GRANTS,
        fails=(f"{_RECOVERY}::test_resetting_asks_staff_who_they_are",),
    ),
    Defence(
        row="staff-reset-within-reach",
        file="flows/access/access.py",
        old="        if beyond := await beyond_reach(member, [other.respondent.dossier_id for other in grants]):\n",
        new="        if beyond := ():\n",
        fails=(f"{_RECOVERY}::test_staff_reset_only_whom_they_reach_in_every_dossier",),
    ),
    Defence(
        row="starter-password-is-replaced",
        file="flows/signin/steps.py",
        old="    if holder.account.must_change_password:\n",
        new="    if False:\n",
        fails=(f"{_STARTER}::test_a_respondent_comes_in_with_what_staff_passed_on",),
    ),
    Defence(
        row="starter-password-is-replaced",
        file="flows/signin/passwords.py",
        old="    if given and await app.passwords.verify(holder.account.password_hash, password):\n",
        new="    if given and not password:\n",
        fails=(f"{_STARTER}::test_a_respondent_comes_in_with_what_staff_passed_on",),
    ),
    Defence(
        row="starter-password-ends",
        file="flows/signin/credentials.py",
        old="not suspended and not self.account.password_expired(now)",
        new="not suspended",
        fails=(f"{_STARTER}::test_starter_password_works_for_seven_days",),
    ),
    Defence(
        row="starter-password-ends",
        file="flows/second_factor/holder.py",
        old="    if account.password_expired(app.now):\n        raise SignInExpired\n",
        new="",
        fails=(f"{_STARTER}::test_sign_in_that_began_before_the_starter_password_expired_ends_with_it",),
    ),
)
