//! The presets: what client libraries read, made of the fields. One table.
//!
//! To add a preset: its name in `api::output::Preset`, a row here, and the function that makes it. The schema's enum, the policy,
//! the reference and the tests over all presets come from the two.
//!
//! A row says what a preset needs and which keys it may give. What it gives for a credential is made by `make`, out of `Text` that
//! remembers whether it is secret: a row cannot say where a key goes.

mod ask;
mod cloud;
mod files;
mod jdbc;
mod kafka;
mod mysql;
mod postgresql;
mod urls;

use appcredential_api::output::Preset;
pub use ask::Ask;
use ask::{Made, Need};

/// A preset.
#[derive(Clone, Copy)]
pub struct Row {
    /// Its name.
    pub preset: Preset,
    /// Who reads what it gives.
    pub about: &'static str,
    /// What it needs.
    needs: &'static [Need],
    /// The keys that it may give, but for that of `key`.
    pub gives: &'static [&'static str],
    /// The key of the one value that it gives, which `presets[].key` can replace.
    pub key: Option<&'static str>,
    /// Makes the keys.
    pub(super) make: Make,
}

impl Row {
    /// Returns what it needs, in words of the manifest.
    pub fn needs(&self) -> impl Iterator<Item = &'static str> {
        self.needs.iter().map(|need| need.field)
    }

    /// Returns what it needs and a credential lacks.
    pub(super) fn missing(&self, ask: &Ask<'_>) -> impl Iterator<Item = &'static str> {
        self.needs.iter().filter(|need| !need.keys.iter().any(|key| ask.values.has(key))).map(|need| need.field)
    }
}

const HOST: Need = Need { keys: &["host"], field: "connection.host" };
const HOSTS: Need = Need { keys: &["endpoints", "host"], field: "connection.endpoints or connection.host" };
const USER: Need = Need { keys: &["username"], field: "a user name, as authentication.basic.username" };
const PASSWORD: Need = Need { keys: &["password"], field: "a password, as authentication.basic.password" };
const AWS: Need = Need {
    keys: &["access-key-id", "role-arn"],
    field: "authentication.aws.accessKeyID or authentication.aws.roleARN",
};
const ACCESS_KEY: Need = Need { keys: &["access-key-id"], field: "authentication.aws.accessKeyID" };
const API_KEY: Need =
    Need { keys: &["api-key", "token"], field: "authentication.apiKey.key or authentication.bearerToken.token" };
const REGISTRY: Need = Need { keys: &["host", "uri"], field: "connection.host or connection.uri" };
const TOKEN_OR_PASSWORD: Need =
    Need { keys: &["token", "password"], field: "authentication.bearerToken.token or authentication.basic.password" };
const SIGNING_KEY: Need =
    Need { keys: &["signing-key"], field: "authentication.keyPair.privateKey or authentication.oauth2.jwt.privateKey" };
const ACCOUNT: Need = Need {
    keys: &["username", "jwt-issuer"],
    field: "authentication.keyPair.username or authentication.oauth2.jwt.issuer",
};

type Make = fn(&Ask<'_>) -> Made;

/// A preset that gives one value, under this key or another.
const fn one(preset: Preset, about: &'static str, needs: &'static [Need], key: &'static str, make: Make) -> Row {
    Row { preset, about, needs, gives: &[], key: Some(key), make }
}

/// A preset that gives these keys, as far as a credential has what they are made of.
const fn many(
    preset: Preset,
    about: &'static str,
    needs: &'static [Need],
    gives: &'static [&'static str],
    make: Make,
) -> Row {
    Row { preset, about, needs, gives, key: None, make }
}

/// Returns the row of a preset.
#[must_use]
pub fn row(preset: Preset) -> Row {
    match preset {
        Preset::LibPQ => postgresql::LIBPQ,
        Preset::PostgreSQLURL => postgresql::POSTGRESQL_URL,
        Preset::PgPass => postgresql::PGPASS,
        Preset::JDBC => jdbc::JDBC,
        Preset::SpringDataSource => jdbc::SPRING_DATA_SOURCE,
        Preset::MySQLURL => mysql::MYSQL_URL,
        Preset::MyCnf => mysql::MY_CNF,
        Preset::RedisURL => urls::REDIS_URL,
        Preset::AMQPURL => urls::AMQP_URL,
        Preset::MongoDBURL => urls::MONGODB_URL,
        Preset::KafkaProperties => kafka::KAFKA_PROPERTIES,
        Preset::SpringKafka => kafka::SPRING_KAFKA,
        Preset::AWSEnvironment => cloud::AWS_ENVIRONMENT,
        Preset::AWSCredentialsFile => cloud::AWS_CREDENTIALS_FILE,
        Preset::SMTPURL => urls::SMTP_URL,
        Preset::DockerConfigJSON => files::DOCKER_CONFIG_JSON,
        Preset::Netrc => files::NETRC,
        Preset::GitCredentials => files::GIT_CREDENTIALS,
        Preset::NpmRc => files::NPM_RC,
        Preset::Dotenv => files::DOTENV,
        Preset::OpenAIEnvironment => cloud::OPENAI_ENVIRONMENT,
        Preset::GoogleCredentialsFile => cloud::GOOGLE_CREDENTIALS_FILE,
    }
}
