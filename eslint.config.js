import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['node_modules/', 'imports/', 'dist/', '.lab/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      // numbers and addresses read well in messages; everything else is still refused
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allow: [{ from: 'file', name: ['Cidr', 'IpRange', 'Ipv4'] }] },
      ],
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', ignoreRestSiblings: true }],
      // cdk8s registers a construct by constructing it
      'no-new': 'off',
    },
  },
);
