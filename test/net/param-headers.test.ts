import { expect, it } from 'vitest';
import { paramHeaderProblem } from '../../src/net/tools/param-headers.ts';

const header = (name: unknown, type: unknown = 'string') => ({ type, 'x-mcp-header': name });

it('arguments may be sent as headers where each header is one property, by names alone', () => {
  const inner = { type: 'object', properties: { region: header('Region') } };
  expect(paramHeaderProblem({ properties: { a: header('Tenant'), 'x-mcp-header': {}, inner } })).toBeUndefined();
  expect(paramHeaderProblem({ properties: { a: { items: header('Tenant') } } })).toContain('no single property');
  expect(paramHeaderProblem({ $defs: { a: header('Tenant') } })).toContain('no single property');
  expect(paramHeaderProblem({ 'x-mcp-header': 'Tenant' })).toContain('no single property');
  expect(paramHeaderProblem({ properties: { a: header('Te nant') } })).toContain('no name of a header');
  expect(paramHeaderProblem({ properties: { a: header(5) } })).toContain('no name of a header');
  expect(paramHeaderProblem({ properties: { a: header('Tenant', 'array') } })).toContain('no text, integer or boolean');
  expect(paramHeaderProblem({ properties: { a: header('Tenant'), b: header('tenant') } })).toContain('twice');
});
