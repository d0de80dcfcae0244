//! Signing in by an OpenID provider, a certified one, as the State's agents do by ProConnect.

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use pli_tests::openid::{AGENT, AtProvider, NAMESAKE};
use pli_tests::{Engine, OpenId, Person, Served};
use reqwest::{Response, StatusCode, Url};
use serde_json::json;

use crate::pages::{Visitor, between};

pli_tests::on_both!(
    an_agent_signs_in_and_out_once_an_administrator_has_bound_them,
    two_identities_of_one_address_are_two,
    an_identity_that_is_taken_away_opens_nothing,
);

/// A browser at Pli's: where it was sent, and what it keeps meanwhile.
struct Begun {
    to: String,
    cookie: String,
}

async fn begin(served: &Served, onward: &str) -> Result<Begun> {
    served.catch_up();
    let answer = served.client.get(format!("{}/connexion/proconnect{onward}", served.url)).send().await?;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    let kept = answer.headers()["set-cookie"].to_str()?;
    assert!(kept.starts_with("pli_identification="), "{kept}");
    assert!(
        kept.ends_with("; Path=/connexion/proconnect; Max-Age=600; HttpOnly; SameSite=Lax"),
        "it comes back from another site, and goes nowhere else: {kept}"
    );
    let cookie = kept.split(';').next().context("no cookie")?.to_owned();
    Ok(Begun { to: answer.headers()["location"].to_str()?.to_owned(), cookie })
}

async fn come_back(served: &Served, to: &str, cookie: &str) -> Result<Response> {
    // The provider issues its tokens now.
    served.catch_up();
    Ok(served.client.get(to).header("cookie", cookie).send().await?)
}

/// Signs in with an identity, the way a browser does.
async fn sign_in(served: &Served, at: &mut AtProvider<'_>, sub: &str) -> Result<Response> {
    let begun = begin(served, "?suite=/dossiers").await?;
    let back = at.identify(&begun.to, sub).await?;
    come_back(served, &back, &begun.cookie).await
}

fn session(answer: &Response) -> Result<String> {
    let lines = answer.headers().get_all("set-cookie").iter().filter_map(|line| line.to_str().ok());
    let line = lines.into_iter().find(|line| line.starts_with("pli_session=")).context("no session")?;
    Ok(line.split(';').next().unwrap_or_default().to_owned())
}

/// Refused, in words, and nobody is let in.
async fn refused(answer: Response, status: StatusCode, words: &str) -> Result<()> {
    assert_eq!(answer.status(), status);
    assert!(session(&answer).is_err());
    let page = answer.text().await?;
    assert!(page.contains("Connexion refusée") && page.contains(words), "{words}: {page}");
    Ok(())
}

/// The administrator binds the identity of this mark to the clerk's account, on the page.
async fn bind(served: &Served, mark: &str) -> Result<()> {
    let administrator = Visitor::open(served, Person::Administrator).await?;
    let (_, page) = administrator.get(&format!("/reglages/personnes/{}", Person::Clerk.login())).await?;
    let row = page.split("<tr>").find(|row| row.contains(mark)).with_context(|| page.clone())?;
    let id = between(row, "name=\"id\" value=\"", "\"")?;
    let form = [("idempotencyKey", mark), ("id", id)];
    let path = format!("/reglages/personnes/{}/bind_identity", Person::Clerk.login());
    let answer = administrator.post(&path, &form).await?;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    Ok(())
}

fn mark(sub: &str) -> &str {
    &sub[sub.len() - 8..]
}

async fn an_agent_signs_in_and_out_once_an_administrator_has_bound_them(engine: Engine) -> Result<()> {
    let provider = OpenId::open()?;
    let served = Served::open_by(engine, &provider).await?;
    let page = served.client.get(format!("{}/connexion?suite=/dossiers", served.url)).send().await?;
    let page = page.text().await?;
    assert!(page.contains("href=\"/connexion/proconnect?suite=%2Fdossiers\""), "{page}");
    let mut at = provider.visitor();
    let unknown = sign_in(&served, &mut at, AGENT).await?;
    refused(unknown, StatusCode::FORBIDDEN, "n’ouvre aucun compte de Pli").await?;
    let sql = served.office.database.sql().await?;
    let accounts: i64 = sql.one("SELECT count(*) FROM account").await?;
    assert_eq!(accounts, 11, "no account is made");
    bind(&served, mark(AGENT)).await?;

    let entered = sign_in(&served, &mut at, AGENT).await?;
    assert_eq!(entered.status(), StatusCode::OK);
    let cookie = session(&entered)?;
    let page = entered.text().await?;
    assert!(
        page.contains("content=\"0; url=/dossiers\""),
        "the cookie is not sent after a redirection: {page}"
    );
    let page = served.page("/mon-compte", &cookie).await?.text().await?;
    assert!(page.contains(Person::Clerk.name()) && page.contains(", par ProConnect"), "{page}");
    assert!(page.contains("Identité ProConnect rattachée"), "{page}");

    let token = between(&page, "name=\"token\" value=\"", "\"")?.to_owned();
    let leave = served.client.post(format!("{}/deconnexion", served.url)).header("cookie", &cookie);
    let left = leave.form(&[("token", token)]).send().await?;
    assert_eq!(left.status(), StatusCode::OK);
    let page = left.text().await?;
    let to = between(&page, "content=\"0; url=", "\"")?.replace("&#38;", "&").replace("&amp;", "&");
    let asked = Url::parse(&to)?;
    let hint =
        |name: &str| asked.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
    assert!(hint("id_token_hint").is_some_and(|token| token.matches('.').count() == 2), "{to}");
    assert!(hint("state").is_some_and(|state| state.len() >= 32), "{to}");
    let back = at.leave(&to).await?;
    assert!(back.starts_with(&format!("{}/connexion?state=", served.url)), "{back}");
    assert_eq!(served.page("/dossiers", &cookie).await?.status(), StatusCode::SEE_OTHER, "signed out of Pli");
    let begun = begin(&served, "").await?;
    let silent = format!("{}&prompt=none", begun.to);
    let back = at.identify(&silent, AGENT).await?;
    assert!(back.contains("error=login_required"), "signed out of the provider: {back}");
    let answer = come_back(&served, &back, &begun.cookie).await?;
    refused(answer, StatusCode::UNAUTHORIZED, "demande que vous vous identifiiez de nouveau").await
}

async fn two_identities_of_one_address_are_two(engine: Engine) -> Result<()> {
    let provider = OpenId::open()?;
    let served = Served::open_by(engine, &provider).await?;
    for sub in [AGENT, NAMESAKE] {
        let answer = sign_in(&served, &mut provider.visitor(), sub).await?;
        refused(answer, StatusCode::FORBIDDEN, "n’ouvre aucun compte").await?;
    }
    bind(&served, mark(AGENT)).await?;
    let answer = sign_in(&served, &mut provider.visitor(), NAMESAKE).await?;
    refused(answer, StatusCode::FORBIDDEN, "n’ouvre aucun compte").await?;
    assert!(session(&sign_in(&served, &mut provider.visitor(), AGENT).await?).is_ok());
    bind(&served, mark(NAMESAKE)).await?;
    assert!(session(&sign_in(&served, &mut provider.visitor(), NAMESAKE).await?).is_ok(), "both, by hand");
    Ok(())
}

async fn an_identity_that_is_taken_away_opens_nothing(engine: Engine) -> Result<()> {
    let provider = OpenId::open()?;
    let served = Served::open_by(engine, &provider).await?;
    let login = Person::Clerk.login();
    sign_in(&served, &mut provider.visitor(), AGENT).await?;
    bind(&served, mark(AGENT)).await?;
    let by_provider = session(&sign_in(&served, &mut provider.visitor(), AGENT).await?)?;
    let by_password = served.cookie(Person::Clerk).await?;
    let administrator = Visitor::open(&served, Person::Administrator).await?;
    let (_, page) = administrator.get(&format!("/reglages/personnes/{login}")).await?;
    let row = page.split("<tr>").find(|row| row.contains(mark(AGENT))).context("not bound")?;
    let form = [("idempotencyKey", "détacher"), ("id", between(row, "name=\"id\" value=\"", "\"")?)];
    let path = format!("/reglages/personnes/{login}/unbind_identity");
    assert_eq!(administrator.post(&path, &form).await?.status(), StatusCode::SEE_OTHER);
    assert_eq!(served.page("/dossiers", &by_provider).await?.status(), StatusCode::SEE_OTHER);
    assert_eq!(served.page("/dossiers", &by_password).await?.status(), StatusCode::OK);
    let answer = sign_in(&served, &mut provider.visitor(), AGENT).await?;
    refused(answer, StatusCode::FORBIDDEN, "n’ouvre aucun compte").await?;
    // A disabled account is told the same.
    bind(&served, mark(AGENT)).await?;
    let path = format!("/reglages/personnes/{login}/disable");
    let disabled = administrator.post(&path, &[("idempotencyKey", "désactiver")]).await?;
    assert_eq!(disabled.status(), StatusCode::SEE_OTHER);
    let answer = sign_in(&served, &mut provider.visitor(), AGENT).await?;
    refused(answer, StatusCode::FORBIDDEN, "n’ouvre aucun compte").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_asked_of_the_provider_is_long_and_drawn_anew() -> Result<()> {
    let provider = OpenId::open()?;
    let served = Served::open_by(Engine::Sqlite, &provider).await?;
    let (one, other) = (begin(&served, "").await?, begin(&served, "").await?);
    for name in ["state", "nonce", "code_challenge"] {
        let value = |begun: &Begun| {
            let url = Url::parse(&begun.to)?;
            let value = url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
            value.with_context(|| format!("no {name}"))
        };
        assert!(value(&one)?.len() >= 32 && value(&one)? != value(&other)?, "{name}");
    }
    assert!(
        one.to.contains("code_challenge_method=S256") && one.to.contains("response_type=code"),
        "{}",
        one.to
    );
    assert!(!one.to.contains(one.cookie.split('=').nth(1).context("a secret")?), "the secret stays here");
    Ok(())
}

/// Whatever is brought back that is not what was asked lets nobody in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_brought_back_must_be_what_was_asked() -> Result<()> {
    let provider = OpenId::open()?;
    let served = Served::open_by(Engine::Sqlite, &provider).await?;
    let mut at = provider.visitor();
    sign_in(&served, &mut at, AGENT).await?;
    bind(&served, mark(AGENT)).await?;

    // Another state; another browser; no browser at all.
    let (one, other) = (begin(&served, "").await?, begin(&served, "").await?);
    let back = at.identify(&one.to, AGENT).await?;
    let mut changed = Url::parse(&back)?;
    let pairs: Vec<_> =
        changed.query_pairs().map(|(key, value)| (key.into_owned(), value.into_owned())).collect();
    changed.query_pairs_mut().clear();
    for (key, value) in &pairs {
        let value = if key == "state" { "x".repeat(31) } else { value.clone() };
        changed.query_pairs_mut().append_pair(key, &value);
    }
    for (to, cookie) in [(changed.as_str(), one.cookie.as_str()), (&back, &other.cookie), (&back, "")] {
        let answer = come_back(&served, to, cookie).await?;
        refused(answer, StatusCode::BAD_REQUEST, "a déjà servi, ou elle a commencé").await?;
    }
    // What was begun was not ended by them; it serves once.
    let entered = come_back(&served, &back, &one.cookie).await?;
    assert!(session(&entered).is_ok());
    let again = come_back(&served, &back, &one.cookie).await?;
    refused(again, StatusCode::BAD_REQUEST, "a déjà servi").await?;

    // A code that has served, brought to another sign-in.
    let code = pairs.iter().find(|(key, _)| key == "code").context("no code")?.1.clone();
    let state = Url::parse(&other.to)?
        .query_pairs()
        .find(|(key, _)| key == "state")
        .context("no state")?
        .1
        .into_owned();
    let replayed = format!("{}/connexion/proconnect/retour?code={code}&state={state}", served.url);
    let answer = come_back(&served, &replayed, &other.cookie).await?;
    refused(answer, StatusCode::UNAUTHORIZED, "n’a pas pu être vérifiée").await?;

    // Another nonce.
    let begun = begin(&served, "").await?;
    let nonce = between(&begun.to, "nonce=", "&")?;
    let back = at.identify(&begun.to.replace(nonce, &"f".repeat(64)), AGENT).await?;
    let answer = come_back(&served, &back, &begun.cookie).await?;
    refused(answer, StatusCode::UNAUTHORIZED, "n’a pas pu être vérifiée").await?;

    // Another challenge: whoever asks for the tokens is not who began.
    let begun = begin(&served, "").await?;
    let challenge = between(&begun.to, "code_challenge=", "&")?;
    let back = at.identify(&begun.to.replace(challenge, &"f".repeat(43)), AGENT).await?;
    let answer = come_back(&served, &back, &begun.cookie).await?;
    refused(answer, StatusCode::UNAUTHORIZED, "n’a pas pu être vérifiée").await?;

    // Another issuer.
    let begun = begin(&served, "").await?;
    let back = at.identify(&begun.to, AGENT).await?;
    let mut elsewhere = Url::parse(&back)?;
    let pairs: Vec<_> =
        elsewhere.query_pairs().map(|(key, value)| (key.into_owned(), value.into_owned())).collect();
    elsewhere.query_pairs_mut().clear();
    for (key, value) in &pairs {
        elsewhere
            .query_pairs_mut()
            .append_pair(key, if key == "iss" { "https://mechant.example" } else { value });
    }
    let answer = come_back(&served, elsewhere.as_str(), &begun.cookie).await?;
    refused(answer, StatusCode::UNAUTHORIZED, "n’a pas pu être vérifiée").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_token_and_an_old_sign_in_let_nobody_in() -> Result<()> {
    let provider = OpenId::open()?;
    for (minutes, status, words) in [
        (5, StatusCode::UNAUTHORIZED, "n’a pas pu être vérifiée"),
        (11, StatusCode::BAD_REQUEST, "plus de dix minutes"),
    ] {
        let served = Served::open_by(Engine::Sqlite, &provider).await?;
        let begun = begin(&served, "").await?;
        let now = served.office.now().instant();
        let back = provider.visitor().identify(&begun.to, AGENT).await?;
        served.office.clock.set(now + TimeDelta::minutes(minutes));
        refused(come_back(&served, &back, &begun.cookie).await?, status, words).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_provider_changes_its_keys_and_how_it_signs() -> Result<()> {
    let provider = OpenId::open()?;
    let served = Served::open_by(Engine::Sqlite, &provider).await?;
    sign_in(&served, &mut provider.visitor(), AGENT).await?;
    bind(&served, mark(AGENT)).await?;
    for alg in ["RS256", "ES256", "RS256"] {
        provider.tell(&json!({ "alg": alg })).await?;
        let entered = sign_in(&served, &mut provider.visitor(), AGENT).await?;
        assert!(session(&entered).is_ok(), "{alg}");
    }
    // A secret that both know is nobody's signature.
    provider.tell(&json!({ "alg": "HS256" })).await?;
    let answer = sign_in(&served, &mut provider.visitor(), AGENT).await?;
    refused(answer, StatusCode::UNAUTHORIZED, "n’a pas pu être vérifiée").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_the_ministrys_agents_surely_identified_are_let_in() -> Result<()> {
    let provider = OpenId::open()?;
    let served = Served::open_by(Engine::Sqlite, &provider).await?;
    sign_in(&served, &mut provider.visitor(), AGENT).await?;
    bind(&served, mark(AGENT)).await?;
    let later = || served.office.clock.set(served.office.now().instant() + TimeDelta::seconds(1));
    later();
    provider.tell(&json!({ "level": "eidas0" })).await?;
    let answer = sign_in(&served, &mut provider.visitor(), AGENT).await?;
    refused(answer, StatusCode::FORBIDDEN, "trop peu sûre").await?;
    let elsewhere = json!({ "given_name": "Nadège", "usual_name": "Trémolat", "email": "n@autre.example", "siret": "13002526500013" });
    later();
    provider.tell(&json!({ "level": "eidas1", "people": { AGENT: elsewhere } })).await?;
    let answer = sign_in(&served, &mut provider.visitor(), AGENT).await?;
    refused(answer, StatusCode::FORBIDDEN, "votre organisation").await?;
    let begun = begin(&served, "").await?;
    let back = provider.visitor().refuse(&begun.to).await?;
    let answer = come_back(&served, &back, &begun.cookie).await?;
    refused(answer, StatusCode::UNAUTHORIZED, "vous y avez renoncé").await?;
    let sql = served.office.database.sql().await?;
    let told: Vec<String> =
        sql.all("SELECT detail FROM access_journal WHERE event = 'sign_in_refused' ORDER BY id").await?;
    let told: Vec<_> =
        told.iter().filter_map(|line| line.split_once("\u{a0}: ")).map(|(_, why)| why).collect();
    assert_eq!(told, ["identité sans compte", "niveau d’identification insuffisant", "autre organisation"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_is_down_is_told() -> Result<()> {
    let mut provider = OpenId::open()?;
    let served = Served::open_by(Engine::Sqlite, &provider).await?;
    let begun = begin(&served, "").await?;
    let back = provider.visitor().identify(&begun.to, AGENT).await?;
    provider.stop();
    let answer = come_back(&served, &back, &begun.cookie).await?;
    refused(answer, StatusCode::SERVICE_UNAVAILABLE, "ProConnect ne répond pas").await?;
    let other = Served::open_as(
        Engine::Sqlite,
        pli_server::http::Options {
            provider: Some(provider.provider("http://localhost:1")?),
            ..Default::default()
        },
    )
    .await?;
    let answer = other.client.get(format!("{}/connexion/proconnect", other.url)).send().await?;
    refused(answer, StatusCode::SERVICE_UNAVAILABLE, "ProConnect ne répond pas").await?;
    assert!(other.cookie(Person::Clerk).await?.starts_with("pli_session="), "passwords still serve");
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn identities_are_the_administrators_to_bind_and_no_tokens() -> Result<()> {
    let provider = OpenId::open()?;
    let served = Served::open_by(Engine::Sqlite, &provider).await?;
    sign_in(&served, &mut provider.visitor(), AGENT).await?;
    let id: String = served.office.database.sql().await?.one("SELECT hex(id) FROM identity").await?;
    let (_, people) = Visitor::open(&served, Person::Administrator).await?.get("/reglages/personnes").await?;
    assert!(people.contains("n’ont pas de compte&nbsp;: Nadège Trémolat."), "{people}");
    let path = format!("/reglages/personnes/{}/bind_identity", Person::Clerk.login());
    let waiting = "{ waitingIdentities { id name email subject issuer } }";
    let mut known = json!(null);
    for person in Person::ALL {
        let told = served.ask(Some(&served.token(person).await?), waiting, json!(null)).await?;
        let told = &told["data"]["waitingIdentities"];
        if person == Person::Administrator {
            known = told[0].clone();
            continue;
        }
        assert_eq!(told, &json!([]), "{person:?}");
        let visitor = Visitor::open(&served, person).await?;
        let answer = visitor.post(&path, &[("idempotencyKey", "1"), ("id", &id)]).await?;
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{person:?}");
    }
    assert_eq!(known["subject"], AGENT);
    assert_eq!(known["issuer"], provider.issuer.as_str());
    let administrator = served.token(Person::Administrator).await?;
    let people = "{ people(first: 100) { edges { node { id login } } } }";
    let people = served.ask(Some(&administrator), people, json!(null)).await?;
    let edges = people["data"]["people"]["edges"].as_array().context("people")?;
    let clerk =
        edges.iter().find(|edge| edge["node"]["login"] == Person::Clerk.login()).context("no clerk")?;
    let variables = json!({ "id": known["id"], "person": clerk["node"]["id"] });
    let bind = |field: &str| {
        format!(
            "mutation($id: ID!, $person: ID!) {{ {field}(on: {{ id: $id, idempotencyKey: \"{field}\" }}, person: $person) {{ userErrors {{ code }} }} }}"
        )
    };
    for field in ["bindIdentity", "unbindIdentity"] {
        let refused = served.ask(Some(&administrator), &bind(field), variables.clone()).await?;
        assert_eq!(refused["data"][field]["userErrors"][0]["code"], "SESSION_REQUIRED", "{refused}");
    }
    // By the same API, with a session.
    let cookie = served.cookie(Person::Administrator).await?;
    let of = format!("{{ identitiesOf(login: \"{}\") {{ id }} }}", Person::Clerk.login());
    for (field, left) in [("bindIdentity", 1), ("unbindIdentity", 0)] {
        let request = served.client.post(format!("{}/graphql", served.url)).header("cookie", &cookie);
        let body = json!({ "query": bind(field), "variables": variables });
        let done: serde_json::Value = request.json(&body).send().await?.json().await?;
        assert_eq!(done["data"][field]["userErrors"], json!([]), "{done}");
        let bound = served.ask(Some(&administrator), &of, json!(null)).await?;
        assert_eq!(bound["data"]["identitiesOf"].as_array().map(Vec::len), Some(left), "{bound}");
    }
    Ok(())
}
