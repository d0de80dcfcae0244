//! XML as the tree that the publishers make of it in JSON: an element that occurs once is a value, twice a list; its
//! attributes have an `@`, its own text beside them is `#text`. So one reader serves both forms.

use std::io::{BufReader, Read};
use std::ops::ControlFlow;

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};
use serde_json::{Map, Value};

use crate::bounds::Allowance;
use crate::encoding;
use crate::reject::RejectReason;

/// The most that one record may take.
const LARGEST_RECORD: u64 = 16 << 20;

/// The most elements of one record: empty ones cost more in memory than in the file.
const MOST_ELEMENTS: usize = 50_000;

/// The deepest that elements lie in each other; the real files stay below ten.
const DEEPEST: usize = 32;

/// An element that is a record: its name, and what is in it.
pub(crate) type Take<'a> = dyn FnMut(&str, Value) -> ControlFlow<()> + 'a;

/// Reads a document. Its outermost element is a record, or each element in it if `is_collection` says so of its name.
pub(crate) fn read(
    input: impl Read,
    is_collection: fn(&str) -> bool,
    take: &mut Take<'_>,
) -> Result<ControlFlow<()>, RejectReason> {
    let allowance = Allowance::new(LARGEST_RECORD);
    let text = encoding::utf8(allowance.bound(input)).map_err(|_| RejectReason::Unreadable)?;
    let mut reader = Reader::from_reader(BufReader::new(text));
    let config = reader.config_mut();
    config.expand_empty_elements = true;
    config.allow_dangling_amp = true;
    let mut tree = Tree { open: Vec::new(), outermost: None, collection: false, elements: 0 };
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        let event = reader.read_event_into(&mut buffer);
        let event = event.map_err(|error| match error {
            quick_xml::Error::Io(_) if allowance.is_spent() => RejectReason::TooLarge,
            quick_xml::Error::Io(_) => RejectReason::Unreadable,
            _ => RejectReason::NotXml { at: 0 },
        });
        match event {
            Ok(Event::Start(start)) => {
                tree.start(&start)?;
                if tree.open.len() == 1 {
                    tree.collection = is_collection(start.local_name().as_ref());
                }
                if tree.starts_record() {
                    allowance.renew();
                    tree.elements = 0;
                }
            }
            Ok(Event::End(_)) => {
                if let Some((name, value)) = tree.end()
                    && take(&name, value).is_break()
                {
                    return Ok(ControlFlow::Break(()));
                }
            }
            Ok(Event::Text(text)) => tree.text(&text.xml10_content()),
            Ok(Event::CData(text)) => tree.text(&text.xml10_content()),
            Ok(Event::GeneralRef(reference)) => tree.text(&resolved(&reference)?),
            Ok(Event::DocType(_)) => return Err(RejectReason::DocumentType),
            Ok(Event::Eof) if tree.open.is_empty() => break,
            Ok(Event::Eof) => return Err(RejectReason::NotXml { at: reader.buffer_position() }),
            Ok(_) => {}
            Err(RejectReason::NotXml { .. }) => {
                return Err(RejectReason::NotXml { at: reader.error_position() });
            }
            Err(reason) => return Err(reason),
        }
    }
    // Only now is it sure that the file is whole.
    Ok(tree.outermost.map_or(ControlFlow::Continue(()), |(name, value)| take(&name, value)))
}

/// A character, or what looks like an entity of HTML: its name stays, and is read with the text. No other entity is known.
fn resolved(reference: &BytesRef<'_>) -> Result<String, RejectReason> {
    let number = reference.resolve_char_ref().map_err(|_| RejectReason::NotXml { at: 0 })?;
    Ok(match (number, &**reference) {
        (Some(sign), _) => sign.to_string(),
        (None, "lt") => "<".to_owned(),
        (None, "gt") => ">".to_owned(),
        (None, "amp") => "&".to_owned(),
        (None, "quot") => "\"".to_owned(),
        (None, "apos") => "'".to_owned(),
        (None, name) => format!("&{name};"),
    })
}

/// An element that is not closed yet.
struct Element {
    name: String,
    members: Map<String, Value>,
    text: String,
}

struct Tree {
    open: Vec<Element>,
    outermost: Option<(String, Value)>,
    collection: bool,
    elements: usize,
}

impl Tree {
    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), RejectReason> {
        if self.open.len() >= DEEPEST {
            return Err(RejectReason::TooDeep);
        }
        self.elements = self.elements.saturating_add(1);
        if self.elements > MOST_ELEMENTS {
            return Err(RejectReason::TooLarge);
        }
        let mut members = Map::new();
        for attribute in start.attributes().with_checks(false) {
            let attribute = attribute.map_err(|_| RejectReason::NotXml { at: 0 })?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0);
            let value = value.map_err(|_| RejectReason::NotXml { at: 0 })?.into_owned();
            let key = attribute.key.into_inner();
            if !key.starts_with("xmlns") {
                members.insert(format!("@{key}"), Value::String(value));
            }
        }
        let name = start.local_name().into_inner().to_owned();
        self.open.push(Element { name, members, text: String::new() });
        Ok(())
    }

    /// Whether the element that was just begun is a record.
    fn starts_record(&self) -> bool {
        self.open.len() == if self.collection { 2 } else { 1 }
    }

    fn text(&mut self, text: &str) {
        if let Some(element) = self.open.last_mut() {
            element.text.push_str(text);
        }
    }

    /// Closes an element; the records of a collection are handed on, and forgotten.
    fn end(&mut self) -> Option<(String, Value)> {
        let Element { name, mut members, text } = self.open.pop()?;
        let text = text.trim();
        let value = match (members.is_empty(), text.is_empty()) {
            (true, true) => Value::Null,
            (true, false) => Value::String(text.to_owned()),
            (false, empty) => {
                if !empty {
                    members.insert("#text".to_owned(), Value::String(text.to_owned()));
                }
                Value::Object(members)
            }
        };
        let depth = self.open.len();
        if self.collection && depth == 1 {
            return Some((name, value));
        }
        if let Some(parent) = self.open.last_mut() {
            add(&mut parent.members, name, value);
        } else if !self.collection {
            self.outermost = Some((name, value));
        }
        None
    }
}

fn add(members: &mut Map<String, Value>, name: String, value: Value) {
    match members.get_mut(&name) {
        None => {
            members.insert(name, value);
        }
        Some(Value::Array(list)) => list.push(value),
        Some(one) => *one = Value::Array(vec![one.take(), value]),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn all(xml: &[u8]) -> Result<Vec<(String, Value)>, RejectReason> {
        let mut taken = Vec::new();
        let mut take = |name: &str, value: Value| {
            taken.push((name.to_owned(), value));
            ControlFlow::Continue(())
        };
        let flow = read(xml, |name| name.starts_with("questions"), &mut take)?;
        assert!(flow.is_continue());
        Ok(taken)
    }

    fn one(xml: &str) -> Result<Value, RejectReason> {
        all(xml.as_bytes()).map(|mut all| all.remove(0).1)
    }

    #[test]
    fn an_element_is_a_value_or_a_list() {
        let xml = "<?xml version='1.0'?><q a='1&amp;2'><n>1</n><n> 2 </n><v/><t x='y'>&lt;b&gt;&eacute;&#233;</t>\
                   <c><![CDATA[<br>&amp;]]></c></q>";
        let expected = json!({ "@a": "1&2", "n": ["1", "2"], "v": null, "t": { "@x": "y", "#text": "<b>&eacute;é" },
            "c": "<br>&amp;" });
        assert_eq!(one(xml), Ok(expected));
    }

    #[test]
    fn the_records_of_a_collection_come_one_by_one() {
        let taken =
            all(b"<x:questionsEcrites xmlns:x='y'><question>1</question><question/></x:questionsEcrites>");
        let name = || "question".to_owned();
        assert_eq!(taken, Ok(vec![(name(), json!("1")), (name(), Value::Null)]));
        assert_eq!(all(b"<questions/>"), Ok(vec![]));
    }

    #[test]
    fn what_would_cost_too_much_is_refused() {
        let bomb = "<!DOCTYPE q [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;&a;'>]><q>&b;</q>";
        assert_eq!(one(bomb), Err(RejectReason::DocumentType));
        assert_eq!(one(&"<a>".repeat(100_000)), Err(RejectReason::TooDeep));
        assert_eq!(one(&format!("<q>{}</q>", "<a/>".repeat(60_000))), Err(RejectReason::TooLarge));
        assert_eq!(one(&format!("<q>{}</q>", "a".repeat(17 << 20))), Err(RejectReason::TooLarge));
        assert!(matches!(one("<q><a></q>"), Err(RejectReason::NotXml { .. })));
        assert!(matches!(one("<q>"), Err(RejectReason::NotXml { .. })));
        // Each record has its own allowance, however many there are.
        let many = format!("<questions>{}</questions>", "<q><a/><a/></q>".repeat(40_000));
        assert_eq!(all(many.as_bytes()).unwrap().len(), 40_000);
    }

    proptest! {
        #[test]
        fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = all(&bytes);
            let _ = all(&[b"<?xml version='1.0'?><q>", &bytes[..], b"</q>"].concat());
        }

        #[test]
        fn any_markup(parts in prop::collection::vec("<[/!?]?[a-q]{0,3}( a=['\"]?[b&;]{0,3}['\"]?)?/?>|&#?x?[0-9a-z]{0,5};?|\\PC{0,4}", 0..30)) {
            let _ = all(parts.concat().as_bytes());
        }
    }
}
