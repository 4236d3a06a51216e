import {
  incrementalAlterConfigsRequest,
  incrementalAlterConfigsResponse,
} from '../../wire/messages/44-incremental-alter-configs.ts'
import type { ClusterClient } from '../cluster/cluster-client.ts'
import { inOrderOf } from '../cluster/item-calls.ts'
import { rpc } from '../network/rpc.ts'
import {
  configAnswers,
  configKey,
  type ConfigResource,
  configSubject,
  configTarget,
  wireResource,
} from './config-resource.ts'
import { type ConfigValue, configText } from './config-value.ts'
import { askForItems } from './item-calls.ts'
import type { ItemResult } from './item-results.ts'
import type { ChangeOptions } from './topics.ts'

/** Changes of single configs of a resource; the others stay (KIP-339). */
export interface ConfigChange extends ConfigResource {
  /** Configs to be set. */
  readonly set?: Readonly<Record<string, ConfigValue>>
  /** Names of configs to be taken back: then the value from elsewhere applies again. */
  readonly delete?: readonly string[]
  /** Values to be added to configs that are lists. */
  readonly append?: Readonly<Record<string, ConfigValue>>
  /** Values to be taken from configs that are lists. */
  readonly subtract?: Readonly<Record<string, ConfigValue>>
}

/** A resource whose configs were changed. */
export interface ChangedConfigs extends ConfigResource, ItemResult {}

const alterConfigsApi = rpc(incrementalAlterConfigsRequest, incrementalAlterConfigsResponse)

/** See `Admin.alterConfigs`. */
export async function alterConfigs(
  client: ClusterClient,
  changes: readonly ConfigChange[],
  options: ChangeOptions = {},
): Promise<ChangedConfigs[]> {
  const { validateOnly = false } = options
  return await askForItems(
    client,
    {
      items: changes,
      targetOf: configTarget,
      subjectOf: configSubject,
      ask: async (link, items, callOptions) => {
        const asked = items.map((change) => ({ ...wireResource(change), configs: operationsOf(change) }))
        const request = { resources: asked, validateOnly }
        const { responses } = await link.call(alterConfigsApi, request, callOptions)
        return inOrderOf(items, configKey, configAnswers(responses))
      },
      fieldsOf: ({ type, name }) => ({ type, name }),
    },
    options,
  )
}

/** What is done to a config (KIP-339). */
const operations = { set: 0, delete: 1, append: 2, subtract: 3 } as const

function operationsOf(change: ConfigChange) {
  const valued = (['set', 'append', 'subtract'] as const).flatMap((operation) =>
    Object.entries(change[operation] ?? {}).map(([name, value]) => ({
      ...{ name, configOperation: operations[operation], value: configText(value) },
    })),
  )
  const deleted = (change.delete ?? []).map((name) => ({
    ...{ name, configOperation: operations.delete, value: null },
  }))
  return [...valued, ...deleted]
}
