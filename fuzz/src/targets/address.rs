//! Addresses: a password in one is refused, wherever it stands, and the refusal does not repeat it.
//!
//! The input is a list of texts: an address as it is, then user, password, host and the rest of one to be made.

use appcredential_api::{AppCredentialSpec, Authentication, AuthenticationType, Connection};
use appcredential_core::resolve::{self, Selection};

use super::support::identity;

pub(super) fn run(data: &[u8]) {
    let Ok(parts) = serde_json::from_slice::<Vec<String>>(data) else { return };
    let mut parts = parts.iter().map(String::as_str);
    let mut part = || parts.next().unwrap_or_default();
    let (address, user, password, host, rest) = (part(), part(), part(), part(), part());
    let refusal = refusal(address);
    assert!(refusal.is_some() || !has_password(address), "{address} has a password");
    assert_eq!(refusal.is_some(), self::refusal(&address.to_ascii_uppercase()).is_some(), "capitals do not matter");
    if let Some(told) = refusal {
        assert!(address.len() < 12 || !told.contains(address), "a refusal repeats the address");
    }
    made(user, password, host, rest);
}

/// Makes an address with a password and one without from the same parts.
fn made(user: &str, password: &str, host: &str, rest: &str) {
    let is_host = |text: &str| !text.is_empty() && text.chars().all(|it| it.is_ascii_alphanumeric() || it == '.');
    let is_free = |text: &str| !text.is_empty() && !text.chars().any(|it| "/?#@:;&=".contains(it) || it.is_control());
    if !(is_host(host) && is_free(user) && is_free(password) && !is_filled_in(password)) {
        return;
    }
    let with = format!("amqp://{user}:{password}@{host}/{rest}");
    let told = refusal(&with).unwrap_or_else(|| panic!("{with} has a password"));
    assert!(password.len() < 12 || !told.contains(password), "a refusal repeats the password");
    assert!(refusal(&format!("amqp://{host}:5672/vhost")).is_none(), "{host} has no password");
}

/// Whether something else fills in what stands for a password.
fn is_filled_in(password: &str) -> bool {
    ["${", "$(", "{", "%(", "<"].iter().any(|beginning| password.starts_with(beginning))
}

/// Whether an address has `user:password@` by the letter of RFC 3986; written apart from the code that is tried.
fn has_password(address: &str) -> bool {
    let Some((scheme, after)) = address.split_once("://") else { return false };
    let is_scheme = scheme.chars().all(|it| it.is_ascii_alphanumeric() || "+-.".contains(it));
    if !is_scheme || !scheme.starts_with(|it: char| it.is_ascii_alphabetic()) {
        return false;
    }
    let authority = after.split(['/', '?', '#']).next().unwrap_or_default();
    let user = authority.rsplit_once('@').map(|(user, _)| user);
    user.and_then(|user| user.split_once(':'))
        .is_some_and(|(_, password)| !password.is_empty() && !is_filled_in(password))
}

/// What is said of an address, if anything is.
fn refusal(address: &str) -> Option<String> {
    let spec = AppCredentialSpec {
        authentication: Some(Authentication { kind: Some(AuthenticationType::None), ..Authentication::default() }),
        connection: Some(Connection { uri: Some(address.to_owned()), ..Connection::default() }),
        ..AppCredentialSpec::default()
    };
    let problems = resolve::environments(&spec, &identity(), &Selection::default()).err()?;
    assert!(problems.iter().all(|problem| problem.path() == "spec.connection.uri"), "{problems:?}");
    problems.first().map(ToString::to_string)
}
