//! What a ministry sends.

use std::io;

use pli_domain::identity::House;
use quick_xml::Writer;
use quick_xml::events::{BytesCData, BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::message::QuestionRef;
use super::{SPACE, markup};

/// The minister who answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Minister {
    /// The number of the ministry in *Réponses*.
    pub id: i32,
    /// The title in the Journal officiel: `Garde des sceaux, ministre de la justice`.
    pub title: String,
    /// The name of the ministry: `Justice`.
    pub ministry: String,
}

/// An answer to one question, or to several at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The questions that it answers, the lead question first.
    pub questions: Vec<QuestionRef>,
    /// The signed text, plain.
    pub text: String,
}

/// Why a request is not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The message takes one answer at least.
    #[error("Aucune réponse à transmettre.")]
    NoAnswer,
    /// An answer without a question.
    #[error("Une réponse ne nomme aucune question.")]
    NoQuestion,
    /// What *Réponses* would refuse.
    #[error("Réponse refusée d’avance : {0}.")]
    Markup(#[from] markup::Forbidden),
    /// The file cannot be written.
    #[error("Écriture impossible.")]
    Io(#[from] io::Error),
}

/// Writes the request `envoyerReponses`.
///
/// # Errors
/// [`WriteError`] when there is nothing to send, or it cannot be written.
pub fn write(minister: &Minister, answers: &[Answer], out: impl io::Write) -> Result<(), WriteError> {
    if answers.is_empty() {
        return Err(WriteError::NoAnswer);
    }
    let mut xml = Xml(Writer::new_with_indent(out, b' ', 2));
    xml.declaration()?;
    let spaces = [("r", "reponses"), ("c", "commons")];
    xml.root("envoyerReponsesRequest", "WSreponse", &spaces)?;
    for answer in answers {
        if answer.questions.is_empty() {
            return Err(WriteError::NoQuestion);
        }
        let html = markup::from_text(&answer.text);
        markup::check(&html)?;
        xml.open("reponseQuestion")?;
        for question in &answer.questions {
            xml.question("r:id_questions", *question)?;
        }
        xml.open("r:reponse")?;
        xml.minister(minister)?;
        xml.marked("r:texte_reponse", &html)?;
        xml.close("r:reponse")?;
        xml.close("reponseQuestion")?;
    }
    xml.close("envoyerReponsesRequest")?;
    Ok(xml.end()?)
}

/// Writes the request `chercherQuestions` for what follows a jeton.
///
/// # Errors
/// When it cannot be written.
pub fn ask_questions(token: &str, out: impl io::Write) -> io::Result<()> {
    let mut xml = Xml(Writer::new_with_indent(out, b' ', 2));
    xml.declaration()?;
    xml.root("chercherQuestionsRequest", "WSquestion", &[])?;
    xml.text("jeton_questions", token)?;
    xml.close("chercherQuestionsRequest")?;
    xml.end()
}

/// An XML document that is being written.
struct Xml<W>(Writer<W>);

impl<W: io::Write> Xml<W> {
    fn declaration(&mut self) -> io::Result<()> {
        self.0.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))
    }

    /// Opens the root: its own namespace is the default one, others have a prefix.
    fn root(&mut self, name: &str, space: &str, others: &[(&str, &str)]) -> io::Result<()> {
        let mut start = BytesStart::new(name);
        start.push_attribute(("xmlns", format!("{SPACE}{space}").as_str()));
        for (prefix, space) in others {
            start.push_attribute((format!("xmlns:{prefix}").as_str(), format!("{SPACE}{space}").as_str()));
        }
        self.0.write_event(Event::Start(start))
    }

    fn open(&mut self, name: &str) -> io::Result<()> {
        self.0.write_event(Event::Start(BytesStart::new(name)))
    }

    fn close(&mut self, name: &str) -> io::Result<()> {
        self.0.write_event(Event::End(BytesEnd::new(name)))
    }

    /// An element that holds a text.
    fn text(&mut self, name: &str, text: &str) -> io::Result<()> {
        let text: String = text.chars().filter(|character| markup::in_xml(*character)).collect();
        self.open(name)?;
        self.0.write_event(Event::Text(BytesText::new(&text)))?;
        self.close(name)
    }

    /// An element that holds HTML, in as many sections as keep it whole: none may hold `]]>`.
    fn marked(&mut self, name: &str, html: &str) -> io::Result<()> {
        self.open(name)?;
        for section in BytesCData::escaped(html) {
            self.0.write_event(Event::CData(section))?;
        }
        self.close(name)
    }

    fn question(&mut self, name: &str, question: QuestionRef) -> io::Result<()> {
        let source = match question.house {
            House::Assembly => "AN",
            House::Senate => "SENAT",
        };
        self.open(name)?;
        self.text("c:numero_question", &question.number.to_string())?;
        self.text("c:type", question.kind.code())?;
        self.text("c:source", source)?;
        self.text("c:legislature", &question.legislature.to_string())?;
        self.close(name)
    }

    fn minister(&mut self, minister: &Minister) -> io::Result<()> {
        let mut start = BytesStart::new("r:ministre_reponse");
        start.push_attribute(("id", minister.id.to_string().as_str()));
        self.0.write_event(Event::Start(start))?;
        self.text("c:titre_jo", &minister.title)?;
        self.text("c:intitule_min", &minister.ministry)?;
        self.close("r:ministre_reponse")
    }

    fn end(mut self) -> io::Result<()> {
        self.0.get_mut().write_all(b"\n")?;
        self.0.get_mut().flush()
    }
}
