//! Everybody can use the pages: what axe can check, what it cannot, on a wide screen and a narrow one, light and dark.

use anyhow::Result;
use pli_app::{Intake, NewPassword, Secret};
use pli_domain::actor::Role;
use pli_domain::dossier::{Command, DeclineReason, NewMail};
use pli_tests::Person::{
    Administrator, Approver, Clerk, Coordinator, Correspondent, Drafter, Manager, Prisons, Signatory,
};
use pli_tests::browser::{Browser, ENTER, Look};
use pli_tests::samples::{PNG, day, deputy, draft, letter, pdf, petition, question};
use pli_tests::{Engine, Fine as _, Person};

use crate::desk::Desk;

pub(crate) const WIDE: u32 = 1280;
/// What is left of it at 200 %.
const HALF: u32 = 640;
/// What is left of it at 400 %.
pub(crate) const NARROW: u32 = 320;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_can_be_used_by_everybody_in_light() -> Result<()> {
    every_page(false).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_page_can_be_used_by_everybody_in_the_dark() -> Result<()> {
    every_page(true).await
}

/// Walks the pages, and gathers what is wrong with them.
struct Walk {
    desk: Desk,
    theme: &'static str,
    widths: &'static [u32],
    faults: Vec<String>,
}

async fn every_page(dark: bool) -> Result<()> {
    let desk = Desk::open(Engine::Sqlite, Look { dark, ..Look::default() }).await?;
    // In the dark, only the colours are others.
    let (theme, widths) = if dark { ("sombre", &[WIDE][..]) } else { ("clair", &[WIDE, HALF, NARROW][..]) };
    let mut walk = Walk { desk, theme, widths, faults: Vec::new() };
    walk.an_empty_office().await?;
    walk.a_full_one().await?;
    walk.signatures().await?;
    walk.the_settings().await?;
    walk.the_deadlines().await?;
    walk.the_discrepancies().await?;
    walk.the_imports().await?;
    walk.the_eliminations().await?;
    walk.the_members().await?;
    walk.the_compartments().await?;
    assert_eq!(walk.faults, Vec::<String>::new(), "{}", walk.faults.join("\n"));
    Ok(())
}

impl Walk {
    async fn an_empty_office(&mut self) -> Result<()> {
        self.desk.browser.go("/connexion").await?;
        self.see("connexion").await?;
        self.desk.browser.give_name("personne", "rien").await?;
        self.see("connexion-refusee").await?;
        self.accounts().await?;
        self.visit("/accessibilite", "accessibilite").await?;
        self.desk.browser.sign_in(Clerk).await?;
        self.see("liste-vide").await?;
        self.visit("/aujourdhui", "aujourdhui-vide").await?;
        self.visit("/retards", "retards-vides").await?;
        self.visit("/courriers/nouveau", "enregistrer").await?;
        self.desk.browser.press("Enregistrer").await?;
        self.see("enregistrer-erreurs").await?;
        let scan = tempfile::Builder::new().suffix(".pdf").tempfile()?;
        std::fs::write(scan.path(), pdf("Madame"))?;
        self.desk.browser.fill("register-document", &scan.path().display().to_string()).await?;
        self.see("enregistrer-document").await?;
        self.desk.browser.press("Enregistrer").await?;
        self.see("enregistrer-document-garde").await?;
        self.visit("/questions/nouvelle", "question-nouvelle").await?;
        self.desk.browser.press("Recevoir").await?;
        self.see("question-erreurs").await?;
        self.desk.browser.sign_in(Administrator).await?;
        self.see("liste-sans-acces").await?;
        self.visit("/courriers/nouveau", "page-reservee").await?;
        self.visit("/nulle-part", "introuvable").await
    }

    /// The states of the sign-in, and one's own account.
    async fn accounts(&mut self) -> Result<()> {
        for _ in 0..10 {
            let _ = self.desk.office().come_in("personne", "rien").await;
        }
        self.desk.browser.give_name("personne", "rien").await?;
        self.see("connexion-suspendue").await?;
        let roles = [(Role::Drafter, "DACS".to_owned())];
        let drawn = Secret::password().fine()?;
        let password = NewPassword::Drawn(&drawn);
        self.desk
            .office()
            .app
            .add_account("nouvelle", "Perrine Ozanne", password, None, &roles)
            .await
            .fine()?;
        self.desk.browser.give_name("nouvelle", drawn.reveal()).await?;
        self.see("mot-de-passe-a-choisir").await?;
        self.desk.browser.press("Choisir ce mot de passe").await?;
        self.see("mot-de-passe-erreurs").await?;
        self.desk.browser.sign_in(Clerk).await?;
        self.visit("/mon-compte", "mon-compte").await?;
        self.desk.browser.press("Changer mon mot de passe").await?;
        self.see("mon-compte-erreurs").await?;
        self.desk.browser.fill("make_token-name", "Tableau de bord").await?;
        self.desk.browser.press("Créer un jeton").await?;
        self.see("mon-compte-jeton").await?;
        self.desk.browser.sign_in(Administrator).await?;
        self.visit("/reglages/acces", "journal-des-acces").await?;
        self.visit("/reglages/personnes/agent", "personne-jetons").await?;
        self.desk.browser.press("Se déconnecter").await
    }

    async fn a_full_one(&mut self) -> Result<()> {
        let office = self.desk.office();
        let steps = office.to_answer()?;
        let mut declined = office.to_drafting()?;
        declined.truncate(1);
        declined.push((
            Correspondent,
            Command::Decline {
                reason: DeclineReason::OtherUnit,
                proposed: Some(office.unit("DAP-SM-IP-DET")?),
                note: "Le demandeur est détenu.".to_owned(),
            },
        ));
        let clerk = office.caller(Clerk).await?;
        office.app.receive_question(&clerk, office.key(), question(16_458)).await.fine()?;
        let long = "Anticonstitutionnellementetsansuneespacequilaisselalignesecouperquelquepart";
        let late = self.desk.letter(letter(day("2026-06-01")?), []).await?;
        self.desk.letter(petition(long), declined.clone()).await?;
        let refused = self.desk.letter(petition("Accès aux soins dentaires"), declined).await?;

        let stages: [(usize, Person, &str); 7] = [
            (0, Clerk, "enregistre"),
            (1, Correspondent, "attribue"),
            (2, Drafter, "redaction"),
            (4, Approver, "visa"),
            (5, Signatory, "signature"),
            (6, Clerk, "expedier"),
            (7, Clerk, "repondu"),
        ];
        for (count, person, name) in stages {
            let sheet = self
                .desk
                .letter(petition("Aide juridictionnelle"), steps.iter().take(count).cloned())
                .await?;
            self.desk.next(person, &sheet.dossier.reference).await?;
            self.unfold_all().await?;
            self.see(&format!("dossier-{name}")).await?;
        }
        self.documents().await?;
        self.desk.next(Coordinator, &refused.dossier.reference).await?;
        self.see("dossier-refuse").await?;
        self.desk.browser.fill("route-lead", "").await?;
        self.desk.browser.press("Attribuer").await?;
        self.see("dossier-erreur").await?;
        self.visit("/aujourdhui", "aujourdhui").await?;
        self.visit("/dossiers/AN-17-QE-16458", "question").await?;
        self.visit(&format!("/dossiers/{}", late.dossier.reference), "dossier-en-retard").await?;
        self.desk.browser.sign_in(Correspondent).await?;
        self.visit("/ma-table", "ma-table").await?;
        self.desk.browser.sign_in(Prisons).await?;
        self.visit("/ma-table", "ma-table-vide").await?;
        self.desk.browser.sign_in(Manager).await?;
        self.visit("/dossiers?etat=tous", "liste-pleine").await?;
        self.unfold_all().await?;
        self.see("liste-colonnes").await?;
        let columns = "recu,echeance-legale,echeance-interne,retard,clos,type,situation,expediteur";
        self.visit(&format!("/dossiers?etat=tous&colonnes={columns}"), "liste-autres-colonnes").await?;
        self.visit("/dossiers?q=zzz", "liste-sans-resultat").await?;
        self.visit("/recherche?q=juridictionnelle", "recherche").await?;
        self.desk.office().app.take_snapshot().await.fine()?;
        self.visit("/retards", "retards-pleins").await?;
        self.visit("/dossiers?retard=tous&jour=2026-11-22", "liste-passee").await?;
        self.visit("/dossiers?jour=2026-11-01", "liste-sans-releve").await?;
        self.several().await
    }

    /// The same act on several dossiers.
    async fn several(&mut self) -> Result<()> {
        self.desk.browser.sign_in(Coordinator).await?;
        self.visit("/dossiers", "liste-a-cocher").await?;
        self.desk
            .browser
            .script("for (const box of document.querySelectorAll('.pick input')) box.checked = true")
            .await?;
        self.desk.browser.fill("lot-acte", "reroute").await?;
        self.desk.browser.press("Prévisualiser").await?;
        self.see("lot").await?;
        self.desk.browser.press("Prévisualiser").await?;
        self.see("lot-erreur").await?;
        self.desk.browser.fill("reroute-lead", "DAP").await?;
        self.desk.browser.press("Prévisualiser").await?;
        self.see("lot-apercu-plein").await?;
        self.desk.browser.script("document.querySelector('#confirmer button').click()").await?;
        self.desk.browser.wait_for("[role=status]").await?;
        self.see("lot-fait-plein").await?;
        self.visit("/dossiers/lot?acte=accept", "lot-sans-rien").await
    }

    async fn the_settings(&mut self) -> Result<()> {
        self.desk.browser.sign_in(Administrator).await?;
        self.visit("/reglages", "reglages").await?;
        self.visit("/reglages/journal", "reglages-journal-vide").await?;
        self.visit("/reglages/services", "reglages-services").await?;
        self.desk.browser.unfold("add").await?;
        self.desk.browser.press("Ajouter le service").await?;
        self.see("reglages-services-erreurs").await?;
        self.visit("/reglages/services/DACS", "reglages-service").await?;
        self.desk.browser.fill("close-lastDay", "2026-11-20").await?;
        self.desk.browser.press("Fermer le service").await?;
        self.see("reglages-service-erreur").await?;
        self.visit("/reglages/services/MJ", "reglages-ministere").await?;
        self.visit("/reglages/personnes", "reglages-personnes").await?;
        self.desk.browser.unfold("add").await?;
        self.desk.browser.press("Ajouter la personne").await?;
        self.see("reglages-personnes-erreurs").await?;
        self.visit("/reglages/personnes?q=zzz", "reglages-personnes-aucune").await?;
        self.visit("/reglages/personnes/visa", "reglages-personne").await?;
        self.desk.browser.press("Tirer un nouveau mot de passe").await?;
        self.see("reglages-mot-de-passe").await?;
        self.desk.browser.press("Retirer Valideur DACS").await?;
        self.desk.browser.press("Désactiver le compte").await?;
        self.see("reglages-personne-desactivee").await?;
        self.visit("/reglages/personnes/administration", "reglages-soi").await?;
        self.desk.browser.press("Désactiver le compte").await?;
        self.see("reglages-soi-refus").await?;
        self.visit("/reglages/journal", "reglages-journal").await
    }

    /// A dossier with a document of each kind, all shown.
    async fn documents(&mut self) -> Result<()> {
        let office = self.desk.office();
        let sheet = self.desk.letter(petition("Avec des documents"), office.to_drafting()?).await?;
        let named = "un-nom-de-fichier-sans-une-espace-ou-couper-la-ligne-avant-la-fin-de-la-colonne";
        for (name, content) in
            [("lettre.pdf", pdf("Madame")), (named, PNG.to_vec()), ("recto.tif", b"II*\0".to_vec())]
        {
            let document = office.receive(name, &content).await.fine()?;
            office.play(sheet.dossier.id, [(Clerk, document.into())]).await?;
        }
        self.desk.next(Drafter, &sheet.dossier.reference).await?;
        self.unfold_all().await?;
        self.see("dossier-documents").await?;
        // By keyboard: a click that comes just after a scroll may be given to the PDF that was there before.
        self.desk.browser.script("document.querySelector('#action-attach button').focus()").await?;
        self.desk.browser.keys_away(ENTER).await?;
        self.see("dossier-document-manquant").await
    }

    /// Rules, calendar, reminders, one's notifications.
    async fn the_deadlines(&mut self) -> Result<()> {
        self.desk.browser.sign_in(Administrator).await?;
        self.visit("/reglages/delais", "delais").await?;
        self.visit("/reglages/delais/mail", "delai").await?;
        self.desk.browser.fill("simulate-label", "").await?;
        self.desk.browser.press("Simuler").await?;
        self.see("delai-erreur").await?;
        self.desk.browser.fill("simulate-label", "Réponse à un courrier").await?;
        self.desk.browser.fill("simulate-length", "1").await?;
        self.desk.browser.fill("simulate-validFrom", "2026-01-01").await?;
        self.desk.browser.press("Simuler").await?;
        self.see("delai-simule").await?;
        self.visit("/reglages/calendrier", "jours-vides").await?;
        self.unfold_all().await?;
        self.desk.browser.press("Simuler").await?;
        self.see("jours-erreurs").await?;
        for (kind, house, first, last, label) in [
            ("closed", "", "2026-11-26", "2026-11-27", "Déménagement du tribunal"),
            ("sitting", "senate", "2026-11-02", "2026-12-18", "Session ordinaire"),
            ("no_issue", "assembly", "2026-11-24", "2026-11-24", "Pas de parution"),
        ] {
            for (field, value) in
                [("kind", kind), ("house", house), ("first", first), ("last", last), ("label", label)]
            {
                self.desk.browser.fill(&format!("simulate-{field}"), value).await?;
            }
            self.desk.browser.press("Simuler").await?;
            self.see(&format!("jours-simules-{kind}")).await?;
            self.desk.browser.press("Ajouter ces jours").await?;
            self.unfold_all().await?;
        }
        self.see("jours").await?;
        self.desk.browser.follow("Retirer Déménagement du tribunal, 26/11/2026").await?;
        self.see("jours-retirer").await?;
        self.visit("/reglages/relances", "relances").await?;
        self.unfold_all().await?;
        self.see("relances-depliees").await?;
        self.desk.browser.sign_in(Coordinator).await?;
        self.visit("/calendrier", "calendrier").await?;
        self.visit("/calendrier?mois=2027-01&horloge=legal", "calendrier-janvier").await?;
        self.visit("/notifications", "notifications").await?;
        self.desk.browser.press("Créer une adresse").await?;
        self.see("notifications-adresse").await?;
        self.desk.browser.go("/notifications").await?;
        self.desk.browser.script("document.querySelector(':checked').checked = false").await?;
        self.desk.browser.press("Enregistrer mon choix").await?;
        self.see("notifications-erreur").await
    }

    async fn the_discrepancies(&mut self) -> Result<()> {
        self.desk.browser.sign_in(Coordinator).await?;
        self.visit("/statistiques?par=groupe", "statistiques").await?;
        self.visit("/statistiques?du=2026-12-01&au=x", "statistiques-erreur").await?;
        self.visit("/ecarts", "ecarts-aucun").await?;
        crate::discrepancies::two(&self.desk).await?;
        self.desk.browser.go("/ecarts").await?;
        self.unfold_all().await?;
        self.see("ecarts").await?;
        self.desk.browser.press_at("details.act button").await?;
        self.see("ecarts-erreur").await
    }

    /// A letter that is due, the list that is proposed of it, and what refuses it.
    async fn the_eliminations(&mut self) -> Result<()> {
        self.desk.browser.sign_in(Coordinator).await?;
        self.visit("/eliminations", "eliminations-aucune").await?;
        let office = self.desk.office();
        let id = office.register(petition("Par erreur")).await?.dossier.id;
        let cancel = Command::Cancel { note: "Erreur de saisie.".to_owned() };
        office.play(id, [(Clerk, cancel)]).await?;
        let before = office.now();
        office.clock.set(before.instant() + chrono::TimeDelta::days(100));
        self.desk.browser.sign_in(Coordinator).await?;
        self.visit("/eliminations", "eliminations").await?;
        self.visit("/eliminations/echues?categorie=void", "dossiers-echus").await?;
        self.desk.browser.go("/eliminations").await?;
        self.desk.browser.press_at("main table form button").await?;
        self.see("liste-elimination").await?;
        self.desk.browser.press("Approuver la liste").await?;
        self.desk.browser.fill("viser-visa", "AN 2027/14").await?;
        self.desk.browser.press("Approuver avec le visa des archives").await?;
        self.see("liste-elimination-erreur").await?;
        self.desk.office().clock.set(before.instant());
        self.desk.browser.sign_in(Coordinator).await
    }

    async fn the_imports(&mut self) -> Result<()> {
        self.visit("/imports", "imports-aucun").await?;
        self.desk.browser.sign_in(Administrator).await?;
        self.visit("/reglages/denominations?nom=Justice", "denominations").await?;
        self.visit("/reglages/conservation", "conservation").await?;
        self.the_government().await?;
        self.desk.browser.sign_in(Coordinator).await?;
        crate::imports::two(self.desk.office()).await?;
        self.visit("/imports", "imports").await?;
        self.visit("/imports/1", "import-refus").await?;
        self.visit("/imports/2", "import-echec").await
    }

    /// A change of government, refused, tried, made and read again.
    async fn the_government(&mut self) -> Result<()> {
        self.visit("/reglages/gouvernement", "gouvernement-aucun").await?;
        crate::government::three(self.desk.office()).await?;
        self.visit("/reglages/gouvernement?nom=Justice", "gouvernement").await?;
        self.desk.browser.press("Voir ce qui changerait").await?;
        self.see("gouvernement-erreur").await?;
        for (field, value) in [("to", "Ministère de la justice et des libertés"), ("on", "2026-11-10")] {
            self.desk.browser.fill(&format!("apercu-{field}"), value).await?;
        }
        self.desk.browser.press("Voir ce qui changerait").await?;
        self.see("gouvernement-apercu").await?;
        self.desk.browser.press_at("#action-appliquer button").await?;
        self.see("gouvernement-fait").await?;
        self.desk.browser.press_at("#suivis + ul a").await?;
        self.see("gouvernement-suivi").await
    }

    async fn the_members(&mut self) -> Result<()> {
        self.desk.browser.sign_in(Clerk).await?;
        self.visit("/elus", "elus-aucun").await?;
        let office = self.desk.office();
        let said = [deputy("PA1", "1980-01-01")?, deputy("PA2", "1955-05-05")?].map(Ok);
        office.app.import_members(said.into_iter(), |_| {}).await.fine()?;
        let member = office.app.members("PA1", None, 1).await.fine()?.items.pop().map(|one| one.id);
        let letter = office.register(NewMail { member, ..petition("Tribunal d’Auch") }).await?;
        self.visit("/elus?q=lef", "elus").await?;
        self.desk.browser.follow("Mme Zoé Lefort").await?;
        self.see("elu").await?;
        self.visit(&format!("/dossiers/{}", letter.dossier.reference), "courrier-elu").await
    }

    /// What is reserved, as its owner and an administrator see it.
    async fn the_compartments(&mut self) -> Result<()> {
        self.desk.browser.sign_in(Administrator).await?;
        self.visit("/reglages/compartiments", "compartiments-aucun").await?;
        let office = self.desk.office();
        let compartment = office.compartment("Nominations", Coordinator, &[Clerk, Drafter]).await?;
        let clerk = office.caller(Clerk).await?;
        let intake = Intake { compartment: Some(compartment), ..Intake::from(petition("Candidature")) };
        let letter = office.app.register_mail(&clerk, office.key(), intake).await.fine()?;
        let reference = letter.dossier.reference;
        self.unfold_all().await?;
        self.desk.browser.press("Ouvrir le compartiment").await?;
        self.see("compartiments-erreur").await?;
        self.visit(&format!("/reglages/compartiments/{compartment}"), "compartiment-administrateur").await?;
        self.desk.browser.sign_in(Clerk).await?;
        self.visit("/courriers/nouveau", "enregistrer-reserve").await?;
        self.visit(&format!("/dossiers/{reference}"), "dossier-reserve").await?;
        self.visit(&format!("/dossiers/{reference}/preuve"), "preuve").await?;
        self.visit("/dossiers?etat=tous&reserve=1", "liste-reservee").await?;
        self.desk.browser.sign_in(Coordinator).await?;
        self.visit("/reglages/compartiments", "compartiments").await?;
        self.visit(&format!("/reglages/compartiments/{compartment}"), "compartiment").await?;
        self.desk.browser.press("Donner accès").await?;
        self.see("compartiment-erreur").await
    }

    /// What waits for a visa or a signature, in every state, and the journal of the register.
    async fn signatures(&mut self) -> Result<()> {
        let office = self.desk.office();
        let steps = office.to_answer()?;
        let clerk = office.caller(Clerk).await?;
        let sheet = office.app.receive_question(&clerk, office.key(), question(16_460)).await.fine()?;
        let id = sheet.dossier.id;
        let reference = sheet.dossier.reference;
        office.play(id, steps.iter().take(4).cloned()).await?;
        let letter = self.desk.letter(petition("Avec le courrier à côté"), steps.into_iter().take(4)).await?;
        let scan = office.receive("lettre.pdf", &pdf("Madame")).await.fine()?;
        office.play(letter.dossier.id, [(Clerk, scan.into())]).await?;
        self.desk.browser.sign_in(Approver).await?;
        self.visit(&format!("/signature/{}", letter.dossier.reference), "signature-document").await?;
        self.visit("/signature", "signature-liste").await?;
        self.visit(&format!("/signature/{reference}"), "signature-viser").await?;
        self.desk.browser.press("Renvoyer au rédacteur").await?;
        self.see("signature-erreur").await?;
        self.desk.browser.fill("send_back-note", "Citez le décret, et répondez au second point.").await?;
        self.desk.browser.press("Renvoyer au rédacteur").await?;
        let again =
            "Monsieur,\n\nLe décret du 2 mai 2024 a changé le délai.\n\nVous avez appelé mon attention sur…";
        let again = [(Drafter, draft(again)), (Drafter, Command::Submit)];
        self.desk.office().play(id, again).await?;
        self.visit(&format!("/signature/{reference}"), "signature-difference").await?;
        self.desk.browser.press("Viser").await?;
        self.visit(&format!("/signature/{reference}"), "signature-faite").await?;
        self.visit(&format!("/dossiers/{reference}?version=2&depuis=1"), "dossier-difference").await?;
        self.desk.browser.sign_in(Signatory).await?;
        self.visit("/signature", "signature-a-signer").await?;
        self.desk.browser.sign_in(Manager).await?;
        self.visit("/signature", "signature-vide").await?;
        self.visit("/journal", "journal").await?;
        self.visit("/journal?acte=convert&du=2026-11-01", "journal-sans-resultat").await?;
        self.desk.browser.sign_in(Administrator).await?;
        self.visit("/journal", "journal-sans-acces").await
    }

    /// Unfolds everything, so that everything is checked.
    async fn unfold_all(&self) -> Result<()> {
        self.desk
            .browser
            .script("for (const folded of document.querySelectorAll('details')) folded.open = true")
            .await?;
        Ok(())
    }

    async fn visit(&mut self, path: &str, name: &str) -> Result<()> {
        self.desk.browser.go(path).await?;
        self.see(name).await
    }

    /// Checks the page that is shown, wide and narrow.
    async fn see(&mut self, name: &str) -> Result<()> {
        for width in self.widths.iter().copied() {
            self.desk.browser.resize(width).await?;
            let faults = faults(&self.desk.browser).await?;
            self.faults.extend(faults.into_iter().map(|fault| format!("{name}, {width} px: {fault}")));
            self.desk.browser.screenshot(&format!("{name}-{}-{width}", self.theme)).await?;
        }
        self.desk.browser.resize(WIDE).await
    }
}

/// What is wrong with the page that is shown.
pub(crate) async fn faults(browser: &Browser) -> Result<Vec<String>> {
    let mut faults = browser.axe().await?;
    match browser.overflow().await? {
        0 => {}
        pixels => faults.push(format!("{pixels} pixels stand out on the right")),
    }
    let title = browser.title().await?;
    if browser.attribute("html", "lang").await? != "fr" || !title.ends_with(" – Pli") || title.len() < 8 {
        faults.push(format!("no language, or a poor title: {title}"));
    }
    Ok(faults)
}
