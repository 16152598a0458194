{{- /* Generated from the code by `UPDATE_DOCS=1 cargo test --test chart generated`; a test compares the two. */}}

{{- define "appcredential-operator.rights.watched" -}}
# specs; the finalizer of those with outputs in other namespaces
- apiGroups: [appcredential.io]
  resources: [appcredentials]
  verbs: [get, list, watch, patch]
# status writes
- apiGroups: [appcredential.io]
  resources: [appcredentials/status]
  verbs: [patch]
# outputs block the deletion of their owner, for which OpenShift and others demand this right
- apiGroups: [appcredential.io]
  resources: [appcredentials/finalizers]
  verbs: [update]
# which namespaces consent
- apiGroups: [appcredential.io]
  resources: [appcredentialgrants]
  verbs: [list, watch]
# who uses a grant
- apiGroups: [appcredential.io]
  resources: [appcredentialgrants/status]
  verbs: [patch]
# sources and outputs
- apiGroups: [""]
  resources: [secrets, configmaps]
  verbs: [list, watch, get, create, patch, delete]
# failures, recoveries and changes of outputs
- apiGroups: [events.k8s.io]
  resources: [events]
  verbs: [create, patch]
{{- if .Values.namespacePins }}
# the uids of namespaces that a target or a grant pins
- apiGroups: [""]
  resources: [namespaces]
  verbs: [get]
{{- end }}
{{- end }}

{{- define "appcredential-operator.rights.home" -}}
# the first pod creates the Lease
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [create]
# which pod leads
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  resourceNames: [{{ include "appcredential-operator.leaseName" . | quote }}]
  verbs: [get, update]
{{- end }}

{{- define "appcredential-operator.rights.cluster" -}}
# the chart's admission policies know the operators of all releases by it
- apiGroups: [appcredential.io]
  resources: [appcredentials]
  verbs: [render]
{{- if include "appcredential-operator.reviewPolicy" . }}
# since when the policy checks sources: what was stored before is not rendered until it is reviewed
- apiGroups: [admissionregistration.k8s.io]
  resources: [validatingadmissionpolicies]
  resourceNames: [{{ include "appcredential-operator.reviewPolicy" . | quote }}]
  verbs: [get]
{{- end }}
{{- end }}

{{- define "appcredential-operator.rights.scraped" -}}
# who reads metrics
- apiGroups: [authentication.k8s.io]
  resources: [tokenreviews]
  verbs: [create]
# whether they may read metrics
- apiGroups: [authorization.k8s.io]
  resources: [subjectaccessreviews]
  verbs: [create]
{{- end }}
