{{- /* Generated from the code by `UPDATE_DOCS=1 cargo test --test chart generated`; a test compares the two. */}}

{{- define "appcredential-operator.policies.plain" -}}
variables:
- name: scopes
  expression: |-
    [{'path': dyn('spec'), 'at': dyn(object.spec)}]
      + object.spec.?environments.orValue([]).map(e, {'path': dyn('spec.environments[' + e.name + ']'), 'at': dyn(e)})
- name: secrets
  expression: |-
    variables.scopes.map(s,
      [
        s.at.?authentication.?basic.?password.?value.hasValue() ? s.path + '.authentication.basic.password' : '',
        s.at.?authentication.?apiKey.?key.?value.hasValue() ? s.path + '.authentication.apiKey.key' : '',
        s.at.?authentication.?bearerToken.?token.?value.hasValue() ? s.path + '.authentication.bearerToken.token' : '',
        s.at.?authentication.?oauth2.?clientSecret.?value.hasValue() ? s.path + '.authentication.oauth2.clientSecret' : '',
        s.at.?authentication.?oauth2.?refreshToken.?value.hasValue() ? s.path + '.authentication.oauth2.refreshToken' : '',
        s.at.?authentication.?oauth2.?jwt.?privateKey.?value.hasValue() ? s.path + '.authentication.oauth2.jwt.privateKey' : '',
        s.at.?authentication.?aws.?secretAccessKey.?value.hasValue() ? s.path + '.authentication.aws.secretAccessKey' : '',
        s.at.?authentication.?aws.?sessionToken.?value.hasValue() ? s.path + '.authentication.aws.sessionToken' : '',
        s.at.?authentication.?clientCertificate.?privateKey.?value.hasValue() ? s.path + '.authentication.clientCertificate.privateKey' : '',
        s.at.?authentication.?sshKey.?privateKey.?value.hasValue() ? s.path + '.authentication.sshKey.privateKey' : '',
        s.at.?authentication.?sshKey.?passphrase.?value.hasValue() ? s.path + '.authentication.sshKey.passphrase' : '',
        s.at.?authentication.?keyPair.?privateKey.?value.hasValue() ? s.path + '.authentication.keyPair.privateKey' : '',
        s.at.?authentication.?keyPair.?passphrase.?value.hasValue() ? s.path + '.authentication.keyPair.passphrase' : '',
        s.at.?authentication.?sasl.?password.?value.hasValue() ? s.path + '.authentication.sasl.password' : '',
        s.at.?authentication.?connectionString.?uri.?value.hasValue() ? s.path + '.authentication.connectionString.uri' : ''
      ].join('\n')
    ).join('\n').split('\n').filter(p, p != '')
- name: tokenURL
  expression: |-
    variables.scopes.map(s,
      s.at.?authentication.?oauth2.?tokenURL.orValue('').matches(r'(?i://[^/?#:]*?(?::|%3a)(?:[^/?#$%{<][^/?#]*|[$%](?:[^/?#({][^/?#]*)?)@|//[^/@:\s?#\[\]]*(?::|%3a)[0-9]*(?:[^0-9/?#@,\s$%{<]|[$%][^0-9/?#@,\s({])[^@\s]*@|^[^:/@\s]*:(?:[0-9]*(?:[^0-9/?#@,\s$%{<]|[$%][^0-9/?#@,\s({])\S*|[0-9]+)@(?:[a-z0-9]*[(]|/(?:[^/]|$))|^jdbc:oracle:[a-z0-9]+:[^/@\s]+/(?:[^@\s$%{<]|[$%][^@\s({])[^@\s]*@|^[^:/@\s]+/(?:[^@\s$%{<]|[$%][^@\s({])[^@\s]*@//|(?:^|[?&;,#\s\x22\x27(])(?:[a-z0-9_.%-]*(?:pass(?:word|wd|phrase|code)|(?:db|key|ssl|store|user)pass|secret|token|api(?:[-_.]|%5f|%2d|%2e)?key|(?:account|auth|encryption|master|private|secret|shared|signing)(?:[-_.]|%5f|%2d|%2e)?(?:access(?:[-_.]|%5f|%2d|%2e)?)?key)|(?:[a-z0-9_.%-]*(?:[-_.]|%5f|%2d|%2e))?(?:pass|pwd|pw|sig|signature))\s*=\s*[\x22\x27]?(?:[^&;\x22\x27\s$%{<]|[$%][^&;\x22\x27\s({]))') ? s.path + '.authentication.oauth2.tokenURL' : ''
    ).join('\n').split('\n').filter(p, p != '')
- name: authorizationURL
  expression: |-
    variables.scopes.map(s,
      s.at.?authentication.?oauth2.?authorizationURL.orValue('').matches(r'(?i://[^/?#:]*?(?::|%3a)(?:[^/?#$%{<][^/?#]*|[$%](?:[^/?#({][^/?#]*)?)@|//[^/@:\s?#\[\]]*(?::|%3a)[0-9]*(?:[^0-9/?#@,\s$%{<]|[$%][^0-9/?#@,\s({])[^@\s]*@|^[^:/@\s]*:(?:[0-9]*(?:[^0-9/?#@,\s$%{<]|[$%][^0-9/?#@,\s({])\S*|[0-9]+)@(?:[a-z0-9]*[(]|/(?:[^/]|$))|^jdbc:oracle:[a-z0-9]+:[^/@\s]+/(?:[^@\s$%{<]|[$%][^@\s({])[^@\s]*@|^[^:/@\s]+/(?:[^@\s$%{<]|[$%][^@\s({])[^@\s]*@//|(?:^|[?&;,#\s\x22\x27(])(?:[a-z0-9_.%-]*(?:pass(?:word|wd|phrase|code)|(?:db|key|ssl|store|user)pass|secret|token|api(?:[-_.]|%5f|%2d|%2e)?key|(?:account|auth|encryption|master|private|secret|shared|signing)(?:[-_.]|%5f|%2d|%2e)?(?:access(?:[-_.]|%5f|%2d|%2e)?)?key)|(?:[a-z0-9_.%-]*(?:[-_.]|%5f|%2d|%2e))?(?:pass|pwd|pw|sig|signature))\s*=\s*[\x22\x27]?(?:[^&;\x22\x27\s$%{<]|[$%][^&;\x22\x27\s({]))') ? s.path + '.authentication.oauth2.authorizationURL' : ''
    ).join('\n').split('\n').filter(p, p != '')
- name: redirectURL
  expression: |-
    variables.scopes.map(s,
      s.at.?authentication.?oauth2.?redirectURL.orValue('').matches(r'(?i://[^/?#:]*?(?::|%3a)(?:[^/?#$%{<][^/?#]*|[$%](?:[^/?#({][^/?#]*)?)@|//[^/@:\s?#\[\]]*(?::|%3a)[0-9]*(?:[^0-9/?#@,\s$%{<]|[$%][^0-9/?#@,\s({])[^@\s]*@|^[^:/@\s]*:(?:[0-9]*(?:[^0-9/?#@,\s$%{<]|[$%][^0-9/?#@,\s({])\S*|[0-9]+)@(?:[a-z0-9]*[(]|/(?:[^/]|$))|^jdbc:oracle:[a-z0-9]+:[^/@\s]+/(?:[^@\s$%{<]|[$%][^@\s({])[^@\s]*@|^[^:/@\s]+/(?:[^@\s$%{<]|[$%][^@\s({])[^@\s]*@//|(?:^|[?&;,#\s\x22\x27(])(?:[a-z0-9_.%-]*(?:pass(?:word|wd|phrase|code)|(?:db|key|ssl|store|user)pass|secret|token|api(?:[-_.]|%5f|%2d|%2e)?key|(?:account|auth|encryption|master|private|secret|shared|signing)(?:[-_.]|%5f|%2d|%2e)?(?:access(?:[-_.]|%5f|%2d|%2e)?)?key)|(?:[a-z0-9_.%-]*(?:[-_.]|%5f|%2d|%2e))?(?:pass|pwd|pw|sig|signature))\s*=\s*[\x22\x27]?(?:[^&;\x22\x27\s$%{<]|[$%][^&;\x22\x27\s({]))') ? s.path + '.authentication.oauth2.redirectURL' : ''
    ).join('\n').split('\n').filter(p, p != '')
- name: parameters
  expression: |-
    variables.scopes.map(s, {
      'path': dyn(s.path + '.parameters'),
      'values': dyn(s.at.?parameters.orValue([]).filter(v, has(v.value)).map(v, {
        'name': dyn(v.name),
        'value': dyn(v.value),
        'secret': dyn((v.name.size() > 48 ? v.name.substring(v.name.size() - 48) : v.name).matches(r'(?i:(?:pass(?:word|wd|phrase|code)|(?:db|key|ssl|store|user)pass|secret|token|api(?:[-_.]|%5f|%2d|%2e)?key|(?:account|auth|encryption|master|private|secret|shared|signing)(?:[-_.]|%5f|%2d|%2e)?(?:access(?:[-_.]|%5f|%2d|%2e)?)?key)|(?:^|(?:[-_.]|%5f|%2d|%2e))(?:pass|pwd|pw))(?:[-_.]?[0-9]+)?$|[a-z0-9](?:Pass|Pwd)[0-9]*$')
          && !(v.value.size() > 16 ? v.value.substring(0, 16) : v.value).matches(r'^(?i:true|false|yes|no|none|required|optional|enabled|disabled)?$|^[$][{(]|^[{][{]|^%[(]|^<'))
      }))
    })
- name: parametersSuspects
  expression: |-
    variables.parameters.map(l, {
      'path': dyn(l.path),
      'values': dyn(l.values.filter(v, !v.secret && v.value.matches(r'[@=\x22]|---')))
    })
- name: parametersSize
  expression: |-
    variables.parametersSuspects.map(l, l.values.map(v, v.value.size() / 10 + 2).sum()).sum()
- name: parametersNamed
  expression: |-
    variables.parameters.map(l,
      l.values.filter(v, v.secret).map(v, l.path + '[' + v.name + ']').join('\n')
    ).join('\n').split('\n').filter(p, p != '')
- name: parametersHolding
  expression: |-
    variables.parametersSuspects.map(l,
      variables.parametersSize > 2500 ? '' : l.values.filter(v, v.value.matches(r'(?i://[^/?#:]*?(?::|%3a)(?:[^/?#$%{<][^/?#]*|[$%](?:[^/?#({][^/?#]*)?)@|//[^/@:\s?#\[\]]*(?::|%3a)[0-9]*(?:[^0-9/?#@,\s$%{<]|[$%][^0-9/?#@,\s({])[^@\s]*@|^[^:/@\s]*:(?:[0-9]*(?:[^0-9/?#@,\s$%{<]|[$%][^0-9/?#@,\s({])\S*|[0-9]+)@(?:[a-z0-9]*[(]|/(?:[^/]|$))|^jdbc:oracle:[a-z0-9]+:[^/@\s]+/(?:[^@\s$%{<]|[$%][^@\s({])[^@\s]*@|^[^:/@\s]+/(?:[^@\s$%{<]|[$%][^@\s({])[^@\s]*@//|(?:^|[?&;,#\s\x22\x27(])(?:[a-z0-9_.%-]*(?:pass(?:word|wd|phrase|code)|(?:db|key|ssl|store|user)pass|secret|token|api(?:[-_.]|%5f|%2d|%2e)?key|(?:account|auth|encryption|master|private|secret|shared|signing)(?:[-_.]|%5f|%2d|%2e)?(?:access(?:[-_.]|%5f|%2d|%2e)?)?key)|(?:[a-z0-9_.%-]*(?:[-_.]|%5f|%2d|%2e))?(?:pass|pwd|pw|sig|signature))\s*=\s*[\x22\x27]?(?:[^&;\x22\x27\s$%{<]|[$%][^&;\x22\x27\s({])|\x22[a-z0-9_.-]*(?:pass(?:word|wd|phrase|code)|(?:db|key|ssl|store|user)pass|secret|token|api(?:[-_.]|%5f|%2d|%2e)?key|(?:account|auth|encryption|master|private|secret|shared|signing)(?:[-_.]|%5f|%2d|%2e)?(?:access(?:[-_.]|%5f|%2d|%2e)?)?key)\x22\s*:\s*\x22(?:[^\x22\s$%{<]|[$%][^\x22\s({])|-----BEGIN [A-Z ]*PRIVATE KEY-----)')).map(v, l.path + '[' + v.name + ']').join('\n')
    ).join('\n').split('\n').filter(p, p != '')
- name: properties
  expression: |-
    variables.scopes.map(s, {
      'path': dyn(s.path + '.connection.properties'),
      'values': dyn(s.at.?connection.?properties.orValue([]).filter(v, has(v.value)).map(v, {
        'name': dyn(v.name),
        'value': dyn(v.value),
        'secret': dyn((v.name.size() > 48 ? v.name.substring(v.name.size() - 48) : v.name).matches(r'(?i:(?:pass(?:word|wd|phrase|code)|(?:db|key|ssl|store|user)pass|secret|token|api(?:[-_.]|%5f|%2d|%2e)?key|(?:account|auth|encryption|master|private|secret|shared|signing)(?:[-_.]|%5f|%2d|%2e)?(?:access(?:[-_.]|%5f|%2d|%2e)?)?key)|(?:^|(?:[-_.]|%5f|%2d|%2e))(?:pass|pwd|pw))(?:[-_.]?[0-9]+)?$|[a-z0-9](?:Pass|Pwd)[0-9]*$')
          && !(v.value.size() > 16 ? v.value.substring(0, 16) : v.value).matches(r'^(?i:true|false|yes|no|none|required|optional|enabled|disabled)?$|^[$][{(]|^[{][{]|^%[(]|^<'))
      }))
    })
- name: propertiesSuspects
  expression: |-
    variables.properties.map(l, {
      'path': dyn(l.path),
      'values': dyn(l.values.filter(v, !v.secret && v.value.matches(r'[@=\x22]|---')))
    })
- name: propertiesSize
  expression: |-
    variables.propertiesSuspects.map(l, l.values.map(v, v.value.size() / 10 + 2).sum()).sum()
- name: propertiesNamed
  expression: |-
    variables.properties.map(l,
      l.values.filter(v, v.secret).map(v, l.path + '[' + v.name + ']').join('\n')
    ).join('\n').split('\n').filter(p, p != '')
- name: propertiesHolding
  expression: |-
    variables.propertiesSuspects.map(l,
      variables.propertiesSize > 2500 ? '' : l.values.filter(v, v.value.matches(r'(?i://[^/?#:]*?(?::|%3a)(?:[^/?#$%{<][^/?#]*|[$%](?:[^/?#({][^/?#]*)?)@|//[^/@:\s?#\[\]]*(?::|%3a)[0-9]*(?:[^0-9/?#@,\s$%{<]|[$%][^0-9/?#@,\s({])[^@\s]*@|^[^:/@\s]*:(?:[0-9]*(?:[^0-9/?#@,\s$%{<]|[$%][^0-9/?#@,\s({])\S*|[0-9]+)@(?:[a-z0-9]*[(]|/(?:[^/]|$))|^jdbc:oracle:[a-z0-9]+:[^/@\s]+/(?:[^@\s$%{<]|[$%][^@\s({])[^@\s]*@|^[^:/@\s]+/(?:[^@\s$%{<]|[$%][^@\s({])[^@\s]*@//|(?:^|[?&;,#\s\x22\x27(])(?:[a-z0-9_.%-]*(?:pass(?:word|wd|phrase|code)|(?:db|key|ssl|store|user)pass|secret|token|api(?:[-_.]|%5f|%2d|%2e)?key|(?:account|auth|encryption|master|private|secret|shared|signing)(?:[-_.]|%5f|%2d|%2e)?(?:access(?:[-_.]|%5f|%2d|%2e)?)?key)|(?:[a-z0-9_.%-]*(?:[-_.]|%5f|%2d|%2e))?(?:pass|pwd|pw|sig|signature))\s*=\s*[\x22\x27]?(?:[^&;\x22\x27\s$%{<]|[$%][^&;\x22\x27\s({])|\x22[a-z0-9_.-]*(?:pass(?:word|wd|phrase|code)|(?:db|key|ssl|store|user)pass|secret|token|api(?:[-_.]|%5f|%2d|%2e)?key|(?:account|auth|encryption|master|private|secret|shared|signing)(?:[-_.]|%5f|%2d|%2e)?(?:access(?:[-_.]|%5f|%2d|%2e)?)?key)\x22\s*:\s*\x22(?:[^\x22\s$%{<]|[$%][^\x22\s({])|-----BEGIN [A-Z ]*PRIVATE KEY-----)')).map(v, l.path + '[' + v.name + ']').join('\n')
    ).join('\n').split('\n').filter(p, p != '')
- name: fields
  expression: |-
    variables.scopes.map(s, {
      'path': dyn(s.path + '.authentication.custom.fields'),
      'values': dyn(s.at.?authentication.?custom.?fields.orValue([]).filter(v, has(v.value)).map(v, {
        'name': dyn(v.name),
        'value': dyn(v.value),
        'secret': dyn((v.name.size() > 48 ? v.name.substring(v.name.size() - 48) : v.name).matches(r'(?i:(?:pass(?:word|wd|phrase|code)|(?:db|key|ssl|store|user)pass|secret|token|api(?:[-_.]|%5f|%2d|%2e)?key|(?:account|auth|encryption|master|private|secret|shared|signing)(?:[-_.]|%5f|%2d|%2e)?(?:access(?:[-_.]|%5f|%2d|%2e)?)?key)|(?:^|(?:[-_.]|%5f|%2d|%2e))(?:pass|pwd|pw))(?:[-_.]?[0-9]+)?$|[a-z0-9](?:Pass|Pwd)[0-9]*$')
          && !(v.value.size() > 16 ? v.value.substring(0, 16) : v.value).matches(r'^(?i:true|false|yes|no|none|required|optional|enabled|disabled)?$|^[$][{(]|^[{][{]|^%[(]|^<'))
      }))
    })
- name: fieldsSuspects
  expression: |-
    variables.fields.map(l, {
      'path': dyn(l.path),
      'values': dyn(l.values.filter(v, !v.secret && v.value.matches(r'[@=\x22]|---')))
    })
- name: fieldsSize
  expression: |-
    variables.fieldsSuspects.map(l, l.values.map(v, v.value.size() / 10 + 2).sum()).sum()
- name: fieldsNamed
  expression: |-
    variables.fields.map(l,
      l.values.filter(v, v.secret).map(v, l.path + '[' + v.name + ']').join('\n')
    ).join('\n').split('\n').filter(p, p != '')
- name: fieldsHolding
  expression: |-
    variables.fieldsSuspects.map(l,
      variables.fieldsSize > 2500 ? '' : l.values.filter(v, v.value.matches(r'(?i://[^/?#:]*?(?::|%3a)(?:[^/?#$%{<][^/?#]*|[$%](?:[^/?#({][^/?#]*)?)@|//[^/@:\s?#\[\]]*(?::|%3a)[0-9]*(?:[^0-9/?#@,\s$%{<]|[$%][^0-9/?#@,\s({])[^@\s]*@|^[^:/@\s]*:(?:[0-9]*(?:[^0-9/?#@,\s$%{<]|[$%][^0-9/?#@,\s({])\S*|[0-9]+)@(?:[a-z0-9]*[(]|/(?:[^/]|$))|^jdbc:oracle:[a-z0-9]+:[^/@\s]+/(?:[^@\s$%{<]|[$%][^@\s({])[^@\s]*@|^[^:/@\s]+/(?:[^@\s$%{<]|[$%][^@\s({])[^@\s]*@//|(?:^|[?&;,#\s\x22\x27(])(?:[a-z0-9_.%-]*(?:pass(?:word|wd|phrase|code)|(?:db|key|ssl|store|user)pass|secret|token|api(?:[-_.]|%5f|%2d|%2e)?key|(?:account|auth|encryption|master|private|secret|shared|signing)(?:[-_.]|%5f|%2d|%2e)?(?:access(?:[-_.]|%5f|%2d|%2e)?)?key)|(?:[a-z0-9_.%-]*(?:[-_.]|%5f|%2d|%2e))?(?:pass|pwd|pw|sig|signature))\s*=\s*[\x22\x27]?(?:[^&;\x22\x27\s$%{<]|[$%][^&;\x22\x27\s({])|\x22[a-z0-9_.-]*(?:pass(?:word|wd|phrase|code)|(?:db|key|ssl|store|user)pass|secret|token|api(?:[-_.]|%5f|%2d|%2e)?key|(?:account|auth|encryption|master|private|secret|shared|signing)(?:[-_.]|%5f|%2d|%2e)?(?:access(?:[-_.]|%5f|%2d|%2e)?)?key)\x22\s*:\s*\x22(?:[^\x22\s$%{<]|[$%][^\x22\s({])|-----BEGIN [A-Z ]*PRIVATE KEY-----)')).map(v, l.path + '[' + v.name + ']').join('\n')
    ).join('\n').split('\n').filter(p, p != '')
- name: problems
  expression: |-
    (variables.secrets + variables.parametersNamed + variables.propertiesNamed + variables.fieldsNamed).map(p, p + ': is a secret as plain text')
    + (variables.parametersHolding + variables.propertiesHolding + variables.fieldsHolding).map(p, p + ': holds a secret as plain text')
    + (variables.tokenURL + variables.authorizationURL + variables.redirectURL).map(p, p + ': holds a secret as plain text, and can refer to none: leave it out')
    + [
      variables.parametersSize > 2500 ? 'spec: has more than 25,000 characters below parameters that would have to be looked through for secrets; put long ones into a Secret or ConfigMap and refer to that with valueFrom' : '',
      variables.propertiesSize > 2500 ? 'spec: has more than 25,000 characters below connection.properties that would have to be looked through for secrets; put long ones into a Secret or ConfigMap and refer to that with valueFrom' : '',
      variables.fieldsSize > 2500 ? 'spec: has more than 25,000 characters below authentication.custom.fields that would have to be looked through for secrets; put long ones into a Secret or ConfigMap and refer to that with valueFrom' : ''
    ].filter(p, p != '')
validations:
- expression: size(variables.problems) == 0
  message: has a secret as plain text; put it into a Secret and refer to that with valueFrom.secretKeyRef
  messageExpression: |-
    (
    {{- include "appcredential-operator.policies.joined" (dict "list" "variables.problems") | nindent 4 }}
    ) + ' | whoever may look at credentials can read this; put it into a Secret and refer to that with valueFrom.secretKeyRef'
{{- end }}
