// Colours of code, each at least 4.5 : 1 on its background.
import type { PrismTheme } from 'prism-react-renderer';

interface Palette {
  text: string;
  background: string;
  comment: string;
  keyword: string;
  string: string;
  name: string;
  value: string;
}

function theme(colour: Palette): PrismTheme {
  return {
    plain: { color: colour.text, backgroundColor: colour.background },
    styles: [
      { types: ['comment', 'prolog'], style: { color: colour.comment, fontStyle: 'italic' } },
      { types: ['keyword', 'operator', 'builtin', 'important'], style: { color: colour.keyword } },
      { types: ['string', 'template-string', 'char', 'inserted', 'attr-value'], style: { color: colour.string } },
      { types: ['function', 'class-name', 'tag', 'selector'], style: { color: colour.name } },
      { types: ['number', 'boolean', 'constant', 'property', 'attr-name', 'deleted'], style: { color: colour.value } },
    ],
  };
}

export const codeLight = theme({
  text: '#2a2622',
  background: '#f4eee4',
  comment: '#6a6156',
  keyword: '#9a2c12',
  string: '#1c6350',
  name: '#2a4f8f',
  value: '#7a4a00',
});

export const codeDark = theme({
  text: '#e9e3da',
  background: '#23272d',
  comment: '#a59c90',
  keyword: '#ff9f7a',
  string: '#7fd8b8',
  name: '#9dc1ff',
  value: '#f0c674',
});
