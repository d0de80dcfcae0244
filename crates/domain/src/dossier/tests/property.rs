//! Whatever is asked, by whomever: the journal replayed gives the dossier.

use super::*;
use crate::ids::{CompartmentId, EliminationId};

/// Any command, with words that are sometimes missing and units that sometimes do not exist.
pub(super) fn any_command() -> impl Strategy<Value = Command> {
    let unit = || (1_u128..7).prop_map(|number| UnitId(Uuid::from_u128(number)));
    let words = || prop_oneof![Just(String::new()), Just(note())];
    let rule = || {
        const CODES: [&str; 5] =
            [code::CRPA_SILENCE, code::PETITION_INTERNAL, code::AN_QE, code::QE_INTERNAL, "nulle"];
        prop::sample::select(CODES.as_slice()).prop_map(str::to_owned)
    };
    let until = || prop_oneof![Just(day("2026-11-20")), Just(day("2027-01-10")), Just(day("2027-02-20"))];
    let on = || prop_oneof![Just(day("2026-11-18")), Just(day("2026-11-21")), Just(day("2026-11-23"))];
    let point = move || {
        use Discrepancy::{Ending, Publication, Renewals, Returned, Signalment, Transferred};
        let ministry = "Intérieur".to_owned();
        prop_oneof![
            on().prop_map(|on| Publication { on }),
            on().prop_map(|on| Signalment { on }),
            (0_u32..2).prop_map(|count| Renewals { count }),
            (prop::sample::select(Outcome::VARIANTS), on()).prop_map(|(outcome, on)| Ending { outcome, on }),
            on().prop_map(move |on| Transferred { ministry: ministry.clone(), on }),
            on().prop_map(|on| Returned { on }),
        ]
    };
    prop_oneof![
        (unit(), prop::collection::vec(unit(), 0..2), prop::collection::vec(unit(), 0..2))
            .prop_map(|(lead, contributors, informed)| Command::Route { lead, contributors, informed }),
        Just(Command::Accept),
        (1_u128..3)
            .prop_map(|number| { Command::Reserve { compartment: CompartmentId(Uuid::from_u128(number)) } }),
        words().prop_map(|note| Command::Release { note }),
        words().prop_map(|note| Command::Freeze { note }),
        words().prop_map(|note| Command::Unfreeze { note }),
        (words(), words(), words()).prop_map(|(sender, subject, note)| Command::CorrectSender {
            sender,
            subject,
            note
        }),
        (899_u128..902).prop_map(|id| Command::Disclose { request: DossierId(Uuid::from_u128(id)) }),
        Just(Command::Eliminate {
            list: EliminationId(Uuid::nil()),
            approved_by: [2, 3].map(|id| UserId(Uuid::from_u128(id)))
        }),
        (prop::sample::select(DeclineReason::VARIANTS), prop::option::of(unit()), words())
            .prop_map(|(reason, proposed, note)| Command::Decline { reason, proposed, note }),
        unit().prop_map(|lead| Command::Reroute { lead }),
        words().prop_map(|text| Command::Draft { text }),
        Just(Command::Submit),
        Just(Command::Approve),
        words().prop_map(|note| Command::SendBack { note }),
        Just(Command::Sign),
        (on(), words()).prop_map(|(on, tracking)| Command::Dispatch { channel: Channel::Post, on, tracking }),
        (on(), words()).prop_map(|(on, note)| Command::AnswerByPhone { on, note }),
        words().prop_map(|note| Command::ProposeFiling { note }),
        Just(Command::File),
        words().prop_map(|note| Command::Redirect { note }),
        (899_u128..902).prop_map(|id| Command::MarkDuplicate { of: DossierId(Uuid::from_u128(id)) }),
        words().prop_map(|note| Command::Cancel { note }),
        words().prop_map(|note| Command::Reopen { note }),
        Just(Command::Transmit),
        words().prop_map(|note| Command::RecallAnswer { note }),
        on().prop_map(|on| Command::Publish { on }),
        on().prop_map(|on| Command::Withdraw { on }),
        on().prop_map(|on| Command::Lapse { on }),
        on().prop_map(|on| Command::Convert { on }),
        words().prop_map(|ministry| Command::RequestTransfer { ministry }),
        on().prop_map(|on| Command::AcceptTransfer { on }),
        Just(Command::RefuseTransfer),
        (words(), on()).prop_map(|(ministry, on)| Command::Rename { ministry, on }),
        (words(), on()).prop_map(|(ministry, on)| Command::HandOver { ministry, on }),
        on().prop_map(|on| Command::Signal { on }),
        on().prop_map(|on| Command::Renew { on }),
        on().prop_map(|on| Command::RecallNotice { on }),
        on().prop_map(|on| Command::Correct { on }),
        (on(), words()).prop_map(|(on, attendee)| Command::PlanSitting { on, attendee }),
        on().prop_map(|on| Command::Acknowledge { on }),
        (rule(), on(), until(), words()).prop_map(|(rule, from, until, note)| Command::Suspend {
            rule,
            from,
            until,
            note
        }),
        (rule(), on()).prop_map(|(rule, on)| Command::Resume { rule, on }),
        (rule(), until(), words()).prop_map(|(rule, until, note)| Command::RequestExtension {
            rule,
            until,
            note
        }),
        (rule(), words()).prop_map(|(rule, note)| Command::GrantExtension { rule, note }),
        (rule(), words()).prop_map(|(rule, note)| Command::RefuseExtension { rule, note }),
        (rule(), until()).prop_filter_map("no such rule", |(rule, start)| {
            Some(Command::Reschedule { due: Delays::seed().due(&rule, start)? })
        }),
        point().prop_map(|discrepancy| Command::Rectify { discrepancy }),
        point().prop_map(|discrepancy| Command::Realign { discrepancy }),
        (point(), words()).prop_map(|(discrepancy, note)| Command::Dismiss { discrepancy, note }),
        (0_u8..3, words()).prop_map(|(which, name)| Command::Attach { attachment: document(which), name }),
    ]
}

proptest! {
    /// Any sequence of accepted commands leaves the replayed journal equal to the state; what is accepted was offered,
    /// an event reads back as it was written, and no event names a step that the table does not have.
    #[test]
    fn replay_gives_the_state(
        letter in any::<bool>(),
        acts in prop::collection::vec((any_command(), 0..Role::VARIANTS.len() + 1), 0..60),
    ) {
        let office = Office::new();
        let mut dossier = if letter { office.letter() } else { question(17, "2026-11-17") };
        let begun = dossier.clone();
        let mut events = Vec::new();
        for (command, by) in acts {
            let mut actor = Role::VARIANTS.get(by).map_or_else(Actor::feed, |role| office.person(*role));
            actor.compartments.insert(CompartmentId(Uuid::from_u128(1)));
            let offered = dossier.allowed(&actor, &office.organisation);
            let Ok(event) = dossier.decide(&actor, &command, &office.facts()) else { continue };
            prop_assert!(offered.contains(&command.action()));
            prop_assert_eq!(event.action(), command.action());
            prop_assert_eq!(event.note().is_some(), command.note().is_some());
            let kept: Event = serde_json::from_str(&serde_json::to_string(&event).unwrap()).unwrap();
            prop_assert_eq!(&kept, &event);
            dossier = dossier.evolve(&event).unwrap();
            events.push(kept);
        }
        let replayed = events.iter().try_fold(begun, Dossier::evolve).unwrap();
        prop_assert_eq!(replayed, dossier);
    }
}
