import { subscription } from '../../../unit/broker/groups/group-harness.ts'
import { type Body, list, type TopicName } from '../dialogue.ts'
import { type Scenario, versionsOf } from '../scenario.ts'
import { join, settled } from './entering-groups.ts'
import { commitBody, unknownId } from './request-bodies.ts'

const committing: Scenario = {
  name: 'committed offsets',
  async play(dialogue) {
    const topic = await dialogue.topic('there', { partitions: 2 })
    const nowhere = { name: dialogue.name('nowhere'), topicId: unknownId }
    const memberId = await settled(dialogue, dialogue.name('members'))
    for (const version of versionsOf('OffsetCommit')) {
      const groupId = dialogue.name(`group-${version}`)
      const ask = (
        step: string,
        traits: Body = {},
        partition: Body = {},
        where: Partial<TopicName> = topic,
      ) => dialogue.ask(step, 'OffsetCommit', version, commitBody(groupId, where, traits, partition))
      await ask('from outside')
      await ask('unknown topic', {}, {}, nowhere)
      await ask('unknown partition', {}, { partitionIndex: 2 })
      await ask('negative partition', {}, { partitionIndex: -1 })
      await ask('negative offset', {}, { committedOffset: -1 })
      await ask('very negative offset', {}, { committedOffset: -7 })
      await ask('no metadata', {}, { committedMetadata: null })
      await ask('large metadata', {}, { committedMetadata: 'x'.repeat(4097) })
      await ask('largest metadata', {}, { committedMetadata: 'x'.repeat(4096) })
      await ask('empty group id', { groupId: '' })
      await ask('generation of no group', { generationIdOrMemberEpoch: 1, memberId: 'm' })
      await ask('member without a generation', { memberId: 'm' })
      const members = { groupId: dialogue.name('members') }
      await ask('from outside of a group with members', members)
      await ask('stranger', { ...members, memberId: 'stranger', generationIdOrMemberEpoch: 1 })
      await ask('older generation', { ...members, memberId, generationIdOrMemberEpoch: 0 })
      await ask('newer generation', { ...members, memberId, generationIdOrMemberEpoch: 2 })
      await ask('member', { ...members, memberId, generationIdOrMemberEpoch: 1 })
      await ask('member of another instance', {
        ...members,
        memberId,
        generationIdOrMemberEpoch: 1,
        groupInstanceId: 'i',
      })
      await dialogue.ask('nothing', 'OffsetCommit', version, commitBody(groupId, undefined))
    }
    for (const version of versionsOf('OffsetFetch')) {
      const fetch = (step: string, plain: string, topics: readonly Body[] | null, more: Body = {}) => {
        const groupId = dialogue.name(plain)
        return dialogue.ask(step, 'OffsetFetch', version, {
          groupId,
          topics,
          groups: [{ groupId, topics }],
          ...more,
        })
      }
      const asked = { ...topic, partitionIndexes: [0, 1] }
      await fetch('two partitions', 'group-9', [asked])
      await fetch('unknown partition', 'group-9', [{ ...topic, partitionIndexes: [7] }])
      await fetch('unknown topic', 'group-9', [{ ...nowhere, partitionIndexes: [0] }])
      await fetch('unknown group', 'nothing', [asked])
      if (version >= 2) await fetch('all topics', 'group-9', null)
      if (version >= 2) await fetch('all of an unknown group', 'nothing', null)
      await fetch('no topics', 'group-9', [])
      await fetch('stable ones', 'group-9', [asked], { requireStable: true })
      const empty = { groupId: '', topics: [asked] }
      await fetch('empty group id', 'x', [asked], { groupId: '', groups: [empty] })
      if (version < 8) continue
      const groups = ['group-3', 'nothing', 'group-4'].map((plain) => ({
        groupId: dialogue.name(plain),
        topics: [asked],
      }))
      await dialogue.ask('several', 'OffsetFetch', version, { groups, requireStable: false })
      await dialogue.ask('none', 'OffsetFetch', version, { groups: [], requireStable: false })
      await dialogue.ask('the same twice', 'OffsetFetch', version, {
        groups: [groups[0], groups[0]],
        requireStable: false,
      })
      if (version < 9) continue
      const member = { groupId: dialogue.name('members'), memberId, memberEpoch: 1, topics: [asked] }
      await dialogue.ask('as a member', 'OffsetFetch', version, { groups: [member] })
      await dialogue.ask('as a stranger', 'OffsetFetch', version, { groups: [{ ...member, memberId: 'x' }] })
      await dialogue.ask('of another epoch', 'OffsetFetch', version, {
        groups: [{ ...member, memberEpoch: 7 }],
      })
    }
  },
}

const removal: Scenario = {
  name: 'removed groups',
  async play(dialogue) {
    const topic = await dialogue.topic('there', { partitions: 2 })
    const other = await dialogue.topic('other')
    const protocols = [{ name: 'range', metadata: subscription(topic.name) }]
    const busy = dialogue.name('busy')
    await settled(dialogue, busy, { protocols })
    for (const where of [topic, other])
      await dialogue.ask('committed', 'OffsetCommit', 9, commitBody(busy, where))
    const remove = (step: string, groupId: string, name: string, ...indexes: readonly number[]) => {
      const partitions = indexes.map((partitionIndex) => ({ partitionIndex }))
      return dialogue.ask(step, 'OffsetDelete', 0, { groupId, topics: [{ name, partitions }] })
    }
    await remove('offset of a subscribed topic', busy, topic.name, 0)
    await remove('offset of another topic', busy, other.name, 0)
    await remove('offset that is not there', busy, other.name, 0)
    await remove('offset of an unknown partition', busy, other.name, 5)
    await remove('offset of an unknown topic', busy, dialogue.name('nowhere'), 0)
    await remove('offset of an unknown group', dialogue.name('none'), topic.name, 0)
    await remove('offset of a group without a name', '', topic.name, 0)
    await remove('no offsets', busy, topic.name)
    const idle = dialogue.name('idle')
    await dialogue.ask('committed', 'OffsetCommit', 9, commitBody(idle, topic))
    await remove('offset of an idle group', idle, topic.name, 0, 1)
    await dialogue.ask('after its last offset', 'DescribeGroups', 6, {
      groups: [idle],
      includeAuthorizedOperations: false,
    })
    for (const version of versionsOf('DeleteGroups')) {
      const ask = (step: string, ...groupsNames: readonly string[]) =>
        dialogue.ask(step, 'DeleteGroups', version, { groupsNames })
      const spare = dialogue.name(`spare-${version}`)
      await dialogue.ask('committed', 'OffsetCommit', 9, commitBody(spare, topic))
      await ask('one with members', busy)
      await ask('unknown', dialogue.name('none'))
      await ask('no name', '')
      await ask('none')
      await ask('one with members, one without, one unknown', busy, spare, dialogue.name('none'))
      await ask('gone', spare)
      await ask('twice', busy, busy)
    }
    await dialogue.ask('gone', 'DescribeGroups', 6, {
      groups: [dialogue.name('spare-0')],
      includeAuthorizedOperations: false,
    })
  },
}

const filtering: Scenario = {
  name: 'listed groups',
  async play(dialogue) {
    const topic = await dialogue.topic('there')
    await settled(dialogue, dialogue.name('stable'))
    await join(dialogue, 9, dialogue.name('unsynced'))
    await dialogue.ask('committed', 'OffsetCommit', 9, commitBody(dialogue.name('outside'), topic))
    for (const version of versionsOf('ListGroups'))
      for (const statesFilter of [
        [],
        ['Stable'],
        ['stable'],
        ['CompletingRebalance', 'Empty'],
        ['Dead'],
        ['nonsense'],
        [''],
      ])
        for (const typesFilter of [[], ['classic'], ['Classic'], ['consumer'], ['nonsense']]) {
          if (version < 5 && typesFilter.length > 0) continue
          if (version < 4 && statesFilter.length > 0) continue
          const answer = await dialogue.prepare('ListGroups', version, { statesFilter, typesFilter })
          const groups = list(answer, 'groups').filter(({ groupId }) =>
            String(groupId).startsWith(dialogue.name('')),
          )
          dialogue.note(`${statesFilter.join()} of ${typesFilter.join()}`, 'ListGroups', version, {
            ...answer,
            groups,
          })
        }
  },
}

const coordinators: Scenario = {
  name: 'coordinators',
  async play(dialogue) {
    for (const version of versionsOf('FindCoordinator'))
      for (const keyType of version === 0 ? [0] : [0, 2, 3, -1])
        for (const coordinatorKeys of [['group'], [''], ['a', 'b', 'a'], []])
          await dialogue.ask(`type ${keyType} of ${coordinatorKeys.join()}`, 'FindCoordinator', version, {
            ...{ key: coordinatorKeys[0] ?? '', keyType, coordinatorKeys },
          })
  },
}

export const groupAdministration: readonly Scenario[] = [committing, removal, filtering, coordinators]
