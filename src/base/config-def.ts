import { nearestName } from './nearest-name.ts'

/**
 * What one configuration value may be. `kafkaName` is the name Apache Kafka gives it, accepted beside our own.
 */
export interface ConfigKey<T> {
  readonly kafkaName?: string
  readonly default: T
  /** Returns the value to use, or throws a TypeError or RangeError that says what `name` may be. */
  readonly parse: (name: string, value: unknown) => T
}

export type ConfigDef = Readonly<Record<string, ConfigKey<unknown>>>

/** The values of a definition after {@link resolveConfig}: every key present, no defaults left to apply. */
export type Resolved<D extends ConfigDef> = {
  readonly [K in keyof D]: D[K] extends ConfigKey<infer T> ? T : never
}

/** Kafka writes "no limit" as -1 (or as the largest long); inside it is Infinity. */
export const unlimited = Number.POSITIVE_INFINITY
const longMax = 2 ** 63

export function integerKey(spec: {
  kafkaName?: string
  default: number
  min: number
  max?: number
  /** Accept -1 (and Infinity) for "no limit". */
  unlimited?: boolean
}): ConfigKey<number> {
  const max = spec.max ?? Number.MAX_SAFE_INTEGER
  const range = `an integer from ${spec.min} to ${max}${spec.unlimited ? ', or -1 for no limit' : ''}`
  return {
    ...(spec.kafkaName === undefined ? {} : { kafkaName: spec.kafkaName }),
    default: spec.default,
    parse(name, value) {
      if (typeof value !== 'number') throw new TypeError(`${name} must be ${range}; got ${describe(value)}`)
      if (spec.unlimited && (value === -1 || value >= longMax)) return unlimited
      if (!Number.isInteger(value) || value < spec.min || value > max)
        throw new RangeError(`${name} must be ${range}; got ${value}`)
      return value
    },
  }
}

/** A share of something: from 0 to 1. */
export function ratioKey(spec: { kafkaName?: string; default: number }): ConfigKey<number> {
  return {
    ...(spec.kafkaName === undefined ? {} : { kafkaName: spec.kafkaName }),
    default: spec.default,
    parse(name, value) {
      const message = `${name} must be a number from 0 to 1; got ${describe(value)}`
      if (typeof value !== 'number') throw new TypeError(message)
      if (!(value >= 0 && value <= 1)) throw new RangeError(message)
      return value
    },
  }
}

export function choiceKey<const C extends string>(spec: {
  kafkaName?: string
  default: C
  choices: readonly C[]
}): ConfigKey<C> {
  const known: ReadonlySet<string> = new Set(spec.choices)
  const isChoice = (value: unknown): value is C => typeof value === 'string' && known.has(value)
  return {
    ...(spec.kafkaName === undefined ? {} : { kafkaName: spec.kafkaName }),
    default: spec.default,
    parse(name, value) {
      if (isChoice(value)) return value
      const meant = typeof value === 'string' ? nearestName(value, spec.choices) : undefined
      const choices = spec.choices.map((choice) => `'${choice}'`).join(', ')
      throw new TypeError(
        `${name} must be one of ${choices}; got ${describe(value)}${meant ? `. Did you mean '${meant}'?` : ''}`,
      )
    },
  }
}

export function booleanKey(spec: { kafkaName?: string; default: boolean }): ConfigKey<boolean> {
  return {
    ...(spec.kafkaName === undefined ? {} : { kafkaName: spec.kafkaName }),
    default: spec.default,
    parse(name, value) {
      if (typeof value === 'boolean') return value
      throw new TypeError(`${name} must be true or false; got ${describe(value)}`)
    },
  }
}

/**
 * Applies defaults and checks `given` against `def`, once; the code behind takes the result and asks nothing
 * more. Keys may be ours or Kafka's; `undefined` counts as not given. Throws TypeError for an unknown name (the
 * nearest one is in the message), a name given twice, or a wrong type, and RangeError for a value out of range.
 */
export function resolveConfig<D extends ConfigDef>(
  def: D,
  given: Readonly<Record<string, unknown>>,
): Resolved<D> {
  const ownNames = new Map<string, string>()
  for (const [name, key] of Object.entries(def)) {
    ownNames.set(name, name)
    if (key.kafkaName !== undefined) ownNames.set(key.kafkaName, name)
  }
  const resolved: Record<string, unknown> = {}
  for (const [givenName, value] of Object.entries(given)) {
    if (value === undefined) continue
    const name = ownNames.get(givenName)
    const key = name === undefined ? undefined : def[name]
    if (name === undefined || key === undefined) throw unknownName(givenName, ownNames.keys())
    if (name in resolved)
      throw new TypeError(`option '${givenName}' was also given under its other name; give it once`)
    resolved[name] = key.parse(givenName, value)
  }
  for (const [name, key] of Object.entries(def)) if (!(name in resolved)) resolved[name] = key.default
  return resolved as Resolved<D>
}

function unknownName(name: string, known: Iterable<string>): TypeError {
  const meant = nearestName(name, known)
  return new TypeError(`unknown option '${name}'${meant === undefined ? '' : `; did you mean '${meant}'?`}`)
}

function describe(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  return value === null || typeof value !== 'object' ? String(value) : typeof value
}
