//! Tapes as the text of SQL, for whoever is told what to ask: pgbench, and the functions that PostGraphile calls.

use uuid::Uuid;

use crate::tape::{Names, Tape};

/// Stands in the text for the dossier that is another each time.
const MARK: Uuid = Uuid::from_u128(0x019d_0000_0000_7000_8000_0000_5eed_5eed);

/// The statements of a tape. Where it writes, `number` is the expression that tells one dossier from another: up to 12 digits, as
/// text.
pub(crate) fn statements(tape: &Tape, number: &str) -> Vec<String> {
    let mark = MARK.to_string();
    let names = Names { id: MARK, reference: format!("SG-2018-A-{mark}"), key: mark.clone() };
    let names = tape.names.is_some().then_some(names);
    let id = format!("('019d0000-0000-7000-8000-' || lpad({number}, 12, '0'))");
    let text = |statement: &sea_orm::Statement| {
        let values = tape.values(statement, names.as_ref());
        let statement = sea_orm::Statement { values: Some(values), ..statement.clone() };
        with_literals(&statement.to_string(), |literal| {
            if literal == mark {
                return format!("{id}::uuid");
            }
            let parts: Vec<_> = literal.split(&mark).map(quoted).collect();
            if parts.len() == 1 {
                parts.concat()
            } else {
                format!("({})", parts.join(&format!(" || {id} || ")))
            }
        })
    };
    tape.statements.iter().map(text).collect()
}

/// A function in the database that does what a tape that writes does, for the dossier of a number.
pub(crate) fn function(name: &str, tape: &Tape) -> String {
    let line = |statement: String| {
        // What is read is asked for too; it has to go somewhere.
        let answers = statement.starts_with("SELECT") || statement.contains(" RETURNING ");
        format!("{statement}{};\n", if answers { " INTO unused" } else { "" })
    };
    let body: String = statements(tape, "new_number").into_iter().map(line).collect();
    format!(
        "CREATE FUNCTION {name}(new_number text) RETURNS text LANGUAGE plpgsql VOLATILE AS $function$ \
         #variable_conflict use_column\nDECLARE unused record; BEGIN\n{body}RETURN new_number; END $function$"
    )
}

/// A text as SQL writes it, without a colon, which pgbench would take for the beginning of a variable's name.
fn quoted(text: &str) -> String {
    let inner = text.replace('\\', "\\\\").replace('\'', "''").replace(':', "\\072");
    format!("E'{inner}'")
}

/// A statement, each of its texts written in another way.
fn with_literals(sql: &str, write: impl Fn(&str) -> String) -> String {
    let mut out = String::new();
    let mut letters = sql.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '\'' {
            out.push(letter);
            continue;
        }
        let escaped = out.ends_with('E');
        if escaped {
            out.pop();
        }
        let mut text = String::new();
        while let Some(letter) = letters.next() {
            match letter {
                '\'' if letters.next_if_eq(&'\'').is_some() => text.push('\''),
                '\'' => break,
                '\\' if escaped => text.extend(letters.next().map(unescaped)),
                other => text.push(other),
            }
        }
        out.push_str(&write(&text));
    }
    out
}

/// What a letter after a backslash means.
fn unescaped(letter: char) -> char {
    match letter {
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'b' => '\u{8}',
        'f' => '\u{c}',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_written_without_colons() {
        let sql = r"SELECT 'à 9:30', E'l\'heure\n', 'd''or', '' WHERE a = 'x\y'";
        let same = with_literals(sql, quoted);
        assert_eq!(same, "SELECT E'à 9\\07230', E'l''heure\n', E'd''or', E'' WHERE a = E'x\\\\y'");
    }
}
