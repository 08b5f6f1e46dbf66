import { asRead } from '../text/as-read.ts';

/** Letters of other scripts, and digits and signs, that people take for a letter of Latin (Unicode UTS 39, the common ones). */
const TAKEN_FOR = new Map(
  Object.entries({
    ...{ А: 'A', В: 'B', Е: 'E', З: '3', К: 'K', М: 'M', Н: 'H', О: 'O', Р: 'P', С: 'C', Т: 'T', У: 'Y', Х: 'X' },
    ...{ Ѕ: 'S', І: 'I', Ї: 'I', Ј: 'J', Ԛ: 'Q', Ԝ: 'W', Ԁ: 'D', Һ: 'H', Ӏ: 'I' },
    ...{
      Α: 'A',
      Β: 'B',
      Ε: 'E',
      Ζ: 'Z',
      Η: 'H',
      Ι: 'I',
      Κ: 'K',
      Μ: 'M',
      Ν: 'N',
      Ο: 'O',
      Ρ: 'P',
      Τ: 'T',
      Υ: 'Y',
      Χ: 'X',
    },
    ...{ '0': 'O', '1': 'I', L: 'I', '|': 'I', '!': 'I', '5': 'S', $: 'S', Ø: 'O', ı: 'I', Ł: 'I' },
  }),
);

function skeleton(name: string): string {
  const plain = asRead(name)
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[\s._'’-]/g, '');
  return [...plain]
    .map((letter) => TAKEN_FOR.get(letter) ?? letter)
    .join('')
    .replaceAll('RN', 'M')
    .replaceAll('VV', 'W');
}

/** Whether two names, which aren't the same, could be taken for each other: they differ by case, marks, signs or look alone. */
export function lookAlike(one: string, other: string): boolean {
  return one !== other && skeleton(one) === skeleton(other);
}
