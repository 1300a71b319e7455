/** Neither workers nor browsers load TypeScript: where bitwright runs from its sources (tests), they get the built file. */

/** Of a module beside the caller, such as `./node-worker.js`, given the caller's `import.meta.url` in src/FOLDER or dist/FOLDER. */
export function builtFile(module: string, callerUrl: string): URL {
  const url = new URL(module, callerUrl);
  if (callerUrl.endsWith('.ts')) url.pathname = url.pathname.replace(/\/src\/([^/]+\/[^/]+)$/, '/dist/$1');
  return url;
}
