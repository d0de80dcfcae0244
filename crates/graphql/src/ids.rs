//! Global identifiers: `mail:<uuid>`, `question:<uuid>`, `unit:<uuid>`, `person:<uuid>`, `entry:<uuid>`,
//! `discrepancy:<uuid>`, `search:<uuid>`, `batch:<uuid>`, `compartment:<uuid>`, `elimination:<uuid>`, `member:<uuid>`, `run:<number>`, `denomination:<uuid>`,
//! `government:<uuid>`, `session:<uuid>`, `token:<uuid>`, `identity:<uuid>`, `link:<uuid>`; a part of Pli that acts by itself is `system:<name>`.

use async_graphql::{Context, ID};
use pli_app::{App, Caller};
use pli_domain::actor::Who;
use pli_domain::ids::{
    BatchId, CompartmentId, DenominationId, DiscrepancyId, DossierId, EliminationId, EntryId,
    GovernmentChangeId, IdentityId, LinkId, MemberId, SavedSearchId, SessionId, TokenId, UnitId, UserId,
};
use uuid::Uuid;

use crate::error::{GqlError, Result};

/// Who asks; an error when nobody has said so.
pub(crate) fn caller<'a>(ctx: &Context<'a>) -> Result<&'a Caller> {
    ctx.data_opt::<Caller>().ok_or_else(GqlError::unauthenticated)
}

/// The use cases.
pub(crate) fn app<'a>(ctx: &Context<'a>) -> Result<&'a App> {
    ctx.data_opt::<App>().ok_or_else(|| GqlError::from(pli_app::Error::Unavailable))
}

/// The dossier that an identifier names.
pub(crate) fn dossier_id(id: &ID) -> Result<DossierId> {
    match id.split_once(':') {
        Some(("mail" | "question", rest)) => read(rest).map(DossierId),
        _ => Err(bad_id()),
    }
}

/// The identifier of a letter's dossier.
pub(crate) fn of_mail(id: DossierId) -> ID {
    ID(format!("mail:{id}"))
}

/// The batch that an identifier names.
pub(crate) fn batch_id(id: &ID) -> Result<BatchId> {
    match id.split_once(':') {
        Some(("batch", rest)) => read(rest).map(BatchId),
        _ => Err(bad_id()),
    }
}

/// A batch's identifier.
pub(crate) fn of_batch(id: BatchId) -> ID {
    ID(format!("batch:{id}"))
}

/// The member of Parliament that an identifier names.
pub(crate) fn member_id(id: &ID) -> Result<MemberId> {
    match id.split_once(':') {
        Some(("member", rest)) => read(rest).map(MemberId),
        _ => Err(bad_id()),
    }
}

/// A member of Parliament's identifier.
pub(crate) fn of_member(id: MemberId) -> ID {
    ID(format!("member:{id}"))
}

/// The compartment that an identifier names.
pub(crate) fn compartment_id(id: &ID) -> Result<CompartmentId> {
    match id.split_once(':') {
        Some(("compartment", rest)) => read(rest).map(CompartmentId),
        _ => Err(bad_id()),
    }
}

/// A compartment's identifier.
pub(crate) fn of_compartment(id: CompartmentId) -> ID {
    ID(format!("compartment:{id}"))
}

/// The list that an identifier names.
pub(crate) fn elimination_id(id: &ID) -> Result<EliminationId> {
    match id.split_once(':') {
        Some(("elimination", rest)) => read(rest).map(EliminationId),
        _ => Err(bad_id()),
    }
}

/// A list's identifier.
pub(crate) fn of_elimination(id: EliminationId) -> ID {
    ID(format!("elimination:{id}"))
}

/// The unit that an identifier names.
pub(crate) fn unit_id(id: &ID) -> Result<UnitId> {
    match id.split_once(':') {
        Some(("unit", rest)) => read(rest).map(UnitId),
        _ => Err(bad_id()),
    }
}

/// The days of the calendar that an identifier names.
pub(crate) fn entry_id(id: &ID) -> Result<EntryId> {
    match id.split_once(':') {
        Some(("entry", rest)) => read(rest).map(EntryId),
        _ => Err(bad_id()),
    }
}

/// The identifier of days of the calendar.
pub(crate) fn of_entry(id: EntryId) -> ID {
    ID(format!("entry:{id}"))
}

/// The discrepancy that an identifier names.
pub(crate) fn discrepancy_id(id: &ID) -> Result<DiscrepancyId> {
    match id.split_once(':') {
        Some(("discrepancy", rest)) => read(rest).map(DiscrepancyId),
        _ => Err(bad_id()),
    }
}

/// The saved search that an identifier names.
pub(crate) fn search_id(id: &ID) -> Result<SavedSearchId> {
    match id.split_once(':') {
        Some(("search", rest)) => read(rest).map(SavedSearchId),
        _ => Err(bad_id()),
    }
}

/// A discrepancy's identifier.
pub(crate) fn of_discrepancy(id: DiscrepancyId) -> ID {
    ID(format!("discrepancy:{id}"))
}

/// A saved search's identifier.
pub(crate) fn of_search(id: SavedSearchId) -> ID {
    ID(format!("search:{id}"))
}

/// The session that an identifier names.
pub(crate) fn session_id(id: &ID) -> Result<SessionId> {
    match id.split_once(':') {
        Some(("session", rest)) => read(rest).map(SessionId),
        _ => Err(bad_id()),
    }
}

/// A session's identifier.
pub(crate) fn of_session(id: SessionId) -> ID {
    ID(format!("session:{id}"))
}

/// The token of the API that an identifier names.
pub(crate) fn token_id(id: &ID) -> Result<TokenId> {
    match id.split_once(':') {
        Some(("token", rest)) => read(rest).map(TokenId),
        _ => Err(bad_id()),
    }
}

/// The identifier of a token of the API; not the token.
pub(crate) fn of_token(id: TokenId) -> ID {
    ID(format!("token:{id}"))
}

/// The link that an identifier names.
pub(crate) fn link_id(id: &ID) -> Result<LinkId> {
    match id.split_once(':') {
        Some(("link", rest)) => read(rest).map(LinkId),
        _ => Err(bad_id()),
    }
}

/// A link's identifier; not what opens it.
pub(crate) fn of_link(id: LinkId) -> ID {
    ID(format!("link:{id}"))
}

/// The identity that an identifier names.
pub(crate) fn identity_id(id: &ID) -> Result<IdentityId> {
    match id.split_once(':') {
        Some(("identity", rest)) => read(rest).map(IdentityId),
        _ => Err(bad_id()),
    }
}

/// An identity's identifier.
pub(crate) fn of_identity(id: IdentityId) -> ID {
    ID(format!("identity:{id}"))
}

/// The denomination that an identifier names.
pub(crate) fn denomination_id(id: &ID) -> Result<DenominationId> {
    match id.split_once(':') {
        Some(("denomination", rest)) => read(rest).map(DenominationId),
        _ => Err(bad_id()),
    }
}

/// A denomination's identifier.
pub(crate) fn of_denomination(id: DenominationId) -> ID {
    ID(format!("denomination:{id}"))
}

/// The identifier of a change of government.
pub(crate) fn of_government_change(id: GovernmentChangeId) -> ID {
    ID(format!("government:{id}"))
}

/// The change of government that an identifier names.
pub(crate) fn government_change_id(id: &ID) -> Result<GovernmentChangeId> {
    match id.split_once(':') {
        Some(("government", rest)) => read(rest).map(GovernmentChangeId),
        _ => Err(bad_id()),
    }
}

/// The number of the run of an import that an identifier names.
pub(crate) fn run_number(id: &ID) -> Result<u32> {
    match id.split_once(':') {
        Some(("run", rest)) => rest.parse().map_err(|_| bad_id()),
        _ => Err(bad_id()),
    }
}

/// The identifier of a run of an import.
pub(crate) fn of_run(number: u32) -> ID {
    ID(format!("run:{number}"))
}

/// A unit's identifier.
pub(crate) fn of_unit(id: UnitId) -> ID {
    ID(format!("unit:{id}"))
}

/// The person that an identifier names.
pub(crate) fn person_id(id: &ID) -> Result<UserId> {
    match id.split_once(':') {
        Some(("person", rest)) => read(rest).map(UserId),
        _ => Err(bad_id()),
    }
}

/// A person's identifier.
pub(crate) fn of_person(id: UserId) -> ID {
    ID(format!("person:{id}"))
}

/// The one who acts that an identifier names.
pub(crate) fn who_id(id: &ID) -> Result<Who> {
    match id.parse() {
        Ok(system @ Who::System(_)) => Ok(system),
        _ => person_id(id).map(Who::User),
    }
}

/// The identifier of one who acts.
pub(crate) fn of_who(who: Who) -> ID {
    match who {
        Who::User(id) => of_person(id),
        system @ Who::System(_) => ID(system.to_string()),
    }
}

fn read(text: &str) -> Result<Uuid> {
    text.parse().map_err(|_| bad_id())
}

fn bad_id() -> GqlError {
    GqlError::bad_input("Identifiant illisible : reprenez celui que l’API a donné.")
}
