// <belfry-preferences>: what a person wants to hear, where and when. It stands for the preference
// centre, which is loaded together with what it shows: most people never open it.
import { html, nothing, type TemplateResult } from 'lit-html'
import { Component } from './component.ts'
import type { InboxClient } from './inbox-client.ts'
import { asInboxError, type InboxError } from './inbox-error.ts'
import { addEnglish } from './languages.ts'
import { errorNotice, loadingNotice } from './notices.ts'
import type { PreferenceCentre } from './preference-centre.ts'
import { adoptStyles } from './style-sheet.ts'
import { baseStyles } from './styles-base.ts'
import type { Words } from './words.ts'

export class BelfryPreferences extends Component {
  #centre: PreferenceCentre | null = null
  #error: InboxError | null = null

  protected override onClient(client: InboxClient): () => void {
    void this.#load(client)
    return () => (this.#centre = null)
  }

  protected override render(): TemplateResult {
    const { inbox, words } = this
    // On a page of its own it has a title for those who go from heading to heading; an inbox shows one itself.
    const { host } = this.getRootNode() as Partial<ShadowRoot>
    const title = host?.matches('belfry-inbox')
      ? nothing
      : html`<h2 class="unseen">${words.text('preferences')}</h2>`
    return html`${title}${this.#body(inbox, words)}`
  }

  #body(inbox: InboxClient | undefined, words: Words): TemplateResult {
    const retry = () => inbox && void this.#load(inbox)
    if (this.#error) return errorNotice(words, this.#error, retry)
    return this.#centre?.render(words) ?? loadingNotice(words)
  }

  protected override updated(): void {
    const grid = this.renderRoot.querySelector<HTMLElement>('.grid')
    grid?.style.setProperty('--_columns', grid.dataset['columns'] ?? '1')
  }

  async #load(client: InboxClient): Promise<void> {
    this.#error = null
    this.requestUpdate()
    try {
      const [{ PreferenceCentre }, form] = await Promise.all([
        import('./preference-centre.ts'),
        client.getPreferences(),
      ])
      if (client !== this.inbox) return
      addEnglish(PreferenceCentre.english)
      adoptStyles(this.renderRoot, [baseStyles, PreferenceCentre.styles])
      this.#centre = new PreferenceCentre(this, client, form)
    } catch (error) {
      this.#error = asInboxError(error)
    }
    this.requestUpdate()
  }
}
