//! The people of the office, one for each thing that the rules tell apart.

use pli_domain::actor::Role;

/// Someone with an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Person {
    /// Clerk of the cabinet.
    Clerk,
    /// Coordinator of the cabinet.
    Coordinator,
    /// Clerk and coordinator at once: whoever proposes and would confirm.
    Deputy,
    /// Correspondent of the DACS.
    Correspondent,
    /// Drafter of the DACS.
    Drafter,
    /// Approver of the DACS who also drafts there: whoever writes and would approve.
    Approver,
    /// Correspondent and drafter of the DAP, who has nothing to do with the DACS.
    Prisons,
    /// Signs for the ministry.
    Signatory,
    /// Watches the whole ministry.
    Manager,
    /// Keeps units and people, reads no dossier.
    Administrator,
    /// Reads everything, changes nothing.
    Auditor,
}

impl Person {
    /// Everybody.
    pub const ALL: [Self; 11] = [
        Self::Clerk,
        Self::Coordinator,
        Self::Deputy,
        Self::Correspondent,
        Self::Drafter,
        Self::Approver,
        Self::Prisons,
        Self::Signatory,
        Self::Manager,
        Self::Administrator,
        Self::Auditor,
    ];

    /// What they type to sign in; the password is [`PASSWORD`](crate::PASSWORD).
    #[must_use]
    pub fn login(self) -> &'static str {
        match self {
            Self::Clerk => "agent",
            Self::Coordinator => "coordination",
            Self::Deputy => "adjointe",
            Self::Correspondent => "chef-de-cabinet",
            Self::Drafter => "redaction",
            Self::Approver => "visa",
            Self::Prisons => "chef-de-cabinet-dap",
            Self::Signatory => "signature",
            Self::Manager => "suivi",
            Self::Administrator => "administration",
            Self::Auditor => "audit",
        }
    }

    /// Where they are told of what is due.
    #[must_use]
    pub fn email(self) -> String {
        format!("{}@justice.example", self.login())
    }

    /// As shown to others.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Clerk => "Nadège Trémolat",
            Self::Coordinator => "Étienne Vauquelas",
            Self::Deputy => "Solène Harispe",
            Self::Correspondent => "Inès Berthaumieux",
            Self::Drafter => "Mathis Carrouzel",
            Self::Approver => "Clotilde Ansermont",
            Self::Prisons => "Yannis Courtefage",
            Self::Signatory => "Rodolphe Maistrenay",
            Self::Manager => "Aïcha Delvincourt",
            Self::Administrator => "Gaël Ploumagoar",
            Self::Auditor => "Bérengère Soulhac",
        }
    }

    /// Their roles, each in the unit of that code.
    #[must_use]
    pub fn roles(self) -> &'static [(Role, &'static str)] {
        match self {
            Self::Clerk => &[(Role::Clerk, "SG-CAB")],
            Self::Coordinator => &[(Role::Coordinator, "SG-CAB")],
            Self::Deputy => &[(Role::Clerk, "SG-CAB"), (Role::Coordinator, "SG-CAB")],
            Self::Correspondent => &[(Role::Correspondent, "DACS")],
            Self::Drafter => &[(Role::Drafter, "DACS")],
            Self::Approver => &[(Role::Approver, "DACS"), (Role::Drafter, "DACS")],
            Self::Prisons => &[(Role::Correspondent, "DAP"), (Role::Drafter, "DAP")],
            Self::Signatory => &[(Role::Signatory, "MJ")],
            Self::Manager => &[(Role::Manager, "MJ")],
            Self::Administrator => &[(Role::Administrator, "MJ")],
            Self::Auditor => &[(Role::Auditor, "MJ")],
        }
    }
}
