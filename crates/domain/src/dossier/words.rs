//! The words of a dossier. They stand beside its journal, which holds their digest; once it is eliminated, others stand in their
//! place.

use super::{Body, Dossier};
use crate::digest::Digest;
use crate::retention::{ELIMINATED_SENDER, ELIMINATED_SUBJECT};

impl Dossier {
    /// What stands in the place of subject and sender once these are taken out.
    #[must_use]
    pub fn stand_ins(&self) -> (&'static str, Option<&'static str>) {
        (ELIMINATED_SUBJECT, self.question().is_none().then_some(ELIMINATED_SENDER))
    }

    /// Whether these subject and sender are what its journal says: the words of the digest, or what stands in their place.
    #[must_use]
    pub fn bears(&self, subject: &str, sender: Option<&str>) -> bool {
        if self.eliminated_on.is_some() {
            return (subject, sender) == self.stand_ins();
        }
        let words = match (&self.body, sender) {
            (Body::Mail(_), Some(sender)) => Digest::of([sender, subject]),
            _ => Digest::of([subject]),
        };
        words == self.content
    }
}
