import type { Command } from 'commander'
import type { Admin } from '../../client/admin/admin.ts'
import { Results } from '../cluster/results.ts'
import { refuseTopic } from '../cluster/topic-selection.ts'
import { addClusterOptions, type ClusterOptions, oneByOne, withAdmin } from '../cluster/with-cluster.ts'
import type { Session } from '../session.ts'

interface DeleteOptions extends ClusterOptions {
  readonly ifExists?: boolean
}

/** `tidemark topic delete NAME...` */
export function define(command: Command, session: Session): void {
  command
    .argument('<name...>', 'names of the topics')
    .option('--if-exists', 'topics that do not exist are no failure')
  addClusterOptions(command)
    .addHelpText('after', help)
    .action((names: string[], options: DeleteOptions) =>
      withAdmin(session, options, (admin) => remove(session, admin, names, options)),
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
  admin: Admin,
  names: readonly string[],
  { ifExists, json = false }: DeleteOptions,
): Promise<void> {
  const deleted = await admin.deleteTopics(names, oneByOne(session))
  const results = new Results(session, { json })
  for (const { name, error } of deleted) {
    const topic = name ?? ''
    const what = `topic '${topic}'`
    if (error?.kafkaName !== 'UNKNOWN_TOPIC_OR_PARTITION')
      results.tell({ topic }, what, error, { json: { isDeleted: true }, text: 'deleted' })
    else if (ifExists === true) results.done({ topic, isDeleted: false }, `${what}: does not exist`)
    else
      refuseTopic(results, await admin.listTopics({ internal: true, signal: session.signal }), topic, error)
  }
}
