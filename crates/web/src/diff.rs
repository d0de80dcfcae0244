//! What has changed between two versions of a text, by words.

use std::time::Duration;

use similar::{ChangeTag, TextDiff};

use crate::words;

/// How long the shortest difference may be looked for; after that a longer one does.
const PATIENCE: Duration = Duration::from_millis(200);

/// What became of a passage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    /// It is in both versions.
    Kept,
    /// It is in the old one only.
    Removed,
    /// It is in the new one only.
    Added,
}

/// A passage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub(crate) change: Change,
    pub(crate) text: String,
}

impl Piece {
    /// The text as it is shown: a line end that came or went is seen by its mark alone.
    pub(crate) fn shown(&self) -> String {
        self.text.replace('\n', "¶\n")
    }
}

/// A difference as it is shown.
#[derive(Debug)]
pub(crate) struct Difference {
    /// « 2 passages ajoutés, 1 supprimé ».
    pub(crate) told: String,
    pub(crate) pieces: Vec<Piece>,
}

impl Difference {
    /// Between two texts.
    pub(crate) fn between(old: &str, new: &str) -> Self {
        let pieces = pieces(old, new);
        let count = |change| {
            let all = pieces.iter().filter(|piece| piece.change == change).count();
            u64::try_from(all).unwrap_or(u64::MAX)
        };
        let told = match (count(Change::Removed), count(Change::Added)) {
            (0, 0) => "Le texte est le même.".to_owned(),
            (removed, added) => format!(
                "{}, {}.",
                words::counted(added, "passage ajouté", "passages ajoutés"),
                words::counted(removed, "passage supprimé", "passages supprimés")
            ),
        };
        Self { told, pieces }
    }
}

/// What was taken out and what was put in between two passages that both texts have.
#[derive(Default)]
struct Edit {
    removed: String,
    added: String,
    /// What follows, in both.
    kept: String,
}

impl Edit {
    fn says(&self) -> bool {
        !self.removed.trim().is_empty() && !self.added.trim().is_empty()
    }

    /// Whether the next edit goes on where this one ends: « the cat » for « a dog » is one change, not two around a space.
    fn goes_on(&self, next: &Self) -> bool {
        let spaced = self.kept.trim().is_empty() && !self.kept.contains('\n');
        spaced && !self.is_empty() && !next.is_empty() && (self.says() || next.says())
    }

    fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.added.is_empty()
    }

    fn join(&mut self, next: &Self) {
        for (own, more) in [(&mut self.removed, &next.removed), (&mut self.added, &next.added)] {
            own.push_str(&self.kept);
            own.push_str(more);
        }
        self.kept.clone_from(&next.kept);
    }
}

/// The passages of both texts, in order: what was removed comes before what was added in its place.
fn pieces(old: &str, new: &str) -> Vec<Piece> {
    let diff = TextDiff::configure().timeout(PATIENCE).diff_words(old, new);
    let mut edits = vec![Edit::default()];
    for change in diff.iter_all_changes() {
        let begins =
            change.tag() != ChangeTag::Equal && edits.last().is_some_and(|edit| !edit.kept.is_empty());
        if begins {
            edits.push(Edit::default());
        }
        let Some(edit) = edits.last_mut() else { continue };
        let side = match change.tag() {
            ChangeTag::Equal => &mut edit.kept,
            ChangeTag::Delete => &mut edit.removed,
            ChangeTag::Insert => &mut edit.added,
        };
        side.push_str(change.value());
    }
    let mut joined: Vec<Edit> = Vec::new();
    for edit in edits {
        match joined.last_mut() {
            Some(last) if last.goes_on(&edit) => last.join(&edit),
            _ => joined.push(edit),
        }
    }
    let each = joined.into_iter().flat_map(|edit| {
        [(Change::Removed, edit.removed), (Change::Added, edit.added), (Change::Kept, edit.kept)]
    });
    each.filter(|(_, text)| !text.is_empty()).map(|(change, text)| Piece { change, text }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use askama::Template as _;
    use proptest::prelude::*;

    #[derive(askama::Template)]
    #[template(path = "difference.html")]
    struct Alone {
        difference: Difference,
    }

    fn told(old: &str, new: &str) -> String {
        let pieces = pieces(old, new);
        let each = pieces.iter().map(|piece| match piece.change {
            Change::Kept => piece.text.clone(),
            Change::Removed => format!("[-{}-]", piece.text),
            Change::Added => format!("[+{}+]", piece.text),
        });
        each.collect()
    }

    #[test]
    fn words_that_changed_together_are_told_together() {
        assert_eq!(
            told("Madame, le décret du 2 mai s’applique.", "Madame, la loi du 2 mai s’applique."),
            "Madame, [-le décret-][+la loi+] du 2 mai s’applique."
        );
        assert_eq!(told("Un deux trois.", "Un trois."), "Un [-deux -]trois.");
        assert_eq!(told("Un.\n\nDeux.", "Un.\n\nEt demi.\n\nDeux."), "Un.\n\n[+Et demi.\n\n+]Deux.");
        assert_eq!(told("", "Tout."), "[+Tout.+]");
        assert_eq!(told("Rien.", "Rien."), "Rien.");
        assert_eq!(told("", ""), "");
    }

    #[test]
    fn a_difference_is_counted_in_french() {
        let told = |old, new| Difference::between(old, new).told;
        assert_eq!(told("a", "a"), "Le texte est le même.");
        assert_eq!(told("a b", "a c"), "1\u{a0}passage ajouté, 1\u{a0}passage supprimé.");
        assert_eq!(told("a x b", "y a x b z"), "2\u{a0}passages ajoutés, 0\u{a0}passage supprimé.");
    }

    #[test]
    fn what_people_wrote_comes_out_as_words_and_is_heard() {
        let nasty = crate::samples::NASTY;
        let html = Alone {
            difference: Difference::between(&format!("Un {nasty} fin un"), &format!("Un deux {nasty} fin\n")),
        };
        let html = html.render().unwrap();
        assert!(!html.contains("<script>alert") && html.contains("alert(1)"), "{html}");
        assert!(html.contains("<ins><span class=\"hidden\">[ajouté&nbsp;: </span>deux "), "{html}");
        assert!(html.contains("<del><span class=\"hidden\">[supprimé&nbsp;: </span> un<"), "{html}");
        assert!(html.contains('¶'), "a line end that came is seen: {html}");
    }

    #[test]
    fn long_texts_take_no_longer_than_one_waits() {
        let text = |seed: u32| {
            let mut word = seed;
            let mut next = || {
                word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (word >> 16).to_string()
            };
            (0..20_000).map(|_| next()).collect::<Vec<_>>().join(" ")
        };
        let (old, new) = (text(1), text(2));
        let pieces = pieces(&old, &new);
        let kept = |change| {
            let all = pieces.iter().filter(|piece| piece.change != change);
            all.map(|piece| piece.text.as_str()).collect::<String>()
        };
        assert!(kept(Change::Added) == old && kept(Change::Removed) == new);
    }

    proptest! {
        /// Without what was added it is the old text, without what was removed the new one.
        #[test]
        fn both_texts_are_in_their_difference(old in "[ab \n]{0,20}", new in "[ab \n]{0,20}") {
            let pieces = pieces(&old, &new);
            let without = |change| {
                let kept = pieces.iter().filter(|piece| piece.change != change);
                kept.map(|piece| piece.text.as_str()).collect::<String>()
            };
            prop_assert_eq!(without(Change::Added), old.clone());
            prop_assert_eq!(without(Change::Removed), new.clone());
            prop_assert_eq!(pieces.iter().all(|piece| piece.change == Change::Kept), old == new);
        }
    }
}
