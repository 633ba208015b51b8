import { hostDescriptionSchema } from '@precrop/device-agent/protocol/host-description';
import { failureDocumentSchema, jsonDocumentSchema } from '@precrop/device-agent/protocol/json-document';
import { deviceProfileSchema } from '@precrop/sdk/cost/device-profile';

/** A JSON document that leaves the product, and what describes it to programs that are not ours. */
interface PublishedSchema {
  readonly name: string;
  readonly title: string;
  readonly schema: { toJSONSchema(): object };
}

const published: readonly PublishedSchema[] = [
  {
    name: 'device-profile',
    title: 'What was measured of a device: precrop profile writes it, and profiles/devices holds some',
    schema: deviceProfileSchema,
  },
  { name: 'host-description', title: 'What a device is: the "host" of a device profile', schema: hostDescriptionSchema },
  { name: 'json-document', title: 'What a command prints with --json', schema: jsonDocumentSchema },
  { name: 'failure-document', title: 'What a command prints with --json when it fails', schema: failureDocumentSchema },
];

export interface SchemaFile {
  /** From the repository's root. */
  readonly path: string;
  readonly text: string;
}

/** The files of profiles/schema as they should be: JSON Schema, draft 2020-12. */
export function toSchemaFiles(): readonly SchemaFile[] {
  return published.map(({ name, title, schema }) => {
    const { $schema, ...rest } = schema.toJSONSchema() as Readonly<Record<string, unknown>>;
    return { path: `profiles/schema/${name}.schema.json`, text: `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n` };
  });
}
