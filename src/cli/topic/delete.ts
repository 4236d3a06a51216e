import type { Command } from 'commander'
import type { ClusterClient } from '../../client/cluster/cluster-client.ts'
import { rpc } from '../../client/network/rpc.ts'
import { errorCodes } from '../../wire/error-codes.ts'
import { deleteTopicsRequest, deleteTopicsResponse } from '../../wire/messages/20-delete-topics.ts'
import { zeroUuid } from '../../wire/uuid.ts'
import { Results } from '../cluster/results.ts'
import { refuseTopic } from '../cluster/topic-selection.ts'
import { addClusterOptions, type ClusterOptions, withCluster } from '../cluster/with-cluster.ts'
import type { Session } from '../session.ts'

interface DeleteOptions extends ClusterOptions {
  readonly ifExists?: boolean
}

const deleteTopicsApi = rpc(deleteTopicsRequest, deleteTopicsResponse)
/** From this version on each topic goes by its name or its id. */
const topicIdsSince = 6

/** `tidemark topic delete NAME...` */
export function define(command: Command, session: Session): void {
  command
    .argument('<name...>', 'names of the topics')
    .option('--if-exists', 'topics that do not exist are no failure')
  addClusterOptions(command)
    .addHelpText('after', help)
    .action((names: string[], options: DeleteOptions) =>
      withCluster(session, options, (client) => remove(session, client, names, options)),
    )
}

const help = `
Deletes topics with all their records, at once and for good.

Examples:
  tidemark topic delete orders
  tidemark topic delete orders payments --if-exists
`

async function remove(
  session: Session,
  client: ClusterClient,
  names: readonly string[],
  { timeout, ifExists, json = false }: DeleteOptions,
): Promise<void> {
  const { signal } = session
  const { responses } = await client.call(
    'controller',
    deleteTopicsApi,
    (version) =>
      version >= topicIdsSince
        ? { topics: names.map((name) => ({ name, topicId: zeroUuid })), timeoutMs: timeout }
        : { topicNames: [...names], timeoutMs: timeout },
    { signal },
  )
  const results = new Results(session, { json })
  for (const { name, ...outcome } of responses) {
    const topic = name ?? ''
    if (outcome.errorCode !== errorCodes.UNKNOWN_TOPIC_OR_PARTITION)
      results.tell({ topic }, `topic '${topic}'`, outcome, { json: { isDeleted: true }, text: 'deleted' })
    else if (ifExists === true) results.done({ topic, isDeleted: false }, `topic '${topic}': does not exist`)
    else refuseTopic(results, await client.metadata(null, { signal }), topic, outcome.errorCode)
  }
}
