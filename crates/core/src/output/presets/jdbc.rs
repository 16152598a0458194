//! JDBC: the URL in the dialect of the application's type, without the user and the password, which drivers take beside it.

use super::super::escape;
use super::super::text::Text;
use super::super::wrong::Wrong;
use super::ask::{Ask, Made, Tls, query, those, unknown_tls, word};
use super::{HOST, Row, many};
use appcredential_api::output::Preset;

pub(super) const JDBC: Row = many(
    Preset::JDBC,
    "JDBC drivers of PostgreSQL, MySQL, MariaDB, SQL Server and Oracle, by application.type",
    &[HOST],
    &["JDBC_URL", "JDBC_USERNAME", "JDBC_PASSWORD"],
    plain,
);

pub(super) const SPRING_DATA_SOURCE: Row = many(
    Preset::SpringDataSource,
    "Spring Boot's data source, by application.type as JDBC",
    &[HOST],
    &["SPRING_DATASOURCE_URL", "SPRING_DATASOURCE_USERNAME", "SPRING_DATASOURCE_PASSWORD"],
    spring,
);

pub(super) fn plain(ask: &Ask<'_>) -> Made {
    named(ask, ["JDBC_URL", "JDBC_USERNAME", "JDBC_PASSWORD"])
}

pub(super) fn spring(ask: &Ask<'_>) -> Made {
    named(ask, ["SPRING_DATASOURCE_URL", "SPRING_DATASOURCE_USERNAME", "SPRING_DATASOURCE_PASSWORD"])
}

fn named(ask: &Ask<'_>, [url, user, password]: [&str; 3]) -> Made {
    Ok(those(vec![(url, Some(address(ask)?)), (user, ask.get("username")?), (password, ask.get("password")?)]))
}

fn address(ask: &Ask<'_>) -> Result<Text, Wrong> {
    match ask.application {
        "postgresql" | "postgres" => postgresql(ask),
        "mysql" => mysql(ask),
        "mariadb" => mariadb(ask),
        "sqlserver" | "mssql" => sqlserver(ask),
        "oracle" => oracle(ask),
        _ => Err(Wrong::Spec(
            "knows the application.type postgresql, mysql, mariadb, sqlserver and oracle; use one of them, or a template"
                .to_owned(),
        )),
    }
}

/// Returns `jdbc:<scheme>://host:port/database`.
fn common(ask: &Ask<'_>, scheme: &str) -> Result<Text, Wrong> {
    let database = ask.get("database")?.unwrap_or_default().map(escape::uri);
    Ok(Text::literal(&format!("jdbc:{scheme}://")).with(&ask.authority()?).then("/").with(&database))
}

fn postgresql(ask: &Ask<'_>) -> Result<Text, Wrong> {
    let tls = ask.tls()?;
    let has_ca = ask.values.has("ca.crt");
    let mode = match tls {
        Tls::Unsaid => return common(ask, "postgresql"),
        Tls::Disable => "disable",
        Tls::Require => "require",
        Tls::VerifyCA => "verify-ca",
        Tls::VerifyFull => "verify-full",
        Tls::StartTLS => return unknown_tls("StartTLS", "use Require, VerifyCA or VerifyFull"),
    };
    let (ca, factory) = match tls {
        Tls::VerifyCA | Tls::VerifyFull if has_ca => (ask.file("ca.crt")?, None),
        // What Java trusts. By default the driver would look for a file in the home of its user.
        Tls::VerifyCA | Tls::VerifyFull => (None, word("org.postgresql.ssl.DefaultJavaSSLFactory")),
        _ => (None, None),
    };
    Ok(common(ask, "postgresql")?.with(&query(&[
        ("sslmode", word(mode)),
        ("sslrootcert", ca),
        ("sslfactory", factory),
    ])))
}

/// Says that a driver takes CA certificates from a keystore of Java only.
fn no_pem(ask: &Ask<'_>, driver: &str) -> Result<(), Wrong> {
    let verifies = matches!(ask.tls()?, Tls::VerifyCA | Tls::VerifyFull);
    if verifies && ask.values.has("ca.crt") {
        return Err(Wrong::Spec(format!(
            "has no way to tell {driver} of connection.tls.ca, which it takes from a keystore of Java only; write the URL with a template"
        )));
    }
    Ok(())
}

fn mysql(ask: &Ask<'_>) -> Result<Text, Wrong> {
    no_pem(ask, "MySQL's driver")?;
    let mode = match ask.tls()? {
        Tls::Unsaid => None,
        Tls::Disable => word("DISABLED"),
        Tls::Require => word("REQUIRED"),
        Tls::VerifyCA => word("VERIFY_CA"),
        Tls::VerifyFull => word("VERIFY_IDENTITY"),
        Tls::StartTLS => return unknown_tls("StartTLS", "use Require, VerifyCA or VerifyFull"),
    };
    // The driver trims the name of a database, encoded or not.
    let database = ask.get("database")?.unwrap_or_default();
    if database.expose().trim_matches(|letter: char| letter <= ' ') != database.expose() {
        return Err(Wrong::value("database", "begins or ends with white space, which MySQL's driver cuts off"));
    }
    Ok(common(ask, "mysql")?.with(&query(&[("sslMode", mode)])))
}

fn mariadb(ask: &Ask<'_>) -> Result<Text, Wrong> {
    let tls = ask.tls()?;
    let (mode, verifies) = match tls {
        Tls::Unsaid => (None, false),
        Tls::Disable => (word("disable"), false),
        Tls::Require => (word("trust"), false),
        Tls::VerifyCA => (word("verify-ca"), true),
        Tls::VerifyFull => (word("verify-full"), true),
        Tls::StartTLS => return unknown_tls("StartTLS", "use Require, VerifyCA or VerifyFull"),
    };
    let ca = if verifies { ask.file("ca.crt")? } else { None };
    let database = ask.get("database")?.unwrap_or_default();
    // The driver decodes nothing: a database's name stands as it is, and ends where the settings begin.
    if database.expose().contains('?') {
        return Err(Wrong::value("database", "has a ?, which ends it for MariaDB's driver"));
    }
    let url = Text::literal("jdbc:mariadb://").with(&ask.authority()?).then("/").with(&database);
    Ok(url.with(&query(&[("sslMode", mode), ("serverSslCert", ca)])))
}

fn sqlserver(ask: &Ask<'_>) -> Result<Text, Wrong> {
    no_pem(ask, "Microsoft's driver")?;
    let mut url = Text::literal("jdbc:sqlserver://").with(&ask.authority()?);
    if let Some(database) = ask.get("database")? {
        let braced = database.map(|name| format!("{{{}}}", name.replace('}', "}}")));
        url = url.then(";databaseName=").with(&braced);
    }
    Ok(match ask.tls()? {
        Tls::Unsaid => url,
        Tls::Disable => url.then(";encrypt=false"),
        Tls::Require => url.then(";encrypt=true;trustServerCertificate=true"),
        Tls::VerifyFull => url.then(";encrypt=true;trustServerCertificate=false"),
        Tls::VerifyCA => return unknown_tls("VerifyCA", "use VerifyFull"),
        Tls::StartTLS => return unknown_tls("StartTLS", "use Require or VerifyFull"),
    })
}

fn oracle(ask: &Ask<'_>) -> Result<Text, Wrong> {
    no_pem(ask, "Oracle's driver")?;
    let (scheme, matching) = match ask.tls()? {
        Tls::Unsaid | Tls::Disable => ("jdbc:oracle:thin:@//", ""),
        Tls::VerifyCA => ("jdbc:oracle:thin:@tcps://", "?ssl_server_dn_match=false"),
        Tls::VerifyFull => ("jdbc:oracle:thin:@tcps://", "?ssl_server_dn_match=true"),
        Tls::Require => return unknown_tls("Require", "the driver always verifies: use VerifyCA or VerifyFull"),
        Tls::StartTLS => return unknown_tls("StartTLS", "use VerifyCA or VerifyFull"),
    };
    let url = Text::literal(scheme).with(&ask.authority()?);
    Ok(match ask.get("database")? {
        Some(service) => {
            let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-$#".contains(&byte));
            if !plain(service.expose()) {
                return Err(Wrong::value("database", "has a character that no name of a service of Oracle has"));
            }
            url.then("/").with(&service).then(matching)
        }
        None => url.then(matching),
    })
}
