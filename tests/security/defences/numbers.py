"""Numbers: each default, changed, is noticed."""

from tests.security.defences import Change, Defence

_DEFAULTS = "tests/security/test_numbers.py::test_the_defaults_are_the_numbers_of_the_flows"
_REACHES = "tests/security/test_numbers.py::test_every_number_reaches_where_it_holds"
_WINDOWS = "tests/journeys/http/test_windows.py"
_SMS = "tests/installation/test_sms_settings.py::test_with_a_gateway_the_defaults_are_those_of_the_flows"


def _changed(row: str, old: str, new: str, *journeys: str, test: str = _DEFAULTS) -> Defence:
    return Defence(row=row, file="settings/fields.py", old=old, new=new, fails=(test, *journeys))


ENTRIES = (
    _changed(
        "failures",
        "failures_slow_from: Count = 5",
        "failures_slow_from: Count = 6",
        "tests/journeys/http/test_limits.py::test_waits_begin_at_the_fifth_failure_and_double",
    ),
    _changed(
        "failures",
        "failures_first_wait: Duration = timedelta(seconds=30)",
        "failures_first_wait: Duration = timedelta(seconds=20)",
    ),
    _changed(
        "failures",
        "failures_longest_wait: Duration = timedelta(minutes=15)",
        "failures_longest_wait: Duration = timedelta(minutes=16)",
    ),
    _changed("failures-in-time", "failures_per_hour: Count = 20", "failures_per_hour: Count = 21"),
    _changed("failures-in-time", "failures_per_day: Count = 50", "failures_per_day: Count = 51"),
    _changed(
        "locked",
        "failures_lock_at: Annotated[int, Field(ge=1, le=100)] = 100",
        "failures_lock_at: Annotated[int, Field(ge=1, le=100)] = 99",
    ),
    _changed(
        "windows",
        "limit_address_per_minute: Count = 20",
        "limit_address_per_minute: Count = 21",
        "tests/journeys/http/test_limits.py::test_one_address_fails_twenty_times_a_minute",
    ),
    _changed("windows", "limit_practice_per_minute: Count = 300", "limit_practice_per_minute: Count = 301"),
    _changed("windows", "limit_installation_per_minute: Count = 3000", "limit_installation_per_minute: Count = 3001"),
    _changed(
        "asked-for-by-mail",
        "limit_sign_ups_per_hour: Count = 5",
        "limit_sign_ups_per_hour: Count = 6",
        "tests/journeys/onboarding/test_sign_up.py::test_five_an_hour_from_an_address_and_to_one",
    ),
    _changed("asked-for-by-mail", "limit_resets_per_hour: Count = 5", "limit_resets_per_hour: Count = 6"),
    _changed("asked-for-by-mail", "limit_invitations_per_hour: Count = 5", "limit_invitations_per_hour: Count = 6"),
    _changed("mailed", "limit_mails_practice_per_hour: Count = 300", "limit_mails_practice_per_hour: Count = 301"),
    _changed(
        "mailed", "limit_mails_installation_per_hour: Count = 3000", "limit_mails_installation_per_hour: Count = 3001"
    ),
    _changed(
        "sms-wait",
        "sms_first_wait: Duration = timedelta(seconds=30)",
        "sms_first_wait: Duration = timedelta(seconds=29)",
        test=_SMS,
    ),
    _changed(
        "sms-per-number",
        "sms_per_hour: Annotated[int, Field(ge=1, le=50)] = 5",
        "sms_per_hour: Annotated[int, Field(ge=1, le=50)] = 6",
        test=_SMS,
    ),
    _changed("sms-per-number", "sms_per_day: Count = 10", "sms_per_day: Count = 11", test=_SMS),
    _changed("sms-per-practice", "sms_practice_per_day: Count = 500", "sms_practice_per_day: Count = 501", test=_SMS),
    _changed(
        "sms-per-installation",
        "sms_installation_per_day: Count = 5000",
        "sms_installation_per_day: Count = 5001",
        test=_SMS,
    ),
    _changed(
        "invitation",
        "lifetime_invitation: Duration = timedelta(days=7)",
        "lifetime_invitation: Duration = timedelta(days=8)",
        test="tests/installation/test_people_commands.py::test_a_practice_is_made_once",
    ),
    _changed(
        "verification",
        "lifetime_verification: Duration = timedelta(days=1)",
        "lifetime_verification: Duration = timedelta(days=2)",
    ),
    _changed(
        "reset",
        "lifetime_reset: Duration = timedelta(minutes=30)",
        "lifetime_reset: Duration = timedelta(minutes=31)",
        "tests/journeys/signin/test_passwords.py::test_a_link_lives_half_an_hour",
    ),
    _changed(
        "starter-password",
        "lifetime_starter_password: Duration = timedelta(days=7)",
        "lifetime_starter_password: Duration = timedelta(days=8)",
        "tests/journeys/onboarding/test_starter_password.py::test_starter_password_works_for_seven_days",
    ),
    _changed(
        "sign-in",
        "lifetime_sign_in: Duration = timedelta(minutes=15)",
        "lifetime_sign_in: Duration = timedelta(minutes=16)",
        f"{_WINDOWS}::test_a_sign_in_lives_fifteen_minutes",
    ),
    _changed(
        "challenge",
        "lifetime_challenge: Duration = timedelta(minutes=5)",
        "lifetime_challenge: Duration = timedelta(minutes=6)",
        f"{_WINDOWS}::test_a_challenge_waits_five_minutes",
    ),
    Defence(
        row="sms-code",
        file="factors/sms.py",
        old="default=300",
        new="default=600",
        also=(
            Change(
                "settings/fields.py",
                "lifetime_challenge: Duration = timedelta(minutes=5)",
                "lifetime_challenge: Duration = timedelta(minutes=10)",
            ),
        ),
        fails=("tests/journeys/second_factor/test_sms.py::test_a_code_lives_five_minutes",),
    ),
    _changed(
        "session",
        "session_idle: Duration = timedelta(hours=1)",
        "session_idle: Duration = timedelta(hours=2)",
        f"{_WINDOWS}::test_a_session_ends_after_an_hour_without_a_request",
    ),
    _changed(
        "session",
        "session_total: Duration = timedelta(days=1)",
        "session_total: Duration = timedelta(days=2)",
        "tests/journeys/second_factor/test_settings_page.py::test_a_session_ends_by_itself",
    ),
    _changed(
        "session",
        "session_total_staff: Duration = timedelta(hours=12)",
        "session_total_staff: Duration = timedelta(hours=13)",
        f"{_WINDOWS}::test_a_session_of_staff_ends_after_twelve_hours",
    ),
    _changed(
        "step-up",
        "step_up_own: Duration = timedelta(minutes=5)",
        "step_up_own: Duration = timedelta(minutes=6)",
    ),
    _changed(
        "step-up",
        "step_up_staff: Duration = timedelta(minutes=15)",
        "step_up_staff: Duration = timedelta(minutes=16)",
        f"{_WINDOWS}::test_staff_approve_for_fifteen_minutes",
    ),
    Defence(
        row="revocation",
        file="schema/http/socket.py",
        old="_AT_MOST_EVERY = 0.5",
        new="_AT_MOST_EVERY = 1.5",
        fails=("tests/schema/test_socket_life.py::test_the_socket_ends_with_the_session",),
    ),
    _changed(
        "plugin-call",
        "plugin_timeout: Duration = timedelta(seconds=5)",
        "plugin_timeout: Duration = timedelta(seconds=6)",
    ),
    _changed("sizes", "graphql_body_bytes: Count = 100_000", "graphql_body_bytes: Count = 100_001"),
    _changed("sizes", "upload_bytes: Count = 10_000_000", "upload_bytes: Count = 10_000_001"),
    _changed("sizes", "graphql_depth: Count = 12", "graphql_depth: Count = 13"),
    _changed("sizes", "graphql_aliases: Count = 30", "graphql_aliases: Count = 31"),
    _changed("sizes", "graphql_tokens: Count = 2000", "graphql_tokens: Count = 2001"),
    _changed("sizes", "graphql_characters: Count = 20_000", "graphql_characters: Count = 20_001"),
    _changed("sizes", "limit_bad_documents_per_minute: Count = 60", "limit_bad_documents_per_minute: Count = 61"),
    _changed("sizes", "graphql_page: Count = 100", "graphql_page: Count = 101"),
    _changed("sizes", "graphql_sockets: Count = 5", "graphql_sockets: Count = 6"),
    Defence(
        row="on-their-way",
        file="server.py",
        old="sign_in_life=settings.lifetime_sign_in,",
        new="",
        fails=(_REACHES,),
    ),
)
