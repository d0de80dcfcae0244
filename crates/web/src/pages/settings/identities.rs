//! The identities that open a person's account, and those that wait to be bound to one.

use pli_domain::account::Identity;
use pli_domain::people::Person;

use super::people::href;
use crate::failure::Failure;
use crate::session::Session;
use crate::{Web, random};

/// A table of identities, each with the button that binds it or takes it away.
#[derive(Debug)]
pub(super) struct Identities {
    pub(super) id: &'static str,
    pub(super) caption: &'static str,
    pub(super) button: &'static str,
    pub(super) action: String,
    pub(super) rows: Vec<Row>,
}

/// An identity.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) mark: String,
    pub(super) seen: String,
    pub(super) key: String,
}

impl Row {
    fn new(identity: &Identity) -> Result<Self, Failure> {
        Ok(Self {
            id: identity.id.to_string(),
            name: identity.name.clone(),
            email: identity.email.clone(),
            mark: identity.mark().to_owned(),
            seen: identity.seen_at.french(),
            key: random::key()?,
        })
    }
}

/// The tables that are not empty: what opens the account, then what waits.
pub(super) async fn load(web: &Web, session: &Session, person: &Person) -> Result<Vec<Identities>, Failure> {
    let caller = &session.caller;
    let bound = web.app.identities_of(caller, person).await?;
    let waiting = web.app.waiting_identities(caller).await?;
    let page = href(&person.login);
    let table = |id, caption, button, form, identities: Vec<Identity>| {
        let rows = identities.iter().map(Row::new).collect::<Result<_, _>>()?;
        Ok(Identities { id, caption, button, action: format!("{page}/{form}"), rows })
    };
    let tables = [
        table("identites-du-compte", "Identités qui ouvrent ce compte", "Détacher", "unbind_identity", bound),
        table("identites-en-attente", "Identités sans compte", "Rattacher", "bind_identity", waiting),
    ];
    let tables = tables.into_iter().collect::<Result<Vec<_>, Failure>>()?;
    Ok(tables.into_iter().filter(|table| !table.rows.is_empty()).collect())
}
