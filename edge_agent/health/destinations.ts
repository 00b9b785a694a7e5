/** What people call the places that punches go to. Owns those names; must not know how one is reached. */

export type DestinationName = "odoo" | "erpnext";

export const DESTINATIONS: Readonly<Record<DestinationName, string>> = {
  odoo: "Odoo",
  erpnext: "ERPNext",
};
