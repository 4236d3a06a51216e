import { configTable } from '../config-table.ts'

/** Logins by Kerberos and OAuth, which are not served. */
export const ineffectiveLoginsConfigs = configTable('no effect', {
  'sasl.kerberos.kinit.cmd': 'STRING /usr/bin/kinit MEDIUM per-broker | Path of kinit.',
  'sasl.kerberos.min.time.before.relogin':
    'LONG 60000 MEDIUM per-broker | Pause between two refreshes of a ticket, in ms.',
  'sasl.kerberos.principal.to.local.rules':
    'LIST DEFAULT MEDIUM per-broker | Rules that make a short name from a principal.',
  'sasl.kerberos.service.name': "STRING null MEDIUM per-broker | Service name of the broker's principal.",
  'sasl.kerberos.ticket.renew.jitter': 'DOUBLE 0.05 MEDIUM per-broker | Random part of the time of renewal.',
  'sasl.kerberos.ticket.renew.window.factor':
    "DOUBLE 0.8 MEDIUM per-broker | Part of a ticket's life after which it is renewed.",
  'sasl.login.connect.timeout.ms': 'INT null LOW | How long a connection to the provider may take, in ms.',
  'sasl.login.read.timeout.ms': 'INT null LOW | How long an answer of the provider may take, in ms.',
  'sasl.login.refresh.buffer.seconds':
    'SHORT 300 MEDIUM per-broker | Seconds that a token still holds when it is refreshed.',
  'sasl.login.refresh.min.period.seconds':
    'SHORT 60 MEDIUM per-broker | Seconds between two refreshes of a token.',
  'sasl.login.refresh.window.factor':
    "DOUBLE 0.8 MEDIUM per-broker | Part of a token's life after which it is refreshed.",
  'sasl.login.refresh.window.jitter':
    'DOUBLE 0.05 MEDIUM per-broker | Random part of the time of refreshing.',
  'sasl.login.retry.backoff.max.ms':
    'LONG 10000 LOW | Longest pause between two logins at the provider, in ms.',
  'sasl.login.retry.backoff.ms': 'LONG 100 LOW | First pause between two logins at the provider, in ms.',
  'sasl.oauthbearer.assertion.algorithm':
    'STRING RS256 (case insensitive) [ES256, RS256] MEDIUM | Algorithm that signs the assertion.',
  'sasl.oauthbearer.assertion.claim.aud': 'STRING null MEDIUM | Audience that the assertion claims.',
  'sasl.oauthbearer.assertion.claim.exp.seconds':
    'INT 300 [0,...,86400] LOW | Seconds for which the assertion holds.',
  'sasl.oauthbearer.assertion.claim.iss': 'STRING null MEDIUM | Issuer that the assertion claims.',
  'sasl.oauthbearer.assertion.claim.jti.include': 'BOOLEAN false MEDIUM | Whether the assertion has an id.',
  'sasl.oauthbearer.assertion.claim.nbf.seconds':
    'INT 60 [0,...,3600] LOW | Seconds before now from which the assertion holds.',
  'sasl.oauthbearer.assertion.claim.sub': 'STRING null MEDIUM | Subject that the assertion claims.',
  'sasl.oauthbearer.assertion.file': 'STRING null MEDIUM | File with a finished assertion.',
  'sasl.oauthbearer.assertion.private.key.file':
    'STRING null MEDIUM | File with the key that signs the assertion.',
  'sasl.oauthbearer.assertion.private.key.passphrase': 'PASSWORD null MEDIUM | Password of that file.',
  'sasl.oauthbearer.assertion.template.file': 'STRING null MEDIUM | File with more claims of the assertion.',
  'sasl.oauthbearer.client.credentials.client.id': "STRING null MEDIUM | Client's name at the provider.",
  'sasl.oauthbearer.client.credentials.client.secret':
    "PASSWORD null MEDIUM | Client's secret at the provider.",
  'sasl.oauthbearer.clock.skew.seconds': 'INT 30 LOW | Seconds by which clocks may differ.',
  'sasl.oauthbearer.expected.audience': 'LIST "" HIGH | Audiences that a token may be for.',
  'sasl.oauthbearer.expected.issuer': 'STRING null HIGH | Issuer that a token must come from.',
  'sasl.oauthbearer.jwks.endpoint.refresh.ms':
    "LONG 3600000 LOW | How often the provider's keys are fetched, in ms.",
  'sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms':
    'LONG 10000 LOW | Longest pause before the keys are fetched again, in ms.',
  'sasl.oauthbearer.jwks.endpoint.retry.backoff.ms':
    'LONG 100 LOW | First pause before the keys are fetched again, in ms.',
  'sasl.oauthbearer.jwks.endpoint.url': "STRING null MEDIUM | Where the provider's keys are.",
  'sasl.oauthbearer.jwt.retriever.class':
    'CLASS org.apache.kafka.common.security.oauthbearer.DefaultJwtRetriever MEDIUM | Class that fetches tokens; Java only.',
  'sasl.oauthbearer.jwt.validator.class':
    'CLASS org.apache.kafka.common.security.oauthbearer.DefaultJwtValidator MEDIUM | Class that checks tokens; Java only.',
  'sasl.oauthbearer.scope': 'STRING null MEDIUM | Scope that is asked for.',
  'sasl.oauthbearer.scope.claim.name': 'STRING scope LOW | Claim that holds the scope.',
  'sasl.oauthbearer.sub.claim.name': 'STRING sub LOW | Claim that holds the subject.',
  'sasl.oauthbearer.token.endpoint.url': 'STRING null MEDIUM | Where tokens are fetched.',
})
