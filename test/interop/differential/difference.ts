import { Comparable } from './comparable.ts'
import type { Exchange } from './dialogue.ts'

/** One value in the answer to one request that is not the same. */
export interface Difference {
  readonly scenario: string
  readonly step: string
  readonly api: string
  readonly version: number
  /** Where in the answer, such as `topics[0].errorCode`. */
  readonly path: string
  readonly kafka: unknown
  readonly ours: unknown
}

/** Stands for a field or an element that only the other has, and for the answer of one who hung up. */
export const nothing = 'nothing'

/** What differs between two dialogues about the same scenario. */
export function differences(scenario: string, kafka: Told, ours: Told): Difference[] {
  const [kafkaForm, ourForm] = [new Comparable(kafka.topicIds), new Comparable(ours.topicIds)]
  const found: Difference[] = []
  for (const [index, { step, api, version, answer }] of kafka.exchanges.entries()) {
    const arranged = orderedApis.has(api) ? (value: unknown) => value : sorted
    const add = (path: string, one: unknown, other: unknown) =>
      found.push({ scenario, step, api, version, path, kafka: one, ours: other })
    const ourAnswer = ours.exchanges[index]?.answer
    compare(arranged(kafkaForm.of(answer)), arranged(ourForm.of(ourAnswer)), '', add)
  }
  return found
}

/** All that one of the two has answered. */
export interface Told {
  readonly exchanges: readonly Exchange[]
  /** Of the topics that were made, oldest first. */
  readonly topicIds: readonly string[]
}

/** Answers whose order clients go by. Elsewhere Kafka's is that of a hash map. */
const orderedApis: ReadonlySet<string> = new Set(['DescribeTopicPartitions'])

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    const elements = value.map(sorted)
    const isKeyed = elements.every(isHolder)
    return isKeyed ? elements.toSorted((a, b) => order(keyOf(a), keyOf(b))) : elements
  }
  if (!isHolder(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, held]) => [name, name === 'configs' ? byName(held) : sorted(held)]),
  )
}

/** Configs are many, and are called by their names; not by their places, which one that the other lacks would move. */
function byName(configs: unknown): unknown {
  return Array.isArray(configs)
    ? Object.fromEntries(configs.map((each) => [String(each.name), sorted(each)]))
    : configs
}

/** What tells the elements of an array apart: all that they are called by. */
function keyOf(element: Readonly<Record<string, unknown>>): string {
  const called = Object.entries(element).filter(([name]) =>
    /index|partition|name|topic|id|key|type/i.test(name),
  )
  return JSON.stringify(called.filter(([, value]) => typeof value !== 'object'))
}

function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

type Add = (path: string, kafka: unknown, ours: unknown) => void

function compare(kafka: unknown, ours: unknown, path: string, add: Add): void {
  if (!isHolder(kafka) || !isHolder(ours) || Array.isArray(kafka) !== Array.isArray(ours)) {
    if (!Object.is(kafka, ours)) add(path, kafka ?? fallback(kafka), ours ?? fallback(ours))
    return
  }
  for (const name of new Set([...Object.keys(kafka), ...Object.keys(ours)]))
    compare(kafka[name], ours[name], joined(path, name, Array.isArray(kafka)), add)
}

function joined(path: string, name: string, isElement: boolean): string {
  if (isElement) return `${path}[${name}]`
  return path === '' ? name : `${path}.${name}`
}

function fallback(value: undefined | null): unknown {
  return value === undefined ? nothing : null
}

function isHolder(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
