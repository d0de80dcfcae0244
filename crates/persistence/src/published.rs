//! The published questions, ours and others', kept for searching. They are public: no scope applies.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use pli_domain::actor::Scope;
use pli_domain::identity::QuestionIdentity;
use pli_domain::ids::{DossierId, MemberId};
use pli_domain::search::Query;
use pli_domain::time::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, NullOrdering, OnConflict};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, JoinType, Order, PaginatorTrait, QueryFilter,
    QueryOrder, QuerySelect, Select,
};

use crate::convert::word;
use crate::entity::{dossier, published_question, question};
use crate::search::matching;
use crate::select::{common, scoped};
use crate::{Page, Store, StoreError, UnitOfWork};

/// A question as published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Published {
    /// Its name.
    pub identity: QuestionIdentity,
    /// The source's own name for it.
    pub uid: String,
    /// What it is about.
    pub subject: String,
    /// Its author, where known.
    pub author: Option<String>,
    /// The author's political group.
    pub group: Option<String>,
    /// The ministry to which it is attributed.
    pub ministry: Option<String>,
    /// Whether that ministry is ours.
    pub ours: bool,
    /// When it was published.
    pub published_on: Option<NaiveDate>,
    /// When its answer was published.
    pub answered_on: Option<NaiveDate>,
    /// Its text, without markup.
    pub question: String,
    /// Its answer, without markup; empty when there is none.
    pub answer: String,
    /// Digest of the source's record.
    pub digest: String,
    /// By what its author is looked for among the members: see [`pli_domain::member::author_key`].
    pub author_key: Option<String>,
    /// The member who asked, when it is known which.
    pub member: Option<MemberId>,
}

/// Which published questions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublishedFilter {
    /// Ours or the others'.
    pub ours: Option<bool>,
    /// Holding these words: see [`Query`].
    pub words: Option<String>,
    /// Of one member.
    pub member: Option<MemberId>,
}

impl Store {
    /// The digests of the records already kept, of those named, and whether each is ours.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn published_digests(
        &self,
        identities: impl IntoIterator<Item = String>,
    ) -> Result<BTreeMap<String, (String, bool)>, StoreError> {
        let rows: Vec<(String, String, bool)> = common::<published_question::Entity>()
            .filter(published_question::Column::Identity.is_in(identities))
            .select_only()
            .column(published_question::Column::Identity)
            .column(published_question::Column::Digest)
            .column(published_question::Column::Ours)
            .into_tuple()
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(|(name, digest, ours)| (name, (digest, ours))).collect())
    }

    /// The dossiers, of the questions named, to which something was done since their record was kept.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn touched_since_published(
        &self,
        identities: impl IntoIterator<Item = String>,
    ) -> Result<BTreeMap<String, DossierId>, StoreError> {
        let followed = scoped::<question::Entity>(&Scope::ALL)
            .join(
                JoinType::InnerJoin,
                question::Entity::belongs_to(dossier::Entity)
                    .from(question::Column::DossierId)
                    .to(dossier::Column::Id)
                    .into(),
            )
            .join(
                JoinType::InnerJoin,
                question::Entity::belongs_to(published_question::Entity)
                    .from(question::Column::Identity)
                    .to(published_question::Column::Identity)
                    .into(),
            )
            .filter(question::Column::Identity.is_in(identities))
            .filter(
                Expr::col((dossier::Entity, dossier::Column::UpdatedAt))
                    .gt(Expr::col((published_question::Entity, published_question::Column::ImportedAt))),
            );
        let rows: Vec<(String, uuid::Uuid)> = followed
            .select_only()
            .column(question::Column::Identity)
            .column(question::Column::DossierId)
            .into_tuple()
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(|(identity, id)| (identity, DossierId(id))).collect())
    }

    /// Some published questions.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn published(
        &self,
        identities: impl IntoIterator<Item = &QuestionIdentity>,
    ) -> Result<BTreeMap<QuestionIdentity, Published>, StoreError> {
        let names: Vec<_> = identities.into_iter().map(ToString::to_string).collect();
        if names.is_empty() {
            return Ok(BTreeMap::new());
        }
        let rows = common::<published_question::Entity>()
            .filter(published_question::Column::Identity.is_in(names))
            .all(&self.db)
            .await?;
        let each = rows.into_iter().map(read);
        each.map(|published| published.map(|published| (published.identity.clone(), published))).collect()
    }

    /// A page of the published questions, by identity; `after` is the last one already seen.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn published_page(
        &self,
        filter: &PublishedFilter,
        after: Option<&str>,
        size: u64,
    ) -> Result<Page<Published>, StoreError> {
        use published_question::Column;
        let rows = self
            .listed(filter)
            .filter(
                Condition::all().add_option(after.map(|after| Column::Identity.gt(after.replace('\0', "")))),
            )
            .order_by_asc(Column::Identity)
            .limit(size.saturating_add(1))
            .all(&self.db)
            .await?;
        let Page { items, more } = Page::cut(rows, size);
        Ok(Page { items: items.into_iter().map(read).collect::<Result<_, _>>()?, more })
    }

    /// A page of the published questions, last published first, and those without a date after them; `after` is the last
    /// one already seen.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn published_latest(
        &self,
        filter: &PublishedFilter,
        after: Option<&QuestionIdentity>,
        size: u64,
    ) -> Result<Page<Published>, StoreError> {
        use published_question::Column;
        let mut select = self.listed(filter);
        if let Some(after) = after {
            let name = after.to_string();
            let last = self.published([after]).await?.remove(after).and_then(|last| last.published_on);
            let same_day = match last {
                Some(day) => Column::PublishedOn.eq(day),
                None => Column::PublishedOn.is_null(),
            };
            let later = last.map(|day| Column::PublishedOn.lt(day).or(Column::PublishedOn.is_null()));
            let next = Condition::any().add(same_day.and(Column::Identity.lt(name))).add_option(later);
            select = select.filter(next);
        }
        let rows = select
            .order_by_with_nulls(Column::PublishedOn, Order::Desc, NullOrdering::Last)
            .order_by_desc(Column::Identity)
            .limit(size.saturating_add(1))
            .all(&self.db)
            .await?;
        let Page { items, more } = Page::cut(rows, size);
        Ok(Page { items: items.into_iter().map(read).collect::<Result<_, _>>()?, more })
    }

    /// How many published questions there are.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn published_count(&self, filter: &PublishedFilter) -> Result<u64, StoreError> {
        Ok(self.listed(filter).count(&self.db).await?)
    }

    fn listed(&self, filter: &PublishedFilter) -> Select<published_question::Entity> {
        let ours = filter.ours.map(|ours| published_question::Column::Ours.eq(ours));
        let words = filter.words.as_deref().filter(|words| !words.trim().is_empty()).map(|words| {
            matching::<published_question::Entity>(self.db.get_database_backend(), &Query::parse(words))
        });
        let member = filter.member.map(|member| published_question::Column::MemberId.eq(member.0));
        let asked = Condition::all().add_option(ours).add_option(words).add_option(member);
        common::<published_question::Entity>().filter(asked)
    }
}

impl UnitOfWork {
    /// Keeps a published question, or what has changed of it.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn keep_published(&self, published: &Published, at: Timestamp) -> Result<(), StoreError> {
        use published_question::Column;
        let row = published_question::ActiveModel {
            identity: Set(published.identity.to_string()),
            uid: Set(published.uid.clone()),
            subject: Set(published.subject.clone()),
            author: Set(published.author.clone()),
            author_group: Set(published.group.clone()),
            ministry: Set(published.ministry.clone()),
            ours: Set(published.ours),
            published_on: Set(published.published_on),
            answered_on: Set(published.answered_on),
            question_text: Set(published.question.clone()),
            answer_text: Set(published.answer.clone()),
            digest: Set(published.digest.clone()),
            imported_at: Set(at.instant()),
            author_key: Set(published.author_key.clone()),
            member_id: Set(published.member.map(|member| member.0)),
            author_settled: Set(true),
        };
        // Whether its author is settled stays as it is: nobody has looked at the members again.
        let again = OnConflict::column(Column::Identity)
            .update_columns([
                Column::Uid,
                Column::Subject,
                Column::Author,
                Column::AuthorGroup,
                Column::Ministry,
                Column::Ours,
                Column::PublishedOn,
                Column::AnsweredOn,
                Column::QuestionText,
                Column::AnswerText,
                Column::Digest,
                Column::ImportedAt,
                Column::AuthorKey,
                Column::MemberId,
            ])
            .to_owned();
        let insert = published_question::Entity::insert(row).on_conflict(again);
        self.check(insert.exec_without_returning(&self.tx).await)?;
        self.index_again(published).await
    }

    /// Makes a published question, and its dossier, found by what they hold now.
    pub(crate) async fn index_again(&self, published: &Published) -> Result<(), StoreError> {
        self.index_published(published).await?;
        if let Some(id) = self.followed(&published.identity).await?
            && let Some(sheet) = self.dossier(&Scope::ALL, id).await?
        {
            self.index(&sheet).await?;
        }
        Ok(())
    }

    /// A published question as it is kept.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn published(&self, identity: &QuestionIdentity) -> Result<Option<Published>, StoreError> {
        let row = common::<published_question::Entity>()
            .filter(published_question::Column::Identity.eq(identity.to_string()))
            .one(&self.tx)
            .await;
        self.check(row)?.map(read).transpose()
    }

    /// The dossier of a question, if it is followed.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn followed(&self, identity: &QuestionIdentity) -> Result<Option<DossierId>, StoreError> {
        let row = scoped::<question::Entity>(&Scope::ALL)
            .filter(question::Column::Identity.eq(identity.to_string()))
            .one(&self.tx)
            .await;
        Ok(self.check(row)?.map(|row| DossierId(row.dossier_id)))
    }
}

pub(crate) fn read(row: published_question::Model) -> Result<Published, StoreError> {
    Ok(Published {
        identity: word("published_question", "identity", &row.identity)?,
        uid: row.uid,
        subject: row.subject,
        author: row.author,
        group: row.author_group,
        ministry: row.ministry,
        ours: row.ours,
        published_on: row.published_on,
        answered_on: row.answered_on,
        question: row.question_text,
        answer: row.answer_text,
        digest: row.digest,
        author_key: row.author_key,
        member: row.member_id.map(MemberId),
    })
}
