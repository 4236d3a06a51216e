import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseProperties } from '../../../../src/broker/config/java-properties.ts'

const parse = (text: string) => parseProperties(text, 'x.properties')
const pairs = (text: string) => parse(text).map(({ name, value }) => [name, value])

test.each<[string, string, string[][]]>([
  [
    'each separator',
    'a=1\nb:2\nc 3\nd\t4\ne\f5',
    [
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
      ['d', '4'],
      ['e', '5'],
    ],
  ],
  [
    'blanks around separators',
    'a = 1\nb\t:\t2\nc   3',
    [
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
    ],
  ],
  [
    'one separator only',
    'a==1\nb::2\nc = :3\nd  = =4',
    [
      ['a', '=1'],
      ['b', ':2'],
      ['c', ':3'],
      ['d', '=4'],
    ],
  ],
  ['further separators in the value', 'a=b=c:d e', [['a', 'b=c:d e']]],
  [
    'no value',
    'a\nb=\nc:\n',
    [
      ['a', ''],
      ['b', ''],
      ['c', ''],
    ],
  ],
  ['no name', '=1', [['', '1']]],
  ['comments and blank lines', '# a=1\n  ! b=2\n\n \t\nc=3', [['c', '3']]],
  ['no comment behind a value', 'a=1 # one', [['a', '1 # one']]],
  ['blanks before a name, and behind a value', '  a=1  ', [['a', '1  ']]],
  [
    'each end of a line',
    'a=1\r\nb=2\rc=3\n',
    [
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
    ],
  ],
  [
    'continued lines',
    'a=1,\\\n   2,\\\n\t3\nb=4',
    [
      ['a', '1,2,3'],
      ['b', '4'],
    ],
  ],
  ['a name over two lines', 'a\\\n  b=1', [['ab', '1']]],
  ['a continued comment is none', '# a\\\nb=1', [['b', '1']]],
  ['a comment cannot continue', 'a=1\\\n# 2', [['a', '1# 2']]],
  [
    'a blank line ends what is continued',
    'a=1\\\n  \nb=2',
    [
      ['a', '1'],
      ['b', '2'],
    ],
  ],
  [
    'an even number of backslashes continues nothing',
    'a=1\\\\\nb=2',
    [
      ['a', '1\\'],
      ['b', '2'],
    ],
  ],
  ['an odd number does', 'a=1\\\\\\\n2', [['a', '1\\2']]],
  ['nothing behind the last backslash', 'a=1\\', [['a', '1']]],
  ['escapes', 'a=\\t\\n\\r\\f\\q\\"', [['a', '\t\n\r\fq"']]],
  ['separators in a name', 'a\\=b\\:c\\ d=1', [['a=b:c d', '1']]],
  ['a backslash in a name', 'a\\\\=1', [['a\\', '1']]],
  [
    'a name that begins like a comment',
    '\\#a=1\n\\!b=2',
    [
      ['#a', '1'],
      ['!b', '2'],
    ],
  ],
  ['a value that begins with a blank', 'a=\\ 1', [['a', ' 1']]],
  [
    'characters by number',
    'a=\\u00e4\\u20AC\nh\\u00e4=1',
    [
      ['a', 'ä€'],
      ['hä', '1'],
    ],
  ],
  ['a backslash before a backslash and a u', 'a=\\\\u12', [['a', '\\u12']]],
  [
    'repeated names',
    'a=1\na=2',
    [
      ['a', '1'],
      ['a', '2'],
    ],
  ],
  ['nothing', '', []],
])('%s', (_, text, expected) => {
  expect(pairs(text)).toEqual(expected)
})

test('lines are those on which an assignment begins', () => {
  expect(parse('# one\na=1,\\\n2\n\nb=3').map(({ name, line }) => [name, line])).toEqual([
    ['a', 2],
    ['b', 5],
  ])
})

test.each([['a=1\nb=\\u12'], ['a=1\nb=\\u12g4'], ['a=1\n\\uxxxx=1'], ['a=1\nb=\\u']])(
  'a malformed character is refused with its line: %j',
  (text) => {
    expect(() => parse(text)).toThrow(/^x\.properties:2: \\u\S* is no character: write \\u and four/)
  },
)

/** As `java.util.Properties` stores: everything that means something is escaped. */
function escaped(text: string): string {
  return text.replace(/[\\=:#! \t\n\r\f]|[^ -~]/gs, (character) =>
    /[^ -~]/.test(character)
      ? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
      : `\\${character}`,
  )
}

const seed = process.env.TIDEMARK_SEED

test('what was stored is read back, wherever lines are broken', () => {
  const text = fc.oneof(
    fc.string({ unit: fc.constantFrom(...'ab=:#! \t\n\r\f\\u1ä'.split('')) }),
    fc.array(fc.integer({ min: 0, max: 0xffff })).map((codes) => String.fromCharCode(...codes)),
  )
  const property = fc.record({
    name: text.filter((name) => name !== ''),
    value: text,
    isBroken: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(property), (all) => {
      const file = all.map(
        ({ name, value, isBroken }) => `${escaped(name)} =${isBroken ? '\\\r\n  ' : ''}${escaped(value)}`,
      )
      expect(pairs(file.join('\n'))).toEqual(all.map(({ name, value }) => [name, value]))
    }),
    seed === undefined ? {} : { seed: Number(seed) },
  )
})
