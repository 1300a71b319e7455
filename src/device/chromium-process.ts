/** Finds a Chromium and runs it without a window on one page, in a profile folder of its own that goes when it ends. */
import { spawn } from 'node:child_process';
import { accessSync, constants, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { BitwrightError } from '../base/errors.ts';
import { killWithUs } from './child-lifetime.ts';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome', 'microsoft-edge'];
/** Where installers put it when it is not on PATH. */
const usualPlaces: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: [
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ],
  win32: [
    'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  ],
};
const quietFlags = [
  '--headless',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--log-level=3',
  /* nobody talks over it; the browser ends when we are gone and it closes, even after a SIGKILL */
  '--remote-debugging-pipe',
];
const complaintCharactersMax = 2000;

export const howToGetChromium =
  'Install Chromium (Debian: apt install chromium, or scripts/install-tools.sh; elsewhere Chrome or Edge), or name the ' +
  'program: `--device chromium:PATH`.';

/** A program by path or by name; '' means any Chromium. Throws DEVICE_UNAVAILABLE. */
export function findChromium(wanted: string): string {
  const found = wanted === '' ? candidates().find(isProgram) : onPath(wanted).find(isProgram);
  if (found !== undefined) return found;
  throw new BitwrightError('DEVICE_UNAVAILABLE', {
    message: wanted === '' ? 'there is no Chromium on this machine' : 'is no program that can be run',
    where: wanted === '' ? 'chromium' : `chromium:${wanted}`,
    next: howToGetChromium,
  });
}

function candidates(): string[] {
  return [...names.flatMap(onPath), ...(usualPlaces[process.platform] ?? [])];
}

function onPath(name: string): string[] {
  if (/[\\/]/.test(name)) return [name];
  const { PATH = '' } = process.env;
  const folders = PATH.split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, process.platform === 'win32' ? `${name}.exe` : name));
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

export interface BrowserProcess {
  /** Why it ended, once it has. */
  readonly ended: Promise<string>;
  close(): Promise<void>;
}

/** Rejects with DEVICE_UNAVAILABLE where the program does not start. */
export async function startChromium(program: string, url: string): Promise<BrowserProcess> {
  const folder = mkdtempSync(join(tmpdir(), 'bitwright-chromium-'));
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const child = spawn(program, [...quietFlags, ...asRoot, `--user-data-dir=${folder}`, url], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
    detached: process.platform !== 'win32' /* a group of its own: its helpers end with it */,
    windowsHide: true,
  });
  let complaints = '';
  child.stderr?.on('data', (text: Buffer) => {
    complaints = (complaints + text.toString()).slice(-complaintCharactersMax);
  });
  for (const pipe of child.stdio.slice(3)) pipe?.on('error', () => {});
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) =>
      resolve(`the browser ended with ${signal ?? `code ${code}`}${tell(complaints)}`),
    );
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) => reject(notStarted(program, cause)));
  }).catch((error: unknown) => {
    removeFolder(folder);
    throw error;
  });
  killWithUs(child, () => {
    killGroup(child.pid);
    removeFolder(folder);
  });
  return {
    ended,
    close: async () => {
      killGroup(child.pid);
      await ended;
      removeFolder(folder);
    },
  };
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    /* it has ended already */
  }
}

/** Helpers that are being killed may still write into it for a moment. */
function removeFolder(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  } catch {
    /* a leftover in the folder for temporary files is no reason to fail */
  }
}

/** What the browser said, without what it says on every machine that has no desktop. */
function tell(complaints: string): string {
  const lines = complaints.split('\n').filter((line) => line.trim() !== '' && !line.includes('dbus/'));
  return lines.length === 0 ? '' : `: ${lines.slice(-5).join('; ')}`;
}

function notStarted(program: string, cause: Error): BitwrightError {
  return new BitwrightError(
    'DEVICE_UNAVAILABLE',
    { message: 'cannot be started', where: program, seen: cause.message, next: howToGetChromium },
    { cause },
  );
}
