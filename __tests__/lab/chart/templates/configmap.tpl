{{- if .Values.removedLongAgo }}
{{- fail "removedLongAgo is gone" }}
{{- end }}
{{- if hasKey .Values "clusterHealthPort" }}
cluster-health-port: {{ .Values.clusterHealthPort | quote }}
{{- end }}
{{- range $type := .Values.hubble.eventTypes }}
- {{ $type }}
{{- end }}
