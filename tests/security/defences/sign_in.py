"""Sign-in."""

from tests.security.defences import Change, Defence, Structural

_LIMITS = "tests/journeys/http/test_limits.py"
_ABUSE = "tests/journeys/signin/test_sign_in_abuse.py"
_VALKEY = "tests/journeys/faults/test_valkey.py"
_ADDRESSES = "tests/journeys/http/test_addresses.py"
_ARITHMETIC = "tests/security/test_limits.py"
_STRENGTH = "tests/security/test_strength.py"
_HASHING = "tests/security/test_passwords.py"
_CHOSEN = "tests/journeys/signin/test_chosen_passwords.py"
_TIMELINE = "tests/journeys/policy/test_policy_timeline.py"

ENTRIES = (
    Defence(
        row="same-answer",
        file="flows/signin/sign_in.py",
        old="    if found is None or not right or not found.may_sign_in(app.now):\n",
        new="    if found is None:\n        return NotFound()\n    if not right or not found.may_sign_in(app.now):\n",
        fails=(f"{_LIMITS}::test_wrong_login_and_wrong_password_get_one_answer",),
    ),
    Defence(
        row="same-answer",
        file="flows/signin/credentials.py",
        old="return not self.grants or any(state is not GrantState.DEACTIVATED for state in self.grants)",
        new="return True",
        fails=(f"{_LIMITS}::test_wrong_login_and_wrong_password_get_one_answer",),
    ),
    Defence(
        row="same-hashes",
        file="flows/signin/sign_in.py",
        old="right = await app.passwords.verify(found.account.password_hash if found else None, entry.password)",
        new="right = found is not None and await app.passwords.verify(found.account.password_hash, entry.password)",
        fails=(f"{_LIMITS}::test_wrong_login_and_wrong_password_get_one_answer",),
    ),
    Defence(
        row="same-hashes",
        file="security/passwords.py",
        old='            await self._compute(lambda: self._matches(self._decoy, b""))\n            return False',
        new="            return False",
        fails=(
            f"{_HASHING}::test_nobodys_password_costs_the_same_and_is_never_right",
            f"{_LIMITS}::test_wrong_login_and_wrong_password_get_one_answer",
        ),
    ),
    Defence(
        row="same-hashes",
        file="security/passwords.py",
        old='costs = f"m={cost.memory_cost},t={cost.time_cost},p={cost.parallelism}"',
        new='costs = f"m=8,t=1,p={cost.parallelism}"',
        fails=(f"{_HASHING}::test_the_decoy_has_the_cost_of_the_configured_hash",),
    ),
    Defence(
        row="same-statements",
        file="flows/signin/credentials.py",
        old="    staff = await staff_of_account(account.id if account else None)\n",
        new="    if account is None:\n        return None\n    staff = await staff_of_account(account.id)\n",
        fails=(f"{_LIMITS}::test_wrong_login_and_wrong_password_get_one_answer",),
    ),
    Defence(
        row="same-budgets",
        file="flows/signin/sign_in.py",
        old="without_account = await unknown_subject(app, practice, login_key(login))",
        new="without_account = await unknown_subject(app, practice, login)",
        fails=(f"{_ADDRESSES}::test_how_a_login_is_spelled_does_not_tell_whether_it_exists",),
    ),
    Defence(
        row="same-budgets",
        file="flows/signin/sign_in.py",
        old="without_account = await unknown_subject(app, practice, login_key(login))",
        new="without_account = await unknown_subject(app, practice, new_token())",
        fails=(f"{_LIMITS}::test_too_many_guesses_get_one_answer_for_known_and_unknown_logins",),
    ),
    Defence(
        row="per-account",
        file="flows/core/attempts.py",
        old="return reserve(budget, now, app.rules.attempts)",
        new="reserve(budget, now, app.rules.attempts)\n        return budget",
        fails=(f"{_LIMITS}::test_waits_begin_at_the_fifth_failure_and_double",),
    ),
    Defence(
        row="per-address",
        file="flows/core/attempts.py",
        old='{network_of(origin.address)}:{minute}", rules.per_address)',
        new='{network_of(origin.address)}:{minute}", 10**9)',
        fails=(f"{_LIMITS}::test_one_address_fails_twenty_times_a_minute",),
    ),
    Defence(
        row="per-address",
        file="flows/core/limits.py",
        old='str(ip_network(f"{address}/64", strict=False))',
        new="address",
        fails=(f"{_ADDRESSES}::test_an_ipv6_subscriber_is_one_address",),
    ),
    Defence(
        row="per-practice",
        file="flows/core/attempts.py",
        old='        Window(f"{kind}:practice:{practice_id}:{minute}", rules.per_practice),\n',
        new="",
        fails=(f"{_ADDRESSES}::test_one_address_uses_up_no_practice",),
    ),
    Defence(
        row="per-practice",
        file="flows/core/attempts.py",
        old='        Window(f"{kind}:address:{network_of(origin.address)}:{minute}", rules.per_address),\n'
        '        Window(f"{kind}:practice:{practice_id}:{minute}", rules.per_practice),\n',
        new='        Window(f"{kind}:practice:{practice_id}:{minute}", rules.per_practice),\n'
        '        Window(f"{kind}:address:{network_of(origin.address)}:{minute}", rules.per_address),\n',
        fails=(f"{_ADDRESSES}::test_one_address_uses_up_no_practice",),
    ),
    Defence(
        row="per-installation",
        file="flows/core/attempts.py",
        old='        Window(f"{kind}:practices:{minute}", rules.per_installation),\n',
        new="",
        fails=(f"{_ABUSE}::test_practices_share_what_the_installation_allows",),
    ),
    Defence(
        row="per-installation",
        file="flows/core/attempts.py",
        old='        Window(f"{kind}:practice:{practice_id}:{minute}", rules.per_practice),\n'
        '        Window(f"{kind}:practices:{minute}", rules.per_installation),\n',
        new='        Window(f"{kind}:practices:{minute}", rules.per_installation),\n'
        '        Window(f"{kind}:practice:{practice_id}:{minute}", rules.per_practice),\n',
        fails=(f"{_ADDRESSES}::test_one_practice_uses_up_no_installation[database]",),
    ),
    Defence(
        row="repeated-in-a-document",
        file="schema/http/document/limits.py",
        old='        ("aliases", weight.aliases, rules.aliases),\n',
        new="",
        fails=(
            "tests/schema/test_limits.py::test_a_hundred_aliases",
            "tests/schema/test_limits.py::test_aliases_through_fragments",
        ),
    ),
    Defence(
        row="repeated-in-a-document",
        file="flows/core/attempts.py",
        old="    now = app.now\n    if not await _is_within(event, now):\n",
        new="    now = app.now\n    if event.request in _SEEN:\n"
        "        return Reserved(subject, Event((), event.ends, True))\n    _SEEN.add(event.request)\n"
        "    if not await _is_within(event, now):\n",
        also=(
            Change(
                "flows/core/attempts.py",
                "    within: bool | None\n",
                '    within: bool | None\n    request: str = ""\n',
            ),
            Change("flows/core/attempts.py", "store.MINUTE, within)\n", "store.MINUTE, within, origin.request)\n"),
            Change(
                "flows/core/attempts.py",
                "from security.limits import Blocked, released, reserve, undone\n",
                "from security.limits import Blocked, released, reserve, undone\n\n_SEEN: set[str] = set()\n",
            ),
        ),
        fails=(
            f"{_ABUSE}::test_each_repetition_in_a_document_is_counted",
            f"{_ABUSE}::test_each_repetition_of_a_proof_is_counted",
        ),
    ),
    Defence(
        row="batch",
        file="schema/http/reading.py",
        old="    if isinstance(parameters, list):\n",
        new="    if isinstance(parameters, list):\n        parameters = parameters[0]\n"
        "    if isinstance(parameters, list):\n",
        fails=(f"{_ABUSE}::test_a_batch_is_refused_before_anything_runs",),
    ),
    Defence(
        row="parallel-guesses",
        file="flows/core/attempts.py",
        old="        return reserve(budget, now, app.rules.attempts)\n",
        new="        return blocked(budget, now, app.rules.attempts) or budget\n",
        also=(
            Change("flows/core/attempts.py", "import Blocked, released", "import Blocked, blocked, released"),
            Change(
                "flows/core/attempts.py",
                "async def succeed(",
                "async def count_now(app: AppContext, practice_id: str, subject: str) -> None:\n"
                "    async def spend(budget):\n        return reserve(budget, app.now, app.rules.attempts)\n\n"
                "    await store.change_budget(subject, practice_id, app.now, spend)\n\n\nasync def succeed(",
            ),
            Change(
                "flows/signin/sign_in.py", "import counted_ahead, reserve", "import count_now, counted_ahead, reserve"
            ),
            Change(
                "flows/signin/sign_in.py",
                '            await _note_refused(app, origin, practice, found, "REFUSED")\n',
                '            await _note_refused(app, origin, practice, found, "REFUSED")\n'
                "            await count_now(app, str(practice.id), subject)\n",
            ),
        ),
        fails=(f"{_ABUSE}::test_guesses_that_wait_for_their_hash_are_counted",),
        databases=("sqlite", "postgresql"),
    ),
    Defence(
        row="parallel-guesses",
        file="models/core/attempts.py",
        old=" WHERE attempt_budget.version < excluded.version RETURNING subject",
        new=" RETURNING subject",
        fails=("tests/flows/test_budgets.py::test_concurrent_count_is_not_overwritten",),
        databases=("sqlite", "postgresql"),
    ),
    Structural(
        row="parallel-guesses",
        reason="Across workers and at a factor: the counts are rows that one transaction holds at a time.",
        shown_by=(
            f"{_LIMITS}::test_parallel_guesses_at_a_password_never_exceed_the_limit",
            f"{_LIMITS}::test_parallel_guesses_at_a_factor_never_exceed_the_limit",
        ),
    ),
    Defence(
        row="own-success-between",
        file="security/limits.py",
        old="        consecutive=0,\n        hour_count=max(budget.hour_count - 1, 0),\n"
        "        day_count=max(budget.day_count - 1, 0),\n",
        new="        consecutive=0,\n        hour_count=0,\n        day_count=0,\n",
        fails=(
            f"{_ARITHMETIC}::test_success_between_guesses_buys_no_further_ones",
            f"{_ARITHMETIC}::test_success_refunds_its_own_attempt_only",
        ),
    ),
    Defence(
        row="own-success-between",
        file="flows/signin/sign_in.py",
        old="    return subject_of(str(found.account.id), kind)\n",
        new='    return (f"{practice.id}:{kind}",)\n',
        fails=(f"{_ABUSE}::test_a_success_of_ones_own_forgives_no_guess_at_another",),
    ),
    Defence(
        row="new-challenge-or-sign-in",
        file="flows/second_factor/proofs.py",
        old="    subject = subject_of(str(holder.account.id), given.factor)\n",
        new='    subject = subject_of(str(holder.account.id), str(holder.binding["sign_in_id"]))\n',
        fails=(f"{_LIMITS}::test_failures_of_a_factor_survive_a_new_challenge_and_a_new_sign_in",),
    ),
    Structural(
        row="flushed-cache",
        reason="Failures are rows of `attempt_budget` and nothing else; two workers share them.",
        shown_by=(
            f"{_LIMITS}::test_parallel_guesses_at_a_password_never_exceed_the_limit",
            f"{_VALKEY}::test_an_accounts_failures_survive",
        ),
    ),
    Defence(
        row="flushed-windows",
        file="models/core/valkey.py",
        old="  since = ARGV[1]\n",
        new="  since = '0'\n",
        fails=(f"{_VALKEY}::test_what_fails_lets_through_one_more_window_at_most[flush]",),
    ),
    Defence(
        row="flushed-windows",
        file="models/core/valkey.py",
        old="            self._lost(error)\n            return None\n",
        new="            self._lost(error)\n            return True\n",
        fails=(f"{_VALKEY}::test_what_fails_lets_through_one_more_window_at_most[cut]",),
    ),
    Defence(
        row="spoofed-address",
        file="schema/http/callers.py",
        old="        if not _within(peer, proxies):\n            break\n",
        new="",
        fails=(
            "tests/schema/test_callers.py::test_what_a_client_forwards_is_ignored",
            "tests/schema/test_callers.py::test_the_right_most_hop_that_no_proxy_of_ours_is",
        ),
    ),
    Defence(
        row="lock-out-ends",
        file="security/limits.py",
        old="return timedelta(seconds=min(seconds, rule.longest_wait.total_seconds()))",
        new="return timedelta(seconds=seconds)",
        fails=(f"{_LIMITS}::test_waits_begin_at_the_fifth_failure_and_double",),
    ),
    Defence(
        row="remembered-device-stays-a-way-in",
        file="flows/signin/sign_in.py",
        old='kind = f"password@{waived.id}" if waived else "password"',
        new='kind = "password"',
        fails=(f"{_LIMITS}::test_a_remembered_device_stays_a_way_in",),
    ),
    Defence(
        row="reset-stays-a-way-in",
        file="flows/access/access.py",
        old="    await clear_budgets(subject_of(str(account.id), kind) for kind in kinds)\n",
        new="",
        fails=("tests/journeys/signin/test_recovery.py::test_a_reset_lifts_what_guessing_had_slowed_down",),
    ),
    Defence(
        row="reset-stays-a-way-in",
        file="flows/signin/passwords.py",
        old='        await clear_budgets([subject_of(str(account.id), "password")])\n',
        new="",
        fails=(f"{_ADDRESSES}::test_a_mailed_reset_ends_the_wait_that_guessing_began",),
    ),
    Defence(
        row="reset-stays-a-way-in",
        file="models/core/attempts.py",
        old='asdict(Budget()), version=F("version") + 1)',
        new="asdict(Budget()))",
        fails=("tests/flows/test_budgets.py::test_concurrent_reset_is_not_overwritten",),
        databases=("sqlite", "postgresql"),
    ),
    Defence(
        row="hundred-failures",
        file="security/limits.py",
        old="        locked=consecutive >= rule.lock_at,\n    )\n\n\ndef released",
        new="    )\n\n\ndef released",
        fails=(f"{_ARITHMETIC}::test_both_edges_of_the_lock",),
    ),
    Defence(
        row="hundred-failures",
        file="security/limits.py",
        old="_MOST_CONSECUTIVE = 100",
        new="_MOST_CONSECUTIVE = 1000",
        fails=(f"{_ARITHMETIC}::test_a_rule_that_protects_nothing_is_refused",),
    ),
    Defence(
        row="begun-before-a-lock-out",
        file="flows/core/attempts.py",
        old="return reserve(budget, now, app.rules.attempts)",
        new="reserve(budget, now, app.rules.attempts)\n        return budget",
        fails=(f"{_ABUSE}::test_block_holds_for_sign_ins_begun_before_it",),
    ),
    Defence(
        row="begun-before-it-ended",
        file="flows/second_factor/holder.py",
        old="    if account.epoch != sign_in.epoch or account.suspended_at is not None:\n        raise SignInExpired\n",
        new="",
        also=(
            Change(
                "flows/signin/sign_in.py",
                "    if account is None or account.epoch != holder.sign_in.epoch:\n        raise SignInExpired\n",
                "",
            ),
            Change(
                "models/core/account.py",
                "Account.filter(id=account_id, epoch=epoch, suspended_at=None)",
                "Account.filter(id=account_id)",
            ),
        ),
        fails=(
            f"{_ABUSE}::test_sign_in_begun_before_an_account_change_does_not_complete",
            f"{_ABUSE}::test_what_ends_while_a_proof_is_judged_does_not_complete",
            f"{_ABUSE}::test_a_colleague_who_is_suspended_does_not_complete",
        ),
    ),
    Defence(
        row="begun-before-it-ended",
        file="flows/signin/sign_in.py",
        old="    if account is None or account.epoch != holder.sign_in.epoch:\n        raise SignInExpired\n",
        new="",
        also=(
            Change(
                "models/core/account.py",
                "Account.filter(id=account_id, epoch=epoch, suspended_at=None)",
                "Account.filter(id=account_id)",
            ),
        ),
        fails=(f"{_ABUSE}::test_what_ends_while_a_proof_is_judged_does_not_complete",),
        databases=("sqlite", "postgresql"),
    ),
    Defence(
        row="eight-beside-a-factor",
        file="flows/signin/passwords.py",
        old="WITH_FACTOR, ALONE = 8, 15",
        new="WITH_FACTOR, ALONE = 7, 15",
        fails=(f"{_CHOSEN}::test_eight_characters_beside_a_factor",),
    ),
    Defence(
        row="eight-beside-a-factor",
        file="security/strength.py",
        old="Weakness.TOO_SHORT: len(normal) < minimum,",
        new="Weakness.TOO_SHORT: False,",
        fails=(f"{_CHOSEN}::test_eight_characters_beside_a_factor", f"{_STRENGTH}::test_both_edges_of_the_minimum"),
    ),
    Defence(
        row="fifteen-alone",
        file="flows/signin/passwords.py",
        old="return WITH_FACTOR if demand is Demand.REQUIRED else ALONE",
        new="return WITH_FACTOR",
        fails=(f"{_TIMELINE}::test_exempted_person_needs_a_longer_password",),
    ),
    Defence(
        row="fifteen-alone",
        file="flows/signin/steps.py",
        old="too_short = not has_proof and bool(holder.account.password_short)",
        new="too_short = False",
        fails=(
            f"{_TIMELINE}::test_a_short_password_does_not_stay_alone_when_its_owner_is_exempted",
            f"{_TIMELINE}::test_a_password_of_fifteen_characters_may_stand_alone",
        ),
    ),
    Defence(
        row="long-passwords",
        file="security/strength.py",
        old="LONGEST_CHOSEN = 256",
        new="LONGEST_CHOSEN = 63",
        fails=(
            f"{_CHOSEN}::test_password_may_have_any_characters_and_counts_whole",
            f"{_STRENGTH}::test_long_passphrases_pass",
        ),
    ),
    Defence(
        row="nfc",
        file="security/passwords.py",
        old="password_form(password).encode",
        new="password.encode",
        fails=(
            f"{_CHOSEN}::test_password_may_have_any_characters_and_counts_whole",
            f"{_HASHING}::test_composed_and_decomposed_accents_are_one_password",
        ),
    ),
    Defence(
        row="no-truncation",
        file="security/passwords.py",
        old='password_form(password).encode("utf-8", "surrogatepass")',
        new='password_form(password).encode("utf-8", "surrogatepass")[:72]',
        fails=(
            f"{_CHOSEN}::test_password_may_have_any_characters_and_counts_whole",
            f"{_HASHING}::test_the_last_character_counts",
        ),
    ),
    Defence(
        row="no-composition",
        file="security/strength.py",
        old="Weakness.TOO_SHORT: len(normal) < minimum,",
        new="Weakness.TOO_SHORT: len(normal) < minimum or normal == normal.lower(),",
        fails=(
            f"{_CHOSEN}::test_password_may_have_any_characters_and_counts_whole",
            f"{_STRENGTH}::test_strong_passwords_of_any_alphabet_pass",
        ),
    ),
    Defence(
        row="zxcvbn",
        file="security/strength.py",
        old="Weakness.GUESSABLE: _guesses(estimated_part(normal), known) < _TOO_FEW_GUESSES,",
        new="Weakness.GUESSABLE: False,",
        fails=(f"{_STRENGTH}::test_what_attackers_try_first_is_guessable",),
    ),
    Defence(
        row="own-words",
        file="flows/signin/passwords.py",
        old='words, chooser = (account.name, account.email or "", account.login_code), ',
        new="words, chooser = (), ",
        fails=(f"{_CHOSEN}::test_words_of_the_person_and_the_practice_are_none",),
    ),
    Defence(
        row="own-words",
        file="flows/signin/passwords.py",
        old="words=(*words, practice.name, practice.slug)",
        new="words=words",
        fails=(f"{_CHOSEN}::test_words_of_the_person_and_the_practice_are_none",),
    ),
    Defence(
        row="own-words",
        file="security/strength.py",
        old="    known = set(_HOUSE_WORDS)\n",
        new="    known = set[str]()\n",
        fails=(f"{_STRENGTH}::test_mostly_known_words_are_common",),
    ),
)
