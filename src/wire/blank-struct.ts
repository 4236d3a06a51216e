/** A struct as it is decoded: its fields by name. */
export type Struct = Record<string, unknown>

/**
 * What makes the structs of one declaration, each without fields yet. They are plain objects, but V8 learns from the first few of
 * each such function how many fields the others will have, and gives them that room and no more. Copies of an object, or
 * literals filled by name, get room for four at the least, and are twice as slow.
 */
export function blankStructs(): new () => Struct {
  function Blank(): void {}
  Blank.prototype = Object.prototype
  return Blank as unknown as new () => Struct
}
