import { array, int16, int32, string, struct } from '../field.ts'
import { type Decoded, type Encodable, data } from '../message.ts'

/** Names the record: the topology of a streams group (KIP-1071). */
export const streamsGroupTopologyKey = data('StreamsGroupTopologyKey', '23', {
  groupId: string(),
})

const topicInfo = struct({
  name: string(),
  partitions: int32(),
  replicationFactor: int16(),
  topicConfigs: array({
    key: string(),
    value: string(),
  }),
})

/** The topology of a streams group (KIP-1071). */
export const streamsGroupTopologyValue = data('StreamsGroupTopologyValue', '0, flexible 0+', {
  epoch: int32(),
  subtopologies: array({
    subtopologyId: string(),
    sourceTopics: array(string()),
    sourceTopicRegex: array(string()),
    stateChangelogTopics: array(topicInfo),
    repartitionSinkTopics: array(string()),
    repartitionSourceTopics: array(topicInfo),
    copartitionGroups: array({
      sourceTopics: array(int16()),
      sourceTopicRegex: array(int16()),
      repartitionSourceTopics: array(int16()),
    }),
  }),
})

/** The key, decoded. */
export type StreamsGroupTopologyKey = Decoded<typeof streamsGroupTopologyKey>
/** The key, to be encoded. */
export type StreamsGroupTopologyKeyInput = Encodable<typeof streamsGroupTopologyKey>

/** The value, decoded. */
export type StreamsGroupTopologyValue = Decoded<typeof streamsGroupTopologyValue>
/** The value, to be encoded. */
export type StreamsGroupTopologyValueInput = Encodable<typeof streamsGroupTopologyValue>
