{{- /* A binding: (dict "root" $ "name" "sources" "action" "Deny"). Where only some namespaces are watched, it holds there. */}}
{{- define "appcredential-operator.policies.binding" -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: {{ include "appcredential-operator.fullname" .root }}-{{ .name }}
  labels:
    {{- include "appcredential-operator.labels" .root | nindent 4 }}
spec:
  policyName: {{ include "appcredential-operator.fullname" .root }}-{{ .name }}
  {{- if eq .action "Deny" }}
  validationActions: [Deny, Audit]
  {{- else }}
  validationActions: [Warn, Audit]
  {{- end }}
  {{- with .root.Values.namespaces }}
  matchResources:
    namespaceSelector:
      matchExpressions:
      - key: kubernetes.io/metadata.name
        operator: In
        values:
          {{- toYaml . | nindent 10 }}
  {{- end }}
{{- end }}

{{- /* Which requests for credentials are looked at: not those that leave the spec as it is, such as a new label. */}}
{{- define "appcredential-operator.policies.credentials" -}}
failurePolicy: Fail
matchConstraints:
  resourceRules:
  - apiGroups: [appcredential.io]
    apiVersions: ["*"]
    operations: [CREATE, UPDATE]
    resources: [appcredentials]
matchConditions:
- name: the-spec-is-new
  expression: request.operation == 'CREATE' || object.spec != oldObject.spec
{{- end }}

{{- /* Whom a policy does not apply to, besides the operator: (dict "root" $ "exempt" .Values.policies.exempt.marks). */}}
{{- define "appcredential-operator.policies.exempt" -}}
{{- $names := list (include "appcredential-operator.username" .root) }}
{{- $names = concat $names .exempt.users }}
{{- range .exempt.serviceAccounts }}
{{- $names = append $names (printf "system:serviceaccount:%s:%s" .namespace .name) }}
{{- end }}
- name: the-author-is-not-exempt
  expression: |-
    !(request.userInfo.username in {{ $names | toJson }})
{{- end }}
