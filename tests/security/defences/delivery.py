"""Delivery."""

from tests.security.defences import Defence, Structural

_MAIL = "tests/journeys/mail/test_mail.py"
_TEXTS = "tests/delivery/test_texts.py"
_WORKER = "tests/delivery/test_worker.py"
_BOUNCES = "tests/delivery/test_bounces.py"

ENTRIES = (
    Defence(
        row="host-header",
        file="schema/http/endpoint.py",
        old="        context = Context(self._app, origin, None, admission.practice, jar)\n",
        new=(
            "        rules = replace(self._app.rules, public_url=f\"http://{request.headers['host']}\")\n"
            "        context = Context(replace(self._app, rules=rules), origin, None, admission.practice, jar)\n"
        ),
        fails=(f"{_MAIL}::test_a_link_leads_to_the_configured_address",),
    ),
    Defence(
        row="host-header",
        file="schema/http/endpoint.py",
        old="        context = Context(self._app, origin, None, admission.practice, jar)\n",
        new=(
            '        host = request.headers.get("x-forwarded-host", "portal.example.org")\n'
            '        rules = replace(self._app.rules, public_url=f"http://{host}")\n'
            "        context = Context(replace(self._app, rules=rules), origin, None, admission.practice, jar)\n"
        ),
        fails=(f"{_MAIL}::test_a_link_leads_to_the_configured_address",),
    ),
    Defence(
        row="line-breaks",
        file="delivery/texts.py",
        old="""" " if kind == "Cc" else char for char, kind in categories if kind != "Cs")
    return " ".join(kept.split())[:_LONGEST_VALUE]""",
        new="""char for char, kind in categories if kind != "Cs")
    return kept[:_LONGEST_VALUE]""",
        fails=(f"{_TEXTS}::test_line_breaks_in_a_value_stay_in_its_line",),
    ),
    Defence(
        row="markup",
        file="delivery/compose.py",
        old="autoescape=True",
        new="autoescape=False",
        fails=(f"{_TEXTS}::test_markup_in_a_value_is_text",),
    ),
    Defence(
        row="clickable-names",
        file="delivery/texts.py",
        old='return "" if _CLICKABLE.search(apart) else apart',
        new="return apart",
        fails=(f"{_TEXTS}::test_a_name_that_a_mail_program_would_make_a_link_is_not_used",),
    ),
    Defence(
        row="links-only",
        file="delivery/texts.py",
        old="""    if not _LINK.fullmatch(value):
        raise CannotFill(f"{name} is no link")
""",
        new="",
        fails=(f"{_TEXTS}::test_what_is_no_link_or_time_is_not_mailed",),
    ),
    Structural(
        row="provider-down",
        reason="No flow can reach a relay: the arrows keep flows from importing delivery, and the worker reads rows.",
        shown_by=(
            "tests/installation/test_rooms.py::test_the_arrows_hold",
            f"{_MAIL}::test_a_relay_that_is_down_changes_no_answer",
        ),
    ),
    Defence(
        row="undone-with-its-cause",
        file="flows/signin/passwords.py",
        old="value[:254] for key, value in payload.items()})\n",
        new="value[:254] for key, value in payload.items()})\n    async with transaction():\n",
        fails=(f"{_MAIL}::test_mail_is_undone_with_its_cause",),
    ),
    Defence(
        row="nothing-is-lost",
        file="delivery/worker.py",
        old="retry_at = None if hopeless else now + wait_after(row.attempts)",
        new="retry_at = None",
        fails=(
            f"{_WORKER}::test_a_relay_that_is_down_loses_nothing",
            f"{_MAIL}::test_a_relay_that_is_down_changes_no_answer",
        ),
    ),
    Defence(
        row="at-least-once",
        file="models/mail/outbox.py",
        old="AND (claimed_until IS NULL OR claimed_until <= ?)",
        new="AND (claimed_until IS NULL OR claimed_until <= ? AND FALSE)",
        fails=(f"{_WORKER}::test_a_claim_lives_until_its_end_and_is_then_lost",),
    ),
    Defence(
        row="same-message-id",
        file="delivery/compose.py",
        old='f"<{message_id}@{sender.domain}>"',
        new='f"<{now.timestamp()}@{sender.domain}>"',
        fails=(
            f"{_WORKER}::test_a_busy_relay_is_tried_again_later_with_the_same_message_id",
            f"{_TEXTS}::test_headers",
        ),
    ),
    Defence(
        row="workers-side-by-side",
        file="models/mail/outbox.py",
        old="AND (claimed_until IS NULL OR claimed_until <= ?)",
        new="AND (claimed_until IS NULL OR claimed_until <= ? OR TRUE)",
        fails=(f"{_WORKER}::test_workers_side_by_side_send_each_message_once",),
        databases=("sqlite", "postgresql"),
    ),
    Defence(
        row="never-after-it-was-taken",
        file="delivery/worker.py",
        old="""            async with transaction():
                await mark_sent(row, at)
                await settle()
            del self._unmarked[message_id]
""",
        new="""            del self._unmarked[message_id]
            async with transaction():
                await mark_sent(row, at)
                await settle()
""",
        fails=(f"{_WORKER}::test_what_the_relay_took_is_not_sent_again_when_marking_fails",),
    ),
    Defence(
        row="never-after-it-was-taken",
        file="delivery/worker.py",
        old="        return await asyncio.shield(task)\n",
        new="        return await task\n",
        fails=(f"{_WORKER}::test_stopping_waits_for_the_message_under_way",),
    ),
    Defence(
        row="backoff",
        file="delivery/worker.py",
        old="return min(FIRST_WAIT * (1 << min(failures - 1, 16)), LONGEST_WAIT)",
        new="return FIRST_WAIT",
        fails=(
            f"{_WORKER}::test_the_waits_double_up_to_an_hour",
            f"{_WORKER}::test_a_busy_relay_is_tried_again_later_with_the_same_message_id",
        ),
    ),
    Defence(
        row="given-up",
        file="delivery/worker.py",
        old="hopeless = failure.final or now - row.created_at >= GIVE_UP_AFTER",
        new="hopeless = failure.final",
        fails=(f"{_WORKER}::test_after_three_days_it_is_given_up",),
    ),
    Defence(
        row="forged-report",
        file="delivery/bounces.py",
        old="        return message_id if any(known) else None\n",
        new="        return message_id\n",
        fails=(
            f"{_BOUNCES}::test_no_other_address_names_a_message",
            f"{_BOUNCES}::test_a_forged_report_changes_nothing",
        ),
    ),
    Defence(
        row="forged-report",
        file="delivery/bounces.py",
        old='    if action not in ("failed", "delayed"):\n',
        new="    if not action:\n",
        fails=(f"{_BOUNCES}::test_what_is_no_report_changes_nothing",),
    ),
    Defence(
        row="open-webhook",
        file="commands/bounce_route.py",
        old="        if not self._admits(",
        new="        if False and not self._admits(",
        fails=(f"{_BOUNCES}::test_the_door_is_closed_to_strangers_and_to_what_is_large",),
    ),
    Defence(
        row="state-for-staff",
        file="models/mail/outbox.py",
        old="                relayed_at=at, failure=None, failed_at=None, retry_at=None\n",
        new="                failure=None, failed_at=None, retry_at=None\n",
        fails=(f"{_WORKER}::test_an_invitation_is_marked_when_the_relay_took_it",),
    ),
    Defence(
        row="same-row-for-a-reset",
        file="flows/signin/passwords.py",
        old="        await post(app, str(practice.id), template, {",
        new=(
            "        if not await Account.filter(email=typed).exists():\n"
            "            return None\n"
            "        await post(app, str(practice.id), template, {"
        ),
        fails=(
            "tests/journeys/signin/test_passwords.py::test_an_unknown_login_gets_the_same_answer_and_nobody_gets_mail",
        ),
    ),
    Defence(
        row="same-row-for-a-reset",
        file="models/mail/outbox.py",
        old='    await _close(message, OutboxState.DROPPED, at, "")',
        new='    await _close(message, OutboxState.DROPPED, at, "nobody")',
        fails=(f"{_WORKER}::test_an_unknown_address_leaves_the_same_row_behind_as_a_known_one",),
    ),
    Defence(
        row="same-row-for-a-sign-up",
        file="flows/onboarding/sign_up.py",
        old='        await post(app, str(practice.id), "sign_up_requested", {',
        new=(
            "        if await Account.filter(email_key=key).exists():\n"
            "            return None\n"
            '        await post(app, str(practice.id), "sign_up_requested", {'
        ),
        fails=("tests/journeys/onboarding/test_sign_up.py::test_every_address_gets_the_same_answer_for_the_same_work",),
    ),
)
