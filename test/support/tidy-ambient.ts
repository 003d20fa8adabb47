import {
  isBinaryExpression,
  isBindingElement,
  isCallExpression,
  isElementAccessExpression,
  isIdentifier,
  isMetaProperty,
  isNewExpression,
  isObjectBindingPattern,
  isPropertyAccessExpression,
  isQualifiedName,
  isShorthandPropertyAssignment,
  isStringLiteral,
  isTypeReferenceNode,
  SyntaxKind,
} from 'typescript/unstable/ast'
import type { Identifier, Node } from 'typescript/unstable/ast'
import { hasName, placeOf } from '../../scripts/source/parse.ts'
import type { Source } from '../../scripts/source/parse.ts'
import { ringOf, words } from './tidy-house.ts'
import type { Check } from './tidy-house.ts'

/** Globals that give every engine the same answer: all that a rule may name. No floating point. */
const ruleGlobals = words(`
  undefined NaN Infinity Object Array Map Set WeakMap WeakSet String Number Boolean BigInt Symbol
  JSON RegExp Error TypeError RangeError SyntaxError parseInt TextEncoder TextDecoder ArrayBuffer
  DataView Uint8Array Uint16Array Uint32Array Int8Array Int16Array Int32Array BigInt64Array
  BigUint64Array Math
`)
/** Members of Math whose results the language fixes to the last bit. */
const exactMath = words('floor ceil round trunc min max abs sign imul clz32')
/** Types that only time, chance or the machine could fill. */
const worldlyTypes = words(`
  Date Buffer Promise PromiseLike AsyncIterable AsyncIterator AsyncGenerator Float32Array
  Float64Array
`)
/** Members that go by the machine's language or come out as fractions. */
const localeMembers = words(`
  localeCompare toLocaleString toLocaleDateString toLocaleTimeString toLocaleLowerCase
  toLocaleUpperCase
`)
const fractionMembers = words('parseFloat toFixed toPrecision toExponential')
/** Members that go by the engine's tables of Unicode, or its words, or make code of text. */
const engineMembers = words('normalize toLowerCase toUpperCase stack constructor')
/** Globals that let the world into the replica past its ports. */
const worldlyGlobals = words(`
  process fetch setTimeout setInterval setImmediate performance crypto console globalThis global
  require navigator Intl Worker WebSocket
`)

const bindingKinds: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.VariableDeclaration,
  SyntaxKind.BindingElement,
  SyntaxKind.Parameter,
  SyntaxKind.FunctionDeclaration,
  SyntaxKind.FunctionExpression,
  SyntaxKind.ClassDeclaration,
  SyntaxKind.ClassExpression,
  SyntaxKind.TypeAliasDeclaration,
  SyntaxKind.InterfaceDeclaration,
  SyntaxKind.TypeParameter,
  SyntaxKind.ImportClause,
  SyntaxKind.ImportSpecifier,
  SyntaxKind.NamespaceImport,
])

/** Names that imports, declarations and parameters of the file bind, in whatever scope. */
const boundNames = (source: Source): ReadonlySet<string> => {
  const names = new Set<string>()
  for (const node of source.nodes) {
    if (bindingKinds.has(node.kind) && hasName(node) && isIdentifier(node.name)) {
      names.add(node.name.text)
    }
  }
  return names
}

/** Whether an identifier stands for something, rather than naming a member, label or binding. */
const isReference = (node: Identifier): boolean => {
  const { parent } = node
  if (isShorthandPropertyAssignment(parent)) return true
  if (isQualifiedName(parent)) return parent.left === node
  const isName = hasName(parent) && parent.name === node
  const isRenamed = 'propertyName' in parent && parent.propertyName === node
  return !isName && !isRenamed && !('label' in parent && parent.label === node)
}

/** References of a file to what it does not bind itself: globals of the engine. */
const globalsOf = (source: Source): readonly Identifier[] => {
  const bound = boundNames(source)
  return source.nodes.filter(
    (node): node is Identifier => isIdentifier(node) && !bound.has(node.text) && isReference(node),
  )
}

const isType = (node: Identifier): boolean =>
  isTypeReferenceNode(node.parent) ||
  isQualifiedName(node.parent) ||
  node.parent.kind === SyntaxKind.ExpressionWithTypeArguments

/** The member asked of a global, as `now` in `Date.now`, or `''` where it is used as a whole. */
const memberOf = (node: Identifier): string =>
  isPropertyAccessExpression(node.parent) && node.parent.expression === node
    ? node.parent.name.text
    : ''

const foreignToRule = (node: Identifier): boolean => {
  if (isType(node)) return worldlyTypes.has(node.text)
  if (node.text === 'Math') return !exactMath.has(memberOf(node))
  return !ruleGlobals.has(node.text)
}

/** `Date` may turn a given number into a text, but not tell the time. */
const tellsTime = (node: Identifier): boolean => {
  const { parent } = node
  if (isNewExpression(parent)) return (parent.arguments?.length ?? 0) === 0
  return isCallExpression(parent) || memberOf(node) === 'now' || memberOf(node) === ''
}

const foreignToReplica = (node: Identifier): boolean => {
  if (isType(node)) return false
  if (node.text === 'Date') return tellsTime(node)
  if (node.text === 'Math') return ['random', ''].includes(memberOf(node))
  if (node.text === 'AbortSignal') return memberOf(node) === 'timeout'
  return worldlyGlobals.has(node.text)
}

const withMember = (node: Identifier): string =>
  memberOf(node) === '' ? node.text : `${node.text}.${memberOf(node)}`

/** The member that a node names, with a dot, in brackets or taken out of its object. */
const memberNamed = (node: Node): string | undefined => {
  if (isPropertyAccessExpression(node)) return node.name.text
  if (isElementAccessExpression(node)) {
    const { argumentExpression: key } = node
    return key !== undefined && isStringLiteral(key) ? key.text : undefined
  }
  if (!isBindingElement(node) || !isObjectBindingPattern(node.parent)) return undefined
  const key = node.propertyName ?? node.name
  return key !== undefined && isIdentifier(key) ? key.text : undefined
}

const memberFindings = (source: Source, members: ReadonlySet<string>): readonly string[] =>
  source.nodes.flatMap((node) => {
    const member = memberNamed(node)
    return member !== undefined && members.has(member)
      ? [`${placeOf(source, node)}: ${member}`]
      : []
  })

/** Powers are only approximated, but for constants that every engine has worked out alike. */
const isApproximation = (node: Node): boolean =>
  isBinaryExpression(node) &&
  [SyntaxKind.AsteriskAsteriskToken, SyntaxKind.AsteriskAsteriskEqualsToken].includes(
    node.operatorToken.kind,
  ) &&
  ![node.left, node.right].every(
    ({ kind }) => kind === SyntaxKind.NumericLiteral || kind === SyntaxKind.BigIntLiteral,
  )

/** Classes of characters that grow with each version of Unicode. */
const isUnicodeClass = (source: Source, node: Node): boolean =>
  node.kind === SyntaxKind.RegularExpressionLiteral &&
  /\\p\{|\/[a-z]*[iuv][a-z]*$/i.test(node.getText(source.tree))

const isFraction = (source: Source, node: Node): boolean =>
  node.kind === SyntaxKind.NumericLiteral &&
  !Number.isInteger(Number(node.getText(source.tree).replaceAll('_', '')))

/** Waiting, fractions, and what the module knows of its place on the machine. */
const foreignSyntax = (source: Source, node: Node): boolean =>
  node.kind === SyntaxKind.AsyncKeyword ||
  node.kind === SyntaxKind.AwaitKeyword ||
  node.kind === SyntaxKind.AwaitExpression ||
  isMetaProperty(node) ||
  isApproximation(node) ||
  isUnicodeClass(source, node) ||
  isFraction(source, node)

const atFaults = (source: Source, nodes: readonly Node[]): readonly string[] =>
  nodes.map((node) => `${placeOf(source, node)}: ${node.getText(source.tree).slice(0, 40)}`)

/** A rule takes everything as a parameter, waits for nothing and computes with integers. */
export const ambientInRules: Check = ({ sources }) =>
  sources
    .filter((source) => ringOf(source.path) === 'protocol')
    .flatMap((source) => [
      ...globalsOf(source)
        .filter(foreignToRule)
        .map((node) => `${placeOf(source, node)}: ${withMember(node)}`),
      ...memberFindings(source, localeMembers),
      ...memberFindings(source, fractionMembers),
      ...memberFindings(source, engineMembers),
      ...atFaults(
        source,
        source.nodes.filter((node) => foreignSyntax(source, node)),
      ),
    ])

/** The replica reaches clock, chance, network and machine through its ports only. */
export const ambientInReplica: Check = ({ sources }) =>
  sources
    .filter((source) => ringOf(source.path) === 'src')
    .flatMap((source) => [
      ...globalsOf(source)
        .filter(foreignToReplica)
        .map((node) => `${placeOf(source, node)}: ${withMember(node)}`),
      ...memberFindings(source, localeMembers),
      ...atFaults(source, source.nodes.filter(isMetaProperty)),
    ])
