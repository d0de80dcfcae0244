//! The calendar feed: one's deadlines and sittings, for a calendar program. Its address is a secret of its own, which can be taken back.

use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use icalendar::{Calendar, Component, Event, EventLike};
use pli_app::{Feed, Sheet};
use pli_domain::french::French as _;

use crate::Web;
use crate::failure::{Failure, Kind};
use crate::post::Named;

/// `GET /calendrier/{secret}.ics`: whoever has the address reads it, as calendar programs have no session.
pub(crate) async fn show(State(web): State<Web>, Named(file): Named<String>) -> Result<Response, Failure> {
    let secret = file.strip_suffix(".ics").ok_or(Kind::NotFound)?;
    let feed = web.app.feed(secret).await?;
    let headers = [(CONTENT_TYPE, "text/calendar; charset=utf-8"), (CACHE_CONTROL, "private, no-cache")];
    Ok((headers, calendar(&feed).to_string()).into_response())
}

/// One event a due date, all day long.
fn calendar(feed: &Feed) -> Calendar {
    let mut calendar = Calendar::new();
    // The library writes this name as it is.
    let name = feed.name.replace(char::is_control, " ");
    calendar.name(&format!("Pli – {name}")).timezone("Europe/Paris");
    for sheet in &feed.dossiers {
        if let Some(due_on) = sheet.dossier.due_on() {
            calendar.push(event(sheet, due_on, feed));
        }
        if let Some(planned) = sheet.dossier.sitting() {
            calendar.push(sitting(sheet, planned.on, feed));
        }
    }
    calendar.done()
}

fn event(sheet: &Sheet, due_on: NaiveDate, feed: &Feed) -> Event {
    let dossier = &sheet.dossier;
    let standing = dossier.term().standing(feed.now.paris_date());
    Event::new()
        .uid(&format!("{}@pli", dossier.id))
        .timestamp(feed.now.instant())
        .last_modified(sheet.updated_at.instant())
        .sequence(sheet.version)
        // Without an end it lasts that day; the library's `all_day` would end it before it began.
        .starts(due_on)
        .summary(&format!("{}\u{a0}: {}", dossier.reference, sheet.subject))
        .description(&format!("{}, {}.", dossier.stage.french(), standing.french()))
        .done()
}

/// The sitting in which a question is put, beside the day by which its brief is due.
fn sitting(sheet: &Sheet, on: NaiveDate, feed: &Feed) -> Event {
    let dossier = &sheet.dossier;
    Event::new()
        .uid(&format!("{}-seance@pli", dossier.id))
        .timestamp(feed.now.instant())
        .last_modified(sheet.updated_at.instant())
        .sequence(sheet.version)
        .starts(on)
        .summary(&format!("Séance\u{a0}: {}, {}", dossier.reference, sheet.subject))
        .description(dossier.stage.french())
        .done()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;
    use pli_domain::time::Timestamp;

    #[test]
    fn a_line_break_in_a_subject_adds_no_line_to_the_feed() {
        let mut letter = samples::letter(&[]);
        letter.subject = "Objet\r\nEND:VEVENT\nX-EVIL:1; a, b".to_owned();
        let now = Timestamp::new("2026-03-05T10:00:00Z".parse().unwrap());
        let feed = Feed { name: "M. Petit\nX-EVIL:2".to_owned(), dossiers: vec![letter], now };
        let text = calendar(&feed).to_string();
        assert_eq!(text.matches("BEGIN:VEVENT").count(), 1, "{text}");
        assert_eq!(text.lines().filter(|line| line.starts_with("END:VEVENT")).count(), 1, "{text}");
        assert!(!text.lines().any(|line| line.starts_with("X-EVIL")), "{text}");
        assert!(text.contains("DTSTART;VALUE=DATE:20260501"), "{text}");
        assert!(text.lines().all(|line| line.len() <= 75), "lines are folded: {text}");
    }
}
