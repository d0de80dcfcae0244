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
        write!(out, "{} : {}", self.source, self.reason)
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
    #[error("Ce fichier est trop volumineux pour être lu.")]
    TooLarge,
    /// Not JSON, or not whole.
    #[error("Ce fichier n'est pas du JSON valide (ligne {line}).")]
    NotJson {
        /// The line where reading stopped, from 1.
        line: usize,
    },
    /// JSON, but no question in it.
    #[error("Ce fichier ne contient pas de question de l'Assemblée nationale.")]
    NotAQuestion,
    /// A question, but not laid out as questions are.
    #[error("Cette question n'a pas la forme attendue.")]
    UnexpectedShape {
        /// What the parser met, in its own words: for the log, not for users.
        detail: String,
    },
    /// A question without a name.
    #[error("L'identifiant de la question manque.")]
    MissingIdentifier,
    /// A name that is none of the Assemblée's questions.
    #[error("Identifiant de question inconnu : {uid}.")]
    UnknownIdentifier {
        /// The identifier.
        uid: String,
    },
    /// A type of question that Pli does not follow (`QM`, `QST`).
    #[error("Le type de question {code} n'est pas suivi ({uid}).")]
    UnknownType {
        /// The identifier.
        uid: String,
        /// The code of the type.
        code: String,
    },
    /// The number in the record is not the one in its identifier.
    #[error("Le numéro {found} ne correspond pas à l'identifiant {uid}.")]
    NumberMismatch {
        /// The identifier.
        uid: String,
        /// The number in the record.
        found: String,
    },
    /// The legislature in the record is not the one in its identifier.
    #[error("La législature {found} ne correspond pas à l'identifiant {uid}.")]
    LegislatureMismatch {
        /// The identifier.
        uid: String,
        /// The legislature in the record.
        found: String,
    },
    /// The type in the record is not the one in its identifier.
    #[error("Le type {found} ne correspond pas à l'identifiant {uid}.")]
    TypeMismatch {
        /// The identifier.
        uid: String,
        /// The type in the record.
        found: String,
    },
    /// A date that is no date. Deadlines run from dates, so it is not passed over.
    #[error("Date illisible : « {text} ».")]
    UnreadableDate {
        /// The text that stands where a date should.
        text: String,
    },
}

impl RejectReason {
    /// A name for programs, which stays when the sentence changes.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::TooLarge => "too_large",
            Self::NotJson { .. } => "not_json",
            Self::NotAQuestion => "not_a_question",
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
    #[error("Impossible de lire {path} : {}.", in_french(.cause))]
    Unreadable {
        /// The path that was asked for.
        path: String,
        /// What the system says.
        #[source]
        cause: io::Error,
    },
    /// It begins like a zip but is none.
    #[error("Archive illisible : {path}. Le téléchargement est peut-être incomplet.")]
    BrokenArchive {
        /// The path that was asked for.
        path: String,
        /// What the zip reader says.
        #[source]
        cause: zip::result::ZipError,
    },
    /// Neither a zip, nor a folder, nor JSON.
    #[error("{path} n'est ni une archive zip, ni un dossier, ni un fichier JSON.")]
    NotRecognised {
        /// The path that was asked for.
        path: String,
    },
}

/// The system speaks English; its own words stay in the cause.
fn in_french(cause: &io::Error) -> &'static str {
    match cause.kind() {
        io::ErrorKind::NotFound => "il n'existe pas",
        io::ErrorKind::PermissionDenied => "l'accès est refusé",
        _ => "erreur du système",
    }
}
