/**
 * What is wrong with the field at hand. On its way up every struct and array adds where it was, so that the fields
 * themselves need not know; `Message` makes a `WireError` of it.
 */
export class WireFault extends Error {
  override name = 'WireFault'
  /** The field at fault, as far as it is known by now. */
  path = ''

  /** Says that the fault is inside `outer`: a field's name, or an index such as `[3]`. */
  within(outer: string): this {
    this.path = this.path === '' || this.path.startsWith('[') ? outer + this.path : `${outer}.${this.path}`
    return this
  }
}

/** Adds a step to the path of `error` if it is a {@link WireFault}; returns it to be thrown again. */
export function within(error: unknown, outer: string): unknown {
  return error instanceof WireFault ? error.within(outer) : error
}
