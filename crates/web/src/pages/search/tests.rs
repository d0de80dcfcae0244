use super::*;
use crate::samples::{self, NASTY};
use pli_app::Published;
use pli_domain::actor::Role;
use pli_domain::dossier::{Kind as DossierKind, Stage};
use pli_domain::search::{excerpt, marked};

fn answer(facets: Vec<(Facet, u64)>, dossiers: Vec<Found>, questions: Vec<FoundPublished>) -> Answer {
    Answer {
        facets: Facets { total: 1_234, counts: facets },
        dossiers: Page { more: !dossiers.is_empty(), items: dossiers },
        published: u64::try_from(questions.len()).unwrap(),
        questions: Page { more: !questions.is_empty(), items: questions },
    }
}

fn page(query: &str, answer: &Answer) -> String {
    let session = samples::session(&[(Role::Clerk, "SG")]);
    let organisation = &session.caller.organisation;
    let filters = Filters::read(query, None, organisation).unwrap();
    let place = Place::read(&Fields::parse(query.as_bytes())).unwrap();
    SearchPage {
        answers: false,
        frame: Frame::of("Recherche", &session, Here::Search),
        words: filters.list.words.clone().unwrap(),
        unfindable: false,
        kept: Kept::none(),
        results: Some(Results::new(answer, &filters, &place, &session.caller, samples::today())),
    }
    .render()
    .unwrap()
}

fn found() -> Found {
    let query = Query::parse("alert");
    Found {
        sheet: samples::letter(&[samples::routed()]),
        subject: marked(NASTY, &query),
        sender: marked(NASTY, &query),
        excerpt: excerpt(NASTY, &query, 200).map(|pieces| Excerpt { of: Source::Draft, pieces }),
    }
}

fn published() -> FoundPublished {
    let query = Query::parse("alert");
    let identity: QuestionIdentity = "AN-17-QE-18094".parse().unwrap();
    let published = Published {
        identity,
        uid: "QANR5L17QE18094".to_owned(),
        subject: NASTY.to_owned(),
        author: Some(NASTY.to_owned()),
        group: None,
        ministry: Some(NASTY.to_owned()),
        ours: true,
        published_on: Some(samples::today()),
        answered_on: None,
        question: NASTY.to_owned(),
        answer: NASTY.to_owned(),
        digest: String::new(),
        author_key: None,
        member: None,
    };
    let subject = marked(NASTY, &query);
    FoundPublished { published, subject, excerpt: None, dossier: Some("AN-17-QE-18094".to_owned()) }
}

#[test]
fn what_people_wrote_comes_out_as_words_with_what_was_found_marked() {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("q", NASTY).finish();
    let html = page(&query, &answer(vec![(Facet::Late, 3)], vec![found()], vec![published()]));
    assert!(!html.contains("<script>alert") && html.contains("<mark>alert</mark>"), "{html}");
    assert!(html.contains("1\u{202f}234\u{a0}dossiers") && html.contains("1\u{a0}question publiée"));
    assert!(html.contains("href=\"/dossiers/SG-2026-A-000001\"") && html.contains("Projet de réponse"));
    assert!(html.contains("&#38;suite=2026-03-01_") || html.contains("&amp;suite=2026-03-01_"), "{html}");
    assert!(html.contains("publiees=AN-17-QE-18094#publiees"));
}

#[test]
fn what_is_chosen_stays_with_a_way_back_and_the_rest_narrows() {
    let organisation = samples::organisation();
    let dacs = organisation.by_code("DACS").unwrap().id;
    let facets = vec![
        (Facet::Kind(DossierKind::Mail), 3),
        (Facet::Open(true), 2),
        (Facet::Open(false), 1),
        (Facet::Stage(Stage::Routed), 2),
        (Facet::Branch(None), 1),
        (Facet::Branch(Some(dacs)), 2),
        (Facet::Year(2026), 3),
        (Facet::Late, 1),
    ];
    let facets = Facets { total: 3, counts: facets };
    let told = |query: &str| {
        let list = Filters::read(query, None, &organisation).unwrap().list;
        let group = |group: Group| {
            let links =
                group.links.into_iter().map(|link| format!("{} {} {}", link.label, link.count, link.href));
            (group.name, links.collect::<Vec<_>>(), group.every)
        };
        groups(&facets, &list, &organisation).into_iter().map(group).collect::<Vec<_>>()
    };
    let line = |name, links: &[&str], every: Option<&str>| {
        (name, links.iter().map(|link| (*link).to_owned()).collect::<Vec<_>>(), every.map(str::to_owned))
    };
    assert_eq!(
        told("q=prison&type=courrier"),
        [
            line("Type", &["Courrier 3 /recherche?type=courrier&q=prison"], Some("/recherche?q=prison")),
            line(
                "État",
                &[
                    "Ouverts 2 /recherche?etat=ouverts&type=courrier&q=prison",
                    "Clos 1 /recherche?etat=clos&type=courrier&q=prison",
                ],
                None
            ),
            line("Étape", &["Attribué 2 /recherche?etat=ouverts&type=courrier&etape=routed&q=prison"], None),
            line(
                "Direction pilote",
                &[
                    "Sans service pilote 1 /recherche?type=courrier&sans-service=1&q=prison",
                    "DACS 2 /recherche?type=courrier&service=DACS&q=prison",
                ],
                None
            ),
            line("Reçu en", &["2026 3 /recherche?type=courrier&recu=2026&q=prison"], None),
            line("Retard", &["En retard 1 /recherche?etat=ouverts&type=courrier&retard=tous&q=prison"], None),
        ]
    );
    let chosen = told("q=prison&etape=routed&service=C1");
    assert!(chosen.iter().all(|(name, ..)| *name != "État"), "a stage says whether it is open");
    assert_eq!(chosen[1].2.as_deref(), Some("/recherche?service=C1&q=prison"));
    assert_eq!(chosen[2].1[1], "C1 2 /recherche?etat=ouverts&etape=routed&service=C1&q=prison");
}

#[test]
fn a_place_is_read_back_and_nonsense_is_refused() {
    let place = |query: &str| Place::read(&Fields::parse(query.as_bytes()));
    assert_eq!(place("q=x&suite=&publiees="), Some(Place::default()));
    let receipt = Receipt { received_on: samples::today(), id: samples::dossier(1) };
    let read = place(&format!("suite=2026-03-05_{}&publiees=AN-17-QE-1", receipt.id)).unwrap();
    assert_eq!((read.dossiers, read.questions), (Some(receipt), Some("AN-17-QE-1".parse().unwrap())));
    for wrong in ["suite=x", "suite=2026-03-05_x", "suite=x_y", "publiees=x", "publiees=AN-17-QE-0"] {
        assert_eq!(place(wrong), None, "{wrong}");
    }
}
