//! Links that let occasional contributors in: asked for, written, opened once, taken back.

use anyhow::{Context as _, Result};
use pli_app::{Attempt, Caller, Entered, Error, List, Means, NewToken, Outcome};
use pli_domain::account::{AccessEvent, LinkState, TokenScope};
use pli_domain::actor::Role;
use pli_domain::dossier::Command;
use pli_domain::people::PersonCommand;
use pli_tests::links::{PUBLIC, secret_in};
use pli_tests::samples::{draft, petition};
use pli_tests::{Engine, Fine as _, Office, PASSWORD, Person, attempt};

pli_tests::on_both!(
    a_link_opens_ones_table_once,
    a_link_that_is_late_taken_back_or_anothers_opens_nothing,
    an_address_that_is_nobodys_is_answered_the_same,
    one_link_a_quarter_of_an_hour_unless_it_has_served,
    a_link_that_could_not_leave_leaves_later_with_another_secret,
    whoever_comes_in_by_a_link_contributes_and_no_more,
    a_link_is_taken_back_by_its_owner_or_whoever_keeps_the_account,
    a_link_is_sent_by_whoever_keeps_the_account,
    a_link_is_opened_once_by_two_who_press_together,
    too_many_are_not_asked_for_nor_tried_from_one_network,
    what_happens_to_links_is_told,
);

async fn signed_in(office: &Office, person: Person) -> Result<Caller> {
    let Entered::Open(opened) = office.app.sign_in(&attempt(person.login(), PASSWORD)).await.fine()? else {
        anyhow::bail!("{person:?} is not let in")
    };
    office.app.by_session(opened.session.reveal(), false).await.fine()?.context("nobody's session")
}

/// A link that was sent to the drafter, who may have them.
async fn sent(office: &Office) -> Result<String> {
    office.change_person(Person::Drafter, PersonCommand::AllowLinks).await?;
    office.ask_link(&Person::Drafter.email()).await?;
    Ok(office.link().await?.context("no link")?.1)
}

async fn a_link_opens_ones_table_once(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let id = office.register(petition("Honoraires")).await?.dossier.id;
    office.play(id, office.to_drafting()?).await?;
    office.change_person(Person::Drafter, PersonCommand::AllowLinks).await?;
    office.ask_link(" Redaction@JUSTICE.example ").await?;
    let (message, secret) = office.link().await?.context("no link")?;
    assert_eq!(message.email, Person::Drafter.email());
    assert_eq!(message.subject, "Pli\u{a0}: votre lien d’accès");
    assert!(message.text.contains(&format!("\n{PUBLIC}/connexion/lien/{secret}\n")), "{}", message.text);
    assert!(message.text.contains("jusqu’au 22/11/2026 à 12\u{a0}h\u{a0}00\u{a0}:"), "{}", message.text);
    assert!(office.link().await?.is_none(), "one message");
    let sql = office.database.sql().await?;
    let kept: i64 = sql.one(&format!("SELECT count(*) FROM entry_link WHERE digest = '{secret}'")).await?;
    assert_eq!((secret.len(), kept), (64, 0), "its digest alone is kept");
    let caller = office.open_link(&secret).await?.context("it opens nothing")?;
    assert_eq!(caller.actor.name, Person::Drafter.name());
    assert!(matches!(caller.means, Means::Link(_)));
    let mine = List { open: Some(true), ..List::default() };
    assert_eq!(office.walk(&caller, &mine, 10).await?.len(), 1, "their table");
    let written = office.app.act(&caller, office.order(id, draft("Madame,"))).await.fine()?;
    assert!(written.dossier.draft.is_some(), "they contribute");
    assert!(office.open_link(&secret).await?.is_none(), "it has served");
    assert_eq!(office.faults().await?, [""; 0]);
    Ok(())
}

async fn a_link_that_is_late_taken_back_or_anothers_opens_nothing(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    assert!(office.open_link(&"0".repeat(64)).await?.is_none());
    assert!(office.open_link("").await?.is_none());
    let late = sent(&office).await?;
    office.set_clock("2026-11-22T11:00:00Z")?;
    assert!(office.open_link(&late).await?.is_none(), "two hours have passed");
    let clear = || PersonCommand::Change { name: None, email: Some("ailleurs@justice.example".to_owned()) };
    let back = || PersonCommand::Change { name: None, email: Some(Person::Drafter.email()) };
    for (hour, undone, redone) in [
        (12, PersonCommand::ForbidLinks, PersonCommand::AllowLinks),
        (13, PersonCommand::Disable, PersonCommand::Enable),
        (14, clear(), back()),
    ] {
        office.set_clock(&format!("2026-11-22T{hour}:00:00Z"))?;
        let (opened, unopened) = (sent(&office).await?, "later");
        let caller = office.open_link(&opened).await?.with_context(|| format!("{undone:?}: {unopened}"))?;
        let link = sent(&office).await?;
        office.change_person(Person::Drafter, undone.clone()).await?;
        office.change_person(Person::Drafter, redone).await?;
        assert!(office.open_link(&link).await?.is_none(), "{undone:?}");
        assert_eq!(office.app.sessions(&caller).await.fine()?, [], "{undone:?}: the link's session");
        assert_eq!(office.app.links(&caller).await.fine()?, [], "{undone:?}");
    }
    // A password that is drawn, or changed, takes back what was sent before it.
    office.set_clock("2026-11-22T15:00:00Z")?;
    let link = sent(&office).await?;
    let administrator = office.caller(Person::Administrator).await?;
    let drafter = office.database.store.person(Person::Drafter.login()).await?.context("no drafter")?;
    office.app.reset_password(&administrator, office.key(), drafter.id).await.fine()?;
    assert!(office.open_link(&link).await?.is_none());
    let own = signed_in(&office, Person::Approver).await?;
    office.change_person(Person::Approver, PersonCommand::AllowLinks).await?;
    office.ask_link(&Person::Approver.email()).await?;
    let (_, link) = office.link().await?.context("no link")?;
    office.app.change_password(&own, office.key(), PASSWORD, "agrafe bleue quatorze").await.fine()?;
    assert!(office.open_link(&link).await?.is_none());
    Ok(())
}

async fn an_address_that_is_nobodys_is_answered_the_same(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    office.change_person(Person::Drafter, PersonCommand::AllowLinks).await?;
    office.change_person(Person::Prisons, PersonCommand::AllowLinks).await?;
    office.change_person(Person::Prisons, PersonCommand::Disable).await?;
    let sql = office.database.sql().await?;
    let (unknown, forbidden) = ("personne@justice.example".to_owned(), Person::Clerk.email());
    for email in [&unknown, &forbidden, &Person::Prisons.email(), &Person::Drafter.email()] {
        let before: i64 = sql.one("SELECT count(*) FROM access_journal").await?;
        office.ask_link(email).await?;
        let lines = sql.one::<i64>("SELECT count(*) FROM access_journal").await? - before;
        assert_eq!(lines, 1, "{email}: as much is written of each");
    }
    let (message, _) = office.link().await?.context("no link")?;
    assert_eq!(message.email, Person::Drafter.email());
    assert!(office.link().await?.is_none(), "nobody else may come in by a link");
    let told: i64 = sql.one("SELECT count(*) FROM access_journal WHERE account_id IS NOT NULL").await?;
    assert_eq!(told, 1, "of an address that is nobody's, nothing is kept");
    for (email, code) in
        [("", "REQUIRED"), ("  ", "REQUIRED"), ("redaction", "EMAIL_FORM"), ("a@b\0", "EMAIL_FORM")]
    {
        let refused = office.app.ask_link(&attempt(email, "")).await.refused()?;
        assert_eq!((refused.code(), refused.field()), (code, Some("email")), "{email:?}");
    }
    // Two accounts of one address: each has its own.
    office.change_person(Person::Approver, PersonCommand::AllowLinks).await?;
    let shared = PersonCommand::Change { name: None, email: Some(Person::Drafter.email()) };
    office.change_person(Person::Approver, shared).await?;
    office.set_clock("2026-11-22T09:20:00Z")?;
    office.ask_link(&Person::Drafter.email()).await?;
    let mut names = Vec::new();
    while let Some((message, secret)) = office.link().await? {
        assert_eq!(message.email, Person::Drafter.email());
        names.push(office.open_link(&secret).await?.context("it opens nothing")?.actor.name);
    }
    names.sort();
    assert_eq!(names, [Person::Approver.name(), Person::Drafter.name()]);
    Ok(())
}

async fn one_link_a_quarter_of_an_hour_unless_it_has_served(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let first = sent(&office).await?;
    let asked = async |at: &str| {
        office.set_clock(at)?;
        office.ask_link(&Person::Drafter.email()).await?;
        anyhow::Ok(office.link().await?.map(|(_, secret)| secret))
    };
    assert_eq!(asked("2026-11-22T09:14:59Z").await?, None);
    let second = asked("2026-11-22T09:15:00Z").await?.context("no second link")?;
    office.open_link(&first).await?.context("the first one opens still")?;
    office.open_link(&second).await?.context("so does the second one")?;
    assert!(asked("2026-11-22T09:16:00Z").await?.is_some(), "the last one has served");
    Ok(())
}

async fn a_link_that_could_not_leave_leaves_later_with_another_secret(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    office.change_person(Person::Drafter, PersonCommand::AllowLinks).await?;
    office.ask_link(&Person::Drafter.email()).await?;
    let state = async || {
        let caller = office.caller(Person::Drafter).await?;
        let links = office.app.links(&caller).await.fine()?;
        anyhow::Ok(links.first().context("no link")?.state(office.now()))
    };
    assert_eq!(state().await?, LinkState::Waiting);
    let unsent = office.app.next_link(PUBLIC).await.fine()?.context("no message")?;
    assert_eq!(state().await?, LinkState::Open);
    assert!(office.app.next_link(PUBLIC).await.fine()?.is_none(), "another server has it");
    office.app.message_done(unsent.id, Outcome::NotSent).await.fine()?;
    assert!(office.open_link(&secret_in(&unsent.text)?).await?.is_none(), "nobody can have it");
    assert!(office.app.next_link(PUBLIC).await.fine()?.is_none(), "not at once");
    office.set_clock("2026-11-22T09:16:00Z")?;
    let again = office.app.next_link(PUBLIC).await.fine()?.context("not tried again")?;
    assert_ne!(again.text, unsent.text);
    office.app.message_done(again.id, Outcome::Unknown).await.fine()?;
    office.open_link(&secret_in(&again.text)?).await?.context("it may have been sent: it opens")?;

    office.ask_link(&Person::Drafter.email()).await?;
    let refused = office.app.next_link(PUBLIC).await.fine()?.context("no message")?;
    office.app.message_done(refused.id, Outcome::BadAddress).await.fine()?;
    assert!(office.open_link(&secret_in(&refused.text)?).await?.is_none());
    office.set_clock("2026-11-22T10:15:59Z")?;
    assert!(office.app.next_link(PUBLIC).await.fine()?.is_none(), "that address is not tried again");
    office.set_clock("2026-11-22T10:16:00Z")?;
    assert_eq!(state().await?, LinkState::Lost);
    Ok(())
}

async fn whoever_comes_in_by_a_link_contributes_and_no_more(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let compartment = office.compartment("Nominations", Person::Coordinator, &[Person::Drafter]).await?;
    let reserved = office.register(petition("Réservée")).await?.dossier.id;
    let open = office.register(petition("Ouverte")).await?.dossier.id;
    for id in [reserved, open] {
        office.play(id, office.to_drafting()?).await?;
    }
    office.play(reserved, [(Person::Coordinator, Command::Reserve { compartment })]).await?;
    let drafter = office.caller(Person::Drafter).await?;
    assert_eq!(office.walk(&drafter, &List::default(), 10).await?.len(), 2);
    let caller = office.come_in_by_link(Person::Drafter).await?;
    let seen: Vec<_> =
        office.walk(&caller, &List::default(), 10).await?.iter().map(|sheet| sheet.dossier.id).collect();
    assert_eq!(seen, [open]);
    assert!(office.app.dossier(&caller, reserved).await.fine()?.is_none());
    let hidden = office.app.act(&caller, office.order(reserved, draft("Madame,"))).await.failed()?;
    assert!(matches!(hidden, Error::NotFound));
    assert_eq!(office.app.compartments(&caller).await.fine()?, []);
    assert_eq!(office.app.compartment(&caller, compartment).await.fine()?, None);

    let token = NewToken { name: "Tableau".to_owned(), scope: TokenScope::Read, days: 1 };
    let (app, new) = (&office.app, "agrafe bleue quatorze");
    let person = caller.actor.user().context("nobody")?;
    for refused in [
        app.change_password(&caller, office.key(), PASSWORD, new).await,
        app.make_token(&caller, office.key(), token).await.map(drop),
        app.open_feed(&caller).await.map(drop),
        app.send_link(&caller, office.key(), person).await,
    ] {
        assert_eq!(refused.refused()?.code(), "NOT_BY_LINK");
    }
    // Whatever else the person is, by a link they are not.
    for person in [Person::Signatory, Person::Administrator, Person::Coordinator, Person::Auditor] {
        let caller = office.come_in_by_link(person).await?;
        assert_eq!(caller.actor.grants, [], "{person:?}");
        assert_eq!(office.walk(&caller, &List::default(), 10).await?, [], "{person:?}");
        let people = office.app.person(&caller, Person::Clerk.login()).await.map(drop).refused()?;
        assert_eq!(people.code(), "NOT_YOURS", "{person:?}");
        let sign = office.app.act(&caller, office.order(open, Command::Sign)).await.failed()?;
        assert!(matches!(sign, Error::NotFound), "{person:?}");
    }
    let approver = office.come_in_by_link(Person::Approver).await?;
    assert!(approver.actor.has(Role::Approver) && approver.actor.has(Role::Drafter));
    Ok(())
}

async fn a_link_is_taken_back_by_its_owner_or_whoever_keeps_the_account(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let app = &office.app;
    let (stranger, administrator) =
        (signed_in(&office, Person::Approver).await?, signed_in(&office, Person::Administrator).await?);
    let owner = signed_in(&office, Person::Drafter).await?;
    let person = owner.actor.user();
    let (mine, theirs) = (sent(&office).await?, office.now());
    let first = app.links(&owner).await.fine()?.first().context("no link")?.clone();
    assert_eq!((first.asked_at, first.asked_by), (theirs, None));
    let nobody = app.revoke_link(&stranger, office.key(), None, first.id).await.failed()?;
    assert!(matches!(nobody, Error::NotFound), "another's is as one that does not exist");
    let not_kept = app.revoke_link(&stranger, office.key(), person, first.id).await.refused()?;
    assert_eq!(not_kept.code(), "NOT_YOURS");
    let token = office.caller(Person::Drafter).await?;
    let by_token = app.revoke_link(&token, office.key(), None, first.id).await.refused()?;
    assert_eq!(by_token.code(), "SESSION_REQUIRED");
    let key = office.key();
    for _ in 0..2 {
        app.revoke_link(&owner, key.clone(), None, first.id).await.fine()?;
    }
    assert!(office.open_link(&mine).await?.is_none(), "taken back before it was opened");

    // By whoever has come in by it too; and by the administrator, which closes what it has opened.
    office.ask_link(&Person::Drafter.email()).await?;
    let (_, secret) = office.link().await?.context("one that was taken back makes way")?;
    let session = app.open_link(&Attempt::default(), &secret).await.fine()?.context("it opens nothing")?;
    let inside = app.by_session(session.reveal(), false).await.fine()?.context("nobody")?;
    let listed = app.sessions(&inside).await.fine()?;
    let told: Vec<_> = listed.iter().map(|one| (one.by_link, one.current)).collect();
    assert_eq!(told.iter().filter(|one| **one == (true, true)).count(), 1, "{told:?}");
    let used = app.links(&inside).await.fine()?.first().context("no link")?.clone();
    let known = office.database.store.person(Person::Drafter.login()).await?.context("no drafter")?;
    assert_eq!(app.links_of(&administrator, &known).await.fine()?, std::slice::from_ref(&used));
    assert_eq!(app.links_of(&stranger, &known).await.fine()?, []);
    assert_eq!(used.state(office.now()), LinkState::Used);
    app.revoke_link(&administrator, office.key(), person, used.id).await.fine()?;
    assert!(app.by_session(session.reveal(), false).await.fine()?.is_none(), "its session is closed");
    assert!(app.sessions(&owner).await.fine()?.iter().any(|one| one.current), "the others are not");
    Ok(())
}

async fn a_link_is_sent_by_whoever_keeps_the_account(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let app = &office.app;
    let administrator = signed_in(&office, Person::Administrator).await?;
    let stranger = signed_in(&office, Person::Coordinator).await?;
    let drafter = office.database.store.person(Person::Drafter.login()).await?.context("no drafter")?.id;
    let refused = async || {
        let refused = app.send_link(&administrator, office.key(), drafter).await.refused()?;
        anyhow::Ok(refused.code())
    };
    assert_eq!(refused().await?, "LINKS_FORBIDDEN");
    office.change_person(Person::Drafter, PersonCommand::AllowLinks).await?;
    let nobody = app.send_link(&stranger, office.key(), drafter).await.refused()?;
    assert_eq!(nobody.code(), "NOT_YOURS");
    let key = office.key();
    for _ in 0..2 {
        app.send_link(&administrator, key.clone(), drafter).await.fine()?;
    }
    // One that waits is in the place of the one before.
    app.send_link(&administrator, office.key(), drafter).await.fine()?;
    let (message, secret) = office.link().await?.context("no link")?;
    assert!(message.text.contains(&format!("{} vous envoie ce lien.", Person::Administrator.name())));
    assert!(office.link().await?.is_none());
    assert!(office.open_link(&secret).await?.is_some());
    let nowhere = PersonCommand::Change { name: None, email: Some(String::new()) };
    office.change_person(Person::Drafter, nowhere).await?;
    assert_eq!(refused().await?, "NO_ADDRESS");
    office.change_person(Person::Drafter, PersonCommand::Disable).await?;
    assert_eq!(refused().await?, "ACCOUNT_DISABLED");
    Ok(())
}

async fn a_link_is_opened_once_by_two_who_press_together(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let secret = sent(&office).await?;
    let (first, second) = tokio::join!(office.open_link(&secret), office.open_link(&secret));
    let opened = [first?, second?].iter().flatten().count();
    assert_eq!(opened, 1);
    Ok(())
}

async fn too_many_are_not_asked_for_nor_tried_from_one_network(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    office.change_person(Person::Drafter, PersonCommand::AllowLinks).await?;
    let from =
        |last: u8, login: &str| Attempt { address: Some([192, 0, 2, last].into()), ..attempt(login, "") };
    for number in 0..50 {
        office.app.ask_link(&from(1, &format!("p{number}@justice.example"))).await.fine()?;
        office.app.open_link(&from(1, ""), "au hasard").await.fine()?;
    }
    for email in [Person::Drafter.email(), "personne@justice.example".to_owned()] {
        let held = office.app.ask_link(&from(1, &email)).await.failed()?;
        assert!(matches!(held, Error::TooOften { wait: 1 }), "{held:?}");
    }
    let held = office.app.open_link(&from(1, ""), "au hasard").await.failed()?;
    assert!(matches!(held, Error::TooOften { .. }), "{held:?}");
    office.app.ask_link(&from(2, &Person::Drafter.email())).await.fine()?;
    assert!(office.link().await?.is_some(), "from elsewhere, the person has their link");
    Ok(())
}

async fn what_happens_to_links_is_told(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let secret = sent(&office).await?;
    office.ask_link(&Person::Drafter.email()).await?;
    let caller = office.open_link(&secret).await?.context("it opens nothing")?;
    office.open_link(&secret).await?;
    let link = office.app.links(&caller).await.fine()?.first().context("no link")?.id;
    office.app.revoke_link(&caller, office.key(), None, link).await.fine()?;
    let told = office.app.own_accesses(&caller, None, 100).await.fine()?.items;
    let mut told: Vec<_> = told.into_iter().map(|entry| (entry.event, entry.detail)).collect();
    told.sort_by_key(|(event, _)| <&str>::from(*event));
    let events: Vec<_> = told.iter().map(|(event, _)| *event).collect();
    let expected =
        [AccessEvent::LinkAsked, AccessEvent::LinkRevoked, AccessEvent::SignInRefused, AccessEvent::SignedIn];
    assert_eq!(events, expected, "asked for twice, told once");
    assert!(told[2].1.ends_with(", par un lien") && told[3].1.ends_with(", par un lien"), "{told:?}");
    let administrator = office.caller(Person::Administrator).await?;
    let settled = office.app.settings_journal(&administrator, None, 1).await.fine()?.items;
    assert!(settled.first().context("nothing")?.payload.contains("\"links\":true"), "{settled:?}");
    Ok(())
}
