import type { ConfigType } from './config-type.ts'

/** What is wrong with a value, in Kafka's words: the part of it to show, and why. */
export interface ValueFault {
  readonly shown: string
  readonly reason: string
}

/** Which of a type's values a config may have, written in the notation of Kafka's documentation. */
export interface Validity {
  readonly notation: string
  /** Judges a printed value; undefined when it is valid. */
  fault(printed: string, name: string): ValueFault | undefined
}

type Judge = Validity['fault']

/**
 * Reads Kafka's notation: `[1,...]` and `[0,...,1]` are ranges with both ends included, `[a, b]` are the words to
 * choose from (for a LIST: each of its elements), and `[partitionId]:[brokerId],...` are throttled replicas.
 */
export function parseValidity(notation: string, type: ConfigType): Validity {
  return { notation, fault: judgeOf(notation, type) }
}

function judgeOf(notation: string, type: ConfigType): Judge {
  const range = /^\[([-\d.]+),\.\.\.(?:,([-\d.]+))?\](?: or ([-\d]+))?$/.exec(notation)
  if (range !== null) return inRange(Number(range[1]), Number(range[2] ?? Infinity), range[3])
  if (notation.startsWith('[partitionId]')) return throttledReplicas
  const words = /^(\(case insensitive\) )?\[(.*)\]$/.exec(notation)
  if (words !== null) return oneOf((words[2] ?? '').split(', '), words[1] !== undefined, type === 'LIST')
  if (notation === 'non-empty string') return nonEmpty
  // What is left (`non-null string`, `non-empty list`) is no restriction on strings that are there.
  return () => undefined
}

function inRange(min: number, max: number, exception: string | undefined): Judge {
  const between = `Value must be between ${min} and ${max} or equal to ${exception}`
  return (printed) => {
    if (printed === exception) return undefined
    const value = Number(printed)
    if (value >= min && value <= max) return undefined
    if (exception !== undefined) return { shown: printed, reason: between }
    return {
      shown: printed,
      reason: value < min ? `Value must be at least ${min}` : `Value must be no more than ${max}`,
    }
  }
}

function oneOf(words: readonly string[], ignoreCase: boolean, isList: boolean): Judge {
  const form = (word: string) => (ignoreCase ? word.toUpperCase() : word)
  const known = new Set(words.map(form))
  const reason = `String must be one of${ignoreCase ? ' (case insensitive)' : ''}: ${words.join(', ')}`
  return (printed) => {
    // An empty list has no element that could be wrong: `cleanup.policy=` keeps everything for ever.
    const given = !isList ? [printed] : printed === '' ? [] : printed.split(',')
    const wrong = given.find((word) => !known.has(form(word)))
    return wrong === undefined ? undefined : { shown: wrong, reason }
  }
}

function nonEmpty(printed: string): ValueFault | undefined {
  return printed === '' ? { shown: '', reason: 'String must be non-empty' } : undefined
}

function throttledReplicas(printed: string, name: string): ValueFault | undefined {
  if (/^(\*|\d+:\d+(,\d+:\d+)*)?$/.test(printed)) return undefined
  const form = '[partitionId]:[brokerId],[partitionId]:[brokerId],...'
  return {
    shown: `[${printed.replaceAll(',', ', ')}]`,
    reason: `${name} must be the literal '*' or a list of replicas in the following format: ${form}`,
  }
}
