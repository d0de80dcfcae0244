//! The binary as a person runs it: what it prints, what it refuses, how it ends.

#![expect(clippy::unwrap_used, reason = "a test that cannot start its program fails")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A folder with a database of its own.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        Self { folder: TempDir::new().unwrap() }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pli"));
        let database = format!("sqlite://{}", self.folder.path().join("pli.sqlite").display());
        command.args(arguments).env("PLI_DATABASE_URL", database).current_dir(self.folder.path());
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_slice(&self.run(arguments).stdout).unwrap()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../feeds/fixtures/assemblee")
}

fn written_questions() -> String {
    fixtures().join("Questions_ecrites_extrait.json.zip").display().to_string()
}

#[test]
fn help_explains_every_command() {
    let desk = Desk::new();
    let help = text(&desk.run(&["--help"]).stdout);
    for command in [
        "serve", "demo", "import", "export", "backup", "restore", "verify", "seal", "proof", "deadline",
        "schema", "user", "token",
    ] {
        assert!(help.contains(command), "{help}");
        assert!(desk.run(&[command, "--help"]).status.success(), "{command} --help");
    }
}

#[test]
fn the_schema_is_printed() {
    let kept = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schema.graphql"));
    assert_eq!(text(&Desk::new().run(&["schema"]).stdout).trim_end(), kept.unwrap().trim_end());
}

#[test]
fn an_import_sums_up_what_it_did_and_importing_again_changes_nothing() {
    let desk = Desk::new();
    let first = desk.run(&["import", "assemblee", &written_questions()]);
    assert!(first.status.success());
    assert_eq!(
        text(&first.stdout),
        "Import de l’Assemblée nationale : 347 lues, 347 nouvelles, 0 mises à jour, 0 inchangées, 0 refusées ; \
         dossiers ouverts : 12.\n"
    );
    let again = desk.json(&["import", "assemblee", &written_questions(), "--json"]);
    assert_eq!((again["created"].as_u64(), again["unchanged"].as_u64()), (Some(0), Some(347)));
    let third = desk.run(&["import", "assemblee", &written_questions()]);
    assert!(text(&third.stderr).contains("ce fichier a déjà été importé le"), "{}", text(&third.stderr));
    let seen = desk.json(&["verify", "--json"]);
    assert_eq!((seen["dossiers"].as_u64(), seen["faults"].as_array().map(Vec::len)), (Some(12), Some(0)));
}

#[test]
fn a_dossier_is_proved_by_a_file_that_is_checked_without_a_database() {
    let desk = Desk::new();
    desk.run(&["import", "assemblee", &written_questions()]);
    let none = desk.run(&["seal"]);
    assert!(!none.status.success() && text(&none.stderr).contains("Aucun sceau"));
    let unknown = desk.run(&["proof", "SG-2026-A-999999"]);
    assert!(!unknown.status.success() && text(&unknown.stderr).contains("aucun dossier"));
    let written = desk.run(&["proof", "AN-17-QE-16458", "--out", "preuve.json"]);
    assert!(written.status.success(), "{}", text(&written.stderr));
    // Away from Pli: no database is opened, none is made.
    let elsewhere = Desk::new();
    let file = desk.folder.path().join("preuve.json");
    let path = file.display().to_string();
    let checked = elsewhere.run(&["proof", "check", &path]);
    assert!(
        checked.status.success() && text(&checked.stdout).contains("la preuve tient"),
        "{}",
        text(&checked.stdout)
    );
    assert!(!elsewhere.folder.path().join("pli.sqlite").exists());
    let kept = format!("1:{}", "0".repeat(64));
    assert!(!elsewhere.run(&["proof", "check", &path, "--seal", &kept]).status.success(), "no such seal");
    let whole = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, whole.replacen("system:feed", "system:reminder", 1)).unwrap();
    let altered = elsewhere.run(&["proof", "check", &path]);
    assert!(!altered.status.success() && text(&altered.stdout).contains("LA PREUVE NE TIENT PAS"));
    std::fs::write(&file, "{}").unwrap();
    let broken = elsewhere.run(&["proof", "check", &path]);
    assert!(text(&broken.stderr).contains("n’est pas un fichier de preuve"), "{}", text(&broken.stderr));
}

#[test]
fn a_broken_file_is_named_loses_nothing_and_fails() {
    let desk = Desk::new();
    let folder = desk.folder.path().join("questions");
    std::fs::create_dir(&folder).unwrap();
    let mut archive = zip::ZipArchive::new(
        std::fs::File::open(fixtures().join("Questions_orales_sans_debat_extrait.json.zip")).unwrap(),
    )
    .unwrap();
    archive.extract(&folder).unwrap();
    std::fs::write(folder.join("json/QANR5L17QE1.json"), "{ \"question\": ").unwrap();
    let import = desk.run(&["import", "assemblee", &folder.display().to_string()]);
    assert_eq!(import.status.code(), Some(1));
    assert!(text(&import.stderr).contains("QANR5L17QE1.json"), "{}", text(&import.stderr));
    assert!(text(&import.stdout).contains("7 lues, 6 nouvelles"), "{}", text(&import.stdout));
    let missing = desk.run(&["import", "assemblee", "nulle-part.zip"]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(text(&missing.stderr).contains("nulle-part.zip"));
}

#[test]
fn a_backup_is_put_back_where_there_is_nothing_and_only_whole() {
    let desk = Desk::new();
    let backup = |to: &str| desk.run(&["backup", to]);
    assert!(text(&backup("copie").stderr).contains("il n’y a pas de base"));
    assert!(!desk.folder.path().join("pli.sqlite").exists(), "a backup makes no database");
    assert!(desk.run(&["import", "assemblee", &written_questions()]).status.success());
    let made = backup("copie");
    assert_eq!(text(&made.stdout), "Sauvegarde faite dans copie : la base et 0 documents.\n");
    let rights = std::fs::metadata(desk.folder.path().join("copie")).unwrap().permissions();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&rights) & 0o077, 0, "nobody else reads it");
    let sums = ["--check", "--quiet", "pli.sha256"];
    let whole = Command::new("sha256sum").args(sums).current_dir(desk.folder.path().join("copie")).status();
    assert!(whole.unwrap().success());
    assert_eq!(
        std::fs::read_dir(desk.folder.path())
            .unwrap()
            .filter(|entry| {
                entry.as_ref().unwrap().file_name().to_string_lossy().starts_with(".sauvegarde-")
            })
            .count(),
        0
    );

    let again = backup("copie");
    assert_eq!(again.status.code(), Some(2));
    assert!(text(&again.stderr).contains("copie existe déjà"), "{}", text(&again.stderr));
    let over = desk.run(&["restore", "copie"]);
    assert_eq!(over.status.code(), Some(2));
    assert!(text(&over.stderr).contains("pli.sqlite existe déjà"), "{}", text(&over.stderr));

    let restore_to = |from: &str, to: &str| desk.run(&["restore", from, "--database", to]);
    let restore = |from: &str| restore_to(from, "sqlite://autre.sqlite");
    let half = restore(".");
    assert!(text(&half.stderr).contains("n’est pas une sauvegarde complète"), "{}", text(&half.stderr));
    let put_back = restore("copie");
    assert!(put_back.status.success(), "{}", text(&put_back.stderr));
    assert!(text(&put_back.stdout).starts_with("Vérification : 12 dossiers"), "{}", text(&put_back.stdout));
    let copy = desk.folder.path().join("copie/pli.sqlite");
    let mut bytes = std::fs::read(&copy).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&copy, bytes).unwrap();
    let altered = restore_to("copie", "sqlite://encore.sqlite");
    assert!(text(&altered.stderr).contains("a été altéré depuis la sauvegarde"), "{}", text(&altered.stderr));
    assert!(!desk.folder.path().join("encore.sqlite").exists());

    let elsewhere = desk.run(&["backup", "ailleurs", "--database", "postgres://pli@127.0.0.1:1/pli"]);
    assert!(text(&elsewhere.stderr).contains("pg_basebackup"), "{}", text(&elsewhere.stderr));
}

#[test]
fn reponses_is_answered_and_asked_by_files() {
    let desk = Desk::new();
    let page = |name| fixtures().join("../reponses").join(name).display().to_string();
    let nothing = desk.run(&["export", "demande-questions", "demande.xml"]);
    assert_eq!(nothing.status.code(), Some(2));
    assert!(text(&nothing.stderr).contains("--jeton"), "{}", text(&nothing.stderr));

    let import = desk.run(&["import", "reponses", &page("questions.xml"), &page("changements.xml")]);
    assert!(import.status.success(), "{}", text(&import.stderr));
    let said = text(&import.stdout);
    assert!(said.contains("questions nouvelles : 3") && said.contains("dossiers ouverts : 2"), "{said}");
    assert!(said.contains("rappelez le jeton 20260701") && said.contains("suites données : 2"), "{said}");

    assert!(desk.run(&["export", "demande-questions", "demande.xml"]).status.success());
    let request = std::fs::read_to_string(desk.folder.path().join("demande.xml")).unwrap();
    assert!(request.contains("<jeton_questions>20260701</jeton_questions>"), "{request}");
    let again = desk.run(&["export", "demande-questions", "demande.xml"]);
    assert_eq!(again.status.code(), Some(2), "a file that is there is not written over");

    let none = desk.json(&["export", "reponses", "envoi.xml", "--ministre", "12", "--json"]);
    assert_eq!((none["answers"].as_u64(), none["file"].is_null()), (Some(0), true));
    assert!(!desk.folder.path().join("envoi.xml").exists());

    let refused = desk.run(&["import", "reponses", &page("resultats.xml")]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stderr).contains("Cette question est déjà répondue."), "{}", text(&refused.stderr));
}

#[test]
fn a_due_date_is_printed_with_its_reasons() {
    let desk = Desk::new();
    let said = text(&desk.run(&["deadline", "an-qe", "2022-09-06"]).stdout);
    assert!(said.contains("art. 135") || said.contains("art.\u{a0}135"), "{said}");
    assert!(said.trim_end().ends_with("dimanche 06/11/2022 inclus."), "{said}");
    let east =
        desk.json(&["deadline", "crpa-ack-electronic", "2026-03-27", "--zone", "alsace-moselle", "--json"]);
    assert_eq!(east["dueOn"], "2026-04-14");
    assert!(east["explanation"].as_array().is_some_and(|steps| steps.len() > 3), "{east}");
    assert!(text(&desk.run(&["deadline", "--list"]).stdout).contains("senat-qe"));
    for wrong in [
        ["nulle", "2026-01-01", "metropole"],
        ["an-qe", "2026-01-01", "lune"],
        ["an-qe", "+262142-12-31", "metropole"],
    ] {
        let refused = desk.run(&["deadline", wrong[0], wrong[1], "--zone", wrong[2]]);
        assert_eq!(refused.status.code(), Some(2), "{wrong:?}");
    }
}

#[test]
fn accounts_and_tokens_are_made_once_and_for_known_units() {
    let desk = Desk::new();
    let add = |login, role| desk.run(&["user", "add", login, "--name", "Essai", "--role", role, "--json"]);
    assert!(add("essai", "clerk@SG-CAB").status.success());
    for (login, role, why) in [
        ("essai", "clerk@SG-CAB", "déjà pris"),
        ("autre", "clerk@NULLE-PART", "n’existe pas"),
        ("autre", "chef@SG-CAB", "n’existe pas"),
        ("autre", "clerk", "n’est pas de la forme"),
    ] {
        let refused = add(login, role);
        assert_eq!(refused.status.code(), Some(2));
        assert!(text(&refused.stderr).contains(why), "{}", text(&refused.stderr));
    }
    let add = |login, email| {
        desk.run(&["user", "add", login, "--name", "Essai", "--role", "clerk@SG-CAB", "--email", email])
    };
    let added = add("autre", "autre@justice.example");
    let said = text(&added.stdout);
    let password = said.trim_end().rsplit(' ').next().unwrap();
    assert!(added.status.success() && password.split('-').count() == 4, "{said}");
    for (login, email, why) in
        [("troisieme", "autre", "adresse électronique"), ("trois ième", "", "Un identifiant s’écrit")]
    {
        let refused = add(login, email);
        assert_eq!(refused.status.code(), Some(2));
        assert!(text(&refused.stderr).contains(why), "{}", text(&refused.stderr));
    }
    let token = desk.json(&["token", "create", "essai", "--name", "programme", "--json"]);
    assert_eq!(token["token"].as_str().map(str::len), Some(64));
    assert_eq!(desk.run(&["token", "create", "personne", "--name", "x"]).status.code(), Some(2));
}

#[test]
fn an_unreachable_database_is_said_without_its_password() {
    let refused = Desk::new().run(&["verify", "--database", "postgres://pli:secret@127.0.0.1:1/pli"]);
    assert_eq!(refused.status.code(), Some(2));
    let said = text(&refused.stderr);
    assert!(said.contains("base inaccessible") && !said.contains("secret"), "{said}");
}

/// Asks for a path, over a socket of its own.
fn get(address: &str, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[cfg(unix)]
#[test]
fn the_demonstration_says_who_can_sign_in_serves_and_stops_when_told() {
    let desk = Desk::new();
    let mut demo = desk.command(&["demo", "--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut said = Vec::new();
    let address = lines
        .find_map(|line| {
            let found = line
                .split_once("http://localhost:")
                .map(|(_, rest)| format!("127.0.0.1:{}", rest.split(' ').next().unwrap()));
            said.push(line);
            found
        })
        .unwrap();
    for login in ["agent", "coordination", "chef-de-cabinet", "redaction", "visa", "signature", "suivi"] {
        assert!(said.iter().any(|line| line.trim_start().starts_with(login)), "{login} in {said:#?}");
    }
    assert!(get(&address, "/health").ends_with(r#"{"status":"ok"}"#));
    assert!(get(&address, "/connexion").contains("Mot de passe"));
    let stop = Command::new("kill").args(["-TERM", &demo.id().to_string()]).status().unwrap();
    assert!(stop.success() && demo.wait().unwrap().success());
    assert_eq!(lines.last().as_deref(), Some("Pli s’est arrêté proprement."));
    let seen = desk.json(&["verify", "--json"]);
    assert_eq!(seen["faults"].as_array().map(Vec::len), Some(0));
    assert!(seen["dossiers"].as_u64() > Some(50));

    // The scans of its letters lie beside the database; one that is gone is missed.
    let files = desk.folder.path().join("pli.files");
    let first = std::fs::read_dir(&files).unwrap().next().unwrap().unwrap().path();
    std::fs::remove_dir_all(first).unwrap();
    let missed = desk.run(&["verify"]);
    assert_eq!(missed.status.code(), Some(1));
    assert!(text(&missed.stderr).contains("a été altéré ou manque"), "{}", text(&missed.stderr));
}
