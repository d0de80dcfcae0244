//! The demonstration: accounts, letters at every stage, real questions. Played through the use cases, on a clock set to
//! the day of each act, so that its journal is as true as any.

mod letters;
mod questions;

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, anyhow};
use chrono::{DateTime, Days, NaiveTime, TimeDelta, Utc};
use pli_app::{App, Caller, Clock, Document, Intake, Key, NewPassword, Order, Sheet};
use pli_domain::compartment::CompartmentCommand;
use pli_domain::dossier::{Action, Category, Channel, Command, DeclineReason, NewMail};
use pli_domain::ids::UnitId;
use pli_web::DEMO_PASSWORD;
use serde::Deserialize;

use crate::jobs::{failed, parse_role, print};
use letters::{Letter, Step, Story};

/// Scans of letters, invented like them.
const SCANS: [(&str, &[u8]); 2] = [
    ("delmazure.pdf", include_bytes!("../demo/scans/delmazure.pdf")),
    ("castelnodary.pdf", include_bytes!("../demo/scans/castelnodary.pdf")),
];

/// How long ago the demonstration begins, before its oldest letter.
const BEGINNING: TimeDelta = TimeDelta::days(155);

/// How long ago the questions were imported: before the twelve weeks of a trend.
const QUESTIONS_COME: TimeDelta = TimeDelta::days(86);

#[derive(Debug, Deserialize)]
struct AccountRow {
    login: String,
    name: String,
    email: Option<String>,
    roles: String,
}

/// Fills the database if it is empty, and says who can sign in.
pub(crate) async fn prepare(app: &App) -> Result<()> {
    if app.is_empty().await.map_err(failed)? {
        print("Préparation de la démonstration…");
        fill(app).await?;
    }
    print(&format!("Comptes de démonstration (mot de passe de tous : « {DEMO_PASSWORD} ») :"));
    for account in accounts()? {
        print(&format!("  {:<22} {:<24} {}", account.login, account.name, account.roles));
    }
    print(
        "API : GraphQL à l’adresse /graphql (connectez-vous d’abord, ou créez un jeton : pli token create).",
    );
    Ok(())
}

/// Fills an empty database that has the organisation.
///
/// # Errors
/// When a story does not hold, or the database fails.
pub async fn fill(app: &App) -> Result<()> {
    let now = Clock::System.now().instant();
    let clock = Clock::at(now - BEGINNING);
    let past = app.with_clock(clock.clone());
    let mut stage = Scene { app: past, clock, now, cast: BTreeMap::new() };
    for account in accounts()? {
        let roles = account.roles.split_whitespace().map(parse_role).collect::<Result<Vec<_>>>()?;
        app.add_account(
            &account.login,
            &account.name,
            NewPassword::Chosen(DEMO_PASSWORD),
            account.email.as_deref(),
            &roles,
        )
        .await
        .map_err(failed)?;
        let caller = app.caller_named(&account.login).await.map_err(failed)?;
        stage.cast.insert(account.login, caller);
    }
    let letters: Vec<Letter> = serde_json::from_slice(include_bytes!("../demo/letters.json"))?;
    let stories = letters.into_iter().enumerate().map(|(number, letter)| Story::new(number, letter, now));
    let mut stories = stories.collect::<Result<Vec<_>>>()?;
    // Act by act in the order of time, so that each day is looked at as it was.
    let acts =
        stories.iter().enumerate().flat_map(|(number, story)| story.acts().map(move |at| (at, number)));
    let mut acts: Vec<_> = acts.collect();
    acts.sort_unstable();
    let (before, after): (Vec<_>, Vec<_>) = acts.into_iter().partition(|(at, _)| *at < now - QUESTIONS_COME);
    stage.play_all(&mut stories, before).await?;
    stage.go_to(now - QUESTIONS_COME).await?;
    stage.questions().await?;
    stage.play_all(&mut stories, after).await?;
    stage.go_to(now).await?;
    stage.reserved().await?;
    stage.group_two_questions().await?;
    stage.put_in_the_chamber().await
}

fn accounts() -> Result<Vec<AccountRow>> {
    let rows = csv::Reader::from_reader(include_bytes!("../demo/accounts.csv").as_slice());
    Ok(rows.into_deserialize().collect::<Result<_, _>>()?)
}

/// Where the stories are played.
struct Scene {
    app: App,
    clock: Clock,
    now: DateTime<Utc>,
    cast: BTreeMap<String, Caller>,
}

impl Scene {
    /// Plays acts in the order of time, each of the story of that number.
    async fn play_all(&self, stories: &mut [Story], acts: Vec<(DateTime<Utc>, usize)>) -> Result<()> {
        for (at, number) in acts {
            self.go_to(at).await?;
            let story = stories.get_mut(number).context("histoire")?;
            self.tell(story).await.with_context(|| format!("histoire de « {} »", story.letter.subject))?;
        }
        Ok(())
    }

    /// Plays the next act of a story.
    async fn tell(&self, story: &mut Story) -> Result<()> {
        let number = story.number;
        let sheet = match story.sheet.take() {
            None => {
                let key = Key(format!("demo-{number}"));
                let mail = story.letter.mail(self.app.today())?;
                let scan = match &story.letter.scan {
                    Some(name) => Some(self.scan(name).await?),
                    None => None,
                };
                let registered =
                    self.app.register_mail(self.person("agent")?, key, Intake { scan, ..Intake::from(mail) });
                registered.await.map_err(failed)?
            }
            Some(sheet) => {
                let step = story.steps.next().context("étape")?;
                let (login, command) = self.play(&sheet, step)?;
                let key = Key(format!("demo-{number}-{}", sheet.version));
                self.act(login, &sheet, key, command).await?
            }
        };
        story.sheet = Some(sheet);
        Ok(())
    }

    /// Stores the scan of a letter.
    async fn scan(&self, name: &str) -> Result<Document> {
        let known = SCANS.iter().find(|(known, _)| *known == name);
        let (_, content) = known.with_context(|| format!("aucun document « {name} »"))?;
        let mut upload = self.app.receive_document().await.map_err(failed)?;
        upload.write(content).await.map_err(failed)?;
        Ok(Document { attachment: upload.keep().await.map_err(failed)?, name: name.to_owned() })
    }

    async fn act(&self, login: &str, sheet: &Sheet, key: Key, command: Command) -> Result<Sheet> {
        let order = Order { dossier: sheet.dossier.id, version: Some(sheet.version), key, command };
        self.app.act(self.person(login)?, order).await.map_err(failed)
    }

    /// Sets the clock, to now at the latest. On the way, each day that begins is looked at.
    async fn go_to(&self, instant: DateTime<Utc>) -> Result<()> {
        let instant = instant.min(self.now);
        loop {
            let next = self.clock.now().instant() + TimeDelta::days(1);
            let morning = next.date_naive().and_time(NaiveTime::MIN).and_utc();
            if morning > instant {
                self.clock.set(instant);
                return Ok(());
            }
            self.clock.set(morning);
            self.app.take_snapshot().await.map_err(failed)?;
        }
    }

    /// A letter that is reserved to a compartment: the clerk and the coordinator know of it, nobody else does.
    async fn reserved(&self) -> Result<()> {
        let administrator = self.person("administration")?;
        let owner = self.app.person_to_name("coordination", "owner").await.map_err(failed)?;
        let (key, name) = (Key("demo-compartiment".to_owned()), "Nominations".to_owned());
        let opened = self.app.open_compartment(administrator, key, name, owner).await.map_err(failed)?;
        let person = self.app.person_to_name("agent", "person").await.map_err(failed)?;
        let (key, admit) = (Key("demo-acces".to_owned()), CompartmentCommand::Admit { person });
        self.app.change_compartment(administrator, key, opened.id, admit).await.map_err(failed)?;
        // Come in again: whoever is named is so from their next request on.
        let clerk = self.app.caller_named("agent").await.map_err(failed)?;
        let today = self.app.today();
        let mail = NewMail {
            sender: "Mme Odile Marcheval, première présidente honoraire".to_owned(),
            subject: "Candidature à une nomination".to_owned(),
            category: Category::Ordinary,
            document_on: today,
            received_on: today,
            first_received_on: None,
            urgent: false,
            channel: Channel::Courier,
            member: None,
        };
        let intake = Intake { compartment: Some(opened.id), ..Intake::from(mail) };
        self.app.register_mail(&clerk, Key("demo-reserve".to_owned()), intake).await.map_err(failed)?;
        Ok(())
    }

    fn person(&self, login: &str) -> Result<&Caller> {
        self.cast.get(login).with_context(|| format!("aucun compte « {login} »"))
    }

    fn unit(&self, code: &str) -> Result<UnitId> {
        let organisation = &self.person("agent")?.organisation;
        Ok(organisation.by_code(code).with_context(|| format!("aucun service « {code} »"))?.id)
    }

    fn units(&self, codes: &[String]) -> Result<Vec<UnitId>> {
        codes.iter().map(|code| self.unit(code)).collect()
    }

    /// Who does a step, and the command it is.
    fn play(&self, sheet: &Sheet, step: Step) -> Result<(&'static str, Command)> {
        let on = self.app.today();
        let command = match step {
            Step::Route { lead, contributors, informed } => Command::Route {
                lead: self.unit(&lead)?,
                contributors: self.units(&contributors)?,
                informed: self.units(&informed)?,
            },
            Step::Accept => Command::Accept,
            Step::Decline { reason, proposed, note } => Command::Decline {
                reason: reason.parse::<DeclineReason>()?,
                proposed: proposed.map(|code| self.unit(&code)).transpose()?,
                note,
            },
            Step::Draft { text } => Command::Draft { text },
            Step::Submit => Command::Submit,
            Step::Approve => Command::Approve,
            Step::SendBack { note } => Command::SendBack { note },
            Step::Sign => Command::Sign,
            Step::Dispatch { channel, tracking } => {
                Command::Dispatch { channel: channel.parse::<Channel>()?, on, tracking }
            }
            Step::AnswerByPhone { note } => Command::AnswerByPhone { on, note },
            Step::ProposeFiling { note } => Command::ProposeFiling { note },
            Step::File => Command::File,
            Step::Redirect { note } => Command::Redirect { note },
            Step::Cancel { note } => Command::Cancel { note },
            Step::Acknowledge => Command::Acknowledge { on },
            Step::Suspend { rule, days, note } => {
                Command::Suspend { rule, from: on, until: on + Days::new(days), note }
            }
            Step::RequestExtension { rule, days, note } => {
                let due = sheet.dossier.deadline(&rule).context("délai inconnu")?.due_on();
                Command::RequestExtension { rule, until: due + Days::new(days), note }
            }
            Step::GrantExtension { rule, note } => Command::GrantExtension { rule, note },
        };
        Ok((self.who(sheet, command.action())?, command))
    }

    /// The account that plays an act: the first of the cast whom the dossier lets do it.
    fn who(&self, sheet: &Sheet, action: Action) -> Result<&'static str> {
        const CAST: [&str; 7] = [
            "agent",
            "coordination",
            "chef-de-cabinet",
            "chef-de-cabinet-dap",
            "redaction",
            "visa",
            "signature",
        ];
        CAST.into_iter()
            .find(|login| {
                self.person(login).is_ok_and(|caller| {
                    sheet.dossier.allowed(&caller.actor, &caller.organisation).contains(&action)
                })
            })
            .ok_or_else(|| anyhow!("personne ne peut « {} »", <&str>::from(action)))
    }
}
