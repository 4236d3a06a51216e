import { array, bool, int16, int32, int64, string } from '../field.ts'
import { type Decoded, type Encodable, request, response } from '../message.ts'

/** Asks what lies in the log directories of a broker (KIP-113). */
export const describeLogDirsRequest = request(35, 'DescribeLogDirsRequest', '1-5, flexible 2+', {
  topics: array({
    topic: string(),
    partitions: array(int32()),
  }).nullable(),
})

/** The answer to {@link describeLogDirsRequest}. */
export const describeLogDirsResponse = response(35, 'DescribeLogDirsResponse', '1-5, flexible 2+', {
  throttleTimeMs: int32(),
  errorCode: int16().since(3).ignorable(),
  results: array({
    errorCode: int16(),
    logDir: string(),
    topics: array({
      name: string(),
      partitions: array({
        partitionIndex: int32(),
        partitionSize: int64(),
        offsetLag: int64(),
        isFutureKey: bool(),
      }),
    }),
    totalBytes: int64().since(4).ignorable().default(-1),
    usableBytes: int64().since(4).ignorable().default(-1),
    isCordoned: bool().since(5).ignorable().default(false),
  }),
})

/** The request, decoded. */
export type DescribeLogDirsRequest = Decoded<typeof describeLogDirsRequest>
/** The request, to be encoded. */
export type DescribeLogDirsRequestInput = Encodable<typeof describeLogDirsRequest>

/** The response, decoded. */
export type DescribeLogDirsResponse = Decoded<typeof describeLogDirsResponse>
/** The response, to be encoded. */
export type DescribeLogDirsResponseInput = Encodable<typeof describeLogDirsResponse>
