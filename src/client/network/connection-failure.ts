import { ConnectionError, TidemarkError } from '../../base/errors.ts'
import { systemErrorCode } from '../../env/system-error.ts'

/** A broker is not who it should be, or does not speak TLS: trying again will not help. */
export class UntrustedBrokerError extends TidemarkError {
  readonly code = 'ERR_CONNECTION'
  /** `host:port` of the broker. */
  readonly address: string

  constructor(address: string, reason: string, options: ErrorOptions) {
    super(`${address}: ${reason}`, options)
    this.address = address
  }
}

const plainReasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'there is no host of that name',
  EAI_AGAIN: 'the name of the host cannot be looked up',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network of the host cannot be reached',
  ETIMEDOUT: 'the host does not answer',
  ECONNRESET: 'the broker broke the connection off',
  EPIPE: 'the broker broke the connection off',
}

const distrustReasons: Readonly<Record<string, string>> = {
  SELF_SIGNED_CERT_IN_CHAIN:
    'its certificate goes back to an authority that is not trusted: give it as tls.ca',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'it has signed its certificate itself: give that as tls.ca to trust it',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its certificate is from an authority that is not trusted: give it as tls.ca',
  UNABLE_TO_GET_ISSUER_CERT: 'the authority of its certificate is not known: give it as tls.ca',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'the authority of its certificate is not known: give it as tls.ca',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS on this port',
  EPROTO: 'the TLS handshake failed',
}

/** What a socket's error means for the connection to `address`. */
export function connectionFailure(address: string, cause: Error): TidemarkError {
  const code = systemErrorCode(cause)
  const distrust = code === undefined ? undefined : distrustReasons[code]
  if (distrust !== undefined) return new UntrustedBrokerError(address, `${distrust} (${code})`, { cause })
  const reason = code === undefined ? cause.message : `${plainReasons[code] ?? cause.message} (${code})`
  return new ConnectionError(address, reason, { cause })
}
