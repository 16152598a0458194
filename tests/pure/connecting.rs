//! Merge rule 4: connections are laid over by field, and the forms of an address that exclude each other drop each other.

use crate::rows::{check, row};

const SERVER: &str = "connection: {protocol: p, host: h, port: 1, path: /x, database: d}";

#[test]
fn rule_4_a_connection_is_laid_over_by_field() {
    let same = "{protocol: p, host: h, port: '1', path: /x, database: d}";
    check(&[
        row("nothing inherits", SERVER, "", "{}", same),
        row("an empty connection inherits", SERVER, "connection: {}", "{}", same),
        row(
            "protocol",
            SERVER,
            "connection: {protocol: q}",
            "{}",
            "{protocol: q, host: h, port: '1', path: /x, database: d}",
        ),
        row("host", SERVER, "connection: {host: i}", "{}", "{protocol: p, host: i, port: '1', path: /x, database: d}"),
        row(
            "port",
            SERVER,
            "connection: {port: 65535}",
            "{}",
            "{protocol: p, host: h, port: '65535', path: /x, database: d}",
        ),
        row("path", SERVER, "connection: {path: /y}", "{}", "{protocol: p, host: h, port: '1', path: /y, database: d}"),
        row(
            "database",
            SERVER,
            "connection: {database: e}",
            "{}",
            "{protocol: p, host: h, port: '1', path: /x, database: e}",
        ),
        row("no base", "", SERVER, "{}", same),
    ]);
}

#[test]
fn rule_4_a_uri_drops_the_inherited_address_and_nothing_else() {
    check(&[
        row("over a server", SERVER, "connection: {uri: 'a://b'}", "{}", "{uri: 'a://b', database: d}"),
        row(
            "over endpoints",
            "connection: {protocol: p, endpoints: [a, b]}",
            "connection: {uri: 'a://b'}",
            "{}",
            "{uri: 'a://b'}",
        ),
        row(
            "tls and properties stay",
            "connection: {host: h, tls: {mode: Require}, properties: [{name: x, value: '1'}]}",
            "connection: {uri: 'a://b'}",
            "{}",
            "{uri: 'a://b', tls-mode: Require, x: '1'}",
        ),
        row(
            "what the environment itself sets beside it stays",
            SERVER,
            "connection: {uri: 'a://b', port: 2, path: /y}",
            "{}",
            "{uri: 'a://b', port: '2', path: /y, database: d}",
        ),
        row(
            "uri, host and endpoints of one environment stand together",
            "connection: {uri: 'old://x', protocol: p}",
            "connection: {uri: 'a://b', host: i, endpoints: [e]}",
            "{}",
            "{uri: 'a://b', host: i, endpoints: e}",
        ),
        row("uri over uri", "connection: {uri: 'a://b'}", "connection: {uri: 'c://d'}", "{}", "{uri: 'c://d'}"),
    ]);
}

#[test]
fn rule_4_only_a_host_or_endpoints_drop_an_inherited_uri() {
    let uri = "connection: {uri: 'a://b', database: d}";
    check(&[
        row("host", uri, "connection: {host: h, port: 1}", "{}", "{host: h, port: '1', database: d}"),
        row("endpoints", uri, "connection: {endpoints: [x, y]}", "{}", "{endpoints: 'x,y', database: d}"),
        row("no endpoints are endpoints too", uri, "connection: {endpoints: []}", "{}", "{database: d}"),
        row("a port alone does not", uri, "connection: {port: 1}", "{}", "{uri: 'a://b', port: '1', database: d}"),
        row("a path alone does not", uri, "connection: {path: /x}", "{}", "{uri: 'a://b', path: /x, database: d}"),
        row("a database alone does not", uri, "connection: {database: e}", "{}", "{uri: 'a://b', database: e}"),
        row(
            "host and endpoints do not drop each other",
            "connection: {host: h}",
            "connection: {endpoints: [x]}",
            "{}",
            "{host: h, endpoints: x}",
        ),
    ]);
}

#[test]
fn rule_4_endpoints_are_replaced_whole() {
    let base = "connection: {endpoints: [a, b, c]}";
    check(&[
        row("inherited, comma-joined", base, "", "{}", "{endpoints: 'a,b,c'}"),
        row("replaced by fewer", base, "connection: {endpoints: [d]}", "{}", "{endpoints: d}"),
        row("the order is kept", base, "connection: {endpoints: [c, a]}", "{}", "{endpoints: 'c,a'}"),
        row("[] is none", base, "connection: {endpoints: []}", "{}", "{}"),
    ]);
}

#[test]
fn rule_4_tls_is_laid_over_by_field_and_its_ca_is_one_slot() {
    let base = "connection: {tls: {mode: VerifyFull, serverName: s, ca: {value: c}}}";
    let secret = "connection: {tls: {ca: {valueFrom: {secretKeyRef: {name: n, key: k}}}}}";
    let map = "connection: {tls: {ca: {valueFrom: {configMapKeyRef: {name: n, key: k}}}}}";
    check(&[
        row("inherited", base, "", "{}", "{tls-mode: VerifyFull, tls-server-name: s, ca.crt: c}"),
        row(
            "an empty one inherits",
            base,
            "connection: {tls: {}}",
            "{}",
            "{tls-mode: VerifyFull, tls-server-name: s, ca.crt: c}",
        ),
        row(
            "mode",
            base,
            "connection: {tls: {mode: Require}}",
            "{}",
            "{tls-mode: Require, tls-server-name: s, ca.crt: c}",
        ),
        row(
            "server name",
            base,
            "connection: {tls: {serverName: t}}",
            "{}",
            "{tls-mode: VerifyFull, tls-server-name: t, ca.crt: c}",
        ),
        row(
            "ca",
            base,
            "connection: {tls: {ca: {value: d}}}",
            "{}",
            "{tls-mode: VerifyFull, tls-server-name: s, ca.crt: d}",
        ),
        row(
            "ca from a Secret over plain",
            base,
            secret,
            "{ca.crt: Secret/n/k}",
            "{tls-mode: VerifyFull, tls-server-name: s}",
        ),
        row("ca from a ConfigMap over one from a Secret", secret, map, "{}", "{ca.crt: ConfigMap/n/k}"),
        row("no base", "", base, "{}", "{tls-mode: VerifyFull, tls-server-name: s, ca.crt: c}"),
    ]);
}

#[test]
fn every_tls_mode_is_written_as_it_stands() {
    for mode in ["Disable", "Require", "VerifyCA", "VerifyFull", "StartTLS"] {
        let base = format!("authentication: {{type: None}}\nconnection: {{tls: {{mode: {mode}}}}}");
        let (_, config_map) = crate::support::effective(&crate::support::spec(&base));
        assert_eq!(config_map["tls-mode"], mode);
    }
}

#[test]
fn rule_4_properties_are_laid_over_by_name_whole_entry() {
    let base =
        "connection: {properties: [{name: a, value: '1'}, {name: b, valueFrom: {secretKeyRef: {name: s, key: k}}}]}";
    check(&[
        row("inherited", base, "", "{b: Secret/s/k}", "{a: '1'}"),
        row("an empty list inherits", base, "connection: {properties: []}", "{b: Secret/s/k}", "{a: '1'}"),
        row("overridden", base, "connection: {properties: [{name: a, value: '2'}]}", "{b: Secret/s/k}", "{a: '2'}"),
        row("added", base, "connection: {properties: [{name: c, value: '3'}]}", "{b: Secret/s/k}", "{a: '1', c: '3'}"),
        row(
            "a secret one made plain",
            base,
            "connection: {properties: [{name: b, value: '2'}]}",
            "{}",
            "{a: '1', b: '2'}",
        ),
        row(
            "a plain one made secret",
            base,
            "connection: {properties: [{name: a, valueFrom: {secretKeyRef: {name: s, key: l}}}]}",
            "{a: Secret/s/l, b: Secret/s/k}",
            "{}",
        ),
    ]);
}
