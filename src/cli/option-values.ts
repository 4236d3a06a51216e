import { InvalidArgumentError } from 'commander'
import type { LogOptions } from '../log/log-options.ts'
import { UsageError } from './failure.ts'

/** @throws InvalidArgumentError unless `text` is a whole number of at least 1 */
export function parseCount(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number of at least 1.')
}

/** @throws InvalidArgumentError unless `text` is a whole number, 0 or more */
export function parseOffset(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number, 0 or more.')
}

/**
 * Milliseconds since 1970 that `text` says, as a number or a date (ISO 8601).
 *
 * @throws InvalidArgumentError when it is neither
 */
export function parseTime(text: string): number {
  const timestamp = /^\d{1,15}$/.test(text) ? Number(text) : Date.parse(text)
  if (!Number.isNaN(timestamp)) return timestamp
  throw new InvalidArgumentError(
    `'${text}' is no time: it must be milliseconds since 1970, or like 2018-02-03T00:00Z.`,
  )
}

const durationUnits = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000 } as const
const durationPattern = /^P?(?:(\d+)d)?T?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/i

/**
 * Milliseconds that `text` says, like `1h30m`, `2d` or ISO 8601's `PT1H30M`.
 *
 * @throws InvalidArgumentError when it is no duration
 */
export function parseDuration(text: string): number {
  const parts = durationPattern.exec(text)?.slice(1) ?? []
  const units = Object.values(durationUnits)
  const durationMs = parts.reduce((sum, part, index) => sum + Number(part ?? 0) * (units[index] ?? 0), 0)
  if (parts.some((part) => part !== undefined)) return durationMs
  throw new InvalidArgumentError(`'${text}' is no duration: it must be like 90m, 2d, 1h30m or PT1H30M.`)
}

/** For an option that may be repeated: adds `text` to what was given before. */
export function collect(text: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, text]
}

/** A number of a partition. @throws InvalidArgumentError unless `text` is one */
export function parsePartition(text: string): number {
  if (/^\d{1,10}$/.test(text) && Number(text) < 2 ** 31) return Number(text)
  throw new InvalidArgumentError('It must be the number of a partition: 0, 1, ...')
}

/** For an option that may be repeated: adds one `name=value` to those given before. */
export function collectPairs(
  text: string,
  previous: readonly (readonly [string, string])[] = [],
): readonly (readonly [string, string])[] {
  const equals = text.indexOf('=')
  if (equals < 1) throw new InvalidArgumentError('It must be NAME=VALUE.')
  return [...previous, [text.slice(0, equals), text.slice(equals + 1)]]
}

/** What `-X name=value` says, with numbers and switches as such. */
export type Settings = Readonly<Record<string, string | number | boolean>>

/** Options of producers and consumers that are no settings: they are functions, or decided by the command itself. */
const reserved: readonly string[] = ['key', 'value', 'partitioner', 'interceptors', 'topics', 'assignment']

/** The settings that `pairs` are, for a producer or consumer, which checks the rest. @throws UsageError for what is none */
export function clientSettingsOf(pairs: readonly (readonly [string, string])[] = []): Settings {
  const wrong = pairs.find(([name]) => reserved.includes(name))
  if (wrong === undefined) return settingsOf(pairs)
  throw new UsageError(`-X ${wrong[0]}: that is not for the command line`)
}

/** The settings that `pairs` are. Whoever takes them checks them. */
function settingsOf(pairs: readonly (readonly [string, string])[] = []): Settings {
  return Object.fromEntries(pairs.map(([name, text]) => [name, valueOf(text)]))
}

/** `given`, with `value` for an option that is in it by neither our name nor Kafka's. */
export function withDefault(
  given: Settings,
  [name, kafkaName]: readonly [name: string, kafkaName: string],
  value: string | number | boolean,
): Settings {
  return name in given || kafkaName in given ? given : { ...given, [name]: value }
}

/** What `-X name=value` says about how a log is kept, under our names or Kafka's. The engine checks it. */
export function logOptionsOf(pairs?: readonly (readonly [string, string])[]): LogOptions {
  return settingsOf(pairs)
}

function valueOf(text: string): string | number | boolean {
  if (/^-?\d+$/.test(text)) return Number(text)
  return text === 'true' || text === 'false' ? text === 'true' : text
}
