//! The members of Parliament, and the published questions of which each is the author. They are public: no scope applies.

use std::collections::{BTreeMap, BTreeSet};

use pli_domain::identity::QuestionIdentity;
use pli_domain::ids::MemberId;
use pli_domain::member::{Member, PublishedMember};
use pli_domain::sender::Sender;
use pli_domain::time::Timestamp;
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, OnConflict, Query};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, Condition, EntityTrait, Iden, ModelTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::convert::word;
use crate::entity::{dossier, mail, member, member_form, published_question, question};
use crate::select::common;
use crate::{Page, Published, Store, StoreError, UnitOfWork};

/// A place among the members, in the order of their names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberPlace {
    /// The name, as people are compared by it.
    pub name_key: String,
    /// The member.
    pub id: MemberId,
}

impl MemberPlace {
    /// Where a member stands.
    #[must_use]
    pub fn of(member: &Member) -> Self {
        Self { name_key: member.known.name_key(), id: member.id }
    }
}

impl Store {
    /// One member.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn member(&self, id: MemberId) -> Result<Option<Member>, StoreError> {
        Ok(self.members([id]).await?.pop_first().map(|(_, member)| member))
    }

    /// Some members.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn members(
        &self,
        ids: impl IntoIterator<Item = MemberId>,
    ) -> Result<BTreeMap<MemberId, Member>, StoreError> {
        let ids: Vec<Uuid> = ids.into_iter().map(|id| id.0).collect();
        if ids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let rows = common::<member::Entity>().filter(member::Column::Id.is_in(ids)).all(&self.db).await?;
        rows.into_iter().map(|row| read(row).map(|member| (member.id, member))).collect()
    }

    /// A page of the members, in the order of their names: those of whom a name begins so (see
    /// [`pli_domain::sender::begun`]), all when nothing is said.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn members_page(
        &self,
        begun: &str,
        after: Option<&MemberPlace>,
        size: u64,
    ) -> Result<Page<Member>, StoreError> {
        use member::Column;
        let form = member_form::Column::Form;
        let named = (!begun.is_empty()).then(|| {
            let named = Query::select()
                .column(member_form::Column::MemberId)
                .from(Alias::new(member_form::Entity.to_string()))
                .and_where(form.gte(begun).and(form.lt(format!("{begun}\u{10ffff}"))))
                .take();
            Column::Id.in_subquery(named)
        });
        let later = after.map(|after| {
            let key = Expr::tuple([Column::NameKey, Column::Id].map(|one| Expr::col((member::Entity, one))));
            key.gt(Expr::tuple([Expr::value(after.name_key.replace('\0', "")), Expr::value(after.id.0)]))
        });
        let rows = common::<member::Entity>()
            .filter(Condition::all().add_option(named).add_option(later))
            .order_by_asc(Column::NameKey)
            .order_by_asc(Column::Id)
            .limit(size.saturating_add(1))
            .all(&self.db)
            .await?;
        let Page { items, more } = Page::cut(rows, size);
        Ok(Page { items: items.into_iter().map(read).collect::<Result<_, _>>()?, more })
    }

    /// The member of a publisher's reference.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn member_by_reference(&self, reference: &str) -> Result<Option<Member>, StoreError> {
        let referred = member::Column::Reference.eq(reference.replace('\0', ""));
        let row = common::<member::Entity>().filter(referred).one(&self.db).await?;
        row.map(read).transpose()
    }

    /// Some of the published questions whose author is to be looked for.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn unsettled(&self, most: u64) -> Result<Vec<QuestionIdentity>, StoreError> {
        use published_question::Column;
        let rows: Vec<String> = common::<published_question::Entity>()
            // In these words both engines see that the partial index serves.
            .filter(Expr::cust("NOT author_settled"))
            .select_only()
            .column(Column::Identity)
            .order_by_asc(Column::Identity)
            .limit(most)
            .into_tuple()
            .all(&self.db)
            .await?;
        rows.iter().map(|identity| word("published_question", "identity", identity)).collect()
    }
}

impl UnitOfWork {
    /// The members who have one of these references or names, as people are compared by them.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn members_known_as(&self, keys: &BTreeSet<String>) -> Result<Vec<Member>, StoreError> {
        use member::Column;
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let named = Column::Reference.is_in(keys).or(Column::NameKey.is_in(keys));
        let rows = common::<member::Entity>().filter(named).order_by_asc(Column::Id).all(&self.tx).await;
        self.check(rows)?.into_iter().map(read).collect()
    }

    /// Whether there is such a member.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn knows_member(&self, id: MemberId) -> Result<bool, StoreError> {
        let row = common::<member::Entity>().filter(member::Column::Id.eq(id.0)).one(&self.tx).await;
        Ok(self.check(row)?.is_some())
    }

    /// Keeps a member, or what has changed of them.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn keep_member(&self, member: &Member, at: Timestamp) -> Result<(), StoreError> {
        use member::Column;
        let known = &member.known;
        let row = member::ActiveModel {
            id: Set(member.id.0),
            reference: Set(known.reference.clone()),
            name_key: Set(known.name_key()),
            civility: Set(known.civility.clone()),
            given_name: Set(known.given_name.clone()),
            family_name: Set(known.family_name.clone()),
            born_on: Set(known.born_on),
            mandates: Set(written("mandates", &known.mandates)?),
            groups: Set(written("groups", &known.groups)?),
            imported_at: Set(at.instant()),
        };
        let again = OnConflict::column(Column::Id)
            .update_columns([
                Column::Reference,
                Column::NameKey,
                Column::Civility,
                Column::GivenName,
                Column::FamilyName,
                Column::BornOn,
                Column::Mandates,
                Column::Groups,
                Column::ImportedAt,
            ])
            .to_owned();
        let insert = member::Entity::insert(row).on_conflict(again);
        self.check(insert.exec_without_returning(&self.tx).await)?;
        self.name_member(member).await
    }

    /// Makes a member found by any word of their name, and by no other.
    async fn name_member(&self, member: &Member) -> Result<(), StoreError> {
        let mut forms: BTreeSet<String> = Sender::parse(&member.known.name()).forms().into_iter().collect();
        let rows = common::<member_form::Entity>()
            .filter(member_form::Column::MemberId.eq(member.id.0))
            .all(&self.tx)
            .await;
        for row in self.check(rows)? {
            if !forms.remove(&row.form) {
                self.check(row.delete(&self.tx).await)?;
            }
        }
        if forms.is_empty() {
            return Ok(());
        }
        let rows = forms
            .into_iter()
            .map(|form| member_form::ActiveModel { member_id: Set(member.id.0), form: Set(form) });
        let insert = member_form::Entity::insert_many(rows);
        self.check(insert.exec_without_returning(&self.tx).await)?;
        Ok(())
    }

    /// Marks the published questions whose author is looked for by one of these keys: who asked them is to be looked at
    /// again.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    #[expect(clippy::disallowed_methods, reason = "a mark on many public rows at once")]
    pub async fn unsettle(&self, keys: &BTreeSet<String>) -> Result<(), StoreError> {
        use published_question::Column;
        let marked = published_question::Entity::update_many()
            .col_expr(Column::AuthorSettled, Expr::value(false))
            .filter(Column::AuthorKey.is_in(keys))
            .exec(&self.tx)
            .await;
        self.check(marked)?;
        Ok(())
    }

    /// Keeps who asked a published question, as far as it is known now.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn settle(&self, published: &Published) -> Result<(), StoreError> {
        let row = published_question::ActiveModel {
            identity: Unchanged(published.identity.to_string()),
            author: Set(published.author.clone()),
            author_group: Set(published.group.clone()),
            author_key: Set(published.author_key.clone()),
            member_id: Set(published.member.map(|member| member.0)),
            author_settled: Set(true),
            ..Default::default()
        };
        self.check(row.update(&self.tx).await)?;
        self.index_again(published).await
    }
}

/// The dossiers of which a member is known to be the author: letters, and questions.
pub(crate) fn written_by(id: MemberId) -> Condition {
    let letters = Query::select()
        .column(mail::Column::DossierId)
        .from(Alias::new(mail::Entity.to_string()))
        .and_where(mail::Column::MemberId.eq(id.0))
        .take();
    let asked = Query::select()
        .column(published_question::Column::Identity)
        .from(Alias::new(published_question::Entity.to_string()))
        .and_where(published_question::Column::MemberId.eq(id.0))
        .take();
    let questions = Query::select()
        .column(question::Column::DossierId)
        .from(Alias::new(question::Entity.to_string()))
        .and_where(question::Column::Identity.in_subquery(asked))
        .take();
    let either = [letters, questions].map(|dossiers| dossier::Column::Id.in_subquery(dossiers));
    either.into_iter().fold(Condition::any(), Condition::add)
}

fn read(row: member::Model) -> Result<Member, StoreError> {
    let known = PublishedMember {
        reference: row.reference,
        civility: row.civility,
        given_name: row.given_name,
        family_name: row.family_name,
        born_on: row.born_on,
        mandates: told("mandates", &row.mandates)?,
        groups: told("groups", &row.groups)?,
    };
    Ok(Member { id: MemberId(row.id), known })
}

fn told<T: DeserializeOwned>(column: &'static str, text: &str) -> Result<T, StoreError> {
    let wrong = |_| StoreError::Inconsistent { table: "member", column, value: text.to_owned() };
    serde_json::from_str(text).map_err(wrong)
}

fn written<T: Serialize>(column: &'static str, value: &T) -> Result<String, StoreError> {
    let wrong = |_| StoreError::Inconsistent { table: "member", column, value: String::new() };
    serde_json::to_string(value).map_err(wrong)
}
