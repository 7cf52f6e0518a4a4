import eslint from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
  globalIgnores(['dist/', 'coverage/', 'infra/', 'load/']),
  eslint.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/dot-notation': 'off',
    },
  },
  {
    files: ['src/**'],
    rules: {
      complexity: ['warn', 5],
      'max-depth': ['warn', 3],
      'max-lines': ['warn', 1000],
      'max-lines-per-function': ['warn', 99],
      'max-params': ['warn', 4],
      'no-console': 'error',
    },
  },
);
