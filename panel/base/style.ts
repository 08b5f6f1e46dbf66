/** The style of the page, packed by the build: without it, page and panel would not fit into one small file. */
declare const PACKED_STYLE: string;

/** Puts the style on the page. */
export async function putOnStyle(): Promise<void> {
  const packed = Uint8Array.from(atob(PACKED_STYLE), (letter) => letter.charCodeAt(0));
  const unpacked = new Response(packed).body?.pipeThrough(new DecompressionStream('deflate-raw'));
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(await new Response(unpacked).text());
  document.adoptedStyleSheets = [sheet];
}
