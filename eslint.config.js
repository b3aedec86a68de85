import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import typescript from 'typescript-eslint';

/** Rules that ask the compiler for types take two minutes: `npm run prove`. svelte-check looks at the types themselves each time. */
const withTypes = Boolean(process.env.PROVE);

/** The components. All other files are Oxlint's (.oxlintrc.json), which does not read their templates. */
export default typescript.config(
  { ignores: ['**', '!**/', '!**/*.svelte', '!**/*.svelte.ts', 'out', 'dist', 'test-results'] },
  typescript.configs.recommendedTypeChecked,
  withTypes ? [] : typescript.configs.disableTypeChecked,
  svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      parserOptions: {
        parser: typescript.parser,
        projectService: withTypes,
        extraFileExtensions: ['.svelte'],
        tsconfigRootDir: import.meta.dirname,
      },
      globals: globals.browser,
    },
    rules: {
      // `_name` says that a parameter is there only because its place is.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' }],
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      ...(withTypes && { '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }] }),
      // An async function is also a promise that an interface asks for.
      '@typescript-eslint/require-await': 'off',
      eqeqeq: 'error',
      // It looks up types at each use of a variable, for stores, which we do not have.
      'svelte/require-store-reactive-access': 'off',
    },
  },
  {
    // The parser does not know the types that a template gives to its handlers and snippets; svelte-check does, and checks them.
    files: ['**/*.svelte'],
    rules: Object.fromEntries(
      ['argument', 'assignment', 'call', 'member-access', 'return'].map((use) => [`@typescript-eslint/no-unsafe-${use}`, 'off']),
    ),
  },
);
