// What is wrong with a condition as it is written. Liquid itself leaves out what it does not understand: to it
// `total >` is a condition, only one that never holds.
import { defaultOperators, Tokenizer, TokenKind } from 'liquidjs'

const quotes = ['"', "'"]

/** Null: nothing. What does not parse at all is the parser's to say. */
export function conditionProblem(source: string): string | null {
  if (/\{[{%]|[%}]\}/.test(source)) return 'is written without braces: `total > 100`.'
  const tokenizer = new Tokenizer(source, defaultOperators)
  let before: { text: string; isValue: boolean } | null = null
  try {
    for (const token of tokenizer.readExpressionTokens()) {
      const text = token.getText()
      const isValue = token.kind !== TokenKind.Operator
      const problem = isValue ? valueProblem(text) : null
      if (problem !== null) return problem
      if (before?.isValue && (isValue || text === 'not'))
        return `has nothing between \`${before.text}\` and \`${text}\`: join them, as with \`==\` or \`and\`.`
      if (!before?.isValue && !isValue && text !== 'not')
        return before === null
          ? `begins with \`${text}\`: write what to compare in front of it.`
          : `has nothing between \`${before.text}\` and \`${text}\`.${hintOf(before.text + text)}`
      before = { text, isValue }
    }
  } catch {
    return /[()]/.test(source)
      ? 'may not have parentheses, except for a range such as `(1..3)`: put one `if` into the other.'
      : null
  }
  const rest = tokenizer.remaining().trim()
  if (before === null && rest === '') return 'is empty: write one such as `total > 100`.'
  if (before !== null && !before.isValue && rest === '') return endsAfter(before.text)
  if (rest !== '' && !/^\|(?!\|)/.test(rest)) return notUnderstood(rest)
  const end = /[|:,]$/.exec(rest)?.[0]
  return end === undefined ? null : endsAfter(end)
}

function valueProblem(text: string): string | null {
  const [first = ''] = text
  if (quotes.includes(first) && (text.length < 2 || !text.endsWith(first)))
    return `has a text that does not end: ${text} needs a ${first} behind it.`
  return text.endsWith('.') ? endsAfter(text) : null
}

function endsAfter(text: string): string {
  return `ends after \`${text}\`: something is missing behind it, as in \`total > 100\`.`
}

function notUnderstood(rest: string): string {
  const [, written = rest] = /^([^\w\s"'.]+)/.exec(rest) ?? []
  return `has a \`${written}\` that says nothing here: conditions know ==, !=, >, <, >=, <=, contains, and, or, not.${hintOf(written)}`
}

const meant: Record<string, string> = {
  '=': '==',
  '===': '==',
  '<>': '!=',
  '!': 'not',
  '&&': 'and',
  '||': 'or',
}

function hintOf(written: string): string {
  const other = Object.hasOwn(meant, written) ? meant[written] : undefined
  return other === undefined ? '' : ` Did you mean \`${other}\`?`
}
