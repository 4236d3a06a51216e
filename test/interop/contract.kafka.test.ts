import { Tidemark } from '../../src/embedded/tidemark.ts'
import { contract } from '../contract/contract.ts'
import { temporaryDirectory } from '../unit/env/temporary-directory.ts'
import { Broker } from './kafka/broker.ts'
import { describeWithKafka } from './kafka/run-kafka.ts'

/** What holds for our clients with our brokers holds for them with Apache Kafka. */
describeWithKafka('the contract', () => {
  contract({
    name: 'Apache Kafka',
    async start(config) {
      const settings = Object.entries(config).map(([name, value]) => `${name}=${value}`)
      const broker = await Broker.start(temporaryDirectory(), ...settings)
      return { open: () => Tidemark.connect(broker.address), stop: () => broker.kill() }
    },
  })
})
