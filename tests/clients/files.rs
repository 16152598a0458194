//! Files.

use std::process::Command;

use crate::client::{Case, DATABASE};

const LOGIN: &[&str] = &["username", "password"];

#[test]
fn pgpass_is_read_back() {
    let refuses = |_: &str, value: &str| value.contains(['\n', '\r']) || value == "*";
    let case = Case { preset: "PgPass", application: "postgresql", refuses, ..DATABASE };
    case.is_read_by("libpq_passfile", &["password"]);
}

#[test]
fn option_files_of_mysql_are_read_back() {
    let case = Case { preset: "MyCnf", application: "mysql", ..DATABASE };
    case.is_read_by("my_print_defaults", &["host", "port", "database", "username", "password"]);
}

#[test]
fn netrc_is_read_back() {
    let refuses = |_: &str, value: &str| {
        value.starts_with('#') || value.contains(|c: char| c.is_whitespace() || c.is_control() || "\"'\\".contains(c))
    };
    Case { preset: "Netrc", refuses, hostile: LOGIN, ..DATABASE }.is_read_by("netrc", LOGIN);
}

#[test]
fn credentials_of_git_are_read_back() {
    let refuses = |_: &str, value: &str| value.contains(['\n', '\r']);
    Case { preset: "GitCredentials", refuses, hostile: LOGIN, ..DATABASE }.is_read_by("git", LOGIN);
}

#[test]
fn docker_configs_are_read_back() {
    let refuses = |field: &str, value: &str| field == "username" && value.contains(':');
    Case { preset: "DockerConfigJSON", refuses, hostile: LOGIN, ..DATABASE }.is_read_by("docker", LOGIN);
}

#[test]
fn dotenv_files_are_read_back() {
    let case = Case { preset: "Dotenv", refuses: |_, _| true, ..DATABASE };
    case.is_read_by("python_dotenv", DATABASE.hostile);
    case.is_read_by("sh_dotenv", DATABASE.hostile);
}

#[test]
fn npmrc_is_read_back() {
    let refuses = |_: &str, value: &str| {
        value.contains("${") || value.trim_matches('\u{feff}').trim() != value || value == "true"
    };
    let case = Case { preset: "NpmRc", refuses, hostile: LOGIN, ..DATABASE };
    case.is_read_by("node:npm", LOGIN);
    let fixed = &[("host", "npm.internal"), ("token", "t")];
    Case { fixed, hostile: &["token"], ..case }.is_read_by("node:npm", &["token"]);
}

const KAFKA: Case = Case {
    preset: "KafkaProperties",
    application: "kafka",
    fixed: &[
        ("host", "k"),
        ("port", "9092"),
        ("sasl-mechanism", "SCRAM-SHA-512"),
        ("username", "u"),
        ("password", "p"),
    ],
    hostile: LOGIN,
    ..DATABASE
};

#[test]
fn properties_of_kafka_are_read_back() {
    KAFKA.is_read_by("java:kafka", LOGIN);
    Case { preset: "SpringKafka", ..KAFKA }.is_read_by("java:springKafka", LOGIN);
}

#[test]
fn credentials_of_google_are_read_back() {
    let Ok(made) = Command::new("openssl").args(["genrsa", "2048"]).output() else {
        return eprintln!("skipped: openssl is not here");
    };
    let key: &'static str = String::from_utf8(made.stdout).unwrap().leak();
    let fixed = vec![("signing-key", key), ("username", "u"), ("project-id", "p"), ("key-id", "k")].leak();
    let hostile = &["username", "project-id", "key-id"];
    Case { preset: "GoogleCredentialsFile", fixed, hostile, ..DATABASE }.is_read_by("google", hostile);
}
