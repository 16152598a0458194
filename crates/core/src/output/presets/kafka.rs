//! Kafka: the settings of its Java client, as a file and as Spring's environment variables.
//!
//! Certificates stand in the settings themselves (PEM), so no file has to be mounted.

use super::super::escape;
use super::super::text::Text;
use super::super::wrong::Wrong;
use super::ask::{Ask, Keys, Made, Tls};
use super::{HOSTS, Row, many, one};
use appcredential_api::output::Preset;

pub(super) const KAFKA_PROPERTIES: Row =
    one(Preset::KafkaProperties, "Kafka's Java clients and command line", &[HOSTS], "client.properties", properties);

pub(super) const SPRING_KAFKA: Row = many(
    Preset::SpringKafka,
    "Spring for Apache Kafka",
    &[HOSTS],
    &[
        "SPRING_KAFKA_BOOTSTRAPSERVERS",
        "SPRING_KAFKA_SECURITY_PROTOCOL",
        "SPRING_KAFKA_PROPERTIES_SASL_MECHANISM",
        "SPRING_KAFKA_PROPERTIES_SASL_JAAS_CONFIG",
        "SPRING_KAFKA_PROPERTIES_SSL_TRUSTSTORE_TYPE",
        "SPRING_KAFKA_PROPERTIES_SSL_TRUSTSTORE_CERTIFICATES",
        "SPRING_KAFKA_PROPERTIES_SSL_KEYSTORE_TYPE",
        "SPRING_KAFKA_PROPERTIES_SSL_KEYSTORE_CERTIFICATE_CHAIN",
        "SPRING_KAFKA_PROPERTIES_SSL_KEYSTORE_KEY",
        "SPRING_KAFKA_PROPERTIES_SSL_ENDPOINT_IDENTIFICATION_ALGORITHM",
    ],
    spring,
);

/// Returns the settings in the client's own words.
fn settings(ask: &Ask<'_>) -> Result<Vec<(&'static str, Text)>, Wrong> {
    let (sasl, tls) = (ask.get("sasl-mechanism")?, ask.tls()?);
    let encrypted = !matches!(tls, Tls::Unsaid | Tls::Disable);
    let protocol = match (sasl.is_some(), encrypted) {
        (true, true) => "SASL_SSL",
        (true, false) => "SASL_PLAINTEXT",
        (false, true) => "SSL",
        (false, false) => "PLAINTEXT",
    };
    let said = ask.get("protocol")?.filter(|said| said.expose() != protocol);
    if said.is_some_and(|said| ["SASL_SSL", "SASL_PLAINTEXT", "SSL", "PLAINTEXT"].contains(&said.expose())) {
        return Err(Wrong::Spec(format!(
            "is {protocol} by authentication.type and connection.tls.mode, and connection.protocol says another one; remove it, or correct them"
        )));
    }
    let mut out = vec![("bootstrap.servers", ask.addresses()?), ("security.protocol", Text::literal(protocol))];
    if let Some(mechanism) = sasl {
        out.push(("sasl.jaas.config", login(ask, &mechanism)?));
        out.push(("sasl.mechanism", mechanism));
    }
    if encrypted {
        out.extend(certificates(ask, tls)?);
    }
    Ok(out)
}

fn certificates(ask: &Ask<'_>, tls: Tls) -> Result<Vec<(&'static str, Text)>, Wrong> {
    let mut out = Vec::new();
    match tls {
        Tls::VerifyFull => {}
        // By default the client compares names.
        Tls::VerifyCA => out.push(("ssl.endpoint.identification.algorithm", Text::default())),
        _ => {
            return Err(Wrong::Spec(
                "knows no TLS without verification; set connection.tls.mode to VerifyFull or VerifyCA".to_owned(),
            ));
        }
    }
    if let Some(ca) = ask.get("ca.crt")? {
        out.push(("ssl.truststore.type", Text::literal("PEM")));
        out.push(("ssl.truststore.certificates", ca));
    }
    if let (Some(certificate), Some(key)) = (ask.get("tls.crt")?, ask.get("tls.key")?) {
        out.push(("ssl.keystore.type", Text::literal("PEM")));
        out.push(("ssl.keystore.certificate.chain", certificate));
        out.push(("ssl.keystore.key", key));
    }
    Ok(out)
}

/// Returns what the login module of the mechanism is configured with.
fn login(ask: &Ask<'_>, mechanism: &Text) -> Result<Text, Wrong> {
    let module = match mechanism.expose() {
        "PLAIN" => "org.apache.kafka.common.security.plain.PlainLoginModule",
        "SCRAM-SHA-256" | "SCRAM-SHA-512" => "org.apache.kafka.common.security.scram.ScramLoginModule",
        _ => {
            let message = "knows the mechanisms PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512; use one of them, or a template";
            return Err(Wrong::Spec(message.to_owned()));
        }
    };
    let (user, password) = (ask.need("username")?.map(escape::jaas), ask.need("password")?.map(escape::jaas));
    Ok(Text::literal(module).then(" required username=").with(&user).then(" password=").with(&password).then(";"))
}

pub(super) fn properties(ask: &Ask<'_>) -> Made {
    let mut file = Text::default();
    for (name, value) in settings(ask)? {
        file = file.then(name).then("=").with(&value.map(escape::properties)).then("\n");
    }
    Ok(ask.single("client.properties", file))
}

pub(super) fn spring(ask: &Ask<'_>) -> Made {
    let settings = settings(ask)?.into_iter().map(|(name, value)| {
        let name = match name {
            "bootstrap.servers" => "SPRING_KAFKA_BOOTSTRAPSERVERS".to_owned(),
            "security.protocol" => "SPRING_KAFKA_SECURITY_PROTOCOL".to_owned(),
            other => format!("SPRING_KAFKA_PROPERTIES_{}", other.replace('.', "_").to_uppercase()),
        };
        (name, value)
    });
    let keys: Keys = settings.collect();
    Ok(keys)
}
