/** Runs axe-core in a page: every rule that it has, also in shadow trees. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What axe objects to in the page as it is shown now, as lines of text. */
export async function findBarriers(page) {
  await page.evaluate(SOURCE);
  const { violations, passes } = await page.evaluate(async () => {
    const { violations, passes } = await globalThis.axe.run(document, {
      resultTypes: ['violations'],
      elementRef: false,
    });
    return {
      violations: violations.flatMap(({ id, help, nodes }) =>
        nodes.map(
          ({ target, failureSummary }) => `${id}: ${help}: ${target.flat().join(' > ')}: ${failureSummary}`,
        ),
      ),
      passes: passes.length,
    };
  });
  if (passes === 0) throw new Error('axe looked at nothing');
  return violations;
}
