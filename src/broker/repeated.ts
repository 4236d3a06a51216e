/** What a request names more than once: Kafka refuses it, and says so once. */
export function repeated<T>(names: Iterable<T>): ReadonlySet<T> {
  const seen = new Set<T>()
  const again = new Set<T>()
  for (const name of names) (seen.has(name) ? again : seen).add(name)
  return again
}
