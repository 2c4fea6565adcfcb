"""GraphQL over HTTP."""

from tests.security.defences import Change, Defence

_BOUNDARIES = "tests/journeys/http/test_boundaries.py"
_BOUNDARY = "tests/schema/test_boundary.py"
_CSRF = "tests/schema/test_csrf.py"
_HTTP = "tests/schema/test_http.py"
_LIMITS = "tests/schema/test_limits.py"
_SOCKET = "tests/schema/test_socket.py"
_LIFE = "tests/schema/test_socket_life.py"

ENTRIES = (
    Defence(
        row="audits",
        file="schema/http/responses.py",
        old="    return 400 if media == GRAPHQL_RESPONSE else 200\n",
        new="    return 200\n",
        fails=("tests/schema/test_audits.py::test_all_audits_pass",),
    ),
    Defence(
        row="mutation-by-get",
        file="schema/http/endpoint.py",
        old='if operation.operation is OperationType.MUTATION and method != "POST":',
        new='if operation.operation is OperationType.MUTATION and method == "PUT":',
        fails=(
            f"{_HTTP}::test_a_mutation_by_get_is_405_and_not_run",
            f"{_HTTP}::test_a_mutation_hidden_behind_a_query_is_405",
        ),
    ),
    Defence(
        row="cross-site-form",
        file="schema/http/reading.py",
        old='if media != "application/json" or charset',
        new="if charset",
        fails=(
            f"{_CSRF}::test_a_cross_site_form_is_refused_before_execution",
            f"{_HTTP}::test_what_a_form_can_send_is_415",
        ),
    ),
    Defence(
        row="cookie-without-header",
        file="schema/http/origins.py",
        old="    named = connection.headers.get(PRACTICE_HEADER) or None\n",
        new='    named = connection.headers.get(PRACTICE_HEADER) or "linden"\n',
        fails=(f"{_CSRF}::test_a_cookie_does_not_count_without_the_header",),
    ),
    Defence(
        row="foreign-origin",
        file="schema/http/origins.py",
        old="    if slug and not welcome:\n",
        new="    if slug and not origin and not welcome:\n",
        fails=(f"{_CSRF}::test_a_foreign_page_is_refused_before_execution",),
    ),
    Defence(
        row="foreign-origin",
        file="schema/http/origins.py",
        old="in await rules.allowed_origins(practice)",
        new="in await rules.allowed_origins(None)",
        fails=(f"{_CSRF}::test_a_foreign_page_is_refused_before_execution",),
    ),
    Defence(
        row="cors",
        file="schema/http/origins.py",
        old="    if welcome and origin and origin != rules.public_origin:\n",
        new="    if origin and origin != rules.public_origin:\n",
        fails=(f"{_CSRF}::test_no_other_page_reads_them",),
    ),
    Defence(
        row="cors",
        file="schema/http/origins.py",
        old="    if not await trusted(origin, None, rules):\n",
        new="    if origin is None:\n",
        fails=(f"{_CSRF}::test_a_preflight_of_any_other_page",),
    ),
    Defence(
        row="foreign-handshake",
        file="schema/http/socket.py",
        old='return await trusted(socket.headers.get("origin"), None, self._rules)',
        new="return True",
        fails=(
            f"{_SOCKET}::test_a_foreign_page_gets_no_handshake",
            f"{_SOCKET}::test_the_host_header_makes_no_origin_ours",
        ),
    ),
    Defence(
        row="foreign-handshake",
        file="schema/http/socket_session.py",
        old='if not await trusted(self.connection.headers.get("origin"), practice, self.rules):',
        new="if not practice:",
        fails=(f"{_SOCKET}::test_another_practices_frontend_cannot_use_the_cookie",),
    ),
    Defence(
        row="subscribe-before-init",
        file="schema/http/socket.py",
        old="        if _well_formed(message):\n",
        new="        self.connection_acknowledged = True\n        if _well_formed(message):\n",
        fails=(f"{_SOCKET}::test_subscribing_before_init_is_4401",),
    ),
    Defence(
        row="claims",
        file="schema/http/socket.py",
        old=(
            "        if caller is None or not self._limiter.enter(caller.session_id):\n"
            "            raise ConnectionRejectionError\n"
        ),
        new=(
            "        if caller is None:\n            return UnsetType()\n"
            "        if not self._limiter.enter(caller.session_id):\n            raise ConnectionRejectionError\n"
        ),
        fails=(f"{_SOCKET}::test_claims_are_no_proof",),
        also=(
            Change(
                "schema/http/socket.py",
                "        if caller is None:\n            return\n        async with app.signals",
                "        if caller is None:\n            await asyncio.sleep(60)\n            return\n"
                "        async with app.signals",
            ),
        ),
    ),
    Defence(
        row="claims",
        file="schema/http/socket_session.py",
        old="caller.practice_slug if caller else None, ",
        new='str((self.connection_params or {}).get("practice")), ',
        fails=(f"{_SOCKET}::test_claims_beside_a_proof_change_nothing",),
    ),
    Defence(
        row="live-ends-with-the-right",
        file="schema/http/socket.py",
        old="            while await still_live(app, caller) is not None:\n",
        new="            while caller is not None:\n",
        fails=(
            f"{_LIFE}::test_the_socket_ends_with_the_session",
            f"{_LIFE}::test_the_socket_ends_when_the_session_runs_out",
        ),
    ),
    Defence(
        row="live-ends-with-the-right",
        file="schema/http/socket_session.py",
        old="caller = await still_live(self.app, self.caller) if self.caller else None",
        new="caller = self.caller",
        fails=(f"{_LIFE}::test_a_session_that_ran_out_asks_nothing_more",),
    ),
    Defence(
        row="depth",
        file="schema/http/document/limits.py",
        old='        ("nested fields", weight.depth, rules.depth),\n',
        new="",
        fails=(f"{_LIMITS}::test_depth", f"{_LIMITS}::test_depth_through_fragments"),
    ),
    Defence(
        row="depth",
        file="schema/http/document/limits.py",
        old="                self._known[name] = own + self._set(fragment.selection_set, level)\n",
        new="                self._known[name] = own\n",
        fails=(f"{_LIMITS}::test_depth_through_fragments", f"{_LIMITS}::test_aliases_through_fragments"),
    ),
    Defence(
        row="aliases",
        file="schema/http/document/limits.py",
        old='        ("aliases", weight.aliases, rules.aliases),\n',
        new="",
        fails=(
            f"{_LIMITS}::test_a_hundred_aliases",
            f"{_LIMITS}::test_aliases_through_fragments",
            f"{_LIMITS}::test_all_operations_of_a_document_count",
        ),
    ),
    Defence(
        row="aliases",
        file="schema/http/document/limits.py",
        old="again = 1 if node.alias or key in names else 0",
        new="again = 1 if node.alias else 0",
        fails=(f"{_LIMITS}::test_the_same_field_again_counts_like_an_alias",),
    ),
    Defence(
        row="tokens",
        file="schema/http/document/documents.py",
        old="parse(text, max_tokens=self._rules.tokens)",
        new="parse(text)",
        fails=(f"{_LIMITS}::test_tokens",),
    ),
    Defence(
        row="directives",
        file="schema/http/document/limits.py",
        old='        ("directives", weight.directives, rules.directives),\n',
        new="",
        fails=(f"{_LIMITS}::test_directives",),
    ),
    Defence(
        row="fragments",
        file="schema/http/document/limits.py",
        old=(
            '        ("fragment spreads", weight.spreads, _SPREADS),\n'
            '        ("fragments", weight.fragments, _FRAGMENTS),\n'
        ),
        new="",
        fails=(
            f"{_LIMITS}::test_fragments_spread_by_name_are_counted",
            f"{_LIMITS}::test_fragments_without_a_name_are_counted",
        ),
    ),
    Defence(
        row="list-sizes",
        file="flows/core/paging.py",
        old="    if not 1 <= first <= app.rules.page_size:\n",
        new="    if first < 1:\n",
        fails=("tests/flows/test_reading.py::test_page_of_dossiers_beyond_the_limit_is_refused",),
    ),
    Defence(
        row="body",
        file="schema/http/reading.py",
        old="    if size > most:\n        raise too_large\n",
        new="",
        fails=(f"{_HTTP}::test_a_body_over_the_limit_is_413",),
    ),
    Defence(
        row="body",
        file="schema/http/socket.py",
        old="        if len(data) > self._rules.body_bytes:\n            raise NonJsonMessageReceived\n",
        new="",
        fails=(f"{_SOCKET}::test_what_is_no_message_closes_with_4400",),
    ),
    Defence(
        row="sockets",
        file="schema/http/socket_session.py",
        old="        if self._taken[session] >= self._most:\n            return False\n",
        new="",
        fails=(f"{_LIFE}::test_a_session_has_so_many_sockets",),
    ),
    Defence(
        row="sockets",
        file="schema/http/socket.py",
        old="            max_subscriptions_per_connection=rules.subscriptions_per_socket,\n",
        new="",
        fails=(f"{_LIFE}::test_a_socket_has_so_many_operations",),
    ),
    Defence(
        row="time",
        file="schema/http/limited_schema.py",
        old="async with asyncio.timeout(self.rules.operation_seconds):",
        new="async with asyncio.timeout(600):",
        fails=(f"{_HTTP}::test_an_operation_has_its_time", f"{_SOCKET}::test_queries_have_their_time"),
    ),
    Defence(
        row="introspection",
        file="schema/http/document/documents.py",
        old="            *(() if rules.introspection else (OnlyType,)),\n",
        new="",
        fails=(f"{_LIMITS}::test_introspection_is_off",),
    ),
    Defence(
        row="introspection",
        file="schema/http/document/documents.py",
        old="hide = not self._rules.introspection",
        new="hide = False",
        fails=(f"{_LIMITS}::test_no_names_are_suggested",),
        also=(
            Change(
                "schema/http/errors.py",
                'message = message if suggest else message.partition(" Did you mean")[0]',
                "message = message",
            ),
        ),
    ),
    Defence(
        row="introspection",
        file="settings/fields.py",
        old="return not self.production if self.graphql_introspection is None else self.graphql_introspection",
        new="return self.graphql_introspection is not False",
        fails=("tests/installation/test_settings.py::test_production_turns_off_what_is_for_developers",),
    ),
    Defence(
        row="ide",
        file="schema/http/endpoint.py",
        old='if self._rules.ide and request.method == "GET" else ()',
        new='if request.method == "GET" else ()',
        fails=("tests/schema/test_ide.py::test_no_page_unless_asked_for",),
    ),
    Defence(
        row="masked-errors",
        file="schema/http/errors.py",
        old="        code = INTERNAL\n    return",
        new="        return INTERNAL, repr(cause)\n    return",
        fails=("tests/schema/test_errors.py::test_the_unexpected_is_masked", f"{_SOCKET}::test_errors_are_masked"),
    ),
    Defence(
        row="headers",
        file="schema/http/boundary.py",
        old="                headers.setdefault(name, value)\n",
        new='                if name != "Referrer-Policy":\n                    headers.setdefault(name, value)\n',
        fails=(f"{_BOUNDARIES}::test_every_answer_of_every_path_is_ours", f"{_HTTP}::test_every_answer_is_protected"),
    ),
    Defence(
        row="headers",
        file="schema/http/boundary.py",
        old="if rules.secure else dict(HEADERS)",
        new="if False else dict(HEADERS)",
        fails=(f"{_HTTP}::test_https_is_for_ever",),
    ),
    Defence(
        row="redirect",
        file="server.py",
        old="    asgi.router.redirect_slashes = False\n",
        new="",
        also=(Change("schema/http/boundary.py", '"path": scope["path"].rstrip("/") or "/"', '"path": scope["path"]'),),
        fails=(
            f"{_BOUNDARIES}::test_every_answer_of_every_path_is_ours",
            f"{_BOUNDARIES}::test_a_slash_at_the_end_changes_nothing",
        ),
    ),
    Defence(
        row="long-paths",
        file="normalise/slugs.py",
        old="    if len(text) > LONGEST or not text.isascii():\n        return None\n",
        new="    if not text.isascii() or not text.isprintable():\n        return None\n    return text.lower()\n",
        fails=(f"{_BOUNDARIES}::test_what_can_be_no_slug_is_no_practice",),
    ),
    Defence(
        row="cut-off",
        file="schema/http/boundary.py",
        old="                raise CutOff from None\n",
        new="                raise\n",
        fails=(f"{_BOUNDARY}::test_what_breaks_halfway_is_cut_off",),
    ),
)
