//! Documents over HTTP: how they are taken, and to whom and under which headers they are given.

use anyhow::{Context as _, Result};
use pli_app::Document;
use pli_domain::ids::DossierId;
use pli_tests::samples::{pdf, petition, route};
use pli_tests::{Engine, Fine as _, Person, Served};
use reqwest::multipart::{Form, Part};
use reqwest::{Response, StatusCode};
use serde_json::json;

/// A name with an accent, a quote, a path, and what would end a header.
const NASTY: &str = "../é\"\r\nX-Injected: 1.pdf";

async fn served() -> Result<Served> {
    Served::open(Engine::Sqlite, false).await
}

/// A letter of the DACS with a document of that name.
async fn letter_with(served: &Served, name: &str) -> Result<(Document, DossierId)> {
    let office = &served.office;
    let document = office.receive(name, &pdf("Madame")).await.fine()?;
    let id = office.register(petition("Divorce")).await?.dossier.id;
    office
        .play(id, [(Person::Clerk, document.clone().into()), (Person::Clerk, route(office.unit("DACS")?))])
        .await?;
    Ok((document, id))
}

fn path(document: &Document) -> String {
    format!("/dossiers/SG-2026-A-000001/documents/{}", document.attachment.file)
}

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// What every form of a page carries.
async fn hidden(served: &Served, page: &str, cookie: &str, name: &str) -> Result<String> {
    let page = served.page(page, cookie).await?.text().await?;
    // The first form is the one that signs out: its token is the same.
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).with_context(|| page.clone())?;
    Ok(rest.split('"').next().unwrap_or_default().to_owned())
}

/// A letter as a browser sends it, its document last.
fn letter(token: &str, key: &str, document: Option<Part>) -> Form {
    let fields = [
        ("token", token),
        ("idempotencyKey", key),
        ("sender", "Mme Élise Garonne"),
        ("subject", "Aide juridictionnelle"),
        ("category", "petition"),
        ("channel", "post"),
        ("documentOn", "2026-11-16"),
        ("receivedOn", "2026-11-19"),
    ];
    let form = fields.into_iter().fold(Form::new(), |form, (name, value)| form.text(name, value.to_owned()));
    match document {
        Some(part) => form.part("document", part),
        None => form,
    }
}

async fn send(served: &Served, cookie: &str, form: Form) -> Result<Response> {
    let request = served.client.post(format!("{}/courriers/nouveau", served.url)).header("cookie", cookie);
    Ok(request.header("sec-fetch-site", "same-origin").multipart(form).send().await?)
}

/// The identifier of a dossier: of a letter at which the clerk has looked, and which is another.
async fn id(served: &Served, reference: &str) -> Result<String> {
    let auditor = served.office.caller(Person::Auditor).await?;
    let sheet = served.office.app.dossier_by_reference(&auditor, reference).await.fine()?;
    Ok(sheet.context("no such dossier")?.dossier.id.to_string())
}

/// How many files are stored.
fn stored(served: &Served) -> Result<usize> {
    let folders = std::fs::read_dir(served.office.files.path())?.collect::<Result<Vec<_>, _>>()?;
    let counts = folders.iter().map(|folder| std::fs::read_dir(folder.path()).map(Iterator::count));
    Ok(counts.sum::<Result<usize, _>>()?)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_is_given_as_what_it_is_and_can_do_nothing() -> Result<()> {
    let served = served().await?;
    let (document, id) = letter_with(&served, NASTY).await?;
    let cookie = served.cookie(Person::Correspondent).await?;
    let answer = served.page(&path(&document), &cookie).await?;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(header(&answer, "content-type"), "application/pdf");
    assert_eq!(header(&answer, "content-length"), document.attachment.bytes.to_string());
    assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
    assert_eq!(header(&answer, "cache-control"), "no-store");
    let name = "inline; filename*=UTF-8''%C3%A9%22X-Injected%3A%201.pdf";
    assert_eq!(header(&answer, "content-disposition"), name);
    assert_eq!(header(&answer, "x-injected"), "");
    let policy = header(&answer, "content-security-policy").to_owned();
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'self'"), "{policy}");
    assert_eq!(answer.bytes().await?, pdf("Madame"));

    let picture =
        served.office.receive("photo.pdf", b"\x89PNG\r\n\x1a\n<script>alert(1)</script>").await.fine()?;
    served.office.play(id, [(Person::Clerk, picture.clone().into())]).await?;
    let answer = served.page(&path(&picture), &cookie).await?;
    assert_eq!(header(&answer, "content-type"), "image/png");
    assert_eq!(header(&answer, "content-disposition"), "inline; filename*=UTF-8''photo.pdf.png");
    assert!(header(&answer, "content-security-policy").starts_with("sandbox; default-src 'none'"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_out_of_sight_is_not_told_from_none() -> Result<()> {
    let served = served().await?;
    let (document, _) = letter_with(&served, "lettre.pdf").await?;
    let file = document.attachment.file.to_string();
    let (prisons, clerk) = (served.cookie(Person::Prisons).await?, served.cookie(Person::Clerk).await?);
    let hidden = served.page(&path(&document), &prisons).await?;
    assert_eq!(hidden.status(), StatusCode::NOT_FOUND);
    let absent = served.page(&path(&document).replace("000001", "999999"), &prisons).await?;
    assert_eq!(hidden.text().await?, absent.text().await?);
    for wrong in [
        format!("/dossiers/SG-2026-A-000001/documents/{}", file.to_uppercase()),
        format!("/dossiers/SG-2026-A-000001/documents/{}", "0".repeat(64)),
        "/dossiers/SG-2026-A-000001/documents/..%2F..%2Fpli.sqlite".to_owned(),
        "/dossiers/SG-2026-A-000001/documents/%2Fetc%2Fpasswd".to_owned(),
        // Its digest alone, or a seal of one's own making, opens nothing.
        format!("/documents/{file}"),
        format!("/documents/{file}.pdf.{}.lettre.pdf", "0".repeat(64)),
    ] {
        assert_eq!(served.page(&wrong, &clerk).await?.status(), StatusCode::NOT_FOUND, "{wrong}");
    }
    let anonymous = served.client.get(format!("{}{}", served.url, path(&document))).send().await?;
    assert_eq!(anonymous.status(), StatusCode::SEE_OTHER);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_is_sent_with_its_document_once() -> Result<()> {
    let served = served().await?;
    let cookie = served.cookie(Person::Clerk).await?;
    let token = hidden(&served, "/courriers/nouveau", &cookie, "token").await?;
    let part = || Part::bytes(pdf("Madame")).file_name("Lettre d’Élise.pdf");
    for _ in 0..2 {
        let answer = send(&served, &cookie, letter(&token, "clef", Some(part()))).await?;
        assert_eq!(header(&answer, "location"), "/dossiers/SG-2026-A-000001?fait=register");
    }
    assert_eq!(stored(&served)?, 1);
    let page = served.page("/dossiers/SG-2026-A-000001?fait=register", &cookie).await?.text().await?;
    assert!(
        page.contains("Vous avez enregistré le courrier.") && page.contains("Lettre d’Élise.pdf"),
        "{page}"
    );
    let auditor = served.token(Person::Auditor).await?;
    let query = r#"{ dossierByReference(reference: "SG-2026-A-000001") {
        ... on Mail { attachments { digest name mediaType bytes at by url } }
    } }"#;
    let answer = served.ask(Some(&auditor), query, json!(null)).await?;
    let attachments = &answer["data"]["dossierByReference"]["attachments"];
    let digest = attachments[0]["digest"].as_str().context("no digest")?;
    let told = json!([{
        "digest": digest,
        "name": "Lettre d’Élise.pdf",
        "mediaType": "application/pdf",
        "bytes": pdf("Madame").len(),
        "at": "2026-11-22T09:00:00+00:00",
        "by": Person::Clerk.name(),
        "url": format!("/dossiers/SG-2026-A-000001/documents/{digest}"),
    }]);
    assert_eq!(*attachments, told, "{answer}");
    // A browser sends a field in which nothing was chosen as a file without a name.
    let none = Part::bytes(Vec::new()).file_name("");
    let other = letter(&token, "autre", Some(none)).text("apart", id(&served, "SG-2026-A-000001").await?);
    let answer = send(&served, &cookie, other).await?;
    assert_eq!(header(&answer, "location"), "/dossiers/SG-2026-A-000002?fait=register");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_letter_keeps_its_document_for_the_session_that_sent_it() -> Result<()> {
    let served = served().await?;
    let (cookie, other) = (served.cookie(Person::Clerk).await?, served.cookie(Person::Clerk).await?);
    let token = hidden(&served, "/courriers/nouveau", &cookie, "token").await?;
    let wrong = Form::new().text("token", token.clone()).text("sender", "Mme Garonne");
    let refused =
        send(&served, &cookie, wrong.part("document", Part::bytes(pdf("Madame")).file_name("l.pdf"))).await?;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = refused.text().await?;
    assert!(page.contains("est gardé") && page.contains("value=\"Mme Garonne\""), "{page}");
    let (_, rest) = page.split_once("name=\"document\" value=\"").context("not kept")?;
    let sealed = rest.split('"').next().unwrap_or_default().to_owned();
    // It is seen beside the form, by that session only.
    let seen = served.page(&format!("/documents/{sealed}"), &cookie).await?;
    assert_eq!((seen.status(), header(&seen, "content-type")), (StatusCode::OK, "application/pdf"));
    assert_eq!(served.page(&format!("/documents/{sealed}"), &other).await?.status(), StatusCode::NOT_FOUND);
    // Another session that knows the sealed name registers its letter, without the document.
    let foreign = hidden(&served, "/courriers/nouveau", &other, "token").await?;
    let answer =
        send(&served, &other, letter(&foreign, "clef", None).text("document", sealed.clone())).await?;
    assert_eq!(header(&answer, "location"), "/dossiers/SG-2026-A-000001?fait=register");
    let page = served.page("/dossiers/SG-2026-A-000001", &cookie).await?.text().await?;
    assert!(page.contains("Aucun document n’est joint."), "{page}");
    // The one that sent it sends the form again, without the file.
    let apart = id(&served, "SG-2026-A-000001").await?;
    let own = letter(&token, "la sienne", None).text("document", sealed.clone()).text("apart", apart);
    let answer = send(&served, &cookie, own).await?;
    assert_eq!(header(&answer, "location"), "/dossiers/SG-2026-A-000002?fait=register");
    let page = served.page("/dossiers/SG-2026-A-000002", &cookie).await?.text().await?;
    assert!(page.contains(">l.pdf</a>"), "{page}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_document_is_said_with_all_else_that_is_wrong() -> Result<()> {
    let served = served().await?;
    let cookie = served.cookie(Person::Clerk).await?;
    let token = hidden(&served, "/courriers/nouveau", &cookie, "token").await?;
    let mut long = pdf("Trop");
    long.resize((20 << 20) + 1, b' ');
    for (content, said) in [
        (b"<script>alert(1)</script>".to_vec(), "ni un PDF"),
        (Vec::new(), "est vide"),
        (long, "dépasse 20 Mio"),
    ] {
        let part = Part::bytes(content).file_name("lettre.pdf");
        let form =
            Form::new().text("token", token.clone()).text("subject", "Un objet tapé").part("document", part);
        let answer = send(&served, &cookie, form).await?;
        assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY, "{said}");
        let page = answer.text().await?;
        for word in [
            said,
            "Expéditeur\u{a0}: Ce champ est obligatoire.",
            "value=\"Un objet tapé\"",
            "#register-document",
        ] {
            assert!(page.contains(word), "{word}: {page}");
        }
    }
    assert_eq!(stored(&served)?, 0);
    let auditor = served.token(Person::Auditor).await?;
    let count = served.ask(Some(&auditor), "{ dossiers { totalCount } }", json!(null)).await?;
    assert_eq!(count["data"]["dossiers"]["totalCount"], 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_is_taken_from_our_own_pages_only() -> Result<()> {
    let served = served().await?;
    let cookie = served.cookie(Person::Clerk).await?;
    let token = hidden(&served, "/courriers/nouveau", &cookie, "token").await?;
    let part = || Part::bytes(pdf("Madame")).file_name("lettre.pdf");
    let url = format!("{}/courriers/nouveau", served.url);
    let post = |site: &'static str, cookie: &str, form: Form| {
        served
            .client
            .post(&url)
            .header("sec-fetch-site", site)
            .header("cookie", cookie)
            .multipart(form)
            .send()
    };
    let own = "same-origin";
    // What comes from elsewhere is not even read: it is sent in one piece, or the connection may be gone half-way.
    let piece = format!(
        "--x\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\n{token}\r\n\
         --x\r\nContent-Disposition: form-data; name=\"document\"; filename=\"l.pdf\"\r\n\r\n%PDF-1.4\r\n--x--\r\n"
    );
    for (site, status) in [
        ("cross-site", StatusCode::FORBIDDEN),
        ("same-site", StatusCode::FORBIDDEN),
        (own, StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let request = served.client.post(&url).header("sec-fetch-site", site).header("cookie", &cookie);
        let request = request.header("content-type", "multipart/form-data; boundary=x").body(piece.clone());
        assert_eq!(request.send().await?.status(), status, "{site}");
        assert_eq!(stored(&served)?, usize::from(site == own), "{site}");
    }
    for (cookie, token) in [(cookie.as_str(), "faux"), ("pli_session=faux", &token)] {
        let answer = post(own, cookie, letter(token, "clef", Some(part()))).await?;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{token}");
        assert!(answer.text().await?.contains("Aide juridictionnelle"), "what was typed is not lost");
    }
    // A file that comes before the token is nobody's.
    let early = Form::new().part("document", part()).text("token", token.clone());
    assert_eq!(post(own, &cookie, early).await?.status(), StatusCode::UNPROCESSABLE_ENTITY);
    // Nor is one that is sent to an act that takes none.
    let act = format!("{}/dossiers/SG-2026-A-000001/route", served.url);
    served
        .client
        .post(act)
        .header("cookie", &cookie)
        .multipart(letter(&token, "clef", Some(part())))
        .send()
        .await?;
    assert_eq!(stored(&served)?, 1, "the one of our own page");
    // A text is not let in by the door of the documents.
    let endless = Form::new().text("token", token.clone()).text("subject", "x".repeat(2 << 20));
    assert_eq!(post(own, &cookie, endless).await?.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let broken = served.client.post(&url).header("cookie", &cookie);
    let broken = broken.header("content-type", "multipart/form-data").body("x").send().await?;
    assert_eq!(broken.status(), StatusCode::BAD_REQUEST);
    Ok(())
}
