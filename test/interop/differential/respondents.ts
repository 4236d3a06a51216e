import { nodeEnv } from '../../../src/env/node-env.ts'
import { BrokerServer } from '../../../src/server/broker-server.ts'
import { temporaryDirectory } from '../../unit/env/temporary-directory.ts'
import { Broker } from '../kafka/broker.ts'
import { type Body, Dialogue, list } from './dialogue.ts'

/** Who is asked, and where. */
export interface Respondents extends AsyncDisposable {
  readonly kafkaPort: number
  readonly ourPort: number
}

/** The same for both, so that they answer alike. Records of long ago stay, and groups do not wait for more members. */
const properties = {
  'group.initial.rebalance.delay.ms': '0',
  'log.retention.ms': '-1',
  'offsets.topic.num.partitions': '1',
}

/** Starts a new Apache Kafka and a new broker of ours, of the same number; both have made what they make when first asked. */
export async function startRespondents(): Promise<Respondents> {
  const settings = Object.entries(properties).map(([name, value]) => `${name}=${value}`)
  // Else each decision of its controller waits for others to be written with it.
  const linger = 'controller.quorum.append.linger.ms=0'
  const kafka = await Broker.start(temporaryDirectory(), ...settings, linger)
  const ours = await startOurs()
  const ports = { kafkaPort: Number(kafka.address.split(':').at(-1)), ourPort: ours.endpoints[0]?.port ?? 0 }
  await Promise.all([warmUp(ports.kafkaPort), warmUp(ports.ourPort)])
  return {
    ...ports,
    async [Symbol.asyncDispose]() {
      await Promise.all([kafka.kill(), ours.close()])
    },
  }
}

function startOurs(): Promise<BrokerServer> {
  return BrokerServer.start({
    env: nodeEnv(),
    directories: [temporaryDirectory()],
    properties: {
      ...properties,
      listeners: 'PLAINTEXT://127.0.0.1:0',
      'node.id': '1',
      'tidemark.durability': 'os',
    },
  })
}

/** Until groups have a coordinator, and producers get ids. */
async function warmUp(port: number): Promise<void> {
  using dialogue = new Dialogue(port, 'first')
  const isFound = (answer: Body): boolean => list(answer, 'coordinators')[0]?.['errorCode'] === 0
  await dialogue.until('FindCoordinator', 6, { keyType: 0, coordinatorKeys: ['group'] }, isFound)
  const isGiven = ({ errorCode }: Body): boolean => errorCode === 0
  await dialogue.until('InitProducerId', 5, { transactionalId: null, transactionTimeoutMs: 1000 }, isGiven)
  const isLoaded = (answer: Body): boolean => list(answer, 'groups')[0]?.['errorCode'] !== 14
  await dialogue.until(
    'DescribeGroups',
    5,
    { groups: ['group'], includeAuthorizedOperations: false },
    isLoaded,
  )
}
