import { BrokerServer } from '../../src/server/broker-server.ts'
import { memoryEnv } from '../../src/testing/memory-env.ts'

/** A broker that takes any number of connections, and what it complained of. */
export interface LiveBroker extends AsyncDisposable {
  readonly server: BrokerServer
  readonly port: number
  /** Lines of its log that tell of failures of its own. Strangers who send nonsense cause none. */
  readonly complaints: readonly string[]
}

/** Starts a broker in memory, on a free port of this machine. */
export async function startLiveBroker(seed: number): Promise<LiveBroker> {
  const complaints: string[] = []
  const complain = (line: string): void => void complaints.push(line)
  // To a producer that wants no answers (acks=0), the end of the connection is all that can be said.
  const complainOfEnds = (line: string): void => {
    if (line.includes('handler-failed') && !line.includes('acks=0 failed')) complain(line)
  }
  const server = await BrokerServer.start({
    env: memoryEnv({ seed }),
    directories: ['/data'],
    properties: {
      listeners: 'PLAINTEXT://127.0.0.1:0',
      ...{ 'max.connections': '1000000', 'max.connections.per.ip': '1000000' },
      'max.connection.creation.rate': '1000000',
      'offsets.topic.num.partitions': '1',
    },
    logger: { info: complainOfEnds, warn: complainOfEnds, error: complain },
  })
  const port = server.endpoints[0]?.port ?? 0
  return { server, port, complaints, [Symbol.asyncDispose]: () => server.close() }
}
