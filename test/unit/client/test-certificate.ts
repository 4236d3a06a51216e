import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

/** A certificate and its key, in PEM. */
export interface TestCertificate {
  readonly cert: string
  readonly key: string
}

/** An authority, which may sign certificates of others. */
export interface TestAuthority extends TestCertificate {
  readonly name: string
  readonly privateKey: KeyObject
}

/** Whom a certificate is for. */
export interface Subject {
  /** Names in the DNS. */
  readonly names?: readonly string[]
  /** IPv4 addresses. */
  readonly addresses?: readonly string[]
  /** Default: the end of 2099. */
  readonly until?: string
}

/** DER (X.690): a tag, the length of what follows, and that. */
function der(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents)
  const { length } = content
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from([tag, ...size]), content])
}

const sequence = (...items: readonly Uint8Array[]): Buffer => der(0x30, ...items)
const explicit = (number: number, item: Uint8Array): Buffer => der(0xa0 + number, item)
const octets = (item: Uint8Array): Buffer => der(0x04, item)
const object = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'))
const time = (text: string): Buffer => der(0x18, Buffer.from(text))

const yes = Buffer.from([0x01, 0x01, 0xff])
const ecdsaWithSha256 = sequence(object('2a8648ce3d040302'))
const commonName = '550403'
const subjectAltName = '551d11'
const basicConstraints = '551d13'
const version3 = Buffer.from([0x02, 0x01, 0x02])
let serial = 0

function distinguishedName(name: string): Buffer {
  return sequence(der(0x31, sequence(object(commonName), der(0x0c, Buffer.from(name)))))
}

function altNames({ names = [], addresses = [] }: Subject): Buffer {
  const dns = names.map((name) => der(0x82, Buffer.from(name)))
  const ip = addresses.map((address) => der(0x87, Buffer.from(address.split('.').map(Number))))
  return sequence(object(subjectAltName), octets(sequence(...dns, ...ip)))
}

function pem(label: string, bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

interface Draft {
  readonly name: string
  readonly issuer: string
  readonly extension: Buffer
  readonly until: string
}

/** An X.509 certificate (RFC 5280) of `publicKey`, signed by the issuer's. */
function certificate({ name, issuer, extension, until }: Draft, publicKey: KeyObject, issuerKey: KeyObject) {
  serial++
  const body = sequence(
    explicit(0, version3),
    der(0x02, Buffer.from([serial])),
    ecdsaWithSha256,
    distinguishedName(issuer),
    sequence(time('20200101000000Z'), time(until)),
    distinguishedName(name),
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(extension)),
  )
  const signature = der(0x03, Buffer.from([0]), sign('sha256', body, issuerKey))
  return pem('CERTIFICATE', sequence(body, ecdsaWithSha256, signature))
}

const theEnd = '20991231235959Z'

function newKey(): { readonly key: string; readonly privateKey: KeyObject; readonly publicKey: KeyObject } {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return { key, privateKey, publicKey: createPublicKey(privateKey) }
}

/** An authority of its own, made for one test. */
export function newAuthority(name: string): TestAuthority {
  const { key, privateKey, publicKey } = newKey()
  const extension = sequence(object(basicConstraints), yes, octets(sequence(yes)))
  const draft = { name, issuer: name, extension, until: theEnd }
  return { name, key, privateKey, cert: certificate(draft, publicKey, privateKey) }
}

/** A certificate for `subject`, signed by `authority`. */
export function newCertificate(authority: TestAuthority, subject: Subject): TestCertificate {
  const { key, publicKey } = newKey()
  const extension = altNames(subject)
  const draft = { name: 'broker', issuer: authority.name, extension, until: subject.until ?? theEnd }
  return { key, cert: certificate(draft, publicKey, authority.privateKey) }
}
