{{- /* Generated from the code by `UPDATE_DOCS=1 cargo test --test chart generated`; a test compares the two. */}}

{{- define "appcredential-operator.policies.sources" -}}
variables:
- name: secrets
  expression: |-
    (
      [
        ?object.spec.?authentication.?apiKey.?key.?valueFrom.?secretKeyRef.?name,
        ?object.spec.?authentication.?aws.?accessKeyID.?valueFrom.?secretKeyRef.?name,
        ?object.spec.?authentication.?aws.?secretAccessKey.?valueFrom.?secretKeyRef.?name,
        ?object.spec.?authentication.?aws.?sessionToken.?valueFrom.?secretKeyRef.?name,
        ?object.spec.?authentication.?basic.?password.?valueFrom.?secretKeyRef.?name,
        ?object.spec.?authentication.?basic.?username.?valueFrom.?secretKeyRef.?name,
        ?object.spec.?authentication.?bearerToken.?token.?valueFrom.?secretKeyRef.?name,
        ?object.spec.?authentication.?clientCertificate.?certificate.?valueFrom.?secretKeyRef.?name,
        ?object.spec.?authentication.?clientCertificate.?privateKey.?valueFrom.?secretKeyRef.?name,
        ?object.spec.?authentication.?connectionString.?uri.?valueFrom.?secretKeyRef.?name,
        ?object.spec.?authentication.?keyPair.?passphrase.?valueFrom.?secretKeyRef.?name,
        ?object.spec.?authentication.?keyPair.?privateKey.?valueFrom.?secretKeyRef.?name,
        ?object.spec.?authentication.?keyPair.?username.?valueFrom.?secretKeyRef.?name,
        ?object.spec.?authentication.?oauth2.?clientID.?valueFrom.?secretKeyRef.?name,
        ?object.spec.?authentication.?oauth2.?clientSecret.?valueFrom.?secretKeyRef.?name,
        ?object.spec.?authentication.?oauth2.?jwt.?privateKey.?valueFrom.?secretKeyRef.?name,
        ?object.spec.?authentication.?oauth2.?refreshToken.?valueFrom.?secretKeyRef.?name,
        ?object.spec.?authentication.?sasl.?password.?valueFrom.?secretKeyRef.?name,
        ?object.spec.?authentication.?sasl.?username.?valueFrom.?secretKeyRef.?name,
        ?object.spec.?authentication.?sshKey.?passphrase.?valueFrom.?secretKeyRef.?name,
        ?object.spec.?authentication.?sshKey.?privateKey.?valueFrom.?secretKeyRef.?name,
        ?object.spec.?authentication.?sshKey.?username.?valueFrom.?secretKeyRef.?name,
        ?object.spec.?connection.?tls.?ca.?valueFrom.?secretKeyRef.?name
      ].join(' ')
      + ' ' + object.spec.?authentication.?custom.?fields.orValue([]).map(e, [?e.?valueFrom.?secretKeyRef.?name].join(' ')).join(' ')
      + ' ' + object.spec.?connection.?properties.orValue([]).map(e, [?e.?valueFrom.?secretKeyRef.?name].join(' ')).join(' ')
      + ' ' + object.spec.?environments.orValue([]).map(e,
        [
          ?e.?authentication.?apiKey.?key.?valueFrom.?secretKeyRef.?name,
          ?e.?authentication.?aws.?accessKeyID.?valueFrom.?secretKeyRef.?name,
          ?e.?authentication.?aws.?secretAccessKey.?valueFrom.?secretKeyRef.?name,
          ?e.?authentication.?aws.?sessionToken.?valueFrom.?secretKeyRef.?name,
          ?e.?authentication.?basic.?password.?valueFrom.?secretKeyRef.?name,
          ?e.?authentication.?basic.?username.?valueFrom.?secretKeyRef.?name,
          ?e.?authentication.?bearerToken.?token.?valueFrom.?secretKeyRef.?name,
          ?e.?authentication.?clientCertificate.?certificate.?valueFrom.?secretKeyRef.?name,
          ?e.?authentication.?clientCertificate.?privateKey.?valueFrom.?secretKeyRef.?name,
          ?e.?authentication.?connectionString.?uri.?valueFrom.?secretKeyRef.?name,
          ?e.?authentication.?keyPair.?passphrase.?valueFrom.?secretKeyRef.?name,
          ?e.?authentication.?keyPair.?privateKey.?valueFrom.?secretKeyRef.?name,
          ?e.?authentication.?keyPair.?username.?valueFrom.?secretKeyRef.?name,
          ?e.?authentication.?oauth2.?clientID.?valueFrom.?secretKeyRef.?name,
          ?e.?authentication.?oauth2.?clientSecret.?valueFrom.?secretKeyRef.?name,
          ?e.?authentication.?oauth2.?jwt.?privateKey.?valueFrom.?secretKeyRef.?name,
          ?e.?authentication.?oauth2.?refreshToken.?valueFrom.?secretKeyRef.?name,
          ?e.?authentication.?sasl.?password.?valueFrom.?secretKeyRef.?name,
          ?e.?authentication.?sasl.?username.?valueFrom.?secretKeyRef.?name,
          ?e.?authentication.?sshKey.?passphrase.?valueFrom.?secretKeyRef.?name,
          ?e.?authentication.?sshKey.?privateKey.?valueFrom.?secretKeyRef.?name,
          ?e.?authentication.?sshKey.?username.?valueFrom.?secretKeyRef.?name,
          ?e.?connection.?tls.?ca.?valueFrom.?secretKeyRef.?name
        ].join(' ')
        + ' ' + e.?authentication.?custom.?fields.orValue([]).map(v, [?v.?valueFrom.?secretKeyRef.?name].join(' ')).join(' ')
        + ' ' + e.?connection.?properties.orValue([]).map(v, [?v.?valueFrom.?secretKeyRef.?name].join(' ')).join(' ')
        + ' ' + e.?parameters.orValue([]).map(v, [?v.?valueFrom.?secretKeyRef.?name].join(' ')).join(' ')
      ).join(' ')
      + ' ' + object.spec.?parameters.orValue([]).map(e, [?e.?valueFrom.?secretKeyRef.?name].join(' ')).join(' ')
    ).split(' ').filter(n, n != '')
- name: mayGetAllSecrets
  expression: |-
    authorizer.group('').resource('secrets').namespace(object.metadata.namespace).check('get').allowed()
- name: secret0
  expression: |-
    size(variables.secrets) > 256 ? [] : variables.secrets
- name: secret1
  expression: |-
    variables.secret0.filter(n, n != variables.secret0[0])
- name: secret2
  expression: |-
    variables.secret1.filter(n, n != variables.secret1[0])
- name: secret3
  expression: |-
    variables.secret2.filter(n, n != variables.secret2[0])
- name: secret4
  expression: |-
    variables.secret3.filter(n, n != variables.secret3[0])
- name: secret5
  expression: |-
    variables.secret4.filter(n, n != variables.secret4[0])
- name: secret6
  expression: |-
    variables.secret5.filter(n, n != variables.secret5[0])
- name: secret7
  expression: |-
    variables.secret6.filter(n, n != variables.secret6[0])
- name: secret8
  expression: |-
    variables.secret7.filter(n, n != variables.secret7[0])
- name: secret9
  expression: |-
    variables.secret8.filter(n, n != variables.secret8[0])
- name: secret10
  expression: |-
    variables.secret9.filter(n, n != variables.secret9[0])
- name: secret11
  expression: |-
    variables.secret10.filter(n, n != variables.secret10[0])
- name: secret12
  expression: |-
    variables.secret11.filter(n, n != variables.secret11[0])
- name: secret13
  expression: |-
    variables.secret12.filter(n, n != variables.secret12[0])
- name: secret14
  expression: |-
    variables.secret13.filter(n, n != variables.secret13[0])
- name: secret15
  expression: |-
    variables.secret14.filter(n, n != variables.secret14[0])
- name: secret16
  expression: |-
    variables.secret15.filter(n, n != variables.secret15[0])
- name: configMaps
  expression: |-
    (
      [
        ?object.spec.?authentication.?apiKey.?key.?valueFrom.?configMapKeyRef.?name,
        ?object.spec.?authentication.?aws.?accessKeyID.?valueFrom.?configMapKeyRef.?name,
        ?object.spec.?authentication.?aws.?secretAccessKey.?valueFrom.?configMapKeyRef.?name,
        ?object.spec.?authentication.?aws.?sessionToken.?valueFrom.?configMapKeyRef.?name,
        ?object.spec.?authentication.?basic.?password.?valueFrom.?configMapKeyRef.?name,
        ?object.spec.?authentication.?basic.?username.?valueFrom.?configMapKeyRef.?name,
        ?object.spec.?authentication.?bearerToken.?token.?valueFrom.?configMapKeyRef.?name,
        ?object.spec.?authentication.?clientCertificate.?certificate.?valueFrom.?configMapKeyRef.?name,
        ?object.spec.?authentication.?clientCertificate.?privateKey.?valueFrom.?configMapKeyRef.?name,
        ?object.spec.?authentication.?connectionString.?uri.?valueFrom.?configMapKeyRef.?name,
        ?object.spec.?authentication.?keyPair.?passphrase.?valueFrom.?configMapKeyRef.?name,
        ?object.spec.?authentication.?keyPair.?privateKey.?valueFrom.?configMapKeyRef.?name,
        ?object.spec.?authentication.?keyPair.?username.?valueFrom.?configMapKeyRef.?name,
        ?object.spec.?authentication.?oauth2.?clientID.?valueFrom.?configMapKeyRef.?name,
        ?object.spec.?authentication.?oauth2.?clientSecret.?valueFrom.?configMapKeyRef.?name,
        ?object.spec.?authentication.?oauth2.?jwt.?privateKey.?valueFrom.?configMapKeyRef.?name,
        ?object.spec.?authentication.?oauth2.?refreshToken.?valueFrom.?configMapKeyRef.?name,
        ?object.spec.?authentication.?sasl.?password.?valueFrom.?configMapKeyRef.?name,
        ?object.spec.?authentication.?sasl.?username.?valueFrom.?configMapKeyRef.?name,
        ?object.spec.?authentication.?sshKey.?passphrase.?valueFrom.?configMapKeyRef.?name,
        ?object.spec.?authentication.?sshKey.?privateKey.?valueFrom.?configMapKeyRef.?name,
        ?object.spec.?authentication.?sshKey.?username.?valueFrom.?configMapKeyRef.?name,
        ?object.spec.?connection.?tls.?ca.?valueFrom.?configMapKeyRef.?name
      ].join(' ')
      + ' ' + object.spec.?authentication.?custom.?fields.orValue([]).map(e, [?e.?valueFrom.?configMapKeyRef.?name].join(' ')).join(' ')
      + ' ' + object.spec.?connection.?properties.orValue([]).map(e, [?e.?valueFrom.?configMapKeyRef.?name].join(' ')).join(' ')
      + ' ' + object.spec.?environments.orValue([]).map(e,
        [
          ?e.?authentication.?apiKey.?key.?valueFrom.?configMapKeyRef.?name,
          ?e.?authentication.?aws.?accessKeyID.?valueFrom.?configMapKeyRef.?name,
          ?e.?authentication.?aws.?secretAccessKey.?valueFrom.?configMapKeyRef.?name,
          ?e.?authentication.?aws.?sessionToken.?valueFrom.?configMapKeyRef.?name,
          ?e.?authentication.?basic.?password.?valueFrom.?configMapKeyRef.?name,
          ?e.?authentication.?basic.?username.?valueFrom.?configMapKeyRef.?name,
          ?e.?authentication.?bearerToken.?token.?valueFrom.?configMapKeyRef.?name,
          ?e.?authentication.?clientCertificate.?certificate.?valueFrom.?configMapKeyRef.?name,
          ?e.?authentication.?clientCertificate.?privateKey.?valueFrom.?configMapKeyRef.?name,
          ?e.?authentication.?connectionString.?uri.?valueFrom.?configMapKeyRef.?name,
          ?e.?authentication.?keyPair.?passphrase.?valueFrom.?configMapKeyRef.?name,
          ?e.?authentication.?keyPair.?privateKey.?valueFrom.?configMapKeyRef.?name,
          ?e.?authentication.?keyPair.?username.?valueFrom.?configMapKeyRef.?name,
          ?e.?authentication.?oauth2.?clientID.?valueFrom.?configMapKeyRef.?name,
          ?e.?authentication.?oauth2.?clientSecret.?valueFrom.?configMapKeyRef.?name,
          ?e.?authentication.?oauth2.?jwt.?privateKey.?valueFrom.?configMapKeyRef.?name,
          ?e.?authentication.?oauth2.?refreshToken.?valueFrom.?configMapKeyRef.?name,
          ?e.?authentication.?sasl.?password.?valueFrom.?configMapKeyRef.?name,
          ?e.?authentication.?sasl.?username.?valueFrom.?configMapKeyRef.?name,
          ?e.?authentication.?sshKey.?passphrase.?valueFrom.?configMapKeyRef.?name,
          ?e.?authentication.?sshKey.?privateKey.?valueFrom.?configMapKeyRef.?name,
          ?e.?authentication.?sshKey.?username.?valueFrom.?configMapKeyRef.?name,
          ?e.?connection.?tls.?ca.?valueFrom.?configMapKeyRef.?name
        ].join(' ')
        + ' ' + e.?authentication.?custom.?fields.orValue([]).map(v, [?v.?valueFrom.?configMapKeyRef.?name].join(' ')).join(' ')
        + ' ' + e.?connection.?properties.orValue([]).map(v, [?v.?valueFrom.?configMapKeyRef.?name].join(' ')).join(' ')
        + ' ' + e.?parameters.orValue([]).map(v, [?v.?valueFrom.?configMapKeyRef.?name].join(' ')).join(' ')
      ).join(' ')
      + ' ' + object.spec.?parameters.orValue([]).map(e, [?e.?valueFrom.?configMapKeyRef.?name].join(' ')).join(' ')
    ).split(' ').filter(n, n != '')
- name: mayGetAllConfigMaps
  expression: |-
    authorizer.group('').resource('configmaps').namespace(object.metadata.namespace).check('get').allowed()
- name: configMap0
  expression: |-
    size(variables.configMaps) > 256 ? [] : variables.configMaps
- name: configMap1
  expression: |-
    variables.configMap0.filter(n, n != variables.configMap0[0])
- name: configMap2
  expression: |-
    variables.configMap1.filter(n, n != variables.configMap1[0])
- name: configMap3
  expression: |-
    variables.configMap2.filter(n, n != variables.configMap2[0])
- name: configMap4
  expression: |-
    variables.configMap3.filter(n, n != variables.configMap3[0])
- name: configMap5
  expression: |-
    variables.configMap4.filter(n, n != variables.configMap4[0])
- name: configMap6
  expression: |-
    variables.configMap5.filter(n, n != variables.configMap5[0])
validations:
- expression: size(variables.secrets) <= 256 || variables.mayGetAllSecrets
  message: refers to Secrets in more than 256 places, and its author may not get all Secrets of the namespace; let somebody apply this who may, or divide it
  reason: Forbidden
- expression: size(variables.secrets) == 0 || variables.mayGetAllSecrets || size(variables.secret0) == 0 || authorizer.group('').resource('secrets').namespace(object.metadata.namespace).name(variables.secret0[0]).check('get').allowed()
  message: refers to a Secret that its author may not get
  messageExpression: |-
    'refers to Secret ' + variables.secret0[0] + ', which ' + request.userInfo.username + ' may not get in the namespace '
      + object.metadata.namespace + '; ask for a role there that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: size(variables.secrets) == 0 || variables.mayGetAllSecrets || size(variables.secret1) == 0 || authorizer.group('').resource('secrets').namespace(object.metadata.namespace).name(variables.secret1[0]).check('get').allowed()
  message: refers to a Secret that its author may not get
  messageExpression: |-
    'refers to Secret ' + variables.secret1[0] + ', which ' + request.userInfo.username + ' may not get in the namespace '
      + object.metadata.namespace + '; ask for a role there that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: size(variables.secrets) == 0 || variables.mayGetAllSecrets || size(variables.secret2) == 0 || authorizer.group('').resource('secrets').namespace(object.metadata.namespace).name(variables.secret2[0]).check('get').allowed()
  message: refers to a Secret that its author may not get
  messageExpression: |-
    'refers to Secret ' + variables.secret2[0] + ', which ' + request.userInfo.username + ' may not get in the namespace '
      + object.metadata.namespace + '; ask for a role there that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: size(variables.secrets) == 0 || variables.mayGetAllSecrets || size(variables.secret3) == 0 || authorizer.group('').resource('secrets').namespace(object.metadata.namespace).name(variables.secret3[0]).check('get').allowed()
  message: refers to a Secret that its author may not get
  messageExpression: |-
    'refers to Secret ' + variables.secret3[0] + ', which ' + request.userInfo.username + ' may not get in the namespace '
      + object.metadata.namespace + '; ask for a role there that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: size(variables.secrets) == 0 || variables.mayGetAllSecrets || size(variables.secret4) == 0 || authorizer.group('').resource('secrets').namespace(object.metadata.namespace).name(variables.secret4[0]).check('get').allowed()
  message: refers to a Secret that its author may not get
  messageExpression: |-
    'refers to Secret ' + variables.secret4[0] + ', which ' + request.userInfo.username + ' may not get in the namespace '
      + object.metadata.namespace + '; ask for a role there that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: size(variables.secrets) == 0 || variables.mayGetAllSecrets || size(variables.secret5) == 0 || authorizer.group('').resource('secrets').namespace(object.metadata.namespace).name(variables.secret5[0]).check('get').allowed()
  message: refers to a Secret that its author may not get
  messageExpression: |-
    'refers to Secret ' + variables.secret5[0] + ', which ' + request.userInfo.username + ' may not get in the namespace '
      + object.metadata.namespace + '; ask for a role there that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: size(variables.secrets) == 0 || variables.mayGetAllSecrets || size(variables.secret6) == 0 || authorizer.group('').resource('secrets').namespace(object.metadata.namespace).name(variables.secret6[0]).check('get').allowed()
  message: refers to a Secret that its author may not get
  messageExpression: |-
    'refers to Secret ' + variables.secret6[0] + ', which ' + request.userInfo.username + ' may not get in the namespace '
      + object.metadata.namespace + '; ask for a role there that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: size(variables.secrets) == 0 || variables.mayGetAllSecrets || size(variables.secret7) == 0 || authorizer.group('').resource('secrets').namespace(object.metadata.namespace).name(variables.secret7[0]).check('get').allowed()
  message: refers to a Secret that its author may not get
  messageExpression: |-
    'refers to Secret ' + variables.secret7[0] + ', which ' + request.userInfo.username + ' may not get in the namespace '
      + object.metadata.namespace + '; ask for a role there that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: size(variables.secrets) == 0 || variables.mayGetAllSecrets || size(variables.secret8) == 0 || authorizer.group('').resource('secrets').namespace(object.metadata.namespace).name(variables.secret8[0]).check('get').allowed()
  message: refers to a Secret that its author may not get
  messageExpression: |-
    'refers to Secret ' + variables.secret8[0] + ', which ' + request.userInfo.username + ' may not get in the namespace '
      + object.metadata.namespace + '; ask for a role there that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: size(variables.secrets) == 0 || variables.mayGetAllSecrets || size(variables.secret9) == 0 || authorizer.group('').resource('secrets').namespace(object.metadata.namespace).name(variables.secret9[0]).check('get').allowed()
  message: refers to a Secret that its author may not get
  messageExpression: |-
    'refers to Secret ' + variables.secret9[0] + ', which ' + request.userInfo.username + ' may not get in the namespace '
      + object.metadata.namespace + '; ask for a role there that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: size(variables.secrets) == 0 || variables.mayGetAllSecrets || size(variables.secret10) == 0 || authorizer.group('').resource('secrets').namespace(object.metadata.namespace).name(variables.secret10[0]).check('get').allowed()
  message: refers to a Secret that its author may not get
  messageExpression: |-
    'refers to Secret ' + variables.secret10[0] + ', which ' + request.userInfo.username + ' may not get in the namespace '
      + object.metadata.namespace + '; ask for a role there that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: size(variables.secrets) == 0 || variables.mayGetAllSecrets || size(variables.secret11) == 0 || authorizer.group('').resource('secrets').namespace(object.metadata.namespace).name(variables.secret11[0]).check('get').allowed()
  message: refers to a Secret that its author may not get
  messageExpression: |-
    'refers to Secret ' + variables.secret11[0] + ', which ' + request.userInfo.username + ' may not get in the namespace '
      + object.metadata.namespace + '; ask for a role there that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: size(variables.secrets) == 0 || variables.mayGetAllSecrets || size(variables.secret12) == 0 || authorizer.group('').resource('secrets').namespace(object.metadata.namespace).name(variables.secret12[0]).check('get').allowed()
  message: refers to a Secret that its author may not get
  messageExpression: |-
    'refers to Secret ' + variables.secret12[0] + ', which ' + request.userInfo.username + ' may not get in the namespace '
      + object.metadata.namespace + '; ask for a role there that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: size(variables.secrets) == 0 || variables.mayGetAllSecrets || size(variables.secret13) == 0 || authorizer.group('').resource('secrets').namespace(object.metadata.namespace).name(variables.secret13[0]).check('get').allowed()
  message: refers to a Secret that its author may not get
  messageExpression: |-
    'refers to Secret ' + variables.secret13[0] + ', which ' + request.userInfo.username + ' may not get in the namespace '
      + object.metadata.namespace + '; ask for a role there that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: size(variables.secrets) == 0 || variables.mayGetAllSecrets || size(variables.secret14) == 0 || authorizer.group('').resource('secrets').namespace(object.metadata.namespace).name(variables.secret14[0]).check('get').allowed()
  message: refers to a Secret that its author may not get
  messageExpression: |-
    'refers to Secret ' + variables.secret14[0] + ', which ' + request.userInfo.username + ' may not get in the namespace '
      + object.metadata.namespace + '; ask for a role there that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: size(variables.secrets) == 0 || variables.mayGetAllSecrets || size(variables.secret15) == 0 || authorizer.group('').resource('secrets').namespace(object.metadata.namespace).name(variables.secret15[0]).check('get').allowed()
  message: refers to a Secret that its author may not get
  messageExpression: |-
    'refers to Secret ' + variables.secret15[0] + ', which ' + request.userInfo.username + ' may not get in the namespace '
      + object.metadata.namespace + '; ask for a role there that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: size(variables.secrets) == 0 || variables.mayGetAllSecrets || size(variables.secret16) == 0
  message: refers to more than 16 Secrets, and its author may not get all Secrets of the namespace; let somebody apply this who may, or divide it
  reason: Forbidden
- expression: size(variables.configMaps) <= 256 || variables.mayGetAllConfigMaps
  message: refers to ConfigMaps in more than 256 places, and its author may not get all ConfigMaps of the namespace; let somebody apply this who may, or divide it
  reason: Forbidden
- expression: size(variables.configMaps) == 0 || variables.mayGetAllConfigMaps || size(variables.configMap0) == 0 || authorizer.group('').resource('configmaps').namespace(object.metadata.namespace).name(variables.configMap0[0]).check('get').allowed()
  message: refers to a ConfigMap that its author may not get
  messageExpression: |-
    'refers to ConfigMap ' + variables.configMap0[0] + ', which ' + request.userInfo.username + ' may not get in the namespace '
      + object.metadata.namespace + '; ask for a role there that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: size(variables.configMaps) == 0 || variables.mayGetAllConfigMaps || size(variables.configMap1) == 0 || authorizer.group('').resource('configmaps').namespace(object.metadata.namespace).name(variables.configMap1[0]).check('get').allowed()
  message: refers to a ConfigMap that its author may not get
  messageExpression: |-
    'refers to ConfigMap ' + variables.configMap1[0] + ', which ' + request.userInfo.username + ' may not get in the namespace '
      + object.metadata.namespace + '; ask for a role there that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: size(variables.configMaps) == 0 || variables.mayGetAllConfigMaps || size(variables.configMap2) == 0 || authorizer.group('').resource('configmaps').namespace(object.metadata.namespace).name(variables.configMap2[0]).check('get').allowed()
  message: refers to a ConfigMap that its author may not get
  messageExpression: |-
    'refers to ConfigMap ' + variables.configMap2[0] + ', which ' + request.userInfo.username + ' may not get in the namespace '
      + object.metadata.namespace + '; ask for a role there that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: size(variables.configMaps) == 0 || variables.mayGetAllConfigMaps || size(variables.configMap3) == 0 || authorizer.group('').resource('configmaps').namespace(object.metadata.namespace).name(variables.configMap3[0]).check('get').allowed()
  message: refers to a ConfigMap that its author may not get
  messageExpression: |-
    'refers to ConfigMap ' + variables.configMap3[0] + ', which ' + request.userInfo.username + ' may not get in the namespace '
      + object.metadata.namespace + '; ask for a role there that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: size(variables.configMaps) == 0 || variables.mayGetAllConfigMaps || size(variables.configMap4) == 0 || authorizer.group('').resource('configmaps').namespace(object.metadata.namespace).name(variables.configMap4[0]).check('get').allowed()
  message: refers to a ConfigMap that its author may not get
  messageExpression: |-
    'refers to ConfigMap ' + variables.configMap4[0] + ', which ' + request.userInfo.username + ' may not get in the namespace '
      + object.metadata.namespace + '; ask for a role there that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: size(variables.configMaps) == 0 || variables.mayGetAllConfigMaps || size(variables.configMap5) == 0 || authorizer.group('').resource('configmaps').namespace(object.metadata.namespace).name(variables.configMap5[0]).check('get').allowed()
  message: refers to a ConfigMap that its author may not get
  messageExpression: |-
    'refers to ConfigMap ' + variables.configMap5[0] + ', which ' + request.userInfo.username + ' may not get in the namespace '
      + object.metadata.namespace + '; ask for a role there that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: size(variables.configMaps) == 0 || variables.mayGetAllConfigMaps || size(variables.configMap6) == 0
  message: refers to more than 6 ConfigMaps, and its author may not get all ConfigMaps of the namespace; let somebody apply this who may, or divide it
  reason: Forbidden
{{- end }}
