import { execFile, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { projectRoot } from '../project-root.ts'

const script = join(projectRoot, 'test', 'interop', 'kafka', 'kafka')

/** What Kafka's own scripts give the Java machine: its brokers and its tools. */
const garbageCollector = '-server -XX:+UseG1GC -XX:MaxGCPauseMillis=20 -XX:InitiatingHeapOccupancyPercent=35'
const brokerMachine = `${garbageCollector} -XX:+ExplicitGCInvokesConcurrent -Xms1G -Xmx1G`
const toolMachine = `${garbageCollector} -Xmx512M`

/** Why Kafka and its tools cannot be run here; undefined when they can. */
export function missingKafka(): string | undefined {
  if (process.platform !== 'linux') return 'what a broker costs is read from /proc, which Linux has'
  if (spawnSync('java', ['-version']).status !== 0) return 'there is no java: install a JDK, 17 or later'
  const { status, stderr } = spawnSync(script, ['lib'], { encoding: 'utf8' })
  return status === 0 ? undefined : `its jars could not be fetched: ${stderr.trim().slice(-500)}`
}

/** Starts a one-node Kafka that keeps its data in `directory`. */
export async function startKafka(directory: string): Promise<{ pid: number; address: string }> {
  const stdout = await runScript(brokerMachine, ['up', directory, 'num.partitions=1'])
  const [pid, address = ''] = stdout.trim().split(' ')
  return { pid: Number(pid), address }
}

/** What a run of one of the tools that measure says of itself. */
export interface ToolFigures {
  readonly recordsPerSecond: number
  readonly megabytesPerSecond: number
}

/** Makes a topic. */
export async function createTopic(address: string, topic: string, partitionCount: number): Promise<void> {
  const where = ['--bootstrap-server', address, '--topic', topic, '--partitions', String(partitionCount)]
  await runTool('org.apache.kafka.tools.TopicCommand', ['--create', ...where])
}

/** ProducerPerformance with acks=all and otherwise a producer's defaults, as fast as it goes. */
export async function measureProduce(
  address: string,
  topic: string,
  recordCount: number,
  recordBytes: number,
): Promise<ToolFigures> {
  const amount = ['--num-records', String(recordCount), '--record-size', String(recordBytes)]
  const producer = ['--producer-props', `bootstrap.servers=${address}`, 'acks=all']
  const printed = await runTool('org.apache.kafka.tools.ProducerPerformance', [
    ...['--topic', topic, ...amount, '--throughput', '-1'],
    ...producer,
  ])
  // "500000 records sent, 24183.8 records/sec (2.31 MB/sec), ..." is the last line; its MB are 2^20 bytes.
  const recordsPerSecond = Number(/ records sent, ([\d.]+) records\/sec/.exec(lastLine(printed))?.[1])
  return { recordsPerSecond, megabytesPerSecond: (recordsPerSecond * recordBytes) / 1e6 }
}

/** ConsumerPerformance from the start of a topic; joining the group is left out, as the tool itself does. */
export async function measureConsume(
  address: string,
  topic: string,
  recordCount: number,
): Promise<ToolFigures> {
  const printed = await runTool('org.apache.kafka.tools.ConsumerPerformance', [
    ...['--bootstrap-server', address, '--topic', topic],
    ...['--num-records', String(recordCount), '--timeout', '30000'],
  ])
  // start, end, MiB, MiB/s, records, records/s, rebalance ms, fetch ms, MiB/s of fetching, records/s of fetching
  const fields = lastLine(printed).split(', ').map(Number)
  const [mebibytesPerSecond = Number.NaN, recordsPerSecond = Number.NaN] = fields.slice(8)
  return { recordsPerSecond, megabytesPerSecond: (mebibytesPerSecond * 2 ** 20) / 1e6 }
}

function lastLine(printed: string): string {
  return printed.trim().split('\n').at(-1) ?? ''
}

function runTool(name: string, args: readonly string[]): Promise<string> {
  return runScript(toolMachine, ['run', name, ...args])
}

async function runScript(machineOptions: string, args: readonly string[]): Promise<string> {
  const env = { ...process.env, KAFKA_JVM_OPTIONS: machineOptions }
  const { stdout } = await promisify(execFile)(script, args, { env, maxBuffer: 64 * 1024 * 1024 })
  return stdout
}
