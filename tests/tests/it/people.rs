//! Keeping people and their accounts.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result};
use pli_app::{Caller, Error, NewPassword, PeopleList};
use pli_domain::account::TokenScope;
use pli_domain::actor::{Grant, Role};
use pli_domain::ids::UserId;
use pli_domain::people::{Person as Account, PersonCommand};
use pli_tests::{Engine, Fine as _, Office, PASSWORD, Person};
use tokio::task::JoinSet;

pli_tests::on_both!(
    a_person_is_added_and_comes_in,
    what_is_changed_of_a_person_holds_at_once,
    a_disabled_account_lets_nobody_in_any_more,
    a_new_password_closes_what_the_old_one_opened,
    what_was_drawn_is_shown_once,
    nobody_but_administrators_keeps_people,
    a_direction_has_an_administrator_of_its_own,
    two_administrators_do_not_send_each_other_away,
    people_are_found_by_words_and_unit_and_paged,
    an_account_of_the_command_line_follows_the_same_rules,
);

fn grant(office: &Office, role: Role, code: &str) -> Result<Grant> {
    Ok(Grant { role, unit: office.unit(code)? })
}

fn new_person(login: &str, name: &str, grants: Vec<Grant>) -> PersonCommand {
    let email = format!("{login}@justice.example");
    PersonCommand::Add { login: login.to_owned(), name: name.to_owned(), email, grants }
}

/// Somebody new, and their password.
async fn added(office: &Office, login: &str, roles: &[(Role, &str)]) -> Result<(Account, String)> {
    let administrator = office.caller(Person::Administrator).await?;
    let grants = roles.iter().map(|(role, code)| grant(office, *role, code)).collect::<Result<_>>()?;
    let command = new_person(login, "Perrine Ozanne", grants);
    let (person, secret) = office.app.add_person(&administrator, office.key(), command).await.fine()?;
    Ok((person, secret.context("no password")?.reveal().to_owned()))
}

async fn change(office: &Office, id: UserId, command: PersonCommand) -> Result<Result<Account, Error>> {
    let administrator = office.caller(Person::Administrator).await?;
    Ok(office.app.change_person(&administrator, office.key(), id, command).await)
}

/// Somebody who has a role and comes in with a token.
async fn somebody(office: &Office, login: &str, roles: &[(Role, &str)]) -> Result<Caller> {
    added(office, login, roles).await?;
    office.app.caller_named(login).await.fine()
}

async fn account(office: &Office, login: &str) -> Result<Account> {
    office.database.store.person(login).await?.context("no such account")
}

async fn journalled(office: &Office) -> Result<i64> {
    office.database.sql().await?.one("SELECT count(*) FROM settings_journal").await
}

async fn a_person_is_added_and_comes_in(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let (person, password) = added(&office, "Perrine.Ozanne", &[(Role::Drafter, "DACS")]).await?;
    assert_eq!(account(&office, "perrine.ozanne").await?, person);
    assert_eq!(person.email.as_deref(), Some("Perrine.Ozanne@justice.example"));
    let session = office.come_in_first("perrine.ozanne", &password).await?.context("not let in")?;
    let caller = office.app.by_session(session.session.reveal(), false).await.fine()?.context("nobody")?;
    assert_eq!((caller.actor.name.as_str(), caller.actor.grants.len()), ("Perrine Ozanne", 1));
    assert!(office.come_in("perrine.ozanne", &password).await?.is_none(), "what was drawn serves once");
    let administrator = office.caller(Person::Administrator).await?;
    let taken = new_person("perrine.ozanne", "Une autre", Vec::new());
    let taken = office.app.add_person(&administrator, office.key(), taken).await.map(drop).refused()?;
    assert_eq!((taken.code(), taken.field()), ("LOGIN_TAKEN", Some("login")));
    Ok(())
}

async fn what_is_changed_of_a_person_holds_at_once(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let (person, _) = added(&office, "ozanne", &[(Role::Drafter, "DACS")]).await?;
    let token = office.app.create_token("ozanne", "essai", TokenScope::Write, None).await.fine()?;
    let now = || async { office.app.by_token(token.reveal()).await.fine()?.context("nobody") };
    let named = PersonCommand::Change { name: Some("Perrine O.".to_owned()), email: Some(String::new()) };
    assert_eq!(change(&office, person.id, named).await?.fine()?.email, None);
    assert_eq!(now().await?.actor.name, "Perrine O.");
    let approver = grant(&office, Role::Approver, "DACS-C")?;
    change(&office, person.id, PersonCommand::Grant(approver)).await?.fine()?;
    assert!(now().await?.actor.has(Role::Approver));
    for held in [approver, grant(&office, Role::Drafter, "DACS")?] {
        change(&office, person.id, PersonCommand::Revoke(held)).await?.fine()?;
    }
    assert_eq!(now().await?.actor.grants, []);
    assert_eq!(account(&office, "ozanne").await?.grants, []);
    assert_eq!(journalled(&office).await?, 5);
    // What is so already is not a change.
    change(&office, person.id, PersonCommand::Revoke(approver)).await?.fine()?;
    change(&office, person.id, PersonCommand::Enable).await?.fine()?;
    assert_eq!(journalled(&office).await?, 5);
    let wrong = PersonCommand::Change { name: None, email: Some("perrine".to_owned()) };
    assert_eq!(change(&office, person.id, wrong).await?.refused()?.field(), Some("email"));
    Ok(())
}

async fn a_disabled_account_lets_nobody_in_any_more(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let (person, password) = added(&office, "ozanne", &[(Role::Drafter, "DACS")]).await?;
    let session = office.come_in_first("ozanne", &password).await?.context("not let in")?;
    let token = office.app.create_token("ozanne", "essai", TokenScope::Write, None).await.fine()?;
    let inside = || async {
        let by_session = office.app.by_session(session.session.reveal(), false).await.fine()?.is_some();
        let by_token = office.app.by_token(token.reveal()).await.fine()?.is_some();
        anyhow::Ok((by_session, by_token))
    };
    assert_eq!(inside().await?, (true, true));
    assert!(change(&office, person.id, PersonCommand::Disable).await?.fine()?.disabled);
    assert_eq!(inside().await?, (false, false));
    assert!(office.come_in("ozanne", PASSWORD).await?.is_none());
    assert!(matches!(
        office.app.create_token("ozanne", "x", TokenScope::Read, None).await.failed()?,
        Error::NotFound
    ));
    change(&office, person.id, PersonCommand::Enable).await?.fine()?;
    assert_eq!(inside().await?, (false, true), "a session that was closed stays so; a program goes on");
    assert!(office.come_in("ozanne", PASSWORD).await?.is_some());
    Ok(())
}

async fn a_new_password_closes_what_the_old_one_opened(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let (person, old) = added(&office, "ozanne", &[(Role::Drafter, "DACS")]).await?;
    let session = office.come_in_first("ozanne", &old).await?.context("not let in")?;
    let other = office.come_in(Person::Clerk.login(), PASSWORD).await?.context("not let in")?;
    let administrator = office.caller(Person::Administrator).await?;
    let (_, new) = office.app.reset_password(&administrator, office.key(), person.id).await.fine()?;
    let new = new.context("no password")?.reveal().to_owned();
    assert!(office.app.by_session(session.session.reveal(), false).await.fine()?.is_none());
    assert!(
        office.app.by_session(other.session.reveal(), false).await.fine()?.is_some(),
        "another's session"
    );
    assert!(office.come_in("ozanne", PASSWORD).await?.is_none());
    assert!(office.come_in("ozanne", &new).await?.is_none(), "it was drawn: another is to be chosen first");
    assert!(office.come_in_first("ozanne", &new).await?.is_some());
    Ok(())
}

/// The same key twice: one account, one password, which the second answer does not have.
async fn what_was_drawn_is_shown_once(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let administrator = office.caller(Person::Administrator).await?;
    let (key, command) = (office.key(), new_person("ozanne", "Perrine Ozanne", Vec::new()));
    let (first, secret) = office.app.add_person(&administrator, key.clone(), command.clone()).await.fine()?;
    let (second, none) = office.app.add_person(&administrator, key.clone(), command).await.fine()?;
    assert_eq!(first, second);
    assert!(none.is_none());
    let secret = secret.context("no password")?;
    assert!(office.come_in_first("ozanne", secret.reveal()).await?.is_some());
    let reset = office.key();
    let (_, drawn) = office.app.reset_password(&administrator, reset.clone(), first.id).await.fine()?;
    let (_, none) = office.app.reset_password(&administrator, reset, first.id).await.fine()?;
    assert!(none.is_none());
    let drawn = drawn.context("no password")?;
    assert!(office.come_in_first("ozanne", drawn.reveal()).await?.is_some());
    assert_eq!(journalled(&office).await?, 2);
    let other = office.app.add_person(&administrator, key, new_person("x", "X", Vec::new())).await;
    assert!(matches!(other.map(drop).failed()?, Error::KeyReused));
    Ok(())
}

async fn nobody_but_administrators_keeps_people(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let clerk = account(&office, Person::Clerk.login()).await?;
    for (person, caller) in office.everybody().await? {
        if person == Person::Administrator {
            continue;
        }
        let app = &office.app;
        let mut refused = vec![
            app.people(&caller, &PeopleList::default(), None, 20).await.map(drop).refused()?,
            app.person(&caller, clerk.login.as_str()).await.map(drop).refused()?,
            app.person(&caller, "personne").await.map(drop).refused()?,
            app.add_person(&caller, office.key(), new_person("x", "X", Vec::new()))
                .await
                .map(drop)
                .refused()?,
            app.reset_password(&caller, office.key(), clerk.id).await.map(drop).refused()?,
        ];
        let held = grant(&office, Role::Administrator, "MJ")?;
        for command in [
            PersonCommand::Change { name: Some("X".to_owned()), email: None },
            PersonCommand::Grant(held),
            PersonCommand::Revoke(held),
            PersonCommand::Disable,
            PersonCommand::Enable,
        ] {
            refused.push(app.change_person(&caller, office.key(), clerk.id, command).await.refused()?);
        }
        assert!(refused.iter().all(|refusal| refusal.code() == "NOT_YOURS"), "{person:?}: {refused:?}");
    }
    assert_eq!(account(&office, Person::Clerk.login()).await?, clerk);
    assert_eq!(journalled(&office).await?, 0);
    Ok(())
}

async fn a_direction_has_an_administrator_of_its_own(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let own = somebody(&office, "administration-dacs", &[(Role::Administrator, "DACS")]).await?;
    let page = office.app.people(&own, &PeopleList::default(), None, 100).await.fine()?;
    let seen: BTreeSet<_> = page.items.iter().map(|person| person.login.as_str()).collect();
    assert_eq!(seen, BTreeSet::from(["administration-dacs", "chef-de-cabinet", "redaction", "visa"]));
    let elsewhere = PeopleList { unit: Some(office.unit("DAP")?), words: None };
    assert_eq!(office.app.people(&own, &elsewhere, None, 100).await.fine()?.items, []);

    let drafter = account(&office, Person::Drafter.login()).await?;
    let prisons = account(&office, Person::Prisons.login()).await?;
    assert_eq!(office.app.person(&own, &drafter.login).await.fine()?, Some(drafter.clone()));
    assert_eq!(office.app.person(&own, &prisons.login).await.fine()?, None);
    let ask = |id, command| office.app.change_person(&own, office.key(), id, command);
    assert!(matches!(ask(prisons.id, PersonCommand::Disable).await.failed()?, Error::NotFound));
    let reset = office.app.reset_password(&own, office.key(), prisons.id).await.map(drop).failed()?;
    assert!(matches!(reset, Error::NotFound));
    ask(drafter.id, PersonCommand::Grant(grant(&office, Role::Approver, "DACS-C")?)).await.fine()?;
    for beyond in [grant(&office, Role::Drafter, "DAP")?, grant(&office, Role::Auditor, "DACS")?] {
        let refused = ask(drafter.id, PersonCommand::Grant(beyond)).await.refused()?;
        assert_eq!(refused.code(), "BEYOND_REACH", "{beyond:?}");
    }
    // What holds for everybody is not theirs to keep.
    let rule = office.app.reminder_rules().await.fine()?.remove(0);
    assert_eq!(office.app.change_reminder(&own, &rule).await.refused()?.code(), "BEYOND_REACH");
    // Somebody who works elsewhere too is seen, and their account is not theirs.
    change(&office, drafter.id, PersonCommand::Grant(grant(&office, Role::Drafter, "DAP")?)).await?.fine()?;
    assert_eq!(ask(drafter.id, PersonCommand::Disable).await.refused()?.code(), "BEYOND_REACH");
    Ok(())
}

async fn two_administrators_do_not_send_each_other_away(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let first = office.caller(Person::Administrator).await?;
    let second = somebody(&office, "ozanne", &[(Role::Administrator, "MJ")]).await?;
    let ids = [&first, &second].map(|caller| caller.actor.user());
    let held = grant(&office, Role::Administrator, "MJ")?;
    for (command, back) in [
        (PersonCommand::Revoke(held), PersonCommand::Grant(held)),
        (PersonCommand::Disable, PersonCommand::Enable),
    ] {
        let mut tasks = JoinSet::new();
        for (caller, other) in [(&first, ids[1]), (&second, ids[0])] {
            let (app, caller, key, command) =
                (office.app.clone(), caller.clone(), office.key(), command.clone());
            let other = other.context("nobody")?;
            tasks
                .spawn(async move { (app.change_person(&caller, key, other, command).await, caller, other) });
        }
        let answers = tasks.join_all().await;
        let (sent, kept): (Vec<_>, Vec<_>) = answers.into_iter().partition(|(answer, ..)| answer.is_ok());
        assert_eq!((sent.len(), kept.len()), (1, 1));
        for (kept, ..) in kept {
            // By then they are nobody, or no administrator.
            let kept = kept.err().context("both were sent away")?;
            assert!(matches!(kept.code(), "NOT_FOUND" | "NOT_YOURS"), "{kept:?}");
        }
        // Whoever is left takes the other back.
        for (_, left, other) in sent {
            office.app.change_person(&left, office.key(), other, back.clone()).await.fine()?;
        }
    }
    Ok(())
}

async fn people_are_found_by_words_and_unit_and_paged(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let administrator = office.caller(Person::Administrator).await?;
    let (person, _) = added(&office, "ozanne", &[(Role::Drafter, "DACS-C1")]).await?;
    let found = |unit: Option<&'static str>, words: &'static str| {
        let (office, administrator) = (&office, &administrator);
        async move {
            let unit = unit.map(|code| office.unit(code)).transpose()?;
            let list = PeopleList { unit, words: Some(words.to_owned()) };
            let page = office.app.people(administrator, &list, None, 100).await.fine()?;
            anyhow::Ok(page.items.into_iter().map(|person| person.login).collect::<Vec<_>>())
        }
    };
    assert_eq!(found(None, "BÉRENGÈRE").await?, ["audit"]);
    assert_eq!(found(None, "delvincourt aicha").await?, ["suivi"], "in any order");
    assert_eq!(found(None, "ozanne@justice").await?, ["ozanne"]);
    assert_eq!(found(None, "zzz").await?, [""; 0]);
    assert_eq!(found(Some("DACS-C"), "").await?, ["ozanne"]);
    assert_eq!(found(Some("DACS"), "ma").await?, ["redaction"]);
    let renamed = PersonCommand::Change { name: Some("Zoé Ozanne".to_owned()), email: Some(String::new()) };
    change(&office, person.id, renamed).await?.fine()?;
    assert_eq!(found(None, "perrine").await?, [""; 0]);
    assert_eq!(found(None, "zoe").await?, ["ozanne"]);

    let mut names = Vec::new();
    let mut after = None;
    loop {
        let page = office.app.people(&administrator, &PeopleList::default(), after, 5).await.fine()?;
        after = page.items.last().map(|person| person.id);
        names.extend(page.items.into_iter().map(|person| person.name));
        if !page.more {
            break;
        }
    }
    assert_eq!(names.len(), Person::ALL.len() + 1);
    let mut sorted = names.clone();
    sorted.sort_by_key(|name| pli_domain::text::fold(name));
    assert_eq!(names, sorted, "in the order of the alphabet, whatever the accents");
    Ok(())
}

async fn an_account_of_the_command_line_follows_the_same_rules(engine: Engine) -> Result<()> {
    let office = Office::open(engine).await?;
    let roles = [(Role::Administrator, "MJ".to_owned())];
    let add = |login, email| {
        office.app.add_account(login, "Perrine Ozanne", NewPassword::Chosen(PASSWORD), email, &roles)
    };
    assert!(add("ozanne", Some("ozanne@justice.example")).await.fine()?);
    assert!(!add("ozanne", None).await.fine()?, "the login is taken");
    assert_eq!(add("autre", Some("ozanne")).await.refused()?.code(), "EMAIL_FORM");
    assert_eq!(add("une autre", None).await.refused()?.code(), "LOGIN_FORM");
    assert!(office.come_in("ozanne", PASSWORD).await?.is_some());
    let who = "SELECT who FROM settings_journal";
    assert_eq!(office.database.sql().await?.one::<String>(who).await?, "system:command_line");
    Ok(())
}
