//! The members of Parliament: imported, told apart, and found as the authors of questions.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use pli_app::{PublishedFilter, Report};
use pli_domain::identity::House;
use pli_domain::member::{Mandate, Member, PublishedMember};
use pli_domain::published::{Author, PublishedQuestion};
use pli_feeds::{Rejected, members, senat};
use pli_tests::samples::day;
use pli_tests::{Engine, Fine as _, Office};
use serde_json::json;
use tempfile::TempDir;

pli_tests::on_both!(
    every_real_member_is_one_person,
    the_same_import_again_changes_nothing,
    homonyms_stay_two_and_a_deputy_become_senator_one,
    what_tells_nobody_apart_is_refused,
    real_authors_are_found_whichever_file_comes_first,
    an_author_is_unknown_again_when_a_homonym_is_known,
    members_are_found_by_any_word_of_their_name,
);

const FILES: [&str; 3] = ["AMO_extrait.json.zip", "elus-deputes-dep.csv", "elus-senateurs-sen.csv"];

fn fixture(folder: &str, name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/feeds/fixtures").join(folder).join(name)
}

async fn import_real(office: &Office) -> Result<Vec<Report>> {
    let mut reports = Vec::new();
    for name in FILES {
        reports
            .push(office.app.import_members(members::open(&fixture("members", name))?, |_| {}).await.fine()?);
    }
    Ok(reports)
}

async fn import(office: &Office, said: impl IntoIterator<Item = PublishedMember>) -> Result<Report> {
    let said: Vec<Result<_, Rejected>> = said.into_iter().map(Ok).collect();
    office.app.import_members(said.into_iter(), |_| {}).await.fine()
}

async fn ask(office: &Office, record: PublishedQuestion) -> Result<Report> {
    let said: Vec<Result<_, Rejected>> = vec![Ok(record.seal()?)];
    office.app.import(said.into_iter(), |_| {}).await.fine()
}

async fn all(office: &Office, typed: &str) -> Result<Vec<Member>> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = office.app.members(typed, after.as_ref(), 25).await.fine()?;
        after = page.items.last().map(pli_app::MemberPlace::of);
        all.extend(page.items);
        if !page.more {
            return Ok(all);
        }
    }
}

fn seat(house: House, from: &str, place: &str) -> Result<Mandate> {
    let from = Some(day(from)?);
    Ok(Mandate { from, house, legislature: None, constituency: Some(place.to_owned()), to: None })
}

fn member(given: &str, family: &str, born: &str, mandates: Vec<Mandate>) -> Result<PublishedMember> {
    Ok(PublishedMember {
        given_name: given.to_owned(),
        family_name: family.to_owned(),
        born_on: Some(day(born)?),
        mandates,
        ..PublishedMember::default()
    })
}

/// A question of the Sénat that tells its author by name.
fn asked(name: &str, given: &str, family: &str) -> Result<PublishedQuestion> {
    let author = Author {
        given_name: Some(given.to_owned()),
        family_name: Some(family.to_owned()),
        ..Author::default()
    };
    let bare = PublishedQuestion::bare(name.parse()?, name.to_owned());
    Ok(PublishedQuestion {
        author,
        published_on: Some(day("2025-06-12")?),
        title: Some("T".to_owned()),
        ..bare
    })
}

/// Whom the published questions name, and how many of them are known.
async fn authors(office: &Office) -> Result<(usize, usize)> {
    let page = office.app.published_questions(&PublishedFilter::default(), None, 100).await.fine()?;
    anyhow::ensure!(!page.more);
    Ok((page.items.len(), page.items.iter().filter(|one| one.member.is_some()).count()))
}

/// 58 actors and 921 lines, of which 49 speak of one of the actors: counted beside, by name and day of birth.
async fn every_real_member_is_one_person(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let [actors, deputies, senators] = &import_real(&office).await?[..] else { anyhow::bail!("three files") };
    assert_eq!((actors.read(), actors.created, actors.rejected.len()), (58, 58, 0));
    assert_eq!((deputies.read(), deputies.rejected.len()), (574, 0));
    assert_eq!((senators.read(), senators.created, senators.rejected.len()), (347, 347, 0));
    let people = all(&office, "").await?;
    assert_eq!(u64::try_from(people.len())?, 58 + deputies.created + 347);
    assert_eq!(deputies.created, DEPUTIES_ONLY_IN_THE_DIRECTORY);
    let twice: Vec<_> = people
        .iter()
        .filter(|one| one.known.mandates.iter().filter(|seat| seat.to.is_none()).count() > 1)
        .map(|one| (one.known.name(), &one.known.mandates))
        .collect();
    assert!(twice.is_empty(), "nobody sits twice: {twice:?}");
    Ok(())
}

const DEPUTIES_ONLY_IN_THE_DIRECTORY: u64 = 525;

async fn the_same_import_again_changes_nothing(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    import_real(&office).await?;
    let people = all(&office, "").await?;
    for report in import_real(&office).await? {
        assert_eq!((report.created, report.updated, report.rejected.len()), (0, 0, 0));
        assert_eq!(report.unchanged, report.read());
    }
    assert_eq!(all(&office, "").await?, people);
    Ok(())
}

async fn homonyms_stay_two_and_a_deputy_become_senator_one(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let deputy = PublishedMember {
        reference: Some("PA9".to_owned()),
        mandates: vec![Mandate {
            to: Some(day("2020-09-30")?),
            legislature: Some(15),
            ..seat(House::Assembly, "2017-06-18", "Isère (1)")?
        }],
        ..member("Éliane", "Giraud", "1952-08-11", Vec::new())?
    };
    let senator =
        member("ÉLIANE", "Giraud", "1952-08-11", vec![seat(House::Senate, "2020-10-01", "Isère")?])?;
    let other = member("Éliane", "Giraud", "1971-01-01", vec![seat(House::Senate, "2020-10-01", "Lot")?])?;
    let report = import(&office, [deputy, senator.clone(), other]).await?;
    assert_eq!((report.created, report.updated), (2, 1));
    let people = all(&office, "giraud").await?;
    assert_eq!(
        people.iter().map(|one| one.known.mandates.len()).collect::<Vec<_>>().iter().sum::<usize>(),
        3
    );
    let one = people.iter().find(|one| one.known.reference.is_some()).context("the deputy")?;
    assert_eq!(
        one.known.mandates.iter().map(|seat| seat.house).collect::<Vec<_>>(),
        [House::Assembly, House::Senate]
    );
    assert_eq!(import(&office, [senator]).await?.unchanged, 1);
    Ok(())
}

async fn what_tells_nobody_apart_is_refused(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let born = |reference: Option<&str>| {
        Ok::<_, anyhow::Error>(PublishedMember {
            reference: reference.map(str::to_owned),
            ..member("Jean", "Martin", "1960-01-01", Vec::new())?
        })
    };
    let unborn = PublishedMember { born_on: None, ..born(None)? };
    let zero = PublishedMember { family_name: "Mar\0tin".to_owned(), ..born(Some("PA3"))? };
    let said = [born(Some("PA1"))?, born(Some("PA2"))?, born(None)?, unborn, zero];
    let report = import(&office, said).await?;
    assert_eq!(report.created, 2);
    let codes: Vec<_> = report.rejected.iter().map(|rejection| rejection.code).collect();
    assert_eq!(codes, ["not_told_apart", "NULL_CHARACTER", "ambiguous_member"]);
    Ok(())
}

/// Of the real questions that tell their author, those of the Sénat's table are known: the senators of 2016 are in no file
/// here, nor is the deputy of 2014. The Assemblée's extracts tell no author.
async fn real_authors_are_found_whichever_file_comes_first(engine: Engine) -> Result<()> {
    for members_first in [true, false] {
        let office = Office::open(engine).await?;
        if members_first {
            import_real(&office).await?;
        }
        for name in ["questions_depuis_un_an_echantillon.csv", "question_search_result.html"] {
            office.app.import(senat::open(&fixture("senat", name))?, |_| {}).await.fine()?;
        }
        let former = pli_feeds::assemblee::open(&fixture("assemblee", "q14_14-47351QE.xml"))?;
        office.app.import(former, |_| {}).await.fine()?;
        if !members_first {
            assert_eq!(authors(&office).await?, (14, 0));
            import_real(&office).await?;
        }
        assert_eq!(authors(&office).await?, (14, 3), "members first: {members_first}");
        let daubet = all(&office, "daubet").await?.pop().context("Daubet")?;
        let of = PublishedFilter { member: Some(daubet.id), ..PublishedFilter::default() };
        let his = office.app.published_questions(&of, None, 10).await.fine()?.items;
        assert_eq!(his.iter().map(|one| one.uid.as_str()).collect::<Vec<_>>(), ["SEQ250605028"]);
    }
    Ok(())
}

async fn an_author_is_unknown_again_when_a_homonym_is_known(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    ask(&office, asked("SENAT-2025-QE-1", "Jean", "Martin")?).await?;
    let of_the_assembly = Author { reference: Some("PA7".to_owned()), ..Author::default() };
    let written = PublishedQuestion { author: of_the_assembly, ..asked("AN-17-QE-1", "", "")? };
    ask(&office, written).await?;
    assert_eq!(authors(&office).await?, (2, 0));
    let lot = member("Jean", "Martin", "1960-01-01", vec![seat(House::Senate, "2020-10-01", "Lot")?])?;
    let deputy = PublishedMember {
        reference: Some("PA7".to_owned()),
        ..member("Zoé", "Lefort", "1980-01-01", vec![seat(House::Assembly, "2024-07-08", "Gers (1)")?])?
    };
    import(&office, [lot, deputy]).await?;
    assert_eq!(authors(&office).await?, (2, 2));
    let found = PublishedFilter { words: Some("Lefort".to_owned()), ..PublishedFilter::default() };
    let found = office.app.published_questions(&found, None, 10).await.fine()?.items;
    assert_eq!(
        found[0].author.as_deref(),
        Some("Zoé Lefort"),
        "found by the name that the record leaves out"
    );
    let gers = member("Jean", "Martin", "1971-01-01", vec![seat(House::Senate, "2023-10-02", "Gers")?])?;
    import(&office, [gers]).await?;
    assert_eq!(authors(&office).await?, (2, 1), "two of that name sat: nobody is guessed at");
    assert!(office.database.store.unsettled(1).await?.is_empty());
    Ok(())
}

async fn members_are_found_by_any_word_of_their_name(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let folder = TempDir::new()?;
    let path = folder.path().join("a.json");
    let actor = json!({ "acteur": {
        "uid": { "#text": "PA5" },
        "etatCivil": { "ident": { "civ": "Mme", "prenom": "Anne-Laure", "nom": "D’Étoile" },
            "infoNaissance": { "dateNais": "1970-01-01" } },
    }});
    fs::write(&path, actor.to_string())?;
    office.app.import_members(members::open(&path)?, |_| {}).await.fine()?;
    for typed in ["ann", "Laure", "ETOILE", "Mme Anne", "PA5", " PA5 ", "anne laure d"] {
        assert_eq!(all(&office, typed).await?.len(), 1, "{typed}");
    }
    for typed in ["toile", "PA", "…", "\0", "anne x"] {
        assert!(all(&office, typed).await?.is_empty(), "{typed}");
    }
    Ok(())
}
