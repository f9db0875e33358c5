// Where a text stops being JSON. The engine's own message often leaves the place out.

/** Null for JSON; else what is wrong, with line and column. */
export function jsonProblem(text: string): string | null {
  const message = parseMessage(text)
  if (message === null) return null
  if (/\bposition \d+/.test(message)) return message
  const place = failingAt(text)
  const before = text.slice(0, place)
  const line = before.split('\n').length
  const column = place - (before.lastIndexOf('\n') + 1) + 1
  const found =
    place < text.length ? `unexpected ${JSON.stringify(text[place])}` : 'it ends too early'
  return `${found} at line ${line} column ${column}`
}

/** The first character with which no JSON can begin any more: what is before it may still become some. */
function failingAt(text: string): number {
  let [good, bad] = [0, text.length + 1]
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    if (mayBegin(text.slice(0, middle))) good = middle
    else bad = middle
  }
  return good
}

function mayBegin(text: string): boolean {
  const message = parseMessage(text)
  if (message === null || message.startsWith('Unexpected end')) return true
  return Number(/\bposition (\d+)/.exec(message)?.[1]) === text.length
}

function parseMessage(text: string): string | null {
  try {
    JSON.parse(text)
    return null
  } catch (error) {
    return (error as SyntaxError).message
  }
}
