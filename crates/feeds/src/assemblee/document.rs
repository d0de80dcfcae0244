//! One file, JSON or XML: a question, or a collection of them.
//!
//! A collection (legislature XIV is one, of a gigabyte) is read element by element and never held whole.

use std::fmt;
use std::io::{self, BufReader, Cursor, Read};
use std::ops::ControlFlow;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{DeserializeSeed, Deserializer as _, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::error::Category;

use pli_domain::published::PublishedQuestion;

use super::{convert, former};
use crate::reject::RejectReason;
use crate::source::{looks_like_json, looks_like_markup};
use crate::xml;

/// The largest file that may hold one question: far beyond any, and little enough to hold in memory.
const LARGEST_QUESTION: u64 = 16 << 20;

/// Takes the outcomes, until it has had enough.
pub(super) type Emit<'a> = crate::source::Emit<'a, PublishedQuestion>;

/// Reads the file of `size` bytes that comes from `input`.
pub(super) fn read(mut input: impl Read, size: u64, emit: &mut Emit<'_>) -> ControlFlow<()> {
    let mut start = Vec::new();
    if input.by_ref().take(512).read_to_end(&mut start).is_err() {
        return emit(Err(RejectReason::Unreadable));
    }
    let is_xml = looks_like_markup(&start) && !looks_like_json(&start);
    let input = Cursor::new(start).chain(input);
    if is_xml { read_xml(input, emit) } else { read_json(input, size, emit) }
}

fn read_json(input: impl Read, size: u64, emit: &mut Emit<'_>) -> ControlFlow<()> {
    let mut sink = Sink { emit, state: ControlFlow::Continue(()), any: false };
    let lone = parse(input, size, &mut sink);
    sink.state?;
    match lone {
        Ok(Some(question)) => emit(question.and_then(convert::question)),
        Ok(None) if sink.any => ControlFlow::Continue(()),
        Ok(None) => emit(Err(RejectReason::NotAQuestion)),
        Err(reason) => emit(Err(reason)),
    }
}

fn read_xml(input: impl Read, emit: &mut Emit<'_>) -> ControlFlow<()> {
    let mut any = false;
    let mut take = |name: &str, value: Value| {
        any = true;
        emit(match name {
            "question" => convert::question(value),
            "QUESTION" => former::question(value),
            _ => Err(RejectReason::NotAQuestion),
        })
    };
    let done = xml::read(input, |name| name.starts_with("questions"), &mut take);
    match done {
        Ok(flow) if any => flow,
        Ok(_) => emit(Err(RejectReason::NotAQuestion)),
        Err(reason) => emit(Err(reason)),
    }
}

/// A file's one question, unless it is too large to be looked at.
type Lone = Result<Value, RejectReason>;

/// Yields the lone question of the file, if it is of that kind; only now is it sure that the file is whole.
fn parse(input: impl Read, size: u64, sink: &mut Sink<'_>) -> Result<Option<Lone>, RejectReason> {
    let text = without_mark(input).map_err(|_| RejectReason::Unreadable)?;
    let mut json = serde_json::Deserializer::from_reader(BufReader::new(text));
    let lone = json.deserialize_map(Root { size, sink }).map_err(|error| reason(&error))?;
    json.end().map_err(|error| reason(&error))?;
    Ok(lone)
}

/// The file without the byte order mark that some editors put before it.
fn without_mark(mut input: impl Read) -> io::Result<impl Read> {
    let mut head = Vec::new();
    input.by_ref().take(3).read_to_end(&mut head)?;
    if head == [0xef, 0xbb, 0xbf] {
        head.clear();
    }
    Ok(Cursor::new(head).chain(input))
}

fn reason(error: &serde_json::Error) -> RejectReason {
    match error.classify() {
        Category::Io => RejectReason::Unreadable,
        Category::Data => RejectReason::NotAQuestion,
        Category::Syntax | Category::Eof => RejectReason::NotJson { line: error.line() },
    }
}

/// Where the questions of a collection go.
struct Sink<'a> {
    emit: &'a mut Emit<'a>,
    state: ControlFlow<()>,
    any: bool,
}

impl Sink<'_> {
    /// Hands a question on; an error stops the parser, because nobody listens any more.
    fn push<E: Error>(&mut self, value: Value) -> Result<(), E> {
        self.any = true;
        self.state = (self.emit)(convert::question(value));
        if self.state.is_break() { Err(E::custom("stopped")) } else { Ok(()) }
    }
}

/// The outermost object: `{"question": {…}}` or `{"questionsEcrites": {"question": […]}}`.
struct Root<'s, 'a> {
    size: u64,
    sink: &'s mut Sink<'a>,
}

impl<'de> Visitor<'de> for Root<'_, '_> {
    type Value = Option<Lone>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a question or a collection of questions")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut members: M) -> Result<Self::Value, M::Error> {
        let mut lone = None;
        while let Some(key) = members.next_key::<String>()? {
            match key.as_str() {
                "question" if self.size <= LARGEST_QUESTION => lone = Some(Ok(members.next_value()?)),
                "question" => {
                    members.next_value::<IgnoredAny>()?;
                    lone = Some(Err(RejectReason::TooLarge));
                }
                key if key.starts_with("questions") => members.next_value_seed(Collection(self.sink))?,
                _ => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(lone)
    }
}

/// What is under `questionsEcrites`: `{"question": …}`.
struct Collection<'s, 'a>(&'s mut Sink<'a>);

impl<'de> DeserializeSeed<'de> for Collection<'_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Collection<'_, '_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a collection of questions")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut members: M) -> Result<(), M::Error> {
        while let Some(key) = members.next_key::<String>()? {
            if key == "question" {
                members.next_value_seed(Elements(self.0))?;
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// The questions of a collection: a list, or an object when there is but one.
struct Elements<'s, 'a>(&'s mut Sink<'a>);

impl<'de> DeserializeSeed<'de> for Elements<'_, '_> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Elements<'_, '_> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("questions")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut elements: S) -> Result<(), S::Error> {
        while let Some(value) = elements.next_element()? {
            self.0.push(value)?;
        }
        Ok(())
    }

    fn visit_map<M: MapAccess<'de>>(self, members: M) -> Result<(), M::Error> {
        let value = Value::deserialize(MapAccessDeserializer::new(members))?;
        self.0.push(value)
    }
}
