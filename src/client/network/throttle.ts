/**
 * From which version on a broker answers at once and then wants no more requests for `throttleTimeMs` (KIP-219); before it, the
 * answer itself was held back for as long. APIs that are not named never did that.
 */
const firstVersions: Readonly<Partial<Record<string, number>>> = {
  ProduceRequest: 6,
  FetchRequest: 8,
  ListOffsetsRequest: 3,
  MetadataRequest: 6,
  OffsetCommitRequest: 4,
  OffsetFetchRequest: 4,
  FindCoordinatorRequest: 2,
  JoinGroupRequest: 3,
  HeartbeatRequest: 2,
  LeaveGroupRequest: 2,
  SyncGroupRequest: 2,
  DescribeGroupsRequest: 2,
  ListGroupsRequest: 2,
  ApiVersionsRequest: 2,
  CreateTopicsRequest: 3,
  DeleteTopicsRequest: 2,
  DeleteRecordsRequest: 1,
  InitProducerIdRequest: 1,
  AddPartitionsToTxnRequest: 1,
  AddOffsetsToTxnRequest: 1,
  EndTxnRequest: 1,
  TxnOffsetCommitRequest: 1,
  DescribeAclsRequest: 1,
  CreateAclsRequest: 1,
  DeleteAclsRequest: 1,
  DescribeConfigsRequest: 2,
  AlterConfigsRequest: 1,
  AlterReplicaLogDirsRequest: 1,
  DescribeLogDirsRequest: 1,
  CreatePartitionsRequest: 1,
  CreateDelegationTokenRequest: 1,
  RenewDelegationTokenRequest: 1,
  ExpireDelegationTokenRequest: 1,
  DescribeDelegationTokenRequest: 1,
  DeleteGroupsRequest: 1,
}

/**
 * For how long the broker of `response` wants no more requests on the connection, in milliseconds; 0 when it takes them.
 *
 * @param requestName Kafka's name of what was asked, such as `FetchRequest`
 */
export function pauseMsIn(response: unknown, requestName: string, apiVersion: number): number {
  if (typeof response !== 'object' || response === null || !('throttleTimeMs' in response)) return 0
  const { throttleTimeMs } = response
  if (typeof throttleTimeMs !== 'number' || throttleTimeMs <= 0) return 0
  return apiVersion >= (firstVersions[requestName] ?? 0) ? throttleTimeMs : 0
}
