//! The one place where a select may start. What belongs to a dossier is read through a scope; what holds nothing of a
//! dossier is open to the code above, which decides who asks.

use pli_domain::actor::{Compartments, Reach, Scope};
use pli_domain::assignment::AssignmentStage;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, Select};

use crate::day::open_tallied;
use crate::entity::{
    access_journal, account, account_role, api_token, assignment, attachment, calendar_entry, calendar_feed,
    compartment, compartment_person, counter, deadline, delay_rule, denomination, device, digest,
    digest_item, discrepancy, dossier, dossier_search, draft, draft_look, elimination, elimination_item,
    entry_link, exchange_token, government_change, government_move, idempotency, identity, import_dossier,
    import_rejection, import_run, journal, known_match, mail, member, member_form, note, published_question,
    published_record, question, reading, reminder_rule, retention_rule, saved_search, seal, seal_leaf,
    sender_form, session, settings_journal, settings_proof, sign_in_flow, unit,
};
use crate::past::past_tally;
use crate::search::search_whole;
use crate::snapshots::{snapshot, snapshot_span};
use crate::sums::tally_mark;
use crate::tally::tallied;

/// Rows that belong to a dossier.
pub(crate) trait Scoped: EntityTrait {
    /// The column that names the dossier.
    fn dossier() -> Self::Column;

    /// The column that says to whom it is reserved, in the one table that holds it.
    fn reserved() -> Option<Self::Column> {
        None
    }
}

impl Scoped for dossier::Entity {
    fn dossier() -> Self::Column {
        dossier::Column::Id
    }

    fn reserved() -> Option<Self::Column> {
        Some(dossier::Column::CompartmentId)
    }
}

macro_rules! scoped {
    ($($table:ident: $column:ident)*) => {$(
        impl Scoped for $table::Entity {
            fn dossier() -> Self::Column { $table::Column::$column }
        }
    )*};
}

scoped! {
    dossier_search: DossierId
    mail: DossierId
    question: DossierId
    assignment: DossierId
    deadline: DossierId
    draft: DossierId
    draft_look: DossierId
    journal: DossierId
    note: DossierId
    digest_item: DossierId
    snapshot_span: DossierId
    known_match: DossierId
    attachment: DossierId
    elimination_item: DossierId
    discrepancy: DossierId
    sender_form: DossierId
    reading: DossierId
    government_move: DossierId
    import_dossier: DossierId
}

/// Rows that hold nothing of a dossier.
pub(crate) trait Common: EntityTrait {}

impl Common for unit::Entity {}
impl Common for account::Entity {}
impl Common for account_role::Entity {}
impl Common for session::Entity {}
impl Common for api_token::Entity {}
impl Common for device::Entity {}
impl Common for identity::Entity {}
impl Common for entry_link::Entity {}
impl Common for sign_in_flow::Entity {}
impl Common for access_journal::Entity {}
impl Common for idempotency::Entity {}
impl Common for counter::Entity {}
impl Common for published_question::Entity {}
impl Common for published_record::Entity {}
impl Common for member::Entity {}
impl Common for member_form::Entity {}
impl Common for delay_rule::Entity {}
impl Common for calendar_entry::Entity {}
impl Common for reminder_rule::Entity {}
impl Common for retention_rule::Entity {}
impl Common for elimination::Entity {}
impl Common for digest::Entity {}
impl Common for calendar_feed::Entity {}
impl Common for exchange_token::Entity {}
impl Common for denomination::Entity {}
impl Common for import_run::Entity {}
impl Common for government_change::Entity {}
impl Common for import_rejection::Entity {}
impl Common for snapshot::Entity {}
impl Common for settings_journal::Entity {}
impl Common for saved_search::Entity {}
impl Common for compartment::Entity {}
impl Common for compartment_person::Entity {}
impl Common for seal::Entity {}
impl Common for seal_leaf::Entity {}
impl Common for settings_proof::Entity {}
// Counters in which nothing that is reserved is: `tally.rs`, `past.rs` and `day.rs` read them for whoever reaches the whole register.
impl Common for tallied::Entity {}
impl Common for open_tallied::Entity {}
impl Common for past_tally::Entity {}
impl Common for tally_mark::Entity {}
impl Common for search_whole::Entity {}

/// The rows of the dossiers in scope.
#[expect(clippy::disallowed_methods, reason = "the one place where a scoped select starts")]
pub(crate) fn scoped<E: Scoped>(scope: &Scope) -> Select<E> {
    E::find().filter(reached::<E>(&scope.reach)).filter(open::<E>(&scope.compartments))
}

/// The same rows, each asked in its turn whether it may be seen: for a long table that is walked in the order of an index
/// until a page is full. SQLite would gather every row in scope first, and sort them.
#[expect(clippy::disallowed_methods, reason = "the one place where a scoped select starts")]
pub(crate) fn walked<E: Scoped>(scope: &Scope) -> Select<E> {
    let Reach::Units(units) = &scope.reach else { return scoped(scope) };
    let own = Expr::col((PART, assignment::Column::DossierId));
    let same = own.equals((E::default(), E::dossier()));
    let part = parts(units.iter().map(|unit| unit.0)).and_where(same).take();
    E::find().filter(Expr::exists(part)).filter(open::<E>(&scope.compartments))
}

/// The rows that belong to dossiers whose own rows were read in scope: nobody has them otherwise.
#[expect(clippy::disallowed_methods, reason = "whoever reads these has seen that they are in scope")]
pub(crate) fn belonging<E: Scoped>(dossiers: &[&dossier::Model]) -> Select<E> {
    E::find().filter(E::dossier().is_in(dossiers.iter().map(|row| row.id)))
}

/// The open dossiers in scope. Those of units are found by their parts in what is open, and not in all that they ever had.
#[expect(clippy::disallowed_methods, reason = "the one place where a scoped select starts")]
pub(crate) fn scoped_open(scope: &Scope) -> Select<dossier::Entity> {
    let Reach::Units(units) = &scope.reach else { return scoped(scope) };
    // The bare column: this is how both engines see that the partial index serves.
    let own = parts(units.iter().map(|unit| unit.0)).and_where(Expr::col((PART, "open"))).take();
    dossier::Entity::find()
        .filter(dossier::Column::Id.in_subquery(own))
        .filter(open::<dossier::Entity>(&scope.compartments))
}

/// The rows of a table that holds nothing of a dossier.
#[expect(clippy::disallowed_methods, reason = "the one place where an unscoped select starts")]
pub(crate) fn common<E: Common>() -> Select<E> {
    E::find()
}

/// What a reach asks of the column that names the dossier. No reach is never « no filter ».
fn reached<E: Scoped>(reach: &Reach) -> Condition {
    match reach {
        Reach::All => Condition::all(),
        Reach::Nothing => Condition::all().add(Expr::value(false)),
        Reach::Units(units) => {
            Condition::all().add(E::dossier().in_subquery(parts(units.iter().map(|unit| unit.0))))
        }
    }
}

/// Keeps out what is reserved to compartments in which one is not named.
fn open<E: Scoped>(compartments: &Compartments) -> Condition {
    let Compartments::Of(named) = compartments else { return Condition::all() };
    let named = named.iter().map(|compartment| compartment.0);
    if let Some(reserved) = E::reserved() {
        let mine = (named.len() > 0).then(|| reserved.is_in(named));
        return Condition::any().add(reserved.is_null()).add_option(mine);
    }
    let closed = Query::select()
        .column(dossier::Column::Id)
        .from(dossier::Entity)
        .and_where(Expr::col(dossier::Column::CompartmentId).is_not_null())
        .and_where(Expr::col(dossier::Column::CompartmentId).is_not_in(named))
        .take();
    Condition::all().add(E::dossier().not_in_subquery(closed))
}

/// What the table of parts is called where one is looked for: the rows asked about may be parts themselves.
const PART: &str = "part";

/// The dossiers in which these units have a part.
pub(crate) fn parts(units: impl Iterator<Item = uuid::Uuid>) -> SelectStatement {
    let gone = [AssignmentStage::Declined, AssignmentStage::Withdrawn].map(<&str>::from);
    Query::select()
        .column(assignment::Column::DossierId)
        .from_as(assignment::Entity, PART)
        .and_where(Expr::col(assignment::Column::UnitId).is_in(units))
        .and_where(Expr::col(assignment::Column::Stage).is_not_in(gone))
        .take()
}
