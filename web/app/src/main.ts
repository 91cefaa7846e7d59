import { createApp } from 'vue'
import App from './App.vue'
import { cityKey, onceCity } from './api/city'
import './design/base.css'
import './design/theme'
import { lineToOrigin } from './live/line'
import { lineKey } from './live/useView'
import { router } from './router'

const line = lineToOrigin()
// A screen that comes back from sleep, or a cable put in again, need not wait.
window.addEventListener('online', () => { line.hurry() })
document.addEventListener('visibilitychange', () => { if (!document.hidden) line.hurry() })

createApp(App).provide(lineKey, line).provide(cityKey, onceCity()).use(router).mount('#app')
