"""Remembered device."""

from tests.security.defences import Change, Defence

_FACTOR = "tests/factors/test_remembered_devices.py"
_JOURNEY = "tests/journeys/signin/test_remembered_device.py"
_ENDS = f"{_JOURNEY}::test_what_ends_it"

ENTRIES = (
    Defence(
        row="guessed",
        file="factors/remembered_devices.py",
        old="_SECRET_BYTES = 32",
        new="_SECRET_BYTES = 8",
        fails=(f"{_FACTOR}::test_a_token_is_a_handle_and_256_secret_bits",),
    ),
    Defence(
        row="read-from-the-database",
        file="factors/remembered_devices.py",
        old='    return hashlib.sha256(secret.encode("ascii")).digest()\n',
        new='    return secret.encode("ascii")\n',
        fails=(f"{_FACTOR}::test_only_a_digest_and_the_end_are_kept",),
    ),
    Defence(
        row="at-another-account",
        file="flows/signin/remembered_devices.py",
        old="        account_id=found.account.id if found else NOBODY, factor=name,",
        new="        factor=name,",
        fails=(f"{_JOURNEY}::test_only_this_device_and_only_its_owner",),
    ),
    Defence(
        row="after-a-change-of-password",
        file="flows/core/assurance.py",
        old="Ends(Extent.OTHERS, Extent.OTHERS, Extent.ALL, Extent.ALL, Extent.ALL)",
        new="Ends(Extent.OTHERS, Extent.OTHERS, Extent.ALL, Extent.NONE, Extent.ALL)",
        fails=(
            f"{_ENDS}[changed_password]",
            "tests/journeys/signin/test_passwords.py::test_changing_it_asks_who_is_there",
        ),
    ),
    Defence(
        row="after-a-change-of-factors",
        file="flows/core/assurance.py",
        old="    devices=Extent.ALL,\n",
        new="",
        fails=(f"{_ENDS}[new_factor]",),
    ),
    Defence(
        row="after-a-change-of-factors",
        file="flows/core/assurance.py",
        old="Ends(Extent.GONE, Extent.ALL, Extent.PROVEN, Extent.ALL, Extent.OTHERS)",
        new="Ends(Extent.GONE, Extent.ALL, Extent.PROVEN, Extent.NONE, Extent.OTHERS)",
        fails=(
            "tests/journeys/second_factor/test_own_factors.py::test_a_removed_factor_signs_nobody_in_and_forgets_the_devices",
        ),
    ),
    Defence(
        row="after-new-recovery-codes",
        file="flows/core/assurance.py",
        old="    devices=Extent.ALL,\n",
        new="",
        fails=(f"{_ENDS}[new_codes]",),
    ),
    Defence(
        row="after-access-was-closed",
        file="flows/core/assurance.py",
        old="    Cause.ACCESS_CLOSED: _EVERYTHING,\n",
        new="    Cause.ACCESS_CLOSED: Ends(Extent.ALL, Extent.ALL, Extent.ALL, Extent.NONE, Extent.ALL),\n",
        fails=(f"{_ENDS}[deactivated]",),
    ),
    Defence(
        row="after-a-reset-by-staff",
        file="flows/access/access.py",
        old="    await FactorEnrolment.filter(account_id=account.id).delete()\n",
        new='    await FactorEnrolment.filter(account_id=account.id).exclude(role="WAIVER").delete()\n',
        fails=("tests/journeys/signin/test_recovery.py::test_without_codes_staff_reset_the_factors",),
    ),
    Defence(
        row="revoked-meanwhile",
        file="flows/signin/sign_in.py",
        old="        if waived and not await use_enrolment(waived.id, app.now):\n",
        new="        if waived and not await use_enrolment(waived.id, app.now) and not waived:\n",
        fails=("tests/journeys/faults/test_overtaken.py::test_a_device_that_is_revoked_meanwhile_waives_nothing",),
    ),
    Defence(
        row="servers-expiry",
        file="flows/signin/remembered_devices.py",
        old="    return end is not None and now < end\n",
        new="    return end is not None\n",
        also=(
            Change(
                "factors/remembered_devices.py",
                "return Accepted(state) if desk.now < state.until else Refused(Reason.EXPIRED)",
                "return Accepted(state)",
            ),
        ),
        fails=(f"{_JOURNEY}::test_the_servers_date_decides",),
    ),
    Defence(
        row="servers-expiry",
        file="factors/remembered_devices.py",
        old="return Accepted(state) if desk.now < state.until else Refused(Reason.EXPIRED)",
        new="return Accepted(state)",
        fails=(f"{_FACTOR}::test_a_device_is_remembered_until_its_end_and_not_rotated",),
    ),
    Defence(
        row="shortened-policy",
        file="flows/signin/remembered_devices.py",
        old="    return min(enrolment.expires_at, enrolment.created_at + policy.longest_memory())\n",
        new="    return enrolment.expires_at\n",
        fails=(f"{_JOURNEY}::test_a_shortened_policy_cuts_at_once",),
    ),
    Defence(
        row="put-back-policy",
        file="flows/policy/policy_editing.py",
        old="        if new.longest_memory() < old.longest_memory():\n",
        new="        if False:\n",
        fails=(
            "tests/journeys/signin/test_remembered_device.py::test_a_policy_that_is_put_back_brings_no_device_back",
        ),
    ),
    Defence(
        row="not-rotated",
        file="factors/remembered_devices.py",
        old="return Accepted(state) if desk.now < state.until",
        new='return Accepted(state.model_copy(update={"digest": _digest("next")})) if desk.now < state.until',
        fails=(f"{_FACTOR}::test_a_device_is_remembered_until_its_end_and_not_rotated",),
    ),
    Defence(
        row="sensitive-acts",
        file="flows/signin/completion.py",
        old="stepped_up_at=None if sign_in.waived else now",
        new="stepped_up_at=now",
        fails=(f"{_JOURNEY}::test_sensitive_acts_ask_the_factor_all_the_same",),
    ),
    Defence(
        row="another-in-the-browser",
        file="schema/kit/context.py",
        old="        own = name + device_suffix(account_id)\n",
        new="        own = name\n",
        also=(Change("schema/kit/context.py", ", max_age, suffix=device_suffix(account_id))", ", max_age)"),),
        fails=("tests/journeys/http/test_identity.py::test_two_accounts_in_one_browser_are_both_remembered",),
    ),
    Defence(
        row="by-a-recovery-code",
        file="flows/signin/sign_in.py",
        old="    if factor is not None and factor.role is Role.FALLBACK:\n",
        new="    if factor is None:\n",
        fails=("tests/journeys/signin/test_recovery.py::test_recovery_code_has_no_device_remembered",),
    ),
    Defence(
        row="words-in-a-user-agent",
        file="normalise/user_agents.py",
        old="    return Client(_BROWSERS.get(found.user_agent.family) if",
        new="    return Client(found.user_agent.family if",
        fails=(
            "tests/normalise/test_user_agents.py::test_nothing_of_what_a_client_writes_is_a_name",
            f"{_JOURNEY}::test_nothing_of_what_a_client_writes_is_in_a_devices_name[app]",
        ),
    ),
)
