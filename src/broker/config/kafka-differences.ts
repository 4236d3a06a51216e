/** A default that is not Kafka's. */
interface OtherDefault {
  /** Kafka's, as it prints it; null for none, undefined where Kafka has to be told. */
  readonly kafka: string | null | undefined
  readonly reason: string
}

/** Where a broker's default is not that of Kafka 4.3, and why. Topic configs have Kafka's defaults throughout. */
export const otherDefaults: Readonly<Record<string, OtherDefault>> = {
  'controller.listener.names': {
    kafka: undefined,
    reason: 'There are no controllers to connect to, so nothing has to be named.',
  },
  'group.coordinator.rebalance.protocols': {
    kafka: 'classic,consumer,streams',
    reason: 'The classic protocol is the one that is served.',
  },
  listeners: {
    kafka: 'PLAINTEXT://:9092',
    reason: 'Without a login, a broker is for this machine until somebody says otherwise.',
  },
  'log.dir': {
    kafka: '/tmp/kafka-logs',
    reason: 'What is kept durably does not belong where the next start of the machine wipes it away.',
  },
  'max.connections': {
    kafka: '2147483647',
    reason: 'Every limit is finite: connections take memory before they are authenticated.',
  },
  'max.connections.per.ip': {
    kafka: '2147483647',
    reason: 'One client that leaks connections leaves half of them to the others.',
  },
  'node.id': { kafka: undefined, reason: 'A first broker starts without a file.' },
  'offsets.topic.replication.factor': {
    kafka: '3',
    reason: 'A broker alone can serve consumer groups. A cluster sets 3.',
  },
  'process.roles': {
    kafka: undefined,
    reason: 'Every broker can be the controller, so nothing is to choose.',
  },
  'queued.max.request.bytes': {
    kafka: '-1',
    reason: 'Every limit is finite: requests wait in memory that many connections share.',
  },
  'sasl.enabled.mechanisms': {
    kafka: 'GSSAPI',
    reason: 'Kerberos is not served; PLAIN, which shows passwords to the broker, is to be asked for.',
  },
  'sasl.mechanism.inter.broker.protocol': { kafka: 'GSSAPI', reason: 'Kerberos is not served.' },
  'ssl.keystore.type': { kafka: 'JKS', reason: 'Node reads PEM and PKCS12, and not the key stores of Java.' },
  'ssl.truststore.type': {
    kafka: 'JKS',
    reason: 'Node reads PEM and PKCS12, and not the key stores of Java.',
  },
  'transaction.state.log.min.isr': {
    kafka: '2',
    reason: 'A broker alone can serve transactions. A cluster sets 2.',
  },
  'transaction.state.log.replication.factor': {
    kafka: '3',
    reason: 'A broker alone can serve transactions. A cluster sets 3.',
  },
}

/** Configs that Kafka 4.3 does not have, and why there are such. */
export const additions: Readonly<Record<string, string>> = {
  'tidemark.cluster.id': 'A cluster that is made without a format command may be given its id.',
  'tidemark.durability':
    'Acknowledged means synced unless somebody chooses otherwise; in Kafka it means handed to the operating system.',
  'zookeeper.connect': 'Several brokers are coordinated by ZooKeeper. The name is that of Kafka 3.',
  'zookeeper.connection.timeout.ms': 'As in Kafka 3.',
  'zookeeper.session.timeout.ms': 'As in Kafka 3.',
}
