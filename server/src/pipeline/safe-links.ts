// Addresses in what people read: only those stay that lead somewhere. javascript:, data: and their kind
// are dropped, whoever wrote them.

const linkPattern = /^(https?:|mailto:|tel:|\/(?!\/)|#)/i

export function isSafeLink(url: string): boolean {
  // Browsers ignore tabs and line ends inside a scheme: java\tscript: is javascript:
  return linkPattern.test(url.replace(/\p{Cc}/gu, '').trim())
}

const addressAttributes = new Set(
  'href src action formaction background poster xlink:href srcset ping data cite longdesc'.split(
    ' ',
  ),
)

/** The HTML with `#` in place of addresses that may do something else than lead there. Linear. */
export function withSafeLinks(html: string): string {
  let safe = ''
  let done = 0
  let at = html.indexOf('<')
  while (at !== -1 && at < html.length) {
    if (/[a-z]/i.test(html[at + 1] ?? '')) {
      const tag = readTag(html, at)
      safe += html.slice(done, at) + tag.text
      done = tag.end
    }
    at = html.indexOf('<', Math.max(done, at + 1))
  }
  return safe + html.slice(done)
}

// A name, and perhaps a value: in quotes of either kind, or up to the next space.
const attributePattern = /([^\s=>/"']+)(\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>][^\s>]*)))?/y
const betweenPattern = /[\s/"']+/y
const namePattern = /<[^\s/>]+/y

/** The tag that begins at `start`, its addresses made safe, and where it ends. */
function readTag(html: string, start: number): { text: string; end: number } {
  namePattern.lastIndex = start
  namePattern.exec(html)
  let text = html.slice(start, namePattern.lastIndex)
  let at = namePattern.lastIndex
  for (;;) {
    betweenPattern.lastIndex = at
    const between = betweenPattern.exec(html)?.[0] ?? ''
    text += between
    at += between.length
    attributePattern.lastIndex = at
    const found = attributePattern.exec(html)
    if (!found) {
      if (at >= html.length || html[at] === '>') break
      text += html[at++] // a stray "=": the attributes behind it count all the same
      continue
    }
    const [all, name = '', assigned, ...values] = found
    const value = values.find((item) => item !== undefined)
    const isUnsafe =
      value !== undefined &&
      addressAttributes.has(name.toLowerCase()) &&
      !isSafeLink(withoutReferences(value))
    text += isUnsafe ? `${all.slice(0, all.length - (assigned ?? '').length)}="#"` : all
    at = attributePattern.lastIndex
  }
  return { text, end: at }
}

const namedReferences: Record<string, string> = { colon: ':', tab: '\t', newline: '\n', sol: '/' }

/** As browsers read it, as far as a scheme can be hidden in it; unknown references stay. */
function withoutReferences(value: string): string {
  return value.replace(
    /&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|([a-z]{1,10}));?/gi,
    (all: string, hex?: string, decimal?: string, name?: string) => {
      if (name !== undefined) return namedReferences[name.toLowerCase()] ?? all
      const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16)
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : all
    },
  )
}
