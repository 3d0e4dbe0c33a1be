import { chromium } from 'playwright';
import { build } from 'vite';
import { BROWSER_FLAGS, chromiumPath } from './packages/testkit/private/chromium.mjs';
import { serveFolder } from './packages/testkit/private/static-server.mjs';
const out='/tmp/mend-page';
await build({ root: 'apps/demo', logLevel: 'warn', build: { outDir: out, emptyOutDir: true } });
const server = await serveFolder(out);
const browser = await chromium.launch({ executablePath: chromiumPath(), args: [...BROWSER_FLAGS] });
const shot = async (name, hash, { w, h, dark = false, wait = 15000, act }) => {
  const context = await browser.newContext({ viewport: { width: w, height: h }, colorScheme: dark ? 'dark' : 'light', hasTouch: w < 500 });
  const page = await context.newPage();
  await page.goto(server.address + hash); 
  await page.waitForTimeout(wait);
  if (act) { await act(page); await page.waitForTimeout(4000); }
  await page.screenshot({ path: `/work/notes/shots/final/${name}.png` });
  await context.close(); console.log(name);
};
const wide={w:1366,h:768}, phone={w:390,h:844}, big={w:1440,h:900};
await shot('first-1366-light','',{...wide});
await shot('first-1366-dark','',{...wide,dark:true});
await shot('first-1440-light','',{...big});
await shot('first-390-light','',{...phone});
await shot('first-390-dark','',{...phone,dark:true});
for (const [i,s] of ['cloud','wall','divide','pays','yours','questions'].entries()) {
  await shot(`${i+1}-${s}-1366`,`#tour=${s}`,{...wide, wait: s==='pays'?40000:12000, act: s==='wall'? (p)=>p.getByRole('button',{name:'It cannot'}).click():undefined});
  await shot(`${i+1}-${s}-390`,`#tour=${s}`,{...phone, dark:true, wait: s==='pays'?40000:12000});
}
await browser.close(); process.exit(0);
