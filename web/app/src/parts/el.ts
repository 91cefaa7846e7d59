/** The parts of Element Plus that the office's pages use, each with its style, in our colours. */
import 'element-plus/es/components/base/style/css'
import 'element-plus/es/components/button/style/css'
import 'element-plus/es/components/checkbox/style/css'
import 'element-plus/es/components/date-picker/style/css'
import 'element-plus/es/components/dialog/style/css'
import 'element-plus/es/components/drawer/style/css'
import 'element-plus/es/components/form/style/css'
import 'element-plus/es/components/form-item/style/css'
import 'element-plus/es/components/input/style/css'
import 'element-plus/es/components/option/style/css'
import 'element-plus/es/components/radio-button/style/css'
import 'element-plus/es/components/radio-group/style/css'
import 'element-plus/es/components/select/style/css'
import 'element-plus/es/components/table/style/css'
import 'element-plus/es/components/table-column/style/css'
import 'element-plus/es/components/tree/style/css'
import 'element-plus/es/components/tree-select/style/css'
import '@/design/element.css'
import { ElOption as Option, ElSelect as Select } from 'element-plus/es/components/select/index.mjs'
import { ElTree as Tree } from 'element-plus/es/components/tree/index.mjs'
import { ElTreeSelect as TreeSelect } from 'element-plus/es/components/tree-select/index.mjs'

export { ElButton } from 'element-plus/es/components/button/index.mjs'
export { ElCheckbox } from 'element-plus/es/components/checkbox/index.mjs'
export { ElDatePicker } from 'element-plus/es/components/date-picker/index.mjs'
export { ElDialog } from 'element-plus/es/components/dialog/index.mjs'
export { ElDrawer } from 'element-plus/es/components/drawer/index.mjs'
export { ElForm, ElFormItem } from 'element-plus/es/components/form/index.mjs'
export { ElInput } from 'element-plus/es/components/input/index.mjs'
export { ElRadioButton, ElRadioGroup } from 'element-plus/es/components/radio/index.mjs'
export { ElTable, ElTableColumn } from 'element-plus/es/components/table/index.mjs'

/**
 * Their own declarations ask for the declaration of a prop where its value is
 * meant (a name is lost on the way through two mapped types): these take any.
 */
type Plain<More = unknown> = new () => {
  $props: Record<string, unknown>
  $slots: Record<string, (scope: { data: unknown }) => unknown>
} & More
export const ElSelect = Select as unknown as Plain
export const ElOption = Option as unknown as Plain
export const ElTreeSelect = TreeSelect as unknown as Plain
export const ElTree = Tree as unknown as Plain<{ filter: (value: unknown) => void }>
