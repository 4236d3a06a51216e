import { configTable } from '../config-table.ts'

/** Where the broker listens, whom it lets in, and how much it takes from one of them. */
export const listenersConfigs = configTable('effective', {
  'advertised.listeners':
    'LIST null HIGH | Addresses given to clients, as NAME://host:port; null gives those of listeners.',
  'connection.failed.authentication.delay.ms':
    'INT 100 [0,...] LOW | How long a failed login is answered late, in ms, so that guessing is slow.',
  'connections.max.idle.ms':
    'LONG 600000 MEDIUM | A connection without a request for so many ms is closed; 0 or less never.',
  'connections.max.reauth.ms': 'LONG 0 MEDIUM | After so many ms a SASL client must log in again; 0 never.',
  'inter.broker.listener.name':
    'STRING null MEDIUM | Name of the listener that brokers use among themselves; null goes by the protocol.',
  'listener.security.protocol.map':
    'STRING SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT LOW per-broker | Security protocol of each listener name, as NAME:PROTOCOL.',
  listeners:
    'LIST PLAINTEXT://127.0.0.1:9092 HIGH per-broker | Addresses to listen on, as NAME://host:port; an empty host means every address.',
  'max.connection.creation.rate':
    'INT 2147483647 [0,...] MEDIUM cluster-wide | New connections per second; more wait to be accepted.',
  'max.connections':
    'INT 1024 [0,...] MEDIUM cluster-wide | Connections at once; more are closed, the idlest first.',
  'max.connections.per.ip': 'INT 512 [0,...] MEDIUM cluster-wide | Connections at once from one address.',
  'max.connections.per.ip.overrides':
    'STRING "" MEDIUM cluster-wide | Other limits for single addresses, as host:count.',
  'queued.max.request.bytes':
    'LONG 268435456 MEDIUM | Bytes of requests that may wait to be handled; then reading stops. -1 for no limit.',
  'queued.max.requests': 'INT 500 [1,...] HIGH | Requests that may wait to be handled; then reading stops.',
  'request.timeout.ms': 'INT 30000 HIGH | How long a request of this broker to another may take, in ms.',
  'security.inter.broker.protocol':
    'STRING PLAINTEXT [PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL] MEDIUM | Security protocol among brokers, unless inter.broker.listener.name says which listener.',
  'socket.connection.setup.timeout.max.ms':
    'LONG 30000 MEDIUM | Longest wait for a connection to another broker, in ms, after failures.',
  'socket.connection.setup.timeout.ms':
    'LONG 10000 MEDIUM | First wait for a connection to another broker, in ms; doubles with each failure.',
  'socket.listen.backlog.size':
    'INT 50 [1,...] MEDIUM | Connections that the operating system keeps waiting to be accepted.',
  'socket.request.max.bytes':
    'INT 104857600 [1,...] HIGH | Largest request, in bytes; a larger one ends its connection.',
})

/** What Kafka has besides, and what has no effect here. */
export const ineffectiveListenersConfigs = configTable('no effect', {
  'background.threads':
    'INT 10 [1,...] HIGH cluster-wide | Threads for background work; there are none here.',
  'early.start.listeners':
    'LIST null HIGH | Listeners that open before authorization is ready; here all open at once.',
  'num.io.threads':
    'INT 8 [1,...] HIGH cluster-wide | Threads that handle requests; here the event loop does.',
  'num.network.threads':
    'INT 3 [1,...] HIGH cluster-wide | Threads that read and write sockets; here the event loop does.',
  'socket.receive.buffer.bytes':
    'INT 102400 HIGH | Receive buffer of a socket, in bytes; here the operating system chooses.',
  'socket.send.buffer.bytes':
    'INT 102400 HIGH | Send buffer of a socket, in bytes; here the operating system chooses.',
})
