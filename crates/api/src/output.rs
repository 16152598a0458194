//! The shape of outputs: under which names keys stand, which presets and which templates are added.
//!
//! Each field replaces the same field of the scope below it: target over environment over base. A list is replaced whole, and
//! `[]` is none. What a preset gives is `core::output::presets`' table; its names are here, because the schema has them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How many bytes a template may have.
pub const TEMPLATE_MAX: usize = 16_384;

/// The shape of outputs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct OutputSpec {
    /// How the keys of fields are named. Not with the layout ServiceBinding, whose names are the specification's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keys: Option<OutputKeys>,
    /// What client libraries read, made of the fields: environment variables, URLs, files. Replaced whole; `[]` is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 16))]
    pub presets: Option<Vec<PresetSpec>>,
    /// Keys that are written by templates. Replaced whole; `[]` is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 16))]
    pub templates: Option<Vec<TemplateSpec>>,
    /// The folder at which the application mounts its outputs, such as /etc/db: presets that name files need it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 512), regex(pattern = r"^/[^\s:]*$"))]
    pub mount_path: Option<String>,
}

/// How the keys of fields are named.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct OutputKeys {
    /// The style: Kebab (default), such as api-key; EnvironmentVariable, such as API_KEY; None, which leaves only renamed keys, presets and templates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub style: Option<KeyStyle>,
    /// What stands before each key, such as DB_, but for those that are renamed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 63), regex(pattern = r"^[-._a-zA-Z0-9]*$"))]
    pub prefix: Option<String>,
    /// Keys with an exact name, to which neither style nor prefix applies. Replaced whole; `[]` is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub rename: Option<Vec<Rename>>,
    /// Keys that are left out. Replaced whole; `[]` is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64), inner(length(min = 1, max = 253)))]
    pub drop: Option<Vec<String>>,
}

/// A key with another name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rename {
    /// The key, as the reference has it, such as password.
    #[schemars(length(min = 1, max = 253))]
    pub key: String,
    /// Its name in the output, such as PGPASSWORD.
    #[schemars(length(min = 1, max = 253), regex(pattern = r"^[-._a-zA-Z0-9]+$"))]
    pub to: String,
}

/// The style of keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[schemars(description = "")]
pub enum KeyStyle {
    /// As the reference has them: `api-key`.
    #[default]
    Kebab,
    /// As a shell takes them: `API_KEY`.
    EnvironmentVariable,
    /// No keys but those that are renamed.
    None,
}

/// A preset that is asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PresetSpec {
    /// The preset.
    pub name: Preset,
    /// The key, where the preset gives one value. Default: that of the reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 253), regex(pattern = r"^[-._a-zA-Z0-9]+$"))]
    pub key: Option<String>,
}

/// A key that is written by a template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TemplateSpec {
    /// The key, such as application.yaml.
    #[schemars(length(min = 1, max = 253), regex(pattern = r"^[-._a-zA-Z0-9]+$"))]
    pub key: String,
    /// How each `{{ }}` is escaped: as a scalar of YAML or JSON with its quotes, as a part of a URI, as a value of Properties, INI, Dotenv or XML; Text escapes nothing.
    pub format: TemplateFormat,
    /// The template, in the syntax of Jinja. Its variables are the keys, with `_` for each other character than a letter or digit: `{{ ca_crt }}`.
    #[schemars(length(max = 16384))]
    pub template: String,
}

/// The names of a table, as they stand in the manifest.
macro_rules! table_of_names {
    ($(#[$doc:meta])* $name:ident { $($variant:ident,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[schemars(description = "")]
        #[expect(missing_docs, reason = "the table says what each is")]
        pub enum $name {
            #[default]
            $($variant,)+
        }

        impl $name {
            /// All of them, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Returns its word in the manifest.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant),)+ }
            }
        }
    };
}

table_of_names! {
    /// The presets. What each of them gives is the table in `core::output::presets`.
    Preset {
        LibPQ,
        PostgreSQLURL,
        PgPass,
        JDBC,
        SpringDataSource,
        MySQLURL,
        MyCnf,
        RedisURL,
        AMQPURL,
        MongoDBURL,
        KafkaProperties,
        SpringKafka,
        AWSEnvironment,
        AWSCredentialsFile,
        SMTPURL,
        DockerConfigJSON,
        Netrc,
        GitCredentials,
        NpmRc,
        Dotenv,
        OpenAIEnvironment,
        GoogleCredentialsFile,
    }
}

table_of_names! {
    /// The formats of templates. How each escapes is `core::output::escape`'s.
    TemplateFormat {
        Text,
        YAML,
        JSON,
        URI,
        Properties,
        INI,
        Dotenv,
        XML,
    }
}
