"""Mail in Dutch."""

from delivery.wording import Language, MailText

_SOMETHING_CHANGED = "Een wijziging in uw account"
_NOT_YOU = "Was u dit niet? Neem dan meteen contact met ons op."
_NOTHING_TO_DO = "Verwachtte u dit bericht niet? Dan hoeft u niets te doen."
_NOT_ASKED = "Hebt u de praktijk hier niet om gevraagd? Neem dan meteen contact met ons op."
_FEW_LEFT = (
    "Codes over: {few}. Maak nieuwe in het portaal, bij uw account. Zonder code kunt u zonder telefoon niet inloggen."
)
_WHEN = "Tijdstip: {at}."
_WHICH = "Het gaat om: {factor}."

_BY_VIDEO = "U spreekt elkaar via video: log in op het portaal, waar de kamer {opens} minuten van tevoren opengaat."

DUTCH = Language(
    code="nl",
    greeting="Beste {name},",
    greeting_nameless="Hallo,",
    nameless="Een account",
    zone="(tijd in {place}, {offset})",
    portal="Naar uw portaal",
    link_code="Vraagt de pagina om een code? Kopieer dan deze: {code}",
    helpdesk="Vragen? Zo bereikt u {practice}:",
    automatic="Dit bericht is automatisch verstuurd; antwoorden worden niet gelezen.",
    date="{weekday} {day} {month} {year} om {time} uur",
    day="{day} {month} {year}",
    weekdays=("maandag", "dinsdag", "woensdag", "donderdag", "vrijdag", "zaterdag", "zondag"),
    months=(
        "januari",
        "februari",
        "maart",
        "april",
        "mei",
        "juni",
        "juli",
        "augustus",
        "september",
        "oktober",
        "november",
        "december",
    ),
    texts={
        "invitation": MailText(
            subject="Uw account aanmaken",
            body=(
                "{practice} nodigt u uit om een account aan te maken voor het portaal.",
                "U kiest een wachtwoord en krijgt een inlogcode. De link werkt één keer, tot {expires_at}.",
            ),
            button="Account aanmaken",
            closing=(_NOTHING_TO_DO,),
        ),
        "staff_invitation": MailText(
            subject="Uw account aanmaken",
            body=(
                "{practice} nodigt u uit om als medewerker een account aan te maken.",
                "U kiest een wachtwoord. De link werkt één keer, tot {expires_at}.",
            ),
            button="Account aanmaken",
            closing=(_NOTHING_TO_DO,),
        ),
        "account_made": MailText(
            subject="Uw account is klaar",
            body=(
                "Uw account voor het portaal van {practice} is aangemaakt.",
                "Uw inlogcode is {login_code}. U logt in met deze code en uw wachtwoord.",
                "Bewaar deze code. Wij vragen u nooit om uw wachtwoord.",
            ),
            closing=(_NOT_YOU,),
        ),
        "account_exists": MailText(
            subject="Uw account",
            body=(
                "Iemand probeerde met dit e-mailadres een account aan te maken bij {practice}.",
                "U hebt er al een, en er is niets veranderd.",
                "Was u het zelf? Log dan in, of vraag op de inlogpagina een nieuw wachtwoord aan.",
            ),
        ),
        "starter_given": MailText(
            subject="Uw account is klaar",
            body=(
                "{practice} heeft voor u een account voor het portaal aangemaakt.",
                "Uw inlogcode is {login_code}. U logt in met deze code en het wachtwoord dat u van {practice} krijgt.",
                "Dat wachtwoord werkt tot {expires_at}. Als u voor het eerst inlogt, kiest u een eigen wachtwoord.",
            ),
            closing=("Verwachtte u dit bericht niet? Neem dan contact met ons op.",),
        ),
        "verify_email": MailText(
            subject="Uw e-mailadres bevestigen",
            body=(
                "Met dit e-mailadres is een account aangemaakt voor het portaal van {practice}.",
                "Was u dat? Bevestig dan dat dit adres van u is. De link werkt tot {expires_at}.",
                "Uw inlogcode is {login_code}. Tot dit adres is bevestigd, logt u alleen daarmee in. Bewaar deze code.",
            ),
            button="Mijn e-mailadres bevestigen",
            closing=("Was u het niet? Gebruik de link dan niet; er gebeurt verder niets.",),
        ),
        "sign_up_invited": MailText(
            subject="Uw account",
            body=(
                "Iemand probeerde met dit e-mailadres een account aan te maken bij {practice}.",
                "{practice} heeft u al uitgenodigd: de link om uw account aan te maken staat in een eerder bericht.",
                "Kunt u dat niet vinden? Vraag {practice} dan om het opnieuw te sturen.",
            ),
        ),
        "sign_up_rejected": MailText(
            subject="Uw account",
            body=(
                "{practice} heeft het account gesloten dat u voor het portaal had aangemaakt.",
                "Wat u had ingevuld, is verwijderd.",
            ),
            closing=("Denkt u dat dit een vergissing is? Neem dan contact met ons op.",),
        ),
        "password_reset": MailText(
            subject="Een nieuw wachtwoord kiezen",
            body=(
                "Voor uw account bij {practice} is een nieuw wachtwoord aangevraagd.",
                "De link werkt één keer, tot {expires_at}.",
            ),
            button="Nieuw wachtwoord kiezen",
            closing=("Hebt u dit niet aangevraagd? Dan blijft uw wachtwoord zoals het is en hoeft u niets te doen.",),
        ),
        "login_codes": MailText(
            subject="Uw inlogcode",
            body=(
                "De inlogcode bij uw e-mailadres bij {practice} is aangevraagd.",
                "Dit is de inlogcode van elk account met dit adres:",
            ),
            each="{name}: {login_code}",
            closing=("Hebt u dit niet aangevraagd? Dan hoeft u niets te doen.",),
        ),
        "login_code_replaced": MailText(
            subject="Uw inlogcode",
            body=(
                "Uw inlogcode bij {practice} is vervangen. De oude werkt niet meer.",
                "Uw nieuwe inlogcode is {login_code}. Uw wachtwoord blijft hetzelfde.",
            ),
        ),
        "access_approved": MailText(
            subject="Uw account",
            body=(
                "{practice} heeft het portaal voor u geopend.",
                "Vanaf nu kunt u inloggen en zien wat er voor u klaarstaat.",
            ),
            details=(_WHEN,),
        ),
        "account_suspended": MailText(
            subject="Uw account",
            body=("{practice} heeft uw account geblokkeerd. U kunt nu niet inloggen.",),
            details=(_WHEN,),
        ),
        "account_reinstated": MailText(
            subject="Uw account",
            body=("{practice} heeft de blokkade van uw account opgeheven.",),
            details=(_WHEN,),
        ),
        "access_deactivated": MailText(
            subject="Uw account",
            body=(
                "{practice} heeft een toegang van u tot het portaal gesloten.",
                "Wat u daarmee zag, is er niet meer te zien.",
            ),
            details=(_WHEN,),
            closing=("Denkt u dat dit een vergissing is? Neem dan contact met ons op.",),
        ),
        "document_ready": MailText(
            subject="Iets nieuws in uw portaal",
            body=("Er staat iets nieuws voor u klaar in het portaal van {practice}.",),
        ),
        "appointment_booked": MailText(
            subject="Voor uw agenda",
            body=(
                "U hebt een afspraak met {practice}.",
                "Die begint op {starts_at} en duurt {minutes} minuten.",
            ),
            details=(_BY_VIDEO,),
        ),
        "appointment_moved": MailText(
            subject="Wijziging in uw agenda",
            body=(
                "Uw afspraak met {practice} is verzet.",
                "Die begint nu op {starts_at} en duurt {minutes} minuten; dat was op {was_at}.",
            ),
            details=(_BY_VIDEO,),
        ),
        "appointment_staff_added": MailText(
            subject="Wijziging in uw agenda",
            body=(
                "Bij uw afspraak op {starts_at} is ook iemand anders van {practice} aanwezig.",
                "Log in om te zien wie dat is. Wilt u dat liever niet? Laat het ons weten.",
            ),
        ),
        "appointment_cancelled": MailText(
            subject="Wijziging in uw agenda",
            body=("Uw afspraak met {practice} op {starts_at} gaat niet door.",),
        ),
        "appointment_reminder": MailText(
            subject="Een herinnering",
            body=(
                "U hebt een afspraak met {practice}.",
                "Die begint op {starts_at} en duurt {minutes} minuten.",
            ),
            details=(_BY_VIDEO,),
        ),
        "notice_factor_added": MailText(
            subject=_SOMETHING_CHANGED,
            body=("Aan uw account bij {practice} is een manier van twee-staps-authenticatie toegevoegd.",),
            details=(_WHICH, _WHEN),
            closing=(_NOT_YOU,),
        ),
        "notice_factor_removed": MailText(
            subject=_SOMETHING_CHANGED,
            body=("Van uw account bij {practice} is een manier van twee-staps-authenticatie verwijderd.",),
            details=(_WHICH, _WHEN),
            closing=(_NOT_YOU,),
        ),
        "notice_factors_reset": MailText(
            subject=_SOMETHING_CHANGED,
            body=(
                "{practice} heeft de twee-staps-authenticatie van uw account verwijderd. U bent overal uitgelogd.",
                "U stelt die opnieuw in als u weer inlogt. Daarna opent {practice} het portaal weer voor u.",
            ),
            details=(_WHEN,),
            closing=(_NOT_ASKED,),
        ),
        "notice_staff_factors_reset": MailText(
            subject=_SOMETHING_CHANGED,
            body=(
                "{practice} heeft de twee-staps-authenticatie van uw account verwijderd. U bent overal uitgelogd.",
                "U stelt die opnieuw in als u weer inlogt. Uw rol en uw cliënten blijven zoals ze zijn.",
            ),
            details=(_WHEN,),
            closing=(_NOT_ASKED,),
        ),
        "notice_access_waits": MailText(
            subject=_SOMETHING_CHANGED,
            body=(
                "Er is een nieuw wachtwoord gekozen via een link in een e-mail, en uw account heeft geen tweede stap.",
                "Daarom kijkt {practice} eerst of u het bent. Daarna opent {practice} het portaal opnieuw voor u.",
            ),
            details=(_WHEN,),
            closing=(_NOT_YOU,),
        ),
        "notice_codes_regenerated": MailText(
            subject=_SOMETHING_CHANGED,
            body=(
                "Voor uw account bij {practice} zijn nieuwe herstelcodes gemaakt.",
                "De oude codes werken niet meer.",
            ),
            details=(_WHEN,),
            closing=(_NOT_YOU,),
        ),
        "notice_code_used": MailText(
            subject=_SOMETHING_CHANGED,
            body=(
                "Op uw account bij {practice} is ingelogd met een herstelcode.",
                "Elke code werkt één keer.",
            ),
            details=("Codes over: {left}.", _FEW_LEFT, _WHEN),
            closing=(_NOT_YOU,),
        ),
        "notice_code_confirmed": MailText(
            subject=_SOMETHING_CHANGED,
            body=(
                "Iemand die was ingelogd op uw account bij {practice} heeft een stap bevestigd met een herstelcode.",
                "Elke code werkt één keer.",
            ),
            details=("Codes over: {left}.", _FEW_LEFT, _WHEN),
            closing=(_NOT_YOU,),
        ),
        "notice_new_device": MailText(
            subject=_SOMETHING_CHANGED,
            body=("Op uw account bij {practice} is ingelogd vanaf een nieuw apparaat.",),
            details=("Apparaat: {device}.", _WHEN),
            closing=(_NOT_YOU,),
        ),
        "notice_reopened": MailText(
            subject=_SOMETHING_CHANGED,
            body=("Uw account bij {practice} is weer geopend, met een uitnodiging en uw wachtwoord.",),
            details=(_WHEN,),
            closing=(_NOT_YOU,),
        ),
        "notice_password_changed": MailText(
            subject=_SOMETHING_CHANGED,
            body=("Het wachtwoord van uw account bij {practice} is gewijzigd.",),
            details=(_WHEN,),
            closing=(_NOT_YOU,),
        ),
        "email_change": MailText(
            subject="Bevestig uw e-mailadres",
            body=(
                "Iemand wil de mail van {practice} voortaan op dit adres krijgen.",
                "Was u dat? Bevestig het dan. De link werkt één keer, tot {expires_at}.",
            ),
            button="Adres bevestigen",
            closing=("Was u het niet? Dan hoeft u niets te doen: er verandert dan niets.",),
        ),
        "email_change_taken": MailText(
            subject="Bevestig uw e-mailadres",
            body=(
                "Iemand wil de mail van een ander account bij {practice} op dit adres krijgen.",
                "U hebt al een account met dit adres. Dat blijft zoals het is, en alleen u logt in met het adres.",
                "Deelt u het, bijvoorbeeld in een gezin? Dan kunt u het bevestigen.",
                "De link werkt één keer, tot {expires_at}.",
            ),
            button="Adres bevestigen",
            closing=("Verwacht u dit niet? Dan hoeft u niets te doen: er verandert dan niets.",),
        ),
        "notice_email_change_asked": MailText(
            subject=_SOMETHING_CHANGED,
            body=(
                "Iemand heeft gevraagd om het e-mailadres van uw account bij {practice} te wijzigen.",
                "Dit adres blijft in gebruik totdat het nieuwe bevestigd is.",
            ),
            details=(_WHEN,),
            closing=(_NOT_YOU,),
        ),
        "notice_email_changed": MailText(
            subject=_SOMETHING_CHANGED,
            body=(
                "Het e-mailadres van uw account bij {practice} is gewijzigd.",
                "Op dit adres krijgt u er geen mail meer over.",
            ),
            details=(_WHEN,),
            closing=(_NOT_YOU,),
        ),
        "notice_phone_changed": MailText(
            subject=_SOMETHING_CHANGED,
            body=("Het telefoonnummer van uw account bij {practice} is gewijzigd.",),
            details=(_WHEN,),
            closing=(_NOT_YOU,),
        ),
        "notice_links_changed": MailText(
            subject=_SOMETHING_CHANGED,
            body=("Er is gewijzigd waar mails, pagina's of videogesprekken van {practice} naartoe leiden.",),
            details=("Dat deed {by}.", _WHEN),
            closing=(_NOT_YOU,),
        ),
        "account_closed": MailText(
            subject="Uw account",
            body=(
                "Uw account bij {practice} is op uw verzoek opgeheven. Niemand kan er nog mee inloggen.",
                "Wat {practice} volgens de wet over een behandeling moet bewaren, blijft bewaard.",
            ),
            details=(_WHEN,),
            closing=(_NOT_YOU,),
        ),
        "change_accepted": MailText(
            subject="Uw gegevens",
            body=("{practice} heeft uw gegevens gewijzigd, zoals u vroeg.",),
            details=("{practice} schreef: {reason}", _WHEN),
        ),
        "change_rejected": MailText(
            subject="Uw gegevens",
            body=("{practice} heeft uw gegevens niet gewijzigd. Ze blijven zoals ze zijn.",),
            details=("{practice} schreef: {reason}", _WHEN),
        ),
        "notice_factor_alert": MailText(
            subject=_SOMETHING_CHANGED,
            body=(
                "Er gebeurde iets ongewoons met de twee-staps-authenticatie van uw account bij {practice}.",
                "Dat kan een code zijn die twee keer is gebruikt, of een sleutel die gekopieerd lijkt.",
            ),
            details=(_WHICH, _WHEN),
            closing=(_NOT_YOU,),
        ),
    },
)
