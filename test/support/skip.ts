/**
 * Skips a test and says why: `skip(test, 'trains on webgpu', 'no GPU adapter on this machine')`.
 * The runner shows the reasons at its end and fails a file that skips without one.
 */
export function skip(test: { skip(name?: string): void }, name: string, reason: string): void {
  test.skip(name);
  process.stdout.write(`\nSKIP ${name}: ${reason.replaceAll('\n', ' ')}\n`);
}
