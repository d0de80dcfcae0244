//! The shapes that the published tree may take, beyond those of the real extracts.

use chrono::NaiveDate;
use pli_domain::published::{ClosingKind, PublishedQuestion};
use serde_json::{Value, json};

use crate::common::{question, read_bytes, read_value, real, rejection};

fn read(more: Value) -> PublishedQuestion {
    read_value(&question(more)).unwrap()
}

fn day(text: &str) -> Option<NaiveDate> {
    text.parse().ok()
}

fn issue(date: &str) -> Value {
    json!({ "typeJO": "JO_QUESTION", "dateJO": date, "pageJO": 3858, "numJO": "19" })
}

#[test]
fn an_identifier_is_enough() {
    let bare = read(json!({}));
    assert_eq!(bare.identity.to_string(), "AN-17-QE-12");
    assert_eq!((bare.published_on, bare.answered_on()), (None, None));
    assert_eq!(bare.subject(), "");
    assert!(bare.attributed_ministry().is_none());
}

/// Whatever way nothing is said, nothing is read: the record is that of the bare identifier.
#[test]
fn nothing_is_said_in_many_ways() {
    let bare = read(json!({}));
    let keys = [
        "identifiant",
        "type",
        "indexationAN",
        "auteur",
        "minInt",
        "minAttribs",
        "textesQuestion",
        "textesReponse",
        "cloture",
        "signalement",
        "renouvellements",
    ];
    for nothing in [json!(null), json!(""), json!([]), json!([null]), json!({ "@xsi:nil": "true" })] {
        let more: Value = keys.iter().map(|key| ((*key).to_owned(), nothing.clone())).collect();
        assert_eq!(read(more), bare, "{nothing}");
    }
    let hollow = json!({
        "indexationAN": { "rubrique": " ", "analyses": { "analyse": [] } },
        "auteur": { "identite": { "acteurRef": null } , "groupe": null },
        "minInt": { "organeRef": "", "abrege": null },
        "minAttribs": { "minAttrib": [{ "denomination": null, "infoJO": null }] },
        "textesQuestion": { "texteQuestion": { "texte": "", "infoJO": { "dateJO": "0001-01-01" } } },
        "textesReponse": { "texteReponse": null },
        "cloture": { "codeCloture": null, "libelleCloture": "", "dateCloture": "0001-01-01" },
        "signalement": { "dateDepotSignal": null, "infoJO": { "dateJO": null } },
        "renouvellements": { "renouvellement": [{ "dateRenouvellement": "" }] },
    });
    assert_eq!(read(hollow), bare);
}

#[test]
fn what_occurs_once_may_be_an_object_or_a_list() {
    let attribution =
        json!({ "infoJO": issue("2025-01-07"), "denomination": { "developpe": "Ministère de la justice" } });
    let text = json!({ "infoJO": issue("2025-01-07"), "texte": "Un texte." });
    let renewal = json!({ "dateRenouvellement": "2025-05-06" });
    let several = |list: bool, value: &Value| if list { json!([value]) } else { value.clone() };
    let [object, list] = [false, true].map(|list| {
        read(json!({
            "indexationAN": { "analyses": { "analyse": several(list, &json!("Un titre")) } },
            "minAttribs": { "minAttrib": several(list, &attribution) },
            "textesQuestion": { "texteQuestion": several(list, &text) },
            "textesReponse": { "texteReponse": several(list, &text) },
            "renouvellements": { "renouvellement": several(list, &renewal) },
        }))
    });
    assert_eq!(object, list);
    assert_eq!(object.subject(), "Un titre");
    assert_eq!(object.renewed_on, [day("2025-05-06").unwrap()]);
    assert_eq!(object.answers[0].page.as_deref(), Some("3858"));
}

/// 14-47351, of which only the former XML is real: the Government changed, then the author renewed it.
#[test]
fn a_question_may_pass_from_ministry_to_ministry() {
    let ministry =
        |reference: &str| json!({ "organeRef": reference, "abrege": "Défense", "developpe": null });
    let question = read(json!({
        "indexationAN": {
            "rubrique": "défense",
            "teteAnalyse": "équipements",
            "analyses": { "analyse": ["équipements militaires", "vieillissement", "bilan"] },
        },
        "auteur": { "identite": { "acteurRef": "PA923", "mandatRef": "PM645363" }, "groupe": { "abrege": "LES-REP" } },
        "minInt": ministry("PO653280"),
        "minAttribs": { "minAttrib": [
            { "infoJO": issue("07/01/2014"), "denomination": ministry("PO653280") },
            { "infoJO": { "typeJO": "JO_LOI_DECRET", "dateJO": "03/04/2014" }, "denomination": ministry("PO700737") },
        ] },
        "renouvellements": { "renouvellement": { "infoJO": issue("2014-04-15") } },
    }));
    assert_eq!(question.subject(), "équipements militaires. vieillissement. bilan");
    assert_eq!(question.author.reference.as_deref(), Some("PA923"));
    assert_eq!(question.asked_ministry.as_ref().unwrap().label, "Défense");
    assert_eq!(question.attributed_ministry().unwrap().reference.as_deref(), Some("PO700737"));
    assert_eq!(question.attributions[1].cause.as_deref(), Some("JO_LOI_DECRET"));
    assert_eq!(question.attributions[1].on, day("2014-04-03"));
    assert_eq!(question.published_on, day("2014-01-07"));
    assert_eq!(question.renewed_on, [day("2014-04-15").unwrap()]);
}

#[test]
fn a_question_that_was_never_attributed_is_that_of_the_ministry_asked() {
    let question = read(json!({ "minInt": { "developpe": "Ministère de la justice" } }));
    assert_eq!(question.attributed_ministry().unwrap().label, "Ministère de la justice");
}

#[test]
fn a_signalled_question_says_since_when() {
    let signalled =
        read(json!({ "signalement": { "dateDepotSignal": "2025-03-10", "infoJO": issue("2025-03-11") } }));
    let signalled = signalled.signalled.unwrap();
    assert_eq!(signalled.deposited_on, day("2025-03-10"));
    assert_eq!(signalled.published_on, day("2025-03-11"));
}

#[test]
fn a_closing_is_read_by_its_label_then_its_code() {
    for (code, label, kind) in [
        ("REP_PUB", "Réponse publiée", ClosingKind::Answered),
        ("X", "RÉPONSE PUBLIÉE", ClosingKind::Answered),
        ("FIN_MANDAT", "", ClosingKind::EndOfTerm),
        ("X", "Fin de mandat", ClosingKind::EndOfTerm),
        ("REP_PUB", "Retrait à l'initiative de l'auteur", ClosingKind::Withdrawn),
        ("CADUC", "Caducité", ClosingKind::Lapsed),
        ("X", "Autre", ClosingKind::Other),
    ] {
        let cloture = json!({ "codeCloture": code, "libelleCloture": label, "dateCloture": "20/06/2017" });
        let question = read(json!({ "cloture": cloture }));
        let answered = (kind == ClosingKind::Answered).then(|| day("2017-06-20")).flatten();
        assert_eq!(question.answered_on(), answered, "{label}");
        let closing = question.closing.unwrap();
        assert_eq!((closing.kind, closing.on), (kind, day("2017-06-20")), "{label}");
        assert_eq!(closing.code.as_deref(), Some(code));
    }
}

#[test]
fn a_correction_is_not_an_answer() {
    let marked = json!([
        { "infoJO": issue("2025-03-04"), "texte": "La réponse.", "erratum": "false" },
        { "infoJO": issue("2025-02-01"), "texte": "Lire : une réponse.", "erratum": true },
    ]);
    let nested = json!({
        "infoJO": issue("2025-03-04"),
        "texte": "La réponse.",
        "erratum": { "infoJO": issue("2025-02-01"), "texte": "Lire : une réponse." },
    });
    let [marked, nested] = [marked, nested].map(|texts| {
        read(json!({
            "textesQuestion": { "texteQuestion": texts.clone() },
            "textesReponse": { "texteReponse": texts },
        }))
    });
    assert_eq!(marked, nested);
    assert_eq!(marked.published_on, day("2025-03-04"));
    assert_eq!(marked.answered_on(), day("2025-03-04"));
    assert_eq!(marked.answer_text(), "La réponse.");
    assert_eq!(marked.question_errata.len(), 1);
    assert!(marked.answers[1].erratum);
}

#[test]
fn a_text_is_freed_of_its_heading_and_its_mark() {
    let text = json!({ "texteQuestion": { "texte": "12.\u{a0}— 7 janvier 2025.\u{a0}— <b>Mme</b> Unetelle&#160;: œ &#8364;" } });
    let json = question(json!({ "textesQuestion": text })).to_string();
    let items = read_bytes(format!("\u{feff}{json}").as_bytes());
    let question = items.into_iter().next().unwrap().unwrap();
    assert_eq!(question.question_html.as_deref(), Some("<b>Mme</b> Unetelle&nbsp;: œ €"));
    assert_eq!(question.question_text(), "Mme Unetelle : œ €");
}

#[test]
fn a_record_that_contradicts_itself_is_refused() {
    for (more, code, sentence) in [
        (
            json!({ "identifiant": { "numero": 13 } }),
            "number_mismatch",
            "Le numéro 13 ne correspond pas à l’identifiant QANR5L17QE12.",
        ),
        (
            json!({ "identifiant": { "numero": "12", "legislature": "16" } }),
            "legislature_mismatch",
            "La législature 16 ne correspond pas à l’identifiant QANR5L17QE12.",
        ),
        (
            json!({ "type": "QG" }),
            "type_mismatch",
            "Le type QG ne correspond pas à l’identifiant QANR5L17QE12.",
        ),
        (
            json!({ "uid": "QANR5L17QM12" }),
            "unknown_type",
            "Le type de question QM n’est pas suivi (QANR5L17QM12).",
        ),
        (
            json!({ "uid": "QANR5L17XX1" }),
            "unknown_identifier",
            "Identifiant de question inconnu\u{a0}: QANR5L17XX1.",
        ),
        (json!({ "uid": null }), "missing_identifier", "L’identifiant de la question manque."),
        (
            json!({ "renouvellements": { "renouvellement": { "dateRenouvellement": "hier" } } }),
            "unreadable_date",
            "Date illisible\u{a0}: «\u{a0}hier\u{a0}».",
        ),
        (json!({ "cloture": 12 }), "unexpected_shape", "Cette question n’a pas la forme attendue."),
    ] {
        let rejected = read_value(&question(more)).unwrap_err();
        assert_eq!(rejected.reason.code(), code);
        assert_eq!(rejected.to_string(), format!("une.json\u{a0}: {sentence}"));
    }
    assert!(
        read_value(&question(json!({ "identifiant": { "numero": "12", "legislature": 17 }, "type": "QE" })))
            .is_ok()
    );
}

#[test]
fn json_without_a_question_is_refused() {
    for other in
        [json!({}), json!([]), json!({ "acteur": {} }), json!({ "question": 1 }), json!({ "questions": [] })]
    {
        assert_eq!(rejection(&other), "not_a_question", "{other}");
    }
}

#[test]
fn a_digest_is_of_the_content_only() {
    let file = real("QANR5L17QE8115");
    let [compact, pretty] = [file.to_string(), serde_json::to_string_pretty(&file).unwrap()];
    let digest = |text: &str| read_bytes(text.as_bytes()).remove(0).unwrap().digest;
    assert_eq!(digest(&compact), digest(&pretty));

    for (path, value) in [
        ("/question/indexationAN/rubrique", json!("santé")),
        ("/question/auteur/identite/acteurRef", json!("PA1")),
        ("/question/minAttribs/minAttrib/infoJO/dateJO", json!("2025-07-08")),
        ("/question/minAttribs/minAttrib/denomination/organeRef", json!("PO1")),
        ("/question/textesQuestion/texteQuestion/texte", json!("Autre.")),
        ("/question/textesReponse/texteReponse/infoJO/dateJO", json!("2025-12-30")),
        ("/question/cloture/codeCloture", json!("AUTRE")),
        ("/question/signalement", json!({ "dateDepotSignal": "2025-09-08" })),
        ("/question/renouvellements", json!({ "renouvellement": { "dateRenouvellement": "2025-10-07" } })),
    ] {
        let mut changed = file.clone();
        *changed.pointer_mut(path).unwrap() = value;
        assert_ne!(digest(&changed.to_string()), digest(&compact), "{path}");
    }
}
