//! Authentication types: what each gives, by field within a type, and nothing left of a type that is replaced.

use appcredential_api::AuthenticationType;
use serde_json::{Value, json};

use crate::support::{effective, typed, yaml};

/// Every type with every field set, and the keys of the design's table by hand.
pub(crate) const FULL: &[(&str, &str, &[&str])] = &[
    ("None", "", &[]),
    ("Basic", "basic: {username: {value: basic-1}, password: {value: basic-2}}", &["username", "password"]),
    (
        "APIKey",
        "apiKey: {key: {value: api-1}, in: Header, name: api-2, prefix: 'api-3 '}",
        &["api-key", "api-key-in", "api-key-name", "api-key-prefix"],
    ),
    ("BearerToken", "bearerToken: {token: {value: bearer-1}}", &["token"]),
    (
        "OAuth2",
        "oauth2: {grantType: AuthorizationCode, clientID: {value: oauth-1}, clientSecret: {value: oauth-2}, tokenURL: https://oauth-3,
          authorizationURL: https://oauth-4, redirectURL: https://oauth-5, refreshToken: {value: oauth-6}, audience: oauth-7,
          clientAuthenticationMethod: client_secret_post, jwt: {issuer: oauth-8, subject: oauth-9, audience: oauth-10,
          algorithm: oauth-11, keyID: oauth-12, privateKey: {value: oauth-13}}}",
        &[
            "authorization-grant-type",
            "client-id",
            "client-secret",
            "token-uri",
            "authorization-uri",
            "redirect-uri",
            "refresh-token",
            "audience",
            "client-authentication-method",
            "jwt-issuer",
            "jwt-subject",
            "jwt-audience",
            "jwt-algorithm",
            "jwt-key-id",
            "signing-key",
        ],
    ),
    (
        "AWS",
        "aws: {accessKeyID: {value: aws-1}, secretAccessKey: {value: aws-2}, sessionToken: {value: aws-3}, roleARN: aws-4, externalID: aws-5}",
        &["access-key-id", "secret-access-key", "session-token", "role-arn", "external-id"],
    ),
    (
        "ClientCertificate",
        "clientCertificate: {certificate: {value: tls-1}, privateKey: {value: tls-2}}",
        &["tls.crt", "tls.key"],
    ),
    (
        "SSHKey",
        "sshKey: {username: {value: ssh-1}, privateKey: {value: ssh-2}, passphrase: {value: ssh-3}}",
        &["username", "ssh-privatekey", "ssh-passphrase"],
    ),
    (
        "KeyPair",
        "keyPair: {username: {value: pair-1}, keyID: pair-2, privateKey: {value: pair-3}, passphrase: {value: pair-4}}",
        &["username", "key-id", "signing-key", "signing-key-passphrase"],
    ),
    (
        "SASL",
        "sasl: {mechanism: PLAIN, username: {value: sasl-1}, password: {value: sasl-2}}",
        &["sasl-mechanism", "username", "password"],
    ),
    ("ConnectionString", "connectionString: {uri: {value: string-1}}", &["uri"]),
    ("Custom", "custom: {fields: [{name: mine, value: custom-1}, {name: other, value: custom-2}]}", &["mine", "other"]),
];

/// The authentication of a row of [`FULL`], with its type.
pub(crate) fn full(word: &str, member: &str) -> Value {
    let mut value = yaml(member);
    value["type"] = json!(word);
    value
}

/// Base and environment, each with its authentication.
fn laid(base: &Value, over: &Value) -> Value {
    json!({"authentication": base, "environments": [{"name": "e", "authentication": over}]})
}

#[test]
fn the_table_of_this_file_has_every_type() {
    let words: Vec<&str> = AuthenticationType::ALL.iter().map(|kind| kind.word()).collect();
    assert_eq!(words, FULL.iter().map(|(word, ..)| *word).collect::<Vec<_>>());
}

#[test]
fn every_type_puts_its_keys_in_the_secret_and_its_name_in_both() {
    for (word, member, keys) in FULL {
        let (secret, config_map) = effective(&typed(json!({"authentication": full(word, member)})));
        let mut keys = keys.to_vec();
        keys.sort_unstable();
        assert_eq!(secret.keys().collect::<Vec<_>>(), keys, "{word}");
        assert_eq!(
            config_map.into_iter().collect::<Vec<_>>(),
            [("auth-type".to_owned(), (*word).to_owned())],
            "{word}"
        );
    }
}

#[test]
fn the_reference_names_the_key_that_each_field_gives() {
    for (kind, (word, member, keys)) in AuthenticationType::ALL.iter().zip(FULL) {
        if *kind == AuthenticationType::Custom {
            continue;
        }
        let fields: Vec<String> = kind.fields().into_iter().map(|field| field.key).collect();
        assert_eq!(fields, *keys, "{word}");
        let member = yaml(member);
        for field in kind.fields() {
            let pointer = format!("/{}", field.path.replace('.', "/"));
            assert!(member.pointer(&pointer).is_some(), "{word} has the field {}", field.path);
        }
    }
}

#[test]
fn changing_the_type_leaves_nothing_of_the_old_type() {
    for (old, old_member, _) in FULL {
        for (new, new_member, _) in FULL.iter().filter(|(new, ..)| new != old) {
            let replaced = effective(&typed(laid(&full(old, old_member), &full(new, new_member))));
            let alone = effective(&typed(laid(&json!({"type": new}), &full(new, new_member))));
            assert_eq!(replaced, alone, "{old} -> {new}");
        }
    }
}

/// Every leaf of a member, as a JSON pointer with what it is changed to.
fn changes(pointer: &str, value: &Value, out: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(map) if map.contains_key("value") => {
            let reference = json!({"valueFrom": {"secretKeyRef": {"name": "source", "key": "changed"}}});
            out.push((pointer.to_owned(), reference));
        }
        Value::Object(map) => {
            map.iter().for_each(|(name, value)| changes(&format!("{pointer}/{name}"), value, out));
        }
        Value::String(text) => {
            let other = match text.as_str() {
                "Header" => "Cookie",
                "AuthorizationCode" => "JWTBearer",
                "client_secret_post" => "private_key_jwt",
                "PLAIN" => "GSSAPI",
                _ => "https://changed",
            };
            out.push((pointer.to_owned(), json!(other)));
        }
        other => panic!("{other} is not expected in a member"),
    }
}

/// The authentication that has this leaf only.
fn only(pointer: &str, value: &Value) -> Value {
    pointer.rsplit('/').filter(|name| !name.is_empty()).fold(value.clone(), |inner, name| json!({ name: inner }))
}

#[test]
fn within_a_type_every_field_is_merged_by_itself() {
    let mut count = 0;
    for (word, member, keys) in FULL.iter().filter(|(word, ..)| *word != "Custom") {
        let base = full(word, member);
        let (before, _) = effective(&typed(laid(&base, &json!({}))));
        let mut leaves = Vec::new();
        changes("", &yaml(member), &mut leaves);
        assert_eq!(leaves.len(), keys.len(), "{word}: every field is changed once");
        for (pointer, value) in leaves {
            let mut over = only(&pointer, &value);
            let (absent, _) = effective(&typed(laid(&base, &over)));
            over["type"] = json!(word);
            let (repeated, _) = effective(&typed(laid(&base, &over)));
            assert_eq!(absent, repeated, "{word}{pointer}");
            let changed: Vec<&String> = before.keys().filter(|key| before[*key] != absent[*key]).collect();
            assert_eq!(changed.len(), 1, "{word}{pointer} changes one key");
            assert_eq!(before.len(), absent.len(), "{word}{pointer} adds and removes nothing");
            count += 1;
        }
    }
    assert_eq!(count, 40, "fields of all types");
}

#[test]
fn the_words_of_the_spec_become_the_words_of_the_output() {
    let grants = [
        ("AuthorizationCode", "authorization_code"),
        ("ClientCredentials", "client_credentials"),
        ("RefreshToken", "refresh_token"),
        ("JWTBearer", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
        ("DeviceCode", "urn:ietf:params:oauth:grant-type:device_code"),
    ];
    let locations = ["Header", "Query", "Cookie"].map(|word| (word, word));
    let methods = [
        "none",
        "client_secret_post",
        "client_secret_basic",
        "client_secret_jwt",
        "private_key_jwt",
        "tls_client_auth",
        "self_signed_tls_client_auth",
    ];
    let methods = methods.map(|word| (word, word));
    for (kind, field, key, words) in [
        ("OAuth2", "/oauth2/grantType", "authorization-grant-type", grants.as_slice()),
        ("OAuth2", "/oauth2/clientAuthenticationMethod", "client-authentication-method", methods.as_slice()),
        ("APIKey", "/apiKey/in", "api-key-in", locations.as_slice()),
    ] {
        let member = FULL.iter().find(|(word, ..)| *word == kind).unwrap().1;
        for (spec, output) in words {
            let mut authentication = full(kind, member);
            *authentication.pointer_mut(field).unwrap() = json!(spec);
            let (secret, _) = effective(&typed(json!({ "authentication": authentication })));
            assert_eq!(secret[key], *output, "{field}: {spec}");
        }
    }
}
