import { assert } from '../../base/assert.ts'
import type { ConfigKey } from './config-key.ts'
import type { ConfigType, ValuesByType } from './config-type.ts'
import { parseValidity } from './validity.ts'

/**
 * A config in one line: type, default (`null` for none, `""` for empty), the valid values in Kafka's notation if
 * they are restricted, importance, for a broker's config who may change it while it runs if anybody may, `internal`
 * if it is described only where it is set; then what it means.
 *
 *     'LONG 604800000 [1,...] MEDIUM | Age at which a new segment is started, in ms.'
 */
type Row = `${ConfigType} ${string} | ${string}`

type Words<W extends string> = W extends `${infer First}, ${infer Rest}` ? First | Words<Rest> : W

/** What the values of a row are: with words to choose from, one of those. */
type BareValue<R extends string> = R extends `LIST ${string} [partitionId]${string}`
  ? readonly string[]
  : R extends `${string} (case insensitive) ${string}`
    ? string
    : R extends `STRING ${string} [${infer W}] ${string}`
      ? Words<W>
      : R extends `LIST ${string} [${infer W}] ${string}`
        ? readonly Words<W>[]
        : R extends `${infer T extends ConfigType} ${string}`
          ? ValuesByType[T]
          : never

type RowValue<R extends string> = R extends `${string} null ${string} | ${string}`
  ? BareValue<R> | null
  : BareValue<R>

const rowForm =
  /^([A-Z]+) (\S+)(?: (.+?))? (HIGH|MEDIUM|LOW)(?: (per-broker|cluster-wide))?( internal)? \| (.+)$/

/** Declares configs, one row each; see {@link Row}. `effect` is whether anything here goes by them. */
export function configTable<const R extends Readonly<Record<string, Row>>>(
  effect: 'effective' | 'no effect',
  rows: R,
): { readonly [N in keyof R]: ConfigKey<RowValue<R[N] & string>> } {
  const keys = Object.entries(rows).map(([name, row]) => [name, parseRow(name, row, effect === 'effective')])
  return Object.fromEntries(keys)
}

function parseRow(name: string, row: string, hasEffect: boolean): ConfigKey {
  const match = rowForm.exec(row)
  assert(match !== null, `the declaration of ${name} has the form of a row`)
  const [, type = '', initial = '', notation, importance, mode, internal, documentation = ''] = match
  return {
    name,
    type: type as ConfigType,
    defaultText: initial === 'null' ? null : initial === '""' ? '' : initial,
    validity: notation === undefined ? undefined : parseValidity(notation, type as ConfigType),
    importance: importance as ConfigKey['importance'],
    dynamicMode: (mode ?? 'read-only') as ConfigKey['dynamicMode'],
    isInternal: internal !== undefined,
    hasEffect,
    documentation,
  }
}
