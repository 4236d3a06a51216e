import { missingKafka } from './brokers/kafka-tools.ts'
import { runSuites } from './run-suites.ts'
import { brokerSuite } from './suites/broker.ts'
import { brokerStartSuite } from './suites/broker-start.ts'

/** The broker: how soon it is there, what it takes, and how fast it is beside Apache Kafka. */
const missing = missingKafka()
if (missing !== undefined)
  console.error(`The suite 'broker' is left out, for Kafka cannot be run: ${missing}\n`)
const suites = missing === undefined ? [brokerStartSuite, brokerSuite] : [brokerStartSuite]
await runSuites(suites, process.argv.slice(2))
process.exit()
