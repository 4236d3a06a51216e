import { UnsupportedVersionError } from '../../base/errors.ts'
import { errorCodes, errorName } from '../../wire/error-codes.ts'
import { KafkaError } from '../../wire/kafka-error.ts'
import {
  type ApiVersionsResponse,
  apiVersionsRequest,
  apiVersionsResponse,
} from '../../wire/messages/18-api-versions.ts'
import type { ServedVersions } from './rpc.ts'
import { pauseMsIn } from './throttle.ts'

/** Sends one ApiVersions request of the given version; resolves to the body of the answer and where it begins. */
export type AskVersions = (
  version: number,
  request: Buffer,
) => Promise<{ readonly frame: Buffer; readonly bodyPosition: number }>

/** What a broker says of itself. */
export interface Negotiated {
  readonly served: ServedVersions
  /** For how long it wants no more requests (KIP-219). */
  readonly pauseMs: number
}

/**
 * Learns what a broker serves (KIP-35). It is asked with the latest version; a broker to which that is not known answers
 * in version 0 with the versions that are (KIP-511), or, if it is older than that, with the error alone.
 *
 * @throws KafkaError when the broker refuses, UnsupportedVersionError when no version is common
 */
export async function negotiate(
  ask: AskVersions,
  software: { readonly name: string; readonly version: string },
): Promise<Negotiated> {
  const askWith = async (version: number): Promise<ApiVersionsResponse> => {
    const request = { clientSoftwareName: software.name, clientSoftwareVersion: software.version }
    const { frame, bodyPosition } = await ask(version, apiVersionsRequest.at(version).encode(request))
    return decode(frame, bodyPosition, version)
  }
  const latest = apiVersionsRequest.maxVersion
  const first = await askWith(latest)
  const isRefused = first.errorCode === errorCodes.UNSUPPORTED_VERSION
  const version = isRefused ? fallback(first, latest) : latest
  const answer = isRefused ? await askWith(version) : first
  if (answer.errorCode !== errorCodes.NONE) {
    const name = errorName(answer.errorCode) ?? 'UNKNOWN_SERVER_ERROR'
    throw new KafkaError(name, `the broker does not say what it serves: ${name} (${answer.errorCode})`)
  }
  return {
    served: new Map(answer.apiKeys.map((row) => [row.apiKey, row])),
    pauseMs: pauseMsIn(answer, apiVersionsRequest.name, version),
  }
}

/** That the version is not supported is always said in version 0: its error comes first, as in all others. */
function decode(frame: Buffer, bodyPosition: number, version: number): ApiVersionsResponse {
  const isRefusal =
    frame.length >= bodyPosition + 2 && frame.readInt16BE(bodyPosition) === errorCodes.UNSUPPORTED_VERSION
  return apiVersionsResponse.at(isRefusal ? 0 : version).decode(frame, bodyPosition)
}

function fallback({ apiKeys }: ApiVersionsResponse, latest: number): number {
  const row = apiKeys.find(({ apiKey }) => apiKey === apiVersionsRequest.apiKey)
  if (row === undefined) return 0
  const version = Math.min(latest, row.maxVersion)
  if (version >= Math.max(row.minVersion, apiVersionsRequest.minVersion)) return version
  throw new UnsupportedVersionError(
    `ApiVersions: versions up to ${latest} are known here, but the broker serves ${row.minVersion} to ${row.maxVersion}`,
  )
}
