import { expect, onTestFinished } from 'vitest'
import { encodeBatch } from '../../src/batch/encode-batch.ts'
import { ClusterClient } from '../../src/client/cluster/cluster-client.ts'
import { rpc } from '../../src/client/network/rpc.ts'
import { nodeEnv } from '../../src/env/node-env.ts'
import { produceRequest, produceResponse } from '../../src/wire/messages/00-produce.ts'
import { temporaryDirectory } from '../unit/env/temporary-directory.ts'
import { type Finished, parseLines, RunningCommand, tidemark } from './tidemark.ts'

/** From version 13 on topics have ids in place of names. */
const produceApi = rpc(produceRequest, produceResponse, { maxVersion: 12 })

/** A broker that `tidemark serve` runs, and commands that ask it. */
export class ServedCluster {
  readonly bootstrap: string
  /** To do what there is no command for. */
  readonly client: ClusterClient

  private constructor(bootstrap: string) {
    this.bootstrap = bootstrap
    this.client = new ClusterClient({ env: nodeEnv(), bootstrapServers: bootstrap })
  }

  /** A broker in a directory of its own; it is stopped when the test is over. */
  static async start(...args: string[]): Promise<ServedCluster> {
    const serve = new RunningCommand(['serve', temporaryDirectory(), '--port', '0', '--json', ...args])
    const { bootstrap } = JSON.parse(await serve.nextLine()) as { bootstrap: string }
    const cluster = new ServedCluster(bootstrap)
    onTestFinished(async () => {
      cluster.client.close()
      serve.kill('SIGTERM')
      await serve.finished()
    })
    return cluster
  }

  /** Runs a command, which is told of the broker by its environment. */
  async run(...args: string[]): Promise<Finished> {
    return await tidemark(args, '', { TIDEMARK_BOOTSTRAP_SERVERS: this.bootstrap })
  }

  /** What a command that must succeed prints. */
  async print(...args: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(...args)
    expect(exitCode, `tidemark ${args.join(' ')}: ${stderr}`).toBe(0)
    return stdout
  }

  /** What a command that must succeed prints with `--json`. */
  async json(...args: string[]): Promise<Record<string, unknown>[]> {
    return parseLines(await this.print(...args, '--json'))
  }

  /** Appends a record for each timestamp, in one batch. */
  async produce(topic: string, partition: number, timestamps: readonly number[]): Promise<void> {
    const records = encodeBatch(
      timestamps.map((timestamp) => ({ value: 'x', timestamp })),
      { now: 0 },
    )
    const partitionData = [{ index: partition, records }]
    const request = { acks: -1, timeoutMs: 10_000, topicData: [{ name: topic, partitionData }] }
    const { responses } = await this.client.call({ leaderOf: { topic, partition } }, produceApi, request)
    expect(responses[0]?.partitionResponses[0]?.errorCode).toBe(0)
  }
}
