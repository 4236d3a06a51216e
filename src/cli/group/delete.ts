import type { Command } from 'commander'
import type { Admin } from '../../client/admin/admin.ts'
import { Results } from '../cluster/results.ts'
import { addClusterOptions, type ClusterOptions, oneByOne, withAdmin } from '../cluster/with-cluster.ts'
import type { Session } from '../session.ts'
import { refuseGroup } from './refuse-group.ts'

interface DeleteOptions extends ClusterOptions {
  readonly ifExists?: boolean
}

/** `tidemark group delete NAME...` */
export function define(command: Command, session: Session): void {
  command
    .argument('<name...>', 'names of the groups')
    .option('--if-exists', 'groups that do not exist are no failure')
  addClusterOptions(command)
    .addHelpText('after', help)
    .action((names: string[], options: DeleteOptions) =>
      withAdmin(session, options, (admin) => remove(session, admin, names, options)),
    )
}

const help = `
Deletes groups that nobody is in, with the offsets that they have committed.

Examples:
  tidemark group delete billing
  tidemark group delete billing shipping --if-exists
`

async function remove(
  session: Session,
  admin: Admin,
  names: readonly string[],
  options: DeleteOptions,
): Promise<void> {
  const results = new Results(session, options)
  for (const { groupId: group, error } of await admin.deleteGroups(names, oneByOne(session)))
    if (error === undefined) results.done({ group, isDeleted: true }, `group '${group}': deleted`)
    else if (error.kafkaName === 'GROUP_ID_NOT_FOUND' && options.ifExists === true)
      results.done({ group, isDeleted: false }, `group '${group}': does not exist`)
    else await refuseGroup(session, admin, results, group, error)
}
