import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { type OpeningReport } from '../broker/broker.ts'
import { readServerProperties } from '../broker/config/server-properties.ts'
import { readWhole } from '../log/replace-file.ts'
import { BrokerServer } from '../server/broker-server.ts'
import { keepAlive } from '../env/keep-alive.ts'
import { systemErrorCode } from '../env/system-error.ts'
import { KafkaError } from '../wire/kafka-error.ts'
import { withAdviceIfHeld } from './cluster/held-directory.ts'
import { UsageError } from './failure.ts'
import { collectPairs } from './option-values.ts'
import { countOf } from './output/units.ts'
import type { Session } from './session.ts'

interface ServeOptions {
  readonly host?: string
  readonly port?: number
  readonly config?: readonly (readonly [string, string])[]
  readonly properties?: string
  readonly json?: boolean
}

const defaultDirectory = 'tidemark-data'
const propertiesBytesMax = 1024 * 1024

/** `tidemark serve [DIR]` */
export function define(command: Command, session: Session): void {
  command
    .argument('[directory]', `where topics are kept (default: log.dirs, else ./${defaultDirectory})`)
    .option('-p, --port <port>', 'port to listen on; 0 for any free one (default: 9092)', parsePort)
    .option(
      '--host <address>',
      'address to listen on and to tell clients (default: 127.0.0.1, this computer)',
    )
    .addOption(
      new Option('-c, --config <name=value>', 'a setting of the broker, by its Kafka name').argParser(
        collectPairs,
      ),
    )
    .option('--properties <file>', 'settings as in a server.properties of Kafka')
    .option('--json', 'say that it is ready as one JSON object')
    .addHelpText('after', examples)
    .action((directory: string | undefined, options: ServeOptions) => serve(session, directory, options))
}

async function serve(session: Session, directory: string | undefined, options: ServeOptions): Promise<void> {
  const startedMs = session.env.clock.monotonicMs()
  const properties = asConfigured(() => propertiesOf(session, options))
  const directories = directoriesOf(directory, properties)
  const server = await start(session, directories, properties).catch((error: unknown) => {
    throw explained(error)
  })
  const readyMs = Math.round(session.env.clock.monotonicMs() - startedMs)
  sayReady(session, server, { directories, readyMs, isJson: options.json === true })
  using _ = keepAlive()
  await stopped(session.signal)
  await server.close()
}

async function start(
  session: Session,
  directories: readonly string[],
  properties: Readonly<Record<string, string>>,
): Promise<BrokerServer> {
  using progress = session.progress('opening partitions')
  return await BrokerServer.start({
    env: session.env,
    directories,
    properties,
    logger: {
      info: (line) => session.say(line),
      warn: (line) => session.report(line),
      error: (line) => session.report(line),
    },
    onWarning: (message, error) =>
      session.report(error instanceof Error ? `${message}: ${error.message}` : message),
    onProgress: (opened, total) => progress.note(() => `${opened} of ${total}`),
  })
}

/** What a `-c` or a file says wrongly is a matter of how the command was asked. @throws UsageError for that */
function asConfigured<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw explained(error)
  }
}

/** What keeps a broker from starting, with what to do about it. */
function explained(error: unknown): unknown {
  if (error instanceof KafkaError && error.kafkaName === 'INVALID_CONFIG')
    return new UsageError(error.message, { cause: error })
  const advice = listenAdvice.get(systemErrorCode(error) ?? '')
  if (advice !== undefined) return new Error(`${(error as Error).message}. ${advice}`, { cause: error })
  return withAdviceIfHeld(error, 'Stop that process, or serve another directory')
}

const listenAdvice: ReadonlyMap<string, string> = new Map([
  [
    'EADDRINUSE',
    'Is a broker running there? Stop it, or choose another port with --port (0 for any free one)',
  ],
  ['EADDRNOTAVAIL', 'Listen at an address of this computer: --host 127.0.0.1, or 0.0.0.0 for all it has'],
  ['ENOTFOUND', 'There is no host of that name: --host is a name or an address of this computer'],
])

function stopped(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done()
    else signal.addEventListener('abort', () => done(), { once: true })
  })
}

function propertiesOf(session: Session, options: ServeOptions): Record<string, string> {
  const properties: Record<string, string> = {}
  if (options.properties !== undefined) {
    const bytes = readWhole(session.env.files, resolve(options.properties), propertiesBytesMax)
    if (bytes === undefined) throw new UsageError(`there is no file ${options.properties}`)
    const read = readServerProperties(bytes.toString(), options.properties)
    for (const { message } of [...read.unknown, ...read.withoutEffect, ...read.repeated])
      session.report(message)
    Object.assign(properties, read.settings)
  }
  noteConfig(session, options.config ?? [])
  for (const [name, value] of options.config ?? []) properties[name] = value
  if (options.port !== undefined || options.host !== undefined) {
    const host = options.host ?? '127.0.0.1'
    properties['listeners'] = `PLAINTEXT://${host.includes(':') ? `[${host}]` : host}:${options.port ?? 9092}`
  }
  return properties
}

/** Tells of each `-c` what is told of a line in a file. @throws KafkaError INVALID_CONFIG for a value that cannot be */
function noteConfig(session: Session, pairs: readonly (readonly [string, string])[]): void {
  // In a properties file a backslash would escape.
  const lines = pairs.map(([name, value]) => `${name}=${value.replaceAll('\\', '\\\\')}`)
  const { unknown, withoutEffect } = readServerProperties(lines.join('\n'), '--config')
  for (const { message } of [...unknown, ...withoutEffect]) session.report(message)
}

/** The argument, or `log.dirs`, or `log.dir` of the settings. */
function directoriesOf(
  directory: string | undefined,
  properties: Readonly<Record<string, string>>,
): string[] {
  if (directory !== undefined) return [resolve(directory)]
  const configured = (properties['log.dirs'] ?? properties['log.dir'] ?? '')
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== '')
  return (configured.length > 0 ? configured : [defaultDirectory]).map((path) => resolve(path))
}

function sayReady(
  session: Session,
  { broker, bootstrap, endpoints }: BrokerServer,
  { directories, readyMs, isJson }: { directories: readonly string[]; readyMs: number; isJson: boolean },
): void {
  const { opening, clusterId } = broker
  if (isJson) {
    const { wasStoppedCleanly, partitionCount, adopted } = opening
    session.output.line(
      JSON.stringify({
        ...{ bootstrap, endpoints, directories, clusterId, nodeId: broker.nodeId, readyMs },
        ...{ wasStoppedCleanly, partitionCount, adopted },
        recovered: opening.recovered.map(({ partition }) => partition),
        fenced: opening.fenced.map(({ partition, error }) => ({ partition, reason: error.message })),
      }),
    )
    return
  }
  session.output.line(
    `tidemark: ready at ${bootstrap} after ${readyMs} ms, data in ${directories.join(', ')} (${describe(opening)})`,
  )
}

function describe({ wasStoppedCleanly, partitionCount, recovered, fenced, adopted }: OpeningReport): string {
  const parts = [countOf(partitionCount, 'partition')]
  if (partitionCount > 0 && !wasStoppedCleanly)
    parts.push(
      recovered.length === 0 ? 'nothing to recover' : `${recovered.length} recovered after an unclean stop`,
    )
  const cuts = recovered.filter(({ report }) => report.cut !== undefined).length
  if (cuts > 0) parts.push(`${countOf(cuts, 'torn tail')} cut`)
  if (fenced.length > 0)
    parts.push(`${fenced.length} FENCED: ${fenced.map(({ partition }) => partition).join(', ')}`)
  if (adopted.length > 0) parts.push(`${countOf(adopted.length, 'topic')} taken over`)
  return parts.join(', ')
}

function parsePort(text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  throw new UsageError(`--port is a number from 0 to 65535, not '${text}'`)
}

const examples = `
Any Kafka client connects. It listens on this computer only unless told otherwise, and keeps what it has
acknowledged through kill -9 and power cuts (tidemark.durability=sync). Stop it with Ctrl-C.

Examples:
  tidemark serve
  tidemark serve ./data --port 0 --json
  tidemark serve ./data -c num.partitions=6 -c tidemark.durability=os
  tidemark serve --properties server.properties
`
