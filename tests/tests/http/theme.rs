//! The look that a deployment lays over Pli's own.

use anyhow::{Context as _, Result};
use pli_server::http::{Options, Theme};
use pli_tests::{Engine, Served};
use reqwest::StatusCode;

async fn get(served: &Served, path: &str) -> Result<(StatusCode, String, String)> {
    let answer = served.client.get(format!("{}{path}", served.url)).send().await?;
    let kind = answer.headers().get("content-type").context("no kind")?.to_str()?.to_owned();
    Ok((answer.status(), kind, answer.text().await?))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_theme_comes_after_the_style_and_gives_its_own_files_alone() -> Result<()> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("theme.css"), ":root { --accent: #000091 }")?;
    std::fs::write(folder.path().join("marque.svg"), "<svg xmlns=\"http://www.w3.org/2000/svg\"/>")?;
    let theme = Theme::read(folder.path())?;
    let served = Served::open_as(Engine::Sqlite, Options { theme, ..Options::default() }).await?;
    let page = get(&served, "/connexion").await?.2;
    let (style, sheet) = (page.find("/style.css"), page.find("/theme/theme.css"));
    assert!(style.is_some() && style < sheet, "{page}");
    let css = "text/css; charset=utf-8".to_owned();
    let own = (StatusCode::OK, css.clone(), ":root { --accent: #000091 }".to_owned());
    assert_eq!(get(&served, "/theme/theme.css").await?, own);
    assert_eq!(get(&served, "/theme/marque.svg").await?.1, "image/svg+xml");
    for path in ["/theme/autre.css", "/theme/..%2ftheme.css", "/theme/%2fetc%2fpasswd"] {
        assert_eq!(get(&served, path).await?.0, StatusCode::NOT_FOUND, "{path}");
    }
    let plain = Served::open(Engine::Sqlite, false).await?;
    assert_eq!(get(&plain, "/theme/theme.css").await?, (StatusCode::OK, css, String::new()));
    Ok(())
}
