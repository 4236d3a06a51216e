import type { Bytes } from '../../batch/record-input.ts'
import type { Admin } from '../admin/admin.ts'
import type { Consumer, ConsumerOptions } from '../consumer/consumer.ts'
import type { Producer, ProducerOptions } from '../producer/producer.ts'

/** What a mirror needs of a producer. */
export type MirrorProducer = Pick<Producer, 'send' | 'close'>

/** One of the two clusters of a mirror: a `Tidemark`, whatever it was opened or connected to, is one. */
export interface MirrorEnd {
  producer(options: ProducerOptions<Bytes, Bytes>): MirrorProducer
  consumer(options: ConsumerOptions): Consumer
  admin(): Admin
}
