"""Mail in English."""

from delivery.wording import Language, MailText

_SOMETHING_CHANGED = "A change to your account"
_NOT_YOU = "If this was not you, contact us right away."
_NOT_ASKED = "If you did not ask the practice for this, contact us right away."
_FEW_LEFT = (
    "Codes left: {few}. Make new ones in the portal, with your account: without a code a lost phone shuts you out."
)
_WHEN = "When: {at}."
_WHICH = "It concerns: {factor}."

_BY_VIDEO = "You meet by video: sign in to the portal, where the room opens {opens} minutes before."

ENGLISH = Language(
    code="en",
    greeting="Dear {name},",
    greeting_nameless="Hello,",
    nameless="An account",
    zone="({place} time, {offset})",
    portal="To your portal",
    link_code="Does the page ask for a code? Then copy this one: {code}",
    helpdesk="Questions? You can reach {practice} here:",
    automatic="This message was sent automatically; replies to it are not read.",
    date="{weekday} {day} {month} {year} at {time}",
    day="{day} {month} {year}",
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    months=(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    texts={
        "invitation": MailText(
            subject="Create your account",
            body=(
                "{practice} invites you to create an account for its portal.",
                "You choose a password and receive a login code. The link works once, until {expires_at}.",
            ),
            button="Create your account",
            closing=("If you did not expect this message, you need not do anything.",),
        ),
        "staff_invitation": MailText(
            subject="Create your account",
            body=(
                "{practice} invites you to create an account as a member of staff.",
                "You choose a password. The link works once, until {expires_at}.",
            ),
            button="Create your account",
            closing=("If you did not expect this message, you need not do anything.",),
        ),
        "account_made": MailText(
            subject="Your account is ready",
            body=(
                "Your account for the portal of {practice} has been made.",
                "Your login code is {login_code}. You sign in with this code and your password.",
                "Keep this code. We never ask for your password.",
            ),
            closing=(_NOT_YOU,),
        ),
        "account_exists": MailText(
            subject="Your account",
            body=(
                "Somebody tried to create an account at {practice} with this e-mail address.",
                "You already have one, and nothing has changed.",
                "Was it you? Then sign in, or ask for a new password on the sign-in page.",
            ),
        ),
        "starter_given": MailText(
            subject="Your account is ready",
            body=(
                "{practice} has made an account for you for its portal.",
                "Your login code is {login_code}. You sign in with it and the password that you get from {practice}.",
                "That password works until {expires_at}. When you first sign in, you choose one of your own.",
            ),
            closing=("If you did not expect this message, contact us.",),
        ),
        "verify_email": MailText(
            subject="Confirm your e-mail address",
            body=(
                "With this e-mail address an account was made for the portal of {practice}.",
                "Was it you? Then confirm that this address is yours. The link works until {expires_at}.",
                "Your login code is {login_code}. Until this address is confirmed only the code signs you in. Keep it.",
            ),
            button="Confirm my e-mail address",
            closing=("If it was not you, do not use the link, and nothing more happens.",),
        ),
        "sign_up_invited": MailText(
            subject="Your account",
            body=(
                "Somebody tried to create an account at {practice} with this e-mail address.",
                "{practice} has already invited you: a link to create your account is in an earlier message.",
                "Can you not find it? Then ask {practice} to send it again.",
            ),
        ),
        "sign_up_rejected": MailText(
            subject="Your account",
            body=("{practice} has closed the account that you made for its portal. What you entered was deleted.",),
            closing=("Do you think that this is a mistake? Then contact us.",),
        ),
        "password_reset": MailText(
            subject="Choose a new password",
            body=(
                "A new password was asked for your account at {practice}.",
                "The link works once, until {expires_at}.",
            ),
            button="Choose a new password",
            closing=("If you did not ask for this, your password stays as it is and you need not do anything.",),
        ),
        "login_codes": MailText(
            subject="Your login code",
            body=(
                "The login code for your e-mail address at {practice} was asked for.",
                "This is the login code of each account with this address:",
            ),
            each="{name}: {login_code}",
            closing=("If you did not ask for this, you need not do anything.",),
        ),
        "login_code_replaced": MailText(
            subject="Your login code",
            body=(
                "Your login code at {practice} was replaced. The old one no longer works.",
                "Your new login code is {login_code}. Your password stays the same.",
            ),
        ),
        "access_approved": MailText(
            subject="Your account",
            body=("{practice} has opened the portal for you. From now on you can sign in and see what is there.",),
            details=(_WHEN,),
        ),
        "account_suspended": MailText(
            subject="Your account",
            body=("{practice} has suspended your account. You cannot sign in for now.",),
            details=(_WHEN,),
        ),
        "account_reinstated": MailText(
            subject="Your account",
            body=("{practice} has lifted the suspension of your account.",),
            details=(_WHEN,),
        ),
        "access_deactivated": MailText(
            subject="Your account",
            body=(
                "{practice} has closed an access of yours to its portal.",
                "What it showed you can no longer be seen there.",
            ),
            details=(_WHEN,),
            closing=("Do you think that this is a mistake? Then contact us.",),
        ),
        "document_ready": MailText(
            subject="Something new in your portal",
            body=("There is something new for you in the portal of {practice}.",),
        ),
        "appointment_booked": MailText(
            subject="For your calendar",
            body=(
                "You have an appointment with {practice}.",
                "It begins on {starts_at} and takes {minutes} minutes.",
            ),
            details=(_BY_VIDEO,),
        ),
        "appointment_moved": MailText(
            subject="A change in your agenda",
            body=(
                "Your appointment with {practice} was moved.",
                "It now begins on {starts_at} and takes {minutes} minutes; it was on {was_at}.",
            ),
            details=(_BY_VIDEO,),
        ),
        "appointment_staff_added": MailText(
            subject="A change in your agenda",
            body=(
                "Somebody else of {practice} will be at your appointment on {starts_at}.",
                "Sign in to see who it is. Would you rather not? Please tell us.",
            ),
        ),
        "appointment_cancelled": MailText(
            subject="A change in your agenda",
            body=("Your appointment with {practice} on {starts_at} will not take place.",),
        ),
        "appointment_reminder": MailText(
            subject="A reminder",
            body=(
                "You have an appointment with {practice}.",
                "It begins on {starts_at} and takes {minutes} minutes.",
            ),
            details=(_BY_VIDEO,),
        ),
        "notice_factor_added": MailText(
            subject=_SOMETHING_CHANGED,
            body=("A way of two-step verification was added to your account at {practice}.",),
            details=(_WHICH, _WHEN),
            closing=(_NOT_YOU,),
        ),
        "notice_factor_removed": MailText(
            subject=_SOMETHING_CHANGED,
            body=("A way of two-step verification was removed from your account at {practice}.",),
            details=(_WHICH, _WHEN),
            closing=(_NOT_YOU,),
        ),
        "notice_factors_reset": MailText(
            subject=_SOMETHING_CHANGED,
            body=(
                "{practice} has removed the two-step verification of your account, and you are signed out everywhere.",
                "You set it up anew when you next sign in; after that {practice} opens the portal for you again.",
            ),
            details=(_WHEN,),
            closing=(_NOT_ASKED,),
        ),
        "notice_staff_factors_reset": MailText(
            subject=_SOMETHING_CHANGED,
            body=(
                "{practice} has removed the two-step verification of your account, and you are signed out everywhere.",
                "You set it up anew when you next sign in. Your role and your clients stay as they are.",
            ),
            details=(_WHEN,),
            closing=(_NOT_ASKED,),
        ),
        "notice_access_waits": MailText(
            subject=_SOMETHING_CHANGED,
            body=(
                "A new password was chosen by a link in a mail, and your account has no second step.",
                "So {practice} looks first whether it is you. After that {practice} opens the portal for you again.",
            ),
            details=(_WHEN,),
            closing=(_NOT_YOU,),
        ),
        "notice_codes_regenerated": MailText(
            subject=_SOMETHING_CHANGED,
            body=(
                "New recovery codes were made for your account at {practice}.",
                "The old codes no longer work.",
            ),
            details=(_WHEN,),
            closing=(_NOT_YOU,),
        ),
        "notice_code_used": MailText(
            subject=_SOMETHING_CHANGED,
            body=(
                "Somebody signed in to your account at {practice} with a recovery code.",
                "Each code works once.",
            ),
            details=("Codes left: {left}.", _FEW_LEFT, _WHEN),
            closing=(_NOT_YOU,),
        ),
        "notice_code_confirmed": MailText(
            subject=_SOMETHING_CHANGED,
            body=(
                "Somebody who was signed in to your account at {practice} confirmed a step with a recovery code.",
                "Each code works once.",
            ),
            details=("Codes left: {left}.", _FEW_LEFT, _WHEN),
            closing=(_NOT_YOU,),
        ),
        "notice_new_device": MailText(
            subject=_SOMETHING_CHANGED,
            body=("Somebody signed in to your account at {practice} from a new device.",),
            details=("Device: {device}.", _WHEN),
            closing=(_NOT_YOU,),
        ),
        "notice_reopened": MailText(
            subject=_SOMETHING_CHANGED,
            body=("Your account at {practice} was opened again, by an invitation and your password.",),
            details=(_WHEN,),
            closing=(_NOT_YOU,),
        ),
        "notice_password_changed": MailText(
            subject=_SOMETHING_CHANGED,
            body=("The password of your account at {practice} was changed.",),
            details=(_WHEN,),
            closing=(_NOT_YOU,),
        ),
        "email_change": MailText(
            subject="Confirm your e-mail address",
            body=(
                "Somebody wants to receive the mail of {practice} at this address from now on.",
                "Was it you? Then confirm it. The link works once, until {expires_at}.",
            ),
            button="Confirm the address",
            closing=("If it was not you, you need not do anything: then nothing changes.",),
        ),
        "email_change_taken": MailText(
            subject="Confirm your e-mail address",
            body=(
                "Somebody wants to receive the mail of another account at {practice} at this address.",
                "You already have an account with this address. It stays as it is, and only you sign in with it.",
                "Do you share it, as in a family? Then you can confirm it.",
                "The link works once, until {expires_at}.",
            ),
            button="Confirm the address",
            closing=("If you do not expect this, you need not do anything: then nothing changes.",),
        ),
        "notice_email_change_asked": MailText(
            subject=_SOMETHING_CHANGED,
            body=(
                "Somebody asked to change the e-mail address of your account at {practice}.",
                "This address stays in use until the new one is confirmed.",
            ),
            details=(_WHEN,),
            closing=(_NOT_YOU,),
        ),
        "notice_email_changed": MailText(
            subject=_SOMETHING_CHANGED,
            body=(
                "The e-mail address of your account at {practice} was changed.",
                "You get no more mail about it at this address.",
            ),
            details=(_WHEN,),
            closing=(_NOT_YOU,),
        ),
        "notice_phone_changed": MailText(
            subject=_SOMETHING_CHANGED,
            body=("The phone number of your account at {practice} was changed.",),
            details=(_WHEN,),
            closing=(_NOT_YOU,),
        ),
        "notice_links_changed": MailText(
            subject=_SOMETHING_CHANGED,
            body=("It was changed where mails, pages or video calls of {practice} lead to.",),
            details=("{by} did that.", _WHEN),
            closing=(_NOT_YOU,),
        ),
        "account_closed": MailText(
            subject="Your account",
            body=(
                "Your account at {practice} was closed, as you asked. Nobody can sign in with it any more.",
                "What {practice} has to keep by law about a treatment is kept.",
            ),
            details=(_WHEN,),
            closing=(_NOT_YOU,),
        ),
        "change_accepted": MailText(
            subject="Your details",
            body=("{practice} has changed your details as you asked.",),
            details=("{practice} wrote: {reason}", _WHEN),
        ),
        "change_rejected": MailText(
            subject="Your details",
            body=("{practice} has not changed your details as you asked. They stay as they are.",),
            details=("{practice} wrote: {reason}", _WHEN),
        ),
        "notice_factor_alert": MailText(
            subject=_SOMETHING_CHANGED,
            body=(
                "Something unusual happened with the two-step verification of your account at {practice}.",
                "That can be a code that was used a second time, or a key that seems to be copied.",
            ),
            details=(_WHICH, _WHEN),
            closing=(_NOT_YOU,),
        ),
    },
)
