// Markdown of e-mails as HTML that mail programs show well: each element carries its own style, since
// many of them read no style sheets.
import { Marked } from 'marked'
import { TextError } from './liquid-error.ts'
import { isSafeLink } from './safe-links.ts'

const markdown = new Marked({
  walkTokens(token) {
    if ((token.type === 'link' || token.type === 'image') && !isSafeLink(String(token.href)))
      token.href = '#'
  },
})

// A web address, a sign that may make a mail address, or what goes on for long without a break.
const parts = /https?:\/\/\S+|@|[\w.,:/%$?^+=!~-]{60}/g

/**
 * Text that comes into Markdown as a value, with a reference now and then where it goes on without a
 * break: marked looks for mail addresses from every place of a run anew, for minutes if it is long.
 */
export function shortRuns(text: string): string {
  return text.replace(parts, (part) => {
    if (part.startsWith('http') && part.includes('://')) return part
    return `${part.slice(0, -1)}&#${part.charCodeAt(part.length - 1)};`
  })
}

const heading = 'line-height:1.3;font-weight:600'
const styles: Record<string, string> = {
  p: 'margin:0 0 16px',
  h1: `margin:0 0 16px;font-size:24px;${heading}`,
  h2: `margin:24px 0 12px;font-size:20px;${heading}`,
  h3: `margin:24px 0 8px;font-size:17px;${heading}`,
  ul: 'margin:0 0 16px;padding-left:24px',
  ol: 'margin:0 0 16px;padding-left:24px',
  li: 'margin:0 0 4px',
  blockquote: 'margin:0 0 16px;padding-left:16px;border-left:4px solid #d0d5dd',
  pre: 'margin:0 0 16px;padding:12px;overflow-x:auto;border-radius:6px;background:#f2f4f7',
  code: 'font-family:ui-monospace,Menlo,Consolas,monospace;font-size:14px',
  table: 'margin:0 0 16px;border-collapse:collapse',
  th: 'padding:6px 12px;border:1px solid #d0d5dd',
  td: 'padding:6px 12px;border:1px solid #d0d5dd',
  hr: 'margin:24px 0;border:0;border-top:1px solid #d0d5dd',
}

// Tags exactly as the renderer writes them. Those that an author wrote keep what they say.
const bareTag = /<(p|h[1-3]|[uo]l|li|blockquote|pre|code|table|th|td|hr)( align="\w+")?>/g
// Values come in with references instead of signs that Markdown knows; in code these would be shown.
const code = /<code[^>]*>.*?<\/code>/gs
const link = /<a href="([^"]*)"( title="[^"]*")?>/g
const image = /<img src="([^"]*)" alt="([^"]*)"( title="[^"]*")?>/g

function parsed(source: string): string {
  try {
    return markdown.parse(source, { async: false })
  } catch (error) {
    // Its own words are addressed to its authors, and end up in answers of the API.
    const isTooDeep = error instanceof RangeError
    const what = isTooDeep ? 'the Markdown is nested too deeply' : 'the Markdown cannot be read'
    throw new TextError(what, isTooDeep)
  }
}

/** Without a page around it. @throws TextError */
export function markdownToHtml(source: string): string {
  return parsed(source)
    .replace(code, (text) => text.replace(/&amp;#(\d+);/g, '&#$1;'))
    .replace(bareTag, (_, name: string, align = '') => {
      const own = name === 'th' && align === '' ? 'text-align:left;' : ''
      return `<${name}${align} style="${own}${styles[name]}">`
    })
    .replace(link, '<a href="$1"$2 style="color:#175cd3">')
    .replace(image, '<img src="$1" alt="$2"$3 style="max-width:100%;height:auto;border:0">')
}
