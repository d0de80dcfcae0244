use std::io::{self, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread;

use super::*;

const SECRET: &str = "S3cret";

fn mailer(url: &str) -> Mailer {
    Mailer::new(url, "Pli <pli@justice.gouv.fr>").unwrap()
}

fn message() -> Message {
    Message {
        id: "relance.0198c0de-0000-7000-8000-000000000001".to_owned(),
        written_at: Timestamp::new("2026-11-22T18:05:00Z".parse().unwrap()),
        to_address: "claire.martin@justice.gouv.fr".to_owned(),
        to_name: "Claire Martin".to_owned(),
        subject: "Deux dossiers en retard".to_owned(),
        text: "Madame,\n\nDeux dossiers sont en retard.\n".to_owned(),
    }
}

#[test]
fn a_url_names_a_server() {
    for (url, server) in [
        ("smtp://relais.intranet", "relais.intranet:25"),
        ("smtp://127.0.0.1:2525/", "127.0.0.1:2525"),
        ("smtp://[::1]:2525", "::1:2525"),
        ("smtps://pli:S3cret@relais.intranet", "relais.intranet:465"),
        ("smtp://pli:S3cret@relais.intranet?tls=required", "relais.intranet:587"),
        ("smtps://pli%40justice:S3cret%2F%C3%A9@relais.intranet:10465", "relais.intranet:10465"),
    ] {
        assert_eq!(format!("{:?}", Server::read(url).unwrap()), server, "{url}");
    }
}

#[test]
fn a_url_that_cannot_be_read_is_refused_and_not_repeated() {
    for url in [
        "",
        "relais.intranet",
        "relais.intranet:25",
        "smtp:",
        "smtp://",
        "smtp://:25",
        "http://relais.intranet",
        "smtps://pli:S3cret@relais.intranet:port",
        "smtps://pli:S3cret@relais.intranet:99999",
        "smtps://pli:S3cret/@relais.intranet",
        "smtps://pli:25/S3cret@relais.intranet",
        "smtps://pli:25#S3cret@relais.intranet",
        "smtps://pli:25?S3cret@relais.intranet",
        "smtps://pli:S3cret%FF@relais.intranet",
        "smtps://S3cret@relais.intranet",
        "smtps://:S3cret@relais.intranet",
        "smtp://pli:S3cret@relais.intranet",
        "smtp://pli:S3cret@relais.intranet?tls=require",
        "smtp://pli:S3cret@relais.intranet?tls=opportunistic",
    ] {
        let error = Mailer::new(url, "pli@justice.gouv.fr").unwrap_err();
        assert!(error.to_string().contains("serveur de courrier"), "{url}: {error}");
        for shown in [format!("{error:?}"), format!("{error:#}")] {
            assert!(!shown.contains(SECRET), "{url}: {shown}");
        }
    }
}

#[test]
fn what_a_mailer_shows_of_itself_has_no_password() {
    let shown = format!("{:?}", mailer("smtps://utilisateur:S3cret@relais.intranet"));
    assert!(shown.contains("relais.intranet") && shown.contains("pli@justice.gouv.fr"), "{shown}");
    assert!(!shown.contains(SECRET) && !shown.contains("utilisateur"), "{shown}");
}

#[test]
fn a_sender_that_cannot_be_read_is_refused() {
    for from in [
        "",
        "Pli",
        "pli@",
        "Pli <pli>",
        "pli@justice.gouv.fr, autre@justice.gouv.fr",
        "Pli <pli@justice.gouv.fr>\r\nBcc: autre@justice.gouv.fr",
        "prénom@justice.gouv.fr",
    ] {
        let error = Mailer::new("smtp://relais.intranet", from).unwrap_err().to_string();
        assert!(error.contains("expéditeur"), "{from}: {error}");
    }
    for from in
        ["pli@justice.gouv.fr", "Pli <pli@justice.gouv.fr>", "Secrétariat général <pli@justice.gouv.fr>"]
    {
        Mailer::new("smtp://relais.intranet", from).unwrap();
    }
}

#[test]
fn an_address_that_is_none_is_refused() {
    for text in [
        "",
        "claire",
        "claire@",
        "@justice.gouv.fr",
        "claire martin@justice.gouv.fr",
        "claire@justice gouv.fr",
        "claire@justice.gouv.fr ",
        "Claire <claire@justice.gouv.fr>",
        "claire@justice.gouv.fr,autre@justice.gouv.fr",
        "claire@justice.gouv.fr> SIZE=1",
        "claire@justice.gouv.fr\r\nRCPT TO:<autre@justice.gouv.fr>",
        "\"claire\r\nBcc: autre\"@justice.gouv.fr",
        "\"claire martin\"@justice.gouv.fr",
        "claire\n@justice.gouv.fr",
        "claire\0@justice.gouv.fr",
        "hélène@justice.gouv.fr",
        "claire@ministère.fr",
    ] {
        assert!(matches!(address(text), Err(Failure::BadAddress(_))), "{text:?}");
    }
    for text in ["claire.martin@justice.gouv.fr", "o'neil+pli@justice.gouv.fr", "c_m-2@xn--ministre-50a.fr"] {
        assert_eq!(address(text).unwrap().to_string(), text);
    }
}

/// The names of the headers, and the longest line.
fn shape(message: &Message) -> (Vec<String>, usize) {
    let mailer = mailer("smtp://127.0.0.1:9");
    let letter =
        String::from_utf8(mailer.letter(message, address(&message.to_address).unwrap()).unwrap()).unwrap();
    assert!(
        !letter.replace("\r\n", "").contains(['\r', '\n']),
        "a line ends otherwise than by CRLF: {letter:?}"
    );
    let (headers, _) = letter.split_once("\r\n\r\n").unwrap();
    // A line that begins with a space goes on with the header before it.
    let names = headers.split("\r\n").filter(|line| !line.starts_with([' ', '\t']));
    let names = names.map(|line| line.split_once(':').unwrap_or((line, "")).0.to_owned()).collect();
    (names, letter.split("\r\n").map(str::len).max().unwrap())
}

#[test]
fn nothing_typed_makes_a_header() {
    let (names, _) = shape(&message());
    assert_eq!(
        names,
        [
            "Message-ID",
            "Date",
            "From",
            "To",
            "Subject",
            "Auto-Submitted",
            "MIME-Version",
            "Content-Type",
            "Content-Transfer-Encoding"
        ]
    );
    for end in
        ["\r\n", "\n", "\r", "\r\n\r\n", "\0", "\u{85}", "\u{2028}", "é\r\n", "\" <x@y.fr>\r\n", "=0D=0A"]
    {
        let evil = format!("Un{end}Bcc: autre@justice.gouv.fr{end}");
        for message in [
            Message { id: evil.clone(), ..message() },
            Message { to_name: evil.clone(), ..message() },
            Message { subject: evil.clone(), ..message() },
            Message { text: evil.clone(), ..message() },
        ] {
            assert_eq!(shape(&message).0, names, "{message:?}");
        }
    }
}

#[test]
fn no_line_is_longer_than_a_server_takes() {
    let texts =
        ["Œuvre « à faire ».\u{a0}".repeat(200), "mot ".repeat(1000), "m".repeat(2000), "é".repeat(2000)];
    // RFC 5322, section 2.1.1.
    for text in texts {
        let message = Message { to_name: text.clone(), subject: text.clone(), text, ..message() };
        let (_, longest) = shape(&message);
        assert!(longest <= 998, "{longest}");
    }
}

/// A server that has said everything before it is asked, and then keeps the line, or cuts it.
fn server(says: &'static str, then: fn(TcpStream)) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("smtp://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.write_all(says.as_bytes()).unwrap();
        then(stream);
    });
    url
}

/// Listens until the other end goes.
fn keep(mut stream: TcpStream) {
    let _end = io::copy(&mut stream, &mut io::sink());
}

/// Says no more, and lets the other end see it.
fn cut(stream: TcpStream) {
    let _cut = stream.shutdown(Shutdown::Write);
    keep(stream);
}

async fn failure(says: &'static str, then: fn(TcpStream)) -> Failure {
    mailer(&server(says, then)).send(&message()).await.unwrap_err()
}

/// How a message fails, for each of the servers that say no more: one keeps the line, one cuts it.
async fn failures(servers: &[&'static str]) -> Vec<(String, Failure)> {
    // Far more than it takes to get there, and no more than one would wait; all at the same time.
    let patience = Duration::from_secs(2);
    let mut waiting = Vec::new();
    for says in servers {
        let ends: [(_, fn(TcpStream)); 2] = [("silent", keep), ("cut", cut)];
        for (end, then) in ends {
            let mailer = Mailer { patience, ..mailer(&server(says, then)) };
            let sent = tokio::spawn(async move { mailer.send(&message()).await });
            waiting.push((format!("{says:?}, {end}"), sent));
        }
    }
    let mut failures = Vec::new();
    for (server, sent) in waiting {
        failures.push((server, sent.await.unwrap().unwrap_err()));
    }
    failures
}

#[tokio::test]
async fn what_breaks_before_the_message_is_handed_over_has_not_been_sent() {
    let servers = [
        "",
        "220 ici\r\n",
        "220 ici\r\n250 ici\r\n",
        "220 ici\r\n250 ici\r\n250 ok\r\n",
        "220 ici\r\n250 ici\r\n250 ok\r\n250 ok\r\n",
    ];
    for (server, failure) in failures(&servers).await {
        assert!(matches!(failure, Failure::NotSent(_)), "{server}: {failure}");
    }
}

#[tokio::test]
async fn what_breaks_once_it_is_handed_over_may_have_been_sent() {
    let servers = [
        "220 ici\r\n250 ici\r\n250 ok\r\n250 ok\r\n354 oui\r\n",
        "220 ici\r\n250 ici\r\n250 ok\r\n250 ok\r\n354 oui\r\n250",
        "220 ici\r\n250 ici\r\n250 ok\r\n250 ok\r\n354 oui\r\nbonjour\r\n",
    ];
    for (server, failure) in failures(&servers).await {
        assert!(matches!(failure, Failure::Unknown(_)), "{server}: {failure}");
    }
}

#[tokio::test]
async fn a_refusal_is_certain_and_only_some_are_about_the_address() {
    for says in [
        "421 4.3.2 fermé\r\n",
        "554 5.7.1 pas vous\r\n",
        "220 ici\r\n502 non\r\n",
        "220 ici\r\n250 ici\r\n451 4.3.0 plus tard\r\n",
        // The sender's address, which is ours.
        "220 ici\r\n250 ici\r\n553 5.1.3 Error: malformed address\r\n",
        "220 ici\r\n250 ici\r\n250 ok\r\n450 4.2.0 plus tard\r\n",
        "220 ici\r\n250 ici\r\n250 ok\r\n550 non\r\n",
        "220 ici\r\n250 ici\r\n250 ok\r\n554 5.7.1 Relay access denied\r\n",
        "220 ici\r\n250 ici\r\n250 ok\r\n450 4.1.1 plus tard\r\n",
        "220 ici\r\n250 ici\r\n250 ok\r\n250 ok\r\n554 non\r\n",
        "220 ici\r\n250 ici\r\n250 ok\r\n250 ok\r\n354 oui\r\n451 4.3.0 plus tard\r\n",
        "220 ici\r\n250 ici\r\n250 ok\r\n250 ok\r\n354 oui\r\n554 5.7.1 pourriel\r\n",
    ] {
        let failure = failure(says, cut).await;
        assert!(matches!(failure, Failure::NotSent(_)), "{says:?}: {failure}");
    }
    for says in [
        "220 ici\r\n250 ici\r\n250 ok\r\n550 5.1.1 inconnue\r\n",
        "220 ici\r\n250 ici\r\n250 ok\r\n550-5.1.1 inconnue\r\n550 5.1.1 vraiment\r\n",
        "220 ici\r\n250 ici\r\n250 ok\r\n556 5.1.10 sans courrier\r\n",
        "220 ici\r\n250 ici\r\n250 ok\r\n250 ok\r\n354 oui\r\n550 5.1.1 inconnue\r\n",
    ] {
        let failure = failure(says, cut).await;
        assert!(matches!(failure, Failure::BadAddress(_)), "{says:?}: {failure}");
    }
}

#[tokio::test]
async fn what_should_be_encrypted_is_not_sent_in_the_clear() {
    let without = server("220 ici\r\n250 ici\r\n250 ok\r\n250 ok\r\n354 oui\r\n250 ok\r\n", keep);
    let failure = mailer(&format!("{without}?tls=required")).send(&message()).await.unwrap_err();
    assert!(matches!(&failure, Failure::NotSent(reason) if reason.contains("STARTTLS")), "{failure}");
    let without = server("220 ici\r\n", keep).replace("smtp:", "smtps:");
    let failure = mailer(&without).send(&message()).await.unwrap_err();
    assert!(matches!(failure, Failure::NotSent(_)), "{failure}");
}
