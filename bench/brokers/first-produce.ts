import { encodeBatch } from '../../src/log/public.ts'
import { produceRequest, produceResponse } from '../../src/wire/messages/00-produce.ts'
import { WireClient } from '../../test/server/wire-client.ts'

const produce = { request: produceRequest, response: produceResponse }

/** The last version that names topics: nothing need be asked before. */
const namesTopics = 12

/**
 * Connects and appends one record to partition 0 of `topic`, acknowledged by all replicas.
 *
 * @throws Error when it is refused
 */
export async function produceOnce(address: string, topic: string): Promise<void> {
  using client = await WireClient.connect(Number(address.split(':').at(-1)))
  const records = encodeBatch([{ value: 'first' }], { now: Date.now() })
  const { responses } = await client.call(produce, namesTopics, {
    acks: -1,
    timeoutMs: 30_000,
    topicData: [{ name: topic, partitionData: [{ index: 0, records }] }],
  })
  const errorCode = responses[0]?.partitionResponses[0]?.errorCode
  if (errorCode !== 0) throw new Error(`the first produce was answered with the error code ${errorCode}`)
}
