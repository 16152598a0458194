{{- define "appcredential-operator.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- /* At most 40 characters: the longest suffix of a policy or role has to fit beside it. */}}
{{- define "appcredential-operator.fullname" -}}
{{- if .Values.fullnameOverride }}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- $name := include "appcredential-operator.name" . }}
{{- if contains $name .Release.Name }}
{{- .Release.Name | trunc 40 | trimSuffix "-" }}
{{- else }}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" }}
{{- end }}
{{- end }}
{{- end }}

{{- define "appcredential-operator.selectorLabels" -}}
app.kubernetes.io/name: {{ include "appcredential-operator.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "appcredential-operator.labels" -}}
{{ include "appcredential-operator.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "appcredential-operator.serviceAccountName" -}}
{{- if .Values.serviceAccount.create }}
{{- default (include "appcredential-operator.fullname" .) .Values.serviceAccount.name }}
{{- else }}
{{- required "serviceAccount.name: missing; serviceAccount.create is false, so name the service account that the operator runs as, or set create to true" .Values.serviceAccount.name }}
{{- end }}
{{- end }}

{{- define "appcredential-operator.username" -}}
system:serviceaccount:{{ .Release.Namespace }}:{{ include "appcredential-operator.serviceAccountName" . }}
{{- end }}

{{- define "appcredential-operator.subjects" -}}
- kind: ServiceAccount
  name: {{ include "appcredential-operator.serviceAccountName" . }}
  namespace: {{ .Release.Namespace }}
{{- end }}

{{- define "appcredential-operator.leaseName" -}}
{{- default (include "appcredential-operator.fullname" .) .Values.leaderElection.leaseName }}
{{- end }}

{{- /* The policy that specs have to have been seen by; of several releases one installs it. Empty where this release wants none that denies. */}}
{{- define "appcredential-operator.reviewPolicy" -}}
{{- if and .Values.policies.enabled (eq .Values.policies.sources "Deny") -}}
sources.appcredential.io
{{- end }}
{{- end }}

{{- define "appcredential-operator.image" -}}
{{- $repository := required "image.repository: missing; the operator's image is published nowhere: build one with deploy/build-image, push it to a registry of yours as docs/image.md shows, and name it with --set image.repository=registry.example.com/appcredential-operator" .Values.image.repository }}
{{- if .Values.image.digest }}
{{- printf "%s@%s" $repository .Values.image.digest }}
{{- else }}
{{- printf "%s:%s" $repository (default .Chart.AppVersion .Values.image.tag) }}
{{- end }}
{{- end }}

{{- define "appcredential-operator.args" -}}
- run
{{- range .Values.namespaces }}
- --namespace={{ . }}
{{- end }}
{{- with .Values.environments }}
- --environments={{ join "," . }}
{{- end }}
- --concurrency={{ .Values.concurrency }}
- --log-format={{ .Values.logging.format }}
- --log-level={{ .Values.logging.level }}
{{- range .Values.allowMetadataPrefixes }}
- --allow-metadata-prefix={{ . }}
{{- end }}
{{- if .Values.watch.pagedLists }}
- --paged-lists
{{- end }}
{{- if .Values.namespacePins }}
- --namespace-pins
{{- end }}
{{- with include "appcredential-operator.reviewPolicy" . }}
- --review-policy={{ . }}
{{- end }}
- --leader-election={{ .Values.leaderElection.enabled }}
{{- if .Values.leaderElection.enabled }}
- --lease-name={{ include "appcredential-operator.leaseName" . }}
- --lease-namespace={{ .Release.Namespace }}
{{- end }}
- --health-address={{ .Values.listenAddress }}:8081
{{- if .Values.metrics.enabled }}
- --metrics-address={{ .Values.listenAddress }}:8080
- --metrics-access={{ .Values.metrics.access }}
- --metrics-namespace-label={{ .Values.metrics.namespaceLabel }}
{{- end }}
{{- range .Values.extraArgs }}
- {{ . | quote }}
{{- end }}
{{- end }}

{{- /* What no schema can say: values that contradict each other. */}}
{{- define "appcredential-operator.check" -}}
{{- if and (gt (int .Values.replicas) 1) (not .Values.leaderElection.enabled) }}
{{- fail "replicas: there can be one only where leaderElection.enabled is false; set replicas to 1, or leaderElection.enabled to true" }}
{{- end }}
{{- $tokens := and .Values.metrics.enabled (eq .Values.metrics.access "token") }}
{{- if and $tokens .Values.metrics.podMonitor.enabled (not .Values.metrics.podMonitor.authorization) }}
{{- fail "metrics.podMonitor.authorization: missing; a PodMonitor cannot use the service account of Prometheus for metrics.access token: set it, or use metrics.serviceMonitor" }}
{{- end }}
{{- if and (not .Values.metrics.enabled) (or .Values.metrics.serviceMonitor.enabled .Values.metrics.podMonitor.enabled) }}
{{- fail "metrics.enabled: is false, so there is nothing to monitor; set it to true, or disable metrics.serviceMonitor and metrics.podMonitor" }}
{{- end }}
{{- end }}
