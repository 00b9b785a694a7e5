/**
 * The few modules of Odoo 19's web client that the screens call, typed by hand.
 *
 * Owns nothing at run time. Only what is used is declared, as the server's own code has it; Odoo
 * publishes no types for these. The two props constants and the registries stay `any`: OWL's props
 * schema accepts nothing narrower.
 */

/** Luxon, which Odoo loads as a global. */
declare const luxon: {
  DateTime: { fromMillis(ms: number): LuxonDateTime };
};

interface LuxonDateTime {
  readonly isValid: boolean;
}

/** Chart.js, a global once `web.chartjs_lib` is loaded. */
interface ChartObject {
  data: unknown;
  update(mode: "none"): void;
  destroy(): void;
}
declare const Chart: { new (canvas: HTMLCanvasElement, config: unknown): ChartObject };

declare module "@web/core/assets" {
  export function loadBundle(name: string): Promise<unknown>;
}

declare module "@web/core/browser/cookie" {
  export const cookie: { get(name: string): string | undefined };
}

declare module "@web/core/colors/colors" {
  /** Colour number `index` of a palette for `size` of them, in the scheme `dark` or another. */
  export function getColor(index: number, scheme: string | undefined, size: number): string;
}

declare module "@web/core/registry" {
  interface Registry {
    // deno-lint-ignore no-explicit-any -- Odoo's registries and props schemas take anything
    add(key: string, value: any, options?: { sequence?: number; force?: boolean }): Registry;
    // deno-lint-ignore no-explicit-any -- Odoo's registries and props schemas take anything
    get(key: string): any;
    contains(key: string): boolean;
  }
  export const registry: { category(name: string): Registry };
}

declare module "@web/core/l10n/translation" {
  /** `%s` and `%(name)s` in the term are filled in from the arguments. */
  export function _t(
    term: string,
    ...values: (string | number | Record<string, string | number>)[]
  ): string;
}

declare module "@web/core/l10n/dates" {
  /** In the user's format and zone. */
  export function formatDateTime(value: LuxonDateTime): string;
}

declare module "@web/core/user" {
  export const user: {
    readonly lang: string | undefined;
    hasGroup(group: string): Promise<boolean>;
    checkAccessRight(model: string, operation: "read" | "write" | "create"): Promise<boolean>;
  };
}

declare module "@web/core/dropdown/dropdown" {
  import { Component } from "@odoo/owl";
  export class Dropdown extends Component {}
}

declare module "@web/core/dropdown/dropdown_item" {
  import { Component } from "@odoo/owl";
  export class DropdownItem extends Component {}
}

declare module "@web/core/browser/browser" {
  export const browser: {
    setTimeout(run: () => void, ms: number): number;
    clearTimeout(timer: number | undefined): void;
    setInterval(run: () => void, ms: number): number;
    clearInterval(timer: number | undefined): void;
    readonly localStorage: Pick<Storage, "getItem" | "setItem">;
    readonly navigator: { readonly onLine: boolean };
  };
}

declare module "@web/core/network/rpc" {
  export class ConnectionLostError extends Error {}
  export class RPCError extends Error {
    readonly exceptionName?: string;
    readonly data?: { readonly message?: string };
  }
}

declare module "@web/core/utils/hooks" {
  interface Orm {
    call(
      model: string,
      method: string,
      args?: readonly unknown[],
      kwargs?: Readonly<Record<string, unknown>>,
    ): Promise<unknown>;
    /** The same, without the loading indicator. */
    readonly silent: Orm;
  }
  interface ActionService {
    doAction(
      action: string | Readonly<Record<string, unknown>>,
      options?: {
        newWindow?: boolean;
        onClose?: () => void;
        additionalContext?: Readonly<Record<string, unknown>>;
        clearBreadcrumbs?: boolean;
        stackPosition?: "replaceCurrentAction";
      },
    ): Promise<unknown>;
  }
  interface BusService {
    start(): Promise<void>;
    /** `CONNECTED`, `CONNECTING`, `DISCONNECTED`, `IDLE`; null before the worker spoke. */
    readonly workerState: string | null;
    subscribe<T>(type: string, callback: (payload: T) => void): void;
    unsubscribe<T>(type: string, callback: (payload: T) => void): void;
  }
  interface Services {
    orm: Orm;
    action: ActionService;
    bus_service: BusService;
    ui: { readonly isSmall: boolean };
  }
  export function useService<K extends keyof Services>(name: K): Services[K];
}

declare module "@web/search/layout" {
  import { Component } from "@odoo/owl";
  export class Layout extends Component {}
}

declare module "@web/search/action_hook" {
  export function useSetupAction(hooks: { getLocalState(): Record<string, unknown> }): void;
}

declare module "@web/core/pager/pager" {
  import { Component } from "@odoo/owl";
  export class Pager extends Component {}
}

declare module "@web/webclient/actions/action_service" {
  // deno-lint-ignore no-explicit-any -- Odoo's registries and props schemas take anything
  export const standardActionServiceProps: Record<string, any>;
}

declare module "@web/views/fields/standard_field_props" {
  interface FieldRecord {
    readonly data: Readonly<Record<string, unknown>>;
    readonly resId: number | false;
  }
  interface StandardFieldProps {
    readonly id?: string;
    readonly name: string;
    readonly readonly?: boolean;
    readonly record: FieldRecord;
  }
  // deno-lint-ignore no-explicit-any -- Odoo's registries and props schemas take anything
  export const standardFieldProps: Record<string, any>;
}

declare module "@web/views/fields/input_field_hook" {
  /** `parse` throws when the text is no value; the field is then marked invalid and not written. */
  export function useInputField(options: {
    getValue(): string;
    parse(text: string): unknown;
    refName?: string;
  }): { readonly el: HTMLInputElement | null };
}

declare module "@web/views/widgets/standard_widget_props" {
  // deno-lint-ignore no-explicit-any -- Odoo's registries and props schemas take anything
  export const standardWidgetProps: Record<string, any>;
}

declare module "@odoo/hoot" {
  export function getFixture(): HTMLElement;
  interface Matchers {
    toBe(expected: unknown): void;
    toEqual(expected: unknown): void;
    toMatch(pattern: RegExp): void;
    toHaveLength(length: number): void;
    toBeFocused(): void;
    toHaveAttribute(name: string, value?: string): void;
    toHaveClass(name: string): void;
    toHaveCount(count: number): void;
    toHaveText(text: string | RegExp): void;
    toHaveValue(value: string): void;
  }
  export const expect: {
    (value: unknown): Matchers;
    step(name: string): void;
    verifySteps(names: readonly string[]): void;
  };
  export function test(name: string, run: () => void | Promise<void>): void;
  export function beforeEach(run: () => void | Promise<void>): void;
  export const describe: { readonly current: { tags(...tags: string[]): void } };
}

declare module "@odoo/hoot-dom" {
  export function hover(selector: string): Promise<void>;
  export function press(key: string | readonly string[]): Promise<void>;
  export function queryAllTexts(selector: string): string[];
  export function queryAll(selector: string): HTMLElement[];
  export function queryOne(selector: string): HTMLElement;
  export function waitFor(selector: string): Promise<HTMLElement>;
  export function waitUntil(holds: () => unknown): Promise<unknown>;
}

declare module "@odoo/hoot-mock" {
  export function animationFrame(): Promise<void>;
  export function advanceTime(ms: number): Promise<number>;
  export function mockDate(date: string, zone?: number | string): void;
  export function freezeTime(): void;
  export class Deferred extends Promise<unknown> {
    constructor();
    resolve(value: unknown): void;
  }
}

declare module "@web/../tests/web_test_helpers" {
  interface Contained {
    click(): Promise<void>;
    edit(value: string, options?: { confirm?: string | false }): Promise<void>;
    select(value: string): Promise<void>;
    /** Presses here; what follows is under way until `drop`. */
    drag(): Promise<{ moveTo(target: string): Promise<void>; drop(target: string): Promise<void> }>;
    dragAndDrop(target: string): Promise<void>;
  }
  interface RpcRequest {
    readonly args: readonly unknown[];
    readonly kwargs: Readonly<Record<string, unknown>>;
    readonly method: string;
  }
  // deno-lint-ignore no-explicit-any -- Odoo's registries and props schemas take anything
  type ModelClass = any;
  export const models: { readonly Model: { new (): object } };
  type Field = (options?: Readonly<Record<string, unknown>>) => unknown;
  export const fields: Readonly<Record<"Boolean" | "Char" | "Integer" | "Json" | "Text", Field>>;
  export function contains(selector: string): Contained;
  export function clickSave(): Promise<void>;
  export function defineModels(classes: readonly ModelClass[]): void;
  // deno-lint-ignore no-explicit-any -- Odoo's registries and props schemas take anything
  export function getService(name: string): any;
  export function makeServerError(options?: {
    message?: string;
    type?: string;
    errorName?: string;
  }): Error;
  export const MockServer: {
    readonly env: Readonly<
      Record<string, { _sendone(channel: unknown, type: string, payload: object): void }>
    >;
  };
  export const serverState: { readonly partnerId: number };
  export function mountView(options: Record<string, unknown>): Promise<unknown>;
  export function mountWithCleanup(
    component: unknown,
    options?: { readonly props: Readonly<Record<string, unknown>> },
  ): Promise<unknown>;
  export function onRpc(
    ...args: (string | ((request: RpcRequest) => unknown))[]
  ): void;
  export function patchWithCleanup(target: object, patch: object): void;
}

declare module "@mail/../tests/mail_test_helpers" {
  export function defineMailModels(): void;
}

declare module "@web/webclient/webclient" {
  import { Component } from "@odoo/owl";
  export class WebClient extends Component {}
}
