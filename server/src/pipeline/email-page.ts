// The page around an e-mail: a workspace's own layout, or the built-in one, which reads well on small
// screens and dark ones.

export type Page = {
  subject: string
  preheader: string
  /** HTML. */
  content: string
  unsubscribeUrl: string | null
  preferencesUrl: string | null
  whyUrl: string | null
}

// What cannot be said in style attributes. Mail programs that read no style sheets show the light page.
const dark = `:root{color-scheme:light dark}
@media(prefers-color-scheme:dark){
.bf-page{background:#101418!important}
.bf-card{background:#1b2128!important;color:#e6e9ee!important}
.bf-card a{color:#84b6ff!important}
.bf-card pre{background:#101418!important}
.bf-card th,.bf-card td,.bf-card hr,.bf-card blockquote{border-color:#3a434e!important}
.bf-foot,.bf-foot a{color:#98a2b3!important}}
@media(max-width:480px){.bf-card{padding:24px 20px!important;border-radius:0!important}.bf-page{padding:0!important}}`

const font = "-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"

/** The built-in layout. */
export function pageOf({ subject, preheader, content, ...links }: Page): string {
  return `<!doctype html>
<html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<title>${escapeHtml(subject)}</title><style>${dark}</style></head>
<body class="bf-page" style="margin:0;padding:0;background:#f2f4f7">${hidden(preheader)}
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"><tr><td class="bf-page" align="center" style="padding:24px 12px;background:#f2f4f7">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:600px"><tr><td class="bf-card" style="padding:32px;border-radius:8px;background:#ffffff;color:#1d2939;font:16px/1.5 ${font};overflow-wrap:anywhere">
${content.trim()}
</td></tr>${footer(links)}</table>
</td></tr></table></body></html>
`
}

/** What programs show beside the subject; blanks keep them from going on with the text. */
function hidden(preheader: string): string {
  if (preheader === '') return ''
  const blanks = '&#847;&zwnj;&nbsp;'.repeat(40)
  return `<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">${escapeHtml(preheader)}${blanks}</div>`
}

function footer({
  unsubscribeUrl,
  preferencesUrl,
  whyUrl,
}: Omit<Page, 'subject' | 'preheader' | 'content'>) {
  const links = [
    unsubscribeUrl && footLink(unsubscribeUrl, 'Unsubscribe'),
    preferencesUrl && footLink(preferencesUrl, 'Notification settings'),
    whyUrl && footLink(whyUrl, 'Why did I get this?'),
  ].filter(Boolean)
  if (links.length === 0) return ''
  return `<tr><td class="bf-foot" align="center" style="padding:16px 32px;color:#667085;font:13px/1.5 ${font}">${links.join(' · ')}</td></tr>`
}

function footLink(url: string, words: string): string {
  return `<a href="${escapeHtml(url)}" style="color:#667085">${words}</a>`
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
