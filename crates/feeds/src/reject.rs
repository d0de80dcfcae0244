//! Why a source, or one record of it, cannot be read.

use std::{fmt, io};

/// A record that could not be read. The others are not concerned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The file, by its name within the archive or the folder.
    pub source: String,
    /// What is wrong with it.
    pub reason: RejectReason,
}

// By hand: `thiserror` would take the field `source` for an error.
impl fmt::Display for Rejected {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}\u{a0}: {}", self.source, self.reason)
    }
}

impl std::error::Error for Rejected {}

/// What is wrong with a record. The sentences are for users, the codes for programs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RejectReason {
    /// The archive is damaged here, or the disk.
    #[error("Ce fichier est illisible (archive endommagée ou chiffrée, ou erreur de lecture).")]
    Unreadable,
    /// Larger than any question can be.
    #[error("Ce fichier, ou un de ses champs, est trop volumineux pour être lu.")]
    TooLarge,
    /// Not JSON, or not whole.
    #[error("Ce fichier n’est pas du JSON valide (ligne {line}).")]
    NotJson {
        /// The line where reading stopped, from 1.
        line: usize,
    },
    /// Not XML, or not whole.
    #[error("Ce fichier n’est pas du XML valide (octet {at}).")]
    NotXml {
        /// Where reading stopped.
        at: u64,
    },
    /// It declares a document type, and could have entities of its own: publishers never do.
    #[error("Ce fichier déclare un type de document (DTD)\u{a0}: il est refusé par sécurité.")]
    DocumentType,
    /// Elements within elements within elements.
    #[error("Ce fichier est trop profondément imbriqué.")]
    TooDeep,
    /// Well formed, but no question in it.
    #[error("Ce fichier ne contient pas de question parlementaire.")]
    NotAQuestion,
    /// Well formed, but no member of Parliament in it.
    #[error("Ce fichier ne contient pas d’élu.")]
    NotAMember,
    /// A line or a table without what it must have.
    #[error("La ligne {line} n’a pas la forme attendue.")]
    BrokenLine {
        /// The line, from 1.
        line: u64,
    },
    /// A table whose first line does not name what is needed.
    #[error("La colonne «\u{a0}{column}\u{a0}» manque.")]
    MissingColumn {
        /// The column.
        column: String,
    },
    /// A question, but not laid out as questions are.
    #[error("Cette question n’a pas la forme attendue.")]
    UnexpectedShape {
        /// What the parser met, in its own words: for the log, not for users.
        detail: String,
    },
    /// A question without a name.
    #[error("L’identifiant de la question manque.")]
    MissingIdentifier,
    /// A name that is none of a house's questions.
    #[error("Identifiant de question inconnu\u{a0}: {uid}.")]
    UnknownIdentifier {
        /// The identifier.
        uid: String,
    },
    /// A type of question that Pli does not follow (`QM`, `QST`).
    #[error("Le type de question {code} n’est pas suivi ({uid}).")]
    UnknownType {
        /// The identifier.
        uid: String,
        /// The code of the type.
        code: String,
    },
    /// The number in the record is not the one in its identifier.
    #[error("Le numéro {found} ne correspond pas à l’identifiant {uid}.")]
    NumberMismatch {
        /// The identifier.
        uid: String,
        /// The number in the record.
        found: String,
    },
    /// The legislature in the record is not the one in its identifier.
    #[error("La législature {found} ne correspond pas à l’identifiant {uid}.")]
    LegislatureMismatch {
        /// The identifier.
        uid: String,
        /// The legislature in the record.
        found: String,
    },
    /// The type in the record is not the one in its identifier.
    #[error("Le type {found} ne correspond pas à l’identifiant {uid}.")]
    TypeMismatch {
        /// The identifier.
        uid: String,
        /// The type in the record.
        found: String,
    },
    /// A date that is no date. Deadlines run from dates, so it is not passed over.
    #[error("Date illisible\u{a0}: «\u{a0}{text}\u{a0}».")]
    UnreadableDate {
        /// The text that stands where a date should.
        text: String,
    },
}

impl RejectReason {
    /// Whether the file itself is damaged, or made to do harm: a human should know, and what follows in it is lost.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        matches!(
            self,
            Self::Unreadable
                | Self::TooLarge
                | Self::NotJson { .. }
                | Self::NotXml { .. }
                | Self::DocumentType
                | Self::TooDeep
                | Self::MissingColumn { .. }
        )
    }

    /// A name for programs, which stays when the sentence changes.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::TooLarge => "too_large",
            Self::NotJson { .. } => "not_json",
            Self::NotXml { .. } => "not_xml",
            Self::DocumentType => "document_type",
            Self::TooDeep => "too_deep",
            Self::NotAQuestion => "not_a_question",
            Self::NotAMember => "not_a_member",
            Self::BrokenLine { .. } => "broken_line",
            Self::MissingColumn { .. } => "missing_column",
            Self::UnexpectedShape { .. } => "unexpected_shape",
            Self::MissingIdentifier => "missing_identifier",
            Self::UnknownIdentifier { .. } => "unknown_identifier",
            Self::UnknownType { .. } => "unknown_type",
            Self::NumberMismatch { .. } => "number_mismatch",
            Self::LegislatureMismatch { .. } => "legislature_mismatch",
            Self::TypeMismatch { .. } => "type_mismatch",
            Self::UnreadableDate { .. } => "unreadable_date",
        }
    }
}

/// A source that cannot even be begun.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It is not there, or may not be read.
    #[error("Impossible de lire {path}\u{a0}: {}.", in_french(.cause))]
    Unreadable {
        /// The path that was asked for.
        path: String,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
    /// It begins like a zip but is none.
    #[error("Archive illisible\u{a0}: {path}. Le téléchargement est peut-être incomplet.")]
    BrokenArchive {
        /// The path that was asked for.
        path: String,
        /// What the zip reader says.
        #[source]
        cause: zip::result::ZipError,
    },
    /// Neither a zip, nor a folder, nor a file of the expected kind.
    #[error("{path} n’est ni une archive zip, ni un dossier, ni {expected}.")]
    NotRecognised {
        /// The path that was asked for.
        path: String,
        /// What a file should have been: `un fichier JSON ou XML`.
        expected: &'static str,
    },
}

impl OpenError {
    /// What is wrong, in French, without saying where the file lay.
    #[must_use]
    pub fn without_path(&self) -> String {
        match self {
            Self::Unreadable { cause, .. } => {
                format!("Impossible de lire ce fichier\u{a0}: {}.", in_french(cause))
            }
            Self::BrokenArchive { .. } => {
                "Archive illisible. Le téléchargement est peut-être incomplet.".to_owned()
            }
            Self::NotRecognised { expected, .. } => {
                format!("Ce n’est ni une archive zip, ni un dossier, ni {expected}.")
            }
        }
    }
}

/// The system speaks English; its own words stay in the cause.
fn in_french(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::NotFound => "il n’existe pas",
        io::ErrorKind::PermissionDenied => "l’accès est refusé",
        _ => "erreur du système",
    }
}
