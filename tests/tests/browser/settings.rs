//! The administrator keeps the organisation and the accounts.

use anyhow::Result;
use pli_tests::Person::{Administrator, Auditor, Coordinator};
use pli_tests::browser::{ENTER, Look};
use pli_tests::samples::{petition, route};
use pli_tests::{Engine, Fine as _, PASSWORD};

use crate::desk::{Desk, plain};

pli_tests::on_both!(
    the_administrator_keeps_units,
    the_administrator_keeps_people,
    a_refused_change_says_why_and_keeps_what_was_typed,
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_settings_need_no_javascript() -> Result<()> {
    let desk = Desk::open(Engine::Sqlite, plain()).await?;
    units(&desk, "sans-javascript").await?;
    people(&desk, "sans-javascript").await?;
    refused(&desk, false).await
}

async fn the_administrator_keeps_units(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine, Look::default()).await?;
    units(&desk, &format!("{engine:?}").to_lowercase()).await
}

async fn the_administrator_keeps_people(engine: Engine) -> Result<()> {
    let desk = Desk::open(engine, Look::default()).await?;
    people(&desk, &format!("{engine:?}").to_lowercase()).await
}

async fn a_refused_change_says_why_and_keeps_what_was_typed(engine: Engine) -> Result<()> {
    refused(&Desk::open(engine, Look::default()).await?, true).await
}

/// Finds the settings by the menu, adds a unit, moves it, and closes one that leads a letter.
async fn units(desk: &Desk, name: &str) -> Result<()> {
    let browser = &desk.browser;
    let c1 = desk.office().unit("DACS-C1")?;
    desk.letter(petition("Curatelle"), [(Coordinator, route(c1))]).await?;
    browser.sign_in(Administrator).await?;
    browser.follow("Ouvrir les réglages").await?;
    assert_eq!(browser.attribute("nav a[href='/reglages']", "aria-current").await?, "page");
    browser.screenshot(&format!("reglages-{name}")).await?;
    browser.follow("Services").await?;
    let row = "tr:has(a[href='/reglages/services/DACS-C1'])";
    assert_eq!(
        browser.text(row).await?,
        "DACS-C1 Bureau du droit des personnes et de la famille Bureau DACS-C 01/01/2020 1",
        "its name, its kind, above it, its first day, and what it leads"
    );
    browser.unfold("add").await?;
    for (field, value) in [
        ("code", "dacs-c4"),
        ("name", "Bureau du droit des sûretés"),
        ("kind", "bureau"),
        ("parent", "DACS-C"),
        ("validFrom", "2026-12-01"),
    ] {
        browser.fill(&format!("add-{field}"), value).await?;
    }
    browser.press("Ajouter le service").await?;
    assert_eq!(browser.path().await?, "/reglages/services/DACS-C4?fait=add");
    assert_eq!(browser.text(".done").await?, "Le service est ajouté.");
    browser.fill("rename-name", "Bureau des sûretés").await?;
    browser.press("Renommer").await?;
    assert!(browser.text("h1").await?.ends_with("Bureau des sûretés"));
    browser.fill("move-parent", "DACS-D").await?;
    browser.press("Rattacher ailleurs").await?;
    assert!(
        browser.text(".facts").await?.contains("Rattaché à DACS-D – "),
        "{}",
        browser.text(".facts").await?
    );

    browser.go("/reglages/services/DACS-C1").await?;
    assert!(browser.text(".notice").await?.starts_with("Ce service pilote 1 dossier ouvert"));
    assert!(!browser.source().await?.contains("Curatelle"), "the administrator counts, and reads nothing");
    browser.screenshot(&format!("reglages-service-{name}")).await?;
    browser.fill("close-lastDay", "2026-11-20").await?;
    browser.press("Fermer le service").await?;
    assert!(browser.text(".facts").await?.contains("Dernier jour 20/11/2026 (fermé)"));
    browser.press("Rouvrir le service").await?;
    assert!(browser.text(".facts").await?.contains("Dernier jour Aucun"));
    browser.go("/reglages/services").await?;
    assert!(browser.main().await?.contains("DACS-C4 Bureau des sûretés"));
    browser.screenshot(&format!("reglages-services-{name}")).await
}

/// Adds a person, who signs in with the password that was shown; gives and takes roles; sends them away and back.
async fn people(desk: &Desk, name: &str) -> Result<()> {
    let browser = &desk.browser;
    browser.sign_in(Administrator).await?;
    browser.go("/reglages/personnes").await?;
    browser.screenshot(&format!("reglages-personnes-{name}")).await?;
    browser.unfold("add").await?;
    for (field, value) in [
        ("login", "perrine.ozanne"),
        ("name", "Perrine Ozanne"),
        ("email", "perrine.ozanne@justice.example"),
        ("role", "drafter"),
        ("unit", "DACS"),
    ] {
        browser.fill(&format!("add-{field}"), value).await?;
    }
    browser.press("Ajouter la personne").await?;
    let password = browser.text("#mot-de-passe").await?;
    browser.screenshot(&format!("reglages-mot-de-passe-{name}")).await?;
    browser.go("/reglages/personnes/perrine.ozanne").await?;
    assert!(!browser.source().await?.contains(&password), "it is shown once");
    browser.fill("grant-role", "approver").await?;
    browser.fill("grant-unit", "DACS-C").await?;
    browser.press("Donner le rôle").await?;
    assert_eq!(
        browser.texts(".work tbody tr").await?,
        [
            "Rédacteur DACS – Direction des affaires civiles et du sceau Retirer Rédacteur DACS",
            "Valideur DACS-C – Sous-direction du droit civil Retirer Valideur DACS-C",
        ]
    );
    browser.press("Retirer Valideur DACS-C").await?;
    assert_eq!(browser.text(".done").await?, "Le rôle est retiré.");
    assert_eq!(browser.count(".work tbody tr").await?, 1);
    browser.screenshot(&format!("reglages-personne-{name}")).await?;

    browser.press("Se déconnecter").await?;
    browser.give_name("perrine.ozanne", &password).await?;
    for (field, typed) in
        [("password", password.as_str()), ("newPassword", PASSWORD), ("newPasswordAgain", PASSWORD)]
    {
        browser.fill(&format!("choix-{field}"), typed).await?;
    }
    browser.press("Choisir ce mot de passe").await?;
    assert_eq!(browser.path().await?, "/ma-table");
    browser.sign_in(Administrator).await?;
    browser.go("/reglages/personnes?q=OZANNE&service=DACS").await?;
    browser.follow("Perrine Ozanne").await?;
    browser.press("Désactiver le compte").await?;
    assert!(browser.text(".facts").await?.contains("État Désactivé"));
    browser.press("Se déconnecter").await?;
    browser.give_name("perrine.ozanne", PASSWORD).await?;
    assert_eq!(browser.status().await?, 401);

    browser.sign_in(Administrator).await?;
    browser.go("/reglages/personnes/perrine.ozanne").await?;
    browser.press("Réactiver le compte").await?;
    browser.press("Tirer un nouveau mot de passe").await?;
    let new = browser.text("#mot-de-passe").await?;
    assert_ne!(new, password);
    browser.sign_in(Auditor).await?;
    browser.follow("Réglages").await?;
    browser.follow("Journal des réglages").await?;
    let told = browser.texts("tbody td:last-child").await?;
    let told: Vec<_> = told.iter().take(5).map(String::as_str).collect();
    assert_eq!(
        told,
        [
            "a tiré un nouveau mot de passe pour le compte perrine.ozanne",
            "a réactivé le compte perrine.ozanne Compte désactivé : oui → devient non",
            "a désactivé le compte perrine.ozanne Compte désactivé : non → devient oui",
            "a retiré un rôle à la personne perrine.ozanne Rôles : Valideur (DACS-C) et Rédacteur (DACS) → devient \
             Rédacteur (DACS)",
            "a donné un rôle à la personne perrine.ozanne Rôles : Rédacteur (DACS) → devient Valideur (DACS-C) et \
             Rédacteur (DACS)",
        ]
    );
    browser.screenshot(&format!("reglages-journal-{name}")).await
}

async fn refused(desk: &Desk, javascript: bool) -> Result<()> {
    let browser = &desk.browser;
    browser.sign_in(Administrator).await?;
    browser.go("/reglages/services").await?;
    browser.unfold("add").await?;
    browser.fill("add-code", "Éé").await?;
    browser.fill("add-name", "Bureau du droit des sûretés").await?;
    browser.press("Ajouter le service").await?;
    assert_eq!(browser.status().await?, 422);
    assert_eq!(browser.errors().await?.len(), 2, "its kind and what it is under");
    if javascript {
        assert_eq!(browser.focused().await?, "erreurs");
    }
    assert_eq!(browser.value("add-name").await?, "Bureau du droit des sûretés");
    browser.fill("add-kind", "bureau").await?;
    browser.fill("add-parent", "DACS-C").await?;
    browser.press("Ajouter le service").await?;
    let errors = browser.errors().await?;
    assert!(
        errors.len() == 1 && errors.iter().all(|error| error.starts_with("Code : Un code s’écrit")),
        "{errors:?}"
    );
    assert_eq!(browser.attribute("#add-code", "aria-invalid").await?, "true");
    browser.click("#erreurs a").await?;
    assert_eq!(browser.focused().await?, "add-code");
    browser.fill("add-code", "DACS-C8").await?;
    browser.press("Ajouter le service").await?;
    assert_eq!(browser.path().await?, "/reglages/services/DACS-C8?fait=add");

    // By keyboard, to what the rules refuse.
    let own = format!("/reglages/personnes/{}", Administrator.login());
    browser.go(&own).await?;
    browser.tab_to("Désactiver le compte").await?;
    browser.keys_away(ENTER).await?;
    let last = "C’est le dernier administrateur du ministère : donnez d’abord ce rôle à une autre personne.";
    assert_eq!(browser.errors().await?, [last]);
    browser.go(&own).await?;
    browser.press("Retirer Administrateur MJ").await?;
    assert_eq!(browser.errors().await?, [last]);
    browser.fill("change-email", "gael ploumagoar").await?;
    browser.press("Enregistrer le nom et l’adresse").await?;
    assert_eq!(browser.value("change-email").await?, "gael ploumagoar");
    assert_eq!(browser.errors().await?.len(), 1);
    assert_eq!(
        desk.office().database.store.person(Administrator.login()).await?.and_then(|one| one.email),
        Some(Administrator.email())
    );
    assert_eq!(
        desk.office().app.organisation().await.fine()?.by_code("DACS-C8").map(|unit| unit.valid_to),
        Some(None)
    );
    Ok(())
}
