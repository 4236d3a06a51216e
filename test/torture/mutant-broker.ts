import { nodeEnv } from '../../src/env/node-env.ts'
import { BrokerServer } from '../../src/server/broker-server.ts'
import { type Mutant, mutantFiles } from './mutant-files.ts'

/** A broker as `tidemark serve` starts it, but with a bug beneath its logs. Told what to do as JSON in its first argument. */
const { directory, properties, mutant } = JSON.parse(process.argv[2] ?? '') as {
  readonly directory: string
  readonly properties: Readonly<Record<string, string>>
  readonly mutant: Mutant
}
const env = nodeEnv()
const { broker, bootstrap } = await BrokerServer.start({
  env: { ...env, files: mutantFiles(env.files, mutant) },
  directories: [directory],
  properties: { ...properties, listeners: 'PLAINTEXT://127.0.0.1:0' },
})
const fenced = broker.opening.fenced.map(({ partition, error }) => ({ partition, reason: error.message }))
process.stdout.write(`${JSON.stringify({ bootstrap, fenced })}\n`)
// The broker's timers keep no process alive, and it is to live until it is killed.
setInterval(() => undefined, 60_000)
