"""Factors."""

from tests.security.defences import Change, Defence, Structural

_TOTP = "tests/factors/test_totp.py"
_RACES = "tests/journeys/faults/test_races.py"
_BAD = "tests/journeys/signin/test_bad_credentials.py"
_PASSKEYS = "tests/journeys/signin/test_passkeys.py"
_OWN = "tests/journeys/second_factor/test_own_factors.py"
_SETTINGS = "tests/journeys/second_factor/test_settings_page.py"
_HALF = "tests/journeys/signin/test_half_signed_in.py"
_EMAIL = "tests/journeys/account/test_email_change.py"
_PHONE = "tests/journeys/account/test_phone_change.py"
_PROOFS = "tests/factors/test_passkeys_proofs.py"
_KEYS = "tests/factors/test_passkeys.py"
_FAILING = "tests/journeys/second_factor/test_failing_factor.py"
_SMS = "tests/journeys/second_factor/test_sms.py"
_METER = "tests/flows/test_sms.py"
_PROMPTS = "tests/journeys/second_factor/test_prompts.py"
_FRESH_EMAIL = "    if not fresh_for_own(app, holder.caller):\n        return StepUpRequired()\n    address ="
_FRESH_PHONE = (
    "    if not fresh_for_own(app, holder.caller):\n        return StepUpRequired()\n    if app.rules.sms is None:"
)
_ASSERTED = (
    "        credential=given,\n        expected_challenge=asked.challenge,\n        expected_rp_id=desk.rp_id,\n"
)
_MADE = "        credential=made,\n        expected_challenge=asked.challenge,\n        expected_rp_id=desk.rp_id,\n"
_CHALLENGE = "helpers.parse_client_data_json({}.response.client_data_json).challenge"
_ORIGIN = "helpers.parse_client_data_json({}.response.client_data_json).origin"
_LIES = (f"{_PROOFS}::test_a_proof_that_lies_is_refused",)

ENTRIES = (
    Defence(
        row="totp-replayed",
        file="factors/totp.py",
        old="        if step <= state.last_step or step in state.told:\n            return Refused(Reason.REPLAYED)\n",
        new="",
        fails=(
            f"{_TOTP}::test_a_step_is_accepted_once_for_as_long_as_its_code_lives",
            f"{_TOTP}::test_a_newer_step_spends_the_older",
        ),
    ),
    Defence(
        row="totp-replayed",
        file="factors/totp.py",
        old="step = max(_steps(",
        new="step = min(_steps(",
        fails=(f"{_TOTP}::test_two_steps_that_share_a_code_are_spent_together",),
    ),
    Defence(
        row="totp-clock",
        file="factors/totp.py",
        old="step <= state.last_step or step in state.told",
        new="step <= state.last_step",
        fails=(
            f"{_TOTP}::test_a_guesser_learns_no_code_to_keep_from_the_clock",
            "tests/journeys/signin/test_bad_credentials.py::test_a_phone_that_is_ahead",
        ),
    ),
    Defence(
        row="totp-in-parallel",
        file="models/second_factor/factor.py",
        old="FactorEnrolment.filter(id=enrolment.id, version=enrolment.version)",
        new="FactorEnrolment.filter(id=enrolment.id)",
        fails=(f"{_RACES}::test_one_step_of_an_authenticator_app_signs_in_once[one process]",),
        databases=("sqlite", "postgresql"),
    ),
    Defence(
        row="enrolment-code-as-first-login",
        file="factors/totp.py",
        old="EnrolmentConfirmed(verdict.state)",
        new="EnrolmentConfirmed(pending)",
        fails=(f"{_TOTP}::test_the_code_that_confirms_is_refused_as_the_first_login",),
    ),
    Defence(
        row="of-another-account-or-sign-in",
        file="models/second_factor/factor.py",
        old="        id=challenge_id, purpose=purpose, consumed_at=None, expires_at__gt=now, **binding\n",
        new="        id=challenge_id, purpose=purpose, consumed_at=None, expires_at__gt=now\n",
        fails=(
            f"{_BAD}::test_challenges_that_are_over_or_of_somebody_else",
            f"{_SMS}::test_a_code_is_of_its_challenge_its_sign_in_and_its_account",
            f"{_SETTINGS}::test_enrolment_of_one_session_is_refused_in_another",
        ),
    ),
    Defence(
        row="of-another-challenge",
        file="factors/sms.py",
        old="return None if hmac.compare_digest(sent, code) else Refused(Reason.WRONG)",
        new="return None",
        fails=("tests/factors/test_sms.py::test_a_code_is_bound_to_its_challenge",),
    ),
    Defence(
        row="of-another-challenge",
        file="models/second_factor/factor.py",
        old="        id=challenge_id, purpose=purpose, consumed_at=None, expires_at__gt=now, **binding\n",
        new="        id=challenge_id, purpose=purpose, consumed_at=None, **binding\n",
        fails=("tests/journeys/http/test_windows.py::test_a_challenge_waits_five_minutes",),
    ),
    Defence(
        row="for-another-purpose",
        file="models/second_factor/factor.py",
        old="        id=challenge_id, purpose=purpose, consumed_at=None, expires_at__gt=now, **binding\n",
        new="        id=challenge_id, consumed_at=None, expires_at__gt=now, **binding\n",
        fails=(f"{_OWN}::test_only_a_proof_of_that_very_factor_removes_it",),
    ),
    Defence(
        row="enrolling-again",
        file="flows/factor_setup/enrolment.py",
        old="    return None if fresh_for_own(app, holder.caller) else StepUpRequired()\n",
        new="    return None\n",
        fails=(
            f"{_SETTINGS}::test_another_app_replaces_the_first_once_it_is_proven",
            f"{_SETTINGS}::test_setting_up_needs_a_step_up_that_is_still_fresh_when_it_ends",
        ),
    ),
    Defence(
        row="enrolling-again",
        file="flows/factor_setup/enrolment.py",
        old="            # Checked again under the lock: of parallel first enrolments only one is the first.\n"
        "            if refusal := _may_set_up(app, holder, await enrolments_of(holder.account.id)):\n"
        "                return refusal\n",
        new="",
        fails=("tests/journeys/faults/test_overtaken.py::test_of_parallel_first_set_ups_one_is_the_first",),
    ),
    Defence(
        row="pending-secret",
        file="flows/factor_setup/enrolment.py",
        old="    opened = Opened(public=started.public)\n    async with transaction():\n",
        new="    opened = Opened(public=started.public)\n    async with transaction():\n"
        "        await FactorEnrolment.filter(account_id=holder.account.id, factor=factor.name).update(\n"
        "            state=seal_state(app, str(holder.account.id), factor, started.pending)\n        )\n",
        fails=(f"{_SETTINGS}::test_another_app_replaces_the_first_once_it_is_proven",),
    ),
    Structural(
        row="half-signed-in-reads",
        reason="A sign-in's token is looked for among sign-ins and a session's among sessions, two tables.",
        shown_by=(f"{_HALF}::test_the_token_of_a_sign_in_is_no_sessions", f"{_BAD}::test_sign_ins_that_are_over"),
    ),
    Defence(
        row="half-signed-in-enrols",
        file="flows/factor_setup/enrolment.py",
        old="        if not sets_up(next_step(app, holder, enrolments)):\n            return StepNotOpen()\n",
        new="",
        also=(
            Change(
                "flows/factor_setup/enrolment.py",
                "return None if recently_confirmed(app, holder.sign_in, app.now) else PasswordNeeded()",
                "return None",
            ),
        ),
        fails=(f"{_HALF}::test_a_password_alone_sets_nothing_up",),
    ),
    Defence(
        row="half-signed-in-enrols",
        file="flows/factor_setup/fallbacks.py",
        old="return None if isinstance(step, FallbackUnconfirmed) and step.factor is factor else StepNotOpen()",
        new="return None",
        fails=(f"{_HALF}::test_a_password_alone_sets_nothing_up",),
    ),
    Defence(
        row="only-who-proved",
        file="models/signin/sign_in.py",
        old="    changed = await SignIn.filter(id=sign_in.id, version=",
        new="    proven = {name: value for name, value in changes.items() if name.startswith('proven')}\n"
        "    if proven:\n"
        "        await SignIn.filter(account_id=sign_in.account_id, completed_at=None).update(**proven)\n"
        "    changed = await SignIn.filter(id=sign_in.id, version=",
        fails=(f"{_HALF}::test_only_the_sign_in_that_proved_goes_on",),
    ),
    Defence(
        row="last-factor",
        file="flows/factor_setup/own_factors.py",
        old="    return LastFactor() if _is_needed(app, holder, enrolment.id, enrolments) else (factor, enrolment)\n",
        new="    return factor, enrolment\n",
        fails=(f"{_OWN}::test_the_last_factor_stays_while_one_is_required",),
    ),
    Defence(
        row="last-factor",
        file="flows/factor_setup/own_factors.py",
        old="    if _is_needed(app, holder, enrolment.id, enrolments):\n        raise LastFactor\n",
        new="",
        # The first removal ends the challenge of the second, too.
        also=(
            Change(
                "flows/core/assurance.py",
                "Cause.FACTOR_REMOVED: Ends(Extent.GONE, Extent.ALL,",
                "Cause.FACTOR_REMOVED: Ends(Extent.GONE, Extent.NONE,",
            ),
        ),
        fails=(
            f"{_OWN}::test_of_two_factors_that_vouch_for_each_other_one_stays",
            f"{_OWN}::test_what_is_the_last_factor_by_the_time_that_its_proof_is_judged_stays",
        ),
        # SQLite has one writer, whom two removals only pass in turn.
        databases=("postgresql",),
    ),
    Defence(
        row="recovery-codes-alone",
        file="flows/factor_setup/own_factors.py",
        old="        gone += [e for e in enrolments if e.role == Role.FALLBACK]\n",
        new="        pass\n",
        fails=(f"{_OWN}::test_with_the_last_factor_its_codes_go_where_none_is_required",),
    ),
    Defence(
        row="change-of-email",
        file="flows/account/email_change.py",
        old=_FRESH_EMAIL,
        new="    address =",
        fails=(f"{_EMAIL}::test_the_old_address_stays_until_the_new_one_is_proven",),
    ),
    Defence(
        row="change-of-email",
        file="flows/account/email_change.py",
        old='        await post(app, str(practice.id), "email_change_requested"',
        new="        await Account.filter(id=account.id).update(email=address.shown)\n"
        '        await post(app, str(practice.id), "email_change_requested"',
        fails=(f"{_EMAIL}::test_the_old_address_stays_until_the_new_one_is_proven",),
    ),
    Defence(
        row="old-email-is-told",
        file="flows/account/email_change.py",
        old='        await tell(app, account, "notice_email_changed")\n',
        new="",
        fails=(f"{_EMAIL}::test_the_old_address_stays_until_the_new_one_is_proven",),
    ),
    Defence(
        row="change-of-phone",
        file="flows/account/phone_change.py",
        old=_FRESH_PHONE,
        new="    if app.rules.sms is None:",
        fails=(f"{_PHONE}::test_the_old_number_stays_until_a_code_comes_back",),
    ),
    Defence(
        row="change-of-phone",
        file="flows/account/phone_change.py",
        old="    if refusal := _wrong(app, change, code):\n",
        new="    if (refusal := _wrong(app, change, code)) and not code:\n",
        fails=(f"{_PHONE}::test_the_old_number_stays_until_a_code_comes_back",),
    ),
    Defence(
        row="old-phone-is-told",
        file="flows/account/phone_change.py",
        old="        await _tell_old(app, holder)\n",
        new="",
        fails=(f"{_PHONE}::test_the_old_number_stays_until_a_code_comes_back",),
    ),
    Defence(
        row="webauthn-challenge",
        file="factors/passkeys/ceremonies.py",
        old=_ASSERTED,
        new=_ASSERTED.replace("asked.challenge", _CHALLENGE.format("given")),
        fails=(f"{_PROOFS}::test_a_proof_answers_its_own_challenge_alone", *_LIES),
    ),
    Defence(
        row="webauthn-challenge",
        file="factors/passkeys/ceremonies.py",
        old=_MADE,
        new=_MADE.replace("asked.challenge", _CHALLENGE.format("made")),
        fails=(
            f"{_KEYS}::test_another_start_s_answer_does_not_confirm",
            f"{_KEYS}::test_a_key_that_lies_is_not_registered",
        ),
    ),
    Defence(
        row="webauthn-challenge",
        file="models/second_factor/factor.py",
        old="Challenge.filter(id=challenge_id, consumed_at=None).update(consumed_at=now) == 1",
        new="Challenge.filter(id=challenge_id, consumed_at=None).count() == 1",
        fails=(f"{_PASSKEYS}::test_one_key_belongs_to_one_account",),
    ),
    Defence(
        row="webauthn-origin",
        file="factors/passkeys/ceremonies.py",
        old=_ASSERTED + "        expected_origin=list(desk.origins),\n",
        new=_ASSERTED + f"        expected_origin={_ORIGIN.format('given')},\n",
        fails=_LIES,
    ),
    Defence(
        row="webauthn-origin",
        file="factors/passkeys/ceremonies.py",
        old=_MADE + "        expected_origin=list(desk.origins),\n",
        new=_MADE + f"        expected_origin={_ORIGIN.format('made')},\n",
        fails=(f"{_KEYS}::test_a_key_that_lies_is_not_registered",),
    ),
    Defence(
        row="webauthn-frame",
        file="factors/passkeys/ceremonies.py",
        old='    if client.get("crossOrigin") or "topOrigin" in client:\n',
        new='    if client.get("nothing"):\n',
        fails=(*_LIES, f"{_KEYS}::test_a_key_that_lies_is_not_registered"),
    ),
    Structural(
        row="webauthn-library",
        reason="The library checks these before it answers, and no argument of ours turns that off.",
        shown_by=(
            *_LIES,
            f"{_KEYS}::test_a_key_that_lies_is_not_registered",
            f"{_PROOFS}::test_a_signature_over_anything_else_is_refused",
        ),
    ),
    Defence(
        row="webauthn-user-verification",
        file="factors/passkeys/ceremonies.py",
        old="        require_user_verification=asked.user_verification is _REQUIRED,\n",
        new="        require_user_verification=False,\n",
        fails=(
            f"{_PROOFS}::test_a_whole_sign_in_needs_a_verified_user_who_is_named",
            f"{_KEYS}::test_user_verification_is_checked_where_it_is_required",
        ),
    ),
    Defence(
        row="webauthn-user-verification",
        file="factors/passkeys/ceremonies.py",
        old="        require_user_verification=selection is not None and selection.user_verification is _REQUIRED,\n",
        new="        require_user_verification=False,\n",
        fails=(f"{_KEYS}::test_user_verification_is_checked_where_it_is_required",),
    ),
    Defence(
        row="webauthn-user-verification",
        file="factors/passkeys/ceremonies.py",
        old="return named == desk.account_handle and state.verified_user",
        new="return named == desk.account_handle",
        fails=(f"{_PROOFS}::test_a_key_without_a_pin_signs_nobody_in_who_gives_it_one",),
    ),
    Defence(
        row="webauthn-backup-eligible",
        file="factors/passkeys/__init__.py",
        old="        if now.backup_eligible != state.backup_eligible:\n",
        new="        if now is None:\n",
        fails=(f"{_PROOFS}::test_whether_a_key_can_be_backed_up_never_changes",),
    ),
    Defence(
        row="webauthn-foreign-credential",
        file="factors/passkeys/ceremonies.py",
        old="    if given.raw_id != state.credential_id:\n        return False\n",
        new="",
        also=(
            Change(
                "factors/passkeys/ceremonies.py",
                "return given.raw_id in allowed and named",
                "return named",
            ),
        ),
        fails=(f"{_PROOFS}::test_a_proof_is_about_the_key_that_it_names",),
    ),
    Defence(
        row="webauthn-foreign-credential",
        file="factors/passkeys/ceremonies.py",
        old="return given.raw_id in allowed and named",
        new="return named",
        fails=(f"{_PROOFS}::test_a_key_that_was_not_asked_for_is_refused",),
    ),
    Defence(
        row="webauthn-user-handle",
        file="factors/passkeys/ceremonies.py",
        old=" and named in (None, desk.account_handle)",
        new="",
        fails=_LIES,
    ),
    Defence(
        row="webauthn-algorithm",
        file="factors/passkeys/ceremonies.py",
        old="        supported_pub_key_algs=[offered.alg for offered in asked.pub_key_cred_params],\n",
        new="        supported_pub_key_algs=list(type(asked.pub_key_cred_params[0].alg)),\n",
        fails=(f"{_KEYS}::test_a_key_that_lies_is_not_registered",),
    ),
    Defence(
        row="webauthn-sign-count",
        file="factors/passkeys/__init__.py",
        old="        if (now.sign_count or state.sign_count) and now.sign_count <= state.sign_count:\n"
        "            return Refused(Reason.WRONG, alert=WENT_BACK)\n",
        new="",
        fails=(f"{_PROOFS}::test_a_count_that_goes_back_is_refused_with_an_alert",),
    ),
    Defence(
        row="webauthn-sign-count",
        file="factors/passkeys/__init__.py",
        old="        if (now.sign_count or state.sign_count) and now.sign_count",
        new="        if now.sign_count",
        fails=(f"{_PROOFS}::test_a_key_that_counts_nothing_is_normal",),
    ),
    Defence(
        row="webauthn-sign-count",
        file="flows/second_factor/proofs.py",
        old="        if refused.alert and not failed:\n",
        new="        if refused.alert and failed:\n",
        fails=(f"{_PASSKEYS}::test_a_count_that_goes_back_is_refused_and_the_person_is_told",),
    ),
    Defence(
        row="webauthn-state-after-checks",
        file="flows/second_factor/proofs.py",
        old="        if enrolment is not None and refused.state is not None:\n"
        "            sealed = seal_state(app, str(holder.account.id), case.factor, refused.state)\n"
        "            if not await swap_state(enrolment, sealed, case.factor.state_version, None):\n",
        new="        if enrolment is not None:\n"
        "            if not await swap_state(enrolment, enrolment.state, case.factor.state_version, app.now):\n",
        fails=(f"{_PASSKEYS}::test_whatever_is_wrong_with_an_answer_it_is_refused_and_nothing_is_kept_of_it",),
    ),
    Defence(
        row="plugin-raises",
        file="flows/second_factor/proofs.py",
        old="    except (FactorFailed, NotSent):\n        return Refused(Reason.WRONG, alert=FAILED)\n",
        new="    except (FactorFailed, NotSent):\n"
        "        return enrolment, Accepted(open_state(case.app, case.factor, enrolment))\n",
        fails=(f"{_FAILING}::test_what_it_breaks_down_over_is_denied_and_nothing_is_spent",),
    ),
    Defence(
        row="plugin-hangs",
        file="flows/second_factor/plugin_calls.py",
        old="asyncio.wait({task}, timeout=most)",
        new="asyncio.wait({task}, timeout=20)",
        fails=(f"{_FAILING}::test_a_factor_that_hangs_is_not_waited_for",),
    ),
    Defence(
        row="plugin-answers-something-else",
        file="flows/second_factor/judge.py",
        old="    if type(answer) not in expected or not _well_formed(factor, answer):\n",
        new="    if not answer:\n",
        also=(
            Change(
                "flows/second_factor/proofs.py",
                "case.factor, verdict.state)\n    try:",
                'case.factor, getattr(verdict, "state", open_state(app, case.factor, enrolment)))\n    try:',
            ),
        ),
        fails=(f"{_FAILING}::test_what_it_breaks_down_over_is_denied_and_nothing_is_spent",),
    ),
    Defence(
        row="sms-after-the-password",
        file="flows/signin/sign_in.py",
        old="    if found is None or not right or not found.may_sign_in(app.now):\n",
        new="    if found is None or not found.may_sign_in(app.now):\n",
        fails=(f"{_SMS}::test_nothing_is_sent_before_the_password",),
    ),
    Defence(
        row="sms-resend",
        file="flows/core/sms_metering.py",
        old="        slow_from=_NEVER if use is Use.NOTICE else 1,\n",
        new="        slow_from=_NEVER,\n",
        fails=(
            f"{_METER}::test_wait_between_messages_is_30_seconds_and_doubles",
            f"{_SMS}::test_asking_again_has_to_wait_longer_each_time",
        ),
    ),
    Defence(
        row="sms-per-number",
        file="flows/core/sms_metering.py",
        old="_rule(rules, use), now, waiting=NUMBER_BUSY)",
        new="_rule(rules, Use.NOTICE), now, waiting=NUMBER_BUSY)",
        fails=(f"{_METER}::test_wait_of_a_number_holds_in_every_practice",),
    ),
    Defence(
        row="sms-per-account",
        file="flows/core/sms_metering.py",
        old='            await take_turn((f"sms:account:{account.id}",), str(practice.id), _rule(rules, use), now)\n',
        new="            pass\n",
        fails=(
            f"{_METER}::test_wait_counts_for_the_number_and_for_the_account",
            f"{_SMS}::test_setting_up_one_number_after_the_other_pumps_nothing",
        ),
    ),
    Defence(
        row="sms-per-address",
        file="flows/core/sms_metering.py",
        old="    if address and counts[by_address] > rules.address_per_hour:\n"
        "        raise NotSent(CAP_REACHED, hour + _HOUR)\n",
        new="",
        fails=(f"{_METER}::test_messages_beyond_the_hourly_cap_of_an_address_are_refused",),
    ),
    Defence(
        row="sms-per-practice",
        file="flows/core/sms_metering.py",
        old='    if counts[by_practice] > rules.practice_per_day:\n        raise _full(practice, "day", day + _DAY)\n',
        new="",
        fails=(f"{_METER}::test_messages_beyond_the_daily_cap_of_a_practice_are_refused",),
    ),
    Defence(
        row="sms-per-installation",
        file="flows/core/sms_metering.py",
        old="    if counts[by_installation] > rules.installation_per_day:\n"
        '        raise _full(practice, "installation", day + _DAY)\n',
        new="",
        fails=(f"{_METER}::test_messages_beyond_the_daily_cap_of_the_installation_are_refused",),
    ),
    Defence(
        row="sms-cost",
        file="flows/core/sms_metering.py",
        old="rules.price) > rules.practice_cost_per_month:",
        new="rules.price) < 0:",
        fails=(f"{_METER}::test_messages_beyond_the_monthly_cost_cap_are_refused",),
    ),
    Defence(
        row="sms-country",
        file="flows/core/sms_metering.py",
        old="    if country is None or country not in _countries(practice, rules):\n",
        new="    if country is None:\n",
        fails=(f"{_METER}::test_messages_go_to_the_country_of_the_practice_and_of_the_settings_only",),
    ),
    Defence(
        row="prompts",
        file="flows/signin/challenges.py",
        old="        await take_turn(subject, practice_id, rule, now)\n",
        new="        pass\n",
        fails=(
            f"{_PROMPTS}::test_somebody_with_the_password_has_three_prompts_sent_and_then_waits",
            f"{_PROMPTS}::test_of_sixteen_at_once_three_are_sent",
        ),
    ),
    Defence(
        row="prompts-of-a-failing-factor",
        file="flows/signin/challenges.py",
        old="    except (NotSent, FactorUnavailable):\n        sent = False\n",
        new="    except (NotSent, FactorUnavailable, FactorFailed):\n        sent = False\n",
        fails=(f"{_PROMPTS}::test_factor_that_fails_may_have_sent_before",),
    ),
    Defence(
        row="open-challenges",
        file="flows/signin/challenges.py",
        old="        closed.append(max(by_network.values(), key=len).pop(0))\n",
        new="        closed.append(next(one for one in by_network.values() if one).pop(0))\n",
        fails=(f"{_PROMPTS}::test_flood_leaves_so_many_open_and_keeps_those_of_the_person",),
    ),
)
