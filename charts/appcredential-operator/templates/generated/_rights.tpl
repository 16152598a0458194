{{- /* Generated from the code by `UPDATE_DOCS=1 cargo test --test chart generated`; a test compares the two. */}}

{{- define "appcredential-operator.rights.watched" -}}
# what is wanted; the finalizer of those with outputs elsewhere
- apiGroups: [appcredential.io]
  resources: [appcredentials]
  verbs: [get, list, watch, patch]
# what became of it
- apiGroups: [appcredential.io]
  resources: [appcredentials/status]
  verbs: [patch]
# outputs block the deletion of their owner, which OpenShift and others ask this for
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
# what a person would want to see
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
# the first of several pods makes the lease
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [create]
# which of several pods works
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  resourceNames: [{{ include "appcredential-operator.leaseName" . | quote }}]
  verbs: [get, update]
{{- end }}

{{- define "appcredential-operator.rights.cluster" -}}
# the chart's admission policies know an operator by it, of whichever release
- apiGroups: [appcredential.io]
  resources: [appcredentials]
  verbs: [render]
{{- if include "appcredential-operator.reviewPolicy" . }}
# since when sources are looked at: what was stored before is not rendered until it is reviewed
- apiGroups: [admissionregistration.k8s.io]
  resources: [validatingadmissionpolicies]
  resourceNames: [{{ include "appcredential-operator.reviewPolicy" . | quote }}]
  verbs: [get]
{{- end }}
{{- end }}

{{- define "appcredential-operator.rights.scraped" -}}
# who asks for metrics
- apiGroups: [authentication.k8s.io]
  resources: [tokenreviews]
  verbs: [create]
# whether they may read metrics
- apiGroups: [authorization.k8s.io]
  resources: [subjectaccessreviews]
  verbs: [create]
{{- end }}
