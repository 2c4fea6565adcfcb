// JSON but for this line and the last semicolon, so that other languages' tools can read it.
export default {
  "loading": {
    "en": "One moment…",
    "nl": "Een ogenblik…"
  },
  "languages": {
    "en": "Language",
    "nl": "Taal"
  },
  "helpdesk": {
    "en": "Questions? {practice} is glad to help.",
    "nl": "Vragen? {practice} helpt u graag."
  },
  "try_again": {
    "en": "Try again",
    "nl": "Opnieuw proberen"
  },
  "sign_in": {
    "en": "To the sign-in page",
    "nl": "Naar de inlogpagina"
  },
  "trouble.title": {
    "en": "This did not work",
    "nl": "Dit is niet gelukt"
  },
  "trouble.unreachable": {
    "en": "There is no connection right now. Check your internet connection and try again.",
    "nl": "Er is nu geen verbinding. Controleer uw internetverbinding en probeer het opnieuw."
  },
  "trouble.failed": {
    "en": "Something went wrong on our side. Please try again in a moment.",
    "nl": "Er ging bij ons iets mis. Probeer het straks opnieuw."
  },
  "nowhere.title": {
    "en": "This page does not exist",
    "nl": "Deze pagina bestaat niet"
  },
  "nowhere.text": {
    "en": "Check the address, or open the link in your e-mail again.",
    "nl": "Controleer het adres, of open de link in uw e-mail opnieuw."
  },
  "landing.title": {
    "en": "Your portal",
    "nl": "Uw portaal"
  },
  "landing.text": {
    "en": "You sign in through the website or app of {practice}, not on this page. Did you just make an account? Then it is ready.",
    "nl": "U logt in via de website of app van {practice}, niet op deze pagina. Hebt u net een account aangemaakt? Dan is dat klaar."
  },
  "landing.ask": {
    "en": "Don’t you know the address? Then ask {practice}; below you find how.",
    "nl": "Weet u het adres niet? Vraag het dan aan {practice}; hieronder staat hoe."
  },
  "landing.code.title": {
    "en": "Did you forget your login code?",
    "nl": "Bent u uw inlogcode vergeten?"
  },
  "landing.code.label": {
    "en": "Your e-mail address",
    "nl": "Uw e-mailadres"
  },
  "landing.code.submit": {
    "en": "Mail me my login code",
    "nl": "Mail mij mijn inlogcode"
  },
  "landing.password.title": {
    "en": "Did you forget your password?",
    "nl": "Bent u uw wachtwoord vergeten?"
  },
  "landing.password.label": {
    "en": "Your login code or e-mail address",
    "nl": "Uw inlogcode of e-mailadres"
  },
  "landing.password.submit": {
    "en": "Mail me a link for a new password",
    "nl": "Mail mij een link voor een nieuw wachtwoord"
  },
  "elsewhere.title": {
    "en": "You sign in at another address",
    "nl": "U logt in op een ander adres"
  },
  "elsewhere.text": {
    "en": "{practice} has a portal of its own.",
    "nl": "{practice} heeft een eigen portaal."
  },
  "link.MISSING.title": {
    "en": "Copy the code from your e-mail",
    "nl": "Kopieer de code uit uw e-mail"
  },
  "link.MISSING": {
    "en": "Did you get here by a link? Then a part of it got lost on the way. In the e-mail there is also a code, just below the link: copy it here.",
    "nl": "Kwam u hier via een link? Dan is daar onderweg een stukje van weggevallen. In de e-mail staat ook een code, net onder de link: kopieer die hierheen."
  },
  "link.MISSING.accept": {
    "en": "A part of the link got lost on the way. In the e-mail there is also a code, just below the link: copy it here. No code? Then ask the practice to invite you again. Did you make your account already? Then you sign in with your login code.",
    "nl": "Van de link is onderweg een stukje weggevallen. In de e-mail staat ook een code, net onder de link: kopieer die hierheen. Geen code? Vraag de praktijk dan om u opnieuw uit te nodigen. Hebt u uw account al gemaakt? Dan logt u in met uw inlogcode."
  },
  "link.MISSING.verify": {
    "en": "A part of the link got lost on the way. In the e-mail there is also a code, just below the link: copy it here. No code? Sign in: there you can have a new one mailed.",
    "nl": "Van de link is onderweg een stukje weggevallen. In de e-mail staat ook een code, net onder de link: kopieer die hierheen. Geen code? Log in: daar kunt u een nieuwe laten mailen."
  },
  "link.UNKNOWN.title": {
    "en": "This link is not valid",
    "nl": "Deze link is niet geldig"
  },
  "link.UNKNOWN": {
    "en": "Perhaps a part of it got lost. Open the link in the e-mail again, or copy all of it into the address bar.",
    "nl": "Misschien is er een stukje weggevallen. Open de link in de e-mail opnieuw, of kopieer hem helemaal naar de adresbalk."
  },
  "link.EXPIRED.title": {
    "en": "This link has expired",
    "nl": "Deze link is verlopen"
  },
  "link.EXPIRED": {
    "en": "You can ask for a new one on the sign-in page.",
    "nl": "Op de inlogpagina kunt u een nieuwe aanvragen."
  },
  "link.EXPIRED.accept": {
    "en": "You can ask for a new one. It is sent to the same e-mail address.",
    "nl": "U kunt een nieuwe aanvragen. Die wordt naar hetzelfde e-mailadres gestuurd."
  },
  "link.USED.title": {
    "en": "This link has been used already",
    "nl": "Deze link is al gebruikt"
  },
  "link.USED": {
    "en": "It works only once. You can sign in.",
    "nl": "Hij werkt maar één keer. U kunt inloggen."
  },
  "link.USED.accept": {
    "en": "The invitation was accepted with it. Did you make an account? Then your login code is in the e-mail that you got after that.",
    "nl": "De uitnodiging is ermee aangenomen. Hebt u een account aangemaakt? Dan staat uw inlogcode in de e-mail die u daarna kreeg."
  },
  "link.USED.reset": {
    "en": "A new password was chosen with it. Wasn’t that you? Then contact the practice at once.",
    "nl": "Er is een nieuw wachtwoord mee gekozen. Was u dat niet? Neem dan meteen contact op met de praktijk."
  },
  "link.SUPERSEDED.title": {
    "en": "This link no longer works",
    "nl": "Deze link werkt niet meer"
  },
  "link.SUPERSEDED": {
    "en": "A newer link was sent, or something changed since. Use the link in the newest e-mail.",
    "nl": "Er is een nieuwere link verstuurd, of er is sindsdien iets gewijzigd. Gebruik de link in de nieuwste e-mail."
  },
  "link.REVOKED.title": {
    "en": "This link was withdrawn",
    "nl": "Deze link is ingetrokken"
  },
  "link.REVOKED": {
    "en": "Do you think that this is a mistake? Then contact the practice.",
    "nl": "Denkt u dat dit een vergissing is? Neem dan contact op met de praktijk."
  },
  "link.FOREIGN.title": {
    "en": "This link belongs to another account",
    "nl": "Deze link hoort bij een ander account"
  },
  "link.FOREIGN": {
    "en": "In this browser you are signed in to another account. Sign out there first, and open the link again.",
    "nl": "In deze browser bent u bij een ander account ingelogd. Log daar eerst uit, en open de link opnieuw."
  },
  "renew.submit": {
    "en": "Ask for a new link",
    "nl": "Nieuwe link aanvragen"
  },
  "renewed.title": {
    "en": "A new link is on its way",
    "nl": "Er is een nieuwe link onderweg"
  },
  "renewed.text": {
    "en": "You get it at the same e-mail address, usually within a few minutes. You can close this page.",
    "nl": "U krijgt hem op hetzelfde e-mailadres, meestal binnen een paar minuten. U kunt deze pagina sluiten."
  },
  "missing.code": {
    "en": "The code from the e-mail, or the whole link",
    "nl": "De code uit de e-mail, of de hele link"
  },
  "missing.submit": {
    "en": "Go on",
    "nl": "Verder"
  },
  "missing.none": {
    "en": "This is no code from the e-mail. Copy all of it.",
    "nl": "Dit is geen code uit de e-mail. Kopieer hem helemaal."
  },
  "password.new": {
    "en": "New password",
    "nl": "Nieuw wachtwoord"
  },
  "password.own": {
    "en": "Password of your account",
    "nl": "Wachtwoord van uw account"
  },
  "password.again": {
    "en": "The same password again",
    "nl": "Nogmaals hetzelfde wachtwoord"
  },
  "password.hint": {
    "en": "Long is better than complicated: three or four unrelated words make a good password. Spaces are fine.",
    "nl": "Lang is beter dan ingewikkeld: drie of vier losse woorden zijn een goed wachtwoord. Spaties mogen."
  },
  "password.minimum": {
    "en": "At least {minimum} characters.",
    "nl": "Minstens {minimum} tekens."
  },
  "password.show": {
    "en": "Show the password",
    "nl": "Wachtwoord tonen"
  },
  "password.empty": {
    "en": "Enter a password.",
    "nl": "Vul een wachtwoord in."
  },
  "password.different": {
    "en": "This is not the same as the password above.",
    "nl": "Dit is niet hetzelfde als het wachtwoord hierboven."
  },
  "accept.title": {
    "en": "Make your account",
    "nl": "Uw account aanmaken"
  },
  "accept.intro": {
    "en": "Hello {name}. {practice} invites you to make an account for the portal. It begins with choosing a password.",
    "nl": "Dag {name}. {practice} nodigt u uit om een account voor het portaal aan te maken. Dat begint met het kiezen van een wachtwoord."
  },
  "accept.next": {
    "en": "After that you sign in. The first time you may be asked to set up a second step, for instance with an app on your phone. Then {practice} checks that it is you, and opens the portal.",
    "nl": "Daarna logt u in. De eerste keer kan gevraagd worden om een tweede stap in te stellen, bijvoorbeeld met een app op uw telefoon. Dan controleert {practice} of u het bent, en opent het portaal."
  },
  "accept.expires": {
    "en": "The link works once, until {expires}.",
    "nl": "De link werkt één keer, tot {expires}."
  },
  "accept.submit": {
    "en": "Make my account",
    "nl": "Account aanmaken"
  },
  "accept.have": {
    "en": "I already have an account here",
    "nl": "Ik heb hier al een account"
  },
  "made.title": {
    "en": "Your account is ready",
    "nl": "Uw account is klaar"
  },
  "made.code": {
    "en": "This is your login code:",
    "nl": "Dit is uw inlogcode:"
  },
  "made.keep": {
    "en": "You sign in with this code and your password. Keep the code; we have mailed it to you as well.",
    "nl": "U logt in met deze code en uw wachtwoord. Bewaar de code; wij hebben hem u ook gemaild."
  },
  "made.email": {
    "en": "Instead of the code you can also use your e-mail address.",
    "nl": "In plaats van de code kunt u ook uw e-mailadres gebruiken."
  },
  "made.next": {
    "en": "What comes next: you sign in and, if it is asked, set up a second step. Then {practice} opens the portal for you; you get an e-mail.",
    "nl": "Wat nu volgt: u logt in en stelt, als dat gevraagd wordt, een tweede stap in. Dan opent {practice} het portaal voor u; u krijgt een e-mail."
  },
  "exists.title": {
    "en": "Accept with the account you have",
    "nl": "Aannemen met het account dat u hebt"
  },
  "exists.found": {
    "en": "There is already an account with this e-mail address at {practice}.",
    "nl": "Er is bij {practice} al een account met dit e-mailadres."
  },
  "exists.mine": {
    "en": "It is my account",
    "nl": "Het is mijn account"
  },
  "exists.how": {
    "en": "First sign in, in a new tab of this browser. Then come back here and accept the invitation with your account. Your password stays as it is. Are you not let in any more? Then go back, and give the password of that account.",
    "nl": "Log eerst in, op een nieuw tabblad van deze browser. Kom daarna hier terug en neem de uitnodiging aan met uw account. Uw wachtwoord blijft zoals het is. Komt u er niet meer in? Ga dan terug, en geef het wachtwoord van dat account."
  },
  "exists.sign_in": {
    "en": "Sign in (new tab)",
    "nl": "Inloggen (nieuw tabblad)"
  },
  "exists.link": {
    "en": "Accept with my account",
    "nl": "Aannemen met mijn account"
  },
  "exists.nobody": {
    "en": "Nobody is signed in here yet. Sign in first, in a new tab of this browser.",
    "nl": "Hier is nog niemand ingelogd. Log eerst in, op een nieuw tabblad van deze browser."
  },
  "exists.who": {
    "en": "In this browser {name} is signed in at {practice}. Is that you? Then accept the invitation with this account.",
    "nl": "In deze browser is {name} ingelogd bij {practice}. Bent u dat? Neem de uitnodiging dan aan met dit account."
  },
  "exists.other": {
    "en": "It is someone else’s",
    "nl": "Het is van iemand anders"
  },
  "exists.shared": {
    "en": "Do you share the address, in a family for instance? Then make an account of your own, with the password that you just chose. You sign in with your login code, not with the e-mail address.",
    "nl": "Deelt u het adres, bijvoorbeeld in een gezin? Maak dan een eigen account, met het wachtwoord dat u net hebt gekozen. U logt in met uw inlogcode, niet met het e-mailadres."
  },
  "exists.another": {
    "en": "I am another person",
    "nl": "Ik ben iemand anders"
  },
  "exists.back": {
    "en": "Back to making an account",
    "nl": "Terug naar account aanmaken"
  },
  "linked.title": {
    "en": "You have accepted the invitation",
    "nl": "U hebt de uitnodiging aangenomen"
  },
  "linked.text": {
    "en": "It now belongs to your account. The practice still checks this before it opens everything for you.",
    "nl": "Die hoort nu bij uw account. De praktijk controleert dit nog voordat alles voor u opengaat."
  },
  "reset.title": {
    "en": "Choose a new password",
    "nl": "Kies een nieuw wachtwoord"
  },
  "reset.intro": {
    "en": "It is for your account at {practice}. You are then signed out on all your devices.",
    "nl": "Het is voor uw account bij {practice}. U wordt daarna op al uw apparaten uitgelogd."
  },
  "reset.submit": {
    "en": "Save the new password",
    "nl": "Nieuw wachtwoord opslaan"
  },
  "changed.title": {
    "en": "You have a new password",
    "nl": "U hebt een nieuw wachtwoord"
  },
  "changed.text": {
    "en": "Sign in with your new password. Your second factor is still asked, just as before.",
    "nl": "Log in met uw nieuwe wachtwoord. Uw tweede stap wordt nog steeds gevraagd, net als eerst."
  },
  "verify.title": {
    "en": "Confirm your e-mail address",
    "nl": "Bevestig uw e-mailadres"
  },
  "verify.intro": {
    "en": "With this you tell {practice} that this e-mail address is yours.",
    "nl": "Hiermee laat u {practice} weten dat dit e-mailadres van u is."
  },
  "verify.password": {
    "en": "Please give the password of your account at {practice}. Did you not make an account there? Then close this page: without the password nothing happens.",
    "nl": "Vul het wachtwoord van uw account bij {practice} in. Hebt u daar geen account gemaakt? Sluit dan deze pagina: zonder het wachtwoord gebeurt er niets."
  },
  "verify.submit": {
    "en": "Confirm my e-mail address",
    "nl": "Mijn e-mailadres bevestigen"
  },
  "verified.title": {
    "en": "Your e-mail address is confirmed",
    "nl": "Uw e-mailadres is bevestigd"
  },
  "verified.text": {
    "en": "You can sign in now, or close this page. Is your account new? Then {practice} still looks at it before everything opens for you; you get an e-mail.",
    "nl": "U kunt nu inloggen, of deze pagina sluiten. Is uw account nieuw? Dan bekijkt {practice} het nog voordat alles voor u opengaat; u krijgt een e-mail."
  }
};
