import type { Scenario } from '../scenario.ts'
import { aboutCluster } from './cluster.ts'
import { groupAdministration } from './group-administration.ts'
import { groups } from './groups.ts'
import { producing } from './producing.ts'
import { reading } from './reading.ts'
import { topics } from './topics.ts'

/** What is said to both brokers, one scenario after the other. */
export const catalogue: readonly Scenario[] = [
  ...producing,
  ...reading,
  ...topics,
  ...groups,
  ...groupAdministration,
  ...aboutCluster,
]
