//! The declaration of accessibility, for everybody: what is known, and how. Criterion by criterion it is in
//! `docs/accessibilite.md`, whose counts a test holds to those said here.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;

use crate::Web;
use crate::failure::{Failure, html};
use crate::frame::{Frame, Here};
use crate::session::Session;

/// The criteria of the RGAA that are met, not met, and without object.
const CONFORMING: usize = 68;
const FAILING: usize = 9;
const WITHOUT_OBJECT: usize = 29;

#[derive(Template)]
#[template(path = "accessibility.html")]
struct AccessibilityPage {
    frame: Frame,
    conforming: usize,
    failing: usize,
    without_object: usize,
    /// Of those that have an object, how many in a hundred are met.
    share: usize,
    /// Whom to tell; the deployment says it.
    contact: Option<Contact>,
}

/// Whom to tell, as a link when it is an address.
#[derive(Debug, PartialEq, Eq)]
struct Contact {
    words: String,
    href: Option<String>,
}

impl Contact {
    fn new(words: &str) -> Option<Self> {
        let words = words.trim();
        let spaced = words.contains(char::is_whitespace);
        let href = if spaced || words.contains(['"', '<', '>']) {
            None
        } else if words.starts_with("https://") || words.starts_with("http://") {
            Some(words.to_owned())
        } else {
            words.contains('@').then(|| format!("mailto:{words}"))
        };
        (!words.is_empty()).then(|| Self { words: words.to_owned(), href })
    }
}

/// `GET /accessibilite`
pub(crate) async fn show(State(web): State<Web>, headers: HeaderMap) -> Result<Response, Failure> {
    const TITLE: &str = "Accessibilité";
    let frame = match Session::of(&web, &headers).await? {
        Some(session) => Frame::of(TITLE, &session, Here::Elsewhere),
        None => Frame::alone(TITLE),
    };
    let contact = web.options.accessibility_contact.as_deref().and_then(Contact::new);
    html(StatusCode::OK, &AccessibilityPage::new(frame, contact))
}

impl AccessibilityPage {
    fn new(frame: Frame, contact: Option<Contact>) -> Self {
        Self {
            frame,
            conforming: CONFORMING,
            failing: FAILING,
            without_object: WITHOUT_OBJECT,
            share: CONFORMING * 100 / (CONFORMING + FAILING),
            contact,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The 13 themes of the RGAA 4.1.2, each with so many criteria.
    const THEMES: [usize; 13] = [9, 2, 3, 13, 8, 2, 5, 10, 4, 14, 13, 11, 12];

    #[test]
    fn the_page_says_what_the_grid_says() {
        let grid = include_str!("../../../../docs/accessibilite.md");
        let rows: Vec<Vec<&str>> = grid
            .lines()
            .filter_map(|line| line.strip_prefix("| ")?.strip_suffix(" |"))
            .map(|line| line.split(" | ").collect::<Vec<_>>())
            .filter(|row| row[0].contains('.') && row[0].starts_with(|first: char| first.is_ascii_digit()))
            .collect();
        let numbers: Vec<&str> = rows.iter().map(|row| row[0]).collect();
        let expected: Vec<String> = THEMES
            .iter()
            .zip(1..)
            .flat_map(|(count, theme)| (1..=*count).map(move |place| format!("{theme}.{place}")))
            .collect();
        assert_eq!(numbers, expected);
        assert!(rows.iter().all(|row| row.len() == 4 && row.iter().all(|cell| !cell.trim().is_empty())));
        let count = |state: &str| rows.iter().filter(|row| row[2] == state).count();
        assert_eq!(
            (count("C"), count("NC"), count("NA")),
            (CONFORMING, FAILING, WITHOUT_OBJECT),
            "say it in pages/accessibility.rs"
        );
    }

    #[test]
    fn nobody_is_invented_and_an_address_is_a_link() {
        let page = |contact: &str| {
            AccessibilityPage::new(Frame::alone("Accessibilité"), Contact::new(contact)).render().unwrap()
        };
        assert!(page(" ").contains("Aucun contact n’est indiqué"));
        assert!(page("acces@justice.example").contains("href=\"mailto:acces@justice.example\""));
        assert!(page("https://justice.example/contact").contains("href=\"https://justice.example/contact\""));
        let words = page("Bureau 12, au <b>fond</b>");
        assert!(words.contains("Bureau 12, au &#60;b&#62;") && !words.contains("href=\"Bureau"), "{words}");
        assert_eq!(Contact::new("javascript:alert(1)").unwrap().href, None);
    }
}
