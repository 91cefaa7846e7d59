import { readonly, ref } from 'vue'
import { keep, kept } from './kept'

export type Theme = 'dark' | 'light'

const asked = new URLSearchParams(location.search).get('theme')
const chosen = kept('theme')
const state = ref<Theme>((asked ?? chosen) === 'light' ? 'light' : 'dark')

function show(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme
}
show(state.value)

/** The colours in force: `?theme=`, else what was chosen here before, else dark. */
export const theme = readonly(state)

export function setTheme(next: Theme): void {
  keep('theme', next)
  show(next)
  state.value = next
}
