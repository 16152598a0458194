//! The credential that most tests edit: a database with one of everything.
//!
//! Its sources are the Secret `orders-source` (password, replica-password) and the ConfigMap `orders-ca`.

use crate::harness::{Outputs, TestNamespace, text};

/// Without environments: its outputs are named `orders`.
pub(crate) const ORDERS: &str = "
apiVersion: appcredential.io/v1alpha1
kind: AppCredential
metadata: {name: orders}
spec:
  description: Stores orders
  application: {type: postgresql, provider: aws-rds}
  authentication:
    type: Basic
    basic:
      username: {value: orders_app}
      password: {valueFrom: {secretKeyRef: {name: orders-source, key: password}}}
  connection:
    protocol: postgresql
    host: pg.internal
    port: 5432
    tls: {mode: VerifyFull, ca: {valueFrom: {configMapKeyRef: {name: orders-ca, key: ca.crt}}}}
    properties: [{name: sslcompression, value: '0'}]
  scopes: [orders:read]
  parameters:
  - {name: pool, value: '10'}
  - {name: replica-password, valueFrom: {secretKeyRef: {name: orders-source, key: replica-password}}}
";

/// With two environments: its outputs are named `shop-staging` and `shop-production`.
pub(crate) const SHOP: &str = "
apiVersion: appcredential.io/v1alpha1
kind: AppCredential
metadata: {name: shop}
spec:
  application: {type: mysql}
  authentication:
    type: Basic
    basic: {username: {value: shop}}
  connection: {port: 3306}
  parameters: [{name: pool, value: '10'}, {name: charset, value: utf8mb4}]
  environments:
  - name: staging
    authentication: {basic: {password: {valueFrom: {secretKeyRef: {name: shop-source-staging, key: password}}}}}
    connection: {host: mysql.staging}
  - name: production
    authentication: {basic: {password: {valueFrom: {secretKeyRef: {name: shop-source-production, key: password}}}}}
    connection: {host: mysql.production}
";

/// Without environments and with one Secret as its only source: its outputs are named `small`.
pub(crate) const SMALL: &str = "
apiVersion: appcredential.io/v1alpha1
kind: AppCredential
metadata: {name: small}
spec:
  application: {type: redis}
  authentication: {type: BearerToken, bearerToken: {token: {valueFrom: {secretKeyRef: {name: small-source, key: token}}}}}
  connection: {host: redis.internal}
";

/// The environments of [`SHOP`] as an edit replaces them.
pub(crate) fn shop_environment(name: &str) -> serde_json::Value {
    let source = format!("shop-source-{name}");
    serde_json::json!({
        "name": name,
        "authentication": {"basic": {"password": {"valueFrom": {"secretKeyRef": {"name": source, "key": "password"}}}}},
        "connection": {"host": format!("mysql.{name}")},
    })
}

impl TestNamespace {
    /// The sources of [`ORDERS`].
    pub(crate) async fn orders_sources(&self) {
        self.source("orders-source", &[("password", b"hunter2"), ("replica-password", b"replica2")]).await;
        self.settings("orders-ca", &[("ca.crt", "the CA\n")]).await;
    }

    /// [`ORDERS`] with its sources, in sync under revision 1.
    pub(crate) async fn orders(&self) -> Outputs {
        self.orders_sources().await;
        self.apply(ORDERS).await;
        self.ready("orders").await;
        let outputs = self.at_revision("orders", 1).await;
        assert_orders(&outputs);
        outputs
    }

    /// [`SHOP`] with its sources, in sync.
    pub(crate) async fn shop(&self) {
        for (source, password) in [("shop-source-staging", "s3"), ("shop-source-production", "p4")] {
            self.source(source, &[("password", password.as_bytes())]).await;
        }
        self.apply(SHOP).await;
        self.ready("shop").await;
    }

    /// [`SMALL`] with its source, in sync under revision 1.
    pub(crate) async fn small(&self) -> Outputs {
        self.source("small-source", &[("token", b"t0ken")]).await;
        self.apply(SMALL).await;
        self.ready("small").await;
        self.at_revision("small", 1).await
    }
}

/// What [`ORDERS`] becomes as long as nothing of it is edited.
pub(crate) fn assert_orders(outputs: &Outputs) {
    let secret = [("username", "orders_app"), ("password", "hunter2"), ("replica-password", "replica2")];
    assert_eq!(outputs.secret_text(), text(&secret));
    let settings = [
        ("auth-type", "Basic"),
        ("protocol", "postgresql"),
        ("host", "pg.internal"),
        ("port", "5432"),
        ("tls-mode", "VerifyFull"),
        ("ca.crt", "the CA\n"),
        ("sslcompression", "0"),
        ("scopes", "orders:read"),
        ("pool", "10"),
    ];
    assert_eq!(outputs.settings(), text(&settings));
}
