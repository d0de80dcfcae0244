//! One's own account: signing in, passwords, sessions, tokens, and what is told of them.

use anyhow::{Context as _, Result};
use pli_app::{Attempt, Caller, Entered, Error, NewToken, SignIn};
use pli_domain::account::{AccessEvent, AccountRefusal, TokenScope};
use pli_domain::actor::{Grant, Role};
use pli_domain::people::PersonCommand;
use pli_domain::refusal::Refusal;
use pli_domain::time::Timestamp;
use pli_tests::{Engine, Fine as _, Office, PASSWORD, Person, attempt};
use tokio::spawn;

pli_tests::on_both!(
    a_session_ends_when_it_is_not_used_and_when_it_is_old,
    what_a_page_asks_by_itself_is_no_use,
    whoever_hammers_a_login_shuts_out_unknown_browsers_alone,
    a_login_that_is_nobodys_is_held_the_same,
    a_drawn_password_is_changed_before_anything_else,
    a_changed_password_closes_the_other_sessions,
    the_present_password_cannot_be_tried_for_ever,
    sessions_are_listed_and_closed,
    a_token_is_shown_once_and_ends,
    a_token_never_exceeds_what_the_person_may_do_now,
    a_token_is_taken_back_by_its_owner_or_whoever_keeps_the_account,
    a_token_changes_nothing_of_the_account,
    what_happens_to_accounts_is_told_to_whom_it_concerns,
    the_journal_of_accesses_only_grows,
);

const FIREFOX: &str = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0";

/// Someone who has signed in by a browser that says this of itself.
async fn signed_in(office: &Office, person: Person) -> Result<(SignIn, Caller)> {
    let attempt = Attempt { user_agent: FIREFOX.to_owned(), ..attempt(person.login(), PASSWORD) };
    let Entered::Open(opened) = office.app.sign_in(&attempt).await.fine()? else {
        anyhow::bail!("{person:?} is not let in")
    };
    let caller = by(office, &opened).await?.context("the session is nobody's")?;
    Ok((opened, caller))
}

async fn by(office: &Office, opened: &SignIn) -> Result<Option<Caller>> {
    office.app.by_session(opened.session.reveal(), false).await.fine()
}

fn new_token(scope: TokenScope) -> NewToken {
    NewToken { name: "Tableau de bord".to_owned(), scope, days: 90 }
}

/// What has happened, without its order: the clock stands still.
async fn told(office: &Office, of: Person) -> Result<Vec<(AccessEvent, String)>> {
    let caller = office.caller(of).await?;
    let page = office.app.own_accesses(&caller, None, 100).await.fine()?;
    let mut told: Vec<_> = page.items.into_iter().map(|entry| (entry.event, entry.detail)).collect();
    told.sort_by_key(|(event, _)| <&str>::from(*event));
    Ok(told)
}

async fn a_session_ends_when_it_is_not_used_and_when_it_is_old(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    for (login, password) in [(Person::Auditor.login(), "autre chose"), ("personne", PASSWORD)] {
        assert!(office.come_in(login, password).await?.is_none());
    }
    let (idle, _) = signed_in(&office, Person::Auditor).await?;
    let (used, _) = signed_in(&office, Person::Auditor).await?;
    let sql = office.database.sql().await?;
    for hour in 10..21 {
        office.set_clock(&format!("2026-11-22T{hour}:59:59Z"))?;
        assert!(by(&office, &used).await?.is_some(), "{hour} h: it is used each hour");
    }
    assert!(by(&office, &idle).await?.is_none());
    office.set_clock("2026-11-22T21:00:00Z")?;
    assert!(by(&office, &used).await?.is_none(), "twelve hours after it was opened");
    assert_eq!(sql.one::<i64>("SELECT count(*) FROM session").await?, 2);
    signed_in(&office, Person::Auditor).await?;
    assert_eq!(sql.one::<i64>("SELECT count(*) FROM session").await?, 1, "those that are over are gone");
    Ok(())
}

async fn what_a_page_asks_by_itself_is_no_use(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let (opened, caller) = signed_in(&office, Person::Clerk).await?;
    let last_use = async || -> Result<Timestamp> {
        Ok(office.app.sessions(&caller).await.fine()?.first().context("no session")?.used_at)
    };
    let start = last_use().await?;
    office.set_clock("2026-11-22T09:04:59Z")?;
    by(&office, &opened).await?.context("closed")?;
    assert_eq!(last_use().await?, start, "it is kept once in five minutes");
    office.set_clock("2026-11-22T09:10:00Z")?;
    office.app.by_session(opened.session.reveal(), true).await.fine()?.context("closed")?;
    assert_eq!(last_use().await?, start);
    by(&office, &opened).await?.context("closed")?;
    assert_eq!(last_use().await?, office.now());
    Ok(())
}

async fn whoever_hammers_a_login_shuts_out_unknown_browsers_alone(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let login = Person::Clerk.login();
    let (opened, _) = signed_in(&office, Person::Clerk).await?;
    let own = Attempt { device: Some(opened.device.reveal().to_owned()), ..attempt(login, PASSWORD) };
    let elsewhere = Attempt { address: Some([192, 0, 2, 7].into()), ..attempt(login, "au hasard 1234") };
    for _ in 0..9 {
        assert!(matches!(office.app.sign_in(&elsewhere).await.fine()?, Entered::Refused));
    }
    for password in ["au hasard 1234", PASSWORD] {
        let held = Attempt { password: password.to_owned(), ..elsewhere.clone() };
        let Error::TooOften { wait } = office.app.sign_in(&held).await.failed()? else {
            anyhow::bail!("it is not held")
        };
        assert_eq!(wait, 300);
    }
    let Entered::Open(again) = office.app.sign_in(&own).await.fine()? else {
        anyhow::bail!("its owner is shut out")
    };
    assert_eq!(again.device.reveal(), opened.device.reveal(), "the browser stays known");
    // The browser of somebody else is not known for this login.
    let (other, _) = signed_in(&office, Person::Auditor).await?;
    let other = Attempt { device: Some(other.device.reveal().to_owned()), ..attempt(login, PASSWORD) };
    assert!(matches!(office.app.sign_in(&other).await.failed()?, Error::TooOften { .. }));
    office.set_clock("2026-11-22T09:05:00Z")?;
    assert!(office.come_in(login, PASSWORD).await?.is_some(), "five minutes later");
    office.set_clock("2027-06-01T09:00:00Z")?;
    for _ in 0..10 {
        office.app.sign_in(&elsewhere).await.fine()?;
    }
    assert!(
        matches!(office.app.sign_in(&own).await.failed()?, Error::TooOften { .. }),
        "180 days have passed"
    );
    Ok(())
}

async fn a_login_that_is_nobodys_is_held_the_same(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let mut answers = Vec::new();
    for login in ["personne", Person::Clerk.login()] {
        let mut told = Vec::new();
        for _ in 0..12 {
            told.push(match office.app.sign_in(&attempt(login, "au hasard 1234")).await {
                Ok(entered) => format!("{entered:?}"),
                Err(error) => error.message(),
            });
        }
        answers.push(told);
    }
    assert_eq!(answers[0], answers[1]);
    assert!(answers[0][11].ends_with("réessayez dans 5\u{a0}minutes."), "{}", answers[0][11]);
    let auditor = office.caller(Person::Auditor).await?;
    let lines = office.app.access_journal(&auditor, None, 100).await.fine()?.items;
    let held = lines.iter().filter(|entry| entry.event == AccessEvent::SignInHeld).count();
    assert_eq!((lines.len(), held), (22, 2), "what is held is told once in a while");
    assert!(lines.iter().any(|entry| entry.person.is_none()), "the login that was typed is not kept");
    Ok(())
}

async fn a_drawn_password_is_changed_before_anything_else(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let administrator = office.caller(Person::Administrator).await?;
    let clerk = office.database.store.person(Person::Clerk.login()).await?.context("no clerk")?;
    let (_, drawn) = office.app.reset_password(&administrator, office.key(), clerk.id).await.fine()?;
    let drawn = drawn.context("no password")?.reveal().to_owned();
    let first = attempt(Person::Clerk.login(), &drawn);
    assert!(matches!(office.app.sign_in(&first).await.fine()?, Entered::PasswordDrawn));
    for (new, code) in [
        ("trop court", "PASSWORD_TOO_SHORT"),
        ("Nadège Trémolat", "PASSWORD_IS_NAME"),
        ("motdepasse2026", "PASSWORD_COMMON"),
        (&drawn, "PASSWORD_SAME"),
    ] {
        let refused = office.app.choose_password(&first, new).await.map(drop).refused()?;
        assert_eq!((refused.code(), refused.field()), (code, Some("newPassword")));
    }
    let new = "agrafe bleue quatorze";
    let wrong = attempt(Person::Clerk.login(), PASSWORD);
    assert!(office.app.choose_password(&wrong, new).await.fine()?.is_none());
    let opened = office.app.choose_password(&first, new).await.fine()?.context("not let in")?;
    assert!(by(&office, &opened).await?.is_some());
    assert!(office.app.choose_password(&first, new).await.fine()?.is_none(), "it served once");
    office.set_clock("2026-11-22T12:00:00Z")?;
    assert!(office.come_in(Person::Clerk.login(), new).await?.is_some());
    let own = attempt(Person::Clerk.login(), new);
    assert!(office.app.choose_password(&own, PASSWORD).await.fine()?.is_none(), "it was not drawn");
    Ok(())
}

async fn a_changed_password_closes_the_other_sessions(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let (other, _) = signed_in(&office, Person::Clerk).await?;
    let (own, caller) = signed_in(&office, Person::Clerk).await?;
    let (stranger, _) = signed_in(&office, Person::Auditor).await?;
    let change = |key, present: &'static str, new: &'static str| {
        office.app.change_password(&caller, key, present, new)
    };
    let new = "agrafe bleue quatorze";
    let wrong = change(office.key(), "autre chose 1234", new).await.refused()?;
    assert_eq!((wrong.code(), wrong.field()), ("PASSWORD_WRONG", Some("password")));
    assert_eq!(change(office.key(), PASSWORD, PASSWORD).await.refused()?.code(), "PASSWORD_SAME");
    let key = office.key();
    change(key.clone(), PASSWORD, new).await.fine()?;
    change(key, PASSWORD, new).await.fine()?;
    assert!(by(&office, &own).await?.is_some());
    assert!(by(&office, &other).await?.is_none());
    assert!(by(&office, &stranger).await?.is_some(), "another's session");
    assert!(office.come_in(Person::Clerk.login(), PASSWORD).await?.is_none());
    assert!(office.come_in(Person::Clerk.login(), new).await?.is_some());
    let changed = told(&office, Person::Clerk).await?;
    assert_eq!(changed.iter().filter(|(event, _)| *event == AccessEvent::PasswordChanged).count(), 1);
    let kept: String = office.database.sql().await?.one("SELECT max(request) FROM idempotency").await?;
    assert_eq!(kept.len(), 64, "a digest");
    Ok(())
}

#[tokio::test]
async fn a_password_that_was_drawn_meanwhile_stands() -> Result<()> {
    let office = Office::open(Engine::Postgres).await?;
    let sql = office.database.sql().await?;
    let (_, caller) = signed_in(&office, Person::Clerk).await?;
    let person = caller.actor.user().context("nobody")?;
    // An administrator is drawing another.
    let drawing = office.database.store.begin().await?;
    drawing.set_password(person, "drawn", true).await?;
    let (app, key) = (office.app.clone(), office.key());
    let changing =
        spawn(async move { app.change_password(&caller, key, PASSWORD, "Sous le sceau 1791").await });
    let (app, attempt) = (office.app.clone(), attempt(Person::Clerk.login(), PASSWORD));
    let signing_in = spawn(async move { app.sign_in(&attempt).await });
    sql.until_locked_out(2).await?;
    drawing.commit().await?;
    let wrong = Refusal::Account(AccountRefusal::PasswordWrong);
    assert_eq!(changing.await?.refused()?, wrong);
    assert!(matches!(signing_in.await?.fine()?, Entered::Refused));
    let kept: String = sql.one("SELECT password_hash FROM account WHERE password_drawn").await?;
    assert_eq!(kept, "drawn");
    Ok(())
}

async fn the_present_password_cannot_be_tried_for_ever(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let (_, caller) = signed_in(&office, Person::Clerk).await?;
    for _ in 0..10 {
        let tried =
            office.app.change_password(&caller, office.key(), "au hasard 1234", "agrafe bleue quatorze");
        tried.await.refused()?;
    }
    let held = office.app.change_password(&caller, office.key(), PASSWORD, "agrafe bleue quatorze").await;
    assert!(matches!(held.failed()?, Error::TooOften { .. }));
    Ok(())
}

async fn sessions_are_listed_and_closed(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let (first, _) = signed_in(&office, Person::Clerk).await?;
    office.set_clock("2026-11-22T09:30:00Z")?;
    let (second, _) = signed_in(&office, Person::Clerk).await?;
    office.set_clock("2026-11-22T10:00:00Z")?;
    let (third, caller) = signed_in(&office, Person::Clerk).await?;
    let (stranger, theirs) = signed_in(&office, Person::Auditor).await?;
    let listed = office.app.sessions(&caller).await.fine()?;
    let seen: Vec<_> = listed.iter().map(|one| (one.browser.as_str(), one.current)).collect();
    assert_eq!(
        seen,
        [("Firefox sous Windows", true), ("Firefox sous Windows", false), ("Firefox sous Windows", false)]
    );
    let oldest = listed.last().context("no session")?.id;
    // Another's session is as one that was closed already.
    office.app.close_sessions(&theirs, Some(oldest)).await.fine()?;
    assert!(by(&office, &first).await?.is_some());
    for _ in 0..2 {
        office.app.close_sessions(&caller, Some(oldest)).await.fine()?;
    }
    assert!(by(&office, &first).await?.is_none());
    assert!(by(&office, &second).await?.is_some());
    office.app.close_sessions(&caller, None).await.fine()?;
    assert!(by(&office, &second).await?.is_none());
    assert!(by(&office, &third).await?.is_some() && by(&office, &stranger).await?.is_some());
    let closed = told(&office, Person::Clerk).await?;
    assert_eq!(closed.iter().filter(|(event, _)| *event == AccessEvent::SessionClosed).count(), 2);
    Ok(())
}

async fn a_token_is_shown_once_and_ends(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let (opened, caller) = signed_in(&office, Person::Clerk).await?;
    let key = office.key();
    let (token, secret) =
        office.app.make_token(&caller, key.clone(), new_token(TokenScope::Read)).await.fine()?;
    let secret = secret.context("no secret")?;
    let (again, none) = office.app.make_token(&caller, key, new_token(TokenScope::Read)).await.fine()?;
    assert!(again == token && none.is_none());
    let stored: i64 = office
        .database
        .sql()
        .await?
        .one(&format!("SELECT count(*) FROM api_token WHERE digest = '{}'", secret.reveal()))
        .await?;
    assert_eq!(stored, 0, "only its digest is kept");
    assert!(office.app.by_token(opened.session.reveal()).await.fine()?.is_none(), "a session is no token");
    assert!(office.app.by_session(secret.reveal(), false).await.fine()?.is_none(), "nor the other way");
    assert_eq!(office.app.tokens(&caller).await.fine()?, std::slice::from_ref(&token));
    assert_eq!(token.used_at, None);
    office.app.by_token(secret.reveal()).await.fine()?.context("nobody")?;
    let used = office.app.tokens(&caller).await.fine()?;
    assert_eq!(used.first().and_then(|token| token.used_at), Some(office.now()));
    office.set_clock("2027-02-20T08:59:59Z")?;
    assert!(office.app.by_token(secret.reveal()).await.fine()?.is_some());
    office.set_clock("2027-02-20T09:00:00Z")?;
    assert!(office.app.by_token(secret.reveal()).await.fine()?.is_none(), "ninety days have passed");
    let endless = NewToken { days: 366, ..new_token(TokenScope::Read) };
    let refused = office.app.make_token(&caller, office.key(), endless).await.map(drop).refused()?;
    assert_eq!((refused.code(), refused.field()), ("TOKEN_DAYS", Some("days")));
    Ok(())
}

async fn a_token_never_exceeds_what_the_person_may_do_now(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let (_, caller) = signed_in(&office, Person::Drafter).await?;
    let (_, secret) =
        office.app.make_token(&caller, office.key(), new_token(TokenScope::Write)).await.fine()?;
    let secret = secret.context("no secret")?;
    let by_token = async || office.app.by_token(secret.reveal()).await.fine()?.context("nobody");
    assert_eq!(by_token().await?.scope, caller.scope);
    let administrator = office.caller(Person::Administrator).await?;
    let id = caller.actor.user().context("a person")?;
    let change = |command| office.app.change_person(&administrator, office.key(), id, command);
    let drafter = Grant { role: Role::Drafter, unit: office.unit("DACS")? };
    change(PersonCommand::Revoke(drafter)).await.fine()?;
    let now = by_token().await?;
    assert!(now.actor.grants.is_empty() && now.scope != caller.scope, "what was taken from the person");
    change(PersonCommand::Disable).await.fine()?;
    assert!(office.app.by_token(secret.reveal()).await.fine()?.is_none());
    Ok(())
}

async fn a_token_is_taken_back_by_its_owner_or_whoever_keeps_the_account(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let (_, drafter) = signed_in(&office, Person::Drafter).await?;
    let (_, prisons) = signed_in(&office, Person::Prisons).await?;
    let (_, administrator) = signed_in(&office, Person::Administrator).await?;
    let id = drafter.actor.user();
    let make = async || {
        office
            .app
            .make_token(&drafter, office.key(), new_token(TokenScope::Read))
            .await
            .fine()
            .map(|made| made.0.id)
    };
    let (own, kept) = (make().await?, make().await?);
    let revoke = async |caller: &Caller, person, token| {
        office.app.revoke_token(caller, office.key(), person, token).await
    };
    assert_eq!(revoke(&prisons, id, own).await.refused()?.code(), "NOT_YOURS");
    assert!(matches!(revoke(&prisons, None, own).await.failed()?, Error::NotFound), "it is not theirs");
    let person = office.database.store.person(Person::Drafter.login()).await?.context("no drafter")?;
    assert_eq!(office.app.tokens_of(&administrator, &person).await.fine()?.len(), 2);
    assert_eq!(office.app.tokens_of(&prisons, &person).await.fine()?, []);
    revoke(&drafter, None, own).await.fine()?;
    let key = office.key();
    for _ in 0..2 {
        office.app.revoke_token(&administrator, key.clone(), id, kept).await.fine()?;
    }
    assert_eq!(office.app.tokens(&drafter).await.fine()?, []);
    assert!(matches!(revoke(&drafter, None, own).await.failed()?, Error::NotFound));
    Ok(())
}

/// The administrator of a unit keeps the tokens of those all of whose roles they could give, and knows of no other's.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_administrator_of_a_unit_takes_back_its_tokens_alone() -> Result<()> {
    let office = Office::open(Engine::Sqlite).await?;
    let roles = [(Role::Administrator, "DACS".to_owned())];
    let password = pli_app::NewPassword::Chosen(PASSWORD);
    office.app.add_account("admin.dacs", "Maud Sérieys", password, None, &roles).await.fine()?;
    let opened = office.come_in("admin.dacs", PASSWORD).await?.context("not let in")?;
    let keeper = by(&office, &opened).await?.context("nobody")?;
    let mut outcomes = Vec::new();
    for person in [Person::Drafter, Person::Prisons, Person::Signatory] {
        let (_, caller) = signed_in(&office, person).await?;
        let (token, _) =
            office.app.make_token(&caller, office.key(), new_token(TokenScope::Read)).await.fine()?;
        let revoked = office.app.revoke_token(&keeper, office.key(), caller.actor.user(), token.id).await;
        outcomes.push(revoked.map_err(|error| error.code()));
    }
    assert_eq!(outcomes, [Ok(()), Err("NOT_FOUND"), Err("NOT_FOUND")]);
    Ok(())
}

async fn a_token_changes_nothing_of_the_account(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let caller = office.caller(Person::Clerk).await?;
    let token = office.app.tokens(&caller).await.fine()?.first().context("no token")?.id;
    let refused = [
        office
            .app
            .make_token(&caller, office.key(), new_token(TokenScope::Read))
            .await
            .map(drop)
            .refused()?,
        office.app.revoke_token(&caller, office.key(), None, token).await.refused()?,
        office.app.close_sessions(&caller, None).await.refused()?,
        office
            .app
            .change_password(&caller, office.key(), PASSWORD, "agrafe bleue quatorze")
            .await
            .refused()?,
    ];
    assert!(refused.iter().all(|refusal| refusal.code() == "SESSION_REQUIRED"), "{refused:?}");
    Ok(())
}

async fn what_happens_to_accounts_is_told_to_whom_it_concerns(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    office.come_in(Person::Clerk.login(), "au hasard 1234").await?;
    let (_, caller) = signed_in(&office, Person::Clerk).await?;
    let (token, _) =
        office.app.make_token(&caller, office.key(), new_token(TokenScope::Read)).await.fine()?;
    office.app.revoke_token(&caller, office.key(), None, token.id).await.fine()?;
    let own = told(&office, Person::Clerk).await?;
    let expected = [
        (AccessEvent::SignInRefused, "Navigateur inconnu"),
        (AccessEvent::SignedIn, "Firefox sous Windows"),
        (AccessEvent::TokenCreated, "Tableau de bord"),
        (AccessEvent::TokenRevoked, "Tableau de bord"),
    ];
    assert_eq!(own, expected.map(|(event, detail)| (event, detail.to_owned())));
    assert_eq!(told(&office, Person::Drafter).await?, [], "nobody else's");
    for (person, caller) in office.everybody().await? {
        let page = office.app.access_journal(&caller, None, 3).await;
        if [Person::Administrator, Person::Auditor].contains(&person) {
            let page = page.fine()?;
            let last = page.items.last().context("no line")?.id;
            assert!(page.items.len() == 3 && page.more, "{person:?}");
            let rest = office.app.access_journal(&caller, Some(last), 3).await.fine()?;
            assert!(rest.items.len() == 1 && !rest.more, "{person:?}");
        } else {
            assert_eq!(page.map(drop).refused()?.code(), "NOT_YOURS", "{person:?}");
        }
    }
    Ok(())
}

async fn the_journal_of_accesses_only_grows(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    signed_in(&office, Person::Clerk).await?;
    let sql = office.database.sql().await?;
    for statement in ["UPDATE access_journal SET detail = 'x'", "DELETE FROM access_journal"] {
        assert!(sql.run(statement).await.is_err(), "{statement}");
    }
    assert_eq!(sql.one::<i64>("SELECT count(*) FROM access_journal").await?, 1);
    Ok(())
}
