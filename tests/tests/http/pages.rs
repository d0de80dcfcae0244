//! The pages of deadlines over HTTP: who finds what, and what each form does.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use pli_domain::calendar::{Entry, EntryKind};
use pli_domain::delay::code;
use pli_domain::reminder::Notifications;
use pli_tests::samples::{day, letter};
use pli_tests::{Engine, Fine as _, Person, Served};
use reqwest::{Response, StatusCode};

pli_tests::on_both!(
    each_page_is_for_whom_it_is,
    what_the_forms_do_is_the_administrators,
    a_rule_is_tried_and_nothing_is_changed_then_it_is_changed,
    a_rule_that_has_changed_meanwhile_is_said_so_and_what_was_typed_is_kept,
    what_makes_no_sense_is_refused_beside_its_field,
    days_are_tried_added_tried_again_and_taken_away,
    a_reminder_rule_is_changed_or_refused,
    one_chooses_how_to_be_told,
    a_calendar_address_is_shown_once_and_can_be_replaced_and_taken_back,
);

/// Somebody who is signed in, without a browser.
pub(crate) struct Visitor<'a> {
    served: &'a Served,
    pub(crate) cookie: String,
    token: String,
}

impl<'a> Visitor<'a> {
    pub(crate) async fn open(served: &'a Served, person: Person) -> Result<Self> {
        let cookie = served.cookie(person).await?;
        let page = served.page("/dossiers", &cookie).await?.text().await?;
        let token = between(&page, "name=\"token\" value=\"", "\"")?.to_owned();
        Ok(Self { served, cookie, token })
    }

    pub(crate) async fn get(&self, path: &str) -> Result<(StatusCode, String)> {
        read(self.served.page(path, &self.cookie).await?).await
    }

    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Result<Response> {
        let mut form: BTreeMap<&str, &str> = fields.iter().copied().collect();
        form.entry("token").or_insert(&self.token);
        let url = format!("{}{path}", self.served.url);
        Ok(self.served.client.post(url).header("cookie", &self.cookie).form(&form).send().await?)
    }

    /// Presses the button of a simulation: everything that it carries is sent.
    async fn apply(&self, page: &str) -> Result<Response> {
        let form = between(page, "<form id=\"action-apply\"", "</form>")?;
        let action = between(form, "action=\"", "\"")?;
        let inputs = form.split("<input type=\"hidden\" name=\"").skip(1);
        let fields = inputs.map(|input| {
            let (name, rest) = input.split_once('"').context("a name")?;
            Ok((name, between(rest, "value=\"", "\"")?))
        });
        self.post(action, &fields.collect::<Result<Vec<_>>>()?).await
    }
}

pub(crate) async fn read(answer: Response) -> Result<(StatusCode, String)> {
    Ok((answer.status(), answer.text().await?))
}

/// What stands between two texts.
pub(crate) fn between<'a>(text: &'a str, before: &str, after: &str) -> Result<&'a str> {
    let (_, rest) = text.split_once(before).with_context(|| format!("no {before} in {text}"))?;
    Ok(rest.split_once(after).with_context(|| format!("no {after} after {before}"))?.0)
}

/// Where an answer leads.
fn location(answer: &Response) -> &str {
    answer.headers().get("location").and_then(|to| to.to_str().ok()).unwrap_or_default()
}

/// A day closed for everybody.
async fn closed_day(served: &Served, on: &str) -> Result<Entry> {
    let id = served.office.app.new_entry_id();
    let on = day(on)?;
    let label = "Pont".to_owned();
    let entry = Entry { id, kind: EntryKind::Closed, first: on, last: on, zone: None, house: None, label };
    let uow = served.office.database.store.begin().await?;
    uow.add_entry(&entry).await?;
    uow.commit().await?;
    Ok(entry)
}

async fn each_page_is_for_whom_it_is(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let removal = format!("/reglages/calendrier/jours/{}", closed_day(&served, "2026-12-24").await?.id);
    for person in Person::ALL {
        let visitor = Visitor::open(&served, person).await?;
        let keeps = person == Person::Administrator;
        for page in [
            "/calendrier",
            "/calendrier?mois=2027-02&service=DACS&horloge=legal",
            "/notifications",
            "/reglages/delais",
            "/reglages/delais/an-qe",
            "/reglages/calendrier",
        ] {
            let (status, html) = visitor.get(page).await?;
            assert_eq!(status, StatusCode::OK, "{person:?} {page}");
            let offered = html.contains("Simuler");
            let kept = page.starts_with("/reglages/") && !page.ends_with("delais");
            assert_eq!(offered, keeps && kept, "{person:?} {page}");
            assert!(html.contains("href=\"/calendrier\"") && html.contains("Mes notifications"), "{page}");
        }
        for page in ["/reglages/relances", &removal] {
            let expected = if keeps { StatusCode::OK } else { StatusCode::FORBIDDEN };
            assert_eq!(visitor.get(page).await?.0, expected, "{person:?} {page}");
        }
        let told = visitor.get("/calendrier").await?.1.contains("aucune période de séance n’est saisie");
        let expected = [Person::Administrator, Person::Coordinator, Person::Deputy].contains(&person);
        assert_eq!(told, expected, "{person:?}: the calendar runs out");
    }
    let visitor = Visitor::open(&served, Person::Administrator).await?;
    let nothing = "/reglages/calendrier/jours/00000000-0000-7000-8000-000000000000";
    for (page, status) in [
        ("/calendrier?mois=x", StatusCode::BAD_REQUEST),
        ("/calendrier?service=X", StatusCode::BAD_REQUEST),
        ("/dossiers.csv?etat=x", StatusCode::BAD_REQUEST),
        ("/reglages/delais/rien", StatusCode::NOT_FOUND),
        ("/reglages/calendrier/jours/x", StatusCode::NOT_FOUND),
        (nothing, StatusCode::NOT_FOUND),
        ("/notifications/x", StatusCode::NOT_FOUND),
        // What a form leaves in the browser leads back to its page.
        ("/notifications/open_feed", StatusCode::SEE_OTHER),
        ("/reglages/delais/an-qe/simulate", StatusCode::SEE_OTHER),
        ("/reglages/calendrier/apply", StatusCode::SEE_OTHER),
        ("/reglages/relances/before-3", StatusCode::SEE_OTHER),
    ] {
        assert_eq!(visitor.get(page).await?.0, status, "{page}");
    }
    for page in [
        "/calendrier",
        "/notifications",
        "/reglages/delais",
        "/dossiers.csv",
        "/archives/AN-17-QE-1",
        "/agenda",
    ] {
        let answer = served.client.get(format!("{}{page}", served.url)).send().await?;
        assert!(location(&answer).starts_with("/connexion?suite="), "{page}: nobody is signed in");
    }
    Ok(())
}

/// The change of the tests: three weeks of work rather than two months.
const RULE: [(&str, &str); 7] = [
    ("version", "1"),
    ("label", "Réponse à un courrier"),
    ("source", "Engagement de service"),
    ("length", "15"),
    ("unit", "working_days"),
    ("rollover", "keep"),
    ("validFrom", "2026-11-01"),
];

/// The same with one field otherwise.
fn with<'a>(fields: &[(&'a str, &'a str)], name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let others = fields.iter().copied().filter(|(other, _)| *other != name);
    others.chain([(name, value)]).collect()
}

const DAYS: [(&str, &str); 4] =
    [("kind", "closed"), ("first", "2026-11-26"), ("last", "2026-11-27"), ("label", "Déménagement")];

const REMINDER: [(&str, &str); 4] = [("offset", "5"), ("side", "before"), ("level", "head"), ("active", "1")];

async fn what_the_forms_do_is_the_administrators(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let removal = format!("/reglages/calendrier/jours/{}", closed_day(&served, "2026-12-24").await?.id);
    let id = served.office.app.new_entry_id().to_string();
    let days = with(&DAYS, "id", &id);
    let forms: [(&str, &[(&str, &str)]); 6] = [
        ("/reglages/delais/mail/simulate", &RULE),
        ("/reglages/delais/mail/apply", &RULE),
        ("/reglages/calendrier/simulate", &DAYS),
        ("/reglages/calendrier/apply", &days),
        (&removal, &[]),
        ("/reglages/relances/before-3", &REMINDER),
    ];
    let settings = async || {
        let delays = served.office.app.delays().await.fine()?;
        anyhow::Ok((delays, served.office.app.reminder_rules().await.fine()?))
    };
    let before = settings().await?;
    for person in Person::ALL.into_iter().filter(|person| *person != Person::Administrator) {
        let visitor = Visitor::open(&served, person).await?;
        for (path, fields) in forms {
            let answer = visitor.post(path, &with(fields, "idempotencyKey", path)).await?;
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{person:?} {path}");
        }
    }
    let visitor = Visitor::open(&served, Person::Administrator).await?;
    let feed = [("notifications", "none")];
    let own: [(&str, &[(&str, &str)]); 2] =
        [("/notifications/choose", &feed), ("/notifications/open_feed", &[])];
    for (path, fields) in forms.into_iter().chain(own) {
        let answer = visitor.post(path, &with(fields, "token", "faux")).await?;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{path}: without the page's token");
    }
    assert_eq!(settings().await?, before);
    let caller = served.office.caller(Person::Administrator).await?;
    assert_eq!(served.office.app.feed_since(&caller).await.fine()?, None);
    Ok(())
}

async fn a_rule_is_tried_and_nothing_is_changed_then_it_is_changed(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let office = &served.office;
    let old = office.register(letter(day("2026-10-05")?)).await?;
    let moved = office.register(letter(day("2026-11-04")?)).await?;
    let manager = office.caller(Person::Manager).await?;
    let visitor = Visitor::open(&served, Person::Administrator).await?;
    let sheets = async || {
        let mut sheets = Vec::new();
        for id in [old.dossier.id, moved.dossier.id] {
            let sheet = office.app.dossier(&manager, id).await.fine()?.context("gone")?;
            let journal = office.app.journal(&manager, id, 0, 100).await.fine()?;
            sheets.push((sheet, journal.items.into_iter().map(|line| line.entry.action).collect::<Vec<_>>()));
        }
        anyhow::Ok(sheets)
    };
    let (before, rules) = (sheets().await?, office.app.delays().await.fine()?);

    let (status, page) = read(visitor.post("/reglages/delais/mail/simulate", &RULE).await?).await?;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("2\u{a0}dossiers ouverts examinés") && page.contains("1\u{a0}échéance changerait"));
    let row = between(&page, "<tr><th scope=\"row\" class=\"plain\">", "</tr>")?;
    assert!(row.starts_with(&moved.dossier.reference), "{row}");
    assert!(row.contains(">04/01/2027<") && row.contains(">26/11/2026<"), "{row}");
    assert!(!page.contains(&moved.subject), "an administrator reads no dossier");
    assert!(page.contains("value=\"Engagement de service\""), "what was typed is kept");
    assert!(page.contains("Version 2 (simulée)"), "with an example");
    assert_eq!(sheets().await?, before, "nothing is changed");
    assert_eq!(office.app.delays().await.fine()?, rules, "nor the rule");

    let done = visitor.apply(&page).await?;
    assert_eq!(location(&done), "/reglages/delais/mail?fait=apply");
    let again = visitor.apply(&page).await?;
    assert_eq!(location(&again), "/reglages/delais/mail?fait=apply", "sent twice, made once");
    let mail = office.app.delays().await.fine()?.rules.latest(code::MAIL).cloned().context("no rule")?;
    assert_eq!((mail.version, mail.source.as_str()), (2, "Engagement de service"));
    let after = sheets().await?;
    assert_eq!(after[0], before[0], "what began before keeps its date");
    assert_eq!(after[1].0.dossier.due_on(), Some(day("2026-11-26")?));
    assert_eq!(after[1].1, ["register", "reschedule"]);
    let (_, page) = visitor.get(location(&done)).await?;
    assert!(page.contains("La nouvelle version est enregistrée") && page.contains("15\u{a0}jours ouvrés"));
    assert!(page.contains("depuis toujours") && page.contains("à partir du 01/11/2026"));
    // With the same values nothing would move any more.
    let (_, page) =
        read(visitor.post("/reglages/delais/mail/simulate", &with(&RULE, "version", "2")).await?).await?;
    assert!(page.contains("Aucune échéance ne changerait."));
    assert_eq!(office.faults().await?, Vec::<String>::new());
    Ok(())
}

async fn a_rule_that_has_changed_meanwhile_is_said_so_and_what_was_typed_is_kept(
    engine: Engine,
) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let visitor = Visitor::open(&served, Person::Administrator).await?;
    let tried = async |fields: &[(&str, &str)]| {
        anyhow::Ok(read(visitor.post("/reglages/delais/mail/simulate", fields).await?).await?)
    };
    let (_, mine) = tried(&RULE).await?;
    let (_, theirs) = tried(&with(&RULE, "length", "20")).await?;
    assert_eq!(visitor.apply(&theirs).await?.status(), StatusCode::SEE_OTHER);
    for (status, page) in [read(visitor.apply(&mine).await?).await?, tried(&RULE).await?] {
        assert_eq!(status, StatusCode::CONFLICT);
        assert!(page.contains("La règle a changé depuis que vous l’avez ouverte"), "{page}");
        assert!(page.contains("sa dernière version porte le n°\u{a0}2"));
        assert!(page.contains("name=\"length\" value=\"15\""), "what was typed is kept");
        assert!(page.contains("name=\"version\" value=\"2\"") && !page.contains("id=\"action-apply\""));
    }
    let rules = served.office.app.delays().await.fine()?.rules.clone();
    assert_eq!(rules.latest(code::MAIL).map(|rule| (rule.version, rule.length.count())), Some((2, 20)));
    Ok(())
}

async fn what_makes_no_sense_is_refused_beside_its_field(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let visitor = Visitor::open(&served, Person::Administrator).await?;
    let before = served.office.app.delays().await.fine()?;
    let rule = "/reglages/delais/mail/";
    for (field, value) in [
        ("label", " "),
        ("length", "x"),
        ("length", "-1"),
        ("length", "99999"),
        ("unit", "weeks"),
        ("validFrom", "31/02/2026"),
        ("validTo", "2026-10-31"),
    ] {
        for form in ["simulate", "apply"] {
            let fields = with(&with(&RULE, field, value), "idempotencyKey", value);
            let (status, page) = read(visitor.post(&format!("{rule}{form}"), &fields).await?).await?;
            assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {value}");
            assert!(page.contains(&format!("href=\"#simulate-{field}\"")), "{field}");
            assert!(page.contains(&format!("id=\"simulate-{field}-erreur\"")), "{field}");
        }
    }
    // A rule that is counted back does not roll over.
    let back = with(&with(&RULE, "rollover", "next_working_day"), "length", "3");
    let (_, page) = read(visitor.post("/reglages/delais/mail-sign/simulate", &back).await?).await?;
    assert!(page.contains("id=\"simulate-rollover-erreur\""));
    for (field, value) in
        [("kind", ""), ("first", ""), ("last", "2026-11-25"), ("last", "2030-01-01"), ("label", "")]
    {
        let fields = with(&DAYS, field, value);
        let (status, page) = read(visitor.post("/reglages/calendrier/simulate", &fields).await?).await?;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {value}");
        assert!(page.contains(&format!("id=\"simulate-{field}-erreur\"")), "{field}");
    }
    let sitting = with(&DAYS, "kind", "sitting");
    let (_, page) = read(visitor.post("/reglages/calendrier/simulate", &sitting).await?).await?;
    assert!(page.contains("id=\"simulate-house-erreur\""));
    assert_eq!(served.office.app.delays().await.fine()?, before);
    Ok(())
}

async fn days_are_tried_added_tried_again_and_taken_away(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let office = &served.office;
    let urgent = pli_domain::dossier::NewMail { urgent: true, ..letter(day("2026-11-20")?) };
    let id = office.register(urgent).await?.dossier.id;
    let manager = office.caller(Person::Manager).await?;
    let due = async || {
        anyhow::Ok(office.app.dossier(&manager, id).await.fine()?.and_then(|sheet| sheet.dossier.due_on()))
    };
    let (before, after) = (Some(day("2026-11-27")?), Some(day("2026-12-01")?));
    assert_eq!(due().await?, before);
    let visitor = Visitor::open(&served, Person::Administrator).await?;
    let (_, page) = read(visitor.post("/reglages/calendrier/simulate", &DAYS).await?).await?;
    assert!(page.contains(">27/11/2026<") && page.contains(">01/12/2026<"), "{page}");
    assert!(office.app.delays().await.fine()?.calendar.entries.is_empty());
    assert_eq!(due().await?, before);
    for _ in 0..2 {
        assert_eq!(location(&visitor.apply(&page).await?), "/reglages/calendrier?fait=apply");
    }
    assert_eq!(due().await?, after);
    let (_, page) = visitor.get("/reglages/calendrier?fait=apply").await?;
    assert_eq!(page.matches(">Déménagement<").count(), 1, "added once");
    let (_, month) = visitor.get("/calendrier?mois=2026-11").await?;
    assert_eq!(month.matches("fermé (Déménagement)").count(), 2);

    let removal = between(&page, "<a href=\"/reglages/calendrier/jours/", "\"")?;
    let (_, page) = visitor.get(&format!("/reglages/calendrier/jours/{removal}")).await?;
    assert!(page.contains(">01/12/2026<") && page.contains(">27/11/2026<"), "{page}");
    assert_eq!(due().await?, after, "to look is to change nothing");
    for _ in 0..2 {
        assert_eq!(location(&visitor.apply(&page).await?), "/reglages/calendrier?fait=remove");
    }
    assert_eq!(due().await?, before);
    assert!(office.app.delays().await.fine()?.calendar.entries.is_empty());
    let journal = office.app.journal(&manager, id, 0, 100).await.fine()?;
    let acts: Vec<_> = journal.items.iter().map(|line| line.entry.action.as_str()).collect();
    assert_eq!(acts, ["register", "reschedule", "reschedule"]);
    assert_eq!(office.faults().await?, Vec::<String>::new());
    Ok(())
}

async fn a_reminder_rule_is_changed_or_refused(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let visitor = Visitor::open(&served, Person::Administrator).await?;
    let path = "/reglages/relances/before-3";
    let done = visitor.post(path, &REMINDER).await?;
    assert_eq!(location(&done), "/reglages/relances?fait=before-3");
    let (_, page) = visitor.get(location(&done)).await?;
    assert!(page.contains("enregistrée\u{a0}: 5\u{a0}jours avant l’échéance, au responsable du service."));
    let before = served.office.app.reminder_rules().await.fine()?;
    for (field, value) in
        [("offset", "400"), ("offset", ""), ("every", "0"), ("every", "367"), ("level", "x")]
    {
        let (status, page) = read(visitor.post(path, &with(&REMINDER, field, value)).await?).await?;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {value}");
        assert!(page.contains(&format!("id=\"before-3-{field}-erreur\"")), "{field} {value}");
    }
    assert_eq!(visitor.post("/reglages/relances/rien", &REMINDER).await?.status(), StatusCode::NOT_FOUND);
    assert_eq!(served.office.app.reminder_rules().await.fine()?, before);
    // Without its box ticked a rule is out of use.
    visitor.post(path, &with(&REMINDER, "active", "")).await?;
    assert!(visitor.get("/reglages/relances").await?.1.contains("hors service"));
    Ok(())
}

async fn one_chooses_how_to_be_told(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let visitor = Visitor::open(&served, Person::Drafter).await?;
    let (_, page) = visitor.get("/notifications").await?;
    assert!(page.contains(&Person::Drafter.email()) && page.contains("value=\"daily\" checked"));
    let done = visitor.post("/notifications/choose", &[("notifications", "none")]).await?;
    assert_eq!(location(&done), "/notifications?fait=choose");
    let caller = served.office.caller(Person::Drafter).await?;
    assert_eq!(served.office.app.notifications(&caller).await.fine()?.0, Notifications::None);
    let (_, page) = visitor.get(location(&done)).await?;
    assert!(page.contains("Votre choix est enregistré.") && page.contains("value=\"none\" checked"));
    let (status, page) = read(visitor.post("/notifications/choose", &[]).await?).await?;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("href=\"#choose-notifications\""));
    let sql = served.office.database.sql().await?;
    sql.run("UPDATE account SET email = NULL WHERE login = 'redaction'").await?;
    assert!(visitor.get("/notifications").await?.1.contains("Aucune adresse n’est enregistrée pour vous"));
    Ok(())
}

async fn a_calendar_address_is_shown_once_and_can_be_replaced_and_taken_back(engine: Engine) -> Result<()> {
    let served = Served::open(engine, false).await?;
    let visitor = Visitor::open(&served, Person::Drafter).await?;
    let new = async || {
        let (status, page) = read(visitor.post("/notifications/open_feed", &[]).await?).await?;
        assert_eq!(status, StatusCode::OK);
        anyhow::Ok(between(&page, "id=\"adresse\">", "<")?.to_owned())
    };
    let status = async |address: &str| anyhow::Ok(served.client.get(address).send().await?.status());
    assert!(!visitor.get("/notifications").await?.1.contains("Supprimer l’adresse"));
    let first = new().await?;
    assert!(first.starts_with(&format!("{}/calendrier/", served.url)), "{first}");
    assert_eq!(status(&first).await?, StatusCode::OK);
    let (_, page) = visitor.get("/notifications").await?;
    assert!(
        page.contains("Vous avez une adresse depuis le 22/11/2026") && !page.contains(".ics"),
        "shown once"
    );
    let second = new().await?;
    assert_eq!((status(&first).await?, status(&second).await?), (StatusCode::NOT_FOUND, StatusCode::OK));
    let done = visitor.post("/notifications/close_feed", &[]).await?;
    assert_eq!(location(&done), "/notifications?fait=close_feed");
    assert_eq!(status(&second).await?, StatusCode::NOT_FOUND);
    assert!(visitor.get(location(&done)).await?.1.contains("L’adresse est supprimée"));
    Ok(())
}
