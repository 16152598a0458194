//! The presets, each with a credential and what its client reads.

use appcredential_api::output::Preset;
use appcredential_core::output::presets::row;

use crate::support::{Keys, effective, environment, identity, inputs, problems, spec};

const DATABASE: &str = "
authentication: {type: Basic, basic: {username: {value: 'o@p'}, password: {valueFrom: {secretKeyRef: {name: s, key: k}}}}}
connection: {host: db.internal, port: 5432, database: orders}
";
const VERIFIED: &str = "tls: {mode: VerifyFull, ca: {value: PEM}}";

/// A credential of a type of application with one preset, its connection replaced where one is given.
fn with(application: &str, preset: &str, text: &str) -> String {
    format!("application: {{type: {application}}}\n{text}\noutput: {{keys: {{style: None}}, presets: [{preset}]}}\n")
}

/// What a preset gives: the keys of the Secret and those of the ConfigMap.
#[track_caller]
fn gives(text: &str, secret: &[(&str, &str)], config_map: &[(&str, &str)]) {
    let keys = |list: &[(&str, &str)]| -> Keys {
        list.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    };
    let (actual_secret, actual_config_map) = effective(&spec(text));
    assert_eq!(actual_secret, keys(secret), "Secret of {text}");
    assert_eq!(actual_config_map, keys(config_map), "ConfigMap of {text}");
}

#[track_caller]
fn refused(text: &str, message: &str) {
    let problems = crate::support::environments(&spec(text)).expect_err(text);
    let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(all.iter().any(|problem| problem.contains(message)), "{message}: {all:?}");
}

#[test]
fn libpq_gets_its_variables_each_where_its_origin_says() {
    gives(
        &with("postgresql", "{name: LibPQ}", DATABASE),
        &[("PGUSER", "o@p"), ("PGPASSWORD", "Secret/s/k")],
        &[("PGHOST", "db.internal"), ("PGPORT", "5432"), ("PGDATABASE", "orders")],
    );
}

#[test]
fn libpq_verifies_by_the_file_of_the_ca_or_by_the_system() {
    let text = DATABASE.replace("database: orders", &format!("database: orders, {VERIFIED}"));
    refused(
        &with("postgresql", "{name: LibPQ}", &text),
        "LibPQ: names the file of ca.crt, so it needs output.mountPath",
    );
    let mounted = with("postgresql", "{name: LibPQ}", &text).replace(
        "keys: {style: None}",
        "mountPath: /etc/db/, keys: {style: None, rename: [{key: ca.crt, to: root.pem}]}",
    );
    let (_, config_map) = effective(&spec(&mounted));
    assert_eq!(config_map["PGSSLMODE"], "verify-full");
    assert_eq!(config_map["PGSSLROOTCERT"], "/etc/db/root.pem");
    let system = DATABASE.replace("database: orders", "database: orders, tls: {mode: VerifyFull}");
    let (_, config_map) = effective(&spec(&with("postgresql", "{name: LibPQ}", &system)));
    assert_eq!(config_map["PGSSLROOTCERT"], "system");
    refused(
        &with("postgresql", "{name: LibPQ}", &DATABASE.replace("database: orders", "tls: {mode: VerifyCA}")),
        "needs connection.tls.ca to verify against",
    );
}

#[test]
fn a_file_that_the_keys_leave_out_is_told() {
    let text = DATABASE.replace("database: orders", VERIFIED);
    let dropped = with("postgresql", "{name: LibPQ}", &text).replace("keys: {style: None}", "mountPath: /etc/db");
    assert_eq!(problems(&spec(&dropped)), [""; 0]);
    let dropped = dropped.replace("mountPath: /etc/db", "mountPath: /etc/db, keys: {drop: [ca.crt]}");
    refused(&dropped, "names the file of ca.crt, which output.keys leaves out");
}

#[test]
fn urls_encode_what_they_are_made_of() {
    let url = "postgresql://o%40p:Secret%2Fs%2Fk@db.internal:5432/orders";
    gives(&with("postgresql", "{name: PostgreSQLURL}", DATABASE), &[("DATABASE_URL", url)], &[]);
    gives(&with("postgresql", "{name: PostgreSQLURL, key: URL}", DATABASE), &[("URL", url)], &[]);
    for (preset, key, url) in [
        ("MySQLURL", "DATABASE_URL", "mysql://o%40p:Secret%2Fs%2Fk@db.internal:5432/orders"),
        ("AMQPURL", "AMQP_URL", "amqp://o%40p:Secret%2Fs%2Fk@db.internal:5432/orders"),
        ("MongoDBURL", "MONGODB_URI", "mongodb://o%40p:Secret%2Fs%2Fk@db.internal:5432/orders"),
        ("SMTPURL", "SMTP_URL", "smtp://o%40p:Secret%2Fs%2Fk@db.internal:5432"),
    ] {
        gives(&with("any", &format!("{{name: {preset}}}"), DATABASE), &[(key, url)], &[]);
    }
}

#[test]
fn a_database_that_a_client_would_not_find_is_refused() {
    let numbered = DATABASE.replace("orders", "'3'");
    let url = "redis://o%40p:Secret%2Fs%2Fk@db.internal:5432/3";
    gives(&with("redis", "{name: RedisURL}", &numbered), &[("REDIS_URL", url)], &[]);
    refused(&with("redis", "{name: RedisURL}", DATABASE), "database is no number");
    let dotted = DATABASE.replace("orders", "orders.eu");
    refused(&with("mongodb", "{name: MongoDBURL}", &dotted), "database has a character that no name");
}

#[test]
fn a_url_without_anything_secret_goes_to_the_config_map() {
    let text = "authentication: {type: None}\nconnection: {host: '2001:db8::1', port: 5432}";
    gives(
        &with("postgresql", "{name: PostgreSQLURL}", text),
        &[],
        &[("DATABASE_URL", "postgresql://[2001:db8::1]:5432/")],
    );
}

#[test]
fn tls_is_asked_for_in_the_words_of_each_client() {
    for (preset, key, mode, expected) in [
        ("PostgreSQLURL", "DATABASE_URL", "Require", "?sslmode=require"),
        ("PostgreSQLURL", "DATABASE_URL", "VerifyFull", "?sslmode=verify-full&sslrootcert=/m/ca.crt"),
        ("MySQLURL", "DATABASE_URL", "VerifyFull", "?ssl-mode=VERIFY_IDENTITY&ssl-ca=/m/ca.crt"),
        ("MySQLURL", "DATABASE_URL", "Disable", "?ssl-mode=DISABLED"),
        ("AMQPURL", "AMQP_URL", "VerifyFull", "?verify=verify_peer&cacertfile=/m/ca.crt"),
        ("AMQPURL", "AMQP_URL", "Require", "?verify=verify_none"),
        ("MongoDBURL", "MONGODB_URI", "VerifyFull", "?tls=true&tlsCAFile=/m/ca.crt"),
        ("MongoDBURL", "MONGODB_URI", "Require", "?tls=true&tlsAllowInvalidCertificates=true"),
        ("SMTPURL", "SMTP_URL", "StartTLS", "/?requireTLS=true"),
    ] {
        let text = DATABASE.replace("database: orders", &format!("tls: {{mode: {mode}, ca: {{value: PEM}}}}"));
        let text = with("any", &format!("{{name: {preset}}}"), &text)
            .replace("keys: {style: None}", "mountPath: /m, keys: {rename: [{key: ca.crt, to: ca.crt}], style: None}");
        let (secret, _) = effective(&spec(&text));
        assert!(secret[key].ends_with(expected), "{preset} {mode}: {}", secret[key]);
    }
}

#[test]
fn jdbc_follows_the_type_of_the_application() {
    for (application, url) in [
        ("postgresql", "jdbc:postgresql://db.internal:5432/orders"),
        ("mysql", "jdbc:mysql://db.internal:5432/orders"),
        ("mariadb", "jdbc:mariadb://db.internal:5432/orders"),
        ("sqlserver", "jdbc:sqlserver://db.internal:5432;databaseName={orders}"),
        ("oracle", "jdbc:oracle:thin:@//db.internal:5432/orders"),
    ] {
        gives(
            &with(application, "{name: SpringDataSource}", DATABASE),
            &[("SPRING_DATASOURCE_USERNAME", "o@p"), ("SPRING_DATASOURCE_PASSWORD", "Secret/s/k")],
            &[("SPRING_DATASOURCE_URL", url)],
        );
        let (secret, config_map) = effective(&spec(&with(application, "{name: JDBC}", DATABASE)));
        assert_eq!((secret.len(), config_map["JDBC_URL"].as_str()), (2, url));
    }
    refused(&with("redis", "{name: JDBC}", DATABASE), "JDBC: knows the application.type postgresql, mysql");
    let verified = DATABASE.replace("database: orders", VERIFIED);
    refused(&with("mysql", "{name: JDBC}", &verified), "has no way to tell MySQL's driver of connection.tls.ca");
}

#[test]
fn files_are_written_as_their_readers_take_them() {
    for (preset, key, expected) in [
        ("PgPass", ".pgpass", "db.internal:5432:orders:o@p:Secret/s/k\n"),
        (
            "MyCnf",
            ".my.cnf",
            "[client]\nhost=\"db.internal\"\nport=\"5432\"\nuser=\"o@p\"\npassword=\"Secret/s/k\"\n\n[mysql]\ndatabase=\"orders\"\n",
        ),
        ("Netrc", ".netrc", "machine db.internal login o@p password Secret/s/k\n"),
        ("GitCredentials", ".git-credentials", "https://o%40p:Secret%2Fs%2Fk@db.internal:5432\n"),
        (
            "NpmRc",
            ".npmrc",
            "registry=https://db.internal:5432/\n//db.internal:5432/:username=\"o@p\"\n//db.internal:5432/:_password=U2VjcmV0L3Mvaw==\n",
        ),
        (
            "DockerConfigJSON",
            ".dockerconfigjson",
            r#"{"auths":{"db.internal:5432":{"username":"o@p","password":"Secret/s/k","auth":"b0BwOlNlY3JldC9zL2s="}}}"#,
        ),
        (
            "Dotenv",
            ".env",
            "AUTH_TYPE='Basic'\nDATABASE='orders'\nHOST='db.internal'\nPASSWORD='Secret/s/k'\nPORT='5432'\nUSERNAME='o@p'\n",
        ),
    ] {
        gives(&with("any", &format!("{{name: {preset}}}"), DATABASE), &[(key, expected)], &[]);
    }
}

#[test]
fn a_docker_config_is_enough_for_the_type_of_a_pull_secret() {
    let text = with("registry", "{name: DockerConfigJSON}", DATABASE);
    let text = format!("{text}targets: [{{secret: {{type: kubernetes.io/dockerconfigjson}}}}]");
    assert_eq!(problems(&spec(&text)), [""; 0]);
    let without = text.replace("presets: [{name: DockerConfigJSON}]", "presets: []");
    assert_eq!(problems(&spec(&without)), ["InvalidSpec spec.targets[0].secret.type"]);
}

const KAFKA: &str = "
authentication:
  {type: SASL, sasl: {mechanism: SCRAM-SHA-512, username: {value: 'a\"b'}, password: {valueFrom: {secretKeyRef: {name: s, key: k}}}}}
connection: {endpoints: ['k1:9093', 'k2:9093'], tls: {mode: VerifyFull, ca: {value: \"PEM\\nPEM\"}}}
";

#[test]
fn kafka_gets_its_login_escaped_twice() {
    let jaas =
        r#"org.apache.kafka.common.security.scram.ScramLoginModule required username="a\"b" password="Secret/s/k";"#;
    let file = "bootstrap.servers=k1\\:9093,k2\\:9093\nsecurity.protocol=SASL_SSL\n\
        sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username\\=\"a\\\\\"b\" password\\=\"Secret/s/k\";\n\
        sasl.mechanism=SCRAM-SHA-512\nssl.truststore.type=PEM\nssl.truststore.certificates=PEM\\nPEM\n";
    gives(&with("kafka", "{name: KafkaProperties}", KAFKA), &[("client.properties", file)], &[]);
    let (secret, config_map) = effective(&spec(&with("kafka", "{name: SpringKafka}", KAFKA)));
    assert_eq!(secret["SPRING_KAFKA_PROPERTIES_SASL_JAAS_CONFIG"], jaas);
    assert_eq!(config_map["SPRING_KAFKA_BOOTSTRAPSERVERS"], "k1:9093,k2:9093");
    refused(
        &with("kafka", "{name: KafkaProperties}", &KAFKA.replace("VerifyFull", "Require")),
        "knows no TLS without verification",
    );
    refused(
        &with(
            "kafka",
            "{name: KafkaProperties}",
            &KAFKA.replace("connection: {", "connection: {protocol: PLAINTEXT, "),
        ),
        "connection.protocol says another one",
    );
}

#[test]
fn clouds_get_what_their_libraries_read() {
    let aws = "
authentication: {type: AWS, aws: {accessKeyID: {value: AKIA}, secretAccessKey: {valueFrom: {secretKeyRef: {name: s, key: k}}}, roleARN: 'arn:aws:iam::1:role/r'}}
parameters: [{name: region, value: eu-west-1}]
connection: {uri: 'https://s3.example.com'}
";
    gives(
        &with("s3", "{name: AWSEnvironment}", aws),
        &[("AWS_ACCESS_KEY_ID", "AKIA"), ("AWS_SECRET_ACCESS_KEY", "Secret/s/k")],
        &[("AWS_REGION", "eu-west-1"), ("AWS_ENDPOINT_URL", "https://s3.example.com")],
    );
    let file = "[default]\nrole_arn = arn:aws:iam::1:role/r\nregion = eu-west-1\nsource_profile = keys\n\n\
        [keys]\naws_access_key_id = AKIA\naws_secret_access_key = Secret/s/k\nregion = eu-west-1\n";
    gives(&with("s3", "{name: AWSCredentialsFile}", aws), &[("credentials", file)], &[]);
    let openai = "
authentication: {type: BearerToken, bearerToken: {token: {valueFrom: {secretKeyRef: {name: s, key: k}}}}}
connection: {host: api.example.com, path: /v1}
";
    gives(
        &with("openai", "{name: OpenAIEnvironment}", openai),
        &[("OPENAI_API_KEY", "Secret/s/k")],
        &[("OPENAI_BASE_URL", "https://api.example.com/v1")],
    );
    let google = "
authentication: {type: KeyPair, keyPair: {username: {value: a@p.iam.gserviceaccount.com}, keyID: id, privateKey: {value: \"K\\nL\"}}}
output: {mountPath: /m, keys: {style: None}, presets: [{name: GoogleCredentialsFile}]}
";
    let file = r#"{"type":"service_account","private_key_id":"id","private_key":"K\nL","client_email":"a@p.iam.gserviceaccount.com","token_uri":"https://oauth2.googleapis.com/token"}"#;
    gives(
        google,
        &[("credentials.json", &format!("{file}\n"))],
        &[("GOOGLE_APPLICATION_CREDENTIALS", "/m/credentials.json")],
    );
}

#[test]
fn a_preset_says_all_that_it_lacks_at_its_place() {
    let text = with("any", "{name: LibPQ}, {name: Netrc}", "authentication: {type: None}");
    let problems = crate::support::environments(&spec(&text)).unwrap_err();
    let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(all.len(), 4, "{all:?}");
    assert_eq!(all[0], "spec.output.presets[0]: LibPQ needs connection.host; set it, or remove the preset");
    assert!(all[2].starts_with("spec.output.presets[1]: Netrc needs a user name"), "{all:?}");
}

#[test]
fn a_value_that_a_format_cannot_hold_is_told_by_its_key() {
    for (preset, value, key) in [
        ("PgPass", "a\nb", "password has a line break"),
        ("Netrc", "x y", "password has white space"),
        ("NpmRc", "${A}", ""),
        ("Dotenv", "it's $5", "password has quotes or backslashes"),
        ("LibPQ", "a\0b", "password has a NUL"),
    ] {
        let all = environment(&spec(&with("any", &format!("{{name: {preset}}}"), DATABASE)));
        let mut sources = inputs([&all]);
        for source in sources.values_mut() {
            let data = [("k".to_owned(), appcredential_api::SensitiveBytes::from(value))];
            *source = appcredential_core::resolve::Source::Found(data.into());
        }
        let rendered = appcredential_core::render::outputs(&identity(), &all.fill(&sources).unwrap());
        if key.is_empty() {
            assert!(rendered.is_ok(), "Base64 holds anything");
            continue;
        }
        let problem = rendered.unwrap_err();
        assert_eq!(problem.reason.word(), "ValueInvalid");
        assert!(problem.to_string().starts_with(&format!("spec.output.presets[0]: {key}")), "{problem}");
        assert!(!problem.to_string().contains(value));
    }
}

#[test]
fn only_a_preset_of_one_value_takes_a_key() {
    refused(
        &with("any", "{name: LibPQ, key: X}", DATABASE),
        "LibPQ gives several keys, so it takes no key; remove key",
    );
}

#[test]
fn every_preset_gives_only_the_keys_of_its_row() {
    let everything = "
authentication: {type: Custom, custom: {fields: [
  {name: username, value: u}, {name: password, value: p}, {name: access-key-id, value: a}, {name: secret-access-key, value: b},
  {name: api-key, value: c}, {name: signing-key, value: d}, {name: tls.crt, value: e}, {name: tls.key, value: f}]}}
connection: {host: h, port: 1, database: '1', path: /p, tls: {mode: VerifyFull, ca: {value: c}}}
parameters: [{name: region, value: r}, {name: organization, value: o}, {name: project, value: p}]
";
    for &preset in Preset::ALL {
        let row = row(preset);
        assert_eq!(row.preset, preset);
        assert!(row.key.is_some() == row.gives.is_empty() && !row.about.is_empty());
        let text = format!(
            "application: {{type: postgresql}}\n{everything}\noutput: {{mountPath: /m, presets: [{{name: {}}}]}}",
            preset.word()
        );
        let (secret, config_map) = effective(&spec(&text));
        let without = effective(&spec(everything));
        let new =
            |keys: Keys, old: &Keys| -> Vec<String> { keys.into_keys().filter(|key| !old.contains_key(key)).collect() };
        let given = [new(secret, &without.0), new(config_map, &without.1)].concat();
        assert!(!given.is_empty(), "{}", preset.word());
        for key in given {
            assert!(row.gives.contains(&key.as_str()) || row.key == Some(key.as_str()), "{}: {key}", preset.word());
        }
    }
}
