import { subscription } from '../../../unit/broker/groups/group-harness.ts'
import type { Body } from '../dialogue.ts'
import { type Scenario, versionsOf } from '../scenario.ts'
import { join, settled } from './entering-groups.ts'
import { commitBody, joinBody, syncBody } from './request-bodies.ts'

const joining: Scenario = {
  name: 'joining groups',
  async play(dialogue) {
    for (const version of versionsOf('JoinGroup')) {
      const ask = (step: string, traits: Body = {}, plain = 'refused') =>
        dialogue.ask(step, 'JoinGroup', version, joinBody(dialogue.name(`${plain}-${version}`), traits))
      await ask('empty group id', { groupId: '' })
      await ask('unknown member', { memberId: 'stranger' })
      await ask('session too short', { sessionTimeoutMs: 10 })
      await ask('session too long', { sessionTimeoutMs: 9_000_000 })
      await ask('no protocols', { protocols: [] })
      await ask('no protocol type', { protocolType: '' })
      await ask('negative rebalance timeout', { rebalanceTimeoutMs: -5 }, 'impatient')
      await ask('no such group', { memberId: 'stranger' }, 'nowhere')
      const groupId = dialogue.name(`group-${version}`)
      const memberId = await join(dialogue, version, groupId)
      await ask('again', { memberId }, 'group')
      await ask('unknown member, group of one', { memberId: 'stranger' }, 'group')
      const others = [{ name: 'sticky', metadata: subscription('topic') }]
      await ask('another protocol', { protocols: others }, 'group')
      await ask('another protocol type', { protocolType: 'connect' }, 'group')
      await ask('another protocol, same member', { memberId, protocols: others }, 'group')
    }
  },
}

const syncing: Scenario = {
  name: 'syncing groups',
  async play(dialogue) {
    for (const version of versionsOf('SyncGroup')) {
      const groupId = dialogue.name(`group-${version}`)
      const memberId = await join(dialogue, 9, groupId)
      const ask = (step: string, generationId: number, traits: Body = {}) =>
        dialogue.ask(step, 'SyncGroup', version, syncBody(groupId, memberId, generationId, traits))
      const beat = (step: string, traits: Body = {}) =>
        dialogue.ask(step, 'Heartbeat', 4, {
          groupId,
          generationId: 1,
          memberId,
          groupInstanceId: null,
          ...traits,
        })
      await beat('heartbeat before the sync')
      await ask('older generation', 0)
      await ask('newer generation', 2)
      await ask('unknown member', 1, { memberId: 'stranger' })
      await ask('unknown group', 1, { groupId: dialogue.name('nowhere') })
      await ask('empty group id', 1, { groupId: '' })
      await ask('another protocol', 1, { protocolName: 'sticky' })
      await ask('another protocol type', 1, { protocolType: 'connect' })
      await ask('no protocol', 1, { protocolType: null, protocolName: null })
      await ask('for a stranger', 1, {
        assignments: [{ memberId: 'stranger', assignment: Buffer.from('x') }],
      })
      await ask('again, with another assignment', 1)
      await beat('heartbeat')
      await beat('heartbeat of an older generation', { generationId: 0 })
      await beat('heartbeat of a newer generation', { generationId: 2 })
      await beat('heartbeat of a stranger', { memberId: 'stranger' })
      await beat('heartbeat without a name', { memberId: '' })
      await beat('heartbeat in no group', { groupId: dialogue.name('nowhere') })
      await beat('heartbeat in a group without a name', { groupId: '' })
    }
    for (const version of versionsOf('Heartbeat'))
      await dialogue.ask('heartbeat in no group', 'Heartbeat', version, {
        ...{ groupId: 'none', generationId: 1, memberId: 'm', groupInstanceId: null },
      })
  },
}

const rebalancing: Scenario = {
  name: 'rebalancing groups',
  async play(dialogue) {
    const groupId = dialogue.name('group')
    const one = await settled(dialogue, groupId)
    const beat = (step: string, memberId: unknown, generationId: number) =>
      dialogue.ask(step, 'Heartbeat', 4, { groupId, generationId, memberId, groupInstanceId: null })
    const invited = await dialogue.ask('second, no id yet', 'JoinGroup', 9, joinBody(groupId))
    const two = invited?.['memberId']
    await beat('the first beats on', one, 1)
    await beat('the second beats before it is in', two, 1)
    const second = dialogue.ask(
      'second joins',
      'JoinGroup',
      9,
      joinBody(groupId, { memberId: two }),
      'second',
    )
    await dialogue.until(
      'Heartbeat',
      4,
      { groupId, generationId: 1, memberId: one, groupInstanceId: null },
      isRebalancing,
    )
    await beat('the first is told', one, 1)
    await dialogue.ask('sync meanwhile', 'SyncGroup', 5, syncBody(groupId, one, 1))
    await dialogue.ask(
      'commit meanwhile',
      'OffsetCommit',
      9,
      commitBody(groupId, undefined, { memberId: one, generationIdOrMemberEpoch: 1 }),
    )
    await dialogue.ask('described meanwhile', 'DescribeGroups', 6, {
      groups: [groupId],
      includeAuthorizedOperations: false,
    })
    await dialogue.ask('first joins again', 'JoinGroup', 9, joinBody(groupId, { memberId: one }))
    await second
    await dialogue.ask('described before the sync', 'DescribeGroups', 6, {
      groups: [groupId],
      includeAuthorizedOperations: false,
    })
    await dialogue.ask(
      'commit before the sync',
      'OffsetCommit',
      9,
      commitBody(groupId, undefined, { memberId: one, generationIdOrMemberEpoch: 2 }),
    )
    await dialogue.ask('offsets deleted before the sync', 'OffsetDelete', 0, {
      groupId,
      topics: [{ name: 'topic', partitions: [{ partitionIndex: 0 }] }],
    })
    const follower = dialogue.ask(
      'follower syncs',
      'SyncGroup',
      5,
      syncBody(groupId, two, 2, { assignments: [] }),
      'second',
    )
    await dialogue.ask('leader syncs', 'SyncGroup', 5, syncBody(groupId, one, 2))
    await follower
    await beat('old generation', one, 1)
    await beat('all is well', two, 2)
    for (const version of versionsOf('DescribeGroups'))
      await dialogue.ask('described', 'DescribeGroups', version, {
        groups: [groupId, 'none', groupId, ''],
        includeAuthorizedOperations: true,
      })
    await dialogue.ask('a member leaves', 'LeaveGroup', 5, {
      groupId,
      members: [{ memberId: two, groupInstanceId: null }],
    })
    await beat('the other is told', one, 2)
    await beat('who has left', two, 2)
    await dialogue.ask('a stranger leaves', 'LeaveGroup', 5, {
      groupId,
      members: [{ memberId: 'stranger', groupInstanceId: null }],
    })
    await dialogue.ask('the last leaves', 'LeaveGroup', 5, {
      groupId,
      members: [{ memberId: one, groupInstanceId: null }],
    })
    await dialogue.ask('described when empty', 'DescribeGroups', 6, {
      groups: [groupId],
      includeAuthorizedOperations: false,
    })
    await dialogue.ask('sync when empty', 'SyncGroup', 5, syncBody(groupId, one, 2))
  },
}

function isRebalancing({ errorCode }: Body): boolean {
  return errorCode === 27
}

const leaving: Scenario = {
  name: 'leaving groups',
  async play(dialogue) {
    for (const version of versionsOf('LeaveGroup')) {
      const groupId = dialogue.name(`group-${version}`)
      const memberId = await settled(dialogue, groupId)
      const ask = (step: string, who: unknown, traits: Body = {}) => {
        const members = [{ memberId: who, groupInstanceId: null }]
        return dialogue.ask(step, 'LeaveGroup', version, { groupId, memberId: who, members, ...traits })
      }
      await ask('a stranger', 'stranger')
      await ask('nobody', '')
      await ask('from no group', memberId, { groupId: dialogue.name('nowhere') })
      await ask('from a group without a name', memberId, { groupId: '' })
      if (version >= 3) {
        await ask('no members', memberId, { members: [] })
        await ask('an unknown instance', memberId, { members: [{ memberId: '', groupInstanceId: 'i' }] })
        const twice = [memberId, memberId, 'stranger'].map((each) => ({
          memberId: each,
          groupInstanceId: null,
        }))
        await ask('twice, and a stranger', memberId, { members: twice })
      } else await ask('a member', memberId)
      await ask('who has left', memberId)
    }
  },
}

const staticMembers: Scenario = {
  name: 'static members',
  async play(dialogue) {
    for (const version of versionsOf('JoinGroup').filter((each) => each >= 5)) {
      const groupId = dialogue.name(`group-${version}`)
      const groupInstanceId = 'i'
      const old = await join(dialogue, version, groupId, { groupInstanceId })
      await dialogue.ask('sync', 'SyncGroup', 5, syncBody(groupId, old, 1, { groupInstanceId }))
      const again = await dialogue.ask(
        'the same instance, restarted',
        'JoinGroup',
        version,
        joinBody(groupId, { groupInstanceId }),
      )
      const memberId = again?.['memberId']
      const fenced = { groupId, memberId: old, groupInstanceId }
      await dialogue.ask('the old one beats', 'Heartbeat', 4, { ...fenced, generationId: 1 })
      await dialogue.ask('the old one syncs', 'SyncGroup', 5, syncBody(groupId, old, 1, { groupInstanceId }))
      await dialogue.ask(
        'the old one joins',
        'JoinGroup',
        version,
        joinBody(groupId, { memberId: old, groupInstanceId }),
      )
      await dialogue.ask(
        'the old one commits',
        'OffsetCommit',
        9,
        commitBody(groupId, undefined, { ...fenced, generationIdOrMemberEpoch: 1 }),
      )
      await dialogue.ask(
        'the new one syncs',
        'SyncGroup',
        5,
        syncBody(groupId, memberId, 1, { groupInstanceId }),
      )
      await dialogue.ask('the new one beats', 'Heartbeat', 4, { ...fenced, memberId, generationId: 1 })
      await dialogue.ask('unknown instance beats', 'Heartbeat', 4, {
        ...fenced,
        memberId,
        generationId: 1,
        groupInstanceId: 'x',
      })
      await dialogue.ask(
        'unknown instance joins by id',
        'JoinGroup',
        version,
        joinBody(groupId, { memberId, groupInstanceId: 'x' }),
      )
      await dialogue.ask('described', 'DescribeGroups', 6, {
        groups: [groupId],
        includeAuthorizedOperations: false,
      })
      await dialogue.ask('the old one leaves', 'LeaveGroup', 5, {
        groupId,
        members: [{ memberId: old, groupInstanceId }],
      })
      await dialogue.ask('leaves by its instance', 'LeaveGroup', 5, {
        groupId,
        members: [{ memberId: '', groupInstanceId }],
      })
      await dialogue.ask('described when it has left', 'DescribeGroups', 6, {
        groups: [groupId],
        includeAuthorizedOperations: false,
      })
    }
  },
}

export const groups: readonly Scenario[] = [joining, syncing, rebalancing, leaving, staticMembers]
