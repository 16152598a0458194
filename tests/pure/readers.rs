//! Which clients read each preset back (`tests/clients`), and in which version.

use appcredential_api::output::Preset;

use crate::support::read;

/// Returns the clients that read what a preset gives: packages by their names, what Debian has with a version.
fn clients(preset: Preset) -> &'static [&'static str] {
    match preset {
        Preset::LibPQ => &["libpq 15", "dash"],
        Preset::PostgreSQLURL => &["libpq 15", "SQLAlchemy", "dj-database-url"],
        Preset::PgPass => &["libpq 15"],
        Preset::JDBC => &["postgresql", "mysql-connector-j", "mariadb-java-client", "mssql-jdbc"],
        Preset::SpringDataSource => &["dash"],
        Preset::MySQLURL => &["SQLAlchemy", "dj-database-url"],
        Preset::MyCnf => &["my_print_defaults of MariaDB 10.11"],
        Preset::RedisURL => &["redis"],
        Preset::AMQPURL => &["pika", "kombu"],
        Preset::MongoDBURL => &["pymongo"],
        Preset::KafkaProperties => &["java.util.Properties of Java 17", "kafka-clients"],
        Preset::SpringKafka => &["kafka-clients"],
        Preset::AWSEnvironment => &["botocore", "dash"],
        Preset::AWSCredentialsFile => &["botocore"],
        Preset::SMTPURL => &["dj-email-url"],
        Preset::DockerConfigJSON => &["docker"],
        Preset::Netrc => &["netrc of Python 3.11"],
        Preset::GitCredentials => &["git 2.39"],
        Preset::NpmRc => &["npm 11"],
        Preset::Dotenv => &["python-dotenv", "dash"],
        Preset::OpenAIEnvironment => &["openai"],
        Preset::GoogleCredentialsFile => &["google-auth"],
    }
}

/// Returns the version of a package of Python or Java that `tests/clients/install` installs.
fn version(package: &str) -> Option<String> {
    let python = read("tests/clients/requirements.txt");
    let java = read("tests/clients/pom.xml");
    let artifact = format!("<artifactId>{package}</artifactId><version>");
    let of_python = python.lines().find_map(|line| line.strip_prefix(package)?.strip_prefix("==").map(str::to_owned));
    let of_java = || java.split_once(&artifact).and_then(|(_, rest)| rest.split_once('<')).map(|(it, _)| it.to_owned());
    of_python.or_else(of_java)
}

/// Returns the rows of the table: a preset and its clients with their versions.
pub(crate) fn rows() -> impl Iterator<Item = Vec<String>> {
    Preset::ALL.iter().map(|&preset| {
        let versioned =
            |client: &&str| version(client).map_or_else(|| (*client).to_owned(), |it| format!("{client} {it}"));
        let all: Vec<String> = clients(preset).iter().map(versioned).collect();
        vec![format!("`{}`", preset.word()), all.join(", ")]
    })
}
