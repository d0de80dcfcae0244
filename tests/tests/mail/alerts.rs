//! Alerts: what is new in a saved search, from the register to the mailbox.

use anyhow::{Context as _, Result};
use pli_app::{List, NewSearch, Outcome, SavedSearch, SearchChange, Sheet};
use pli_domain::dossier::{Command, DeclineReason};
use pli_domain::ids::DigestId;
use pli_domain::people::PersonCommand;
use pli_domain::reminder::Notifications;
use pli_server::mail::Mailer;
use pli_server::work;
use pli_tests::samples::{draft, petition, route};
use pli_tests::{Engine, Fine as _, Mail, Person};

use crate::reminders::{ADDRESS, Desk};

pli_tests::on_both!(
    what_is_new_is_told_once_with_the_very_list,
    nobody_hears_of_what_they_may_not_see,
    nothing_new_nothing_sent_and_nobody_is_told_on_a_quiet_day,
    whoever_switches_it_off_or_may_not_come_in_is_told_nothing,
    a_server_that_is_down_loses_no_alert,
    two_servers_send_each_alert_once,
    a_server_that_stops_half_way_sends_no_alert_twice,
);

const TUESDAY: &str = "2026-11-24T06:00:00Z";
const WEDNESDAY: &str = "2026-11-25T06:00:00Z";

/// A person keeps a search with an alert.
async fn watch(desk: &Desk, person: Person, name: &str, words: &str) -> Result<SavedSearch> {
    let caller = desk.office.caller(person).await?;
    let list = List { words: Some(words.to_owned()), ..List::default() };
    let new = NewSearch { name: name.to_owned(), list, alert: true };
    desk.office.app.save_search(&caller, desk.office.key(), new).await.fine()
}

/// A letter that has come to the DACS, which writes.
async fn letter(desk: &Desk, subject: &str) -> Result<Sheet> {
    let id = desk.office.register(petition(subject)).await?.dossier.id;
    desk.office.play(id, desk.office.to_drafting()?).await
}

/// The alerts that a person was sent, in order.
async fn alerts(desk: &Desk, person: Person) -> Result<Vec<Mail>> {
    let mails = desk.smtp.mails().await?;
    Ok(mails
        .into_iter()
        .filter(|mail| mail.recipients == person.email() && mail.text.contains("alerté de ces recherches"))
        .collect())
}

/// Its subject and its text, with plain spaces.
fn plain(mail: &Mail) -> (String, String) {
    (mail.subject.replace('\u{a0}', " "), mail.text.replace('\u{a0}', " "))
}

async fn what_is_new_is_told_once_with_the_very_list(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine).await?;
    let before = letter(&desk, "Honoraires d’avocat").await?.dossier.reference;
    let elsewhere = letter(&desk, "Locaux du greffe").await?;
    let search = watch(&desk, Person::Correspondent, "Avocats", "avocat").await?;
    watch(&desk, Person::Correspondent, "Curatelle", "curatelle").await?;
    let first = letter(&desk, "Avocats commis d’office").await?.dossier.reference;
    desk.minute().await?;
    assert_eq!(alerts(&desk, Person::Correspondent).await?.len(), 0, "in the morning");

    desk.office.set_clock(TUESDAY)?;
    // It was there before; now its draft has the word.
    desk.office
        .play(elsewhere.dossier.id, [(Person::Drafter, draft("Madame, votre avocat sera reçu."))])
        .await?;
    desk.minute().await?;
    let mails = alerts(&desk, Person::Correspondent).await?;
    let [mail] = mails.as_slice() else { panic!("one message, not {}", mails.len()) };
    let (subject, text) = plain(mail);
    assert_eq!(subject, "Pli : 2 nouveaux dossiers, « Avocats »");
    for reference in [&first, &elsewhere.dossier.reference] {
        assert!(text.contains(&format!("- {reference} : ")), "{text}");
        assert!(text.contains(&format!("{ADDRESS}/dossiers/{reference}\n")), "{text}");
    }
    assert!(!text.contains(&before) && !text.contains("Curatelle"), "{text}");
    assert!(text.contains(&format!("Toute la recherche : {ADDRESS}/recherche/enregistrees/{}\n", search.id)));
    // The link opens exactly what is told.
    let link =
        text.lines().find_map(|line| line.strip_prefix("2 nouveaux dossiers : ")).context("no link")?;
    let id = link.strip_prefix(&format!("{ADDRESS}/dossiers?etat=tous&relance=")).context("another link")?;
    let list = List { message: Some(id.parse::<DigestId>()?), ..List::default() };
    let correspondent = desk.office.caller(Person::Correspondent).await?;
    let mut listed: Vec<_> = desk
        .office
        .walk(&correspondent, &list, 1)
        .await?
        .into_iter()
        .map(|sheet| sheet.dossier.reference)
        .collect();
    listed.sort();
    let mut told = vec![first, elsewhere.dossier.reference.clone()];
    told.sort();
    assert_eq!(listed, told);

    // Never again, and what leaves the search and comes back is new.
    letter(&desk, "Avocat au Conseil").await?;
    desk.minute().await?;
    assert_eq!(alerts(&desk, Person::Correspondent).await?.len(), 1, "once a day");
    desk.office.play(elsewhere.dossier.id, [(Person::Drafter, draft("Madame,"))]).await?;
    desk.office.set_clock(WEDNESDAY)?;
    desk.minute().await?;
    desk.office.play(elsewhere.dossier.id, [(Person::Drafter, draft("Madame, votre avocat…"))]).await?;
    letter(&desk, "Curatelle").await?;
    desk.office.set_clock("2026-11-26T08:00:00Z")?;
    desk.minute().await?;
    let mails: Vec<_> = alerts(&desk, Person::Correspondent).await?.iter().map(plain).collect();
    let subjects: Vec<_> = mails.iter().map(|(subject, _)| subject.as_str()).collect();
    let expected = ["Pli : 1 nouveau dossier, « Avocats »", "Pli : du nouveau dans 2 recherches"];
    assert_eq!(subjects.get(1..), Some(expected.as_slice()));
    let newest = &mails.last().context("no mail")?.1;
    assert!(
        newest.contains("« Avocats » : 1 nouveau dossier") && newest.contains("« Curatelle » : 1 nouveau")
    );
    assert!(
        newest.contains("2 nouveaux dossiers : ") && newest.contains(&elsewhere.dossier.reference),
        "{newest}"
    );
    Ok(())
}

async fn nobody_hears_of_what_they_may_not_see(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine).await?;
    for person in [Person::Prisons, Person::Correspondent, Person::Administrator] {
        watch(&desk, person, "Soins", "soins").await?;
    }
    let sheet = letter(&desk, "Accès aux soins").await?;
    desk.office.set_clock(TUESDAY)?;
    desk.minute().await?;
    let count = async |person| anyhow::Ok(alerts(&desk, person).await?.len());
    assert_eq!(count(Person::Correspondent).await?, 1);
    assert_eq!((count(Person::Prisons).await?, count(Person::Administrator).await?), (0, 0));
    // It becomes theirs: it is new to them. To those who have lost it, it is gone.
    let prisons = desk.office.unit("DAP")?;
    let reroute = Command::Reroute { lead: prisons };
    desk.office.play(sheet.dossier.id, [(Person::Coordinator, reroute)]).await?;
    desk.office.set_clock(WEDNESDAY)?;
    desk.minute().await?;
    assert_eq!((count(Person::Prisons).await?, count(Person::Correspondent).await?), (1, 1));
    let decline = Command::Decline {
        reason: DeclineReason::OtherUnit,
        proposed: Some(desk.office.unit("DACS")?),
        note: String::new(),
    };
    let back = route(desk.office.unit("DACS")?);
    desk.office.play(sheet.dossier.id, [(Person::Prisons, decline), (Person::Coordinator, back)]).await?;
    desk.office.set_clock("2026-11-26T06:00:00Z")?;
    desk.minute().await?;
    assert_eq!((count(Person::Prisons).await?, count(Person::Correspondent).await?), (1, 2));
    Ok(())
}

async fn nothing_new_nothing_sent_and_nobody_is_told_on_a_quiet_day(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine).await?;
    desk.office.set_clock("2026-12-18T08:00:00Z")?;
    letter(&desk, "Tutelle ancienne").await?;
    watch(&desk, Person::Drafter, "Tutelles", "tutelle").await?;
    // Whoever wants no reminders has asked for the alert all the same.
    let drafter = desk.office.caller(Person::Drafter).await?;
    desk.office.app.choose_notifications(&drafter, Notifications::None).await.fine()?;
    let count = async || anyhow::Ok(alerts(&desk, Person::Drafter).await?.len());
    letter(&desk, "Tutelle nouvelle").await?;
    for quiet in
        ["2026-12-19T09:00:00Z", "2026-12-20T09:00:00Z", "2026-12-21T05:30:00Z", "2026-12-21T19:30:00Z"]
    {
        desk.office.set_clock(quiet)?;
        desk.minute().await?;
        assert_eq!(count().await?, 0, "{quiet}");
    }
    desk.office.set_clock("2026-12-22T06:00:00Z")?;
    desk.minute().await?;
    assert_eq!(count().await?, 1);
    for day in ["2026-12-23T08:00:00Z", "2026-12-24T08:00:00Z"] {
        desk.office.set_clock(day)?;
        desk.minute().await?;
    }
    assert_eq!(count().await?, 1, "nothing new");
    Ok(())
}

async fn whoever_switches_it_off_or_may_not_come_in_is_told_nothing(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine).await?;
    let app = &desk.office.app;
    let off = watch(&desk, Person::Correspondent, "Bail", "bail").await?;
    let removed = watch(&desk, Person::Approver, "Bail", "bail").await?;
    for person in [Person::Drafter, Person::Clerk] {
        watch(&desk, person, "Bail", "bail").await?;
    }
    letter(&desk, "Bail du tribunal").await?;
    let correspondent = desk.office.caller(Person::Correspondent).await?;
    let change = SearchChange { alert: Some(false), ..SearchChange::default() };
    app.change_search(&correspondent, desk.office.key(), off.id, change).await.fine()?;
    let approver = desk.office.caller(Person::Approver).await?;
    app.remove_search(&approver, desk.office.key(), removed.id).await.fine()?;
    let administrator = desk.office.caller(Person::Administrator).await?;
    let drafter = desk.office.caller(Person::Drafter).await?.actor.user().context("nobody")?;
    app.change_person(&administrator, desk.office.key(), drafter, PersonCommand::Disable).await.fine()?;
    desk.office.set_clock(TUESDAY)?;
    desk.minute().await?;
    let told = desk
        .smtp
        .mails()
        .await?
        .into_iter()
        .filter(|mail| mail.text.contains("« Bail") || mail.text.contains("«\u{a0}Bail"));
    let told: Vec<_> = told.map(|mail| mail.recipients).collect();
    assert_eq!(told, [Person::Clerk.email()]);
    // Switched on again, it tells of what comes from then on.
    let change = SearchChange { alert: Some(true), ..SearchChange::default() };
    app.change_search(&correspondent, desk.office.key(), off.id, change).await.fine()?;
    desk.office.set_clock(WEDNESDAY)?;
    desk.minute().await?;
    assert_eq!(alerts(&desk, Person::Correspondent).await?.len(), 0);
    letter(&desk, "Bail du greffe").await?;
    desk.office.set_clock("2026-11-26T06:00:00Z")?;
    desk.minute().await?;
    assert_eq!(alerts(&desk, Person::Correspondent).await?.len(), 1);
    Ok(())
}

async fn a_server_that_is_down_loses_no_alert(engine: Engine) -> Result<()> {
    let mut desk = Desk::open(engine).await?;
    watch(&desk, Person::Correspondent, "Notaires", "notaire").await?;
    let reference = letter(&desk, "Plainte contre un notaire").await?.dossier.reference;
    desk.office.set_clock(TUESDAY)?;
    desk.smtp.stop();
    desk.minute().await?;
    desk.minute().await?;
    desk.smtp.start()?;
    desk.minute().await?;
    assert_eq!(alerts(&desk, Person::Correspondent).await?.len(), 0, "not tried again at once");
    desk.office.set_clock("2026-11-24T06:16:00Z")?;
    for _ in 0..3 {
        desk.minute().await?;
    }
    let mails = alerts(&desk, Person::Correspondent).await?;
    assert_eq!(mails.len(), 1, "a quarter of an hour later, once");
    assert!(mails.iter().all(|mail| mail.text.contains(&reference)));
    Ok(())
}

async fn two_servers_send_each_alert_once(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine).await?;
    let people =
        [Person::Clerk, Person::Coordinator, Person::Correspondent, Person::Drafter, Person::Approver];
    for person in people {
        watch(&desk, person, "Huissiers", "huissier").await?;
    }
    letter(&desk, "Frais d’huissier").await?;
    desk.office.set_clock(TUESDAY)?;
    let other = Mailer::new(&desk.smtp.url(), "Pli <pli@justice.example>")?;
    let second = work::once(&desk.office.app, Some(&other), ADDRESS);
    let (first, second) = tokio::join!(desk.minute(), second);
    first?;
    second.fine()?;
    // One that met the other in the database is taken up the next minute.
    desk.minute().await?;
    for person in people {
        assert_eq!(alerts(&desk, person).await?.len(), 1, "{person:?}");
    }
    Ok(())
}

async fn a_server_that_stops_half_way_sends_no_alert_twice(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine).await?;
    let app = &desk.office.app;
    watch(&desk, Person::Correspondent, "Adoption", "adoption").await?;
    letter(&desk, "Adoption simple").await?;
    desk.office.set_clock(TUESDAY)?;
    // It claims the message, and is never heard of again: it may have handed it over.
    let lost = app.next_alert(ADDRESS).await.fine()?.context("nothing to send")?;
    assert_eq!(lost.email, Person::Correspondent.email());
    desk.minute().await?;
    desk.office.set_clock("2026-11-24T06:11:00Z")?;
    assert_eq!(app.keep_time().await.fine()?.1, 1, "given up");
    desk.minute().await?;
    desk.office.set_clock(WEDNESDAY)?;
    desk.minute().await?;
    assert_eq!(alerts(&desk, Person::Correspondent).await?.len(), 0);
    letter(&desk, "Adoption plénière").await?;
    desk.office.set_clock("2026-11-26T06:00:00Z")?;
    let message = app.next_alert(ADDRESS).await.fine()?.context("nothing to send")?;
    assert!(message.text.contains("plénière") && !message.text.contains("simple"), "{}", message.text);
    // It can never go to that address: tomorrow, what it told is told again.
    app.message_done(message.id, Outcome::BadAddress).await.fine()?;
    assert_eq!(app.next_alert(ADDRESS).await.fine()?, None);
    desk.office.set_clock("2026-11-27T06:00:00Z")?;
    let again = app.next_alert(ADDRESS).await.fine()?.context("nothing to send")?;
    assert!(again.text.contains("plénière"), "{}", again.text);
    Ok(())
}
