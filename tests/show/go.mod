// The application of the real node's test (cargo test --test node).
module appcredential.io/show

go 1.26.0
