/** Loopback ports: finds free ones, and tells whether one answers. */
import { connect, createServer } from 'node:net';

export const HOST = '127.0.0.1';

/** A port that nothing listens on now. The caller binds it soon after. */
export function findFreePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, HOST, () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}

/** Whether a connection to the port is refused. */
export function refuses(port) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, HOST);
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', (error) => {
      if (error.code === 'ECONNREFUSED') resolve(true);
      else reject(error);
    });
  });
}
