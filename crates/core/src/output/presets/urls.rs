//! URLs of Redis, RabbitMQ, MongoDB and mail servers.

use super::super::escape;
use super::super::text::Text;
use super::super::wrong::Wrong;
use super::ask::{Ask, Made, Tls, query, unknown_tls, word};
use super::{HOST, HOSTS, Row, one};
use appcredential_api::output::Preset;

pub(super) const REDIS_URL: Row = one(Preset::RedisURL, "clients of Redis and Valkey", &[HOST], "REDIS_URL", redis);

pub(super) const AMQP_URL: Row =
    one(Preset::AMQPURL, "clients of RabbitMQ; connection.database is the virtual host", &[HOST], "AMQP_URL", amqp);

pub(super) const MONGODB_URL: Row = one(Preset::MongoDBURL, "drivers of MongoDB", &[HOSTS], "MONGODB_URI", mongodb);

pub(super) const SMTP_URL: Row = one(Preset::SMTPURL, "libraries for mail that take a URL", &[HOST], "SMTP_URL", smtp);

pub(super) fn redis(ask: &Ask<'_>) -> Made {
    let scheme = match ask.tls()? {
        Tls::Unsaid | Tls::Disable => "redis://",
        // Clients verify with this scheme, by the certificates that they are told of or those of the system.
        Tls::Require | Tls::VerifyCA | Tls::VerifyFull => "rediss://",
        Tls::StartTLS => return unknown_tls("StartTLS", "use Require, VerifyCA or VerifyFull"),
    };
    let url = Text::literal(scheme).with(&ask.userinfo()?).with(&ask.authority()?);
    let Some(database) = ask.get("database")? else { return Ok(ask.single("REDIS_URL", url)) };
    // Clients take what is no number for database 0, and some say nothing.
    if !database.expose().bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Wrong::value("database", "is no number, and databases of Redis have numbers"));
    }
    Ok(ask.single("REDIS_URL", url.then("/").with(&database)))
}

pub(super) fn amqp(ask: &Ask<'_>) -> Made {
    let tls = ask.tls()?;
    let (scheme, verify) = match tls {
        Tls::Unsaid | Tls::Disable => ("amqp://", None),
        Tls::Require => ("amqps://", word("verify_none")),
        Tls::VerifyCA | Tls::VerifyFull => ("amqps://", word("verify_peer")),
        Tls::StartTLS => return unknown_tls("StartTLS", "use Require, VerifyCA or VerifyFull"),
    };
    let verifies = matches!(tls, Tls::VerifyCA | Tls::VerifyFull);
    let ca = if verifies { ask.file("ca.crt")? } else { None };
    let name = if verifies { ask.get("tls-server-name")? } else { None };
    let url = Text::literal(scheme).with(&ask.userinfo()?).with(&ask.authority()?);
    // Without a path it is the virtual host `/`, and with an empty path the one without a name.
    let host = ask.get("database")?.map(|host| Text::literal("/").with(&host.map(escape::uri)));
    let query = query(&[("verify", verify), ("cacertfile", ca), ("server_name_indication", name)]);
    Ok(ask.single("AMQP_URL", url.with(&host.unwrap_or_default()).with(&query)))
}

pub(super) fn mongodb(ask: &Ask<'_>) -> Made {
    let tls = ask.tls()?;
    let yes = || word("true");
    let (on, any_certificate, any_name) = match tls {
        Tls::Unsaid => (None, None, None),
        Tls::Disable => (word("false"), None, None),
        Tls::Require => (yes(), yes(), None),
        Tls::VerifyCA => (yes(), None, yes()),
        Tls::VerifyFull => (yes(), None, None),
        Tls::StartTLS => return unknown_tls("StartTLS", "use Require, VerifyCA or VerifyFull"),
    };
    let ca = if matches!(tls, Tls::VerifyCA | Tls::VerifyFull) { ask.file("ca.crt")? } else { None };
    let scheme = match ask.get("protocol")? {
        Some(word) if word.expose() == "mongodb+srv" => "mongodb+srv://",
        _ => "mongodb://",
    };
    let database = ask.get("database")?.unwrap_or_default();
    // The server refuses them, and drivers take what follows a dot for a collection.
    if database.expose().contains(['/', '\\', '.', ' ', '"', '$']) {
        return Err(Wrong::value("database", "has a character that no name of a database of MongoDB has"));
    }
    let database = database.map(escape::uri);
    let source = ask.first(&["auth-source", "authSource"])?;
    let query = query(&[
        ("tls", on),
        ("tlsCAFile", ca),
        ("tlsAllowInvalidCertificates", any_certificate),
        ("tlsAllowInvalidHostnames", any_name),
        ("authSource", source),
    ]);
    let url = Text::literal(scheme).with(&ask.userinfo()?).with(&addresses(ask)?).then("/").with(&database);
    Ok(ask.single("MONGODB_URI", url.with(&query)))
}

/// Returns the addresses of all hosts. What stands in a URL may have no sign of it.
fn addresses(ask: &Ask<'_>) -> Result<Text, Wrong> {
    let addresses = ask.addresses()?;
    if addresses.expose().contains(['/', '@', '?', '#', ' ']) {
        return Err(Wrong::value("endpoints", "has a character that ends a host in a URL"));
    }
    Ok(addresses)
}

pub(super) fn smtp(ask: &Ask<'_>) -> Made {
    let (scheme, starts) = match ask.tls()? {
        Tls::Unsaid | Tls::Disable => ("smtp://", None),
        Tls::Require | Tls::VerifyCA | Tls::VerifyFull => ("smtps://", None),
        Tls::StartTLS => ("smtp://", word("true")),
    };
    let url = Text::literal(scheme).with(&ask.userinfo()?).with(&ask.authority()?);
    let url = if starts.is_some() { url.then("/") } else { url };
    Ok(ask.single("SMTP_URL", url.with(&query(&[("requireTLS", starts)]))))
}
