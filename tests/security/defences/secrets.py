"""Secrets."""

from tests.security.defences import Change, Defence, Structural

_HASHING = "tests/security/test_passwords.py"
_COSTS = "tests/journeys/signin/test_hash_costs.py"
_KEYS = "tests/security/test_keys.py"
_ROTATION = "tests/journeys/faults/test_key_rotation.py"
_SETTINGS = "tests/installation/test_settings.py"
_COUNTS = "tests/flows/test_limits_and_keys.py"
_PHONE = "tests/journeys/account/test_phone_change.py"
_FILES = "tests/models/test_sqlite_files.py::test_sqlite_file_is_readable_by_its_owner_only"
_TLS = "tests/installation/test_tls.py"
_ERRORS = "tests/schema/test_errors.py"
_CANARY = "tests/security/test_canary.py::test_no_secret_is_left_anywhere"

ENTRIES = (
    Defence(
        row="argon2id",
        file="security/passwords.py",
        old="DEFAULT_COST = Cost(memory_kib=19456, time=2,",
        new="DEFAULT_COST = Cost(memory_kib=9728, time=2,",
        fails=(f"{_HASHING}::test_the_default_is_owasps_minimum_in_argon2id",),
    ),
    Defence(
        row="argon2id",
        file="security/passwords.py",
        old="self._argon2 = argon2.PasswordHasher(time, memory_kib, parallelism)",
        new="self._argon2 = argon2.PasswordHasher(time, memory_kib, parallelism, type=Type.I)",
        fails=(f"{_HASHING}::test_the_default_is_owasps_minimum_in_argon2id",),
    ),
    Defence(
        row="cheaper-than-that",
        file="settings/safety.py",
        old="    if settings.password_hash_memory_kib < OWASP_MEMORY_KIB:\n",
        new="    if False:\n",
        fails=(f"{_SETTINGS}::test_production_refuses_what_is_unsafe",),
    ),
    Defence(
        row="cheaper-than-that",
        file="settings/safety.py",
        old="    if settings.password_hash_time < OWASP_TIME:\n",
        new="    if False:\n",
        fails=(f"{_SETTINGS}::test_production_refuses_what_is_unsafe",),
    ),
    Defence(
        row="hashes-at-once",
        file="security/passwords.py",
        old="ThreadPoolExecutor(concurrency, ",
        new="ThreadPoolExecutor(16, ",
        fails=(
            f"{_HASHING}::test_never_more_threads_than_allowed",
            f"{_COSTS}::test_sixteen_at_once_are_hashed_two_at_a_time",
        ),
    ),
    Defence(
        row="rehashed",
        file="flows/signin/password_check.py",
        old="    if account.password_hash and app.passwords.needs_rehash(account.password_hash):\n",
        new="    if False:\n",
        fails=(f"{_COSTS}::test_the_next_sign_in_raises_the_cost_and_keeps_the_password",),
    ),
    Structural(
        row="tampered-with",
        reason="AES-256-GCM of the cryptography package: a changed byte does not open, by no other way either.",
        shown_by=(
            f"{_KEYS}::test_any_changed_byte_is_noticed",
            f"{_KEYS}::test_every_truncation_is_noticed",
            f"{_KEYS}::test_a_foreign_key_under_the_same_id_does_not_open",
        ),
    ),
    Defence(
        row="moved-between-accounts",
        file="flows/core/sealing.py",
        old="*FACTOR_STATE.place(account_id, factor.name))",
        new='*FACTOR_STATE.place("", factor.name))',
        also=(
            Change(
                "flows/core/sealing.py",
                "*FACTOR_STATE.place(enrolment.account_id, factor.name))",
                '*FACTOR_STATE.place("", factor.name))',
            ),
        ),
        fails=(
            "tests/journeys/faults/test_sealed_rows.py::test_a_factors_state_moved_to_another_account_does_not_open",
        ),
    ),
    Defence(
        row="moved-between-accounts",
        file="models/core/sealed.py",
        old="return self.purpose, *(str(value) for value in values)",
        new="return (self.purpose,)",
        fails=("tests/journeys/documents/test_answers.py::test_what_was_moved_to_another_practice_does_not_open",),
    ),
    Defence(
        row="moved-between-accounts",
        file="security/keys.py",
        old='return len(encoded).to_bytes(4) + b"".join(len(part).to_bytes(4) + part for part in encoded)',
        new='return b"".join(encoded)',
        fails=(f"{_KEYS}::test_context_parts_do_not_run_together",),
    ),
    Defence(
        row="rotated",
        file="security/keys.py",
        old="return _key_name(sealed) != self._active.name",
        new="return not _key_name(sealed)",
        fails=(f"{_KEYS}::test_after_a_rotation_old_values_open_and_ask_to_be_resealed",),
    ),
    Defence(
        row="rotated",
        file="models/core/sealed.py",
        old="SEALED_COLUMNS = (FACTOR_STATE, CHALLENGE, OUTBOX, ROOM, REPORT_TITLE, ANSWERS, FILE, COUNTING_KEY)",
        new="SEALED_COLUMNS = (CHALLENGE, OUTBOX, ROOM, REPORT_TITLE, ANSWERS, FILE, COUNTING_KEY)",
        fails=(f"{_ROTATION}::test_every_column_that_holds_bytes_is_on_the_list",),
    ),
    Defence(
        row="spent-while-rotating",
        file="models/core/sealed.py",
        old='SET {where.column} = ? WHERE id = ? AND {where.column} = ?",',
        new='SET {where.column} = ? WHERE id = ? AND ({where.column} = ? OR TRUE)",',
        fails=("tests/flows/test_resealing.py::test_reseal_does_not_overwrite_a_concurrent_write",),
    ),
    Defence(
        row="counted-while-rotating",
        file="flows/core/limits.py",
        old="for mac in app.keys.macs(name.encode(), context)]",
        new="for mac in [app.keys.mac(name.encode(), context)]]",
        fails=(
            f"{_COUNTS}::test_count_continues_through_a_key_rotation",
            f"{_COUNTS}::test_count_made_with_both_keys_survives_the_old_key",
            f"{_COUNTS}::test_workers_with_different_active_keys_share_one_count[moved-starts_sign_in]",
            f"{_COUNTS}::test_known_and_unknown_login_look_the_same_through_a_key_rotation",
        ),
        databases=("sqlite", "postgresql"),
    ),
    Defence(
        row="counted-while-rotating",
        file="flows/core/attempts.py",
        old="    if key := await _counting_key(app, practice):",
        new="    if (key := await _counting_key(app, practice)) and not names:",
        fails=(f"{_COUNTS}::test_known_and_unknown_login_look_the_same_without_the_old_key",),
        databases=("sqlite", "postgresql"),
    ),
    Defence(
        row="asked-before-rotating",
        file="flows/account/phone_change.py",
        old="for mac in _macs(app, change.id, code)]",
        new="for mac in _macs(app, change.id, code)[:1]]",
        fails=(f"{_PHONE}::test_a_code_that_was_asked_for_before_the_keys_changed_is_right_after_it",),
    ),
    Defence(
        row="default-secret",
        file="settings/safety.py",
        old="        if secret == public:\n",
        new="        if False:\n",
        also=(Change("settings/safety.py", "        elif is_guessable(secret):\n", "        elif False:\n"),),
        fails=(
            f"{_SETTINGS}::test_the_public_key_is_refused_however_it_is_written",
            f"{_SETTINGS}::test_a_bare_production_names_every_problem_at_once",
        ),
    ),
    Defence(
        row="guessable-key",
        file="settings/safety.py",
        old="        elif is_guessable(secret):\n",
        new="        elif False:\n",
        fails=(f"{_SETTINGS}::test_a_key_that_can_be_guessed_is_refused_by_its_number",),
    ),
    Defence(
        row="guessable-key",
        file="security/keys.py",
        old="any((_is_regular(secret, 256), _is_regular(written, 64), _is_text(secret), _is_one_case(written)))",
        new="len(set(secret)) == 1",
        fails=(
            f"{_KEYS}::test_what_people_make_up_is_guessable",
            f"{_KEYS}::test_what_people_make_up_in_base64url_is_guessable",
            f"{_KEYS}::test_what_repeats_itself_is_guessable",
            f"{_KEYS}::test_a_passphrase_is_guessable_however_long",
        ),
    ),
    Defence(
        row="debug",
        file="settings/safety.py",
        old='    if settings.log_level == "DEBUG":\n',
        new="    if False:\n",
        fails=(f"{_SETTINGS}::test_production_refuses_what_is_unsafe",),
    ),
    Defence(
        row="debug",
        file="settings/safety.py",
        old="    if settings.ide_on:\n",
        new="    if False:\n",
        fails=(f"{_SETTINGS}::test_production_refuses_what_is_unsafe",),
    ),
    Defence(
        row="http-origin",
        file="settings/safety.py",
        old='    if settings.public_url.startswith("http:"):\n        yield',
        new="    if False:\n        yield",
        fails=(
            f"{_SETTINGS}::test_production_refuses_what_is_unsafe",
            f"{_SETTINGS}::test_a_bare_production_names_every_problem_at_once",
        ),
    ),
    Defence(
        row="passed-for",
        file="models/db/tls.py",
        old='    if mode == "require" and not authority:\n',
        new="    context.check_hostname = False\n    if True:\n",
        fails=(f"{_TLS}::test_an_unknown_authority_is_refused",),
    ),
    Defence(
        row="passed-for",
        file="models/db/tls.py",
        old='    context.check_hostname = mode not in {"require", "verify-ca"}\n',
        new="    context.check_hostname = False\n",
        fails=(f"{_TLS}::test_another_name_is_refused_by_verify_full_alone",),
    ),
    Defence(
        row="passed-for",
        file="models/db/database.py",
        old='                "ssl": tls_of(parts.query),\n',
        new="",
        fails=(f"{_TLS}::test_commands_obey_the_url",),
    ),
    Defence(
        row="readable-by-others",
        file="models/db/engines/sqlite.py",
        old="        Path(file).touch(0o600, exist_ok=False)\n",
        new="        pass\n",
        fails=(_FILES,),
    ),
    Defence(
        row="readable-by-others",
        file="models/db/migrating.py",
        old="    await asyncio.to_thread(path.touch, 0o600)\n",
        new="",
        fails=(_FILES,),
    ),
    Defence(
        row="in-errors",
        file="schema/http/document/objections.py",
        old="""    if message.startswith("Syntax Error: "):""",
        new="""    return message
    if message.startswith("Syntax Error: "):""",
        fails=("tests/schema/test_objections.py::test_no_answer_tells_it", _CANARY),
    ),
    Defence(
        row="in-errors",
        file="schema/http/errors.py",
        old='    return code, text(f"error.{code}", context.locale)\n',
        new="    return code, str(cause)\n",
        fails=(f"{_ERRORS}::test_the_unexpected_is_masked",),
    ),
    Defence(
        row="in-logs",
        file="schema/http/errors.py",
        old='errors=[f"{type(error).__module__}.{type(error).__qualname__}" for error in _chain(cause)],',
        new="errors=[repr(error) for error in _chain(cause)],",
        fails=(
            f"{_ERRORS}::test_the_unexpected_is_masked",
            f"{_ERRORS}::test_the_log_names_the_exception_and_the_place",
        ),
    ),
    Defence(
        row="in-logs",
        file="settings/forms.py",
        old='raise ValueError(f"must have the form {form}")',
        new='raise ValueError(f"{value.get_secret_value()} must have the form {form}")',
        fails=(f"{_SETTINGS}::test_no_secret_is_shown",),
    ),
    Defence(
        row="in-the-outbox",
        file="flows/core/outbox.py",
        old="sealed = app.keys.seal(json.dumps(payload).encode(), *OUTBOX.place(identity))",
        new="sealed = json.dumps(payload).encode()",
        also=(
            Change(
                "delivery/carrier.py",
                'json.loads(keys.open(row.payload or b"", *context_of(row)))',
                'json.loads(row.payload or b"")',
            ),
        ),
        fails=("tests/flows/test_sms.py::test_message_is_sealed_in_the_outbox",),
    ),
    Structural(
        row="in-the-audit-trail",
        reason="An audit row has a code, ids and details that flows write out by hand; none gives it what was typed.",
        shown_by=(_CANARY, "tests/security/test_canary.py::test_canaries_are_found"),
    ),
)
