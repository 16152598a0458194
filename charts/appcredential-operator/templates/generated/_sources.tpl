{{- /* Generated from the code by `UPDATE_DOCS=1 cargo test --test chart generated`; a test compares the two. */}}

{{- define "appcredential-operator.policies.sources" -}}
variables:
- name: secrets
  expression: |-
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
      ?object.spec.?connection.?tls.?ca.?valueFrom.?secretKeyRef.?name,
      object.spec.?authentication.?custom.?fields.orValue([]).map(e, [?e.?valueFrom.?secretKeyRef.?name].join(' ')).join(' '),
      object.spec.?connection.?properties.orValue([]).map(e, [?e.?valueFrom.?secretKeyRef.?name].join(' ')).join(' '),
      object.spec.?environments.orValue([]).map(e, [
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
        ?e.?connection.?tls.?ca.?valueFrom.?secretKeyRef.?name,
        e.?authentication.?custom.?fields.orValue([]).map(v, [?v.?valueFrom.?secretKeyRef.?name].join(' ')).join(' '),
        e.?connection.?properties.orValue([]).map(v, [?v.?valueFrom.?secretKeyRef.?name].join(' ')).join(' '),
        e.?parameters.orValue([]).map(v, [?v.?valueFrom.?secretKeyRef.?name].join(' ')).join(' ')
      ].join(' ')).join(' '),
      object.spec.?parameters.orValue([]).map(e, [?e.?valueFrom.?secretKeyRef.?name].join(' ')).join(' ')
    ].join(' ').split(' ').filter(n, n != '')
- name: configMaps
  expression: |-
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
      ?object.spec.?connection.?tls.?ca.?valueFrom.?configMapKeyRef.?name,
      object.spec.?authentication.?custom.?fields.orValue([]).map(e, [?e.?valueFrom.?configMapKeyRef.?name].join(' ')).join(' '),
      object.spec.?connection.?properties.orValue([]).map(e, [?e.?valueFrom.?configMapKeyRef.?name].join(' ')).join(' '),
      object.spec.?environments.orValue([]).map(e, [
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
        ?e.?connection.?tls.?ca.?valueFrom.?configMapKeyRef.?name,
        e.?authentication.?custom.?fields.orValue([]).map(v, [?v.?valueFrom.?configMapKeyRef.?name].join(' ')).join(' '),
        e.?connection.?properties.orValue([]).map(v, [?v.?valueFrom.?configMapKeyRef.?name].join(' ')).join(' '),
        e.?parameters.orValue([]).map(v, [?v.?valueFrom.?configMapKeyRef.?name].join(' ')).join(' ')
      ].join(' ')).join(' '),
      object.spec.?parameters.orValue([]).map(e, [?e.?valueFrom.?configMapKeyRef.?name].join(' ')).join(' ')
    ].join(' ').split(' ').filter(n, n != '')
- name: allSecrets
  expression: |-
    authorizer.group('').resource('secrets').namespace(object.metadata.namespace).check('get').allowed()
- name: allConfigMaps
  expression: |-
    authorizer.group('').resource('configmaps').namespace(object.metadata.namespace).check('get').allowed()
- name: left0
  expression: |-
    (size(variables.secrets) == 0 || variables.allSecrets ? [] : variables.secrets.map(n, 'secrets/' + n))
      + (size(variables.configMaps) == 0 || variables.allConfigMaps ? [] : variables.configMaps.map(n, 'configmaps/' + n))
- name: refused0
  expression: |-
    size(variables.left0) == 0 || authorizer.group('').resource(variables.left0[0].split('/')[0]).namespace(object.metadata.namespace).name(variables.left0[0].split('/')[1]).check('get').allowed() ? [] : [variables.left0[0]]
- name: left1
  expression: |-
    variables.left0.filter(n, n != variables.left0[0])
- name: refused1
  expression: |-
    size(variables.left1) == 0 || authorizer.group('').resource(variables.left1[0].split('/')[0]).namespace(object.metadata.namespace).name(variables.left1[0].split('/')[1]).check('get').allowed() ? [] : [variables.left1[0]]
- name: left2
  expression: |-
    variables.left1.filter(n, n != variables.left1[0])
- name: refused2
  expression: |-
    size(variables.left2) == 0 || authorizer.group('').resource(variables.left2[0].split('/')[0]).namespace(object.metadata.namespace).name(variables.left2[0].split('/')[1]).check('get').allowed() ? [] : [variables.left2[0]]
- name: left3
  expression: |-
    variables.left2.filter(n, n != variables.left2[0])
- name: refused3
  expression: |-
    size(variables.left3) == 0 || authorizer.group('').resource(variables.left3[0].split('/')[0]).namespace(object.metadata.namespace).name(variables.left3[0].split('/')[1]).check('get').allowed() ? [] : [variables.left3[0]]
- name: left4
  expression: |-
    variables.left3.filter(n, n != variables.left3[0])
- name: refused4
  expression: |-
    size(variables.left4) == 0 || authorizer.group('').resource(variables.left4[0].split('/')[0]).namespace(object.metadata.namespace).name(variables.left4[0].split('/')[1]).check('get').allowed() ? [] : [variables.left4[0]]
- name: left5
  expression: |-
    variables.left4.filter(n, n != variables.left4[0])
- name: refused5
  expression: |-
    size(variables.left5) == 0 || authorizer.group('').resource(variables.left5[0].split('/')[0]).namespace(object.metadata.namespace).name(variables.left5[0].split('/')[1]).check('get').allowed() ? [] : [variables.left5[0]]
- name: left6
  expression: |-
    variables.left5.filter(n, n != variables.left5[0])
- name: refused6
  expression: |-
    size(variables.left6) == 0 || authorizer.group('').resource(variables.left6[0].split('/')[0]).namespace(object.metadata.namespace).name(variables.left6[0].split('/')[1]).check('get').allowed() ? [] : [variables.left6[0]]
- name: left7
  expression: |-
    variables.left6.filter(n, n != variables.left6[0])
- name: refused7
  expression: |-
    size(variables.left7) == 0 || authorizer.group('').resource(variables.left7[0].split('/')[0]).namespace(object.metadata.namespace).name(variables.left7[0].split('/')[1]).check('get').allowed() ? [] : [variables.left7[0]]
- name: left8
  expression: |-
    variables.left7.filter(n, n != variables.left7[0])
- name: refused8
  expression: |-
    size(variables.left8) == 0 || authorizer.group('').resource(variables.left8[0].split('/')[0]).namespace(object.metadata.namespace).name(variables.left8[0].split('/')[1]).check('get').allowed() ? [] : [variables.left8[0]]
- name: left9
  expression: |-
    variables.left8.filter(n, n != variables.left8[0])
- name: refused9
  expression: |-
    size(variables.left9) == 0 || authorizer.group('').resource(variables.left9[0].split('/')[0]).namespace(object.metadata.namespace).name(variables.left9[0].split('/')[1]).check('get').allowed() ? [] : [variables.left9[0]]
- name: left10
  expression: |-
    variables.left9.filter(n, n != variables.left9[0])
- name: refused10
  expression: |-
    size(variables.left10) == 0 || authorizer.group('').resource(variables.left10[0].split('/')[0]).namespace(object.metadata.namespace).name(variables.left10[0].split('/')[1]).check('get').allowed() ? [] : [variables.left10[0]]
- name: left11
  expression: |-
    variables.left10.filter(n, n != variables.left10[0])
- name: refused11
  expression: |-
    size(variables.left11) == 0 || authorizer.group('').resource(variables.left11[0].split('/')[0]).namespace(object.metadata.namespace).name(variables.left11[0].split('/')[1]).check('get').allowed() ? [] : [variables.left11[0]]
- name: left12
  expression: |-
    variables.left11.filter(n, n != variables.left11[0])
- name: refused12
  expression: |-
    size(variables.left12) == 0 || authorizer.group('').resource(variables.left12[0].split('/')[0]).namespace(object.metadata.namespace).name(variables.left12[0].split('/')[1]).check('get').allowed() ? [] : [variables.left12[0]]
- name: left13
  expression: |-
    variables.left12.filter(n, n != variables.left12[0])
- name: refused13
  expression: |-
    size(variables.left13) == 0 || authorizer.group('').resource(variables.left13[0].split('/')[0]).namespace(object.metadata.namespace).name(variables.left13[0].split('/')[1]).check('get').allowed() ? [] : [variables.left13[0]]
- name: left14
  expression: |-
    variables.left13.filter(n, n != variables.left13[0])
- name: refused14
  expression: |-
    size(variables.left14) == 0 || authorizer.group('').resource(variables.left14[0].split('/')[0]).namespace(object.metadata.namespace).name(variables.left14[0].split('/')[1]).check('get').allowed() ? [] : [variables.left14[0]]
- name: left15
  expression: |-
    variables.left14.filter(n, n != variables.left14[0])
- name: refused15
  expression: |-
    size(variables.left15) == 0 || authorizer.group('').resource(variables.left15[0].split('/')[0]).namespace(object.metadata.namespace).name(variables.left15[0].split('/')[1]).check('get').allowed() ? [] : [variables.left15[0]]
- name: left16
  expression: |-
    variables.left15.filter(n, n != variables.left15[0])
- name: refused16
  expression: |-
    size(variables.left16) == 0 || authorizer.group('').resource(variables.left16[0].split('/')[0]).namespace(object.metadata.namespace).name(variables.left16[0].split('/')[1]).check('get').allowed() ? [] : [variables.left16[0]]
- name: left17
  expression: |-
    variables.left16.filter(n, n != variables.left16[0])
- name: refused17
  expression: |-
    size(variables.left17) == 0 || authorizer.group('').resource(variables.left17[0].split('/')[0]).namespace(object.metadata.namespace).name(variables.left17[0].split('/')[1]).check('get').allowed() ? [] : [variables.left17[0]]
- name: left18
  expression: |-
    variables.left17.filter(n, n != variables.left17[0])
- name: refused18
  expression: |-
    size(variables.left18) == 0 || authorizer.group('').resource(variables.left18[0].split('/')[0]).namespace(object.metadata.namespace).name(variables.left18[0].split('/')[1]).check('get').allowed() ? [] : [variables.left18[0]]
- name: left19
  expression: |-
    variables.left18.filter(n, n != variables.left18[0])
- name: refused19
  expression: |-
    size(variables.left19) == 0 || authorizer.group('').resource(variables.left19[0].split('/')[0]).namespace(object.metadata.namespace).name(variables.left19[0].split('/')[1]).check('get').allowed() ? [] : [variables.left19[0]]
- name: left20
  expression: |-
    variables.left19.filter(n, n != variables.left19[0])
- name: refused
  expression: |-
    variables.refused0
      + variables.refused1
      + variables.refused2
      + variables.refused3
      + variables.refused4
      + variables.refused5
      + variables.refused6
      + variables.refused7
      + variables.refused8
      + variables.refused9
      + variables.refused10
      + variables.refused11
      + variables.refused12
      + variables.refused13
      + variables.refused14
      + variables.refused15
      + variables.refused16
      + variables.refused17
      + variables.refused18
      + variables.refused19
validations:
- expression: size(variables.refused) == 0
  message: refers to a Secret or ConfigMap that its author may not get
  messageExpression: |-
    'refers to ' + variables.refused.join(', ') + ', which ' + request.userInfo.username
      + ' may not get in the namespace ' + object.metadata.namespace
      + '; ask for a role there that allows to get it, or let somebody apply this who may'
  reason: Forbidden
- expression: size(variables.left20) == 0
  message: refers to more than 20 Secrets and ConfigMaps, and its author may not get all those of the namespace; let somebody apply this who may, or divide it
  reason: Forbidden
{{- end }}
