//! What Pli asks of the database for one piece of work, kept to be played again without Pli.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sea_orm::Statement;
use sea_orm::sea_query::{Value, Values};
use uuid::Uuid;

/// Listens to a store, when it is told to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recorder(Arc<Heard>);

#[derive(Debug, Default)]
struct Heard {
    listening: AtomicBool,
    statements: Mutex<Vec<Statement>>,
}

impl Recorder {
    /// Hears one statement.
    pub(crate) fn hear(&self, statement: &Statement) {
        if self.0.listening.load(Ordering::Relaxed) {
            self.0.statements.lock().unwrap_or_else(PoisonError::into_inner).push(statement.clone());
        }
    }

    /// Listens from here on.
    pub(crate) fn listen(&self) {
        self.0.listening.store(true, Ordering::Relaxed);
    }

    /// What was heard since.
    pub(crate) fn stop(&self) -> Vec<Statement> {
        self.0.listening.store(false, Ordering::Relaxed);
        std::mem::take(&mut *self.0.statements.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What is new each time that something is written.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    /// The dossier.
    pub(crate) id: Uuid,
    /// Its reference.
    pub(crate) reference: String,
    /// The key of the command; only the new one counts.
    pub(crate) key: String,
}

/// The statements of one piece of work.
#[derive(Clone, Debug)]
pub(crate) struct Tape {
    /// As they were asked, in order.
    pub(crate) statements: Vec<Statement>,
    /// What was new when they were: `None` when they only read.
    pub(crate) names: Option<Names>,
}

impl Tape {
    /// The values of a statement, under other names.
    pub(crate) fn values(&self, statement: &Statement, names: Option<&Names>) -> Values {
        let values = statement.values.clone().unwrap_or(Values(Vec::new()));
        let (Some(old), Some(new)) = (&self.names, names) else { return values };
        let claim = statement.sql.contains("\"idempotency\"");
        let renamed = values.0.into_iter().map(|value| match value {
            // The key is kept as a digest.
            Value::String(Some(text)) if claim && text.len() == 64 => format!("{:0>64}", new.key).into(),
            other => renamed(other, old, new),
        });
        Values(renamed.collect())
    }
}

fn renamed(value: Value, old: &Names, new: &Names) -> Value {
    match value {
        Value::Uuid(Some(id)) if id == old.id => new.id.into(),
        Value::Bytes(Some(bytes)) if bytes == old.id.as_bytes() => new.id.as_bytes().to_vec().into(),
        Value::String(Some(text)) if text.contains(&old.reference) => {
            text.replace(&old.reference, &new.reference).into()
        }
        other => other,
    }
}
