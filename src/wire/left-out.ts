import { defaultTest } from './default-value.ts'
import type { Fields } from './field.ts'
import { WireFault } from './wire-fault.ts'

/** Refuses values that a version without their field would lose, as Kafka does, unless the field is ignorable. */
export function leftOutCheck(fields: Fields, version: number): (value: Record<string, unknown>) => void {
  const leftOut = Object.entries(fields)
    .filter(([, field]) => !field.isIn(version) && !field.traits.isIgnorable)
    .map(([name, field]) => ({ name, isDefault: defaultTest(field) }))
  return (value) => {
    for (const { name, isDefault } of leftOut) {
      const given = value[name]
      if (given !== undefined && !isDefault(given))
        throw new WireFault('is not in this version, and has a value other than its default').within(name)
    }
  }
}
