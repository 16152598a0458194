//! The policy on sources: whoever writes a credential may read what it refers to.
//!
//! CEL has neither a fold nor a way to flatten lists of lists: places are joined to a text, which is split again. A place is a path,
//! a space, and the name that is referred to there. Neither has a space or a line break in it.
//!
//! An authorization check costs 350,000 of the 10,000,000 that a policy may cost. So the author is first asked about all Secrets of
//! the namespace, which most may read. Only where that is refused, each name is asked about, once however often it is used:
//! `secret0` are all names, `secret1` all but the first, and so on, and `mayGetSecret0` is the answer for the first of `secret0`.
//!
//! One text should name everything that is refused, and a message may not ask the authorizer: what it says depends on the credential,
//! and on which validation it belongs to. So there is a validation, and with it a message, for each case that can be told apart:
//!
//! ```text
//! whole      nothing may be read: of both kinds, or of one while everything of the other may be          3 validations
//! first      each subset of the first four Secrets and the first ConfigMap, which is most credentials    31
//! singles    one name each, for those after these                                                        17
//! ```
//!
//! The API server lets no message have line breaks: lines are separated by ` | `.

use std::collections::BTreeMap;

use appcredential_api::crd;

use super::policies::{indent, select, variable};
use super::schema::objects_with;

/// A kind of source.
struct Kind {
    /// Its name.
    name: &'static str,
    /// Its resource.
    resource: &'static str,
    /// The field that refers to it.
    reference: &'static str,
    /// The stem of variables about it.
    stem: &'static str,
    /// How many names are asked about one by one. Together with the two questions about all of them they stay below what a policy
    /// may cost (`tests/cluster/chart/cost.rs`).
    most: usize,
    /// How many of these are told together, in each combination.
    first: usize,
}

const KINDS: [Kind; 2] = [
    Kind { name: "Secret", resource: "secrets", reference: "secretKeyRef", stem: "secret", most: 16, first: 4 },
    Kind {
        name: "ConfigMap",
        resource: "configmaps",
        reference: "configMapKeyRef",
        stem: "configMap",
        most: 6,
        first: 1,
    },
];

/// In how many places one may refer to what one may only get by its name: what it costs to sort out names has to be bounded too.
const PLACES: usize = 256;

/// How long the lines about one name may be: a whole message has to fit into 5 KiB.
const LINES: usize = 880;

/// The names of variables for the items of lists in lists.
const ITEMS: [&str; 2] = ["e", "v"];

/// What is said after the lines, where a role is what is missing.
const REMEDY: &str = "' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'";

/// A text with the places below `variable` that refer to something, one a line. `shown` is how the path of the variable is written
/// within quotes.
fn joined(paths: &[String], variable: &str, shown: &str, depth: usize, reference: &str) -> String {
    let mut places = Vec::new();
    let mut lists: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for path in paths {
        match path.split_once("[]") {
            None => {
                let selected = select(path);
                let path = format!(".{path}");
                let path = path.strip_suffix(".valueFrom").expect("a reference stands in valueFrom");
                places.push(format!("?{variable}{selected}.?{reference}.?name.optMap(n, '{shown}{path} ' + n)"));
            }
            Some((list, rest)) => lists.entry(list).or_default().push(rest.trim_start_matches('.').to_owned()),
        }
    }
    let mut parts = Vec::new();
    if !places.is_empty() {
        parts.push(format!("[\n{}\n].join('\\n')", indent(&places.join(",\n"), 2)));
    }
    for (list, paths) in lists {
        let item =
            ITEMS.get(depth).unwrap_or_else(|| panic!("{list}: a list in a list in a list; give ITEMS one more"));
        let shown = format!("{shown}.{list}[' + {item}.name + ']");
        let inner = indent(&joined(&paths, item, &shown, depth + 1, reference), 2);
        parts.push(format!("{variable}{}.orValue([]).map({item},\n{inner}\n).join('\\n')", select(list)));
    }
    parts.join("\n+ '\\n' + ")
}

/// An expression for the places of `valueFrom`s.
fn places(reference: &str) -> String {
    let paths = objects_with(&crd::app_credential().unwrap(), &["secretKeyRef", "configMapKeyRef"]);
    assert!(paths.len() > 40, "{paths:?}");
    let below = |path: &String| path.strip_prefix("spec.").expect("below spec").to_owned();
    let paths: Vec<String> = paths.iter().map(below).collect();
    let text = indent(&joined(&paths, "object.spec", "spec", 0, reference), 2);
    format!("(\n{text}\n).split('\\n').filter(p, p != '')")
}

impl Kind {
    /// Whether the author may get an object, or all of them.
    fn check(&self, name: &str) -> String {
        format!(
            "authorizer.group('').resource('{}').namespace(object.metadata.namespace){name}.check('get').allowed()",
            self.resource
        )
    }

    fn variables(&self) -> String {
        let Self { name, stem, most, .. } = self;
        let all = format!("variables.{stem}s");
        let mut out = variable(&format!("{stem}Places"), &places(self.reference));
        out += &variable(&format!("{stem}s"), &format!("variables.{stem}Places.map(p, p.split(' ')[1])"));
        out += &variable(&format!("mayGetAll{name}s"), &self.check(""));
        out += &variable(&format!("{stem}0"), &format!("size({all}) > {PLACES} ? [] : {all}"));
        for i in 0..*most {
            let names = format!("variables.{stem}{i}");
            out += &variable(&format!("{stem}{}", i + 1), &format!("{names}.filter(n, n != {names}[0])"));
            let check = self.check(&format!(".name({names}[0])"));
            let may = format!("size({names}) == 0 || variables.mayGetAll{name}s || {check}");
            out += &variable(&format!("mayGet{name}{i}"), &may);
            let lines = format!(
                "size({names}) == 0 ? '' : variables.{stem}Places.filter(p, p.endsWith(' ' + {names}[0])).map(p, p.split(' ')[0]
  + ': refers to {name} ' + {names}[0] + ', which ' + request.userInfo.username + ' may not get').join(' | ')"
            );
            out += &variable(&format!("{stem}Lines{i}"), &lines);
            let lines = format!("variables.{stem}Lines{i}");
            let short = format!("{lines}.size() <= {LINES} ? {lines} : {lines}.substring(0, {LINES}) + ' … and more'");
            out += &variable(&format!("{stem}Text{i}"), &short);
        }
        out
    }

    /// What each of its names is called, with this between them.
    fn each(&self, prefix: &str, between: &str) -> String {
        let names = (0..self.most).map(|i| format!("variables.{prefix}{i}"));
        names.collect::<Vec<_>>().join(between)
    }

    /// Whether there are names, and none of them may be got.
    fn nothing(&self) -> String {
        let Self { name, stem, most, .. } = self;
        let refused = (1..*most).map(|i| format!("(size(variables.{stem}{i}) == 0 || !variables.mayGet{name}{i})"));
        let refused = refused.collect::<Vec<_>>().join("\n  && ");
        format!("size(variables.{stem}0) > 0 && !variables.mayGet{name}0\n  && {refused}")
    }

    /// The validations about how many there are.
    fn bounds(&self) -> String {
        let Self { name, stem, most, .. } = self;
        let more = format!(
            "  reason: Forbidden
- expression: size(variables.{stem}s) == 0 || variables.mayGetAll{name}s || size(variables.{stem}{most}) == 0
  message: 'spec: refers to more than {most} {name}s, and its author may not get all {name}s of the namespace; ask somebody who may to apply this, or split the credential'
"
        );
        format!(
            "- expression: size(variables.{stem}s) <= {PLACES} || variables.mayGetAll{name}s
  message: 'spec: refers to {name}s in more than {PLACES} places, and its author may not get all {name}s of the namespace; ask somebody who may to apply this, or split the credential'
{more}  reason: Forbidden
"
        )
    }
}

/// A validation that is about sources which the author may not get.
fn refusal(expression: &str, texts: &str) -> String {
    format!(
        "- expression: {expression}
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
{}
    + {REMEDY}
  reason: Forbidden
",
        indent(texts, 4)
    )
}

/// The names that are told together: for each its bit, the variable with the answer, and the one with its lines.
fn first() -> Vec<(usize, String, String)> {
    let of = |kind: &'static Kind| {
        (0..kind.first)
            .map(|i| (format!("variables.mayGet{}{i}", kind.name), format!("variables.{}Text{i}", kind.stem)))
    };
    let all = KINDS.iter().flat_map(of).enumerate();
    all.map(|(bit, (may, text))| (1 << bit, may, text)).collect()
}

/// Nothing may be read: of both kinds, or of one while everything of the other may be.
fn whole() -> (String, String) {
    let [secrets, config_maps] = &KINDS;
    let every = |kind: &Kind| format!("(\n  {}\n)", kind.each(&format!("mayGet{}", kind.name), "\n  && "));
    let expression = format!(
        "variables.mayGetNoSecret ? (variables.mayGetNoConfigMap ? 3 : {} ? 1 : 0)\n  : variables.mayGetNoConfigMap && {} ? 2 : 0",
        every(config_maps),
        every(secrets)
    );
    let mut variables = String::new();
    for kind in &KINDS {
        variables += &variable(&format!("mayGetNo{}", kind.name), &kind.nothing());
        let lines = kind.each(&format!("{}Lines", kind.stem), ",\n  ");
        variables += &variable(&format!("{}Lines", kind.stem), &format!("[\n  {lines}\n].filter(l, l != '')"));
    }
    variables += &variable("whole", &expression);
    let mut validations = String::new();
    for (case, lines) in [
        (3, "(variables.secretLines + variables.configMapLines)"),
        (1, "variables.secretLines"),
        (2, "variables.configMapLines"),
    ] {
        let text = format!("{lines}.join(' | ')");
        let short = format!("({text}.size() <= 4500 ? {text} : {text}.substring(0, 4400) + ' … and more')");
        validations += &refusal(&format!("variables.whole != {case}"), &short);
    }
    (variables, validations)
}

/// Each subset of the first names, then the others one by one.
fn some() -> (String, String) {
    let first = first();
    let bits: Vec<String> = first.iter().map(|(bit, may, _)| format!("({may} ? 0 : {bit})")).collect();
    let variables = variable("first", &bits.join(" + "));
    let mut validations = String::new();
    let more: Vec<String> =
        KINDS.iter().map(|kind| format!("size(variables.{}{}) > 0", kind.stem, kind.first)).collect();
    let more = format!("({} ? ' | others are checked once this is settled' : '')", more.join(" || "));
    for case in 1..(1 << first.len()) {
        let texts: Vec<&str> =
            first.iter().filter(|(bit, ..)| case & bit != 0).map(|(_, _, text)| text.as_str()).collect();
        let text = format!("[{}].join(' | ')\n+ {more}", texts.join(", "));
        validations += &refusal(&format!("variables.whole > 0 || variables.first != {case}"), &text);
    }
    for Kind { name, stem, most, first, .. } in &KINDS {
        for i in *first..*most {
            let expression = format!("variables.whole > 0 || variables.mayGet{name}{i}");
            validations += &refusal(&expression, &format!("variables.{stem}Text{i}"));
        }
    }
    (variables, validations)
}

/// The variables and validations of the policy.
pub(super) fn policy() -> String {
    let (whole, some) = (whole(), some());
    let variables: String = KINDS.iter().map(Kind::variables).collect();
    let bounds: String = KINDS.iter().map(Kind::bounds).collect();
    format!("variables:\n{variables}{}{}validations:\n{bounds}{}{}", whole.0, some.0, whole.1, some.1)
}

#[test]
fn the_policy_looks_for_references_wherever_the_schema_has_one() {
    let all = places("secretKeyRef");
    for path in objects_with(&crd::app_credential().unwrap(), &["secretKeyRef"]) {
        let last = path.rsplit("[].").next().unwrap().trim_start_matches("spec.");
        let last = last.rsplit("[]").next().unwrap();
        assert!(all.contains(&format!("{}.?secretKeyRef.?name", select(last))), "{path}");
    }
    assert_eq!(all.matches(".?environments.orValue([])").count(), 1);
}
