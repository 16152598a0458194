//! URLs, and variables of an environment.

use crate::client::{Case, DATABASE};

const ALL: &[&str] = &["host", "port", "database", "username", "password"];

#[test]
fn postgresql_urls_are_read_back() {
    let case = Case { preset: "PostgreSQLURL", application: "postgresql", ..DATABASE };
    case.is_read_by("libpq_url", ALL);
    case.is_read_by("sqlalchemy", ALL);
    case.is_read_by("dj_database_url", ALL);
}

#[test]
fn variables_of_libpq_are_read_back() {
    let case = Case { preset: "LibPQ", application: "postgresql", ..DATABASE };
    case.is_read_by("libpq_environment", ALL);
}

#[test]
fn mysql_urls_are_read_back() {
    let case = Case { preset: "MySQLURL", application: "mysql", ..DATABASE };
    case.is_read_by("sqlalchemy", ALL);
    case.is_read_by("dj_database_url", ALL);
}

#[test]
fn redis_urls_are_read_back() {
    let case = Case { preset: "RedisURL", hostile: &["username", "password"], ..DATABASE };
    let case = Case {
        fixed: &[("host", "db.internal"), ("port", "6379"), ("database", "3"), ("username", "u"), ("password", "p")],
        ..case
    };
    case.is_read_by("redis_py", ALL);
}

#[test]
fn amqp_urls_are_read_back() {
    let case = Case { preset: "AMQPURL", ..DATABASE };
    case.is_read_by("pika", ALL);
    case.is_read_by("kombu", ALL);
}

#[test]
fn mongodb_urls_are_read_back() {
    let refuses = |field: &str, value: &str| field == "database" && value.contains(['/', '\\', '.', ' ', '"', '$']);
    let case = Case { preset: "MongoDBURL", refuses, ..DATABASE };
    case.is_read_by("pymongo", ALL);
}

#[test]
fn smtp_urls_are_read_back() {
    let case = Case { preset: "SMTPURL", hostile: &["username", "password"], ..DATABASE };
    case.is_read_by("dj_email_url", &["host", "port", "username", "password"]);
}

const KEYS: Case = Case {
    fixed: &[("access-key-id", "a"), ("secret-access-key", "s"), ("session-token", "t")],
    hostile: &["access-key-id", "secret-access-key", "session-token"],
    ..DATABASE
};

#[test]
fn variables_of_aws_are_read_back() {
    Case { preset: "AWSEnvironment", ..KEYS }.is_read_by("botocore_environment", KEYS.hostile);
}

#[test]
fn aws_credentials_files_are_read_back() {
    Case { preset: "AWSCredentialsFile", refuses: |_, _| true, ..KEYS }.is_read_by("botocore_file", KEYS.hostile);
}

#[test]
fn variables_of_openai_are_read_back() {
    let fixed = &[("api-key", "k"), ("organization", "o"), ("project", "p")];
    let case =
        Case { preset: "OpenAIEnvironment", fixed, hostile: &["api-key", "organization", "project"], ..DATABASE };
    case.is_read_by("openai", case.hostile);
}

/// The keys of a preset as variables of a process, which a shell shows.
fn are_variables(case: &Case) {
    case.is_read_as("sh_environment", |_| [("same".to_owned(), "True".to_owned())].into());
}

#[test]
fn a_shell_shows_the_variables_of_presets() {
    are_variables(&Case { preset: "LibPQ", ..DATABASE });
    are_variables(&Case { preset: "SpringDataSource", application: "postgresql", ..DATABASE });
    are_variables(&Case { preset: "AWSEnvironment", ..KEYS });
}

#[test]
fn jdbc_urls_are_read_back() {
    for application in ["postgresql", "mysql", "mariadb", "sqlserver"] {
        let refuses = |_: &str, value: &str| value.contains('?') || value.trim() != value;
        let case = Case { preset: "JDBC", application, hostile: &["database"], refuses, ..DATABASE };
        case.is_read_by("java:jdbc", &["host", "port", "database"]);
    }
}
