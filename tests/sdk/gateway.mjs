// Starts the binary under test on free ports of this machine, and ends it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

export const binary = process.env.GATEHOUSE_BINARY;

/** Ports that are free now. They are all held until the last is known, so they differ. */
export async function freePorts(count) {
  const servers = [];
  for (let i = 0; i < count; ++i) {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    servers.push(server);
  }
  const ports = servers.map((server) => server.address().port);
  for (const server of servers) {
    server.close();
    await once(server, 'close');
  }
  return ports;
}

/** Polls until `condition` gives something true; fails after `limit` milliseconds. */
export async function eventually(condition, what, limit = 10_000) {
  const until = performance.now() + limit;
  for (;;) {
    const found = await condition();
    if (found) {
      return found;
    }
    assert.ok(performance.now() < until, `not within ${limit} ms: ${what}`);
    await pause(2);
  }
}

export class Gateway {
  /** `config` is YAML text, or the path of a file with `file: true`. */
  static async start(config, { file = false, env = {} } = {}) {
    assert.ok(binary, 'GATEHOUSE_BINARY names the binary under test');
    const gateway = new Gateway();
    gateway.directory = await mkdtemp(join(tmpdir(), 'gatehouse-sdk-'));
    let path = config;
    if (!file) {
      path = join(gateway.directory, 'gatehouse.yaml');
      await writeFile(path, config);
    }
    [gateway.port, gateway.adminPort] = await freePorts(2);
    gateway.url = `http://127.0.0.1:${gateway.port}`;
    gateway.output = '';
    gateway.child = spawn(
      binary,
      ['serve', '--config', path, '--listen', `127.0.0.1:${gateway.port}`,
       '--admin-listen', `127.0.0.1:${gateway.adminPort}`],
      { cwd: gateway.directory, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const pipe of [gateway.child.stdout, gateway.child.stderr]) {
      pipe.on('data', (bytes) => { gateway.output += bytes; });
    }
    try {
      await eventually(async () => {
        assert.equal(gateway.child.exitCode, null, `the gateway ended at once:\n${gateway.output}`);
        try {
          return (await fetch(`${gateway.url}/health/ready`)).ok;
        } catch {
          return false;  // nobody listens yet
        }
      }, 'the gateway is ready');
    } catch (error) {
      await gateway.stop();
      throw error;
    }
    return gateway;
  }

  /** Ends it; resolves with its exit code, null when it had to be killed. */
  async stop() {
    const child = this.child;
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const patience = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await ended;
      clearTimeout(patience);
    }
    await rm(this.directory, { recursive: true, force: true });
    return child.exitCode;
  }
}
