import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { temporaryDirectory } from '../../../unit/env/temporary-directory.ts'
import type { Chapter, Scenario, Stage } from '../scenario.ts'

/** The classes behind the scripts. */
const classes = {
  topics: 'org.apache.kafka.tools.TopicCommand',
  configs: 'kafka.admin.ConfigCommand',
  producer: 'org.apache.kafka.tools.ConsoleProducer',
  consumer: 'org.apache.kafka.tools.consumer.ConsoleConsumer',
  groups: 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
  offsets: 'org.apache.kafka.tools.GetOffsetShell',
  deleteRecords: 'org.apache.kafka.tools.DeleteRecordsCommand',
  producerPerformance: 'org.apache.kafka.tools.ProducerPerformance',
  consumerPerformance: 'org.apache.kafka.tools.ConsumerPerformance',
  apiVersions: 'org.apache.kafka.tools.BrokerApiVersionsCommand',
  logDirs: 'org.apache.kafka.tools.LogDirsCommand',
} as const

/** What a tool printed, which must have ended well. */
async function tool(
  { client, broker }: Stage,
  name: keyof typeof classes,
  args: readonly string[],
  stdin = '',
): Promise<string> {
  const bootstrap = ['--bootstrap-server', broker.bootstrap]
  const outcome = await client.call('tool', { name: classes[name], args: [...bootstrap, ...args], stdin })
  const { exitCode, stdout, stderr } = outcome
  expect(exitCode, `${name} ${args.join(' ')}: ${stderr}${stdout}`).toBe(0)
  return stdout
}

const topics: Scenario = {
  name: 'kafka-topics',
  checks: 'creates, lists, describes, alters and deletes a topic',
  async run(stage) {
    const topic = ['--topic', stage.name]
    await tool(stage, 'topics', [
      '--create',
      ...topic,
      '--partitions',
      '2',
      '--config',
      'retention.ms=1000000',
    ])
    expect(await tool(stage, 'topics', ['--list'])).toContain(stage.name)
    const described = await tool(stage, 'topics', ['--describe', ...topic])
    expect(described).toMatch(/PartitionCount: 2\s+ReplicationFactor: 1\s+Configs: .*retention\.ms=1000000/)
    await tool(stage, 'topics', ['--alter', ...topic, '--partitions', '3'])
    expect(await tool(stage, 'topics', ['--describe', ...topic])).toContain('PartitionCount: 3')
    await tool(stage, 'topics', ['--delete', ...topic])
    expect(await tool(stage, 'topics', ['--list'])).not.toContain(stage.name)
  },
}

const configs: Scenario = {
  name: 'kafka-configs',
  checks: 'sets, describes and deletes a config of a topic, and describes those of the broker',
  async run(stage) {
    await tool(stage, 'topics', ['--create', '--topic', stage.name])
    const entity = ['--entity-type', 'topics', '--entity-name', stage.name]
    await tool(stage, 'configs', ['--alter', ...entity, '--add-config', 'retention.bytes=12345'])
    const described = await tool(stage, 'configs', ['--describe', ...entity])
    expect(described).toContain('retention.bytes=12345')
    await tool(stage, 'configs', ['--alter', ...entity, '--delete-config', 'retention.bytes'])
    expect(await tool(stage, 'configs', ['--describe', ...entity])).not.toContain('12345')
    const broker = ['--entity-type', 'brokers', '--entity-name', '1', '--all']
    expect(await tool(stage, 'configs', ['--describe', ...broker])).toContain('num.partitions=2')
  },
}

const lines = ['one', 'two', 'three']

function produceLines(stage: Stage): Promise<string> {
  return tool(stage, 'producer', ['--topic', stage.name], `${lines.join('\n')}\n`)
}

const consoles: Scenario = {
  name: 'kafka-console-producer and -consumer',
  checks: 'lines that go in at one end come out at the other',
  async run(stage) {
    await produceLines(stage)
    const limits = ['--max-messages', '3', '--timeout-ms', '20000']
    const read = await tool(stage, 'consumer', ['--topic', stage.name, '--from-beginning', ...limits])
    expect(read.trim().split('\n').sort()).toEqual([...lines].sort())
  },
}

const groups: Scenario = {
  name: 'kafka-consumer-groups',
  checks: 'lists and describes a group, resets its offsets and deletes it',
  async run(stage) {
    const group = ['--group', `group-${stage.name}`]
    const topic = ['--topic', stage.name]
    await produceLines(stage)
    const limits = ['--max-messages', '3', '--timeout-ms', '20000']
    await tool(stage, 'consumer', [...topic, ...group, '--from-beginning', ...limits])
    expect(await tool(stage, 'groups', ['--list'])).toContain(group[1])
    // Per partition: committed offset, end offset and lag, of which the first two agree.
    const described = await tool(stage, 'groups', ['--describe', ...group])
    expect(described).toMatch(new RegExp(`${stage.name}\\s+\\d+\\s+(\\d+)\\s+\\1\\s+0`))
    expect(await tool(stage, 'groups', ['--describe', ...group, '--state'])).toContain('Empty')
    const reset = ['--reset-offsets', ...group, ...topic, '--to-earliest', '--execute']
    await tool(stage, 'groups', reset)
    expect(await tool(stage, 'groups', ['--describe', ...group])).toMatch(
      new RegExp(`${stage.name}\\s+\\d+\\s+0\\s+(\\d+)\\s+\\1`),
    )
    await tool(stage, 'groups', ['--delete', ...group])
    expect(await tool(stage, 'groups', ['--list'])).not.toContain(group[1])
  },
}

const records: Scenario = {
  name: 'kafka-get-offsets and kafka-delete-records',
  checks: 'the offsets of a partition before and after records of it are deleted',
  async run(stage) {
    await tool(stage, 'topics', ['--create', '--topic', stage.name, '--partitions', '1'])
    await produceLines(stage)
    const offsets = (time: string) => tool(stage, 'offsets', ['--topic', stage.name, '--time', time])
    expect((await offsets('latest')).trim()).toBe(`${stage.name}:0:3`)
    const file = join(temporaryDirectory(), 'offsets.json')
    const partitions = [{ topic: stage.name, partition: 0, offset: 2 }]
    writeFileSync(file, JSON.stringify({ version: 1, partitions }))
    expect(await tool(stage, 'deleteRecords', ['--offset-json-file', file])).toContain('low_watermark: 2')
    expect((await offsets('earliest')).trim()).toBe(`${stage.name}:0:2`)
  },
}

const performance: Scenario = {
  name: 'kafka-producer-perf-test and kafka-consumer-perf-test',
  checks: '20,000 records are sent, and as many are read',
  async run(stage) {
    const size = ['--num-records', '20000', '--record-size', '100', '--throughput', '-1']
    const sent = await tool(stage, 'producerPerformance', ['--topic', stage.name, ...size])
    expect(sent).toMatch(/20000 records sent, .* records\/sec/)
    const read = await tool(stage, 'consumerPerformance', ['--topic', stage.name, '--num-records', '20000'])
    expect(read).toMatch(/, 20\d{3}, /)
  },
}

const insights: Scenario = {
  name: 'kafka-broker-api-versions and kafka-log-dirs',
  checks: 'the APIs of the broker and the sizes of its partitions are told',
  async run(stage) {
    expect(await tool(stage, 'apiVersions', [])).toMatch(/Produce\(0\): .*usable: 13/)
    await produceLines(stage)
    expect(await tool(stage, 'logDirs', ['--describe', '--topic-list', stage.name])).toMatch(
      new RegExp(`"partition":"${stage.name}-0","size":\\d+`),
    )
  },
}

export const tooling: Chapter = {
  title: 'Command-line tools',
  scenarios: [topics, configs, consoles, groups, records, performance, insights],
}
