//! The acts on settings, as told afterwards.

use crate::settings::SettingsAction;

impl SettingsAction {
    /// The act as told afterwards, in the journal of settings: « a fermé le service ».
    #[must_use]
    pub fn told(self) -> &'static str {
        match self {
            Self::AddUnit => "a ajouté le service",
            Self::ChangeUnit => "a modifié le service",
            Self::CloseUnit => "a fermé le service",
            Self::ReopenUnit => "a rouvert le service",
            Self::AddPerson => "a ajouté la personne",
            Self::ChangePerson => "a modifié la personne",
            Self::GrantRole => "a donné un rôle à la personne",
            Self::RevokeRole => "a retiré un rôle à la personne",
            Self::DisableAccount => "a désactivé le compte",
            Self::EnableAccount => "a réactivé le compte",
            Self::ResetPassword => "a tiré un nouveau mot de passe pour le compte",
            Self::AllowLinks => "a autorisé les liens d’accès pour le compte",
            Self::ForbidLinks => "n’autorise plus les liens d’accès pour le compte",
            Self::ChangeDelayRule => "a modifié le délai",
            Self::AddCalendarEntry => "a ajouté au calendrier",
            Self::RemoveCalendarEntry => "a retiré du calendrier",
            Self::ChangeReminderRule => "a modifié la relance",
            Self::AddDenomination => "a ajouté la dénomination",
            Self::ChangeDenomination => "a modifié la dénomination",
            Self::RemoveDenomination => "a retiré la dénomination",
            Self::OpenCompartment => "a ouvert le compartiment",
            Self::RenameCompartment => "a renommé le compartiment",
            Self::AdmitPerson => "a donné accès au compartiment",
            Self::RemovePerson => "a retiré l’accès au compartiment",
            Self::EntrustCompartment => "a confié le compartiment",
            Self::ChangeRetention => "a modifié la durée de conservation",
            Self::ChangeGovernment => "a suivi un changement de gouvernement depuis",
            Self::ProposeElimination => "a proposé la liste d’élimination",
            Self::ChangeElimination => "a modifié la liste d’élimination",
            Self::ReviewElimination => "a approuvé la liste d’élimination",
            Self::ApproveElimination => "a approuvé, avec le visa des archives, la liste d’élimination",
            Self::ReceiveElimination => "a noté la prise en charge par les archives de la liste",
            Self::AbandonElimination => "a abandonné la liste d’élimination",
            Self::FinishElimination => "a fini d’appliquer la liste d’élimination",
        }
    }
}
