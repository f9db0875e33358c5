// What the components have in common: properties and attributes, drawing once for all changes of a
// moment, a client, given or made from their attributes, and their words. Templates are lit-html's; its
// own base class would be a seventh of all that the inbox may weigh.
import { render, type TemplateResult } from 'lit-html'
import type { Announcements } from './announcements.ts'
import { InboxClient } from './inbox-client.ts'
import { defaultTabs, type InboxTab } from './inbox-tab.ts'
import { loadLanguage } from './languages.ts'
import type { Strings } from './strings-english.ts'
import { adoptStyles } from './style-sheet.ts'
import { baseStyles } from './styles-base.ts'
import { wordsOf, type Words } from './words.ts'

let defaultUrl = ''

/** Where Belfry answers when a component does not say it; otherwise the page's own origin. */
export function setDefaultUrl(url: string): void {
  defaultUrl = url
}

const defaults: Record<string, unknown> = {
  url: '',
  token: '',
  getToken: undefined,
  client: undefined,
  strings: {},
  tabs: defaultTabs,
  linkTarget: '',
  announcements: undefined,
}
const properties: Record<string, string> = {
  url: 'url',
  token: 'token',
  'link-target': 'linkTarget',
}

// Where there is no page (on a server) it can be imported, and nothing more.
const PageElement = globalThis.HTMLElement ?? (Object as unknown as typeof HTMLElement)

export abstract class Component extends PageElement {
  static readonly observedAttributes = [...Object.keys(properties), 'lang', 'theme', 'open']

  declare url: string
  declare token: string
  declare getToken: (() => string | Promise<string>) | undefined
  /** Goes before the three that one is made from. */
  declare client: InboxClient | undefined
  declare strings: Partial<Strings>
  declare tabs: readonly InboxTab[]
  declare linkTarget: string
  /** Of whoever shows this component and speaks for it. */
  declare announcements: Announcements | undefined

  readonly renderRoot: ShadowRoot = this.attachShadow({ mode: 'open' })
  /** Undefined until the component is in a page and has a token. */
  inbox: InboxClient | undefined
  updateComplete: Promise<void> = Promise.resolve()
  readonly #values: Record<string, unknown> = { ...defaults }
  #isAsked = false
  #madeFrom: unknown[] = []
  #leaveClient: (() => void) | undefined
  #words: Words | undefined
  #saidIn: unknown[] = []

  static {
    for (const name of Object.keys(defaults))
      Object.defineProperty(this.prototype, name, {
        get(this: Component) {
          return this.#values[name]
        },
        set(this: Component, value: unknown) {
          this.#values[name] = value ?? defaults[name]
          this.requestUpdate()
        },
      })
  }

  constructor(...styles: string[]) {
    super()
    adoptStyles(this.renderRoot, [baseStyles, ...styles])
    // What a page has set before the component was loaded hides the properties.
    for (const name of [...Object.keys(defaults), 'open'].filter((name) =>
      Object.hasOwn(this, name),
    )) {
      const given: unknown = Reflect.get(this, name)
      Reflect.deleteProperty(this, name)
      Reflect.set(this, name, given)
    }
  }

  /** Called with every client there is; its answer when that is over. */
  protected abstract onClient(client: InboxClient): () => void
  protected abstract render(): TemplateResult
  protected updated(): void {}

  connectedCallback(): void {
    this.requestUpdate()
  }

  disconnectedCallback(): void {
    this.#leave()
    this.#madeFrom = []
  }

  attributeChangedCallback(name: string, _: unknown, value: string | null): void {
    const property = properties[name]
    if (property) Reflect.set(this, property, value)
    this.requestUpdate()
  }

  get words(): Words {
    const from = [this.#language, this.strings]
    if (!this.#words || from.some((value, i) => value !== this.#saidIn[i])) {
      this.#words = wordsOf(this.#language, this.strings)
      this.#saidIn = from
    }
    return this.#words
  }

  get #language(): string {
    return this.lang || this.closest<HTMLElement>('[lang]')?.lang || navigator.language
  }

  requestUpdate(): void {
    if (this.#isAsked || !this.isConnected) return
    this.#isAsked = true
    this.updateComplete = this.#update()
  }

  async #update(): Promise<void> {
    // Nothing is said in English first.
    await loadLanguage(this.#language)
    this.#isAsked = false
    if (!this.isConnected) return
    this.#findClient()
    this.dir = this.words.dir
    render(this.render(), this.renderRoot)
    this.updated()
  }

  #findClient(): void {
    const { url, token, getToken, client } = this
    const from = [url, token, getToken, client]
    if (from.every((value, i) => value === this.#madeFrom[i])) return
    this.#leave()
    this.#madeFrom = from
    if (!client && !token && !getToken) return
    const base = url || defaultUrl || location.origin
    const used = client ?? new InboxClient({ url: base, token: token || undefined, getToken })
    used.start()
    this.inbox = used
    const stop = this.onClient(used)
    const unsubscribe = used.subscribe(() => this.requestUpdate())
    this.#leaveClient = () => {
      stop()
      unsubscribe()
      // One that was given belongs to whoever gave it.
      if (!client) used.stop()
    }
  }

  #leave(): void {
    this.#leaveClient?.()
    this.#leaveClient = undefined
    this.inbox = undefined
  }
}
