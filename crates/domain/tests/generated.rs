//! What is written from the tables: the diagrams of `docs/machines.md` and the permission matrix `docs/permissions.txt`.
//! These tests fail when the files are not what the tables say; `UPDATE=1` (`cargo xtask generate`) writes them again.

#![expect(clippy::unwrap_used, reason = "a test that cannot write fails")]

use std::fmt::Write as _;
use std::path::Path;

use pli_domain::actor::Role;
use pli_domain::dossier::{Action, Kind, MAIL, Outcome, Party, QUESTION, Stage};
use pli_domain::french::French;
use pli_domain::machine::Edge;
use pli_domain::{assignment, deadline};
use strum::VariantArray;

/// Compares a file of `docs/` with what it should hold, or writes it.
fn is_current(name: &str, wanted: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(name);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, wanted).unwrap();
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == wanted, "docs/{name} is not what the tables say: run `cargo xtask generate`");
}

/// A Mermaid diagram of a table. An act that stays where it is is left to the table below the diagram.
fn diagram<State: Copy + PartialEq, Action, Party>(
    edges: &'static [Edge<State, Action, Party>],
    name: impl Fn(State) -> String,
    action: impl Fn(&Action) -> &'static str,
) -> String {
    let node = |state| name(state).replace(':', "_");
    let mut text = "```mermaid\nstateDiagram-v2\n".to_owned();
    for edge in edges {
        for to in edge.to {
            let from = edge.from.iter().map(|from| node(*from));
            let start = edge.from.is_empty().then(|| "[*]".to_owned());
            for from in from.chain(start) {
                writeln!(text, "    {from} --> {} : {}", node(*to), action(&edge.action)).unwrap();
            }
        }
    }
    text + "```\n"
}

/// A dossier's table of edges.
fn table(edges: &'static [Edge<Stage, Action, Party>]) -> String {
    let join = |stages: &[Stage]| stages.iter().map(|stage| stage.code()).collect::<Vec<_>>().join(", ");
    let mut text = "| from | action | to | who | on the page |\n| --- | --- | --- | --- | --- |\n".to_owned();
    for edge in edges {
        let from = if edge.from.is_empty() { "–".to_owned() } else { join(edge.from) };
        let to = if edge.to.is_empty() { "same".to_owned() } else { join(edge.to) };
        let by: Vec<&str> = edge.by.iter().map(Into::into).collect();
        let (action, button) = (<&str>::from(edge.action), edge.action.french());
        writeln!(text, "| {from} | {action} | {to} | {} | {button} |", by.join(", ")).unwrap();
    }
    text
}

#[test]
fn the_diagrams_file_is_current() {
    let dossier = |edges| diagram(edges, Stage::code, |action: &Action| action.into());
    let parts = diagram(
        assignment::EDGES,
        |stage| <&str>::from(stage).to_owned(),
        |action: &assignment::AssignmentAction| action.into(),
    );
    let clocks = diagram(
        deadline::EDGES,
        |stage| <&str>::from(stage).to_owned(),
        |action: &deadline::DeadlineAction| action.into(),
    );
    let text = format!(
        "<!-- Written by `cargo xtask generate` from the tables of `crates/domain`; do not edit. -->\n\n\
         # The four state machines\n\n\
         ## A letter\n\n{}\n{}\n## A question\n\n{}\n{}\n\
         ## A unit's part in a dossier\n\n{parts}\n## A deadline\n\n{clocks}",
        dossier(MAIL),
        table(MAIL),
        dossier(QUESTION),
        table(QUESTION),
    );
    is_current("machines.md", &text);
}

#[test]
fn the_permission_matrix_file_is_current() {
    let mut text = "Who may do what at which stage. Written by `cargo xtask generate` from the tables of edges; do not edit.\n\
                    The roles of a direction count over the lead unit. `feed` is the import of the public record, `pli` is Pli\n\
                    itself when a day has come.\n"
        .to_owned();
    let closed = Outcome::VARIANTS.iter().copied().map(Stage::Closed);
    let stages: Vec<_> = Stage::OPEN.into_iter().chain(closed).collect();
    let columns = || Role::VARIANTS.iter().copied().map(Ok).chain([Err(Party::Feed), Err(Party::Pli)]);
    for kind in Kind::VARIANTS {
        write!(text, "\n{:<20} {:<16}", <&str>::from(kind), "").unwrap();
        for column in columns() {
            write!(text, " {:<13}", column.map_or_else(<&str>::from, <&str>::from)).unwrap();
        }
        text = text.trim_end().to_owned() + "\n";
        let edges = kind.edges();
        let new = edges.iter().filter(|edge| edge.from.is_empty()).map(|edge| ("–".to_owned(), edge));
        let old = stages.iter().flat_map(|stage| {
            edges.iter().filter(|edge| edge.from.contains(stage)).map(|edge| (stage.code(), edge))
        });
        for (stage, edge) in new.chain(old) {
            write!(text, "{stage:<20} {:<16}", <&str>::from(edge.action)).unwrap();
            for column in columns() {
                let may = edge.by.iter().any(|party| match column {
                    Ok(role) => party.role() == Some(role),
                    Err(part) => *party == part,
                });
                write!(text, " {:<13}", if may { "✔" } else { "✘" }).unwrap();
            }
            text = text.trim_end().to_owned() + "\n";
        }
    }
    is_current("permissions.txt", &text);
}
