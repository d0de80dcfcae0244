//! The one place where a select may start. What belongs to a dossier is read through a scope; what holds nothing of a
//! dossier is open to the code above, which decides who asks.

use pli_domain::actor::Scope;
use pli_domain::assignment::AssignmentStage;
use sea_orm::sea_query::{Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, Select};

use crate::entity::{
    access_journal, account, account_role, api_token, assignment, attachment, calendar_entry, calendar_feed,
    counter, deadline, delay_rule, denomination, device, digest, digest_item, discrepancy, dossier,
    dossier_search, draft, draft_look, exchange_token, idempotency, import_rejection, import_run, journal,
    known_match, mail, member, member_form, note, published_question, published_record, question,
    reminder_rule, saved_search, sender_form, session, settings_journal, snapshot, snapshot_span, unit,
};

/// Rows that belong to a dossier.
pub(crate) trait Scoped: EntityTrait {
    /// The column that names the dossier.
    fn dossier() -> Self::Column;
}

macro_rules! scoped {
    ($($table:ident: $column:ident)*) => {$(
        impl Scoped for $table::Entity {
            fn dossier() -> Self::Column { $table::Column::$column }
        }
    )*};
}

scoped! {
    dossier: Id
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
    discrepancy: DossierId
    sender_form: DossierId
}

/// Rows that hold nothing of a dossier.
pub(crate) trait Common: EntityTrait {}

impl Common for unit::Entity {}
impl Common for account::Entity {}
impl Common for account_role::Entity {}
impl Common for session::Entity {}
impl Common for api_token::Entity {}
impl Common for device::Entity {}
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
impl Common for digest::Entity {}
impl Common for calendar_feed::Entity {}
impl Common for exchange_token::Entity {}
impl Common for denomination::Entity {}
impl Common for import_run::Entity {}
impl Common for import_rejection::Entity {}
impl Common for snapshot::Entity {}
impl Common for settings_journal::Entity {}
impl Common for saved_search::Entity {}

/// The rows of the dossiers in scope.
#[expect(clippy::disallowed_methods, reason = "the one place where a scoped select starts")]
pub(crate) fn scoped<E: Scoped>(scope: &Scope) -> Select<E> {
    E::find().filter(visible(scope, E::dossier()))
}

/// The same rows, each asked in its turn whether it may be seen: for a long table that is walked in the order of an index
/// until a page is full. SQLite would gather every row in scope first, and sort them.
#[expect(clippy::disallowed_methods, reason = "the one place where a scoped select starts")]
pub(crate) fn walked<E: Scoped>(scope: &Scope) -> Select<E> {
    let Scope::Units(units) = scope else { return scoped(scope) };
    let own = Expr::col((assignment::Entity, assignment::Column::DossierId));
    let same = own.equals((E::default(), E::dossier()));
    let part = parts(units.iter().map(|unit| unit.0)).and_where(same).take();
    E::find().filter(Expr::exists(part))
}

/// The rows of a table that holds nothing of a dossier.
#[expect(clippy::disallowed_methods, reason = "the one place where an unscoped select starts")]
pub(crate) fn common<E: Common>() -> Select<E> {
    E::find()
}

/// What a scope asks of the column that names the dossier. No scope is never « no filter ».
fn visible<C: ColumnTrait>(scope: &Scope, dossier: C) -> Condition {
    match scope {
        Scope::All => Condition::all(),
        Scope::Nothing => Condition::all().add(Expr::value(false)),
        Scope::Units(units) => {
            Condition::all().add(dossier.in_subquery(parts(units.iter().map(|unit| unit.0))))
        }
    }
}

/// The dossiers in which these units have a part.
pub(crate) fn parts(units: impl Iterator<Item = uuid::Uuid>) -> SelectStatement {
    let gone = [AssignmentStage::Declined, AssignmentStage::Withdrawn].map(<&str>::from);
    Query::select()
        .column(assignment::Column::DossierId)
        .from(assignment::Entity)
        .and_where(Expr::col(assignment::Column::UnitId).is_in(units))
        .and_where(Expr::col(assignment::Column::Stage).is_not_in(gone))
        .take()
}
