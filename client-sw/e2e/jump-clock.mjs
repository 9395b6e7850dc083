/** A page's or a worker's clock jumps, and goes on from there. */
export function jumpClock(context, jumpMs) {
  return context.evaluate((jumpMs) => {
    const before = Date.now;
    Date.now = () => before() + jumpMs;
  }, jumpMs);
}
