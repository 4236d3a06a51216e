import type { TestCluster, TestClusterOptions } from './test-cluster.ts'

/**
 * Starts a broker of this process on a free port: a Kafka for one test. Any number may run side by side.
 *
 * ```ts
 * await using cluster = await startTestCluster({ topics: ['orders'] })
 * const producer = new Kafka({ brokers: [cluster.bootstrap] }).producer()
 * ...
 * expect(await cluster.records('orders')).toHaveLength(1)
 * ```
 *
 * The broker is loaded when this is first called: who tests with memory files alone does not pay for it.
 *
 * @throws TypeError for an option that there is not; KafkaError for a topic that cannot be made
 */
export async function startTestCluster(options: TestClusterOptions = {}): Promise<TestCluster> {
  const { TestCluster } = await import('./test-cluster.ts')
  return TestCluster.start(options)
}
