// Networks, volumes, secrets and configs in the form that Compose prints.
import { asIs, bool, type Form, isMap, list, named, pairs, path, table, text, type Values } from './forms.ts';
import { options } from './service-forms.ts';

const labels = pairs('');

/** `external: {name: x}` is the old way of `name: x, external: true`. */
const withExternal =
  (form: Form): Form =>
  (value, writing) => {
    const given = (value ?? {}) as Values;
    const { external } = given;
    if (!isMap(external)) return form(given, writing);
    if (given.name !== undefined && external.name !== undefined && given.name !== external.name)
      writing.fail('name and external.name differ', 'write name: and external: true');
    return form({ ...given, name: given.name ?? external.name, external: true }, writing);
  };

export const resourceForms: Readonly<Record<string, Form>> = {
  networks: withExternal(
    table({
      name: text,
      driver: text,
      driver_opts: options,
      ipam: table({
        driver: text,
        config: list(table({ subnet: text, gateway: text, ip_range: text, aux_addresses: options })),
        options,
      }),
      external: bool,
      internal: bool,
      attachable: bool,
      labels,
      enable_ipv4: bool,
      enable_ipv6: bool,
    }),
  ),
  volumes: withExternal(table({ name: text, driver: text, driver_opts: options, external: bool, labels })),
  secrets: withExternal(
    table({
      name: text,
      file: path,
      environment: text,
      content: text,
      external: bool,
      labels,
      driver: text,
      driver_opts: options,
      template_driver: text,
    }),
  ),
  configs: withExternal(
    table({
      name: text,
      file: path,
      environment: text,
      content: text,
      external: bool,
      labels,
      driver: text,
      driver_opts: options,
      template_driver: text,
    }),
  ),
  models: (value, writing) => named(asIs)(value ?? {}, writing),
};
