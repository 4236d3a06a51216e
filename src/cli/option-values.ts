import { InvalidArgumentError } from 'commander'
import type { LogOptions } from '../log/log-options.ts'

/** @throws InvalidArgumentError unless `text` is a whole number of at least 1 */
export function parseCount(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number of at least 1.')
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

/** What `-X name=value` says about how a log is kept, under our names or Kafka's. The engine checks it. */
export function logOptionsOf(pairs: readonly (readonly [string, string])[] = []): LogOptions {
  return Object.fromEntries(pairs.map(([name, text]) => [name, valueOf(text)])) as LogOptions
}

function valueOf(text: string): string | number | boolean {
  if (/^-?\d+$/.test(text)) return Number(text)
  return text === 'true' || text === 'false' ? text === 'true' : text
}
