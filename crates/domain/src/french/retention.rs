//! The words of the end of dossiers.

use super::French;
use crate::elimination::{Disposition, ListState};
use crate::retention::{Class, Fate};

french! {
    Class {
        Question => "Questions parlementaires",
        MemberLetter => "Lettres de parlementaires",
        Petition => "Requêtes de particuliers",
        Ordinary => "Autres courriers",
        Void => "Doublons et enregistrements annulés",
        Access => "Traces d’accès",
    }
    Fate {
        Keep => "Versement aux archives",
        Destroy => "Élimination",
        Sort => "Tri",
    }
    Disposition {
        Transfer => "À verser",
        Destroy => "À éliminer",
    }
    ListState {
        Proposed => "Proposée",
        Reviewed => "Approuvée une fois",
        Approved => "Approuvée",
        Done => "Appliquée",
        Abandoned => "Abandonnée",
    }
}
