//! MySQL and MariaDB: URL and option file.

use super::super::escape;
use super::super::text::Text;
use super::super::wrong::Wrong;
use super::ask::{Ask, Made, Tls, query, unknown_tls, word};
use super::{HOST, Row, one};
use appcredential_api::output::Preset;

pub(super) const MYSQL_URL: Row =
    one(Preset::MySQLURL, "libraries for MySQL and MariaDB that take a URL", &[HOST], "DATABASE_URL", url);

pub(super) const MY_CNF: Row =
    one(Preset::MyCnf, "the option file of MySQL's and MariaDB's clients", &[HOST], ".my.cnf", option_file);

/// The mode and the CA in the words of MySQL's own clients.
fn settings(ask: &Ask<'_>) -> Result<(Option<Text>, Option<Text>), Wrong> {
    let mode = match ask.tls()? {
        Tls::Unsaid => return Ok((None, None)),
        Tls::Disable => "DISABLED",
        Tls::Require => "REQUIRED",
        Tls::VerifyCA => "VERIFY_CA",
        Tls::VerifyFull => "VERIFY_IDENTITY",
        Tls::StartTLS => return unknown_tls("StartTLS", "use Require, VerifyCA or VerifyFull"),
    };
    if !mode.starts_with("VERIFY") {
        return Ok((word(mode), None));
    }
    let Some(ca) = ask.file("ca.crt")? else {
        return Err(Wrong::Spec("needs connection.tls.ca to verify against; set it".to_owned()));
    };
    Ok((word(mode), Some(ca)))
}

pub(super) fn url(ask: &Ask<'_>) -> Made {
    let (mode, ca) = settings(ask)?;
    let database = ask.get("database")?.unwrap_or_default().map(escape::uri);
    let address = Text::literal("mysql://").with(&ask.userinfo()?).with(&ask.authority()?).then("/").with(&database);
    Ok(ask.single("DATABASE_URL", address.with(&query(&[("ssl-mode", mode), ("ssl-ca", ca)]))))
}

/// The lines on TLS, in the words of the client that reads the file: MariaDB's knows no `ssl-mode` and refuses to start with it.
fn tls_lines(ask: &Ask<'_>) -> Result<Vec<(&'static str, Option<Text>)>, Wrong> {
    let (mode, ca) = settings(ask)?;
    if ask.application != "mariadb" {
        return Ok(vec![("ssl-mode", mode), ("ssl-ca", ca)]);
    }
    Ok(match ask.tls()? {
        Tls::Unsaid => Vec::new(),
        Tls::Disable => vec![("ssl", word("0"))],
        Tls::VerifyFull => vec![("ssl", word("1")), ("ssl-ca", ca), ("ssl-verify-server-cert", word("1"))],
        Tls::VerifyCA => vec![("ssl", word("1")), ("ssl-ca", ca), ("ssl-verify-server-cert", word("0"))],
        _ => vec![("ssl", word("1")), ("ssl-verify-server-cert", word("0"))],
    })
}

pub(super) fn option_file(ask: &Ask<'_>) -> Made {
    let mut lines = Vec::new();
    for (option, key) in [("host", "host"), ("port", "port"), ("user", "username"), ("password", "password")] {
        lines.push((option, key, ask.get(key)?));
    }
    lines.extend(tls_lines(ask)?.into_iter().map(|(option, value)| (option, "tls-mode", value)));
    let mut file = Text::literal("[client]\n");
    for (option, key, value) in lines {
        let Some(value) = value else { continue };
        let value = value.try_map(escape::option_file).map_err(|refusal| Wrong::value(key, refusal))?;
        file = file.then(option).then("=").with(&value).then("\n");
    }
    // Every program reads [client], and not each of them knows a database.
    if let Some(database) = ask.get("database")? {
        let database = database.try_map(escape::option_file).map_err(|refusal| Wrong::value("database", refusal))?;
        file = file.then("\n[mysql]\ndatabase=").with(&database).then("\n");
    }
    Ok(ask.single(".my.cnf", file))
}
