import { nearestName } from '../../base/nearest-name.ts'
import type { Admin } from '../../client/admin/admin.ts'
import { AdminError } from '../../client/admin/admin-error.ts'
import type { Results } from '../cluster/results.ts'
import type { Session } from '../session.ts'

/** Says of a group why something was not done; of one that does not exist, which may have been meant. */
export async function refuseGroup(
  { signal }: Session,
  admin: Admin,
  results: Results,
  group: string,
  error: AdminError,
): Promise<void> {
  if (error.kafkaName !== 'GROUP_ID_NOT_FOUND') {
    results.refused({ group }, error)
    return
  }
  const names = (await admin.listGroups({ signal })).map(({ groupId }) => groupId)
  const meant = nearestName(group, names)
  const advice = meant === undefined ? undefined : `Did you mean '${meant}'?`
  // In words of ours, and not in those that each kind of broker has for it.
  results.refused({ group }, new AdminError('GROUP_ID_NOT_FOUND', error.subject), advice)
}
