/**
 * Takes the pictures of docs/console.md, in light and dark, on a desktop and on a phone:
 * docs/images/console-{tags,tag,diff,publish,storage,jobs,tokens}[-phone]-{light,dark}.png
 */
const VIEWS = [
  { name: 'tags', hash: () => '#/tags' },
  { name: 'tag', hash: (tag) => `#/tags/${tag}` },
  { name: 'diff', hash: (tag) => `#/tags/${tag}/diff/1/2` },
  { name: 'publish', hash: () => '#/publish' },
  { name: 'storage', hash: () => '#/storage' },
  { name: 'jobs', hash: () => '#/jobs' },
  { name: 'tokens', hash: () => '#/tokens' },
];

/** @param shoot takes a picture of the page under a name */
export async function takeConsole(context, base, { token, tag }, shoot) {
  const page = await context.newPage();
  await page.goto(`${base}/admin`);
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.getByLabel('Token').fill(token);
  await page.getByRole('button', { name: 'Sign in' }).click();
  for (const { name, hash } of VIEWS) {
    await page.getByRole('navigation').waitFor();
    await page.goto(`${base}/admin${hash(tag)}`);
    await page.reload();
    await page.locator('#view[aria-busy=false]:not(:empty)').waitFor();
    await shoot(page, `console-${name}`);
  }
}
