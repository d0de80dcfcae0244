//! The declaration of accessibility: for everybody, from every page.

use anyhow::Result;
use pli_tests::{Engine, Person, Served};
use reqwest::StatusCode;

use crate::pages::Visitor;

const LINK: &str = "<a href=\"/accessibilite\">Accessibilité&nbsp;: non conforme</a>";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_finds_it_from_every_page() -> Result<()> {
    let served = Served::open(Engine::Sqlite, false).await?;
    for (path, status) in [
        ("/accessibilite", StatusCode::OK),
        ("/connexion", StatusCode::OK),
        ("/nulle-part", StatusCode::NOT_FOUND),
    ] {
        let answer = served.client.get(format!("{}{path}", served.url)).send().await?;
        assert_eq!(answer.status(), status, "{path}");
        assert!(answer.text().await?.contains(LINK), "{path}");
    }
    let visitor = Visitor::open(&served, Person::Clerk).await?;
    for path in ["/accessibilite", "/dossiers", "/recherche", "/aujourdhui", "/retards", "/nulle-part"] {
        assert!(visitor.get(path).await?.1.contains(LINK), "{path}");
    }
    let (_, page) = visitor.get("/accessibilite").await?;
    assert!(page.contains("Déclaration d’accessibilité") && page.contains("Menu principal"), "{page}");
    assert!(page.contains("Aucun contact n’est indiqué"), "nobody is invented: {page}");
    Ok(())
}
