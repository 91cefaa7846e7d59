import js from '@eslint/js'
import vue from 'eslint-plugin-vue'
import globals from 'globals'
import ts from 'typescript-eslint'
import parser from 'vue-eslint-parser'

export default ts.config(
  { ignores: ['dist', 'node_modules', 'shots', 'src/api/schema.d.ts'] },
  js.configs.recommended,
  {
    files: ['src/**/*.{ts,vue}', 'build/**/*.ts', 'vite.config.ts'],
    extends: [ts.configs.strict, ts.configs.stylistic],
    languageOptions: {
      parser,
      parserOptions: { parser: ts.parser, extraFileExtensions: ['.vue'] },
      globals: globals.browser,
    },
    rules: {
      'no-undef': 'off', // the type checker knows better
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      // A mapped type says which values belong to which layer; a Record cannot.
      '@typescript-eslint/consistent-indexed-object-style': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
    },
  },
  { files: ['src/**/*.vue'], extends: [vue.configs['flat/recommended']], rules: {
    'vue/multi-word-component-names': 'off',
    // Line breaking is a matter of the eye, not of a rule.
    'vue/max-attributes-per-line': 'off',
    'vue/singleline-html-element-content-newline': 'off',
    'vue/html-self-closing': 'off',
    'vue/html-indent': 'off',
    'vue/html-closing-bracket-newline': 'off',
    'vue/multiline-html-element-content-newline': 'off',
    'vue/first-attribute-linebreak': 'off',
    'vue/attributes-order': 'off',
  } },
  { files: ['build/sw.js'], languageOptions: { globals: globals.serviceworker } },
  { files: ['dev/**/*.mjs', 'e2e/**/*.mjs', 'eslint.config.js'], languageOptions: { globals: { ...globals.node, ...globals.browser } }, rules: { 'no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }] } },
)
