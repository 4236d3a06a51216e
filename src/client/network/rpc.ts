import { UnsupportedVersionError } from '../../base/errors.ts'
import type { Message } from '../../wire/message.ts'

/** An API as a client calls it: what is asked with, and what is answered. */
export interface Rpc<Input, Value> {
  readonly request: Message<unknown, Input>
  readonly response: Message<Value, never>
  /** The first version to be spoken. Default: the first there is. */
  readonly minVersion?: number
  /** The last version to be spoken. Default: the last there is. */
  readonly maxVersion?: number
}

/** Inclusive. */
export interface VersionRange {
  readonly minVersion: number
  readonly maxVersion: number
}

/** What a broker serves, by API key. */
export type ServedVersions = ReadonlyMap<number, VersionRange>

/** Joins the two messages of an API. `versions` narrows those that are spoken. */
export function rpc<Input, Value>(
  request: Message<unknown, Input>,
  response: Message<Value, never>,
  versions: Partial<VersionRange> = {},
): Rpc<Input, Value> {
  return { request, response, ...versions }
}

/** Kafka's name of the API, such as `Fetch`. */
export function nameOf({ request }: Rpc<never, unknown>): string {
  return request.name.replace(/Request$/, '')
}

/**
 * The latest version that both sides know.
 *
 * @throws UnsupportedVersionError if there is none
 */
export function commonVersion(api: Rpc<never, unknown>, served: ServedVersions, address: string): number {
  const { request, minVersion = request.minVersion, maxVersion = request.maxVersion } = api
  const theirs = served.get(request.apiKey)
  const version = Math.min(maxVersion, theirs?.maxVersion ?? -1)
  if (theirs !== undefined && version >= Math.max(minVersion, theirs.minVersion)) return version
  const serves = theirs === undefined ? 'does not serve it' : `serves ${rangeText(theirs)}`
  throw new UnsupportedVersionError(
    `${nameOf(api)}: versions ${rangeText({ minVersion, maxVersion })} are known here, but the broker at ${address} ${serves}`,
  )
}

function rangeText({ minVersion, maxVersion }: VersionRange): string {
  return minVersion === maxVersion ? `${minVersion}` : `${minVersion} to ${maxVersion}`
}
