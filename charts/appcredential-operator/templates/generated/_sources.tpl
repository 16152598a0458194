{{- /* Generated from the code by `UPDATE_DOCS=1 cargo test --test chart generated`; a test compares the two. */}}

{{- define "appcredential-operator.policies.sources" -}}
variables:
- name: secretPlaces
  expression: |-
    (
      [
        ?object.spec.?authentication.?apiKey.?key.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.authentication.apiKey.key ' + n),
        ?object.spec.?authentication.?aws.?accessKeyID.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.authentication.aws.accessKeyID ' + n),
        ?object.spec.?authentication.?aws.?secretAccessKey.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.authentication.aws.secretAccessKey ' + n),
        ?object.spec.?authentication.?aws.?sessionToken.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.authentication.aws.sessionToken ' + n),
        ?object.spec.?authentication.?basic.?password.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.authentication.basic.password ' + n),
        ?object.spec.?authentication.?basic.?username.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.authentication.basic.username ' + n),
        ?object.spec.?authentication.?bearerToken.?token.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.authentication.bearerToken.token ' + n),
        ?object.spec.?authentication.?clientCertificate.?certificate.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.authentication.clientCertificate.certificate ' + n),
        ?object.spec.?authentication.?clientCertificate.?privateKey.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.authentication.clientCertificate.privateKey ' + n),
        ?object.spec.?authentication.?connectionString.?uri.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.authentication.connectionString.uri ' + n),
        ?object.spec.?authentication.?keyPair.?passphrase.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.authentication.keyPair.passphrase ' + n),
        ?object.spec.?authentication.?keyPair.?privateKey.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.authentication.keyPair.privateKey ' + n),
        ?object.spec.?authentication.?keyPair.?username.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.authentication.keyPair.username ' + n),
        ?object.spec.?authentication.?oauth2.?clientID.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.authentication.oauth2.clientID ' + n),
        ?object.spec.?authentication.?oauth2.?clientSecret.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.authentication.oauth2.clientSecret ' + n),
        ?object.spec.?authentication.?oauth2.?jwt.?privateKey.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.authentication.oauth2.jwt.privateKey ' + n),
        ?object.spec.?authentication.?oauth2.?refreshToken.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.authentication.oauth2.refreshToken ' + n),
        ?object.spec.?authentication.?sasl.?password.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.authentication.sasl.password ' + n),
        ?object.spec.?authentication.?sasl.?username.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.authentication.sasl.username ' + n),
        ?object.spec.?authentication.?sshKey.?passphrase.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.authentication.sshKey.passphrase ' + n),
        ?object.spec.?authentication.?sshKey.?privateKey.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.authentication.sshKey.privateKey ' + n),
        ?object.spec.?authentication.?sshKey.?username.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.authentication.sshKey.username ' + n),
        ?object.spec.?connection.?tls.?ca.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.connection.tls.ca ' + n)
      ].join('\n')
      + '\n' + object.spec.?authentication.?custom.?fields.orValue([]).map(e,
        [
          ?e.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.authentication.custom.fields[' + e.name + '] ' + n)
        ].join('\n')
      ).join('\n')
      + '\n' + object.spec.?connection.?properties.orValue([]).map(e,
        [
          ?e.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.connection.properties[' + e.name + '] ' + n)
        ].join('\n')
      ).join('\n')
      + '\n' + object.spec.?environments.orValue([]).map(e,
        [
          ?e.?authentication.?apiKey.?key.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.apiKey.key ' + n),
          ?e.?authentication.?aws.?accessKeyID.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.aws.accessKeyID ' + n),
          ?e.?authentication.?aws.?secretAccessKey.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.aws.secretAccessKey ' + n),
          ?e.?authentication.?aws.?sessionToken.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.aws.sessionToken ' + n),
          ?e.?authentication.?basic.?password.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.basic.password ' + n),
          ?e.?authentication.?basic.?username.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.basic.username ' + n),
          ?e.?authentication.?bearerToken.?token.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.bearerToken.token ' + n),
          ?e.?authentication.?clientCertificate.?certificate.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.clientCertificate.certificate ' + n),
          ?e.?authentication.?clientCertificate.?privateKey.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.clientCertificate.privateKey ' + n),
          ?e.?authentication.?connectionString.?uri.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.connectionString.uri ' + n),
          ?e.?authentication.?keyPair.?passphrase.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.keyPair.passphrase ' + n),
          ?e.?authentication.?keyPair.?privateKey.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.keyPair.privateKey ' + n),
          ?e.?authentication.?keyPair.?username.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.keyPair.username ' + n),
          ?e.?authentication.?oauth2.?clientID.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.oauth2.clientID ' + n),
          ?e.?authentication.?oauth2.?clientSecret.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.oauth2.clientSecret ' + n),
          ?e.?authentication.?oauth2.?jwt.?privateKey.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.oauth2.jwt.privateKey ' + n),
          ?e.?authentication.?oauth2.?refreshToken.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.oauth2.refreshToken ' + n),
          ?e.?authentication.?sasl.?password.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.sasl.password ' + n),
          ?e.?authentication.?sasl.?username.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.sasl.username ' + n),
          ?e.?authentication.?sshKey.?passphrase.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.sshKey.passphrase ' + n),
          ?e.?authentication.?sshKey.?privateKey.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.sshKey.privateKey ' + n),
          ?e.?authentication.?sshKey.?username.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.sshKey.username ' + n),
          ?e.?connection.?tls.?ca.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].connection.tls.ca ' + n)
        ].join('\n')
        + '\n' + e.?authentication.?custom.?fields.orValue([]).map(v,
          [
            ?v.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.custom.fields[' + v.name + '] ' + n)
          ].join('\n')
        ).join('\n')
        + '\n' + e.?connection.?properties.orValue([]).map(v,
          [
            ?v.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].connection.properties[' + v.name + '] ' + n)
          ].join('\n')
        ).join('\n')
        + '\n' + e.?parameters.orValue([]).map(v,
          [
            ?v.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].parameters[' + v.name + '] ' + n)
          ].join('\n')
        ).join('\n')
      ).join('\n')
      + '\n' + object.spec.?parameters.orValue([]).map(e,
        [
          ?e.?valueFrom.?secretKeyRef.?name.optMap(n, 'spec.parameters[' + e.name + '] ' + n)
        ].join('\n')
      ).join('\n')
    ).split('\n').filter(p, p != '')
- name: secrets
  expression: |-
    variables.secretPlaces.map(p, p.split(' ')[1])
- name: mayGetAllSecrets
  expression: |-
    authorizer.group('').resource('secrets').namespace(object.metadata.namespace).check('get').allowed()
- name: secret0
  expression: |-
    size(variables.secrets) > 256 ? [] : variables.secrets
- name: secret1
  expression: |-
    variables.secret0.filter(n, n != variables.secret0[0])
- name: mayGetSecret0
  expression: |-
    size(variables.secret0) == 0 || variables.mayGetAllSecrets || authorizer.group('').resource('secrets').namespace(object.metadata.namespace).name(variables.secret0[0]).check('get').allowed()
- name: secretLines0
  expression: |-
    size(variables.secret0) == 0 ? '' : variables.secretPlaces.filter(p, p.endsWith(' ' + variables.secret0[0])).map(p, p.split(' ')[0]
      + ': refers to Secret ' + variables.secret0[0] + ', which ' + request.userInfo.username + ' may not get').join(' | ')
- name: secretText0
  expression: |-
    variables.secretLines0.size() <= 880 ? variables.secretLines0 : variables.secretLines0.substring(0, 880) + ' … and more'
- name: secret2
  expression: |-
    variables.secret1.filter(n, n != variables.secret1[0])
- name: mayGetSecret1
  expression: |-
    size(variables.secret1) == 0 || variables.mayGetAllSecrets || authorizer.group('').resource('secrets').namespace(object.metadata.namespace).name(variables.secret1[0]).check('get').allowed()
- name: secretLines1
  expression: |-
    size(variables.secret1) == 0 ? '' : variables.secretPlaces.filter(p, p.endsWith(' ' + variables.secret1[0])).map(p, p.split(' ')[0]
      + ': refers to Secret ' + variables.secret1[0] + ', which ' + request.userInfo.username + ' may not get').join(' | ')
- name: secretText1
  expression: |-
    variables.secretLines1.size() <= 880 ? variables.secretLines1 : variables.secretLines1.substring(0, 880) + ' … and more'
- name: secret3
  expression: |-
    variables.secret2.filter(n, n != variables.secret2[0])
- name: mayGetSecret2
  expression: |-
    size(variables.secret2) == 0 || variables.mayGetAllSecrets || authorizer.group('').resource('secrets').namespace(object.metadata.namespace).name(variables.secret2[0]).check('get').allowed()
- name: secretLines2
  expression: |-
    size(variables.secret2) == 0 ? '' : variables.secretPlaces.filter(p, p.endsWith(' ' + variables.secret2[0])).map(p, p.split(' ')[0]
      + ': refers to Secret ' + variables.secret2[0] + ', which ' + request.userInfo.username + ' may not get').join(' | ')
- name: secretText2
  expression: |-
    variables.secretLines2.size() <= 880 ? variables.secretLines2 : variables.secretLines2.substring(0, 880) + ' … and more'
- name: secret4
  expression: |-
    variables.secret3.filter(n, n != variables.secret3[0])
- name: mayGetSecret3
  expression: |-
    size(variables.secret3) == 0 || variables.mayGetAllSecrets || authorizer.group('').resource('secrets').namespace(object.metadata.namespace).name(variables.secret3[0]).check('get').allowed()
- name: secretLines3
  expression: |-
    size(variables.secret3) == 0 ? '' : variables.secretPlaces.filter(p, p.endsWith(' ' + variables.secret3[0])).map(p, p.split(' ')[0]
      + ': refers to Secret ' + variables.secret3[0] + ', which ' + request.userInfo.username + ' may not get').join(' | ')
- name: secretText3
  expression: |-
    variables.secretLines3.size() <= 880 ? variables.secretLines3 : variables.secretLines3.substring(0, 880) + ' … and more'
- name: secret5
  expression: |-
    variables.secret4.filter(n, n != variables.secret4[0])
- name: mayGetSecret4
  expression: |-
    size(variables.secret4) == 0 || variables.mayGetAllSecrets || authorizer.group('').resource('secrets').namespace(object.metadata.namespace).name(variables.secret4[0]).check('get').allowed()
- name: secretLines4
  expression: |-
    size(variables.secret4) == 0 ? '' : variables.secretPlaces.filter(p, p.endsWith(' ' + variables.secret4[0])).map(p, p.split(' ')[0]
      + ': refers to Secret ' + variables.secret4[0] + ', which ' + request.userInfo.username + ' may not get').join(' | ')
- name: secretText4
  expression: |-
    variables.secretLines4.size() <= 880 ? variables.secretLines4 : variables.secretLines4.substring(0, 880) + ' … and more'
- name: secret6
  expression: |-
    variables.secret5.filter(n, n != variables.secret5[0])
- name: mayGetSecret5
  expression: |-
    size(variables.secret5) == 0 || variables.mayGetAllSecrets || authorizer.group('').resource('secrets').namespace(object.metadata.namespace).name(variables.secret5[0]).check('get').allowed()
- name: secretLines5
  expression: |-
    size(variables.secret5) == 0 ? '' : variables.secretPlaces.filter(p, p.endsWith(' ' + variables.secret5[0])).map(p, p.split(' ')[0]
      + ': refers to Secret ' + variables.secret5[0] + ', which ' + request.userInfo.username + ' may not get').join(' | ')
- name: secretText5
  expression: |-
    variables.secretLines5.size() <= 880 ? variables.secretLines5 : variables.secretLines5.substring(0, 880) + ' … and more'
- name: secret7
  expression: |-
    variables.secret6.filter(n, n != variables.secret6[0])
- name: mayGetSecret6
  expression: |-
    size(variables.secret6) == 0 || variables.mayGetAllSecrets || authorizer.group('').resource('secrets').namespace(object.metadata.namespace).name(variables.secret6[0]).check('get').allowed()
- name: secretLines6
  expression: |-
    size(variables.secret6) == 0 ? '' : variables.secretPlaces.filter(p, p.endsWith(' ' + variables.secret6[0])).map(p, p.split(' ')[0]
      + ': refers to Secret ' + variables.secret6[0] + ', which ' + request.userInfo.username + ' may not get').join(' | ')
- name: secretText6
  expression: |-
    variables.secretLines6.size() <= 880 ? variables.secretLines6 : variables.secretLines6.substring(0, 880) + ' … and more'
- name: secret8
  expression: |-
    variables.secret7.filter(n, n != variables.secret7[0])
- name: mayGetSecret7
  expression: |-
    size(variables.secret7) == 0 || variables.mayGetAllSecrets || authorizer.group('').resource('secrets').namespace(object.metadata.namespace).name(variables.secret7[0]).check('get').allowed()
- name: secretLines7
  expression: |-
    size(variables.secret7) == 0 ? '' : variables.secretPlaces.filter(p, p.endsWith(' ' + variables.secret7[0])).map(p, p.split(' ')[0]
      + ': refers to Secret ' + variables.secret7[0] + ', which ' + request.userInfo.username + ' may not get').join(' | ')
- name: secretText7
  expression: |-
    variables.secretLines7.size() <= 880 ? variables.secretLines7 : variables.secretLines7.substring(0, 880) + ' … and more'
- name: secret9
  expression: |-
    variables.secret8.filter(n, n != variables.secret8[0])
- name: mayGetSecret8
  expression: |-
    size(variables.secret8) == 0 || variables.mayGetAllSecrets || authorizer.group('').resource('secrets').namespace(object.metadata.namespace).name(variables.secret8[0]).check('get').allowed()
- name: secretLines8
  expression: |-
    size(variables.secret8) == 0 ? '' : variables.secretPlaces.filter(p, p.endsWith(' ' + variables.secret8[0])).map(p, p.split(' ')[0]
      + ': refers to Secret ' + variables.secret8[0] + ', which ' + request.userInfo.username + ' may not get').join(' | ')
- name: secretText8
  expression: |-
    variables.secretLines8.size() <= 880 ? variables.secretLines8 : variables.secretLines8.substring(0, 880) + ' … and more'
- name: secret10
  expression: |-
    variables.secret9.filter(n, n != variables.secret9[0])
- name: mayGetSecret9
  expression: |-
    size(variables.secret9) == 0 || variables.mayGetAllSecrets || authorizer.group('').resource('secrets').namespace(object.metadata.namespace).name(variables.secret9[0]).check('get').allowed()
- name: secretLines9
  expression: |-
    size(variables.secret9) == 0 ? '' : variables.secretPlaces.filter(p, p.endsWith(' ' + variables.secret9[0])).map(p, p.split(' ')[0]
      + ': refers to Secret ' + variables.secret9[0] + ', which ' + request.userInfo.username + ' may not get').join(' | ')
- name: secretText9
  expression: |-
    variables.secretLines9.size() <= 880 ? variables.secretLines9 : variables.secretLines9.substring(0, 880) + ' … and more'
- name: secret11
  expression: |-
    variables.secret10.filter(n, n != variables.secret10[0])
- name: mayGetSecret10
  expression: |-
    size(variables.secret10) == 0 || variables.mayGetAllSecrets || authorizer.group('').resource('secrets').namespace(object.metadata.namespace).name(variables.secret10[0]).check('get').allowed()
- name: secretLines10
  expression: |-
    size(variables.secret10) == 0 ? '' : variables.secretPlaces.filter(p, p.endsWith(' ' + variables.secret10[0])).map(p, p.split(' ')[0]
      + ': refers to Secret ' + variables.secret10[0] + ', which ' + request.userInfo.username + ' may not get').join(' | ')
- name: secretText10
  expression: |-
    variables.secretLines10.size() <= 880 ? variables.secretLines10 : variables.secretLines10.substring(0, 880) + ' … and more'
- name: secret12
  expression: |-
    variables.secret11.filter(n, n != variables.secret11[0])
- name: mayGetSecret11
  expression: |-
    size(variables.secret11) == 0 || variables.mayGetAllSecrets || authorizer.group('').resource('secrets').namespace(object.metadata.namespace).name(variables.secret11[0]).check('get').allowed()
- name: secretLines11
  expression: |-
    size(variables.secret11) == 0 ? '' : variables.secretPlaces.filter(p, p.endsWith(' ' + variables.secret11[0])).map(p, p.split(' ')[0]
      + ': refers to Secret ' + variables.secret11[0] + ', which ' + request.userInfo.username + ' may not get').join(' | ')
- name: secretText11
  expression: |-
    variables.secretLines11.size() <= 880 ? variables.secretLines11 : variables.secretLines11.substring(0, 880) + ' … and more'
- name: secret13
  expression: |-
    variables.secret12.filter(n, n != variables.secret12[0])
- name: mayGetSecret12
  expression: |-
    size(variables.secret12) == 0 || variables.mayGetAllSecrets || authorizer.group('').resource('secrets').namespace(object.metadata.namespace).name(variables.secret12[0]).check('get').allowed()
- name: secretLines12
  expression: |-
    size(variables.secret12) == 0 ? '' : variables.secretPlaces.filter(p, p.endsWith(' ' + variables.secret12[0])).map(p, p.split(' ')[0]
      + ': refers to Secret ' + variables.secret12[0] + ', which ' + request.userInfo.username + ' may not get').join(' | ')
- name: secretText12
  expression: |-
    variables.secretLines12.size() <= 880 ? variables.secretLines12 : variables.secretLines12.substring(0, 880) + ' … and more'
- name: secret14
  expression: |-
    variables.secret13.filter(n, n != variables.secret13[0])
- name: mayGetSecret13
  expression: |-
    size(variables.secret13) == 0 || variables.mayGetAllSecrets || authorizer.group('').resource('secrets').namespace(object.metadata.namespace).name(variables.secret13[0]).check('get').allowed()
- name: secretLines13
  expression: |-
    size(variables.secret13) == 0 ? '' : variables.secretPlaces.filter(p, p.endsWith(' ' + variables.secret13[0])).map(p, p.split(' ')[0]
      + ': refers to Secret ' + variables.secret13[0] + ', which ' + request.userInfo.username + ' may not get').join(' | ')
- name: secretText13
  expression: |-
    variables.secretLines13.size() <= 880 ? variables.secretLines13 : variables.secretLines13.substring(0, 880) + ' … and more'
- name: secret15
  expression: |-
    variables.secret14.filter(n, n != variables.secret14[0])
- name: mayGetSecret14
  expression: |-
    size(variables.secret14) == 0 || variables.mayGetAllSecrets || authorizer.group('').resource('secrets').namespace(object.metadata.namespace).name(variables.secret14[0]).check('get').allowed()
- name: secretLines14
  expression: |-
    size(variables.secret14) == 0 ? '' : variables.secretPlaces.filter(p, p.endsWith(' ' + variables.secret14[0])).map(p, p.split(' ')[0]
      + ': refers to Secret ' + variables.secret14[0] + ', which ' + request.userInfo.username + ' may not get').join(' | ')
- name: secretText14
  expression: |-
    variables.secretLines14.size() <= 880 ? variables.secretLines14 : variables.secretLines14.substring(0, 880) + ' … and more'
- name: secret16
  expression: |-
    variables.secret15.filter(n, n != variables.secret15[0])
- name: mayGetSecret15
  expression: |-
    size(variables.secret15) == 0 || variables.mayGetAllSecrets || authorizer.group('').resource('secrets').namespace(object.metadata.namespace).name(variables.secret15[0]).check('get').allowed()
- name: secretLines15
  expression: |-
    size(variables.secret15) == 0 ? '' : variables.secretPlaces.filter(p, p.endsWith(' ' + variables.secret15[0])).map(p, p.split(' ')[0]
      + ': refers to Secret ' + variables.secret15[0] + ', which ' + request.userInfo.username + ' may not get').join(' | ')
- name: secretText15
  expression: |-
    variables.secretLines15.size() <= 880 ? variables.secretLines15 : variables.secretLines15.substring(0, 880) + ' … and more'
- name: configMapPlaces
  expression: |-
    (
      [
        ?object.spec.?authentication.?apiKey.?key.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.authentication.apiKey.key ' + n),
        ?object.spec.?authentication.?aws.?accessKeyID.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.authentication.aws.accessKeyID ' + n),
        ?object.spec.?authentication.?aws.?secretAccessKey.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.authentication.aws.secretAccessKey ' + n),
        ?object.spec.?authentication.?aws.?sessionToken.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.authentication.aws.sessionToken ' + n),
        ?object.spec.?authentication.?basic.?password.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.authentication.basic.password ' + n),
        ?object.spec.?authentication.?basic.?username.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.authentication.basic.username ' + n),
        ?object.spec.?authentication.?bearerToken.?token.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.authentication.bearerToken.token ' + n),
        ?object.spec.?authentication.?clientCertificate.?certificate.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.authentication.clientCertificate.certificate ' + n),
        ?object.spec.?authentication.?clientCertificate.?privateKey.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.authentication.clientCertificate.privateKey ' + n),
        ?object.spec.?authentication.?connectionString.?uri.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.authentication.connectionString.uri ' + n),
        ?object.spec.?authentication.?keyPair.?passphrase.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.authentication.keyPair.passphrase ' + n),
        ?object.spec.?authentication.?keyPair.?privateKey.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.authentication.keyPair.privateKey ' + n),
        ?object.spec.?authentication.?keyPair.?username.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.authentication.keyPair.username ' + n),
        ?object.spec.?authentication.?oauth2.?clientID.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.authentication.oauth2.clientID ' + n),
        ?object.spec.?authentication.?oauth2.?clientSecret.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.authentication.oauth2.clientSecret ' + n),
        ?object.spec.?authentication.?oauth2.?jwt.?privateKey.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.authentication.oauth2.jwt.privateKey ' + n),
        ?object.spec.?authentication.?oauth2.?refreshToken.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.authentication.oauth2.refreshToken ' + n),
        ?object.spec.?authentication.?sasl.?password.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.authentication.sasl.password ' + n),
        ?object.spec.?authentication.?sasl.?username.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.authentication.sasl.username ' + n),
        ?object.spec.?authentication.?sshKey.?passphrase.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.authentication.sshKey.passphrase ' + n),
        ?object.spec.?authentication.?sshKey.?privateKey.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.authentication.sshKey.privateKey ' + n),
        ?object.spec.?authentication.?sshKey.?username.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.authentication.sshKey.username ' + n),
        ?object.spec.?connection.?tls.?ca.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.connection.tls.ca ' + n)
      ].join('\n')
      + '\n' + object.spec.?authentication.?custom.?fields.orValue([]).map(e,
        [
          ?e.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.authentication.custom.fields[' + e.name + '] ' + n)
        ].join('\n')
      ).join('\n')
      + '\n' + object.spec.?connection.?properties.orValue([]).map(e,
        [
          ?e.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.connection.properties[' + e.name + '] ' + n)
        ].join('\n')
      ).join('\n')
      + '\n' + object.spec.?environments.orValue([]).map(e,
        [
          ?e.?authentication.?apiKey.?key.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.apiKey.key ' + n),
          ?e.?authentication.?aws.?accessKeyID.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.aws.accessKeyID ' + n),
          ?e.?authentication.?aws.?secretAccessKey.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.aws.secretAccessKey ' + n),
          ?e.?authentication.?aws.?sessionToken.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.aws.sessionToken ' + n),
          ?e.?authentication.?basic.?password.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.basic.password ' + n),
          ?e.?authentication.?basic.?username.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.basic.username ' + n),
          ?e.?authentication.?bearerToken.?token.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.bearerToken.token ' + n),
          ?e.?authentication.?clientCertificate.?certificate.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.clientCertificate.certificate ' + n),
          ?e.?authentication.?clientCertificate.?privateKey.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.clientCertificate.privateKey ' + n),
          ?e.?authentication.?connectionString.?uri.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.connectionString.uri ' + n),
          ?e.?authentication.?keyPair.?passphrase.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.keyPair.passphrase ' + n),
          ?e.?authentication.?keyPair.?privateKey.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.keyPair.privateKey ' + n),
          ?e.?authentication.?keyPair.?username.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.keyPair.username ' + n),
          ?e.?authentication.?oauth2.?clientID.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.oauth2.clientID ' + n),
          ?e.?authentication.?oauth2.?clientSecret.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.oauth2.clientSecret ' + n),
          ?e.?authentication.?oauth2.?jwt.?privateKey.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.oauth2.jwt.privateKey ' + n),
          ?e.?authentication.?oauth2.?refreshToken.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.oauth2.refreshToken ' + n),
          ?e.?authentication.?sasl.?password.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.sasl.password ' + n),
          ?e.?authentication.?sasl.?username.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.sasl.username ' + n),
          ?e.?authentication.?sshKey.?passphrase.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.sshKey.passphrase ' + n),
          ?e.?authentication.?sshKey.?privateKey.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.sshKey.privateKey ' + n),
          ?e.?authentication.?sshKey.?username.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.sshKey.username ' + n),
          ?e.?connection.?tls.?ca.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].connection.tls.ca ' + n)
        ].join('\n')
        + '\n' + e.?authentication.?custom.?fields.orValue([]).map(v,
          [
            ?v.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].authentication.custom.fields[' + v.name + '] ' + n)
          ].join('\n')
        ).join('\n')
        + '\n' + e.?connection.?properties.orValue([]).map(v,
          [
            ?v.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].connection.properties[' + v.name + '] ' + n)
          ].join('\n')
        ).join('\n')
        + '\n' + e.?parameters.orValue([]).map(v,
          [
            ?v.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.environments[' + e.name + '].parameters[' + v.name + '] ' + n)
          ].join('\n')
        ).join('\n')
      ).join('\n')
      + '\n' + object.spec.?parameters.orValue([]).map(e,
        [
          ?e.?valueFrom.?configMapKeyRef.?name.optMap(n, 'spec.parameters[' + e.name + '] ' + n)
        ].join('\n')
      ).join('\n')
    ).split('\n').filter(p, p != '')
- name: configMaps
  expression: |-
    variables.configMapPlaces.map(p, p.split(' ')[1])
- name: mayGetAllConfigMaps
  expression: |-
    authorizer.group('').resource('configmaps').namespace(object.metadata.namespace).check('get').allowed()
- name: configMap0
  expression: |-
    size(variables.configMaps) > 256 ? [] : variables.configMaps
- name: configMap1
  expression: |-
    variables.configMap0.filter(n, n != variables.configMap0[0])
- name: mayGetConfigMap0
  expression: |-
    size(variables.configMap0) == 0 || variables.mayGetAllConfigMaps || authorizer.group('').resource('configmaps').namespace(object.metadata.namespace).name(variables.configMap0[0]).check('get').allowed()
- name: configMapLines0
  expression: |-
    size(variables.configMap0) == 0 ? '' : variables.configMapPlaces.filter(p, p.endsWith(' ' + variables.configMap0[0])).map(p, p.split(' ')[0]
      + ': refers to ConfigMap ' + variables.configMap0[0] + ', which ' + request.userInfo.username + ' may not get').join(' | ')
- name: configMapText0
  expression: |-
    variables.configMapLines0.size() <= 880 ? variables.configMapLines0 : variables.configMapLines0.substring(0, 880) + ' … and more'
- name: configMap2
  expression: |-
    variables.configMap1.filter(n, n != variables.configMap1[0])
- name: mayGetConfigMap1
  expression: |-
    size(variables.configMap1) == 0 || variables.mayGetAllConfigMaps || authorizer.group('').resource('configmaps').namespace(object.metadata.namespace).name(variables.configMap1[0]).check('get').allowed()
- name: configMapLines1
  expression: |-
    size(variables.configMap1) == 0 ? '' : variables.configMapPlaces.filter(p, p.endsWith(' ' + variables.configMap1[0])).map(p, p.split(' ')[0]
      + ': refers to ConfigMap ' + variables.configMap1[0] + ', which ' + request.userInfo.username + ' may not get').join(' | ')
- name: configMapText1
  expression: |-
    variables.configMapLines1.size() <= 880 ? variables.configMapLines1 : variables.configMapLines1.substring(0, 880) + ' … and more'
- name: configMap3
  expression: |-
    variables.configMap2.filter(n, n != variables.configMap2[0])
- name: mayGetConfigMap2
  expression: |-
    size(variables.configMap2) == 0 || variables.mayGetAllConfigMaps || authorizer.group('').resource('configmaps').namespace(object.metadata.namespace).name(variables.configMap2[0]).check('get').allowed()
- name: configMapLines2
  expression: |-
    size(variables.configMap2) == 0 ? '' : variables.configMapPlaces.filter(p, p.endsWith(' ' + variables.configMap2[0])).map(p, p.split(' ')[0]
      + ': refers to ConfigMap ' + variables.configMap2[0] + ', which ' + request.userInfo.username + ' may not get').join(' | ')
- name: configMapText2
  expression: |-
    variables.configMapLines2.size() <= 880 ? variables.configMapLines2 : variables.configMapLines2.substring(0, 880) + ' … and more'
- name: configMap4
  expression: |-
    variables.configMap3.filter(n, n != variables.configMap3[0])
- name: mayGetConfigMap3
  expression: |-
    size(variables.configMap3) == 0 || variables.mayGetAllConfigMaps || authorizer.group('').resource('configmaps').namespace(object.metadata.namespace).name(variables.configMap3[0]).check('get').allowed()
- name: configMapLines3
  expression: |-
    size(variables.configMap3) == 0 ? '' : variables.configMapPlaces.filter(p, p.endsWith(' ' + variables.configMap3[0])).map(p, p.split(' ')[0]
      + ': refers to ConfigMap ' + variables.configMap3[0] + ', which ' + request.userInfo.username + ' may not get').join(' | ')
- name: configMapText3
  expression: |-
    variables.configMapLines3.size() <= 880 ? variables.configMapLines3 : variables.configMapLines3.substring(0, 880) + ' … and more'
- name: configMap5
  expression: |-
    variables.configMap4.filter(n, n != variables.configMap4[0])
- name: mayGetConfigMap4
  expression: |-
    size(variables.configMap4) == 0 || variables.mayGetAllConfigMaps || authorizer.group('').resource('configmaps').namespace(object.metadata.namespace).name(variables.configMap4[0]).check('get').allowed()
- name: configMapLines4
  expression: |-
    size(variables.configMap4) == 0 ? '' : variables.configMapPlaces.filter(p, p.endsWith(' ' + variables.configMap4[0])).map(p, p.split(' ')[0]
      + ': refers to ConfigMap ' + variables.configMap4[0] + ', which ' + request.userInfo.username + ' may not get').join(' | ')
- name: configMapText4
  expression: |-
    variables.configMapLines4.size() <= 880 ? variables.configMapLines4 : variables.configMapLines4.substring(0, 880) + ' … and more'
- name: configMap6
  expression: |-
    variables.configMap5.filter(n, n != variables.configMap5[0])
- name: mayGetConfigMap5
  expression: |-
    size(variables.configMap5) == 0 || variables.mayGetAllConfigMaps || authorizer.group('').resource('configmaps').namespace(object.metadata.namespace).name(variables.configMap5[0]).check('get').allowed()
- name: configMapLines5
  expression: |-
    size(variables.configMap5) == 0 ? '' : variables.configMapPlaces.filter(p, p.endsWith(' ' + variables.configMap5[0])).map(p, p.split(' ')[0]
      + ': refers to ConfigMap ' + variables.configMap5[0] + ', which ' + request.userInfo.username + ' may not get').join(' | ')
- name: configMapText5
  expression: |-
    variables.configMapLines5.size() <= 880 ? variables.configMapLines5 : variables.configMapLines5.substring(0, 880) + ' … and more'
- name: mayGetNoSecret
  expression: |-
    size(variables.secret0) > 0 && !variables.mayGetSecret0
      && (size(variables.secret1) == 0 || !variables.mayGetSecret1)
      && (size(variables.secret2) == 0 || !variables.mayGetSecret2)
      && (size(variables.secret3) == 0 || !variables.mayGetSecret3)
      && (size(variables.secret4) == 0 || !variables.mayGetSecret4)
      && (size(variables.secret5) == 0 || !variables.mayGetSecret5)
      && (size(variables.secret6) == 0 || !variables.mayGetSecret6)
      && (size(variables.secret7) == 0 || !variables.mayGetSecret7)
      && (size(variables.secret8) == 0 || !variables.mayGetSecret8)
      && (size(variables.secret9) == 0 || !variables.mayGetSecret9)
      && (size(variables.secret10) == 0 || !variables.mayGetSecret10)
      && (size(variables.secret11) == 0 || !variables.mayGetSecret11)
      && (size(variables.secret12) == 0 || !variables.mayGetSecret12)
      && (size(variables.secret13) == 0 || !variables.mayGetSecret13)
      && (size(variables.secret14) == 0 || !variables.mayGetSecret14)
      && (size(variables.secret15) == 0 || !variables.mayGetSecret15)
- name: secretLines
  expression: |-
    [
      variables.secretLines0,
      variables.secretLines1,
      variables.secretLines2,
      variables.secretLines3,
      variables.secretLines4,
      variables.secretLines5,
      variables.secretLines6,
      variables.secretLines7,
      variables.secretLines8,
      variables.secretLines9,
      variables.secretLines10,
      variables.secretLines11,
      variables.secretLines12,
      variables.secretLines13,
      variables.secretLines14,
      variables.secretLines15
    ].filter(l, l != '')
- name: mayGetNoConfigMap
  expression: |-
    size(variables.configMap0) > 0 && !variables.mayGetConfigMap0
      && (size(variables.configMap1) == 0 || !variables.mayGetConfigMap1)
      && (size(variables.configMap2) == 0 || !variables.mayGetConfigMap2)
      && (size(variables.configMap3) == 0 || !variables.mayGetConfigMap3)
      && (size(variables.configMap4) == 0 || !variables.mayGetConfigMap4)
      && (size(variables.configMap5) == 0 || !variables.mayGetConfigMap5)
- name: configMapLines
  expression: |-
    [
      variables.configMapLines0,
      variables.configMapLines1,
      variables.configMapLines2,
      variables.configMapLines3,
      variables.configMapLines4,
      variables.configMapLines5
    ].filter(l, l != '')
- name: whole
  expression: |-
    variables.mayGetNoSecret ? (variables.mayGetNoConfigMap ? 3 : (
      variables.mayGetConfigMap0
      && variables.mayGetConfigMap1
      && variables.mayGetConfigMap2
      && variables.mayGetConfigMap3
      && variables.mayGetConfigMap4
      && variables.mayGetConfigMap5
    ) ? 1 : 0)
      : variables.mayGetNoConfigMap && (
      variables.mayGetSecret0
      && variables.mayGetSecret1
      && variables.mayGetSecret2
      && variables.mayGetSecret3
      && variables.mayGetSecret4
      && variables.mayGetSecret5
      && variables.mayGetSecret6
      && variables.mayGetSecret7
      && variables.mayGetSecret8
      && variables.mayGetSecret9
      && variables.mayGetSecret10
      && variables.mayGetSecret11
      && variables.mayGetSecret12
      && variables.mayGetSecret13
      && variables.mayGetSecret14
      && variables.mayGetSecret15
    ) ? 2 : 0
- name: first
  expression: |-
    (variables.mayGetSecret0 ? 0 : 1) + (variables.mayGetSecret1 ? 0 : 2) + (variables.mayGetSecret2 ? 0 : 4) + (variables.mayGetSecret3 ? 0 : 8) + (variables.mayGetConfigMap0 ? 0 : 16)
validations:
- expression: size(variables.secrets) <= 256 || variables.mayGetAllSecrets
  message: 'spec: refers to Secrets in more than 256 places, and its author may not get all Secrets of the namespace; ask somebody who may to apply this, or split the credential'
  reason: Forbidden
- expression: size(variables.secrets) == 0 || variables.mayGetAllSecrets || size(variables.secret16) == 0
  message: 'spec: refers to more than 16 Secrets, and its author may not get all Secrets of the namespace; ask somebody who may to apply this, or split the credential'
  reason: Forbidden
- expression: size(variables.configMaps) <= 256 || variables.mayGetAllConfigMaps
  message: 'spec: refers to ConfigMaps in more than 256 places, and its author may not get all ConfigMaps of the namespace; ask somebody who may to apply this, or split the credential'
  reason: Forbidden
- expression: size(variables.configMaps) == 0 || variables.mayGetAllConfigMaps || size(variables.configMap6) == 0
  message: 'spec: refers to more than 6 ConfigMaps, and its author may not get all ConfigMaps of the namespace; ask somebody who may to apply this, or split the credential'
  reason: Forbidden
- expression: variables.whole != 3
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    ((variables.secretLines + variables.configMapLines).join(' | ').size() <= 4500 ? (variables.secretLines + variables.configMapLines).join(' | ') : (variables.secretLines + variables.configMapLines).join(' | ').substring(0, 4400) + ' … and more')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole != 1
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    (variables.secretLines.join(' | ').size() <= 4500 ? variables.secretLines.join(' | ') : variables.secretLines.join(' | ').substring(0, 4400) + ' … and more')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole != 2
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    (variables.configMapLines.join(' | ').size() <= 4500 ? variables.configMapLines.join(' | ') : variables.configMapLines.join(' | ').substring(0, 4400) + ' … and more')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.first != 1
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    [variables.secretText0].join(' | ')
    + (size(variables.secret4) > 0 || size(variables.configMap1) > 0 ? ' | others are checked once this is settled' : '')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.first != 2
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    [variables.secretText1].join(' | ')
    + (size(variables.secret4) > 0 || size(variables.configMap1) > 0 ? ' | others are checked once this is settled' : '')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.first != 3
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    [variables.secretText0, variables.secretText1].join(' | ')
    + (size(variables.secret4) > 0 || size(variables.configMap1) > 0 ? ' | others are checked once this is settled' : '')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.first != 4
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    [variables.secretText2].join(' | ')
    + (size(variables.secret4) > 0 || size(variables.configMap1) > 0 ? ' | others are checked once this is settled' : '')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.first != 5
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    [variables.secretText0, variables.secretText2].join(' | ')
    + (size(variables.secret4) > 0 || size(variables.configMap1) > 0 ? ' | others are checked once this is settled' : '')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.first != 6
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    [variables.secretText1, variables.secretText2].join(' | ')
    + (size(variables.secret4) > 0 || size(variables.configMap1) > 0 ? ' | others are checked once this is settled' : '')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.first != 7
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    [variables.secretText0, variables.secretText1, variables.secretText2].join(' | ')
    + (size(variables.secret4) > 0 || size(variables.configMap1) > 0 ? ' | others are checked once this is settled' : '')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.first != 8
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    [variables.secretText3].join(' | ')
    + (size(variables.secret4) > 0 || size(variables.configMap1) > 0 ? ' | others are checked once this is settled' : '')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.first != 9
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    [variables.secretText0, variables.secretText3].join(' | ')
    + (size(variables.secret4) > 0 || size(variables.configMap1) > 0 ? ' | others are checked once this is settled' : '')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.first != 10
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    [variables.secretText1, variables.secretText3].join(' | ')
    + (size(variables.secret4) > 0 || size(variables.configMap1) > 0 ? ' | others are checked once this is settled' : '')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.first != 11
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    [variables.secretText0, variables.secretText1, variables.secretText3].join(' | ')
    + (size(variables.secret4) > 0 || size(variables.configMap1) > 0 ? ' | others are checked once this is settled' : '')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.first != 12
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    [variables.secretText2, variables.secretText3].join(' | ')
    + (size(variables.secret4) > 0 || size(variables.configMap1) > 0 ? ' | others are checked once this is settled' : '')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.first != 13
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    [variables.secretText0, variables.secretText2, variables.secretText3].join(' | ')
    + (size(variables.secret4) > 0 || size(variables.configMap1) > 0 ? ' | others are checked once this is settled' : '')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.first != 14
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    [variables.secretText1, variables.secretText2, variables.secretText3].join(' | ')
    + (size(variables.secret4) > 0 || size(variables.configMap1) > 0 ? ' | others are checked once this is settled' : '')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.first != 15
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    [variables.secretText0, variables.secretText1, variables.secretText2, variables.secretText3].join(' | ')
    + (size(variables.secret4) > 0 || size(variables.configMap1) > 0 ? ' | others are checked once this is settled' : '')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.first != 16
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    [variables.configMapText0].join(' | ')
    + (size(variables.secret4) > 0 || size(variables.configMap1) > 0 ? ' | others are checked once this is settled' : '')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.first != 17
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    [variables.secretText0, variables.configMapText0].join(' | ')
    + (size(variables.secret4) > 0 || size(variables.configMap1) > 0 ? ' | others are checked once this is settled' : '')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.first != 18
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    [variables.secretText1, variables.configMapText0].join(' | ')
    + (size(variables.secret4) > 0 || size(variables.configMap1) > 0 ? ' | others are checked once this is settled' : '')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.first != 19
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    [variables.secretText0, variables.secretText1, variables.configMapText0].join(' | ')
    + (size(variables.secret4) > 0 || size(variables.configMap1) > 0 ? ' | others are checked once this is settled' : '')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.first != 20
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    [variables.secretText2, variables.configMapText0].join(' | ')
    + (size(variables.secret4) > 0 || size(variables.configMap1) > 0 ? ' | others are checked once this is settled' : '')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.first != 21
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    [variables.secretText0, variables.secretText2, variables.configMapText0].join(' | ')
    + (size(variables.secret4) > 0 || size(variables.configMap1) > 0 ? ' | others are checked once this is settled' : '')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.first != 22
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    [variables.secretText1, variables.secretText2, variables.configMapText0].join(' | ')
    + (size(variables.secret4) > 0 || size(variables.configMap1) > 0 ? ' | others are checked once this is settled' : '')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.first != 23
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    [variables.secretText0, variables.secretText1, variables.secretText2, variables.configMapText0].join(' | ')
    + (size(variables.secret4) > 0 || size(variables.configMap1) > 0 ? ' | others are checked once this is settled' : '')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.first != 24
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    [variables.secretText3, variables.configMapText0].join(' | ')
    + (size(variables.secret4) > 0 || size(variables.configMap1) > 0 ? ' | others are checked once this is settled' : '')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.first != 25
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    [variables.secretText0, variables.secretText3, variables.configMapText0].join(' | ')
    + (size(variables.secret4) > 0 || size(variables.configMap1) > 0 ? ' | others are checked once this is settled' : '')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.first != 26
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    [variables.secretText1, variables.secretText3, variables.configMapText0].join(' | ')
    + (size(variables.secret4) > 0 || size(variables.configMap1) > 0 ? ' | others are checked once this is settled' : '')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.first != 27
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    [variables.secretText0, variables.secretText1, variables.secretText3, variables.configMapText0].join(' | ')
    + (size(variables.secret4) > 0 || size(variables.configMap1) > 0 ? ' | others are checked once this is settled' : '')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.first != 28
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    [variables.secretText2, variables.secretText3, variables.configMapText0].join(' | ')
    + (size(variables.secret4) > 0 || size(variables.configMap1) > 0 ? ' | others are checked once this is settled' : '')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.first != 29
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    [variables.secretText0, variables.secretText2, variables.secretText3, variables.configMapText0].join(' | ')
    + (size(variables.secret4) > 0 || size(variables.configMap1) > 0 ? ' | others are checked once this is settled' : '')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.first != 30
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    [variables.secretText1, variables.secretText2, variables.secretText3, variables.configMapText0].join(' | ')
    + (size(variables.secret4) > 0 || size(variables.configMap1) > 0 ? ' | others are checked once this is settled' : '')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.first != 31
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    [variables.secretText0, variables.secretText1, variables.secretText2, variables.secretText3, variables.configMapText0].join(' | ')
    + (size(variables.secret4) > 0 || size(variables.configMap1) > 0 ? ' | others are checked once this is settled' : '')
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.mayGetSecret4
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    variables.secretText4
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.mayGetSecret5
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    variables.secretText5
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.mayGetSecret6
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    variables.secretText6
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.mayGetSecret7
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    variables.secretText7
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.mayGetSecret8
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    variables.secretText8
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.mayGetSecret9
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    variables.secretText9
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.mayGetSecret10
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    variables.secretText10
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.mayGetSecret11
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    variables.secretText11
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.mayGetSecret12
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    variables.secretText12
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.mayGetSecret13
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    variables.secretText13
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.mayGetSecret14
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    variables.secretText14
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.mayGetSecret15
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    variables.secretText15
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.mayGetConfigMap1
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    variables.configMapText1
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.mayGetConfigMap2
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    variables.configMapText2
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.mayGetConfigMap3
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    variables.configMapText3
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.mayGetConfigMap4
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    variables.configMapText4
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
- expression: variables.whole > 0 || variables.mayGetConfigMap5
  message: refers to Secrets or ConfigMaps that its author may not get
  messageExpression: |-
    variables.configMapText5
    + ' | ask for a role in the namespace ' + object.metadata.namespace + ' that allows it, or let somebody apply this who may'
  reason: Forbidden
{{- end }}
