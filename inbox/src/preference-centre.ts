// What <belfry-preferences> loads when it is shown: the choices of a person. Every change is saved at
// once, and taken back when that fails.
import { html, nothing, type TemplateResult } from 'lit-html'
import type { Component } from './component.ts'
import type { InboxClient } from './inbox-client.ts'
import { applied } from './preference-change.ts'
import type { PreferenceChange, PreferenceForm } from './preference-form.ts'
import { levelGroup, mandatoryGroup, quietGroup, switchGroup } from './preference-groups.ts'
import { preferenceEnglish } from './strings-preferences.ts'
import { preferenceStyles } from './styles-preferences.ts'
import type { Words } from './words.ts'

export class PreferenceCentre {
  static readonly styles = preferenceStyles
  static readonly english = preferenceEnglish

  readonly #host: Component
  readonly #client: InboxClient
  #form: PreferenceForm
  #saving = 0
  #said: 'saved' | 'notSaved' | null = null

  constructor(host: Component, client: InboxClient, form: PreferenceForm) {
    this.#host = host
    this.#client = client
    this.#form = form
  }

  render(words: Words): TemplateResult {
    const form = this.#form
    const save = (change: PreferenceChange) => void this.#save(change)
    return html`<div class="form">
        ${levelGroup(words, form, save)}
        ${form.groups.length + form.subscriptions.length > 0 ? switchGroup(words, form, save) : nothing}
        ${mandatoryGroup(words, form)} ${quietGroup(words, form, save)}
      </div>
      <p class="said ${this.#said === 'notSaved' ? 'has-failed' : ''}" role="status">
        ${this.#said && words.text(this.#said)}
      </p>`
  }

  async #save(change: PreferenceChange): Promise<void> {
    const before = this.#form
    this.#form = applied(before, change)
    this.#said = null
    this.#saving++
    this.#host.requestUpdate()
    try {
      const saved = await this.#client.changePreferences(change)
      // Another change is on its way: its answer will have this one in it.
      if (this.#saving === 1) this.#form = saved
      // For pages that show some of the choices as well.
      const news = { detail: saved, bubbles: true, composed: true }
      this.#host.dispatchEvent(new CustomEvent('belfry-preferences', news))
      this.#said = 'saved'
    } catch {
      this.#said = 'notSaved'
      this.#form = await this.#client.getPreferences().catch(() => before)
    } finally {
      this.#saving--
      this.#host.requestUpdate()
    }
  }
}
