//! Configuration, ports, stores and databases that cannot be used: message, remedy and exit code of each.

use crate::support::Place;

fn shown(place: &Place, stderr: &str) -> String {
    stderr.replace(place.path("").to_str().expect("a text path"), "/place/")
}

#[test]
fn an_unknown_key_is_named_with_file_and_line() {
    let place = Place::new();
    place.write("stowaway.toml", "listen = \"127.0.0.1:0\"\n\n[storage]\nulr = \"memory:\"\n");
    let outcome = place.run(&["serve"]).expect(2);
    insta::assert_snapshot!("unknown_key", outcome.stderr);
}

#[test]
fn a_bad_value_is_named_with_file_and_line() {
    let place = Place::new();
    place.write("etc/my.toml", "\n[http]\nworkers = \"many\"\n");
    let outcome = place.run(&["--config", "etc/my.toml", "serve"]).expect(2);
    insta::assert_snapshot!("bad_value", outcome.stderr);
}

#[test]
fn a_file_that_is_no_toml_is_named_with_its_line() {
    let place = Place::new();
    place.write("stowaway.toml", "listen = \"127.0.0.1:0\"\nthis is not toml\n");
    let said = place.run(&["serve"]).expect(2).stderr;
    assert!(said.starts_with("error: stowaway.toml, line 2: "), "{said}");
}

#[test]
fn an_unknown_environment_variable_is_named() {
    let place = Place::new();
    let mut command = place.command(&["serve"]);
    let outcome: crate::support::Outcome =
        command.env("STOWAWAY_DATABASE_URL", "x").output().expect("the binary runs").into();
    insta::assert_snapshot!("unknown_variable", outcome.expect(2).stderr);
}

#[test]
fn a_flag_that_does_not_exist_is_a_misuse() {
    let place = Place::new();
    let said = place.run(&["serve", "--prot", "80"]).expect(2).stderr;
    assert!(said.contains("--prot"), "{said}");
    place.run(&[]).expect(2);
    place.run(&["--help"]).expect(0);
}

#[test]
fn a_port_in_use_is_named_with_the_remedy() {
    let place = Place::new();
    let server = place.serve();
    let address = server.address.to_string();
    let outcome = place.run(&["serve", "--listen", &address]).expect(1);
    insta::assert_snapshot!("port_in_use", outcome.stderr.replace(&server.address.port().to_string(), "PORT"));
    let demo = place.run(&["demo", "--listen", &address]).expect(1);
    assert_eq!(demo.stderr, outcome.stderr);
}

#[test]
fn an_address_of_another_machine_is_refused() {
    let said = Place::new().run(&["serve", "--listen", "192.0.2.1:8080"]).expect(1).stderr;
    assert!(said.contains("192.0.2.1:8080 cannot be listened on") && said.contains("try: "), "{said}");
}

#[test]
fn a_database_newer_than_the_program_is_left_alone() {
    let place = Place::published();
    let newest: i64 = sql(&place, "SELECT max(version) FROM _sqlx_migrations").parse().unwrap();
    let future = newest + 1000;
    sql(
        &place,
        &format!(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES ({future}, 'from the future', 1, x'00', 0)"
        ),
    );
    let said = place.run(&["serve", "--listen", "127.0.0.1:0"]).expect(1).stderr;
    assert!(said.contains("is newer than this program") && said.contains(&future.to_string()), "{said}");
    assert!(said.contains("run the newer version"), "{said}");
}

/// Runs a statement with Python's sqlite3, so that no program of this repository stands between the test and the file.
pub(crate) fn sql(place: &Place, statement: &str) -> String {
    let script = "import sqlite3,sys\nc=sqlite3.connect(sys.argv[1])\nr=c.execute(sys.argv[2]).fetchone()\nc.commit()\nprint(r[0] if r else '')";
    let database = place.path("stowaway-data/stowaway.db");
    let output = std::process::Command::new("python3")
        .args(["-c", script])
        .arg(database)
        .arg(statement)
        .output()
        .expect("python3 runs");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("text").trim().to_owned()
}

#[test]
fn a_store_that_cannot_be_made_is_named() {
    let place = Place::new();
    place.write("file", "x");
    let url = format!("file://{}", place.path("file/store").display());
    let said = place.run(&["serve", "--storage-url", &url, "--listen", "127.0.0.1:0"]).expect(1).stderr;
    insta::assert_snapshot!("store_cannot_be_made", shown(&place, &said));
}

#[test]
fn a_database_that_cannot_be_made_is_named() {
    let place = Place::new();
    place.write("file", "x");
    let url = format!("sqlite://{}", place.path("file/x.db").display());
    let said = place.run(&["serve", "--database-url", &url, "--listen", "127.0.0.1:0"]).expect(1).stderr;
    let said = shown(&place, &said);
    assert!(said.starts_with("error: the database sqlite:///place/file/x.db cannot be opened"), "{said}");
    assert!(said.contains("because: ") && said.contains("try: check database.url"), "{said}");
}
