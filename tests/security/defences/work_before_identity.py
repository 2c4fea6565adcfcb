"""What one request of somebody unknown may cost."""

from tests.security.defences import Change, Defence, Structural

_CHOSEN = "tests/journeys/signin/test_chosen_passwords.py"
_STRENGTH = "tests/security/test_strength.py"

_PROTOCOL = "tests/installation/test_http_protocol.py"
_FAILING = "tests/journeys/second_factor/test_failing_factor.py"
_ATTACKS = "tests/journeys/http/test_unknown_attacks.py"
_BUDGET = "tests/security/test_budget.py"
_STRANGER = "tests/journeys/http/test_anonymous_budget.py"
_CALLERS = "tests/schema/test_callers.py"
_DOCUMENTS = "tests/schema/test_documents.py"
_LIMITS = "tests/schema/test_limits.py"

ENTRIES = (
    Defence(
        row="documents-kept",
        file="schema/http/document/documents.py",
        old="        if prepared.document is not None:\n            weight",
        new="        if prepared:\n            weight",
        fails=(f"{_DOCUMENTS}::test_bad_documents_are_not_kept",),
        also=(
            Change(
                "schema/http/document/documents.py",
                "_TOKEN_BYTES * _tokens(prepared.document) + _CHARACTER",
                "_TOKEN_BYTES * (_tokens(prepared.document) if prepared.document else 1) + _CHARACTER",
            ),
        ),
    ),
    Defence(
        row="documents-kept",
        file="schema/http/document/documents.py",
        old="            while self._kept_bytes > _MOST_KEPT_BYTES:\n",
        new="            while len(self._kept) > 512:\n",
        fails=(f"{_DOCUMENTS}::test_good_documents_are_kept_within_a_budget",),
    ),
    Defence(
        row="documents-kept",
        file="schema/http/document/documents.py",
        old="_TOKEN_BYTES * _tokens(prepared.document) + ",
        new="",
        fails=(f"{_DOCUMENTS}::test_what_is_kept_takes_no_more_memory_than_is_counted",),
    ),
    Defence(
        row="documents-weighed",
        file="schema/http/document/documents.py",
        old="        if over := literals_over(document):\n",
        new="        if over := None:\n",
        fails=(f"{_DOCUMENTS}::test_values_are_counted_before_they_are_validated",),
    ),
    Defence(
        row="documents-weighed",
        file="schema/http/document/literals.py",
        old="            if len(node.fields) > MOST_FIELDS:\n",
        new="            if False:\n",
        fails=(f"{_DOCUMENTS}::test_values_are_counted_before_they_are_validated",),
    ),
    Defence(
        row="comparisons-counted",
        file="schema/http/document/limits.py",
        old="    _Comparisons(document).count()\n",
        new="",
        fails=(
            f"{_BUDGET}::test_what_validation_would_take_too_long_for_never_reaches_it",
            f"{_LIMITS}::test_fields_that_fragments_bring_together_are_counted",
        ),
    ),
    Defence(
        row="comparisons-counted",
        file="schema/http/document/limits.py",
        old="        unused = (name for name in self._fragments if name not in self._known)\n",
        new="        unused = list[str]()\n",
        fails=(f"{_LIMITS}::test_a_fragment_that_nothing_spreads_weighs",),
    ),
    Defence(
        row="variables-weighed",
        file="schema/http/document/literals.py",
        old="        if objects > MOST_OBJECTS:\n",
        new="        if False:\n",
        fails=(f"{_DOCUMENTS}::test_variables_are_counted_before_they_are_coerced",),
    ),
    Defence(
        row="few-errors",
        file="schema/http/document/documents.py",
        old="max_errors=MOST_ERRORS, ",
        new="max_errors=100, ",
        fails=(f"{_DOCUMENTS}::test_few_errors_in_few_words",),
        also=(Change("schema/http/limited_schema.py", "[:MOST_ERRORS]", ""),),
    ),
    Defence(
        row="few-errors",
        file="schema/http/errors.py",
        old="_cut(without_values(error.message), _LONGEST_MESSAGE)",
        new="without_values(error.message)",
        fails=(f"{_DOCUMENTS}::test_few_errors_of_variables_in_few_words",),
    ),
    Defence(
        row="bad-documents",
        file="schema/http/limited_schema.py",
        old="            self._bad.count(context.origin.address, context.app.now)\n",
        new="",
        fails=(
            f"{_DOCUMENTS}::test_bad_documents_are_counted_for_their_address",
            f"{_DOCUMENTS}::test_bad_documents_over_a_socket_count_as_well",
        ),
    ),
    Defence(
        row="bad-documents",
        file="schema/http/document/bad_documents.py",
        old="        name = network_of(address)\n",
        new="        name = address\n",
        fails=(f"{_DOCUMENTS}::test_addresses_have_windows_of_their_own",),
    ),
    Defence(
        row="bad-documents",
        file="schema/http/document/bad_documents.py",
        old="if name in self._counts or len(self._counts) < _MOST_ADDRESSES else _OTHERS",
        new="if name or len(self._counts) < _MOST_ADDRESSES else _OTHERS",
        fails=(f"{_DOCUMENTS}::test_counting_takes_no_memory_however_many_addresses_there_are",),
    ),
    Defence(
        row="short-log-lines",
        file="schema/http/errors.py",
        old="_cut(key, _LONGEST_KEY) if isinstance(key, str) else key",
        new="key",
        fails=(f"{_DOCUMENTS}::test_what_is_logged_is_short",),
    ),
    Defence(
        row="passwords-counted",
        file="flows/signin/passwords.py",
        old="    if too_often := await may_choose_password(app, chooser):\n        return too_often\n",
        new="",
        fails=(f"{_CHOSEN}::test_passwords_are_counted_before_they_are_estimated",),
    ),
    Defence(
        row="passwords-estimated",
        file="security/strength.py",
        old="        if choices * part * (part + 1) // 2 > _MOST_LOOKUPS:\n            return normal[: part - 1]\n",
        new="",
        fails=(
            f"{_STRENGTH}::test_what_is_estimated_is_bounded_and_enough",
            f"{_STRENGTH}::test_the_dearest_are_within_the_bound",
        ),
    ),
    Defence(
        row="marks",
        file="normalise/characters.py",
        old="            if marks > MOST_MARKS:\n                continue\n",
        new="",
        fails=("tests/normalise/test_marks.py::test_both_edges_of_the_marks_on_one_letter",),
        also=(
            Change(
                "security/strength.py",
                "return len(password) > 4 * LONGEST_CHOSEN",
                "return len(password) > 400 * LONGEST_CHOSEN",
            ),
        ),
    ),
    Structural(
        row="budget",
        reason="it adds up what the other rows bound, each of which is taken out by itself",
        shown_by=(
            f"{_BUDGET}::test_the_dearest_documents_are_within_the_budget",
            f"{_BUDGET}::test_no_document_costs_more",
            f"{_BUDGET}::test_no_variables_cost_more",
            f"{_STRANGER}::test_no_root_field_costs_an_anonymous_client_more",
            f"{_STRANGER}::test_thirty_in_a_document_stay_within_the_windows",
            f"{_STRANGER}::test_anonymous_upload_is_not_read",
        ),
    ),
    Defence(
        row="large-headers",
        file="schema/http/callers.py",
        old='    for header in connection.headers.getlist("cookie"):\n',
        new='    for header in (f"{name}={value}" for name, value in connection.cookies.items()):\n',
        fails=(
            f"{_CALLERS}::test_reading_a_large_header_takes_little[quotes]",
            f"{_CALLERS}::test_cookies_as_they_were_sent",
        ),
    ),
    Defence(
        row="large-headers",
        file="schema/http/negotiation.py",
        old="LONGEST_READ = 1_000",
        new="LONGEST_READ = 100_000",
        fails=(f"{_CALLERS}::test_reading_a_large_header_takes_little[commas]",),
    ),
    Structural(
        row="both-attacks",
        reason="they are stopped by the rows above together; taking one out leaves the others",
        shown_by=(
            f"{_ATTACKS}::test_bad_documents_take_no_memory_and_hold_nobody_up",
            f"{_ATTACKS}::test_ten_sign_ups_cost_less_than_ten_hashes",
        ),
    ),
    Defence(
        row="heads",
        file="commands/http_protocol.py",
        old="HEAD_BYTES = 32_768",
        new="HEAD_BYTES = 32_768_000",
        fails=(
            f"{_PROTOCOL}::test_a_head_has_a_size",
            f"{_PROTOCOL}::test_what_is_read_of_an_endless_head_is_bounded",
            f"{_PROTOCOL}::test_a_request_line_counts_as_well",
        ),
    ),
    Defence(
        row="heads",
        file="commands/http_protocol.py",
        old="        if len(self.headers) >= HEADERS:\n",
        new="        if len(self.headers) >= 100 * HEADERS:\n",
        fails=(f"{_PROTOCOL}::test_there_are_so_many_headers",),
    ),
    Defence(
        row="half-open",
        file="commands/http_protocol.py",
        old="        super().connection_made(transport)\n        self._expect(HEAD_SECONDS)\n",
        new="        super().connection_made(transport)\n        self._expect(None)\n",
        fails=(f"{_PROTOCOL}::test_a_head_has_its_time[nothing]",),
    ),
    Defence(
        row="half-open",
        file="commands/http_protocol.py",
        old="        self._expect(REQUEST_SECONDS)\n",
        new="        self._expect(None)\n",
        fails=(f"{_PROTOCOL}::test_a_body_has_its_time",),
    ),
    Defence(
        row="half-open",
        file="schema/http/reading.py",
        old="            async with asyncio.timeout(seconds):\n",
        new="            async with asyncio.timeout(None):\n",
        fails=("tests/schema/test_http.py::test_a_body_that_does_not_arrive_is_408",),
    ),
    Defence(
        row="connections",
        file="commands/serving.py",
        old='"limit_concurrency": settings.connections',
        new='"limit_concurrency": None',
        fails=(
            f"{_PROTOCOL}::test_there_are_so_many_connections",
            "tests/installation/test_serving.py::test_the_web_server_is_told_its_bounds",
        ),
    ),
    Defence(
        row="late-plugin",
        file="flows/second_factor/plugin_calls.py",
        old="    if not done or time.monotonic() - started > most:\n",
        new="    if not done:\n",
        fails=(f"{_FAILING}::test_what_answers_after_its_time_is_denied",),
    ),
    Defence(
        row="held-loop",
        file="flows/process/loop_lag.py",
        old="        if delay > HELD:\n",
        new="        if delay > 100 * HELD:\n",
        fails=("tests/flows/test_loop_lag.py::test_blocking_task_is_logged_with_its_place",),
    ),
    Defence(
        row="large-states",
        file="flows/second_factor/judge.py",
        old="LARGEST_STATE, LARGEST_SHOWN = 65_536, 262_144",
        new="LARGEST_STATE, LARGEST_SHOWN = 2**20, 262_144",
        fails=(f"{_FAILING}::test_setting_up_fails_closed",),
    ),
    Defence(
        row="large-states",
        file="flows/second_factor/judge.py",
        old="LARGEST_STATE, LARGEST_SHOWN = 65_536, 262_144",
        new="LARGEST_STATE, LARGEST_SHOWN = 65_536, 2**20",
        fails=(f"{_FAILING}::test_a_challenge_that_fails_leaves_the_other_ways_in_open",),
    ),
    Defence(
        row="seals-beside-the-loop",
        file="flows/documents/answers.py",
        old="    return await asyncio.to_thread(lambda: [opened_form(app, form) for form in forms])\n",
        new="    return [opened_form(app, form) for form in forms]\n",
        fails=("tests/journeys/documents/test_answers.py::test_they_are_opened_beside_the_event_loop",),
    ),
)
