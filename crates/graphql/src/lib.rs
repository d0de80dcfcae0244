//! The API: GraphQL on top of the use cases.
//!
//! - A resolver is a few lines: read the arguments, call a use case, wrap the answer.
//! - Whoever asks comes in with the request ([`Api::execute`]); loaders are made per request and hold their scope.
//! - Refusals are in the payload (`userErrors`), the rest are errors with `extensions.code`.
//!
//! To add a command: a resolver in `mutations/`, which builds the domain's `Command` and calls [`pli_app::App::act`];
//! then `cargo xtask generate` writes `schema.graphql` again.

// Each part of `Query` stands within the one before it.
#![recursion_limit = "256"]
#![expect(clippy::unused_async, reason = "async-graphql wants every resolver to be async")]
#![expect(clippy::duplicated_attributes, reason = "clippy takes the fields of an interface for repetitions")]

mod account;
mod agenda;
mod batches;
mod compartments;
mod delays;
mod denominations;
mod discrepancies;
mod documents;
mod dossier;
mod eliminations;
mod enums;
mod error;
mod government;
mod identities;
mod ids;
mod imports;
mod intake;
mod journal;
mod links;
mod lists;
mod loaders;
mod members;
mod mutations;
mod organisation;
mod parts;
mod personal;
mod proof;
mod published;
mod query;
mod record;
mod retards;
mod retention;
mod saved;
mod search;
mod settings;
mod stage;
mod statistics;
mod subscription;
mod trend;

pub use async_graphql::parser::types::OperationType;
use async_graphql::{Name, Pos, Request, Response, SDLExportOptions, Schema, ServerError};
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use pli_app::{App, Bearer, Caller, Means};
use pli_domain::account::TokenScope;

use crate::documents::Documents;
use crate::loaders::Loaders;
use crate::mutations::Mutation;
use crate::query::Query;
use crate::subscription::Feed;

/// Deep enough for introspection, which needs 13.
const DEPTH: usize = 16;

/// What a request may cost: a list counts as often as the items it may hold.
const COMPLEXITY: usize = 10_000;

/// The API of one Pli.
pub struct Api {
    app: App,
    schema: Schema<Query, Mutation, Feed>,
    documents: Documents,
}

impl Api {
    /// The API on some use cases. `open`: whether strangers may read the schema and be told the names that they nearly
    /// wrote (demonstration); otherwise neither.
    #[must_use]
    pub fn new(app: App, open: bool) -> Self {
        let mut schema = Schema::build(Query::default(), Mutation::default(), Feed)
            .limit_depth(DEPTH)
            .limit_complexity(COMPLEXITY)
            .data(app.clone());
        if !open {
            schema = schema.disable_introspection().disable_suggestions();
        }
        Self { app, schema: schema.finish(), documents: Documents::default() }
    }

    /// Reads the document of a request; what the operation is that would be run. `None` for a document that cannot be read, which
    /// is refused later on, and for one of which nobody knows which operation is meant, unless one of them acts.
    #[must_use]
    pub fn read(&self, request: &mut Request) -> Option<OperationType> {
        self.documents.read(request);
        kind(request)
    }

    /// Answers a request. What only reads does so on the connection on which the caller came in; an act gives it back.
    pub async fn execute(&self, caller: Option<Caller>, mut request: Request) -> Response {
        let acts = kind(&mut request) == Some(OperationType::Mutation);
        let reads = caller.as_ref().is_some_and(|caller| caller.means == Means::Token(TokenScope::Read));
        if reads && acts {
            return read_only();
        }
        let request = match caller {
            Some(caller) => {
                let caller = if acts { caller.off().await } else { caller };
                request.data(Loaders::new(self.app.clone(), caller.clone())).data(caller)
            }
            None => request,
        };
        coded(self.schema.execute(request).await)
    }

    /// Answers a subscription, as long as it lasts; `bearer` is by what the caller came in.
    #[must_use]
    pub fn follow(
        &self,
        caller: Option<Caller>,
        bearer: Option<Bearer>,
        mut request: Request,
    ) -> BoxStream<'static, Response> {
        if let (Some(caller), Some(bearer)) = (caller, bearer) {
            request = request.data(caller).data(bearer);
        }
        self.schema.execute_stream(request).map(coded).boxed()
    }
}

/// What the library itself refuses (a document, an argument, a limit) is the request's fault; each error has a code.
fn coded(mut response: Response) -> Response {
    for error in &mut response.errors {
        let extensions = error.extensions.get_or_insert_default();
        if extensions.get("code").is_none() {
            extensions.set("code", "BAD_USER_INPUT");
        }
    }
    response
}

/// As [`Api::read`], of a document that was read.
fn kind(request: &mut Request) -> Option<OperationType> {
    let wanted = request.operation_name.clone();
    let document = request.parsed_query().ok()?;
    let chosen = document
        .operations
        .iter()
        .filter(|(name, _)| wanted.is_none() || name.map(Name::as_str) == wanted.as_deref());
    let kinds: Vec<_> = chosen.map(|(_, operation)| operation.node.ty).collect();
    let acts = kinds.iter().find(|kind| **kind != OperationType::Query);
    acts.or(kinds.first()).copied()
}

/// What a token that only reads is answered when it would act: whatever the act is, and whoever it is for.
fn read_only() -> Response {
    let mut error = ServerError::new("Ce jeton ne permet que la lecture.", Some(Pos::default()));
    error.extensions.get_or_insert_default().set("code", "READ_ONLY_TOKEN");
    Response::from_errors(vec![error])
}

/// The schema as text: sorted, so that it does not depend on the order of the code.
#[must_use]
pub fn sdl() -> String {
    let options = SDLExportOptions::new().sorted_fields().sorted_arguments().sorted_enum_items();
    Schema::build(Query::default(), Mutation::default(), Feed).finish().sdl_with_options(options)
}

#[cfg(test)]
mod tests {
    /// `schema.graphql` is what the code says; `UPDATE=1` writes it again.
    #[test]
    fn the_schema_file_is_current() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema.graphql");
        let sdl = super::sdl();
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(path, &sdl).unwrap();
        }
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert!(kept == sdl, "schema.graphql is not what the code says: run `cargo xtask generate`");
    }

    /// Every type, field, argument and value says what it is.
    #[test]
    fn everything_in_the_schema_is_described() {
        let sdl = super::sdl();
        let mut described = false;
        let mut bare = Vec::new();
        let mut quoted = false;
        for line in sdl.lines().map(str::trim) {
            if line == "\"\"\"" {
                quoted = !quoted;
                described = true;
            } else if !quoted && !line.is_empty() {
                let closing =
                    line.starts_with(['}', ')']) || line.starts_with("schema") || line.starts_with("query:");
                let builtin = line.starts_with("directive")
                    || line.starts_with("mutation:")
                    || line.starts_with("subscription:");
                if !described && !closing && !builtin && !line.starts_with("\"\"\"") {
                    bare.push(line.to_owned());
                }
                described = line.starts_with("\"\"\"");
            }
        }
        assert!(bare.is_empty(), "without a description: {bare:#?}");
    }
}
