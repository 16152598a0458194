//! Files of registries, git, npm and shells.

use super::super::escape;
use super::super::shape::variable;
use super::super::text::Text;
use super::super::wrong::Wrong;
use super::ask::{Ask, Made};
use super::{HOST, PASSWORD, REGISTRY, Row, TOKEN_OR_PASSWORD, USER, one};
use crate::resolve::Class;
use appcredential_api::output::Preset;

pub(super) const DOCKER_CONFIG_JSON: Row = one(
    Preset::DockerConfigJSON,
    "container registries: imagePullSecrets and ~/.docker/config.json",
    &[REGISTRY, USER, PASSWORD],
    ".dockerconfigjson",
    docker,
);

pub(super) const NETRC: Row =
    one(Preset::Netrc, "curl, git, pip and others, by ~/.netrc", &[HOST, USER, PASSWORD], ".netrc", netrc);

pub(super) const GIT_CREDENTIALS: Row =
    one(Preset::GitCredentials, "git's credential store", &[REGISTRY, USER, PASSWORD], ".git-credentials", git);

pub(super) const NPM_RC: Row = one(Preset::NpmRc, "npm and its like", &[REGISTRY, TOKEN_OR_PASSWORD], ".npmrc", npm);

pub(super) const DOTENV: Row =
    one(Preset::Dotenv, "dotenv libraries and shells: every key of a field as a variable", &[], ".env", dotenv);

/// Returns the registry as docker names it: `host`, `host:port`, or the URI where there is one.
fn server(ask: &Ask<'_>) -> Result<Text, Wrong> {
    match ask.get("uri")? {
        Some(uri) => Ok(uri),
        None => ask.authority(),
    }
}

pub(super) fn docker(ask: &Ask<'_>) -> Made {
    let (user, password) = (ask.need("username")?, ask.need("password")?);
    if user.expose().contains(':') {
        return Err(Wrong::value("username", "has a colon, which ends a user name in .dockerconfigjson"));
    }
    let both = user.clone().then(":").with(&password).map(|both| escape::base64(both.as_bytes()));
    let mut file = Text::literal("{\"auths\":{").with(&server(ask)?.map(escape::json)).then(":{");
    for (name, value) in [("\"username\":", user), (",\"password\":", password), (",\"auth\":", both)] {
        file = file.then(name).with(&value.map(escape::json));
    }
    Ok(ask.single(".dockerconfigjson", file.then("}}}")))
}

pub(super) fn netrc(ask: &Ask<'_>) -> Made {
    let mut file = Text::default();
    for (word, key) in [("machine ", "host"), (" login ", "username"), (" password ", "password")] {
        let value = ask.need(key)?.try_map(escape::netrc).map_err(|refusal| Wrong::value(key, refusal))?;
        file = file.then(word).with(&value);
    }
    Ok(ask.single(".netrc", file.then("\n")))
}

/// Returns an address of HTTP as its scheme and the rest, such as `https` and `git.example.com/team`.
fn address(ask: &Ask<'_>) -> Result<(Text, Text), Wrong> {
    let address = ask.http()?.unwrap_or_default();
    let Some((scheme, _)) = address.expose().split_once("://") else {
        return Err(Wrong::value("uri", "is no address of HTTP"));
    };
    if address.expose().contains(char::is_whitespace) {
        return Err(Wrong::value("uri", "has white space"));
    }
    let skip = scheme.len() + 3;
    let scheme = address.map(|all| all.split_once("://").map_or("", |(scheme, _)| scheme).to_owned());
    Ok((scheme, address.map(|all| all.get(skip..).unwrap_or_default().to_owned())))
}

pub(super) fn git(ask: &Ask<'_>) -> Made {
    for key in ["username", "password"] {
        // Encoded or not: git drops the whole line.
        if ask.need(key)?.expose().contains(['\n', '\r']) {
            return Err(Wrong::value(key, "has a line break, which git's credential store cannot hold"));
        }
    }
    let (scheme, rest) = address(ask)?;
    let line = scheme.then("://").with(&ask.userinfo()?).with(&rest).then("\n");
    Ok(ask.single(".git-credentials", line))
}

pub(super) fn npm(ask: &Ask<'_>) -> Made {
    let (scheme, rest) = address(ask)?;
    let rest = rest.map(|rest| format!("{}/", rest.trim_end_matches('/')));
    let registry = Text::literal("registry=").with(&scheme).then("://").with(&rest).then("\n");
    let setting = |name: &str, value: &Text| {
        Text::literal("//").with(&rest).then(":").then(name).then("=").with(value).then("\n")
    };
    if let Some(token) = ask.get("token")? {
        return Ok(ask.single(".npmrc", registry.with(&setting("_authToken", &quoted("token", &token)?))));
    }
    let password = ask.need("password")?.map(|password| escape::base64(password.as_bytes()));
    let user = quoted("username", &ask.need("username")?)?;
    Ok(ask.single(".npmrc", registry.with(&setting("username", &user)).with(&setting("_password", &password))))
}

/// Returns a value of an `.npmrc` file, in quotes unless it is plain. Even there npm trims, puts variables in and knows words.
fn quoted(key: &str, value: &Text) -> Result<Text, Wrong> {
    let text = value.expose();
    if text.contains("${") {
        return Err(Wrong::value(key, "has ${, which npm takes for a variable"));
    }
    if text.trim() != text || text.starts_with('\u{feff}') || text.ends_with('\u{feff}') {
        return Err(Wrong::value(key, "begins or ends with white space, which npm cuts off"));
    }
    if ["true", "false", "null", "undefined"].contains(&text) {
        return Err(Wrong::value(key, "is a word that npm takes for something else than text"));
    }
    let plain = |char: char| char.is_ascii_alphanumeric() || "-._~+/=".contains(char);
    Ok(value.map(|text| if text.chars().all(plain) { text.to_owned() } else { escape::json(text) }))
}

/// Writes every key of a field as a variable, whatever the style of the keys beside it.
pub(super) fn dotenv(ask: &Ask<'_>) -> Made {
    let mut file = Text::default();
    for key in ask.values.keys() {
        // What the application is goes to no output by itself.
        let is_application = ask.values.part(key)?.is_some_and(|part| part.class == Class::Application);
        if is_application || ask.shape.drop.it.iter().any(|dropped| dropped == key) {
            continue;
        }
        let Some(value) = ask.get(key)? else { continue };
        let value = value.try_map(escape::dotenv).map_err(|refusal| Wrong::value(key, refusal))?;
        let renamed = ask.shape.rename.it.iter().find(|rename| rename.key == key).map(|rename| variable(&rename.to));
        let name = renamed.unwrap_or_else(|| variable(&format!("{}{key}", ask.shape.prefix.it)));
        file = file.then(&name).then("=").with(&value).then("\n");
    }
    Ok(ask.single(".env", file))
}
