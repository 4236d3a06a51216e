import { runKafka } from './run-kafka.ts'

/** What Kafka's `DumpLogSegments` printed. */
export interface SegmentsDump {
  /** What it says of each file. */
  readonly files: string
  /** What it finds wrong: offsets that do not follow on each other, index entries that do not fit the log. */
  readonly complaints: string
}

/** Has Kafka's `DumpLogSegments` read files of segments; see its `--help` for the options. */
export async function dumpLogSegments(
  paths: readonly string[],
  ...options: readonly string[]
): Promise<SegmentsDump> {
  const dumper = 'org.apache.kafka.tools.DumpLogSegments'
  const { stdout, stderr } = await runKafka(dumper, '--files', paths.join(','), ...options)
  return { files: stdout, complaints: stderr }
}
