//! A letter goes from hand to hand.

use anyhow::Result;
use pli_domain::dossier::{Outcome, Stage};
use pli_tests::Person::{Approver, Clerk, Coordinator, Correspondent, Drafter, Prisons, Signatory};
use pli_tests::browser::{Browser, ENTER, Look};
use pli_tests::samples::{petition, route};
use pli_tests::{Engine, PASSWORD};

use crate::desk::{Desk, plain};

pli_tests::on_both!(a_letter_goes_from_the_clerk_to_its_answer, a_declined_letter_goes_to_the_unit_proposed);

/// The reference of the first letter.
const FIRST: &str = "SG-2026-A-000001";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_goes_all_the_way_without_javascript() -> Result<()> {
    all_the_way(&Desk::open(Engine::Sqlite, plain()).await?, "sans-javascript").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_is_declined_without_javascript() -> Result<()> {
    decline(&Desk::open(Engine::Sqlite, plain()).await?, "sans-javascript").await
}

async fn a_letter_goes_from_the_clerk_to_its_answer(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine, Look::default()).await?;
    all_the_way(&desk, &format!("{engine:?}").to_lowercase()).await
}

async fn a_declined_letter_goes_to_the_unit_proposed(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine, Look::default()).await?;
    decline(&desk, &format!("{engine:?}").to_lowercase()).await
}

/// Signs in and registers a letter without touching the mouse, from the address bar to the letter's page.
async fn register_by_keyboard(browser: &Browser) -> Result<()> {
    browser.go("/").await?;
    browser.tab_to("connexion-login").await?;
    browser.keys(Clerk.login()).await?;
    browser.tab_to("connexion-password").await?;
    browser.keys(PASSWORD).await?;
    browser.keys_away(ENTER).await?;
    browser.tab_to("Enregistrer un courrier").await?;
    browser.keys_away(ENTER).await?;
    // A date is typed as an American does: see `Browser::fill`.
    let typed = [
        ("sender", "Mme Élise Garonne, Saint-Béat"),
        ("subject", "Aide juridictionnelle : délai d’instruction"),
        ("category", "Requête"),
        ("channel", "Courriel"),
        ("documentOn", "11162026"),
        ("receivedOn", "11192026"),
    ];
    for (field, keys) in typed {
        browser.tab_to(&format!("register-{field}")).await?;
        browser.keys(keys).await?;
    }
    browser.tab_to("Enregistrer").await?;
    browser.keys_away(ENTER).await
}

async fn all_the_way(desk: &Desk, name: &str) -> Result<()> {
    let browser = &desk.browser;
    register_by_keyboard(browser).await?;
    assert_eq!(browser.path().await?, format!("/dossiers/{FIRST}?fait=register"));
    assert_eq!(browser.text(".done").await?, "Vous avez enregistré le courrier.");
    assert_eq!(browser.title().await?, format!("Courrier {FIRST} – Pli"));
    // Received on 19 November, a petition has two months.
    let situation = browser.text(".summary").await?;
    assert!(situation.contains("19/01/2027 58 jours restants"), "{situation}");

    browser.fill("route-lead", "DACS").await?;
    browser.press("Attribuer").await?;
    desk.next(Correspondent, FIRST).await?.press("Accepter").await?;
    desk.next(Drafter, FIRST).await?;
    browser.fill("draft-text", "Madame,\n\nVous avez appelé mon attention sur votre dossier.").await?;
    browser.press("Enregistrer le projet").await?;
    desk.later();
    browser.screenshot(&format!("lettre-redaction-{name}")).await?;
    browser.press("Soumettre au visa").await?;
    desk.next(Approver, FIRST).await?.press("Viser").await?;
    desk.next(Signatory, FIRST).await?;
    browser.screenshot(&format!("lettre-signature-{name}")).await?;
    browser.press("Signer").await?;
    desk.next(Clerk, FIRST).await?;
    browser.fill("dispatch-tracking", "2C 147 308 9921 4").await?;
    browser.press("Expédier").await?;

    let page = browser.main().await?;
    assert!(page.contains("Rien n’est attendu de vous sur ce dossier."), "{page}");
    assert!(page.contains("Réponse partie sous le n° SG-2026-D-000001"), "{page}");
    assert!(page.contains("Vous avez appelé mon attention sur votre dossier."), "{page}");
    let situation = browser.text(".summary").await?;
    assert!(situation.contains("Répondu") && situation.contains("répondu dans le délai"), "{situation}");
    assert_eq!(
        browser.texts("table.journal tbody tr").await?,
        [
            "22/11/2026 à 10 h 00 Nadège Trémolat a enregistré le courrier Enregistré",
            "22/11/2026 à 10 h 00 Nadège Trémolat a attribué le dossier à DACS Enregistré → puis Attribué",
            "22/11/2026 à 10 h 10 Inès Berthaumieux a accepté le dossier Attribué → puis En rédaction",
            "22/11/2026 à 10 h 20 Mathis Carrouzel a enregistré un projet de réponse version 1 En rédaction",
            "22/11/2026 à 10 h 30 Mathis Carrouzel a soumis le projet au visa version 1 En rédaction → puis Au visa",
            "22/11/2026 à 10 h 40 Clotilde Ansermont a visé le projet version 1 Au visa → puis À la signature",
            "22/11/2026 à 10 h 50 Rodolphe Maistrenay a signé la réponse version 1 À la signature → puis À expédier",
            "22/11/2026 à 11 h 00 Nadège Trémolat a expédié la réponse SG-2026-D-000001, courriel, le 22/11/2026 \
             2C 147 308 9921 4 À expédier → puis Répondu",
        ]
    );
    assert_eq!(desk.stored(FIRST).await?.dossier.stage, Stage::Closed(Outcome::Answered));
    assert_eq!(desk.office().faults().await?, Vec::<String>::new());
    browser.screenshot(&format!("lettre-repondue-{name}")).await
}

async fn decline(desk: &Desk, name: &str) -> Result<()> {
    let browser = &desk.browser;
    desk.letter(petition("Accès aux soins dentaires"), [(Coordinator, route(desk.office().unit("DACS")?))])
        .await?;
    desk.next(Correspondent, FIRST).await?;
    browser.unfold("decline").await?;
    browser.fill("decline-reason", "other_unit").await?;
    browser.fill("decline-proposed", "DAP").await?;
    browser.fill("decline-note", "Le demandeur est détenu : la question est de santé en détention.").await?;
    browser.screenshot(&format!("refus-{name}")).await?;
    browser.press("Refuser").await?;
    // It is not theirs any more: they are told so, on their list.
    let told = "Vous avez refusé le dossier. Il ne figure plus dans vos dossiers.";
    assert_eq!(browser.text(".done").await?, told);
    assert_eq!(browser.path().await?, "/dossiers?fait=decline");

    desk.next(Coordinator, FIRST).await?;
    let refusal = browser.text(".notice").await?;
    for said in ["Refusé par DACS – ", "Relève d’un autre service", "service proposé : DAP – ", "détenu"]
    {
        assert!(refusal.contains(said), "{said}: {refusal}");
    }
    assert_eq!(browser.value("route-lead").await?, "DAP", "the unit proposed is chosen already");
    browser.screenshot(&format!("refus-a-attribuer-{name}")).await?;
    browser.press("Attribuer").await?;
    assert_eq!(browser.count(".notice").await?, 0);

    desk.next(Prisons, FIRST).await?.press("Accepter").await?;
    let situation = browser.text(".summary").await?;
    assert!(situation.contains("En rédaction") && situation.contains("DAP – Direction"), "{situation}");
    Ok(())
}
