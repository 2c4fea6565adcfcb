"""Sessions."""

from tests.security.defences import Change, Defence

_IDENTITY = "tests/journeys/http/test_identity.py"
_TOKENS = "tests/journeys/signin/test_sessions.py"
_BROWSER = "tests/schema/test_tokens.py"
_COOKIES = "tests/schema/test_csrf.py"
_WAITING = "tests/journeys/signin/test_waiting.py"
_WINDOWS = "tests/journeys/http/test_windows.py"
_PAGE = "tests/journeys/second_factor/test_settings_page.py"
_HASHES = "tests/security/test_tokens.py"

ENTRIES = (
    Defence(
        row="token-after-a-proof",
        file="flows/signin/sign_in.py",
        old="        remember_seconds=remember_seconds,\n        token_hash=token_hash(token),\n    )",
        new="        remember_seconds=remember_seconds,\n    )",
        fails=(f"{_BROWSER}::test_another_token_once_a_factor_is_proven_and_another_for_the_session",),
    ),
    Defence(
        row="token-of-the-session",
        file="flows/signin/completion.py",
        old="        token_hash=token_hash(token),\n        transport=sign_in.transport,\n        proven_by",
        new="        token_hash=sign_in.token_hash,\n        transport=sign_in.transport,\n        proven_by",
        fails=(f"{_BROWSER}::test_another_token_once_a_factor_is_proven_and_another_for_the_session",),
    ),
    Defence(
        row="token-after-a-step-up",
        file="flows/signin/step_up.py",
        old="        stepped_up_at=app.now, token_hash=token_hash(token)\n",
        new="        stepped_up_at=app.now\n",
        fails=(
            f"{_TOKENS}::test_a_step_up_leaves_the_old_token_dead",
            f"{_BROWSER}::test_a_browser_gets_cookies_and_no_tokens",
        ),
    ),
    Defence(
        row="host-cookie",
        file="schema/kit/context.py",
        old='prefix = "__Host-" if secure else ""',
        new='prefix = ""',
        fails=(f"{_COOKIES}::test_https_cookies_are_bound_to_the_host",),
    ),
    Defence(
        row="secure-cookie",
        file="schema/http/responses.py",
        old="secure=secure, httponly",
        new="httponly",
        fails=(f"{_COOKIES}::test_https_cookies_are_bound_to_the_host",),
    ),
    Defence(
        row="http-only-cookie",
        file="schema/http/responses.py",
        old=", httponly=True",
        new="",
        fails=(
            f"{_COOKIES}::test_cookies_are_given_and_taken",
            f"{_COOKIES}::test_https_cookies_are_bound_to_the_host",
        ),
    ),
    Defence(
        row="same-site-cookie",
        file="schema/http/responses.py",
        old='samesite="lax"',
        new="samesite=None",
        fails=(
            f"{_COOKIES}::test_cookies_are_given_and_taken",
            f"{_COOKIES}::test_https_cookies_are_bound_to_the_host",
        ),
    ),
    Defence(
        row="hashed-at-rest",
        file="security/tokens.py",
        old='return hashlib.sha256(token.encode("ascii")).hexdigest()',
        new="return token",
        fails=(f"{_HASHES}::test_a_token_is_stored_as_its_sha256",),
    ),
    Defence(
        row="hashed-at-rest",
        file="flows/signin/completion.py",
        old="        token_hash=token_hash(token),\n        transport=sign_in.transport,\n        proven_by",
        new="        token_hash=token,\n        transport=sign_in.transport,\n        proven_by",
        also=(
            Change(
                "flows/signin/sessions.py",
                "row = await identify(token_hash(token), now",
                "row = await identify(token, now",
            ),
        ),
        fails=(f"{_TOKENS}::test_no_token_is_stored",),
    ),
    Defence(
        row="idle",
        file="flows/signin/sessions.py",
        old="row = await identify(token_hash(token), now, now - app.rules.session_idle)",
        new="row = await identify(token_hash(token), now, now - app.rules.session_total)",
        fails=(
            f"{_WINDOWS}::test_a_session_ends_after_an_hour_without_a_request",
            f"{_PAGE}::test_a_session_ends_by_itself",
        ),
    ),
    Defence(
        row="total",
        file="models/signin/login_session.py",
        old="WHERE {key} = ? AND s.ended_at IS NULL AND s.expires_at > ? AND",
        new="WHERE {key} = ? AND s.ended_at IS NULL AND s.created_at <= ? AND",
        fails=(
            f"{_PAGE}::test_a_session_ends_by_itself",
            f"{_WINDOWS}::test_a_session_of_staff_ends_after_twelve_hours",
        ),
    ),
    Defence(
        row="total",
        file="flows/signin/completion.py",
        old="app.rules.staff_session_total if account.audience is Audience.STAFF else app.rules.session_total",
        new="app.rules.session_total",
        fails=(f"{_WINDOWS}::test_a_session_of_staff_ends_after_twelve_hours",),
    ),
    Defence(
        row="sign-out",
        file="flows/signin/sessions.py",
        old="        await LoginSession.filter(id=caller.session_id).update(ended_at=app.now)\n",
        new="",
        fails=(f"{_TOKENS}::test_signing_out_ends_it_at_the_server",),
    ),
    Defence(
        row="listed",
        file="flows/signin/sessions.py",
        old="    return await sessions_of(caller.account_id, app.now, app.now - app.rules.session_idle)",
        new=(
            "    every = await sessions_of(caller.account_id, app.now, app.now - app.rules.session_idle)\n"
            "    return [one for one in every if str(one.id) == caller.session_id]"
        ),
        fails=(f"{_PAGE}::test_the_page_shows_what_is_set_up",),
    ),
    Defence(
        row="end-one",
        file="models/signin/login_session.py",
        old="WHERE {key} = ? AND s.ended_at IS NULL AND s.expires_at",
        new="WHERE {key} = ? AND s.expires_at",
        fails=(
            f"{_TOKENS}::test_signing_out_ends_it_at_the_server",
            f"{_PAGE}::test_ending_all_others",
        ),
    ),
    Defence(
        row="end-one",
        file="flows/signin/sessions.py",
        old="ended = await LoginSession.filter(id=identity, account_id=caller.account_id, ended_at=None).update(",
        new="ended = await LoginSession.filter(id=identity, ended_at=None).update(",
        fails=(f"{_TOKENS}::test_nobody_ends_a_session_of_somebody_else",),
    ),
    Defence(
        row="end-others",
        file="flows/signin/sessions.py",
        old="        await end_sessions(app, caller.account_id, but=caller.session_id)\n",
        new="",
        fails=(f"{_PAGE}::test_ending_all_others",),
    ),
    Defence(
        row="staff-end-all",
        file="flows/access/access.py",
        old='await end_sessions(app, grant.account_id)\n        await audit.record(app, member, "session.all_e',
        new='await audit.record(app, member, "session.all_e',
        fails=(f"{_PAGE}::test_staff_end_all_of_a_respondents_sessions",),
    ),
    Defence(
        row="sockets-too",
        file="schema/http/socket.py",
        old="            while await still_live(app, caller) is not None:\n",
        new="            while True:\n",
        fails=("tests/schema/test_socket_life.py::test_the_socket_ends_with_the_session",),
    ),
    Defence(
        row="another-in-the-browser",
        file="schema/http/callers.py",
        old="        raise ViewerMismatch\n",
        new="        return\n",
        fails=(
            f"{_IDENTITY}::test_page_of_another_account_does_nothing",
            f"{_IDENTITY}::test_socket_names_its_account",
        ),
    ),
    Defence(
        row="another-in-the-browser",
        file="schema/files/downloads.py",
        old='replace(credentials, viewer=request.query_params.get("viewer"))',
        new="claims",
        fails=(f"{_IDENTITY}::test_uploads_and_downloads_name_their_account",),
    ),
    Defence(
        row="open-page",
        file="flows/signin/sessions.py",
        old='    if Access(row["access"]) is not Access.APPROVED and now - row',
        new="    if now - row",
        fails=(f"{_WAITING}::test_an_open_page_keeps_nobody_signed_in_who_has_access",),
    ),
    Defence(
        row="open-page",
        file="schema/http/live.py",
        old="        if await session.session_ended():\n",
        new="        if session.caller is None:\n",
        fails=(f"{_WAITING}::test_after_the_total_the_page_is_told_and_no_stream_completes",),
    ),
    Defence(
        row="ended-without-a-word",
        file="schema/http/identity.py",
        old="    if context.ended is None:\n",
        new="    if context.caller is None:\n",
        fails=(
            f"{_IDENTITY}::test_invalid_token_is_reported",
            f"{_IDENTITY}::test_expired_cookie_is_reported_beside_the_answer",
        ),
    ),
    Defence(
        row="outlives-its-factor",
        file="flows/core/assurance.py",
        old="    step_ups=Extent.OTHERS,\n",
        new="",
        fails=("tests/journeys/signin/test_assurance.py::test_new_recovery_codes_end_the_step_ups_of_other_sessions",),
    ),
    Defence(
        row="outlives-its-factor",
        file="flows/core/assurance.py",
        old="    sessions=Extent.GONE,\n    step_ups=Extent.OTHERS,\n",
        new="",
        fails=("tests/journeys/signin/test_assurance.py::test_the_attack_with_a_stolen_app",),
    ),
    Defence(
        row="outlives-its-key",
        file="models/signin/login_session.py",
        old="    return Q(proven_with__in=list(enrolments)) | Q(proven_with__isnull=True",
        new="    return Q(proven_with__isnull=True",
        fails=("tests/journeys/signin/test_assurance.py::test_a_session_ends_with_the_key_that_opened_it",),
    ),
    Defence(
        row="outlives-what-began",
        file="flows/core/assurance.py",
        old="        await supersede_links_of_sessions(account_id, now, acting.session)\n",
        new="        pass\n",
        fails=("tests/journeys/signin/test_assurance.py::test_what_ends_with_it[recovery codes are made]",),
    ),
    Defence(
        row="half-way-with-the-old-factor",
        file="flows/core/assurance.py",
        old="            await end_proven_sign_ins(account_id, now, but=acting.sign_in)\n",
        new="            pass\n",
        fails=("tests/journeys/signin/test_assurance.py::test_what_ends_with_it[a factor is set up, or replaced]",),
    ),
)
