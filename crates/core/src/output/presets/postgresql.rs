//! PostgreSQL: libpq's environment, URL and password file.

use super::super::escape;
use super::super::text::Text;
use super::super::wrong::Wrong;
use super::ask::{Ask, Made, Tls, query, those, unknown_tls, word};
use super::{HOST, PASSWORD, Row, USER, many, one};
use appcredential_api::output::Preset;

pub(super) const LIBPQ: Row = many(
    Preset::LibPQ,
    "libpq and all that is made with it: psql, psycopg, node-postgres, Ruby's pg",
    &[HOST],
    &["PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGPASSWORD", "PGSSLMODE", "PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY"],
    environment,
);

pub(super) const POSTGRESQL_URL: Row =
    one(Preset::PostgreSQLURL, "libraries for PostgreSQL that take a URL", &[HOST], "DATABASE_URL", url);

pub(super) const PGPASS: Row =
    one(Preset::PgPass, "libpq's password file; mount it with mode 0600", &[USER, PASSWORD], ".pgpass", passfile);

/// The settings of TLS in libpq's words: mode, CA, client certificate, its key.
struct Settings {
    mode: Option<Text>,
    root: Option<Text>,
    certificate: Option<Text>,
    key: Option<Text>,
}

fn settings(ask: &Ask<'_>) -> Result<Settings, Wrong> {
    let tls = ask.tls()?;
    let verifies = matches!(tls, Tls::VerifyCA | Tls::VerifyFull);
    let root = match tls {
        _ if verifies && ask.values.has("ca.crt") => ask.file("ca.crt")?,
        // The certificates that the system trusts, which libpq takes with this mode alone.
        Tls::VerifyFull => word("system"),
        Tls::VerifyCA => return Err(Wrong::Spec("needs connection.tls.ca to verify against; set it".to_owned())),
        _ => None,
    };
    let mode = match tls {
        Tls::Unsaid => None,
        Tls::Disable => word("disable"),
        Tls::Require => word("require"),
        Tls::VerifyCA => word("verify-ca"),
        Tls::VerifyFull => word("verify-full"),
        Tls::StartTLS => return unknown_tls("StartTLS", "use Require, VerifyCA or VerifyFull"),
    };
    let client = ask.values.has("tls.crt") && tls != Tls::Disable;
    let file = |key| if client { ask.file(key) } else { Ok(None) };
    Ok(Settings { mode, root, certificate: file("tls.crt")?, key: file("tls.key")? })
}

pub(super) fn environment(ask: &Ask<'_>) -> Made {
    let Settings { mode, root, certificate, key } = settings(ask)?;
    Ok(those(vec![
        ("PGHOST", ask.get("host")?),
        ("PGPORT", ask.get("port")?),
        ("PGDATABASE", ask.get("database")?),
        ("PGUSER", ask.get("username")?),
        ("PGPASSWORD", ask.get("password")?),
        ("PGSSLMODE", mode),
        ("PGSSLROOTCERT", root),
        ("PGSSLCERT", certificate),
        ("PGSSLKEY", key),
    ]))
}

pub(super) fn url(ask: &Ask<'_>) -> Made {
    let Settings { mode, root, certificate, key } = settings(ask)?;
    let database = ask.get("database")?.unwrap_or_default().map(escape::uri);
    let address = Text::literal("postgresql://").with(&ask.userinfo()?).with(&ask.authority()?);
    let tls = query(&[("sslmode", mode), ("sslrootcert", root), ("sslcert", certificate), ("sslkey", key)]);
    Ok(ask.single("DATABASE_URL", address.then("/").with(&database).with(&tls)))
}

pub(super) fn passfile(ask: &Ask<'_>) -> Made {
    let field = |key: &str| -> Result<Text, Wrong> {
        let Some(value) = ask.get(key)? else { return Ok(Text::literal("*")) };
        // A star alone is any value.
        if value.expose() == "*" {
            return Err(Wrong::value(key, "is *, which .pgpass takes for any value"));
        }
        value.try_map(escape::pgpass).map_err(|refusal| Wrong::value(key, refusal))
    };
    let password = ask.need("password")?.try_map(escape::pgpass).map_err(|why| Wrong::value("password", why))?;
    let mut line = Text::default();
    for key in ["host", "port", "database", "username"] {
        line = line.with(&field(key)?).then(":");
    }
    if line.expose().starts_with('#') {
        return Err(Wrong::value("host", "begins with #, which .pgpass takes for a comment"));
    }
    Ok(ask.single(".pgpass", line.with(&password).then("\n")))
}
