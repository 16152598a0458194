{{- /* Generated from the code by `UPDATE_DOCS=1 cargo test --test chart generated`; a test compares the two. */}}

{{- define "appcredential-operator.secretTypes" -}}
['Opaque', 'kubernetes.io/basic-auth', 'kubernetes.io/ssh-auth', 'kubernetes.io/tls', 'kubernetes.io/dockerconfigjson']
{{- end }}
