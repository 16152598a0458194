{{- /* Generated from the code by `UPDATE_DOCS=1 cargo test --test chart generated`; a test compares the two. */}}

{{- define "appcredential-operator.policies.plain" -}}
variables:
- name: plain
  expression: |-
    [
      object.spec.?authentication.?basic.?password.?value.hasValue() ? 'spec.authentication.basic.password' : '',
      object.spec.?environments.orValue([]).filter(e, e.?authentication.?basic.?password.?value.hasValue()).map(e, 'spec.environments[' + e.name + '].authentication.basic.password').join('\n'),
      object.spec.?authentication.?apiKey.?key.?value.hasValue() ? 'spec.authentication.apiKey.key' : '',
      object.spec.?environments.orValue([]).filter(e, e.?authentication.?apiKey.?key.?value.hasValue()).map(e, 'spec.environments[' + e.name + '].authentication.apiKey.key').join('\n'),
      object.spec.?authentication.?bearerToken.?token.?value.hasValue() ? 'spec.authentication.bearerToken.token' : '',
      object.spec.?environments.orValue([]).filter(e, e.?authentication.?bearerToken.?token.?value.hasValue()).map(e, 'spec.environments[' + e.name + '].authentication.bearerToken.token').join('\n'),
      object.spec.?authentication.?oauth2.?clientSecret.?value.hasValue() ? 'spec.authentication.oauth2.clientSecret' : '',
      object.spec.?environments.orValue([]).filter(e, e.?authentication.?oauth2.?clientSecret.?value.hasValue()).map(e, 'spec.environments[' + e.name + '].authentication.oauth2.clientSecret').join('\n'),
      object.spec.?authentication.?oauth2.?refreshToken.?value.hasValue() ? 'spec.authentication.oauth2.refreshToken' : '',
      object.spec.?environments.orValue([]).filter(e, e.?authentication.?oauth2.?refreshToken.?value.hasValue()).map(e, 'spec.environments[' + e.name + '].authentication.oauth2.refreshToken').join('\n'),
      object.spec.?authentication.?oauth2.?jwt.?privateKey.?value.hasValue() ? 'spec.authentication.oauth2.jwt.privateKey' : '',
      object.spec.?environments.orValue([]).filter(e, e.?authentication.?oauth2.?jwt.?privateKey.?value.hasValue()).map(e, 'spec.environments[' + e.name + '].authentication.oauth2.jwt.privateKey').join('\n'),
      object.spec.?authentication.?aws.?secretAccessKey.?value.hasValue() ? 'spec.authentication.aws.secretAccessKey' : '',
      object.spec.?environments.orValue([]).filter(e, e.?authentication.?aws.?secretAccessKey.?value.hasValue()).map(e, 'spec.environments[' + e.name + '].authentication.aws.secretAccessKey').join('\n'),
      object.spec.?authentication.?aws.?sessionToken.?value.hasValue() ? 'spec.authentication.aws.sessionToken' : '',
      object.spec.?environments.orValue([]).filter(e, e.?authentication.?aws.?sessionToken.?value.hasValue()).map(e, 'spec.environments[' + e.name + '].authentication.aws.sessionToken').join('\n'),
      object.spec.?authentication.?clientCertificate.?privateKey.?value.hasValue() ? 'spec.authentication.clientCertificate.privateKey' : '',
      object.spec.?environments.orValue([]).filter(e, e.?authentication.?clientCertificate.?privateKey.?value.hasValue()).map(e, 'spec.environments[' + e.name + '].authentication.clientCertificate.privateKey').join('\n'),
      object.spec.?authentication.?sshKey.?privateKey.?value.hasValue() ? 'spec.authentication.sshKey.privateKey' : '',
      object.spec.?environments.orValue([]).filter(e, e.?authentication.?sshKey.?privateKey.?value.hasValue()).map(e, 'spec.environments[' + e.name + '].authentication.sshKey.privateKey').join('\n'),
      object.spec.?authentication.?sshKey.?passphrase.?value.hasValue() ? 'spec.authentication.sshKey.passphrase' : '',
      object.spec.?environments.orValue([]).filter(e, e.?authentication.?sshKey.?passphrase.?value.hasValue()).map(e, 'spec.environments[' + e.name + '].authentication.sshKey.passphrase').join('\n'),
      object.spec.?authentication.?keyPair.?privateKey.?value.hasValue() ? 'spec.authentication.keyPair.privateKey' : '',
      object.spec.?environments.orValue([]).filter(e, e.?authentication.?keyPair.?privateKey.?value.hasValue()).map(e, 'spec.environments[' + e.name + '].authentication.keyPair.privateKey').join('\n'),
      object.spec.?authentication.?keyPair.?passphrase.?value.hasValue() ? 'spec.authentication.keyPair.passphrase' : '',
      object.spec.?environments.orValue([]).filter(e, e.?authentication.?keyPair.?passphrase.?value.hasValue()).map(e, 'spec.environments[' + e.name + '].authentication.keyPair.passphrase').join('\n'),
      object.spec.?authentication.?sasl.?password.?value.hasValue() ? 'spec.authentication.sasl.password' : '',
      object.spec.?environments.orValue([]).filter(e, e.?authentication.?sasl.?password.?value.hasValue()).map(e, 'spec.environments[' + e.name + '].authentication.sasl.password').join('\n'),
      object.spec.?authentication.?connectionString.?uri.?value.hasValue() ? 'spec.authentication.connectionString.uri' : '',
      object.spec.?environments.orValue([]).filter(e, e.?authentication.?connectionString.?uri.?value.hasValue()).map(e, 'spec.environments[' + e.name + '].authentication.connectionString.uri').join('\n')
    ].join('\n').split('\n').filter(p, p != '')
- name: problems
  expression: |-
    variables.plain.map(p, p + ': is a secret as plain text, which whoever may look at credentials can read; put it into a Secret and '
      + 'refer to that with valueFrom.secretKeyRef')
validations:
- expression: size(variables.plain) == 0
  message: has a secret as plain text; put it into a Secret and refer to that with valueFrom.secretKeyRef
  messageExpression: |-
    {{- include "appcredential-operator.policies.joined" (dict "list" "variables.problems") | nindent 4 }}
{{- end }}
