//! Operators that share a credential by their environments: what each makes of the status that the other wrote.

use std::cell::Cell;
use std::collections::BTreeSet;

use appcredential_api::status::Place;
use appcredential_api::{AppCredentialStatus, Problem, Reason};
use appcredential_core::resolve::Selection;
use appcredential_core::status::{self, EnvironmentOutcome, Facts, Outcome, Share};
use proptest::prelude::*;

use crate::choices::{Choices, cases, chosen, reached};
use crate::status::{at, conditions, problem, target, unresolved, walked};

/// What an operator finds in a generation.
#[derive(Clone, Debug)]
struct Finding {
    outcome: Outcome,
    places: BTreeSet<Place>,
}

/// An operator, and the status that it has written or seen last.
#[derive(Clone, Debug)]
struct Operator {
    name: &'static str,
    selection: Selection,
    known: Option<AppCredentialStatus>,
}

impl Operator {
    fn new(name: &'static str, environments: &[&str]) -> Self {
        let selection = Selection::only(environments.iter().map(|it| (*it).to_owned()));
        Self { name, selection, known: None }
    }

    /// What it would write on top of a status.
    fn next(&self, there: Option<&AppCredentialStatus>, edit: &Edit, finding: &Finding) -> Option<AppCredentialStatus> {
        let theirs = there.map(AppCredentialStatus::places).unwrap_or_default();
        let theirs = theirs.into_iter().filter(|place| !self.selection.handles(place.environment.as_deref()));
        let detached = theirs.chain(finding.places.iter().cloned()).collect();
        let share = Some(Share { selection: &self.selection, declared: Some(&edit.declared) });
        let facts = Facts {
            generation: edit.generation,
            detached: Some(&detached),
            rendered_by: self.name,
            share,
            ..Facts::default()
        };
        status::next(there, &finding.outcome, facts, at(edit.generation))
    }

    /// Whether a status that it is told of wakes it.
    fn is_woken_by(&self, found: &AppCredentialStatus) -> bool {
        self.known.as_ref().is_none_or(|known| !status::is_no_news(known, found, &self.selection))
    }
}

/// An edit of the credential.
#[derive(Clone, Debug)]
struct Edit {
    generation: i64,
    declared: Vec<String>,
    /// What each operator finds.
    findings: Vec<Finding>,
}

fn environment(c: &mut Choices, name: &str) -> EnvironmentOutcome {
    match c.below(4) {
        0 | 1 => walked(name, vec![target(name, Some(1), None)]),
        2 => unresolved(name, vec![problem(Reason::SecretNotFound, &format!("spec.{name}"))]),
        _ => walked(name, vec![target(name, None, Some(problem(Reason::NotOwned, &format!("Secret team/{name}"))))]),
    }
}

fn finding(c: &mut Choices, declared: &[String], handled: &[&str]) -> Finding {
    let mine: Vec<&String> = declared.iter().filter(|name| handled.contains(&name.as_str())).collect();
    let outcome = match c.below(8) {
        0 => Outcome::Rejected(
            vec![problem(Reason::InvalidSpec, "spec.a"), problem(Reason::KeyConflict, "spec.b")].into(),
        ),
        1 => Outcome::Suspended,
        2 => Outcome::Failed(problem(Reason::InternalError, "AppCredential team/app")),
        _ => {
            let walked = mine.iter().map(|name| environment(c, name)).collect();
            let leftover = c.once_in(8).then(|| problem(Reason::WriteFailed, "Secret team/old"));
            Outcome::Walked(walked, leftover.into_iter().collect())
        }
    };
    let place = |name: &&String| Place { environment: Some((*name).clone()), output: format!("Secret/other/{name}") };
    let places = mine.iter().filter(|_| c.once_in(2)).map(place).collect();
    Finding { outcome, places }
}

const HANDLED: [&[&str]; 2] = [&["a"], &["b", "c"]];

fn operators() -> [Operator; 2] {
    [Operator::new("1.0 environments=a", HANDLED[0]), Operator::new("2.0 environments=b,c", HANDLED[1])]
}

fn edit(c: &mut Choices, generation: i64) -> Edit {
    let declared: Vec<String> =
        ["c", "a", "b", "d"].iter().filter(|_| c.below(4) != 3).map(|it| (*it).to_owned()).collect();
    // A credential without environments is everybody's, whole.
    let declared = if declared.is_empty() { vec!["a".to_owned()] } else { declared };
    let findings = HANDLED.iter().map(|handled| finding(c, &declared, handled)).collect();
    Edit { generation, declared, findings }
}

/// Lets the operators look at an edit in this order; what each writes is told to the other. Panics where one wakes another.
fn settle(
    operators: &mut [Operator; 2],
    there: &mut Option<AppCredentialStatus>,
    edit: &Edit,
    order: [usize; 2],
) -> usize {
    let mut writes = 0;
    for index in order {
        let Some(next) = operators[index].next(there.as_ref(), edit, &edit.findings[index]) else { continue };
        writes += 1;
        operators[index].known = Some(next.clone());
        // Who has not looked at the edit yet is about to do so anyway.
        let has_looked = index == order[1];
        let other = &mut operators[1 - index];
        let last =
            |status: &AppCredentialStatus| !status.detached_outputs.is_empty() && next.detached_outputs.is_empty();
        if has_looked && other.known.as_ref().is_some_and(|known| !last(known)) {
            assert!(!other.is_woken_by(&next), "{} wakes {}:\n{:#?}\n{next:#?}", index, other.name, other.known);
        }
        other.known = Some(next.clone());
        *there = Some(next);
    }
    writes
}

/// A status without its times, and without who found that nobody handles anything: that depends on who came first.
fn untimed(status: &Option<AppCredentialStatus>) -> Option<AppCredentialStatus> {
    let mut status = status.clone()?;
    status.conditions.iter_mut().for_each(|condition| condition.last_transition_time.0 = at(0));
    status.rendered_by = None;
    Some(status)
}

#[test]
fn two_operators_agree_in_any_order_and_write_once_an_edit() {
    let (shared, orders) = (Cell::new(0), [[0, 1], [1, 0]]);
    let case = chosen(|c| {
        let edits: Vec<Edit> = (1..=1 + c.below(4)).map(|generation| edit(c, generation as i64)).collect();
        let ways: Vec<usize> = edits.iter().map(|_| c.below(2)).collect();
        (edits, ways)
    });
    proptest!(cases(2_000), |((edits, ways) in case)| {
        let (mut operators, mut there) = (operators(), None);
        for (edit, way) in edits.iter().zip(ways) {
            let (mut others, mut there_too) = (operators.clone(), there.clone());
            let writes = settle(&mut operators, &mut there, edit, orders[way]);
            prop_assert!(writes <= 2, "each writes once at most");
            settle(&mut others, &mut there_too, edit, orders[1 - way]);
            prop_assert_eq!(untimed(&there), untimed(&there_too), "whoever comes first");
            for (operator, finding) in operators.iter().zip(&edit.findings) {
                prop_assert_eq!(operator.next(there.as_ref(), edit, finding), None, "{} has nothing to add", operator.name);
            }
            let status = there.as_ref().unwrap();
            prop_assert_eq!(status.observed_generation, Some(edit.generation));
            let entries = status.environments.iter().filter(|entry| edit.declared.contains(&entry.name));
            shared.set(shared.get() + usize::from(entries.count() > 1));
            let ready = status.conditions.iter().find(|it| it.type_ == "Ready").unwrap();
            prop_assert_eq!(ready.status == "True", status.environments.iter().all(|entry| entry.ready) && ready.reason != "WriteFailed");
        }
    });
    reached("statuses of several environments", shared.get());
}

/// The status that each of two operators has written of its environment; the second of this generation.
fn two(second: i64, outcomes: [Outcome; 2]) -> AppCredentialStatus {
    let declared = ["a", "b"].map(str::to_owned).to_vec();
    let mut there = None;
    for ((operator, outcome), generation) in operators().into_iter().zip(outcomes).zip([5, second]) {
        let edit = Edit { generation, declared: declared.clone(), findings: Vec::new() };
        there = operator.next(there.as_ref(), &edit, &Finding { outcome, places: BTreeSet::new() });
    }
    there.unwrap()
}

fn good(name: &str) -> Outcome {
    Outcome::Walked(vec![walked(name, vec![target(name, Some(1), None)])], vec![])
}

#[test]
fn an_edit_that_one_operator_has_not_seen_is_not_ready() {
    let behind = two(4, [good("a"), good("b")]);
    assert_eq!(behind.observed_generation, Some(4));
    let expected = "Ready=Unknown/AwaitingOperator: environment b: was last reconciled at generation 4, and the spec has generation 5; wait for the operator that handles it, or start that operator";
    assert_eq!(conditions(&behind)[3], expected);
    let level = two(5, [good("a"), good("b")]);
    assert_eq!(level.observed_generation, Some(5));
    assert_eq!(conditions(&level)[3], "Ready=True/Ready: every environment is ready");
    assert_eq!(level.environment_names.as_deref(), Some("a,b"));
}

#[test]
fn conditions_join_what_each_operator_says() {
    let missing = || Outcome::Walked(vec![unresolved("b", vec![problem(Reason::SecretNotFound, "spec.b")])], vec![]);
    let rejected = || Outcome::Rejected(vec![problem(Reason::InvalidSpec, "spec.a")].into());
    let (a, b) = ("spec.a: is wrong; put it right", "spec.b: is wrong; put it right");
    let kept = "the spec is not accepted; the last good outputs stay as they are";
    assert_eq!(
        conditions(&two(5, [good("a"), missing()])),
        [
            "Accepted=True/Valid: the spec is valid".to_owned(),
            format!("ResolvedRefs=False/SecretNotFound: {b}"),
            "Synced=False/SecretNotFound: sources are missing; the last good outputs stay as they are".to_owned(),
            format!("Ready=False/SecretNotFound: {b}"),
        ]
    );
    assert_eq!(
        conditions(&two(5, [rejected(), good("b")])),
        [
            format!("Accepted=False/InvalidSpec: {a}"),
            format!("ResolvedRefs=Unknown/InvalidSpec: {kept}"),
            format!("Synced=False/InvalidSpec: {kept}"),
            format!("Ready=False/InvalidSpec: {a}"),
            format!("Stalled=True/InvalidSpec: {a}"),
        ]
    );
    assert_eq!(
        conditions(&two(5, [rejected(), missing()])),
        [
            format!("Accepted=False/InvalidSpec: {a}"),
            format!("ResolvedRefs=False/SecretNotFound: {b}"),
            format!("Synced=False/InvalidSpec: {kept}"),
            format!("Ready=False/InvalidSpec: {a}; {b}"),
        ],
        "the source may come by itself: it is not stalled"
    );
    assert_eq!(conditions(&two(5, [Outcome::Suspended, Outcome::Suspended])).len(), 4, "somebody wanted that");
}

#[test]
fn an_operator_alone_names_the_environments_it_leaves_out() {
    let [alone, _] = operators();
    let of = |declared: &[&str], outcome: Outcome| {
        let declared = declared.iter().map(|name| (*name).to_owned()).collect();
        let edit = Edit { generation: 3, declared, findings: Vec::new() };
        alone.next(None, &edit, &Finding { outcome, places: BTreeSet::new() }).unwrap()
    };
    for outcome in [
        good("a"),
        Outcome::Rejected(vec![problem(Reason::InvalidSpec, "spec.a")].into()),
        Outcome::Suspended,
        Outcome::Walked(vec![unresolved("a", vec![problem(Reason::SecretNotFound, "spec.a")])], vec![]),
    ] {
        assert_eq!(conditions(&of(&["a"], outcome.clone())), conditions(&crate::status::first(&outcome)));
    }
    let some = of(&["a", "b", "x"], good("a"));
    let told = "Ready=True/Ready: every environment that is handled here is ready; not handled here: b,x";
    assert_eq!((conditions(&some)[3].as_str(), some.environment_names.as_deref()), (told, Some("a")));
    let none = of(&["x"], Outcome::Walked(vec![], vec![]));
    assert!(conditions(&none)[3].starts_with("Ready=True/NotSelected"));
}

#[test]
fn operators_that_overlap_do_not_write_for_ever() {
    let missing =
        |name| Outcome::Walked(vec![unresolved(name, vec![problem(Reason::SecretNotFound, "spec.a")])], vec![]);
    let both = Outcome::Walked(
        vec![walked("a", vec![target("a", Some(1), None)]), walked("b", vec![target("b", Some(1), None)])],
        vec![],
    );
    for (declared, some, all) in
        [(vec!["a"], good("a"), good("a")), (vec!["a"], missing("a"), missing("a")), (vec!["a", "b"], good("a"), both)]
    {
        let [first, _] = operators();
        let mut pair = [(first, some), (Operator::new("1.0", &[]), all)];
        let declared = declared.into_iter().map(str::to_owned).collect();
        let edit = Edit { generation: 1, declared, findings: Vec::new() };
        let (mut there, mut woken, mut writes) = (None, vec![0, 1], 0);
        while let Some(index) = woken.pop() {
            let (operator, outcome) = &pair[index];
            let finding = Finding { outcome: outcome.clone(), places: BTreeSet::new() };
            let Some(next) = operator.next(there.as_ref(), &edit, &finding) else { continue };
            writes += 1;
            assert!(writes <= 4, "they go on for ever: {next:#?}");
            let other = &pair[1 - index].0;
            if other.known.is_some() && other.is_woken_by(&next) {
                woken.push(1 - index);
            }
            pair.iter_mut().for_each(|(operator, _)| operator.known = Some(next.clone()));
            there = Some(next);
        }
    }
}

#[test]
fn an_entry_goes_with_its_environment_once_it_is_pruned() {
    let [first, second] = operators();
    let both = two(5, [good("a"), good("b")]);
    let edit = Edit { generation: 6, declared: vec!["a".to_owned()], findings: Vec::new() };
    let finding = |outcome| Finding { outcome, places: BTreeSet::new() };
    let names = |status: &AppCredentialStatus| -> Vec<String> {
        status.environments.iter().map(|it| it.name.clone()).collect()
    };
    let without = first.next(Some(&both), &edit, &finding(good("a"))).unwrap();
    assert_eq!(without.environment_names.as_deref(), Some("a"));
    assert_eq!(conditions(&without)[3], "Ready=True/Ready: every environment is ready", "it keeps nobody waiting");
    assert_eq!(without.observed_generation, Some(6));
    let both = second.next(Some(&without), &edit, &finding(Outcome::Walked(vec![], vec![]))).unwrap();
    assert_eq!(names(&both), ["a"]);
    let left = vec![problem(Reason::Forbidden, "Secret team/b")];
    let left = second.next(Some(&without), &edit, &finding(Outcome::Walked(vec![], left))).unwrap();
    assert_eq!(names(&left), ["a", "b"]);
    assert_eq!(conditions(&left)[3], "Ready=False/Forbidden: Secret team/b: is wrong; put it right");
    assert_eq!(first.next(Some(&left), &edit, &finding(good("a"))), None, "that is the other one's to tell");
    let done = second.next(Some(&left), &edit, &finding(Outcome::Walked(vec![], vec![]))).unwrap();
    assert_eq!(names(&done), ["a"]);
}

#[test]
fn what_was_written_for_everything_can_be_shared() {
    let declared = ["a", "b"].map(str::to_owned).to_vec();
    let edit = |generation| Edit { generation, declared: declared.clone(), findings: Vec::new() };
    let finding = |outcome| Finding { outcome, places: BTreeSet::new() };
    let everything = Operator::new("1.0", &[]);
    let all = Outcome::Walked(
        vec![walked("a", vec![target("a", Some(1), None)]), walked("b", vec![target("b", Some(1), None)])],
        vec![],
    );
    let before = everything.next(None, &edit(4), &finding(all.clone())).unwrap();
    assert!(before.environments.iter().all(|entry| entry.handled_by.is_none()) && before.rendered_by.is_some());
    let [first, second] = operators();
    let one = first.next(Some(&before), &edit(5), &finding(good("a"))).unwrap();
    let told = "Ready=True/Ready: every environment that is handled here is ready; not handled here: b";
    assert_eq!(conditions(&one)[3], told, "what was written for everything counts for nobody");
    let both = second.next(Some(&one), &edit(5), &finding(good("b"))).unwrap();
    assert_eq!(conditions(&both)[3], "Ready=True/Ready: every environment is ready");
    let again = everything.next(Some(&both), &edit(5), &finding(all)).unwrap();
    assert!(again.environments.iter().all(|entry| entry.handled_by.is_none()), "and back");
}

/// A problem that is told once, though several operators have it.
#[test]
fn what_all_operators_report_is_reported_once() {
    let general =
        || Outcome::Rejected(vec![Problem::about(Reason::InvalidSpec, "metadata.name", "is too long")].into());
    assert_eq!(
        conditions(&two(5, [general(), general()]))[0],
        "Accepted=False/InvalidSpec: metadata.name: is too long"
    );
}

#[test]
fn whoever_is_restricted_has_the_same_words_for_all_of_it() {
    let all = Selection::only([]).allowing(["example.com".to_owned()]);
    let some = Selection::only(["a".to_owned()]).allowing(["example.com".to_owned()]);
    let words = |selection: &Selection| selection.without_environments(&format!("1.0{}", selection.words()));
    assert_eq!(words(&some), format!("1.0{}", all.words()));
    assert_eq!((words(&all), words(&Selection::only([]))), (words(&some), "1.0".to_owned()));
}

#[test]
fn a_status_that_does_not_say_what_its_entries_say_is_news() {
    let [first, second] = operators();
    let known = two(5, [good("a"), good("b")]);
    let mut found = known.clone();
    found.conditions[3].message = "in other words".to_owned();
    let is_no_news =
        |operator: &Operator, found: &AppCredentialStatus| status::is_no_news(&known, found, &operator.selection);
    assert!(is_no_news(&first, &found), "another version may have said it");
    found.conditions[3].status = "False".to_owned();
    assert!(!is_no_news(&first, &found));
    let mut found = known.clone();
    found.environments.retain(|entry| entry.name == "b");
    assert!(!is_no_news(&first, &found) && is_no_news(&second, &found), "whose entry it is looks");
}
