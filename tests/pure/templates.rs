//! Templates: what they write in each format, what they may not do, and that hostile ones are stopped soon.

use std::time::{Duration, Instant};

use appcredential_api::{AppCredentialSpec, Problem, SensitiveBytes};
use appcredential_core::render;
use appcredential_core::resolve::{Inputs, Source};
use serde_json::json;

use crate::support::{effective, environment, environments, identity, inputs, spec, typed};

/// A password with all that formats take apart.
const HOSTILE: &str = "a\"b'c\\d: #%&<ü> ${x}\n";

/// A credential with a template, whose password and optional `absent` come from a Secret.
fn with(format: &str, template: &str) -> AppCredentialSpec {
    let from = |key: &str, optional: bool| json!({"secretKeyRef": {"name": "s", "key": key, "optional": optional}});
    typed(json!({
        "authentication": {"type": "Basic", "basic": {"username": {"value": "app"}, "password": {"valueFrom": from("k", false)}}},
        "connection": {"host": "h", "port": 5432, "endpoints": ["a:1", "b:2"], "tls": {"ca": {"value": "PEM"}}},
        "parameters": [{"name": "absent", "valueFrom": from("absent", true)}],
        "output": {"keys": {"style": "None"}, "templates": [{"key": "t", "format": format, "template": template}]},
    }))
}

/// What a template writes with this password, and whether it goes to the Secret.
fn rendered(format: &str, template: &str, password: &str) -> Result<(String, bool), Problem> {
    let environment = environment(&with(format, template));
    let mut sources: Inputs = inputs([&environment]);
    for source in sources.values_mut() {
        *source = Source::Found([("k".to_owned(), SensitiveBytes::from(password))].into());
    }
    let output = render::outputs(&identity(), &environment.fill(&sources).unwrap())?.remove(0);
    let (object, secret) = match output.secret.data.get("t") {
        Some(value) => (value, true),
        None => (output.config_map.data.get("t").expect("the template's key"), false),
    };
    Ok((String::from_utf8(object.expose().to_vec()).unwrap(), secret))
}

/// What is said of a template when the spec is validated.
fn refusal(template: &str) -> String {
    let problems = environments(&with("Text", template)).expect_err(template);
    let [problem] = &problems[..] else { panic!("{template}: {problems:?}") };
    assert_eq!(problem.reason.word(), "TemplateInvalid");
    problem.to_string()
}

#[test]
fn each_format_escapes_what_is_put_in() {
    for (format, expected) in [
        ("Text", HOSTILE),
        ("YAML", r#""a\"b'c\\d: #%&<ü> ${x}\n""#),
        ("JSON", r#""a\"b'c\\d: #%&<ü> ${x}\n""#),
        ("URI", "a%22b%27c%5Cd%3A%20%23%25%26%3C%C3%BC%3E%20%24%7Bx%7D%0A"),
        ("Properties", r#"a"b'c\\d\: \#%&<\u00fc> ${x}\n"#),
        ("XML", "a&quot;b&#39;c\\d: #%&amp;&lt;ü&gt; ${x}&#10;"),
    ] {
        assert_eq!(rendered(format, "{{ password }}", HOSTILE).unwrap().0, expected, "{format}");
    }
    for format in ["INI", "Dotenv"] {
        let problem = rendered(format, "a\n{{ password }}", HOSTILE).unwrap_err();
        assert_eq!((problem.reason.word(), problem.path()), ("TemplateFailed", "spec.output.templates[0].template"));
        assert!(problem.message.starts_with("line 2 has "), "{problem}");
        assert!(!problem.message.contains("a\"b"));
    }
}

#[test]
fn what_yaml_and_json_escape_is_read_back() {
    let read = |format| -> serde_json::Value {
        let text = rendered(format, "{\"p\": {{ password }}, \"n\": {{ port }}}", HOSTILE).unwrap().0;
        if format == "JSON" { serde_json::from_str(&text).unwrap() } else { serde_saphyr::from_str(&text).unwrap() }
    };
    for format in ["JSON", "YAML"] {
        assert_eq!(read(format), json!({"p": HOSTILE, "n": 5432}), "{format}");
    }
}

#[test]
fn a_template_is_secret_where_it_uses_anything_secret() {
    for (template, secret) in [
        ("plain", false),
        ("{{ host }}:{{ port }}", false),
        ("{{ ca_crt }}", false),
        ("{{ password }}", true),
        ("{{ username }}", true),
        ("{% if false %}{{ password }}{% endif %}", true),
        ("{% set x = password %}{{ host }}", true),
        ("{{ absent | default('') }}", true),
    ] {
        assert_eq!(rendered("Text", template, "p").unwrap().1, secret, "{template}");
    }
}

#[test]
fn filters_and_conditions_do_what_they_say() {
    for (template, expected) in [
        ("{{ password | b64encode }}", "UGFzcw=="),
        ("{{ password | b64encode | b64decode }}", "Pass"),
        ("{{ password | lower }}{{ password | upper }}", "passPASS"),
        ("{{ ' x ' | trim }}", "x"),
        ("{{ '/@' | urlencode }}", "%2F%40"),
        ("{{ password | tojson }}", "\"Pass\""),
        ("{{ password | replace('s', 'z') }}", "Pazz"),
        ("{{ [host, port] | join(':') }}", "h:5432"),
        ("{{ absent | default('none') }}", "none"),
        ("{% if absent is defined %}a{% else %}b{% endif %}", "b"),
        ("{% for x in [1, 2] %}{{ x }}{% endfor %}", "12"),
        ("a\n{% if true %}\nb\n{% endif %}\nc\n", "a\nb\nc\n"),
    ] {
        assert_eq!(rendered("Text", template, "Pass").unwrap().0, expected, "{template}");
    }
}

#[test]
fn presets_are_variables_of_templates() {
    let mut spec = with("YAML", "url: {{ DATABASE_URL }}");
    spec.output.as_mut().unwrap().presets =
        typed(json!({"output": {"presets": [{"name": "PostgreSQLURL"}]}})).output.unwrap().presets;
    let (secret, _) = effective(&spec);
    assert_eq!(secret["t"], "url: \"postgresql://app:Secret%2Fs%2Fk@h:5432/\"");
}

#[test]
fn names_and_syntax_are_told_with_their_line() {
    for (template, expected) in [
        ("a\nb {{ pasword }}", "line 2 uses pasword, which no field and no preset gives; there are "),
        ("{{ range(3) }}", "line 1 uses range, which no field"),
        ("{{ password | sha256 }}", "line 1 uses the filter sha256; there are b64decode, "),
        ("{{ password", "line 1 has a tag that is not closed"),
        ("\n\n{% include 'x' %}", "line 3 is no valid template"),
        ("{% macro m() %}{% endmacro %}", "line 1 is no valid template"),
        ("{% import 'x' as y %}", "line 1 is no valid template"),
        ("{% extends 'x' %}", "line 1 is no valid template"),
    ] {
        let problem = refusal(template);
        assert!(problem.starts_with(&format!("spec.output.templates[0].template: {expected}")), "{problem}");
    }
    assert!(refusal(&"x".repeat(16_385)).contains("is longer than the 16384 bytes"));
}

#[test]
fn what_only_the_values_show_is_told_with_line_and_name() {
    for (template, expected) in [
        ("a\n{{ absent }}", "line 2 uses a value that is not there: absent;"),
        ("{{ password | b64decode }}", "line 1 decodes what is no Base64"),
        ("{{ [password] }}", "line 1 writes what is neither text nor a number"),
        ("{{ password | join }}", "line 1 joins what is no list"),
        ("{{ password.x.y }}", "line 1 uses a value that is not there"),
        ("{{ password + 1 }}", "line 1 does something that cannot be done"),
    ] {
        let problem = rendered("Text", template, "s3cret!").unwrap_err();
        assert_eq!(problem.reason.word(), "TemplateFailed");
        assert!(problem.message.starts_with(expected), "{problem}");
        assert!(!problem.message.contains("s3cret"), "{problem}");
    }
}

#[test]
fn two_keys_of_one_name_are_refused_where_it_is_used() {
    let text = "authentication: {type: None}\nparameters: [{name: a-b, value: x}, {name: a.b, value: y}]\noutput: {templates: [{key: t, format: Text, template: TEMPLATE}]}";
    assert!(environments(&spec(&text.replace("TEMPLATE", "x"))).is_ok());
    let problems = environments(&spec(&text.replace("TEMPLATE", "'{{ a_b }}'"))).unwrap_err();
    assert_eq!(problems[0].reason.word(), "KeyConflict");
    assert!(problems[0].message.contains("uses a_b, which a-b and a.b give"), "{}", problems[0]);
}

/// Templates that would run for long or grow large.
fn hostile() -> Vec<(&'static str, String)> {
    let nested = |depth: usize| format!("{}x{}", "{% if true %}".repeat(depth), "{% endif %}".repeat(depth));
    vec![
        (
            "doubling by a block",
            format!("{{% set a = password %}}{}{{{{ a }}}}", "{% set a %}{{ a }}{{ a }}{% endset %}".repeat(60)),
        ),
        ("doubling by an operator", format!("{{% set a = password %}}{}{{{{ a }}}}", "{% set a = a ~ a %}".repeat(60))),
        ("a hundred million repeats", "{{ 'x' * 100000000 }}".to_owned()),
        ("a hundred million items", "{{ ([1] * 100000000) | join }}".to_owned()),
        (
            "loops in loops",
            format!(
                "{{% set l = [1] * 50 %}}{}{{{{ x }}}}{}",
                "{% for x in l %}".repeat(10),
                "{% endfor %}".repeat(10)
            ),
        ),
        (
            "replacing one letter by many",
            format!("{{% set a = 'x' * 1000 %}}{{{{ a {} }}}}", "| replace('x', a)".repeat(9)),
        ),
        ("replacing nothing", format!("{{% set a = 'x' * 1000 %}}{{{{ a {} }}}}", "| replace('', a)".repeat(9))),
        ("encoding again and again", format!("{{{{ password {} }}}}", "| urlencode | b64encode".repeat(300))),
        (
            "comparing what is large",
            format!(
                "{{% set a = 'x' * 500000 %}}{{% for x in [1] * 10000 %}}{}{{% endfor %}}",
                "{% if a == a ~ '' %}{% endif %}"
            ),
        ),
        ("deep nesting of blocks", nested(500)),
        ("deep nesting of lists", format!("{{{{ {}1{} }}}}", "[".repeat(5_000), "]".repeat(5_000))),
        ("a long chain of operators", format!("{{{{ 1 {} }}}}", "+ 1".repeat(5_000))),
        ("a recursive loop", "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}".to_owned()),
        ("sixteen thousand bytes of braces", "{{".repeat(8_192)),
        ("one MiB", "{{ password }}".repeat(80_000)),
        ("more than an object holds", "{% for x in [1] * 40 %}{{ 'x' * 30000 }}{% endfor %}".to_owned()),
    ]
}

#[test]
fn hostile_templates_are_stopped_and_others_go_on() {
    for (name, template) in hostile() {
        let began = Instant::now();
        let told = match environments(&with("JSON", &template)) {
            Err(problems) => problems[0].clone(),
            Ok(_) => rendered("JSON", &template, "s3cret!").expect_err(name),
        };
        let took = began.elapsed();
        assert!(["TemplateInvalid", "TemplateFailed"].contains(&told.reason.word()), "{name}: {told}");
        assert!(!told.message.contains("s3cret") && told.message.len() < 600, "{name}: {told}");
        // 10 ms where it is optimised; a test is built without, on a machine with other work.
        assert!(took < Duration::from_millis(if cfg!(debug_assertions) { 1_000 } else { 10 }), "{name} took {took:?}");
    }
}

#[test]
fn what_fits_into_an_object_is_rendered() {
    let password = "p".repeat(900_000);
    assert_eq!(rendered("Text", "{{ password }}", &password).unwrap().0.len(), 900_000);
    assert_eq!(rendered("JSON", "{{ password }}", &password).unwrap().0.len(), 900_002);
}
