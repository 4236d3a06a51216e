// What typedoc does not know of the package: under which names its modules are imported, that the messages of Kafka's protocol are
// better read in Kafka's own documentation than in hundreds of tables, and that a reader looks for what a method does, not for
// where it was inherited from.
import { Converter, ReflectionKind } from 'typedoc'
import { MarkdownPageEvent } from 'typedoc-plugin-markdown'

const entryPoints = new Map([
  ['src/embedded/public', 'tidemark'],
  ['src/client/public', 'tidemark/client'],
  ['src/log/public', 'tidemark/log'],
  ['src/testing/public', 'tidemark/testing'],
  ['src/server/public', 'tidemark/server'],
  ['src/wire/public', 'tidemark/protocol'],
])
const messageFile = /src\/wire\/(messages|records)\//

/** Sections of where something comes from, and of the type that the signature states; each with its text. */
const inheritance =
  /^#+ (Returns|Overrides|Inherited from|Implementation of|Implements|Extends|Extended by)\n\n(?:(?!#|\*\*\*).*\n\n?)*/gm

/** Rows of options that are another's name: Kafka's. */
const aliases = /^\| <a id="[^"]*"><\/a> `\w+(\.\w+)+\?` \|.*\| - \|\n/gm

const leftOut = `
## Messages

Each request and response is exported as well, as a value and as a type by Kafka's name of it, such as \`produceRequest\` and
\`ProduceRequest\`; so are the records that brokers keep in topics of their own. Their fields are Kafka's.
`

/** A plugin of typedoc. */
export function load({ converter, renderer }) {
  converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const module of project.getReflectionsByKind(ReflectionKind.Module))
      module.name = entryPoints.get(module.name) ?? module.name
    for (const each of project.getReflectionsByKind(ReflectionKind.All))
      if (isMessage(each, project) || isInherited(each)) project.removeReflection(each)
  })
  renderer.on(MarkdownPageEvent.END, (page) => {
    page.contents = condensed(page.contents)
    if (page.model.name === 'tidemark/protocol') page.contents += leftOut
  })
}

function isMessage(reflection, project) {
  const isDeclared = reflection.parent?.kindOf(ReflectionKind.Module) ?? false
  return isDeclared && messageFile.test(project.getSymbolIdFromReflection(reflection)?.packagePath ?? '')
}

/** Of an error, what every error has. */
function isInherited({ name, parent, kind, inheritedFrom }) {
  const isOfError = parent?.kindOf(ReflectionKind.Class) === true && parent.name.endsWith('Error')
  return isOfError && (inheritedFrom !== undefined || name === 'name' || kind === ReflectionKind.Constructor)
}

/** One line where the markdown of typedoc takes five, and nothing that the signature above it says. */
function condensed(markdown) {
  return markdown
    .replaceAll(inheritance, '')
    .replaceAll(/\n#+ Throws\n\n/g, '\nThrows: ')
    .replaceAll(/\n#+ (Parameters|Type Parameters|Get Signature|Default Value|Call Signature)\n/g, '')
    .replaceAll(/\n### \S+\n\nRe-exports (\[[^\n]+\)\n?)(\n\*\*\*\n)?/g, '- $1')
    .replaceAll('\n## References\n', '\n## The same as elsewhere\n\n')
    .replaceAll(aliases, '')
    .replaceAll('__namedParameters', 'options')
    .replaceAll(/\n{3,}/g, '\n\n')
}
