{{- /*
A policy of the cluster holds in every namespace and for every release of the chart. There is one of each, as there is one of each CRD:
its name does not depend on the release, it stays with the CRDs when the release goes (crds.keep), and another release takes it over as
it takes over the CRDs. A policy that is kept cannot be removed by an upgrade either. So `Allow` leaves it in place and lets it tell the
audit log alone.
*/}}

{{- /* Names and labels: (dict "root" $ "name" "sources"). */}}
{{- define "appcredential-operator.policies.metadata" -}}
metadata:
  name: {{ .name }}.appcredential.io
  {{- if .root.Values.crds.keep }}
  annotations:
    helm.sh/resource-policy: keep
  {{- end }}
  labels:
    {{- include "appcredential-operator.labels" .root | nindent 4 }}
{{- end }}

{{- /* A binding: (dict "root" $ "name" "sources" "action" "Deny"). It has no selector: a namespace that no operator serves today may
       have one tomorrow, and what is stored there by then has to have been looked at. */}}
{{- define "appcredential-operator.policies.binding" -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
{{ include "appcredential-operator.policies.metadata" . }}
spec:
  policyName: {{ .name }}.appcredential.io
  validationActions: {{ include "appcredential-operator.policies.actions" .action }}
{{- end }}

{{- define "appcredential-operator.policies.actions" -}}
{{ get (dict "Deny" "[Deny, Audit]" "Warn" "[Warn, Audit]" "Allow" "[Audit]") . }}
{{- end }}

{{- /* Which requests for credentials are looked at: not those that leave the spec as it is, such as a new label. */}}
{{- define "appcredential-operator.policies.credentials" -}}
{{- include "appcredential-operator.policies.requests" . }}
- name: the-spec-is-new
  expression: request.operation == 'CREATE' || object.spec != oldObject.spec
{{- end }}

{{- /* The same, where the annotation counts too that says that a spec was reviewed: whoever sets it answers for the spec. */}}
{{- define "appcredential-operator.policies.reviewed" -}}
{{- include "appcredential-operator.policies.requests" . }}
- name: the-spec-is-new-or-reviewed
  expression: |-
    request.operation == 'CREATE' || object.spec != oldObject.spec
      || object.metadata.?annotations[?'appcredential.io/reviewed'].orValue('')
        != oldObject.metadata.?annotations[?'appcredential.io/reviewed'].orValue('')
{{- end }}

{{- define "appcredential-operator.policies.requests" -}}
failurePolicy: Fail
matchConstraints:
  resourceRules:
  - apiGroups: [appcredential.io]
    apiVersions: ["*"]
    operations: [CREATE, UPDATE]
    resources: [appcredentials]
matchConditions:
{{- end }}

{{- /* Whom a policy does not apply to: (dict "exempt" .Values.policies.exempt.marks "more" (list "another user")). */}}
{{- define "appcredential-operator.policies.exempt" -}}
{{- $names := concat (default list .more) .exempt.users }}
{{- range .exempt.serviceAccounts }}
{{- $names = append $names (printf "system:serviceaccount:%s:%s" .namespace .name) }}
{{- end }}
{{- if $names }}
- name: the-author-is-not-exempt
  expression: |-
    !(request.userInfo.username in {{ $names | toJson }})
{{- end }}
{{- end }}

{{- /*
Whether an operator asks, of whichever release: it has the right to `render` in the cluster, which no request needs and each release's
role grants. Whoever has all rights has that one too and is no operator: administrators and most GitOps controllers are like that.
It is asked for the whole cluster, so nobody can grant it within a namespace.
*/}}
{{- define "appcredential-operator.policies.isOperator" -}}
- name: isOperator
  expression: |-
    authorizer.group('appcredential.io').resource('appcredentials').check('render').allowed()
      && !authorizer.group('appcredential.io').resource('appcredentials').check('*').allowed()
{{- end }}

{{- /* The problems of a policy as one text: (dict "list" "variables.problems"). No message may have line breaks, and none may be longer than 5 KiB. */}}
{{- define "appcredential-operator.policies.joined" -}}
{{ .list }}.join(' | ').size() <= 4500 ? {{ .list }}.join(' | ') : {{ .list }}.join(' | ').substring(0, 4400) + ' … and more'
{{- end }}
