/** The network's answer while it is there and sound, else what is stored, else whatever the network says in the end. */

/** A network that takes longer counts as away, if something is stored. */
const PATIENCE_MS = 4_000;

export async function networkFirst(
  request: Request,
  stored: () => Promise<Response | undefined>,
  patienceMs = PATIENCE_MS,
): Promise<Response> {
  const network = fetch(request);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), patienceMs);
  });
  const answer = await Promise.race([network.catch(() => undefined), late]);
  clearTimeout(timer);
  if (answer && answer.status < 500) return answer;
  const kept = await stored().catch((error) => {
    // Storage that fails must not take the site with it while there is a network.
    console.warn('stowaway: storage failed, waiting for the network', error);
  });
  return kept ?? network;
}
