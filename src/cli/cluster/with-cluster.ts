import type { Command } from 'commander'
import { ConnectionError } from '../../base/errors.ts'
import { Admin } from '../../client/admin/admin.ts'
import type { ItemOptions } from '../../client/admin/item-results.ts'
import { ClusterClient } from '../../client/cluster/cluster-client.ts'
import { systemErrorCode } from '../../env/system-error.ts'
import { UsageError } from '../failure.ts'
import { keepAlive } from '../../env/keep-alive.ts'
import { parseCount } from '../option-values.ts'
import type { Session } from '../session.ts'

/** Options that say which cluster is asked. */
export interface ServerOptions {
  readonly bootstrapServer?: string
  readonly timeout: number
}

/** Options of every command that asks a cluster about itself. */
export interface ClusterOptions extends ServerOptions {
  readonly json?: boolean
}

const defaultBootstrapServers = '127.0.0.1:9092'

/** Gives `command` the options of {@link ServerOptions}. */
export function addServerOptions(command: Command): Command {
  return command
    .option(
      '-b, --bootstrap-server <host:port>',
      `brokers to begin with, separated by commas (default: $TIDEMARK_BOOTSTRAP_SERVERS, else $BOOTSTRAP_SERVERS, else ${defaultBootstrapServers})`,
    )
    .option('--timeout <ms>', 'how long to try', parseCount, 10_000)
}

/** Gives `command` the options of {@link ClusterOptions}. */
export function addClusterOptions(command: Command): Command {
  return addServerOptions(command).option('--json', 'one JSON object a line')
}

/**
 * Lets `act` ask the cluster that the options name. The process lives on meanwhile, and a stop of the session ends it.
 *
 * @throws UsageError for addresses that are none; an Error that says what to do when no broker is there
 */
export async function withCluster<T>(
  session: Session,
  { bootstrapServer, timeout }: ServerOptions,
  act: (client: ClusterClient) => Promise<T>,
): Promise<T> {
  const servers = bootstrapServer ?? configuredServers() ?? defaultBootstrapServers
  using _ = keepAlive()
  using client = clientFor(session, servers, timeout)
  try {
    await client.connect(session.signal)
  } catch (error) {
    throw explained(error)
  }
  return await act(client)
}

/** Lets `act` administer the cluster that the options name: as {@link withCluster}. */
export async function withAdmin<T>(
  session: Session,
  options: ServerOptions,
  act: (admin: Admin, client: ClusterClient) => Promise<T>,
): Promise<T> {
  return await withCluster(session, options, (client) => act(new Admin(client), client))
}

/** How a command asks about several things, of which it tells one by one what became of them. */
export function oneByOne({ signal }: Session): ItemOptions {
  return { signal, throwOnError: false }
}

function configuredServers(): string | undefined {
  const { TIDEMARK_BOOTSTRAP_SERVERS: ours, BOOTSTRAP_SERVERS: common } = process.env
  return [ours, common].find((text) => text !== undefined && text.trim() !== '')
}

function clientFor(session: Session, bootstrapServers: string, timeoutMs: number): ClusterClient {
  const limits = { requestTimeoutMs: timeoutMs, apiTimeoutMs: timeoutMs, connectTimeoutMs: timeoutMs }
  try {
    return new ClusterClient({ env: session.env, bootstrapServers, clientId: 'tidemark-cli', limits })
  } catch (error) {
    throw error instanceof TypeError ? new UsageError(error.message) : error
  }
}

function explained(error: unknown): unknown {
  if (!(error instanceof ConnectionError) || !isRefused(error)) return error
  return new Error(
    `${error.message}. Is a broker running? Start one with "tidemark serve", or name another with -b HOST:PORT`,
    { cause: error },
  )
}

/** Of several brokers the first one speaks for all. */
function isRefused(error: ConnectionError): boolean {
  const { cause } = error
  return cause instanceof ConnectionError ? isRefused(cause) : systemErrorCode(cause) === 'ECONNREFUSED'
}
