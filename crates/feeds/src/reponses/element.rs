//! A small tree of a message's part, read within limits. What can make a reader work without end is refused before:
//! a document type and its entities.

use quick_xml::NsReader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::ResolveResult;

use super::SPACE;
use super::read::ReadError;

/// Deeper than any message goes.
const DEEPEST: usize = 12;

/// More elements than any page holds: it bounds the memory that a message can take.
const MOST: usize = 300_000;

/// An element, by its local name: prefixes and namespaces below the root are the sender's business.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: Vec<(String, String)>,
    pub(super) text: String,
    pub(super) children: Vec<Element>,
}

impl Element {
    /// Its first child of that name.
    pub(super) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// The text of its first child of that name; `None` when there is none, or only white space.
    pub(super) fn text_of(&self, name: &str) -> Option<&str> {
        Some(self.child(name)?.text.trim()).filter(|text| !text.is_empty())
    }

    /// The texts of its children of that name.
    pub(super) fn texts_of<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.children.iter().filter(move |child| child.name == name);
        named.map(|child| child.text.trim()).filter(|text| !text.is_empty())
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Reads a whole document. It must be one message of *Réponses*.
pub(super) fn document(xml: &str) -> Result<Element, ReadError> {
    let mut reader = NsReader::from_str(xml);
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Element> = Vec::new();
    let mut elements = 0_usize;
    loop {
        let at = |reader: &NsReader<&[u8]>| usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX);
        let (space, event) = match reader.read_resolved_event() {
            Ok((space, event)) => (is_ours(&space), event),
            Err(_) => return Err(not_xml(xml, at(&reader))),
        };
        let broken = || not_xml(xml, at(&reader));
        match event {
            Event::Start(start) => {
                if open.is_empty() && !space {
                    return Err(ReadError::NotAMessage);
                }
                elements = elements.saturating_add(1);
                if open.len() >= DEEPEST || elements > MOST {
                    return Err(ReadError::TooMuch);
                }
                open.push(begin(&start).ok_or_else(broken)?);
            }
            Event::End(_) => {
                let done = open.pop().ok_or_else(broken)?;
                match open.last_mut() {
                    Some(parent) => parent.children.push(done),
                    // What may follow the root is of no interest.
                    None => return Ok(done),
                }
            }
            Event::Text(text) => say(&mut open, &text.xml10_content()),
            Event::CData(text) => say(&mut open, &text.xml10_content()),
            Event::GeneralRef(name) => {
                say(&mut open, character(&name).ok_or_else(broken)?.encode_utf8(&mut [0; 4]));
            }
            Event::DocType(_) => return Err(ReadError::DocumentType),
            Event::Eof => return Err(broken()),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) | Event::Empty(_) => {}
        }
    }
}

fn is_ours(space: &ResolveResult<'_>) -> bool {
    matches!(space, ResolveResult::Bound(space) if space.as_ref().starts_with(SPACE))
}

fn begin(start: &BytesStart<'_>) -> Option<Element> {
    let attributes = start.attributes().map(|attribute| {
        let attribute = attribute.ok()?;
        let value = attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0).ok()?.into_owned();
        Some((attribute.key.local_name().as_ref().to_owned(), value))
    });
    Some(Element {
        name: start.local_name().as_ref().to_owned(),
        attributes: attributes.collect::<Option<_>>()?,
        ..Element::default()
    })
}

fn say(open: &mut [Element], text: &str) {
    if let Some(element) = open.last_mut() {
        element.text.push_str(text);
    }
}

/// The character that a reference names: by its number, or one of the five that XML knows without a document type.
fn character(name: &BytesRef<'_>) -> Option<char> {
    if name.is_char_ref() {
        return name.resolve_char_ref().ok().flatten();
    }
    match name.xml10_content().as_ref() {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "apos" => Some('\''),
        "quot" => Some('"'),
        _ => None,
    }
}

fn not_xml(xml: &str, position: usize) -> ReadError {
    let before = xml.as_bytes().iter().take(position);
    ReadError::NotXml { line: before.filter(|byte| **byte == b'\n').count().saturating_add(1) }
}
