//! Seals: taking one, reading them, and looking whether all still stands as it was sealed.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use futures_util::TryStreamExt as _;
use pli_domain::actor::Scope;
use pli_domain::digest::Digest;
use pli_domain::ids::DossierId;
use pli_domain::seal::{Chain, Leaf, Seal, root};
use pli_domain::time::Timestamp;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect,
};
use uuid::Uuid;

use crate::convert::{count, small};
use crate::entity::{access_journal, journal, reading, seal, seal_leaf};
use crate::select::{common, scoped};
use crate::verify::Fault;
use crate::{Reader, Store, StoreError, UnitOfWork, settled, traces};

/// A seal with what it is known by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// The seal.
    pub seal: Seal,
    /// Its hash: who keeps it elsewhere can tell later that nothing before it has changed.
    pub hash: Digest,
}

/// How many rows are written or looked up at once: under what SQLite can be given.
const BATCH: usize = 1_000;

impl UnitOfWork {
    /// Seals what has moved up to the end of a day; `None` when that day is sealed, or being sealed, here or on another
    /// server.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn seal(&self, day: NaiveDate) -> Result<Option<Sealed>, StoreError> {
        let before = self.check(latest(&self.tx).await)?.map(read).transpose()?;
        if before.as_ref().is_some_and(|before| before.seal.day >= day) {
            return Ok(None);
        }
        let since = before.as_ref().map(|before| before.seal.until());
        let mut sealed = Seal {
            number: before.as_ref().map_or(0, |before| before.seal.number).saturating_add(1),
            day,
            leaves: 0,
            root: root([]),
        };
        let leaves = self.check(moved(&self.tx, since, sealed.until()).await)?;
        sealed.leaves = u32::try_from(leaves.len()).unwrap_or(u32::MAX);
        sealed.root = root(leaves.iter().map(Leaf::digest));
        let hash = sealed.hash(before.as_ref().map(|before| &before.hash));
        let row = seal::ActiveModel {
            number: Set(small(sealed.number)),
            day: Set(sealed.day),
            leaves: Set(small(sealed.leaves)),
            root: Set(sealed.root.to_string()),
            hash: Set(hash.to_string()),
        };
        let taken = OnConflict::column(seal::Column::Number).do_nothing().to_owned();
        let insert = seal::Entity::insert(row).on_conflict(taken).exec_without_returning(&self.tx).await;
        if self.check(insert)? == 0 {
            return Ok(None);
        }
        for some in leaves.chunks(BATCH) {
            let rows = some.iter().map(|leaf| seal_leaf::ActiveModel {
                seal: Set(small(sealed.number)),
                chain: Set(leaf.chain.to_string()),
                length: Set(small(leaf.length)),
                head: Set(leaf.head.to_string()),
            });
            self.check(seal_leaf::Entity::insert_many(rows).exec_without_returning(&self.tx).await)?;
        }
        Ok(Some(Sealed { seal: sealed, hash }))
    }
}

/// The heads of all that has moved between two moments, in the order of the tree: what is asked costs what has moved.
async fn moved(
    db: &DatabaseTransaction,
    since: Option<Timestamp>,
    until: Timestamp,
) -> Result<Vec<Leaf>, DbErr> {
    let mut leaves = dossiers(db, since, until).await?;
    if let Some(proof) = settled::latest(db).await? {
        let head = Digest::stored(proof.hash);
        leaves.push(Leaf { chain: Chain::Settings, length: proof.number.unsigned_abs(), head });
    }
    leaves.extend(accesses(db, since, until).await?);
    leaves.extend(readings(db, since, until).await?);
    leaves.sort_by_key(|leaf| leaf.chain);
    Ok(leaves)
}

/// The heads of the dossiers' chains that moved. Entries are read one by one: after a large import there are more than of dossiers.
async fn dossiers(
    db: &DatabaseTransaction,
    since: Option<Timestamp>,
    until: Timestamp,
) -> Result<Vec<Leaf>, DbErr> {
    use journal::Column::{At, DossierId as Dossier, Hash, Seq};
    let mut entries = scoped::<journal::Entity>(&Scope::ALL)
        .select_only()
        .columns([Dossier, Seq, Hash])
        .filter(At.lt(until.instant()))
        .order_by_asc(Dossier)
        .order_by_asc(Seq);
    if let Some(since) = since {
        entries = entries.filter(At.gte(since.instant()));
    }
    let mut entries = entries.into_tuple::<(Uuid, i32, String)>().stream(db).await?;
    let mut heads: Vec<Leaf> = Vec::new();
    while let Some((dossier, seq, hash)) = entries.try_next().await? {
        let chain = Chain::Dossier(DossierId(dossier));
        let leaf = Leaf { chain, length: seq.unsigned_abs(), head: Digest::stored(hash) };
        match heads.last_mut() {
            Some(last) if last.chain == chain => *last = leaf,
            _ => heads.push(leaf),
        }
    }
    Ok(heads)
}

/// The lines of the journal of accesses between two moments, in a chain of their own.
async fn accesses<C: ConnectionTrait>(
    db: &C,
    since: Option<Timestamp>,
    until: Timestamp,
) -> Result<Option<Leaf>, DbErr> {
    use access_journal::Column::{At, Id};
    let mut rows = common::<access_journal::Entity>().filter(At.lt(until.instant())).order_by_asc(Id);
    if let Some(since) = since {
        rows = rows.filter(At.gte(since.instant()));
    }
    let lines = rows.all(db).await?.into_iter().map(|row| {
        let who = [row.account_id, row.by_id].map(|id| id.map(|id| id.to_string()).unwrap_or_default());
        let [person, by] = who;
        let address = row.address.map_or_else(|| "none".to_owned(), |address| format!("at {address}"));
        vec![row.id.to_string(), micros(row.at), row.event, person, by, address, row.detail]
    });
    Ok(chained(Chain::Accesses, lines))
}

/// The openings of reserved dossiers between two moments, likewise.
async fn readings<C: ConnectionTrait>(
    db: &C,
    since: Option<Timestamp>,
    until: Timestamp,
) -> Result<Option<Leaf>, DbErr> {
    use reading::Column::At;
    let mut rows = scoped::<reading::Entity>(&Scope::ALL).filter(At.lt(until.instant()));
    if let Some(since) = since {
        rows = rows.filter(At.gte(since.instant()));
    }
    let mut rows = rows.all(db).await?;
    rows.sort_by_key(|row| (row.at, row.compartment_id, row.dossier_id, row.account_id));
    let lines = rows.into_iter().map(|row| {
        let mut parts = vec![micros(row.at)];
        parts.extend([row.compartment_id, row.dossier_id, row.account_id].map(|id| id.to_string()));
        parts
    });
    Ok(chained(Chain::Readings, lines))
}

fn micros(at: DateTime<Utc>) -> String {
    at.timestamp_micros().to_string()
}

/// Lines, each chained to the one before; `None` when there are none.
fn chained(chain: Chain, lines: impl Iterator<Item = Vec<String>>) -> Option<Leaf> {
    let (mut length, mut head) = (0_u32, None::<Digest>);
    for line in lines {
        let before = head.as_ref().map_or("", Digest::as_str);
        let next = Digest::of([before].into_iter().chain(line.iter().map(String::as_str)));
        (length, head) = (length.saturating_add(1), Some(next));
    }
    head.map(|head| Leaf { chain, length, head })
}

async fn latest<C: ConnectionTrait>(db: &C) -> Result<Option<seal::Model>, DbErr> {
    common::<seal::Entity>().order_by_desc(seal::Column::Number).limit(1).one(db).await
}

fn read(row: seal::Model) -> Result<Sealed, StoreError> {
    let seal = Seal {
        number: count("seal", "number", row.number)?,
        day: row.day,
        leaves: count("seal", "leaves", row.leaves)?,
        root: Digest::stored(row.root),
    };
    Ok(Sealed { seal, hash: Digest::stored(row.hash) })
}

fn read_leaf(row: seal_leaf::Model) -> Result<Leaf, StoreError> {
    let unknown =
        |_| StoreError::Inconsistent { table: "seal_leaf", column: "chain", value: row.chain.clone() };
    Ok(Leaf {
        chain: row.chain.parse().map_err(unknown)?,
        length: count("seal_leaf", "length", row.length)?,
        head: Digest::stored(row.head),
    })
}

impl Store {
    /// The last seal.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn last_seal(&self) -> Result<Option<Sealed>, StoreError> {
        latest(&self.db).await?.map(read).transpose()
    }

    /// The seals from a number on, in order: one a day.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn seals(&self, from: u32) -> Result<Vec<Sealed>, StoreError> {
        let rows = common::<seal::Entity>()
            .filter(seal::Column::Number.gte(small(from)))
            .order_by_asc(seal::Column::Number)
            .all(&self.db)
            .await?;
        rows.into_iter().map(read).collect()
    }

    /// The leaves of a seal, in the order of their tree.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn leaves(&self, seal: u32) -> Result<Vec<Leaf>, StoreError> {
        let rows = common::<seal_leaf::Entity>()
            .filter(seal_leaf::Column::Seal.eq(small(seal)))
            .all(&self.db)
            .await?;
        let mut leaves = rows.into_iter().map(read_leaf).collect::<Result<Vec<_>, _>>()?;
        leaves.sort_by_key(|leaf| leaf.chain);
        Ok(leaves)
    }

    /// The leaves of a chain, with the number of their seal, the first first.
    ///
    /// # Errors
    /// [`StoreError`] when the database fails.
    pub async fn leaves_of(&self, chain: Chain) -> Result<Vec<(u32, Leaf)>, StoreError> {
        let rows = common::<seal_leaf::Entity>()
            .filter(seal_leaf::Column::Chain.eq(chain.to_string()))
            .order_by_asc(seal_leaf::Column::Seal)
            .all(&self.db)
            .await?;
        rows.into_iter().map(|row| Ok((count("seal_leaf", "seal", row.seal)?, read_leaf(row)?))).collect()
    }

    /// What is wrong with the seals, and with what they cover; how many there are.
    pub(crate) async fn faults_in_seals(&self) -> Result<(u64, Vec<Fault>), StoreError> {
        let (mut faults, mut number, mut before) = (Vec::new(), 0_u32, None::<Sealed>);
        let forgotten = traces::forgotten(&self.db).await?;
        for row in common::<seal::Entity>().order_by_asc(seal::Column::Number).all(&self.db).await? {
            number = number.saturating_add(1);
            let reference = format!("sceau {}", row.number);
            let sealed = read(row)?;
            for what in self.look_at_seal(&sealed, number, (before.as_ref(), forgotten)).await? {
                faults.push(Fault { reference: reference.clone(), what });
            }
            before = Some(sealed);
        }
        let orphans = common::<seal_leaf::Entity>().filter(seal_leaf::Column::Seal.gt(small(number)));
        if orphans.limit(1).one(&self.db).await?.is_some() {
            let what = "il manque, alors que ce qu’il couvre est écrit".to_owned();
            faults.push(Fault { reference: format!("sceau {}", number.saturating_add(1)), what });
        }
        Ok((number.into(), faults))
    }

    async fn look_at_seal(
        &self,
        sealed: &Sealed,
        number: u32,
        (before, forgotten): (Option<&Sealed>, Option<Timestamp>),
    ) -> Result<Vec<String>, StoreError> {
        let Sealed { seal, hash } = sealed;
        let mut faults = Vec::new();
        let follows = before.is_none_or(|before| before.seal.day < seal.day);
        if seal.number != number || !follows || seal.hash(before.map(|before| &before.hash)) != *hash {
            faults.push("il a été altéré, ou celui qui le précède manque".to_owned());
        }
        let leaves = match self.leaves(seal.number).await {
            Ok(leaves) => leaves,
            Err(StoreError::Inconsistent { column, value, .. }) => {
                faults.push(format!("valeur inconnue dans {column} : {value}"));
                return Ok(faults);
            }
            Err(error) => return Err(error),
        };
        let covered = root(leaves.iter().map(Leaf::digest));
        if covered != seal.root || usize::try_from(seal.leaves).ok() != Some(leaves.len()) {
            faults.push("la liste de ce qu’il couvre a été altérée".to_owned());
        }
        let since = before.map(|before| before.seal.until());
        faults.extend(self.moved_since(&leaves, (since, seal.until()), forgotten).await?);
        Ok(faults)
    }

    /// What no longer stands as it was sealed.
    async fn moved_since(
        &self,
        leaves: &[Leaf],
        (since, until): (Option<Timestamp>, Timestamp),
        forgotten: Option<Timestamp>,
    ) -> Result<Vec<String>, StoreError> {
        let mut faults = Vec::new();
        let of = |chain| leaves.iter().find(|leaf| leaf.chain == chain);
        // Traces that have come to their end are gone, and nothing comes in their place.
        let traces = |chain| of(chain).filter(|_| forgotten.is_none_or(|end| until > end));
        if accesses(&self.db, since, until).await?.as_ref() != traces(Chain::Accesses) {
            faults.push("le journal des accès n’est plus tel qu’il a été scellé".to_owned());
        }
        if readings(&self.db, since, until).await?.as_ref() != traces(Chain::Readings) {
            faults.push(
                "les ouvertures de dossiers réservés ne sont plus telles qu’elles ont été scellées"
                    .to_owned(),
            );
        }
        if let Some(leaf) = of(Chain::Settings)
            && settled::hash_of(&self.db, leaf.length).await? != Some(leaf.head.clone())
        {
            faults.push("le journal des réglages n’est plus tel qu’il a été scellé".to_owned());
        }
        let mut dossiers = BTreeMap::new();
        for leaf in leaves {
            if let Chain::Dossier(id) = leaf.chain {
                dossiers.insert((id.0, small(leaf.length)), leaf.head.as_str());
            }
        }
        let heads: Vec<_> = dossiers.into_iter().collect();
        for some in heads.chunks(BATCH) {
            let there = self.entries_of(some).await?;
            for ((id, seq), head) in some {
                if there.get(&(*id, *seq)).map(String::as_str) != Some(*head) {
                    faults.push(format!(
                        "le journal du dossier {id} n’est plus tel qu’il a été scellé à l’entrée {seq}, ou a disparu"
                    ));
                }
            }
        }
        Ok(faults)
    }

    /// The entries of dossiers' journals that have these hashes, of those dossiers.
    async fn entries_of(
        &self,
        heads: &[((Uuid, i32), &str)],
    ) -> Result<BTreeMap<(Uuid, i32), String>, StoreError> {
        use journal::Column::{DossierId as Dossier, Hash, Seq};
        let rows = scoped::<journal::Entity>(&Scope::ALL)
            .select_only()
            .columns([Dossier, Seq, Hash])
            .filter(Dossier.is_in(heads.iter().map(|((id, _), _)| *id)))
            .filter(Hash.is_in(heads.iter().map(|(_, head)| *head)))
            .into_tuple()
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(|(id, seq, hash)| ((id, seq), hash)).collect())
    }
}

impl Reader {
    /// Whether entries of a dossier were written before the last seal without it: it would have covered them.
    pub(crate) async fn faults_against_seals(
        &self,
        id: DossierId,
        entries: &[(u32, Timestamp)],
        sealed: Option<Timestamp>,
    ) -> Result<Option<String>, StoreError> {
        let Some(until) = sealed else { return Ok(None) };
        let old = entries.iter().filter(|(_, at)| *at < until).map(|(seq, _)| *seq).max();
        let Some(old) = old else { return Ok(None) };
        let last = common::<seal_leaf::Entity>()
            .filter(seal_leaf::Column::Chain.eq(Chain::Dossier(id).to_string()))
            .order_by_desc(seal_leaf::Column::Seal)
            .limit(1)
            .one(&self.db)
            .await?;
        let covered = last.is_some_and(|leaf| leaf.length.unsigned_abs() >= old);
        Ok((!covered)
            .then(|| format!("l’entrée {old} est plus ancienne que le dernier sceau, qui ne la couvre pas")))
    }
}
