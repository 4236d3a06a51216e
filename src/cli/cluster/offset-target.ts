import { type Command, Option } from 'commander'
import type { OffsetTarget } from '../../client/admin/offset-targets.ts'
import { UsageError } from '../failure.ts'
import { parseDuration, parseOffset, parseTime } from '../option-values.ts'

/** Where in partitions to go, as options say it: exactly one of them. */
export interface TargetOptions {
  readonly toEarliest?: boolean
  readonly toLatest?: boolean
  readonly toOffset?: number
  readonly toDatetime?: number
  readonly byDuration?: number
}

/** Gives `command` the options of {@link TargetOptions}, under the names that they have with Kafka's tools. */
export function addTargetOptions(command: Command): Command {
  return command
    .addOption(new Option('--to-earliest', 'to the first record'))
    .addOption(new Option('--to-latest', 'to the end'))
    .option('--to-offset <offset>', 'to that offset', parseOffset)
    .option('--to-datetime <time>', 'to the first record at or after it: ISO time or milliseconds', parseTime)
    .option(
      '--by-duration <duration>',
      'to the first record that is at most so old: 90m, PT1H30M',
      parseDuration,
    )
}

const targetNames = ['toEarliest', 'toLatest', 'toOffset', 'toDatetime', 'byDuration'] as const

/** @throws UsageError unless exactly one target is given; `others` says whether there are targets beside these, by option */
export function requireOneTarget(
  options: TargetOptions,
  others: Readonly<Record<string, boolean>> = {},
): void {
  const given = [...targetNames.map((name) => options[name] !== undefined), ...Object.values(others)].filter(
    Boolean,
  ).length
  if (given === 1) return
  const names = [...targetNames.map(optionName), ...Object.keys(others)].join(', ')
  throw new UsageError(`say where to, once: one of ${names}`)
}

function optionName(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

/** Where the options lead to. `nowMs` is in milliseconds since 1970; @throws TypeError if no target is given */
export function offsetTarget(options: TargetOptions, nowMs: number): OffsetTarget {
  const { toOffset, toDatetime, byDuration } = options
  if (options.toEarliest === true) return 'earliest'
  if (options.toLatest === true) return 'latest'
  if (toOffset !== undefined) return { offset: toOffset }
  if (toDatetime !== undefined) return { timestamp: toDatetime }
  if (byDuration !== undefined) return { timestamp: nowMs - byDuration }
  throw new TypeError('there is no target')
}
