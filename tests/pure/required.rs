//! What each type needs once its environment is merged: for every field of every type, whether it can be left out.

use serde_json::{Value, json};

use crate::authentication::{FULL, full};
use crate::support::{assert_same, problems, spec, typed};

/// What is missing where only the type is set.
const NEEDED: &[(&str, &[&str])] = &[
    ("None", &[]),
    ("Basic", &["basic.username", "basic.password"]),
    ("APIKey", &["apiKey.key"]),
    ("BearerToken", &["bearerToken.token"]),
    ("OAuth2", &["oauth2.clientID"]),
    ("AWS", &["aws.accessKeyID", "aws.secretAccessKey"]),
    ("ClientCertificate", &["clientCertificate.certificate", "clientCertificate.privateKey"]),
    ("SSHKey", &["sshKey.privateKey"]),
    ("KeyPair", &["keyPair.privateKey"]),
    ("SASL", &["sasl.mechanism"]),
    ("ConnectionString", &["connectionString.uri"]),
    ("Custom", &["custom.fields"]),
];

/// The paths of a list of fields below `spec.authentication`, as problems.
fn invalid(fields: &[&str]) -> Vec<String> {
    fields.iter().map(|field| format!("InvalidSpec spec.authentication.{field}")).collect()
}

fn assert_needs(name: &str, authentication: &Value, fields: &[&str]) {
    let expected = invalid(fields);
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    assert_same(name, problems(&typed(json!({ "authentication": authentication }))), &expected);
}

#[test]
fn a_type_without_its_member_misses_all_that_the_type_needs() {
    for ((word, fields), (same, ..)) in NEEDED.iter().zip(FULL) {
        assert_eq!(word, same, "every type is in the table");
        assert_needs(word, &json!({"type": word}), fields);
    }
}

#[test]
fn a_type_with_an_empty_member_misses_the_same() {
    for ((word, fields), (_, member, _)) in NEEDED.iter().zip(FULL).skip(1) {
        let name = member.split(':').next().unwrap();
        assert_needs(word, &json!({"type": word, name: {}}), fields);
    }
}

#[test]
fn only_what_a_type_needs_is_missed_when_it_is_left_out_alone() {
    for ((word, needed), (_, member, _)) in NEEDED.iter().zip(FULL) {
        if ["Custom", "None", "OAuth2", "SASL"].contains(word) {
            continue;
        }
        let whole = full(word, member);
        let name = member.split(':').next().unwrap();
        assert_needs(word, &whole, &[]);
        for field in whole[name].as_object().unwrap().keys() {
            let mut without = whole.clone();
            without[name].as_object_mut().unwrap().remove(field);
            let path = format!("{name}.{field}");
            let expected: Vec<&str> = needed.iter().copied().filter(|needed| *needed == path).collect();
            assert_needs(&format!("{word} without {field}"), &without, &expected);
        }
    }
}

#[test]
fn aws_is_content_with_a_role_alone_and_not_with_half_a_key() {
    for (member, missing) in [
        ("{roleARN: r}", [].as_slice()),
        ("{roleARN: r, externalID: xx}", &[]),
        ("{externalID: xx}", &["aws.accessKeyID", "aws.secretAccessKey"]),
        ("{sessionToken: {value: s}}", &["aws.accessKeyID", "aws.secretAccessKey"]),
        ("{roleARN: r, accessKeyID: {value: a}}", &["aws.secretAccessKey"]),
        ("{roleARN: r, secretAccessKey: {value: a}}", &["aws.accessKeyID"]),
        ("{accessKeyID: {value: a}, secretAccessKey: {value: b}}", &[]),
    ] {
        assert_needs(member, &crate::support::yaml(&format!("{{type: AWS, aws: {member}}}")), missing);
    }
}

#[test]
fn sasl_needs_user_and_password_if_its_mechanism_uses_them() {
    let both = ["sasl.username", "sasl.password"].as_slice();
    for mechanism in ["PLAIN", "LOGIN", "CRAM-MD5", "DIGEST-MD5", "SCRAM-SHA-1", "SCRAM-SHA-256", "SCRAM-SHA-512"] {
        let mut authentication = json!({"type": "SASL", "sasl": {"mechanism": mechanism}});
        assert_needs(mechanism, &authentication, both);
        authentication["sasl"]["username"] = json!({"value": "u"});
        assert_needs(mechanism, &authentication, &["sasl.password"]);
        authentication["sasl"]["password"] = json!({"value": "p"});
        assert_needs(mechanism, &authentication, &[]);
    }
    for mechanism in ["GSSAPI", "EXTERNAL", "OAUTHBEARER", "AWS_MSK_IAM", "ANONYMOUS"] {
        assert_needs(mechanism, &json!({"type": "SASL", "sasl": {"mechanism": mechanism}}), &[]);
    }
    let credentials = json!({"username": {"value": "u"}, "password": {"value": "p"}});
    assert_needs("no mechanism", &json!({"type": "SASL", "sasl": credentials}), &["sasl.mechanism"]);
}

#[test]
fn oauth2_needs_what_its_grant_and_client_authentication_need() {
    let (id, secret, refresh, key) =
        ("oauth2.clientID", "oauth2.clientSecret", "oauth2.refreshToken", "oauth2.jwt.privateKey");
    for (member, missing) in [
        ("{grantType: AuthorizationCode}", [id].as_slice()),
        ("{grantType: DeviceCode}", &[id]),
        ("{grantType: RefreshToken}", &[id, refresh]),
        ("{grantType: ClientCredentials}", &[id, secret]),
        ("{grantType: JWTBearer}", &[key]),
        ("{grantType: JWTBearer, jwt: {issuer: i}}", &[key]),
        ("{grantType: JWTBearer, jwt: {privateKey: {value: k}}}", &[]),
        ("{grantType: JWTBearer, clientAuthenticationMethod: private_key_jwt}", &[key]),
        ("{clientAuthenticationMethod: private_key_jwt}", &[id, key]),
        ("{grantType: AuthorizationCode, clientAuthenticationMethod: none}", &[id]),
        ("{grantType: ClientCredentials, clientAuthenticationMethod: client_secret_post}", &[id, secret]),
        ("{grantType: ClientCredentials, clientAuthenticationMethod: client_secret_basic}", &[id, secret]),
        ("{grantType: ClientCredentials, clientAuthenticationMethod: client_secret_jwt}", &[id, secret]),
        ("{grantType: ClientCredentials, clientAuthenticationMethod: private_key_jwt}", &[id, key]),
        ("{grantType: ClientCredentials, clientAuthenticationMethod: tls_client_auth}", &[id]),
        ("{grantType: ClientCredentials, clientAuthenticationMethod: self_signed_tls_client_auth}", &[id]),
        ("{grantType: ClientCredentials, clientAuthenticationMethod: none}", &[id]),
        ("{grantType: ClientCredentials, clientID: {value: c}, clientSecret: {value: s}}", &[]),
        ("{grantType: RefreshToken, clientID: {value: c}, refreshToken: {value: r}}", &[]),
        ("{clientID: {value: c}}", &[]),
    ] {
        assert_needs(member, &crate::support::yaml(&format!("{{type: OAuth2, oauth2: {member}}}")), missing);
    }
}

#[test]
fn an_empty_plain_value_is_reported_wherever_it_stands() {
    for (text, path) in [
        ("{type: Basic, basic: {username: {value: ''}, password: {value: p}}}", "basic.username"),
        ("{type: BearerToken, bearerToken: {token: {value: ''}}}", "bearerToken.token"),
        ("{type: OAuth2, oauth2: {clientID: {value: c}, tokenURL: ''}}", "oauth2.tokenURL"),
        ("{type: OAuth2, oauth2: {clientID: {value: c}, jwt: {issuer: ''}}}", "oauth2.jwt.issuer"),
        ("{type: SASL, sasl: {mechanism: ''}}", "sasl.mechanism"),
        ("{type: Custom, custom: {fields: [{name: a, value: ''}]}}", "custom.fields[a]"),
    ] {
        let expected = format!("InvalidSpec spec.authentication.{path}");
        assert_same(text, problems(&spec(&format!("authentication: {text}"))), &[&expected]);
    }
}
