import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { Tidemark } from '../../embedded/tidemark.ts'
import { keepAlive } from '../../env/keep-alive.ts'
import { UsageError } from '../failure.ts'
import type { Session } from '../session.ts'
import { withAdviceIfHeld } from './held-directory.ts'
import { addServerOptions, type ServerOptions, withCluster } from './with-cluster.ts'

/** Options of commands that produce or consume. */
export interface TidemarkOptions extends ServerOptions {
  readonly directory?: string
}

/** Gives `command` the options of {@link TidemarkOptions}. */
export function addTidemarkOptions(command: Command): Command {
  return addServerOptions(command).addOption(
    new Option(
      '-D, --directory <path>',
      'a data directory that no broker holds, instead of a broker',
    ).conflicts('bootstrapServer'),
  )
}

/** What a {@link withTidemark} is for. */
export interface Purpose {
  /** Whether a data directory has to be there already; otherwise it is made. */
  readonly mustExist: boolean
}

/**
 * Lets `act` work with the cluster, or on the data directory, that the options name. Both are closed in order, whatever happens.
 *
 * @throws as `withCluster` does; UsageError for a directory that has to exist, and does not
 */
export async function withTidemark(
  session: Session,
  { directory, ...servers }: TidemarkOptions,
  purpose: Purpose,
  act: (tidemark: Tidemark) => Promise<void>,
): Promise<void> {
  if (directory === undefined)
    return await withCluster(session, servers, async (client) => {
      await using tidemark = Tidemark.over({ client, bootstrap: undefined, close: async () => {} })
      await act(tidemark)
    })
  using _ = keepAlive()
  const howToAsk = 'use -b HOST:PORT (--bootstrap-server) in place of -D'
  await using tidemark = await openDirectory(session, directory, { ...purpose, howToAsk })
  await act(tidemark)
}

/**
 * Opens a data directory, with its progress shown.
 *
 * @param howToAsk what to do when the directory is a broker's
 * @throws UsageError for a directory that has to exist, and does not; an Error that says who holds it
 */
export async function openDirectory(
  session: Session,
  directory: string,
  { mustExist, howToAsk }: Purpose & { readonly howToAsk: string },
): Promise<Tidemark> {
  const { env } = session
  const path = resolve(directory)
  if (mustExist && env.files.statSync(path)?.kind !== 'directory')
    throw new UsageError(`there is no directory ${path}; to ask a broker, ${howToAsk}`)
  using progress = session.progress('opening partitions')
  try {
    return await Tidemark.open(path, {
      env,
      clientId: 'tidemark-cli',
      onProgress: (opened, total) => progress.note(() => `${opened} of ${total}`),
      onWarning: (message, error) =>
        session.report(error instanceof Error ? `${message}: ${error.message}` : message),
      onOpened({ fenced }) {
        for (const { partition, error } of fenced) session.report(`${partition} is fenced: ${error.message}`)
      },
    })
  } catch (error) {
    throw withAdviceIfHeld(error, `If that is a broker, ask it: ${howToAsk}; otherwise stop it`)
  }
}
