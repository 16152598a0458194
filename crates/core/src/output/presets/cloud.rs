//! AWS, Google and OpenAI.

use super::super::escape;
use super::super::text::Text;
use super::super::wrong::Wrong;
use super::ask::{Ask, Made, those};
use super::{ACCESS_KEY, ACCOUNT, API_KEY, AWS, Row, SIGNING_KEY, many, one};
use appcredential_api::output::Preset;

pub(super) const AWS_ENVIRONMENT: Row = many(
    Preset::AWSEnvironment,
    "AWS' SDKs and command line; a parameter `region` is AWS_REGION",
    &[AWS],
    &[
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_ROLE_ARN",
        "AWS_REGION",
        "AWS_ENDPOINT_URL",
    ],
    aws_environment,
);

pub(super) const AWS_CREDENTIALS_FILE: Row = one(
    Preset::AWSCredentialsFile,
    "AWS' SDKs and command line, by AWS_SHARED_CREDENTIALS_FILE",
    &[ACCESS_KEY],
    "credentials",
    aws_credentials,
);

pub(super) const OPENAI_ENVIRONMENT: Row = many(
    Preset::OpenAIEnvironment,
    "OpenAI's libraries; parameters `organization` and `project`",
    &[API_KEY],
    &["OPENAI_API_KEY", "OPENAI_BASE_URL", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"],
    openai,
);

pub(super) const GOOGLE_CREDENTIALS_FILE: Row = many(
    Preset::GoogleCredentialsFile,
    "Google's libraries; a parameter `project-id`",
    &[SIGNING_KEY, ACCOUNT],
    &["credentials.json", "GOOGLE_APPLICATION_CREDENTIALS"],
    google,
);

pub(super) fn aws_environment(ask: &Ask<'_>) -> Made {
    let keys = ask.get("access-key-id")?;
    // A role beside keys is assumed by a profile: the SDKs take this variable for another way in.
    let role = if keys.is_none() { ask.get("role-arn")? } else { None };
    Ok(those(vec![
        ("AWS_ACCESS_KEY_ID", keys),
        ("AWS_SECRET_ACCESS_KEY", ask.get("secret-access-key")?),
        ("AWS_SESSION_TOKEN", ask.get("session-token")?),
        ("AWS_ROLE_ARN", role),
        ("AWS_REGION", ask.get("region")?),
        ("AWS_ENDPOINT_URL", ask.http()?),
    ]))
}

/// Returns a section of an INI file with the keys that are there.
fn section(ask: &Ask<'_>, name: &str, lines: &[(&str, &str)]) -> Result<Text, Wrong> {
    let mut out = Text::literal(&format!("[{name}]\n"));
    for (setting, key) in lines {
        if let Some(value) = ask.get(key)? {
            let value = value.try_map(escape::ini).map_err(|refusal| Wrong::value(key, refusal))?;
            out = out.then(setting).then(" = ").with(&value).then("\n");
        }
    }
    Ok(out)
}

pub(super) fn aws_credentials(ask: &Ask<'_>) -> Made {
    let keys = [
        ("aws_access_key_id", "access-key-id"),
        ("aws_secret_access_key", "secret-access-key"),
        ("aws_session_token", "session-token"),
        ("region", "region"),
    ];
    let file = if ask.values.has("role-arn") {
        let role =
            section(ask, "default", &[("role_arn", "role-arn"), ("external_id", "external-id"), ("region", "region")])?;
        role.then("source_profile = keys\n\n").with(&section(ask, "keys", &keys)?)
    } else {
        section(ask, "default", &keys)?
    };
    Ok(ask.single("credentials", file))
}

pub(super) fn openai(ask: &Ask<'_>) -> Made {
    Ok(those(vec![
        ("OPENAI_API_KEY", ask.first(&["api-key", "token"])?),
        ("OPENAI_BASE_URL", ask.http()?),
        ("OPENAI_ORG_ID", ask.get("organization")?),
        ("OPENAI_PROJECT_ID", ask.get("project")?),
    ]))
}

pub(super) fn google(ask: &Ask<'_>) -> Made {
    let uri = ask.get("token-uri")?.unwrap_or_else(|| Text::literal("https://oauth2.googleapis.com/token"));
    let fields = [
        ("type", Some(Text::literal("service_account"))),
        ("project_id", ask.get("project-id")?),
        ("private_key_id", ask.first(&["key-id", "jwt-key-id"])?),
        ("private_key", ask.get("signing-key")?),
        ("client_email", ask.first(&["username", "jwt-issuer"])?),
        ("token_uri", Some(uri)),
    ];
    let mut file = Text::literal("{");
    for (index, (name, value)) in fields.into_iter().filter_map(|(name, value)| Some((name, value?))).enumerate() {
        let sign = if index > 0 { "," } else { "" };
        file = file.then(sign).then(&escape::json(name)).then(":").with(&value.map(escape::json));
    }
    let path = ask
        .shape
        .mount_path
        .it
        .as_deref()
        .map(|folder| Text::literal(&format!("{}/credentials.json", folder.trim_end_matches('/'))));
    Ok(those(vec![("credentials.json", Some(file.then("}\n"))), ("GOOGLE_APPLICATION_CREDENTIALS", path)]))
}
