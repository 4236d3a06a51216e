/** fast-check's parameter for repeating a run: set TIDEMARK_SEED to the seed that a failure printed. */
export function seedFromEnvironment(): { seed?: number } {
  const seed = process.env['TIDEMARK_SEED']
  return seed === undefined ? {} : { seed: Number(seed) }
}
