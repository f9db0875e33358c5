// JSON as other services write it: more is taken than of what is sent to us, but nothing that would harm.

const deepest = 32

/** Whole numbers beyond 2^53 become texts, so that a long id stays what it is. @throws Error in words. */
export function readServiceJson(text: string): unknown {
  if (isTooDeep(text)) throw new Error(`is nested deeper than ${deepest} levels`)
  try {
    return JSON.parse(text, asItStands)
  } catch {
    throw new Error('is not JSON')
  }
}

function asItStands(_key: string, value: unknown, { source }: { source?: string } = {}): unknown {
  const isExact = typeof value !== 'number' || !Number.isInteger(value)
  return isExact || Number.isSafeInteger(value) ? value : (source ?? value)
}

/** Looked at before anything recursive sees it. */
function isTooDeep(text: string): boolean {
  let depth = 0
  let isInText = false
  for (let i = 0; i < text.length; i++) {
    const character = text[i]
    if (isInText && character === '\\') i++
    else if (character === '"') isInText = !isInText
    else if (isInText) continue
    else if (character === '{' || character === '[') {
      if (++depth > deepest) return true
    } else if (character === '}' || character === ']') depth--
  }
  return false
}
