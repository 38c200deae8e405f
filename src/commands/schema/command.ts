// `sluice schema`: the JSON Schemas.
import { Command, Option, UsageError } from 'clipanion';
import { SluiceCommand } from '../command.ts';

export class SchemaCommand extends SluiceCommand {
  static override paths = [['schema']];
  static override usage = Command.Usage({
    category: 'For editors and agents',
    description: 'Print the JSON Schema of sluice.yaml (config) or of the NDJSON records (stream)',
  });

  which = Option.String({ required: false, name: 'config|stream' });

  async execute(): Promise<number> {
    const which = this.which ?? 'config';
    if (which !== 'config' && which !== 'stream') throw new UsageError(`no schema ${which}\nit is config or stream`);
    const schema =
      which === 'config'
        ? (await import('../../config/schema/json-schema.ts')).configSchema()
        : (await import('../../view/stream-schema.ts')).streamSchema;
    this.context.stdout.write(`${JSON.stringify(schema, null, 2)}\n`);
    return 0;
  }
}
