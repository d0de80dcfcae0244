//! Alerts: once a day, what is new in the searches that a person keeps. Claimed, sent and given up like the reminders.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use pli_domain::ids::{DigestId, SavedSearchId};
use pli_domain::time::Timestamp;
use pli_persistence::{Item, News, Recipient, SavedRow, Slot};

use crate::reminders::{HANDING_OVER, Message, NAMED, is_time};
use crate::{App, Error, SavedSearch};

/// What is new in a search.
struct Section {
    id: SavedSearchId,
    name: String,
    news: News,
}

impl App {
    /// The next message of alerts that is due, claimed for this server; `None` when there is none, or nobody works today.
    /// What it names is what its reader may see at this moment.
    ///
    /// # Errors
    /// [`Error`] when the database fails.
    pub async fn next_alert(&self, address: &str) -> Result<Option<Message>, Error> {
        let now = self.clock.now();
        if !is_time(now, &self.store.settings().await?.delays) {
            return Ok(None);
        }
        for (recipient, rows) in self.store.alerts_due(now.paris_date()).await? {
            let sections = self.look(&recipient, rows).await?;
            match self.claim_alert(&recipient, &sections, now).await {
                Ok(Some(id)) => return Ok(Some(message(id, &recipient, &sections, now, address))),
                // Nothing is new, or another server is telling this person.
                Ok(None) | Err(Error::Unavailable) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Looks for what is new in a person's searches, within what they may see now.
    async fn look(&self, recipient: &Recipient, rows: Vec<SavedRow>) -> Result<Vec<Section>, Error> {
        let caller = self.caller(recipient.actor.clone()).await?;
        let reader = self.reader(&caller);
        let mut sections = Vec::new();
        for row in rows {
            let search = SavedSearch::read(row)?;
            let filter = search.list.filter(&caller, self.today());
            let news = reader.news(&filter, search.id, NAMED).await?;
            sections.push(Section { id: search.id, name: search.name, news });
        }
        Ok(sections)
    }

    /// Keeps that Pli has looked, and claims the person's message when something is new.
    async fn claim_alert(
        &self,
        recipient: &Recipient,
        sections: &[Section],
        now: Timestamp,
    ) -> Result<Option<DigestId>, Error> {
        let Some(person) = recipient.actor.user() else { return Ok(None) };
        let day = now.paris_date();
        let uow = self.store.begin().await?;
        let mut claimed = None;
        if sections.iter().any(|section| !section.news.new.is_empty()) {
            let until = Timestamp::new(now.instant() + HANDING_OVER);
            let id = DigestId(self.clock.id());
            claimed = uow.claim_message(id, person, (day, Slot::Alerts), (now, until)).await?;
            if claimed.is_none() {
                return Ok(None);
            }
        }
        for Section { id, news, .. } in sections {
            // One that was removed, or whose alert was switched off, knows nothing any more.
            if uow.looked(*id, day).await? {
                uow.forget(*id, &news.gone).await?;
                uow.know(*id, &news.new, claimed).await?;
                if let Some(message) = claimed {
                    let told = |dossier| Item { dossier, rule: id.to_string(), fell_on: day };
                    let items: Vec<_> = news.new.iter().copied().map(told).collect();
                    uow.add_items(message, person, &items).await?;
                }
            }
        }
        uow.commit().await?;
        Ok(claimed)
    }
}

/// « 3 nouveaux dossiers ».
fn counted(number: usize) -> String {
    match number {
        1 => "1\u{a0}nouveau dossier".to_owned(),
        number => format!("{number}\u{a0}nouveaux dossiers"),
    }
}

/// « 3 autres dossiers ».
pub(crate) fn others(number: usize) -> String {
    match number {
        1 => "1\u{a0}autre dossier".to_owned(),
        number => format!("{number}\u{a0}autres dossiers"),
    }
}

fn message(
    id: DigestId,
    recipient: &Recipient,
    sections: &[Section],
    now: Timestamp,
    address: &str,
) -> Message {
    let (name, address) = (&recipient.actor.name, address.trim_end_matches('/'));
    let news: Vec<_> = sections.iter().filter(|section| !section.news.new.is_empty()).collect();
    let subject = match news.as_slice() {
        [one] => format!("Pli\u{a0}: {}, «\u{a0}{}\u{a0}»", counted(one.news.new.len()), one.name),
        several => format!("Pli\u{a0}: du nouveau dans {}\u{a0}recherches", several.len()),
    };
    let mut text = format!("Bonjour {name},\n");
    for section in &news {
        section.write(&mut text, address);
    }
    let told: BTreeSet<_> = news.iter().flat_map(|section| &section.news.new).collect();
    // Writing to a text cannot fail.
    let _ = writeln!(text, "\n{}\u{a0}: {address}/dossiers?etat=tous&relance={id}", counted(told.len()));
    let _ = write!(
        text,
        "\nVous recevez ce message, une fois par jour au plus, parce que vous avez demandé à être alerté de ces recherches. \
         Pour ne plus l’être, ou les supprimer\u{a0}: {address}/recherche\n"
    );
    Message { id, name: name.clone(), email: recipient.email.clone(), written_at: now, subject, text }
}

impl Section {
    /// Writes what is new, each dossier with its address, and the list of exactly these.
    fn write(&self, text: &mut String, address: &str) {
        let Self { id, name, news: News { new, sheets, .. } } = self;
        let _ = writeln!(text, "\n«\u{a0}{name}\u{a0}»\u{a0}: {}", counted(new.len()));
        for sheet in sheets {
            let reference = &sheet.dossier.reference;
            let _ =
                writeln!(text, "- {reference}\u{a0}: {}\n  {address}/dossiers/{reference}", sheet.subject);
        }
        if let Some(more @ 1..) = new.len().checked_sub(sheets.len()) {
            let _ = writeln!(text, "… et {}.", others(more));
        }
        let _ = writeln!(text, "Toute la recherche\u{a0}: {address}/recherche/enregistrees/{id}");
    }
}
