import { configTable } from '../config-table.ts'

/** Certificates and logins. */
export const securityConfigs = configTable('effective', {
  'authorizer.class.name':
    'STRING "" non-null string LOW | What decides who may do what; empty lets everybody do everything.',
  'sasl.enabled.mechanisms':
    'LIST SCRAM-SHA-256,SCRAM-SHA-512 MEDIUM per-broker | Mechanisms by which clients may log in.',
  'sasl.jaas.config':
    'PASSWORD null MEDIUM per-broker | Name and password with which this broker logs in, in the form of JAAS.',
  'sasl.mechanism.inter.broker.protocol':
    'STRING SCRAM-SHA-512 MEDIUM per-broker | Mechanism by which brokers log in among themselves.',
  'sasl.server.max.receive.size': 'INT 524288 MEDIUM | Largest message of a login, in bytes.',
  'ssl.cipher.suites': 'LIST "" MEDIUM per-broker | Ciphers that may be used; empty for those of Node.',
  'ssl.client.auth':
    'STRING none [required, requested, none] MEDIUM per-broker | Whether clients must, may or need not show a certificate.',
  'ssl.enabled.protocols': 'LIST TLSv1.2,TLSv1.3 MEDIUM per-broker | Versions of TLS that may be used.',
  'ssl.endpoint.identification.algorithm':
    "STRING https LOW per-broker | How a peer's certificate is held against its name; empty not at all.",
  'ssl.key.password': 'PASSWORD null MEDIUM per-broker | Password of the private key.',
  'ssl.keystore.certificate.chain':
    'PASSWORD null MEDIUM per-broker | Certificates of this broker as PEM text.',
  'ssl.keystore.key': 'PASSWORD null MEDIUM per-broker | Private key of this broker as PEM text.',
  'ssl.keystore.location': 'STRING null MEDIUM per-broker | File with key and certificates of this broker.',
  'ssl.keystore.password': 'PASSWORD null MEDIUM per-broker | Password of that file.',
  'ssl.keystore.type': 'STRING PEM MEDIUM per-broker | Form of that file: PEM or PKCS12.',
  'ssl.principal.mapping.rules':
    'STRING DEFAULT LOW | Rules that make a name from the subject of a certificate.',
  'ssl.truststore.certificates':
    'PASSWORD null MEDIUM per-broker | Certificates that are trusted, as PEM text.',
  'ssl.truststore.location': 'STRING null MEDIUM per-broker | File with the certificates that are trusted.',
  'ssl.truststore.password': 'PASSWORD null MEDIUM per-broker | Password of that file.',
  'ssl.truststore.type': 'STRING PEM MEDIUM per-broker | Form of that file: PEM or PKCS12.',
})

/** What Kafka has besides, and what has no effect here. */
export const ineffectiveSecurityConfigs = configTable('no effect', {
  'delegation.token.expiry.check.interval.ms':
    'LONG 3600000 [1,...] LOW | How often outlived delegation tokens are looked for, in ms.',
  'delegation.token.expiry.time.ms':
    'LONG 86400000 [1,...] MEDIUM | How long a delegation token holds unless renewed, in ms.',
  'delegation.token.max.lifetime.ms':
    'LONG 604800000 [1,...] MEDIUM | How long a delegation token may be renewed, in ms.',
  'delegation.token.secret.key': 'PASSWORD null MEDIUM | Secret that signs delegation tokens.',
  'principal.builder.class':
    'CLASS org.apache.kafka.common.security.authenticator.DefaultKafkaPrincipalBuilder MEDIUM per-broker | Class that makes a name from a login; Java only.',
  'sasl.client.callback.handler.class':
    "CLASS null MEDIUM | Class that answers a mechanism's questions; Java only.",
  'sasl.login.callback.handler.class':
    'CLASS null MEDIUM | Class that answers the questions of a login; Java only.',
  'sasl.login.class': 'CLASS null MEDIUM | Class that logs in; Java only.',
  'sasl.mechanism.controller.protocol':
    'STRING GSSAPI HIGH | Mechanism by which brokers log in at controllers.',
  'sasl.server.callback.handler.class': 'CLASS null MEDIUM | Class that checks logins; Java only.',
  'security.providers': 'STRING null LOW | Providers of algorithms; Java only.',
  'ssl.allow.dn.changes': 'BOOLEAN false LOW | Whether a new certificate may name another subject.',
  'ssl.allow.san.changes': 'BOOLEAN false LOW | Whether a new certificate may name other hosts.',
  'ssl.engine.factory.class': 'CLASS null LOW per-broker | Class that makes TLS engines; Java only.',
  'ssl.keymanager.algorithm': 'STRING SunX509 MEDIUM per-broker | Algorithm of the key manager; Java only.',
  'ssl.protocol':
    'STRING TLSv1.3 MEDIUM per-broker | Protocol of the TLS context; here ssl.enabled.protocols says all.',
  'ssl.provider': 'STRING null MEDIUM per-broker | Provider of TLS; Java only.',
  'ssl.secure.random.implementation': 'STRING null LOW per-broker | Source of randomness of TLS; Java only.',
  'ssl.trustmanager.algorithm': 'STRING PKIX MEDIUM per-broker | Algorithm of the trust manager; Java only.',
})
