//! The proof of what the administrator keeps: each change leaves the digest of the settings as they are then, chained to
//! the change before and to what the journal of settings says of it.

use pli_domain::digest::Digest;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, Order, Query, SubQueryStatement};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, QueryFilter, QueryOrder, QuerySelect, Select,
};

use crate::convert::small;
use crate::entity::{
    account, account_role, calendar_entry, compartment, compartment_person, delay_rule, denomination,
    elimination, reminder_rule, retention_rule, settings_journal, settings_proof, unit,
};
use crate::select::{Common, common};
use crate::{Store, StoreError};

/// Writes the proof of the settings as the transaction leaves them. The proof before is looked up first: whoever is
/// overtaken by another change finds the number taken, and is to be run again.
pub(crate) async fn prove<C: ConnectionTrait>(db: &C) -> Result<(), DbErr> {
    let before = latest(db).await?;
    let (number, seq) = before.as_ref().map_or((0, 0), |before| (before.number, before.seq));
    let told = common::<settings_journal::Entity>()
        .filter(settings_journal::Column::Seq.gt(seq))
        .order_by_asc(settings_journal::Column::Seq)
        .all(db)
        .await?;
    let row = settings_proof::Model {
        number: number.saturating_add(1),
        seq: told.last().map_or(seq, |last| last.seq),
        state: state(db).await?.to_string(),
        hash: String::new(),
    };
    let hash = hash(&row, before.as_ref(), &told);
    let row = settings_proof::ActiveModel {
        number: Set(row.number),
        seq: Set(row.seq),
        state: Set(row.state),
        hash: Set(hash.to_string()),
    };
    row.insert(db).await.map(drop)
}

/// The last proof.
pub(crate) async fn latest<C: ConnectionTrait>(db: &C) -> Result<Option<settings_proof::Model>, DbErr> {
    last().one(db).await
}

/// The row of the last proof.
pub(crate) fn last() -> Select<settings_proof::Entity> {
    common::<settings_proof::Entity>().order_by_desc(settings_proof::Column::Number).limit(1)
}

/// The hash of the last proof, to be asked for beside something else.
pub(crate) fn latest_hash() -> Expr {
    let latest = Query::select()
        .column(settings_proof::Column::Hash)
        .from(settings_proof::Entity)
        .order_by(settings_proof::Column::Number, Order::Desc)
        .limit(1)
        .take();
    Expr::from(SubQueryStatement::from(latest))
}

/// The hash of the proof of a number; `None` when there is none.
pub(crate) async fn hash_of<C: ConnectionTrait>(db: &C, number: u32) -> Result<Option<Digest>, DbErr> {
    let row = common::<settings_proof::Entity>()
        .filter(settings_proof::Column::Number.eq(small(number)))
        .one(db)
        .await?;
    Ok(row.map(|row| Digest::stored(row.hash)))
}

/// The hash of a proof, from the proof before and the lines of the journal that it covers.
fn hash(
    row: &settings_proof::Model,
    before: Option<&settings_proof::Model>,
    told: &[settings_journal::Model],
) -> Digest {
    let [number, seq] = [row.number, row.seq].map(|number| number.to_string());
    let told = told.iter().map(|line| {
        let [seq, at] = [line.seq.to_string(), line.at.timestamp_micros().to_string()];
        Digest::of([
            &seq,
            &at,
            &line.who,
            &line.action,
            &line.subject_kind,
            &line.subject_id,
            line.payload.as_str(),
        ])
    });
    let told: Vec<_> = told.collect();
    let before = before.map_or("", |before| before.hash.as_str());
    let parts = ["settings", before, &number, &seq, &row.state];
    Digest::of(parts.into_iter().chain(told.iter().map(Digest::as_str)))
}

/// The digest of the settings: every value of every row, so that a column that is added counts by itself. Of an account,
/// what the administrator keeps; a password, a sign-in or a wish are its owner's, and no act of the settings.
async fn state<C: ConnectionTrait>(db: &C) -> Result<Digest, DbErr> {
    let accounts = common::<account::Entity>().all(db).await?;
    let mut rows: Vec<_> = accounts
        .into_iter()
        .map(|row| {
            let kept = (row.id, row.login, row.name, row.email, row.disabled, row.links, row.created_at);
            format!("account {kept:?}")
        })
        .collect();
    rows.extend(values::<unit::Entity, _>(db).await?);
    rows.extend(values::<account_role::Entity, _>(db).await?);
    rows.extend(values::<delay_rule::Entity, _>(db).await?);
    rows.extend(values::<calendar_entry::Entity, _>(db).await?);
    rows.extend(values::<reminder_rule::Entity, _>(db).await?);
    rows.extend(values::<retention_rule::Entity, _>(db).await?);
    rows.extend(values::<elimination::Entity, _>(db).await?);
    rows.extend(values::<denomination::Entity, _>(db).await?);
    rows.extend(values::<compartment::Entity, _>(db).await?);
    rows.extend(values::<compartment_person::Entity, _>(db).await?);
    rows.sort();
    Ok(Digest::of(rows.iter().map(String::as_str)))
}

/// Every value of every row of a table.
async fn values<E: Common, C: ConnectionTrait>(db: &C) -> Result<Vec<String>, DbErr> {
    let rows = common::<E>().all(db).await?;
    Ok(rows.into_iter().map(|row| format!("{} {row:?}", E::default().table_name())).collect())
}

impl Store {
    /// Proves the settings of a database that has no proof of them, and those that a new schema or a new version of Pli has
    /// just changed.
    pub(crate) async fn prove_settings(&self, moved: bool) -> Result<(), StoreError> {
        if moved || latest(&self.db).await?.is_none() {
            let uow = self.begin().await?;
            uow.changes_settings();
            uow.commit().await?;
        }
        Ok(())
    }

    /// What is wrong with the settings and their journal.
    pub(crate) async fn faults_in_settings(&self) -> Result<Vec<String>, StoreError> {
        loop {
            let last = latest(&self.db).await?;
            let faults = self.look_at_settings().await?;
            // Somebody may be changing them: what was read half before and half after is read again.
            if faults.is_empty() || latest(&self.db).await? == last {
                return Ok(faults);
            }
        }
    }

    async fn look_at_settings(&self) -> Result<Vec<String>, StoreError> {
        let proofs = common::<settings_proof::Entity>()
            .order_by_asc(settings_proof::Column::Number)
            .all(&self.db)
            .await?;
        let told = common::<settings_journal::Entity>()
            .order_by_asc(settings_journal::Column::Seq)
            .all(&self.db)
            .await?;
        let mut faults = Vec::new();
        let (mut before, mut rest) = (None::<&settings_proof::Model>, told.as_slice());
        for (proof, number) in proofs.iter().zip(1..) {
            let (covered, after) = rest.split_at(rest.partition_point(|line| line.seq <= proof.seq));
            rest = after;
            let whole = proof.number == number && hash(proof, before, covered).as_str() == proof.hash;
            if !whole {
                let seq = proof.seq;
                faults.push(format!("ce qui a été écrit jusqu’à l’entrée {seq} a été altéré ou manque"));
            }
            before = Some(proof);
        }
        if !rest.is_empty() {
            faults.push("des entrées ont été ajoutées sans preuve".to_owned());
        }
        let now = state(&self.db).await?;
        if before.is_none_or(|last| last.state != now.as_str()) {
            faults.push("les réglages ne sont pas tels que le dernier acte les a laissés".to_owned());
        }
        Ok(faults)
    }
}
