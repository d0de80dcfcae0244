//! The journal: what happened, chained by hash per dossier so that no entry can be altered, added or taken out
//! without it showing.

use crate::actor::Who;
use crate::digest::Digest;
use crate::ids::DossierId;
use crate::time::Timestamp;

/// One entry, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The dossier.
    pub dossier: DossierId,
    /// Its place in the dossier's journal, from 1, without a gap.
    pub seq: u32,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub who: Who,
    /// What was done or attempted: the action's code.
    pub action: String,
    /// The stage before; empty for the first entry.
    pub from: String,
    /// The stage after; equal to `from` when refused.
    pub to: String,
    /// The event as JSON; the code of the refusal when the act was refused.
    pub payload: String,
    /// Whether the act was accepted.
    pub accepted: bool,
}

impl Entry {
    /// The entry's hash, given the previous entry's; the first entry follows the empty text.
    #[must_use]
    pub fn hash(&self, previous: Option<&Digest>) -> Digest {
        let [dossier, seq, who] = [self.dossier.to_string(), self.seq.to_string(), self.who.to_string()];
        let at = self.at.instant().timestamp_micros().to_string();
        Digest::of([
            previous.map_or("", Digest::as_str),
            &dossier,
            &seq,
            &at,
            &who,
            &self.action,
            &self.from,
            &self.to,
            &self.payload,
            if self.accepted { "accepted" } else { "refused" },
        ])
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::actor::SystemActor;

    #[test]
    fn every_field_and_the_previous_hash_count() {
        let entry = Entry {
            dossier: DossierId(uuid::Uuid::nil()),
            seq: 1,
            at: Timestamp::new("2026-11-22T10:00:00Z".parse().unwrap()),
            who: Who::System(SystemActor::Feed),
            action: "receive".to_owned(),
            from: String::new(),
            to: "received".to_owned(),
            payload: "{}".to_owned(),
            accepted: true,
        };
        let mut hashes = vec![entry.hash(None), entry.hash(Some(&entry.hash(None)))];
        for change in [
            |entry: &mut Entry| entry.dossier = DossierId(uuid::Uuid::max()),
            |entry: &mut Entry| entry.seq = 2,
            |entry: &mut Entry| entry.at = Timestamp::new("2026-11-22T10:00:00.000001Z".parse().unwrap()),
            |entry: &mut Entry| entry.who = Who::User(crate::ids::UserId(uuid::Uuid::nil())),
            |entry: &mut Entry| entry.action = "route".to_owned(),
            |entry: &mut Entry| entry.from = "received".to_owned(),
            |entry: &mut Entry| entry.to = "routed".to_owned(),
            |entry: &mut Entry| entry.payload = "{ }".to_owned(),
            |entry: &mut Entry| entry.accepted = false,
        ] {
            let mut altered = entry.clone();
            change(&mut altered);
            hashes.push(altered.hash(None));
        }
        let distinct: BTreeSet<_> = hashes.iter().collect();
        assert_eq!(distinct.len(), hashes.len());
    }
}
