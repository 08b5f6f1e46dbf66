import { jsoncFormat } from './jsonc.ts';
import type { TextFormat, TextFormatName } from './part.ts';
import { tomlFormat } from './toml.ts';
import { yamlFormat } from './yaml.ts';

const FORMATS: Readonly<Record<TextFormatName, () => Promise<TextFormat>>> = {
  json: jsoncFormat,
  toml: tomlFormat,
  yaml: yamlFormat,
};

/** A format, with the library that reads it: it is loaded here, so that a server never loads it. */
export function openFormat(name: TextFormatName): Promise<TextFormat> {
  return FORMATS[name]();
}
