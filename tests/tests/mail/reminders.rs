//! Reminders, from the due date to the mailbox.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use chrono::{Days, Months, NaiveDate};
use pli_app::{List, Outcome, Sheet};
use pli_domain::dossier::Command;
use pli_domain::ids::DigestId;
use pli_domain::reminder::{Level, Notifications, ReminderRule};
use pli_server::mail::Mailer;
use pli_server::work;
use pli_tests::samples::letter;
use pli_tests::{Engine, Fine as _, Office, Person, Smtp};

pli_tests::on_both!(
    one_message_a_person_and_day_with_the_very_list,
    reminders_go_up_the_hierarchy_as_days_pass,
    nobody_is_told_anything_when_nobody_works,
    what_has_moved_on_is_not_chased,
    a_server_that_is_down_loses_nothing,
    two_servers_at_work_send_each_message_once,
    a_server_that_stops_half_way_sends_nothing_twice,
    each_person_chooses,
    a_rule_that_is_switched_off_tells_nothing,
);

/// Where Pli answers, in the links.
pub(crate) const ADDRESS: &str = "https://pli.justice.example";

/// A Monday, at nine in Paris.
pub(crate) const MONDAY: &str = "2026-11-23T08:00:00Z";

pub(crate) struct Desk {
    pub(crate) office: Office,
    pub(crate) smtp: Smtp,
    mailer: Mailer,
}

impl Desk {
    pub(crate) async fn open(engine: Engine) -> Result<Self> {
        let office = Office::open(engine).await?;
        office.set_clock(MONDAY)?;
        let smtp = Smtp::open()?;
        let mailer = Mailer::new(&smtp.url(), "Pli <pli@justice.example>")?;
        Ok(Self { office, smtp, mailer })
    }

    /// A letter taken by the DACS, due so many days from now.
    async fn due_in(&self, days: i64) -> Result<Sheet> {
        let due = self.office.today() + chrono::TimeDelta::days(days);
        self.due_on(due).await
    }

    async fn due_on(&self, due: NaiveDate) -> Result<Sheet> {
        let received = due.checked_sub_months(Months::new(2)).context("too far back")?;
        let id = self.office.register(letter(received)).await?.dossier.id;
        let sheet = self.office.play(id, self.office.to_drafting()?).await?;
        assert_eq!(sheet.dossier.due_on(), Some(due), "no month end, or the sample is wrong");
        Ok(sheet)
    }

    /// What the server does in a minute; how many messages it sent.
    pub(crate) async fn minute(&self) -> Result<usize> {
        work::once(&self.office.app, Some(&self.mailer), ADDRESS).await.fine()
    }

    /// Who has received what, in order: login and subject.
    async fn received(&self) -> Result<Vec<(String, String)>> {
        let mails = self.smtp.mails().await?;
        let told = mails.into_iter().map(|mail| {
            let login = mail.recipients.trim_end_matches("@justice.example").to_owned();
            (login, mail.subject.replace('\u{a0}', " "))
        });
        Ok(told.collect())
    }

    /// Who has received something.
    async fn told(&self) -> Result<BTreeSet<String>> {
        Ok(self.received().await?.into_iter().map(|(login, _)| login).collect())
    }
}

async fn one_message_a_person_and_day_with_the_very_list(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine).await?;
    let mut expected = BTreeSet::new();
    for days in [9, 5, 0, -1, -9] {
        expected.insert(desk.due_in(days).await?.dossier.id);
    }
    desk.due_in(30).await?;
    desk.minute().await?;
    let mails = desk.smtp.mails().await?;
    let mail =
        mails.iter().filter(|mail| mail.recipients.starts_with("chef-de-cabinet@")).collect::<Vec<_>>();
    let [mail] = mail.as_slice() else { panic!("one message, not {}", mail.len()) };
    assert_eq!(
        mail.subject.replace('\u{a0}', " "),
        "Pli : 2 dossiers en retard, 3 dossiers à échéance proche"
    );
    let link = mail.text.lines().find_map(|line| line.split_once(ADDRESS)).context("no link")?.1;
    let id = link.split_once("relance=").context("no list")?.1;
    assert_eq!(link, format!("/dossiers?etat=tous&relance={id}"));
    // The link opens the very list, of which each dossier is named in the text.
    let correspondent = desk.office.caller(Person::Correspondent).await?;
    let list = List { message: Some(id.parse::<DigestId>()?), ..List::default() };
    let listed = desk.office.walk(&correspondent, &list, 2).await?;
    assert_eq!(listed.iter().map(|sheet| sheet.dossier.id).collect::<BTreeSet<_>>(), expected);
    for sheet in &listed {
        let standing = sheet.dossier.term().standing(desk.office.today()).french();
        let named = mail.text.lines().find(|line| line.contains(&sheet.dossier.reference));
        assert!(named.is_some_and(|line| line.contains(&standing)), "{}: {standing}", mail.text);
    }
    // To others, what they may see of it.
    let prisons = desk.office.caller(Person::Prisons).await?;
    assert_eq!(desk.office.walk(&prisons, &list, 10).await?, []);
    // Nothing more that day, nor the next while nothing new falls due.
    let sent = mails.len();
    assert_eq!(desk.minute().await?, 0);
    desk.office.set_clock("2026-11-24T08:00:00Z")?;
    desk.minute().await?;
    let again = desk.received().await?.into_iter().skip(sent);
    assert_eq!(
        again.filter(|(login, _)| login == "chef-de-cabinet").count(),
        1,
        "yesterday's last day is late now"
    );
    Ok(())
}

async fn reminders_go_up_the_hierarchy_as_days_pass(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine).await?;
    let due = desk.due_in(10).await?.dossier.due_on().context("no date")?;
    let (mut before, mut story) = (0, Vec::new());
    for days in 0..=31 {
        let day = desk.office.today();
        desk.minute().await?;
        let all = desk.received().await?;
        let new: BTreeSet<_> = all.iter().skip(before).map(|(login, _)| login.clone()).collect();
        assert_eq!(new.len(), all.len() - before, "one message a person and day");
        before = all.len();
        if !new.is_empty() {
            story.push(((day - due).num_days(), new.into_iter().collect::<Vec<_>>().join(" ")));
        }
        desk.office.set_clock(&format!(
            "{}T08:00:00Z",
            NaiveDate::from_ymd_opt(2026, 11, 24).context("date")? + Days::new(days)
        ))?;
    }
    // Due on Thursday 3 December. The drafter's two are told too, as who must write.
    let drafters = "redaction visa";
    assert_eq!(
        story,
        [
            (-10, "chef-de-cabinet".to_owned()),
            (-3, drafters.to_owned()),
            (0, drafters.to_owned()),
            (1, "chef-de-cabinet".to_owned()),
            (8, "chef-de-cabinet suivi".to_owned()),
            (15, "adjointe chef-de-cabinet coordination suivi".to_owned()),
        ]
    );
    Ok(())
}

async fn nobody_is_told_anything_when_nobody_works(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine).await?;
    desk.due_on(NaiveDate::from_ymd_opt(2026, 12, 24).context("date")?).await?;
    for quiet in [
        "2026-12-19T09:00:00Z", // Saturday
        "2026-12-20T09:00:00Z", // Sunday
        "2026-12-25T09:00:00Z", // Christmas, a Friday
        "2026-12-21T05:30:00Z", // half past six on a Monday
        "2026-12-21T19:30:00Z", // half past eight in the evening
    ] {
        desk.office.set_clock(quiet)?;
        assert_eq!(desk.minute().await?, 0, "{quiet}");
    }
    desk.office.set_clock("2026-12-21T06:00:00Z")?;
    assert!(desk.minute().await? > 0, "seven on a Monday");
    // What fell due on the holiday is told on the first working day after it.
    let before = desk.received().await?.len();
    desk.office.set_clock("2026-12-28T08:00:00Z")?;
    desk.minute().await?;
    let new = desk.received().await?.split_off(before);
    assert!(
        new.iter().any(|(login, subject)| login == "chef-de-cabinet" && subject.contains("en retard")),
        "{new:?}"
    );
    Ok(())
}

async fn what_has_moved_on_is_not_chased(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine).await?;
    let answered = desk.due_in(-2).await?.dossier.id;
    let late = desk.due_in(-3).await?.dossier.reference;
    let rest: Vec<_> = desk.office.to_answer()?.into_iter().skip(2).collect();
    desk.office.play(answered, rest).await?;
    desk.minute().await?;
    let mails = desk.smtp.mails().await?;
    assert!(!mails.is_empty());
    for mail in mails {
        assert!(mail.text.contains(&late) && mail.text.contains("En retard\u{a0}: 1"), "{}", mail.text);
    }
    Ok(())
}

async fn a_server_that_is_down_loses_nothing(engine: Engine) -> Result<()> {
    let mut desk = Desk::open(engine).await?;
    desk.due_in(-1).await?;
    desk.smtp.stop();
    assert_eq!(desk.minute().await?, 0);
    assert_eq!(desk.minute().await?, 0, "not tried again at once");
    desk.smtp.start()?;
    assert_eq!(desk.minute().await?, 0);
    desk.office.set_clock("2026-11-23T08:16:00Z")?;
    assert!(desk.minute().await? > 0, "tried again a quarter of an hour later");
    let told = desk.received().await?;
    assert_eq!(told.len(), desk.told().await?.len(), "once each");
    assert!(told.iter().any(|(login, _)| login == "chef-de-cabinet"));
    Ok(())
}

async fn two_servers_at_work_send_each_message_once(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine).await?;
    for days in [-20, -9, -2, 0, 3] {
        desk.due_in(days).await?;
    }
    let other = Mailer::new(&desk.smtp.url(), "Pli <pli@justice.example>")?;
    let second = work::once(&desk.office.app, Some(&other), ADDRESS);
    let (first, second) = tokio::join!(desk.minute(), second);
    let sent = first? + second.fine()?;
    let told = desk.received().await?;
    assert_eq!(told.len(), sent);
    assert_eq!(told.len(), desk.told().await?.len(), "once each: {told:?}");
    assert!(told.len() >= 5, "{told:?}");
    Ok(())
}

async fn a_server_that_stops_half_way_sends_nothing_twice(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine).await?;
    desk.due_in(-1).await?;
    // It claims a message, and is never heard of again: it may have handed it over.
    let lost = desk.office.app.next_message(ADDRESS).await.fine()?.context("nothing to send")?;
    desk.minute().await?;
    let told = desk.told().await?;
    let login = lost.email.trim_end_matches("@justice.example");
    assert!(!told.contains(login), "claimed by the other");
    desk.office.set_clock("2026-11-23T08:11:00Z")?;
    assert_eq!(desk.office.app.keep_time().await.fine()?.1, 1, "given up");
    assert_eq!(desk.minute().await?, 0);
    assert_eq!(desk.told().await?, told);
    // The same reminder is due again a week later: that one is another.
    desk.office.set_clock("2026-11-30T08:00:00Z")?;
    desk.minute().await?;
    assert!(desk.told().await?.contains(login));
    // One that was not taken for certain is tried again; one that may have been is not.
    desk.office.set_clock("2026-12-07T08:00:00Z")?;
    let message = desk.office.app.next_message(ADDRESS).await.fine()?.context("nothing to send")?;
    desk.office.app.message_done(message.id, Outcome::Unknown).await.fine()?;
    let next = desk.office.app.next_message(ADDRESS).await.fine()?;
    assert_ne!(next.map(|next| next.email), Some(message.email));
    Ok(())
}

async fn each_person_chooses(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine).await?;
    let choose = async |person, notifications| -> Result<()> {
        let caller = desk.office.caller(person).await?;
        desk.office.app.choose_notifications(&caller, notifications).await.fine()?;
        assert_eq!(desk.office.app.notifications(&caller).await.fine()?.0, notifications);
        Ok(())
    };
    choose(Person::Correspondent, Notifications::Immediate).await?;
    choose(Person::Drafter, Notifications::None).await?;
    desk.due_in(-1).await?;
    desk.due_in(0).await?;
    desk.minute().await?;
    assert!(!desk.told().await?.contains("redaction"), "wants to be told nothing");
    let count = async |login: &str| -> Result<usize> {
        Ok(desk.received().await?.into_iter().filter(|(to, _)| to == login).count())
    };
    assert_eq!((count("chef-de-cabinet").await?, count("visa").await?), (1, 1));
    // Something more falls due on the same day: who wants to know at once is told at once, the others tomorrow.
    desk.due_in(-1).await?;
    desk.due_in(0).await?;
    desk.minute().await?;
    assert_eq!((count("chef-de-cabinet").await?, count("visa").await?), (2, 1));
    assert_eq!(desk.minute().await?, 0);
    desk.office.set_clock("2026-11-24T08:00:00Z")?;
    desk.minute().await?;
    assert_eq!(count("visa").await?, 2);
    Ok(())
}

async fn a_rule_that_is_switched_off_tells_nothing(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine).await?;
    let administrator = desk.office.caller(Person::Administrator).await?;
    for rule in desk.office.app.reminder_rules().await.fine()? {
        let off = ReminderRule { active: false, ..rule };
        desk.office.app.change_reminder(&administrator, &off).await.fine()?;
    }
    desk.due_in(-1).await?;
    assert_eq!(desk.minute().await?, 0);
    let rule = ReminderRule {
        code: "before-3".to_owned(),
        offset: -1,
        every: None,
        level: Level::Cabinet,
        active: true,
    };
    desk.office.app.change_reminder(&administrator, &rule).await.fine()?;
    desk.due_in(1).await?;
    desk.minute().await?;
    assert_eq!(desk.told().await?, BTreeSet::from(["adjointe".to_owned(), "coordination".to_owned()]));
    desk.office
        .act(Person::Coordinator, desk.due_in(2).await?.dossier.id, Command::Accept)
        .await?
        .refused()?;
    Ok(())
}
