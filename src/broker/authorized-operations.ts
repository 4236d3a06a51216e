/**
 * What everybody may do where nobody is kept from anything, as Kafka tells it without an authorizer (KIP-430): a bit
 * for each operation that a kind of resource knows. Bits by the codes of `AclOperation`: 3 READ, 4 WRITE, 5 CREATE,
 * 6 DELETE, 7 ALTER, 8 DESCRIBE, 9 CLUSTER_ACTION, 10 DESCRIBE_CONFIGS, 11 ALTER_CONFIGS, 12 IDEMPOTENT_WRITE.
 */
export const authorizedOperations = {
  topic: bits(3, 4, 5, 6, 7, 8, 10, 11),
  group: bits(3, 6, 8, 10, 11),
  cluster: bits(5, 7, 8, 9, 10, 11, 12),
} as const

/** Kafka's word for not having been asked. */
export const notAsked = -(2 ** 31)

function bits(...codes: readonly number[]): number {
  return codes.reduce((sum, code) => sum | (1 << code), 0)
}
