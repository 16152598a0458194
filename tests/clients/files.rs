//! Files.

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
    let refuses = |_: &str, value: &str| value.starts_with('#') || value.contains(|c: char| c.is_whitespace() || c.is_control() || "\"'\\".contains(c));
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
