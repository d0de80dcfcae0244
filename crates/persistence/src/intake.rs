//! What helps to register a letter: the senders that are known, and the letters that may be the same one.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate};
use pli_domain::actor::{Scope, Who};
use pli_domain::digest::Digest;
use pli_domain::dossier::{Outcome, Stage};
use pli_domain::duplicate::{Letter, WINDOW};
use pli_domain::ids::DossierId;
use pli_domain::sender::Sender;
use pli_domain::time::Timestamp;
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, InsertStatement, OnConflict, Query, SelectStatement};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, Iden, QueryFilter,
    QueryOrder, QuerySelect, QueryTrait,
};
use uuid::Uuid;

use crate::convert::word;
use crate::entity::{attachment, dossier, journal, mail, sender_form};
use crate::select::scoped;
use crate::{Reader, Store, StoreError, UnitOfWork};

/// The most letters that are compared with one: the latest of that sender, within the window.
const MOST: u64 = 100;

/// A sender longer than this, in bytes, is not suggested: an index of PostgreSQL holds short texts only.
const LONGEST: usize = 300;

/// A letter that is registered, as far as it is compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// Its dossier.
    pub id: DossierId,
    /// Its chrono.
    pub reference: String,
    /// What is compared.
    pub letter: Letter,
    /// When it was registered.
    pub at: Timestamp,
    /// By whom.
    pub by: Who,
}

/// A sender that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suggestion {
    /// As a clerk wrote it.
    pub sender: String,
    /// How many letters bear it.
    pub letters: u64,
}

impl Reader {
    /// The senders of which a name begins so (see [`pli_domain::sender::begun`]), in alphabetical order.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn senders(&self, begun: &str, most: u64) -> Result<Vec<Suggestion>, StoreError> {
        let (form, sender) = (sender_form::Column::Form, sender_form::Column::Sender);
        let rows: Vec<(String, String, i64)> = scoped::<sender_form::Entity>(&self.scope)
            .select_only()
            .columns([form, sender])
            .column_as(sender_form::Column::DossierId.count(), "number")
            .filter(form.gte(begun).and(form.lt(format!("{begun}\u{10ffff}"))).and(sender.ne("")))
            .group_by(form)
            .group_by(sender)
            .order_by_asc(form)
            .order_by_asc(sender)
            .limit(most)
            .into_tuple()
            .all(&self.db)
            .await?;
        let mut seen = BTreeSet::new();
        let each = rows.into_iter().filter(|(_, sender, _)| seen.insert(sender.clone()));
        let suggestion =
            |(_, sender, letters)| Suggestion { sender, letters: u64::try_from(letters).unwrap_or(0) };
        Ok(each.map(suggestion).collect())
    }

    /// The letters with which one is to be compared, the latest received first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn comparable(&self, letter: &Letter) -> Result<Vec<Known>, StoreError> {
        comparable(&self.db, &self.scope, letter).await?.read()
    }
}

impl UnitOfWork {
    /// The letters with which one is to be compared, as they stand in this unit of work. Whoever has taken the next chrono
    /// before sees every letter that has one.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn comparable(&self, scope: &Scope, letter: &Letter) -> Result<Vec<Known>, StoreError> {
        self.check(comparable(&self.tx, scope, letter).await)?.read()
    }

    /// Makes a letter found by its sender's name.
    pub(crate) async fn name_sender(&self, id: DossierId, sender: &str) -> Result<(), StoreError> {
        self.insert_together(sender_forms(id, sender).into_iter().collect()).await
    }
}

/// The rows by which a letter is found by its sender's name.
pub(crate) fn sender_forms(id: DossierId, sender: &str) -> Option<InsertStatement> {
    let suggested = if sender.len() <= LONGEST { sender.trim() } else { "" };
    let row = |form| sender_form::ActiveModel {
        dossier_id: Set(id.0),
        form: Set(form),
        sender: Set(suggested.to_owned()),
    };
    let rows: Vec<_> = Sender::parse(sender).forms().into_iter().map(row).collect();
    let key = [sender_form::Column::DossierId, sender_form::Column::Form];
    let again = OnConflict::columns(key).update_column(sender_form::Column::Sender).to_owned();
    (!rows.is_empty()).then(|| sender_form::Entity::insert_many(rows).on_conflict(again).into_query())
}

/// How many letters get their sender's forms in one transaction.
const BATCH: u64 = 200;

impl Store {
    /// Gives their sender's forms to the letters that are older than those. Several servers may do so at once.
    pub(crate) async fn name_senders(&self) -> Result<(), StoreError> {
        loop {
            let rows = scoped::<mail::Entity>(&Scope::ALL)
                .filter(Expr::cust("NOT sender_named"))
                .limit(BATCH)
                .all(&self.db)
                .await?;
            if rows.is_empty() {
                return Ok(());
            }
            let uow = self.begin().await?;
            for row in rows {
                uow.name_sender(DossierId(row.dossier_id), &row.sender).await?;
                let named = mail::ActiveModel {
                    dossier_id: Unchanged(row.dossier_id),
                    sender_named: Set(true),
                    ..Default::default()
                };
                uow.check(named.update(&uow.tx).await)?;
            }
            uow.commit().await?;
        }
    }
}

/// The rows of some letters.
struct Rows {
    dossiers: Vec<dossier::Model>,
    mails: Vec<mail::Model>,
    files: Vec<attachment::Model>,
    first: Vec<journal::Model>,
}

/// Those of the same sender within the window, and those that have one of its files.
async fn comparable(db: &impl ConnectionTrait, scope: &Scope, letter: &Letter) -> Result<Rows, DbErr> {
    let mut dossiers = Vec::new();
    let with_files = (!letter.files.is_empty()).then(|| with_files(&letter.files));
    let form = Sender::parse(&letter.sender).forms().into_iter().next();
    let sources = [(with_files, None), (form.map(of_sender), letter.received_on.map(window))];
    for (ids, received) in sources {
        let Some(ids) = ids else { continue };
        let rows = scoped::<dossier::Entity>(scope)
            .filter(dossier::Column::Id.in_subquery(ids))
            .filter(dossier::Column::Stage.is_not_in(VOID.map(Stage::code)))
            .filter(
                Condition::all()
                    .add_option(received.map(|(from, to)| dossier::Column::ReceivedOn.between(from, to))),
            )
            .order_by_desc(dossier::Column::ReceivedOn)
            .order_by_desc(dossier::Column::Id)
            .limit(MOST)
            .all(db)
            .await?;
        dossiers.extend(rows.into_iter().filter(|row| !dossiers.contains(row)).collect::<Vec<_>>());
    }
    let ids: Vec<Uuid> = dossiers.iter().map(|row| row.id).collect();
    if ids.is_empty() {
        return Ok(Rows { dossiers, mails: Vec::new(), files: Vec::new(), first: Vec::new() });
    }
    let mails = scoped::<mail::Entity>(scope).filter(mail::Column::DossierId.is_in(ids.clone()));
    let files = scoped::<attachment::Entity>(scope).filter(attachment::Column::DossierId.is_in(ids.clone()));
    let first = scoped::<journal::Entity>(scope)
        .filter(journal::Column::DossierId.is_in(ids))
        .filter(journal::Column::Seq.eq(1));
    Ok(Rows {
        dossiers,
        mails: mails.all(db).await?,
        files: files.all(db).await?,
        first: first.all(db).await?,
    })
}

/// A letter closed so is none, or is followed elsewhere.
const VOID: [Stage; 2] = [Stage::Closed(Outcome::Duplicate), Stage::Closed(Outcome::Cancelled)];

fn of_sender(form: String) -> SelectStatement {
    Query::select()
        .column(sender_form::Column::DossierId)
        .from(Alias::new(sender_form::Entity.to_string()))
        .and_where(Expr::col(sender_form::Column::Form).eq(form))
        .take()
}

fn with_files(files: &BTreeSet<Digest>) -> SelectStatement {
    Query::select()
        .column(attachment::Column::DossierId)
        .from(Alias::new(attachment::Entity.to_string()))
        .and_where(Expr::col(attachment::Column::File).is_in(files.iter().map(Digest::as_str)))
        .take()
}

fn window(received_on: NaiveDate) -> (NaiveDate, NaiveDate) {
    let days = Days::new(WINDOW.into());
    let from = received_on.checked_sub_days(days).unwrap_or(received_on);
    (from, received_on.checked_add_days(days).unwrap_or(received_on))
}

impl Rows {
    fn read(self) -> Result<Vec<Known>, StoreError> {
        let mut mails: BTreeMap<_, _> = self.mails.into_iter().map(|row| (row.dossier_id, row)).collect();
        let mut first: BTreeMap<_, _> = self.first.into_iter().map(|row| (row.dossier_id, row)).collect();
        let mut files: BTreeMap<Uuid, BTreeSet<Digest>> = BTreeMap::new();
        for row in self.files {
            files.entry(row.dossier_id).or_default().insert(Digest::stored(row.file));
        }
        let known = |row: dossier::Model| {
            // A question can have the same file: it is no letter.
            let (mail, entry) = (mails.remove(&row.id)?, first.remove(&row.id)?);
            let letter = Letter {
                sender: mail.sender,
                subject: row.subject,
                document_on: Some(mail.document_on),
                received_on: Some(row.received_on),
                files: files.remove(&row.id).unwrap_or_default(),
            };
            let (id, at) = (DossierId(row.id), Timestamp::new(entry.at));
            let by = word("journal", "who", &entry.who);
            Some(by.map(|by| Known { id, reference: row.reference, letter, at, by }))
        };
        self.dossiers.into_iter().filter_map(known).collect()
    }
}
