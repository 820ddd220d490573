import { checkup } from '../doctor/checkup.ts';
import { checkupReport } from '../doctor/terminal.ts';
import { currentLook } from '../run/reports/terminal.ts';
import { ExitCode } from './exit.ts';

/** `npm run doctor`: what is here, what is missing and what it would unlock. */
export async function doctor({ json }: { json: boolean }): Promise<number> {
  const document = await checkup();
  console.log(json ? JSON.stringify(document, null, 2) : checkupReport(document, currentLook()).join('\n'));
  return document.ready ? ExitCode.ok : ExitCode.notRun;
}
