//! Documents that were read lately. An application asks the same again and again, with other variables.

use std::num::NonZero;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_graphql::Request;
use async_graphql::parser::types::ExecutableDocument;
use lru::LruCache;

/// How many are kept: those of some applications. Whoever writes values into the document itself fills it with what nobody asks again.
const MOST: NonZero<usize> = NonZero::new(200).unwrap();

/// How long one may be to be kept, in bytes; read, it takes some twenty times that.
const LONGEST: usize = 4 << 10;

/// The documents that were read last, by their text.
pub(crate) struct Documents(Mutex<LruCache<String, Arc<ExecutableDocument>>>);

impl Default for Documents {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(MOST)))
    }
}

impl Documents {
    /// Gives a request its document. One that nobody can read is refused when it is run.
    pub(crate) fn read(&self, request: &mut Request) {
        let known = self.kept().get(&request.query).cloned();
        if let Some(known) = known {
            request.set_parsed_query(ExecutableDocument::clone(&known));
            return;
        }
        let read = request.parsed_query().ok().cloned();
        if let Some(read) = read.filter(|_| request.query.len() <= LONGEST) {
            self.kept().put(request.query.clone(), Arc::new(read));
        }
    }

    fn kept(&self) -> MutexGuard<'_, LruCache<String, Arc<ExecutableDocument>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_is_kept_when_it_can_be_read_and_is_short() {
        let documents = Documents::default();
        let asked = |query: &str| {
            let mut request = Request::new(query);
            documents.read(&mut request);
            format!("{:?}", request.parsed_query().ok())
        };
        let short = "query Mine($first: Int!) { dossiers(first: $first) { edges { cursor } } }";
        assert_eq!(asked(short), asked(short));
        assert_ne!(asked(short), asked("{ me { name } }"));
        assert_eq!(asked("{ me { name }"), "None");
        asked(&format!("{{ me {{ name }} }} # {}", "long ".repeat(LONGEST)));
        let kept: Vec<_> = documents.kept().iter().map(|(text, _)| text.clone()).collect();
        assert_eq!(kept, ["{ me { name } }", short]);
    }
}
