/** What the values of each of Kafka's config types are, once read. A LONG of 2^63 - 1 is Infinity. */
export interface ValuesByType {
  readonly BOOLEAN: boolean
  readonly CLASS: string
  readonly DOUBLE: number
  readonly INT: number
  readonly LIST: readonly string[]
  readonly LONG: number
  readonly PASSWORD: string
  readonly SHORT: number
  readonly STRING: string
}

/** Kafka's names of the types of configs. */
export type ConfigType = keyof ValuesByType

/** Codes of the types in DescribeConfigs responses. UNKNOWN is a config that nobody has declared. */
export const configTypeCodes: Readonly<Record<ConfigType | 'UNKNOWN', number>> = {
  UNKNOWN: 0,
  BOOLEAN: 1,
  STRING: 2,
  INT: 3,
  SHORT: 4,
  LONG: 5,
  DOUBLE: 6,
  LIST: 7,
  CLASS: 8,
  PASSWORD: 9,
}

/**
 * One type: configs are strings wherever they travel or are kept. A string is first brought into the one form in
 * which Kafka prints the value (`' +7'` is `'7'`), and what code uses is read from that.
 */
interface TypeRule<T> {
  /** What to say, in Kafka's words, of a string that is no such value. */
  readonly expectation: string
  /** The printed form of a trimmed string; undefined when it is no such value. */
  print(trimmed: string): string | undefined
  read(printed: string): T
}

const asIs: TypeRule<string> = { expectation: '', print: (trimmed) => trimmed, read: (printed) => printed }

const rules: { readonly [T in ConfigType]: TypeRule<ValuesByType[T]> } = {
  BOOLEAN: {
    expectation: 'Expected value to be either true or false',
    print: (trimmed) => (/^(true|false)$/i.test(trimmed) ? trimmed.toLowerCase() : undefined),
    read: (printed) => printed === 'true',
  },
  CLASS: asIs,
  DOUBLE: {
    expectation: 'Not a number of type DOUBLE',
    print: (trimmed) =>
      /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(trimmed) ? printDouble(Number(trimmed)) : undefined,
    read: Number,
  },
  INT: integerRule('INT', 32n),
  LIST: {
    expectation: '',
    // Each element once, as in Kafka 4.3.
    print: (trimmed) => [...new Set(trimmed.split(/\s*,\s*/))].join(','),
    read: (printed) => (printed === '' ? [] : printed.split(',')),
  },
  LONG: integerRule('LONG', 64n),
  PASSWORD: asIs,
  SHORT: integerRule('SHORT', 16n),
  STRING: asIs,
}

/** The form in which Kafka prints `text` as a value of `type`; undefined when it is none. */
export function printConfigValue(type: ConfigType, text: string): string | undefined {
  return rules[type].print(text.trim())
}

/** The value of a printed form; see {@link printConfigValue}. */
export function readConfigValue<T extends ConfigType>(type: T, printed: string): ValuesByType[T] {
  return rules[type].read(printed)
}

/** Kafka's complaint about a string that is no value of `type`. */
export function typeExpectation(type: ConfigType): string {
  return rules[type].expectation
}

/**
 * Decimal digits within two's complement of so many bits; a sign and leading zeros may stand before, as in Java.
 */
function integerRule(name: ConfigType, bitCount: bigint): TypeRule<number> {
  const max = 2n ** (bitCount - 1n) - 1n
  return {
    expectation: `Not a number of type ${name}`,
    print(trimmed) {
      if (!/^[+-]?\d+$/.test(trimmed)) return undefined
      const value = BigInt(trimmed.replace('+', ''))
      return value > max || value < -max - 1n ? undefined : String(value)
    },
    read: (printed) => (printed === '9223372036854775807' ? Number.POSITIVE_INFINITY : Number(printed)),
  }
}

/** As Java prints doubles: always with a fraction, and with an exponent below 0.001 and from ten million. */
function printDouble(value: number): string | undefined {
  if (!Number.isFinite(value)) return undefined
  const size = Math.abs(value)
  const withExponent = size !== 0 && (size < 1e-3 || size >= 1e7)
  const [digits = '', exponent] = (withExponent ? value.toExponential() : String(value)).split('e')
  const fraction = digits.includes('.') ? digits : `${digits}.0`
  return exponent === undefined ? fraction : `${fraction}E${Number(exponent)}`
}
