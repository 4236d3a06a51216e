/**
 * `tidemark/testing`: worlds to test a log in. Memory instead of a disk, time that moves when told to, randomness
 * that repeats, failures on demand, power cuts. And a whole Kafka for one test: {@link startTestCluster}.
 *
 * @module
 */
export type { Clock, Env, File, FileStat, Files, Lock, OpenMode, Random, Watch } from '../env/env.ts'
export {
  type CrashChooser,
  type CrashQuestion,
  keepUnsynced,
  loseUnsynced,
  randomCrash,
} from './crash-chooser.ts'
export {
  type Fault,
  type FaultCode,
  type FaultPlan,
  type FaultRule,
  FaultyFiles,
  faultyFiles,
} from './faulty-files.ts'
export type { InjectedFault } from './api-faults.ts'
export type { FileCall, FileCallKind } from './interposed-files.ts'
export { ManualClock } from './manual-clock.ts'
export { type MemoryEnv, type MemoryEnvOptions, memoryEnv } from './memory-env.ts'
export { MemoryFiles, type MemoryFilesOptions } from './memory-files.ts'
export { type FileRecord, RecordingFiles, recordingFiles } from './recording-files.ts'
export { type SeededRandom, seededRandom } from './seeded-random.ts'
export { startTestCluster } from './start-test-cluster.ts'
export type { TestCluster, TestClusterOptions, TestTopic } from './test-cluster.ts'
export type { TestRecord } from './topic-records.ts'
export type { EntryOrder } from './unsynced-entries.ts'
