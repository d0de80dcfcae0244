//! Which passwords may be chosen. Long, and not what is tried first: no rule about signs, which makes people write
//! `Azerty2026!` (NIST SP 800-63B, 3.1.1.2; ANSSI, « Recommandations relatives à l’authentification », R21 to R27).

use std::collections::BTreeSet;

use super::AccountRefusal;
use crate::refusal::Refusal;
use crate::text::fold;

/// The fewest characters of a password.
pub const SHORTEST_PASSWORD: usize = 12;

/// The most characters of a password: hashing takes longer for a longer one.
pub const LONGEST_PASSWORD: usize = 200;

/// What the commonest long passwords are made of, once accents, case, digits and other signs are taken away.
const COMMON: [&str; 28] = [
    "admin",
    "administrateur",
    "administration",
    "azerty",
    "azertyuiop",
    "azertyuiopqsdfghjklm",
    "bienvenue",
    "bonjour",
    "changeme",
    "changezmoi",
    "demonstration",
    "iloveyou",
    "jetaime",
    "justice",
    "letmein",
    "marseille",
    "ministere",
    "ministeredelajustice",
    "monmotdepasse",
    "motdepasse",
    "password",
    "passwordpassword",
    "qwerty",
    "qwertyuiop",
    "soleil",
    "secretariatgeneral",
    "utilisateur",
    "welcome",
];

/// What fingers follow: rows of the keyboard, the alphabet, the digits.
const ROWS: [&str; 8] = [
    "azertyuiop",
    "qsdfghjklm",
    "wxcvbn",
    "qwertyuiop",
    "asdfghjkl",
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
];

/// The fewest different signs.
const DIFFERENT: usize = 5;

/// Whether a person may choose this password.
///
/// # Errors
/// [`Refusal`] with what to do about it.
pub fn new_password(password: &str, login: &str, name: &str) -> Result<(), Refusal> {
    let length = password.chars().count();
    if length == 0 {
        return Err(Refusal::Required { field: "newPassword" });
    }
    if length < SHORTEST_PASSWORD {
        return AccountRefusal::PasswordTooShort.refuse();
    }
    if length > LONGEST_PASSWORD {
        return AccountRefusal::PasswordTooLong.refuse();
    }
    let plain = plain(password);
    let letters: String = plain.chars().filter(|sign| sign.is_alphabetic()).collect();
    if is_name(&letters, login, name) {
        return AccountRefusal::PasswordIsName.refuse();
    }
    let different: BTreeSet<char> = plain.chars().collect();
    let common = COMMON.contains(&letters.as_str()) || COMMON.contains(&plain.as_str());
    if different.len() < DIFFERENT || common || repeats(&plain) || follows(&plain) {
        return AccountRefusal::PasswordCommon.refuse();
    }
    Ok(())
}

/// Letters and digits alone, without accents or case.
fn plain(text: &str) -> String {
    fold(text).chars().filter(|sign| sign.is_alphanumeric()).collect()
}

/// Whether the letters are the login or the name, or its parts in whatever order.
fn is_name(letters: &str, login: &str, name: &str) -> bool {
    let mut parts: Vec<String> = [login, name]
        .iter()
        .flat_map(|text| text.split(|sign: char| !sign.is_alphanumeric()))
        .map(plain)
        .filter(|part| part.chars().count() > 1)
        .collect();
    // The longest first: a part may hold another.
    parts.sort_by_key(|part| std::cmp::Reverse(part.len()));
    let rest = parts.iter().fold(letters.to_owned(), |rest, part| rest.replace(part.as_str(), ""));
    // What is left of `ines.berthaumieux` in `InesBerthaumieux2026!` is nothing.
    rest.len() < letters.len() && rest.chars().count() < 3
}

/// Whether it is one short thing said again and again.
fn repeats(plain: &str) -> bool {
    let signs: Vec<char> = plain.chars().collect();
    (1..=signs.len() / 2).any(|length| {
        let period = signs.iter().zip(signs.iter().skip(length)).all(|(one, next)| one == next);
        period && length <= 6
    })
}

/// Whether most of it follows the keyboard or the alphabet, forwards or backwards.
fn follows(plain: &str) -> bool {
    let neighbours: BTreeSet<(char, char)> = ROWS
        .iter()
        .flat_map(|row| row.chars().zip(row.chars().skip(1)))
        .flat_map(|(one, next)| [(one, next), (next, one)])
        .collect();
    let steps = plain.chars().zip(plain.chars().skip(1));
    let (along, all) = steps.fold((0_usize, 0_usize), |(along, all), step| {
        (along + usize::from(neighbours.contains(&step)), all + 1)
    });
    all > 0 && along * 4 >= all * 3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(password: &str) -> Result<(), Refusal> {
        new_password(password, "ines.berthaumieux", "Inès Berthaumieux")
    }

    #[test]
    fn a_sentence_of_ones_own_will_do() {
        for good in [
            "Sous le pli 1848",
            "agrafe bleue quatorze",
            "k3v7m-p2q8x-w4z9b-t6y5c",
            "été pluvieux à Brest",
            "Berthaumieux aime la pluie",
        ] {
            assert_eq!(chosen(good), Ok(()), "{good}");
        }
        assert_eq!(chosen(&"correct cheval ".repeat(13)), Ok(()), "195 characters");
    }

    #[test]
    fn what_is_tried_first_is_refused() {
        let refused = |password: &str, refusal: AccountRefusal| {
            assert_eq!(chosen(password), refusal.refuse(), "{password}");
        };
        assert_eq!(chosen(""), Err(Refusal::Required { field: "newPassword" }));
        refused("onze signes", AccountRefusal::PasswordTooShort);
        refused(&"é".repeat(201), AccountRefusal::PasswordTooLong);
        for name in ["ines.berthaumieux", "Inès Berthaumieux", "BerthaumieuxInes2026", "Ines-Berthaumieux!1"]
        {
            refused(name, AccountRefusal::PasswordIsName);
        }
        for common in [
            "motdepasse2026",
            "Mot de Passe 1!",
            "Azertyuiop123",
            "123456789012",
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "azerty azerty",
            "abcdefghijklm",
            "Ministère2026!",
            "Bienvenue2026",
            "poiuytrezamlk",
        ] {
            refused(common, AccountRefusal::PasswordCommon);
        }
    }
}
